//! Runs the rules for a case: facts from the registers, other claims from the city-wide index,
//! the decision from the law. Nothing is written here.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::Date;
use yuhui_kernel::{DivisionCode, dates};
use yuhui_platform::{Error, Result, caller::Caller};
use yuhui_policy::{
    Claim, Decision, Determination, Facts, Programme, Progress, Reason, determine, evidence,
    facts::{Answer, FraudFinding, OtherClaim, OtherOutcome},
};

use crate::{
    desk::Desk,
    domain::{Case, State, case::Outcome},
    rpc::facts,
    store::{
        self,
        index::{IndexedClaim, IndexedFraud},
    },
};

/// What the rules said, with everything to replay it.
#[derive(Debug, Clone)]
pub(crate) struct Verdict {
    /// Revision of the case the verdict is for.
    pub(crate) revision: i64,
    pub(crate) outcome: Outcome,
    /// Blind references of everybody involved (DYN-3).
    pub(crate) related: Vec<String>,
    facts: Facts,
    claim: Claim,
    progress: Progress,
    pub(crate) determination: Determination,
}

/// The part of the evidence that is not shared between evaluations.
#[derive(Serialize, Deserialize)]
struct EvidenceBody {
    claim: Claim,
    progress: Progress,
    answers: Vec<Answer>,
    pack_version: String,
}

/// The moment the rules are run for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Moment {
    pub(crate) confirmed_on: Option<Date>,
    pub(crate) paid_on: Option<Date>,
    pub(crate) paid: bool,
    /// Fraud is being established on this case today.
    pub(crate) fraud_found: bool,
}

impl Desk {
    /// Runs the rules for a case as it stands.
    pub(crate) async fn judge(
        &self,
        caller: &Caller,
        case: &Case,
        moment: Moment,
    ) -> Result<Verdict> {
        let claim = claim(case, case.lodged_on.unwrap_or_else(|| self.today()))?;
        let mut facts = self.gather(caller, case).await?;
        let tx = self.db.read(case.tenant).await?;
        let mut subjects = vec![case.subject_ref.clone()];
        subjects.extend(facts.institutions.iter().map(|it| it.id.clone()));
        let claims = store::index::claims(&tx, &subjects, &case.claimant_ref).await?;
        let frauds = store::index::frauds(&tx, &case.claimant_ref).await?;
        tx.rollback().await?;

        facts.other_claims = claims
            .into_iter()
            .filter(|it| !is_own(case, it))
            .map(|it| other(case, it))
            .collect::<Result<_>>()?;
        facts.frauds = frauds.into_iter().map(fraud).collect::<Result<_>>()?;
        if moment.fraud_found {
            facts.frauds.push(FraudFinding {
                claimant: case.claimant_ref.clone(),
                claim: case.name(),
                found_on: self.today(),
            });
        }
        facts.answers.push(Answer {
            register: "CLAIM_INDEX".into(),
            answered_on: self.today(),
            reference: String::new(),
        });
        let progress = Progress {
            confirmed_on: moment.confirmed_on,
            paid_on: moment.paid_on,
            paid: moment.paid,
            known_on: self.today(),
        };
        let determination = determine(&self.pack, self.calendar, &facts, &claim, &progress);
        let hash = evidence::hash(&facts, &claim, &progress, &determination);
        Ok(Verdict {
            revision: case.revision,
            outcome: outcome(&determination, hash, self.today()),
            related: related(case, &facts),
            facts,
            claim,
            progress,
            determination,
        })
    }

    /// Facts of the registers, as known today.
    async fn gather(&self, caller: &Caller, case: &Case) -> Result<Facts> {
        match case.programme {
            Programme::P1 => facts::family(self, caller, case).await,
            Programme::P2 => {
                let mut family = facts::family(self, caller, case).await?;
                let stays = facts::enrolments(self, caller, case).await?;
                family.institutions = stays.institutions;
                family.enrolments = stays.enrolments;
                family.answers.extend(stays.answers);
                Ok(family)
            }
            Programme::P3 | Programme::P4 => facts::institution(self, caller, case).await,
        }
    }

    /// Replays the latest evaluation of a case from what is stored, and checks that it gives the
    /// same bytes.
    pub(crate) fn replay(
        &self,
        stored: &store::evidence::Stored,
    ) -> Result<(Claim, Determination)> {
        let body: EvidenceBody = serde_json::from_str(&stored.body)?;
        let mut facts: Facts = serde_json::from_str(&stored.facts)?;
        facts.answers = body.answers;
        let determination = determine(
            &self.pack,
            self.calendar,
            &facts,
            &body.claim,
            &body.progress,
        );
        let hash = evidence::hash(&facts, &body.claim, &body.progress, &determination);
        if hash != stored.hash {
            return Err(Error::fault(format!(
                "determination of {} does not replay: stored {}, computed {hash}",
                body.claim.id, stored.hash
            )));
        }
        Ok((body.claim, determination))
    }
}

