//! Runs the rules for a case: facts from the registers, other claims from the city-wide index,
//! the decision from the law. Nothing is written here.

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::Ordering},
};

use time::Date;
use yuhui_kernel::{DivisionCode, Money, dates};
use yuhui_platform::{Error, Result, caller::Caller, db::Tx};
use yuhui_policy::{
    Claim, Decision, Determination, Facts, PolicyPack, Programme, Progress, Reason, determine,
    facts::{Answer, FraudFinding, Model, OtherClaim, OtherOutcome, Suspension},
};

use crate::{
    clients::facts::{self, Aliases, Gathered},
    context::Context,
    domain::{Case, Kind, Outcome, freshness::Question, waiting::Waiting},
    proof,
    store::{
        self,
        cases::Stored,
        evidence,
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
    /// Of parents, or of the legal person: whose relatives keep away (DYN-3).
    pub(crate) parties: Vec<String>,
    /// What it was made from.
    pub(crate) evidence: evidence::Stored,
    /// What it waits for.
    pub(crate) waiting: Vec<Waiting>,
    /// What an institution no longer is today (I8).
    pub(crate) lapsed: Option<Reason>,
    /// What it rests on, to be compared again in the transaction of the act.
    rests_on: RestsOn,
}

/// What a verdict rests on.
#[derive(Debug, Clone)]
struct RestsOn {
    pack: Arc<PolicyPack>,
    claim: Claim,
    progress: Progress,
    /// What the registers say, without the rest of the city.
    registers: Gathered,
    city: City,
    /// Fraud that is being established by the act itself.
    fraud: Option<FraudFinding>,
    days: proof::Days,
}

/// What the city knows of other claims and of fraud.
#[derive(Debug, Clone, PartialEq)]
struct City {
    claims: Vec<OtherClaim>,
    frauds: Vec<FraudFinding>,
}

impl Verdict {
    /// Whether a register says that the person has died.
    pub(crate) fn knows_dead(&self, person: &str) -> bool {
        let all = self.all_numbers_of(person);
        let mut persons = self.rests_on.registers.facts.persons.iter();
        persons.any(|it| it.died_on.is_some() && all.contains(&it.id.as_str()))
    }

    /// Every reference of a person of the facts.
    pub(crate) fn all_numbers_of<'a>(&'a self, person: &'a str) -> Vec<&'a str> {
        self.rests_on.registers.aliases.all_of(person)
    }
}

/// The moment the rules are run for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Moment<'a> {
    pub(crate) confirmed_on: Option<Date>,
    pub(crate) paid_on: Option<Date>,
    pub(crate) paid: bool,
    /// Fraud is being established today on this case, or on another of the same claimant.
    pub(crate) fraud_on: Option<&'a Case>,
}

impl Moment<'_> {
    /// What the registers are asked for.
    const fn question(&self, case: &Case) -> Question {
        match (self.paid_on, self.confirmed_on, case.lodged_on) {
            (Some(_), _, _) => Question::Payment,
            (None, Some(_), _) => Question::Confirmation,
            (None, None, Some(_)) => Question::Review,
            (None, None, None) => Question::Lodging,
        }
    }
}

impl Context {
    /// Runs the rules for a case as it stands.
    pub(crate) async fn judge(
        &self,
        caller: &Caller,
        stored: &Stored,
        moment: Moment<'_>,
    ) -> Result<Verdict> {
        let (case, today) = (&stored.case, self.today());
        let question = moment.question(case);
        let registers = self.gather(caller, stored, question).await?;
        let pack = self.pack_of(case).await?;
        let tx = self.db.read(case.tenant).await?;
        let city = city(&tx, case, &registers).await?;
        let days = proof::Days {
            table: self.calendar,
            is_kept: self.calendar_is_kept(&tx).await?,
        };
        drop(tx);
        let fraud = moment.fraud_on.map(|tainted| FraudFinding {
            claimant: tainted.claimant_ref.clone(),
            claim: tainted.name(),
            found_on: today,
        });
        let progress = Progress {
            confirmed_on: moment.confirmed_on,
            paid_on: moment.paid_on,
            paid: moment.paid,
            known_on: today,
        };
        self.decide(
            case,
            RestsOn {
                pack,
                claim: claim(case, today),
                progress,
                registers,
                city,
                fraud,
                days,
            },
        )
    }

