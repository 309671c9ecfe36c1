//! Runs the rules for a case: facts from the registers, other claims from the city-wide index,
//! the decision from the law. Nothing is written here.

use std::mem;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::Date;
use yuhui_kernel::{DivisionCode, Money, dates};
use yuhui_platform::{Error, Result, caller::Caller};
use yuhui_policy::{
    Claim, Decision, Facts, Finding, Programme, Progress, Reason, determine, evidence,
    facts::{Answer, FraudFinding, OtherClaim, OtherOutcome},
};

use crate::{
    desk::Desk,
    domain::{Case, Outcome},
    rpc::facts,
    store::{
        self,
        evidence::Stored,
        index::{IndexedClaim, IndexedFraud, Standing},
    },
};

/// What the rules said, with everything to replay it.
#[derive(Debug, Clone)]
pub(crate) struct Verdict {
    /// The result.
    pub(crate) outcome: Outcome,
    /// Blind references of everybody in the family (DYN-3).
    pub(crate) related: Vec<String>,
    /// What it was made from.
    pub(crate) evidence: Stored,
}

/// The part of the evidence that is not shared between evaluations, as it is written.
#[derive(Serialize)]
struct Written<'a> {
    claim: &'a Claim,
    progress: &'a Progress,
    answers: &'a [Answer],
    pack_version: &'a str,
}