impl Verdict {
    /// The digest of the fact sheet, and the evidence as stored.
    pub(crate) fn stored(&self) -> Result<(String, store::evidence::Stored)> {
        let sheet = Facts {
            answers: Vec::new(),
            ..self.facts.clone()
        };
        let body = EvidenceBody {
            claim: self.claim.clone(),
            progress: self.progress,
            answers: self.facts.answers.clone(),
            pack_version: self.determination.pack_version.clone(),
        };
        let facts = serde_json::to_string(&sheet)?;
        let stored = store::evidence::Stored {
            body: serde_json::to_string(&body)?,
            hash: self.outcome.evidence_hash.clone(),
            facts,
        };
        // Over the stored bytes: replay needs exactly these, whatever order they came in.
        let digest = hex::encode(Sha256::digest(stored.facts.as_bytes()));
        Ok((digest, stored))
    }
}

/// The claim as the rules see it.
fn claim(case: &Case, lodged_on: Date) -> Result<Claim> {
    Ok(Claim {
        id: case.name(),
        programme: case.programme,
        claimant: case.claimant_ref.clone(),
        subject: case.subject_ref.clone(),
        county: case.tenant.code(),
        lodged_on,
        subsidy_year: (case.subsidy_year != 0).then_some(case.subsidy_year),
    })
}

fn is_own(case: &Case, row: &IndexedClaim) -> bool {
    row.county == case.tenant.as_str() && row.case_id == case.id.to_string()
}

fn other(case: &Case, row: IndexedClaim) -> Result<OtherClaim> {
    let lodged_on = stored_date(&row.lodged_on)?;
    let own = case.lodged_on.map(|it| (it, case.lodged_order));
    let county: DivisionCode = row.county.parse().map_err(|_| corrupt("county"))?;
    Ok(OtherClaim {
        id: format!("counties/{}/cases/{}", row.county, row.case_id),
        programme: Programme::parse(&row.programme).ok_or_else(|| corrupt("programme"))?,
        subject: row.subject_ref.clone(),
        claimant: row.claimant_ref.clone(),
        county,
        lodged_on,
        // A claim being lodged now is the latest there is.
        earlier: own.is_none_or(|own| (lodged_on, row.lodged_order) < own),
        subsidy_year: i32::try_from(row.subsidy_year).ok().filter(|it| *it != 0),
        outcome: other_outcome(&row)?,
    })
}

fn other_outcome(row: &IndexedClaim) -> Result<OtherOutcome> {
    let state = State::parse(&row.state).ok_or_else(|| corrupt("state"))?;
    let refused = |decision| OtherOutcome::Refused {
        decision,
        reason: Reason::parse(&row.reason),
    };
    Ok(match state {
        State::Paid => OtherOutcome::Paid {
            amount: yuhui_kernel::Money::from_fen(row.amount_fen),
            round: i32::try_from(row.round).map_err(|_| corrupt("round"))?,
        },
        State::NotAccepted => refused(Decision::NotAccepted),
        State::Rejected => refused(Decision::Reject),
        State::Terminated => refused(Decision::Terminate),
        State::Recovering | State::Recovered | State::WrittenOff => refused(Decision::Clawback),
        State::Withdrawn => OtherOutcome::Withdrawn,
        _ => OtherOutcome::Open,
    })
}

fn fraud(row: IndexedFraud) -> Result<FraudFinding> {
    Ok(FraudFinding {
        found_on: stored_date(&row.found_on)?,
        claimant: row.claimant_ref,
        claim: row.case_id,
    })
}

fn outcome(found: &Determination, evidence_hash: String, evaluated_on: Date) -> Outcome {
    Outcome {
        decision: found.decision.code().into(),
        reason: found
            .reason
            .map(|it| it.code().to_owned())
            .unwrap_or_default(),
        reason_zh: found
            .reason
            .map(|it| it.chinese().to_owned())
            .unwrap_or_default(),
        class: found
            .class
            .map(|it| it.code().to_owned())
            .unwrap_or_default(),
        headcount: found
            .headcount
            .and_then(|it| i32::try_from(it).ok())
            .unwrap_or_default(),
        amount: found.amount,
        payees: found
            .payees
            .iter()
            .map(|it| (it.payee.clone(), it.amount))
            .collect(),
        clawback: found.clawback,
        cites: found
            .cites
            .iter()
            .map(|it| it.as_str().to_owned())
            .collect(),
        competent_county: found
            .competent_county
            .map(|it| it.to_string())
            .unwrap_or_default(),
        pack_version: found.pack_version.clone(),
        evidence_hash,
        evaluated_on,
    }
}

/// Claimant, subject and the subject's parents.
fn related(case: &Case, facts: &Facts) -> Vec<String> {
    let mut related = vec![case.claimant_ref.clone(), case.subject_ref.clone()];
    for delivery in &facts.births {
        if delivery.children.iter().any(|it| it.id == case.subject_ref) {
            related.push(delivery.mother.clone());
            related.extend(delivery.father.clone());
        }
    }
    related.sort();
    related.dedup();
    related
}

fn stored_date(text: &str) -> Result<Date> {
    dates::parse(text).map_err(|_| corrupt("date"))
}

fn corrupt(field: &str) -> Error {
    Error::fault(format!("claim index: unreadable {field}"))
}