    /// The verdict in the transaction of the act. Nobody lodges or ends another claim for the same
    /// child or institution, and nobody finds fraud of the same claimant, until the transaction is
    /// over; where somebody has since the verdict was taken, it is taken again. `case` is the case as
    /// it was judged.
    pub(crate) async fn judge_again(
        &self,
        tx: &Tx,
        case: &Case,
        verdict: Verdict,
    ) -> Result<Verdict> {
        hold(tx, [(case, &verdict)]).await?;
        self.renew(tx, case, verdict).await
    }

    /// The same, of a verdict whose claims and findings are held already.
    pub(crate) async fn renew(&self, tx: &Tx, case: &Case, verdict: Verdict) -> Result<Verdict> {
        let city = city(tx, case, &verdict.rests_on.registers).await?;
        if city == verdict.rests_on.city {
            return Ok(verdict);
        }
        self.decide(
            case,
            RestsOn {
                city,
                ..verdict.rests_on
            },
        )
    }

    /// Runs the rules.
    fn decide(&self, case: &Case, rests_on: RestsOn) -> Result<Verdict> {
        let RestsOn {
            pack,
            claim,
            progress,
            ..
        } = &rests_on;
        let today = progress.known_on;
        let Gathered {
            facts,
            aliases,
            legal_person,
            last_known,
        } = &rests_on.registers;
        let mut facts = facts.clone();
        facts.other_claims.clone_from(&rests_on.city.claims);
        facts.frauds.clone_from(&rests_on.city.frauds);
        facts.frauds.extend(rests_on.fraud.clone());
        facts.answers.push(Answer {
            register: "CLAIM_INDEX".into(),
            answered_on: today,
            reference: String::new(),
        });
        facts.model = Model::Two;
        facts.settle_gaps();
        let mut found = determine(pack, self.calendar, &facts, claim, progress);
        let waiting = waiting(&found, &facts, last_known, today);
        let related = related(case, &facts, aliases);
        let parties = parties(case, &facts, legal_person.clone());
        let lapsed = lapsed(case, &facts, today);
        let evidence = proof::kept(case.id, facts, claim, progress, rests_on.days, &found)?;
        // The result is kept with the case; its findings are in the evidence.
        found.findings = Vec::new();
        Ok(Verdict {
            outcome: Outcome {
                found,
                ground: String::new(),
                evidence_hash: evidence.hash.clone(),
                facts_digest: evidence.digest.clone(),
                evaluated_on: today,
            },
            related,
            parties,
            evidence,
            waiting,
            lapsed,
            rests_on,
        })
    }

    /// Whether the database is seen to have the table of working days; until it is, whatever is
    /// decided brings it along.
    async fn calendar_is_kept(&self, tx: &Tx) -> Result<bool> {
        if self.calendar_is_kept.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let kept = store::calendars::get(tx, self.calendar.digest()).await?;
        self.calendar_is_kept
            .store(kept.is_some(), Ordering::Relaxed);
        Ok(kept.is_some())
    }

    /// Facts of the registers, as known today; what did not come in time is a gap.
    async fn gather(
        &self,
        caller: &Caller,
        stored: &Stored,
        question: Question,
    ) -> Result<Gathered> {
        let case = &stored.case;
        match case.programme {
            Programme::P1 | Programme::N1 => facts::family(self, caller, stored, question).await,
            Programme::P2 => {
                let mut family = facts::family(self, caller, stored, question).await?;
                let others = family.aliases.others_of(&case.subject_ref);
                let stays = facts::enrolments(self, caller, case, others).await?;
                family.facts.institutions = stays.institutions;
                family.facts.enrolments = stays.enrolments;
                family.facts.answers.extend(stays.answers);
                family.facts.gaps.extend(stays.gaps);
                Ok(family)
            }
            Programme::P3 | Programme::P4 => facts::institution(self, caller, case).await,
        }
    }
}