/// The same, as it is read.
#[derive(Deserialize)]
struct Read {
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
        let today = self.today();
        let claim = claim(case, today);
        let mut facts = self.gather(caller, case).await?;
        self.know_other_claims(case, &mut facts).await?;
        if moment.fraud_found {
            facts.frauds.push(FraudFinding {
                claimant: case.claimant_ref.clone(),
                claim: claim.id.clone(),
                found_on: today,
            });
        }
        let progress = Progress {
            confirmed_on: moment.confirmed_on,
            paid_on: moment.paid_on,
            paid: moment.paid,
            known_on: today,
        };
        let mut found = determine(&self.pack, self.calendar, &facts, &claim, &progress);
        let hash = evidence::hash(&facts, &claim, &progress, &found);
        // The result is kept with the case; what led to it is replayed from the evidence.
        found.findings = Vec::new();
        let related = related(case, &facts);
        let evidence = written(facts, &claim, &progress, &found.pack_version, hash.clone())?;
        Ok(Verdict {
            outcome: Outcome {
                found,
                ground: String::new(),
                evidence_hash: hash,
                facts_digest: evidence.digest.clone(),
                evaluated_on: today,
            },
            related,
            evidence,
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

    /// Adds what the city knows of other claims and of fraud.
    async fn know_other_claims(&self, case: &Case, facts: &mut Facts) -> Result<()> {
        let mut subjects = vec![case.subject_ref.as_str()];
        let elsewhere = facts.institutions.iter().map(|it| it.id.as_str());
        subjects.extend(elsewhere.filter(|it| *it != case.subject_ref));
        let tx = self.db.read(case.tenant).await?;
        let claims = store::index::claims(&tx, &subjects).await?;
        let frauds = store::index::frauds(&tx, &case.claimant_ref).await?;
        drop(tx);

        let others = claims.into_iter().filter(|it| !is_own(case, it));
        facts.other_claims = others.map(|it| other(case, it)).collect::<Result<_>>()?;
        facts.frauds = frauds.into_iter().map(fraud).collect::<Result<_>>()?;
        facts.answers.push(Answer {
            register: "CLAIM_INDEX".into(),
            answered_on: self.today(),
            reference: String::new(),
        });
        Ok(())
    }

    /// Replays an evaluation from what is stored, and checks that it gives the same bytes.
    pub(crate) fn replay(&self, stored: &Stored) -> Result<(Claim, Vec<Finding>)> {
        let read: Read = serde_json::from_str(&stored.body)?;
        let mut facts: Facts = serde_json::from_str(&stored.facts)?;
        facts.answers = read.answers;
        let found = determine(
            &self.pack,
            self.calendar,
            &facts,
            &read.claim,
            &read.progress,
        );
        let hash = evidence::hash(&facts, &read.claim, &read.progress, &found);
        if hash != stored.hash {
            return Err(Error::fault(format!(
                "determination of {} does not replay: stored {} by {}, computed {hash} by {}",
                read.claim.id, stored.hash, read.pack_version, found.pack_version
            )));
        }
        Ok((read.claim, found.findings))
    }
}

/// The evidence as stored. The digest is over the stored bytes: replay needs exactly these,
/// whatever order they came in.
fn written(
    mut facts: Facts,
    claim: &Claim,
    progress: &Progress,
    pack_version: &str,
    hash: String,
) -> Result<Stored> {
    let answers = mem::take(&mut facts.answers);
    let body = Written {
        claim,
        progress,
        answers: &answers,
        pack_version,
    };
    let facts = serde_json::to_string(&facts)?;
    Ok(Stored {
        digest: hex::encode(Sha256::digest(facts.as_bytes())),
        body: serde_json::to_string(&body)?,
        facts,
        hash,
    })
}

/// The claim as the rules see it; one that is being lodged is lodged today.
fn claim(case: &Case, today: Date) -> Claim {
    Claim {
        id: case.name(),
        programme: case.programme,
        claimant: case.claimant_ref.clone(),
        subject: case.subject_ref.clone(),
        county: case.tenant.code(),
        lodged_on: case.lodged_on.unwrap_or(today),
        subsidy_year: (case.subsidy_year != 0).then_some(case.subsidy_year),
    }
}

fn is_own(case: &Case, row: &IndexedClaim) -> bool {
    row.county == case.tenant.as_str() && row.case_id == case.id.to_string()
}

fn other(case: &Case, row: IndexedClaim) -> Result<OtherClaim> {
    let lodged_on = stored_date(&row.lodged_on)?;
    let county: DivisionCode = row.county.parse().map_err(|_| corrupt("county"))?;
    // A reopened claim stands in line from the day it was reopened: what was lodged meanwhile goes
    // first, so that of two claims never both give way and never both are paid.
    let queued_on = match row.queued_on.as_str() {
        "" => lodged_on,
        day => stored_date(day)?,
    };
    let order = (queued_on, row.lodged_order, row.case_id.as_str());
    let id = case.id.to_string();
    let own = case
        .queued_on
        .or(case.lodged_on)
        .map(|it| (it, case.lodged_order, id.as_str()));
    Ok(OtherClaim {
        id: format!("counties/{}/cases/{}", row.county, row.case_id),
        programme: Programme::parse(&row.programme).ok_or_else(|| corrupt("programme"))?,
        county,
        lodged_on,
        // A claim being lodged now is the latest there is.
        earlier: own.is_none_or(|own| order < own),
        subsidy_year: i32::try_from(row.subsidy_year).ok().filter(|it| *it != 0),
        outcome: other_outcome(&row)?,
        subject: row.subject_ref,
        claimant: row.claimant_ref,
    })
}

fn other_outcome(row: &IndexedClaim) -> Result<OtherOutcome> {
    let refused = |decision| OtherOutcome::Refused {
        decision,
        reason: Reason::parse(&row.reason),
    };
    Ok(
        match Standing::parse(&row.standing).ok_or_else(|| corrupt("standing"))? {
            Standing::Open => OtherOutcome::Open,
            Standing::Paid => OtherOutcome::Paid {
                amount: Money::from_fen(row.amount_fen),
                round: i32::try_from(row.round).map_err(|_| corrupt("round"))?,
            },
            Standing::NotAccepted => refused(Decision::NotAccepted),
            Standing::Rejected => refused(Decision::Reject),
            Standing::Terminated => refused(Decision::Terminate),
            Standing::Recovered => refused(Decision::Clawback),
            Standing::Withdrawn => OtherOutcome::Withdrawn,
        },
    )
}

fn fraud(row: IndexedFraud) -> Result<FraudFinding> {
    Ok(FraudFinding {
        found_on: stored_date(&row.found_on)?,
        claimant: row.claimant_ref,
        claim: row.case_id,
    })
}

/// Claimant, subject and everybody the registers name with them: parents, spouses, siblings,
/// guardians.
fn related(case: &Case, facts: &Facts) -> Vec<String> {
    let mut related = vec![case.claimant_ref.clone(), case.subject_ref.clone()];
    related.extend(facts.persons.iter().map(|it| it.id.clone()));
    for delivery in &facts.births {
        related.push(delivery.mother.clone());
        related.extend(delivery.father.clone());
    }
    related.sort_unstable();
    related.dedup();
    related
}

fn stored_date(text: &str) -> Result<Date> {
    dates::parse(text).map_err(|_| corrupt("date"))
}

fn corrupt(field: &str) -> Error {
    Error::fault(format!("claim index: unreadable {field}"))
}