/// Holds what verdicts rest on until the transaction is over, of all of them in one order; the rows of
/// the cases are held before.
pub(crate) async fn hold<'a>(
    tx: &Tx,
    judged: impl IntoIterator<Item = (&'a Case, &'a Verdict)>,
) -> Result<()> {
    let (mut claims, mut claimants) = (Vec::new(), Vec::new());
    for (case, verdict) in judged {
        claims.extend(subjects(case, &verdict.rests_on.registers));
        claimants.extend(verdict.all_numbers_of(&case.claimant_ref));
    }
    store::index::lock(tx, claims).await?;
    store::index::lock_frauds(tx, claimants).await
}

/// The child under all its numbers, or the institution of a case, and for R-P3-5 every institution
/// the facts name.
fn subjects<'a>(case: &'a Case, registers: &'a Gathered) -> Vec<&'a str> {
    let mut subjects = registers.aliases.all_of(&case.subject_ref);
    let elsewhere = registers.facts.institutions.iter().map(|it| it.id.as_str());
    subjects.extend(elsewhere.filter(|it| *it != case.subject_ref));
    subjects
}

/// What the city knows of other claims for the child or institution of a case, and of fraud: under
/// every number of the child and of the claimant, and named as in this claim.
async fn city(tx: &Tx, case: &Case, registers: &Gathered) -> Result<City> {
    let aliases = &registers.aliases;
    let claims = store::index::claims(tx, &subjects(case, registers)).await?;
    let frauds = store::index::frauds(tx, &aliases.all_of(&case.claimant_ref)).await?;
    let others = claims.into_iter().filter(|it| !is_own(case, it));
    let frauds = frauds.into_iter().map(|it| fraud(aliases, it));
    Ok(City {
        claims: others
            .map(|it| other(case, aliases, it))
            .collect::<Result<_>>()?,
        frauds: frauds.collect::<Result<_>>()?,
    })
}

/// The claim as the rules see it; one that is being lodged is lodged today.
pub(crate) fn claim(case: &Case, today: Date) -> Claim {
    Claim {
        id: case.name(),
        programme: case.programme,
        claimant: case.claimant_ref.clone(),
        subject: case.subject_ref.clone(),
        county: case.tenant.code(),
        lodged_on: case.lodged_on.unwrap_or(today),
        subsidy_year: (case.subsidy_year != 0).then_some(case.subsidy_year),
        taken_over_on: case.taken_over_on,
    }
}

fn is_own(case: &Case, row: &IndexedClaim) -> bool {
    row.county == case.tenant.as_str() && row.case_id == case.id.to_string()
}

fn other(case: &Case, aliases: &Aliases, row: IndexedClaim) -> Result<OtherClaim> {
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
        subject: aliases.known_as(row.subject_ref),
        claimant: aliases.known_as(row.claimant_ref),
    })
}

fn other_outcome(row: &IndexedClaim) -> Result<OtherOutcome> {
    let refused = |decision| OtherOutcome::Refused {
        decision,
        reason: Reason::parse(&row.reason),
    };
    let round = || i32::try_from(row.round).map_err(|_| corrupt("round"));
    let amount = Money::from_fen(row.amount_fen);
    Ok(
        match Standing::parse(&row.standing).ok_or_else(|| corrupt("standing"))? {
            Standing::Open => OtherOutcome::Open,
            Standing::Confirmed => OtherOutcome::Confirmed {
                amount,
                round: round()?,
                confirmed_on: stored_date(&row.confirmed_on)?,
            },
            Standing::Paid => OtherOutcome::Paid {
                amount,
                round: round()?,
                confirmed_on: match row.confirmed_on.as_str() {
                    "" => None,
                    day => Some(stored_date(day)?),
                },
            },
            Standing::NotAccepted => refused(Decision::NotAccepted),
            Standing::Rejected => refused(Decision::Reject),
            Standing::Terminated => refused(Decision::Terminate),
            Standing::Recovered => refused(Decision::Clawback),
            Standing::Withdrawn => OtherOutcome::Withdrawn,
        },
    )
}

fn fraud(aliases: &Aliases, row: IndexedFraud) -> Result<FraudFinding> {
    Ok(FraudFinding {
        found_on: stored_date(&row.found_on)?,
        claimant: aliases.known_as(row.claimant_ref),
        claim: row.case_id,
    })
}

/// What a result waits for: of the registers that a rule could not read, all that they have not said.
/// A rule names the first thing it misses, and behind it may be more.
fn waiting(
    found: &Determination,
    facts: &Facts,
    last_known: &[(String, Date)],
    today: Date,
) -> Vec<Waiting> {
    if found.decision != Decision::Wait {
        return Vec::new();
    }
    let unread = found.findings.iter().flat_map(|it| &it.facts);
    let unread: BTreeSet<&str> = unread
        .filter(|it| it.state.is_some())
        .map(|it| it.source.as_ref())
        .collect();
    let gaps = facts.gaps.iter();
    gaps.filter(|it| unread.contains(it.register.as_str()))
        .map(|it| Waiting {
            register: it.register.clone(),
            fact: it.fact,
            subject: it.subject.clone(),
            state: it.state,
            since: today,
            last_known_on: { last_known.iter() }
                .find(|(register, _)| *register == it.register)
                .map(|(_, on)| *on),
        })
        .collect()
}

/// I8, 六3: an institution that has closed, or is affordable no more, since it was confirmed. The
/// rules look at the day of lodging; what follows from today is for persons to decide.
fn lapsed(case: &Case, facts: &Facts, today: Date) -> Option<Reason> {
    if case.kind() != Kind::Institution {
        return None;
    }
    let entry = facts
        .institutions
        .iter()
        .find(|it| it.id == case.subject_ref)?;
    let suspended = |it: &Suspension| it.from <= today && it.to.is_none_or(|to| today <= to);
    let recognised = entry.inclusive_recognised_on.is_some_and(|it| it <= today);
    if entry.suspensions.iter().any(suspended) {
        Some(Reason::NotOperating)
    } else {
        (!recognised).then_some(Reason::NotInclusive)
    }
}

/// Claimant, subject and everybody the registers name with them: parents, spouses, siblings,
/// guardians, each under every number.
fn related(case: &Case, facts: &Facts, aliases: &Aliases) -> Vec<String> {
    let mut related = vec![case.claimant_ref.clone(), case.subject_ref.clone()];
    // Whom a silent register does not name now is of the family all the same.
    if !facts.gaps.is_empty() {
        related.extend(case.related.iter().cloned());
    }
    related.extend(facts.persons.iter().map(|it| it.id.clone()));
    for delivery in &facts.births {
        related.push(delivery.mother.clone());
        related.extend(delivery.father.clone());
    }
    related.extend(aliases.all());
    related.sort_unstable();
    related.dedup();
    related
}

/// The child's parents by birth and by adoption, or the legal person of the institution.
fn parties(case: &Case, facts: &Facts, legal_person: Option<String>) -> Vec<String> {
    let mut parties: Vec<String> = legal_person.into_iter().collect();
    if !facts.gaps.is_empty() {
        parties.extend(case.parties.iter().cloned());
    }
    let child = &case.subject_ref;
    for delivery in &facts.births {
        if delivery.children.iter().any(|it| it.id == *child) {
            parties.push(delivery.mother.clone());
            parties.extend(delivery.father.clone());
        }
    }
    for adoption in facts.adoptions.iter().filter(|it| it.child == *child) {
        parties.extend(adoption.adopters.iter().cloned());
    }
    parties.sort_unstable();
    parties.dedup();
    parties
}

fn stored_date(text: &str) -> Result<Date> {
    dates::parse(text).map_err(|_| corrupt("date"))
}

fn corrupt(field: &str) -> Error {
    Error::fault(format!("claim index: unreadable {field}"))
}
