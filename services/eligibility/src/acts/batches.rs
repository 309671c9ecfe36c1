//! Many cases in one call: signed (F7, F10, I3) or confirmed (F13). Each goes through the act on one case, under a key
//! of its own, so that a call which was cut off is sent again and goes on.

use std::collections::HashSet;

use uuid::Uuid;
use yuhui_platform::{
    Error, Result,
    actions::why,
    caller::Caller,
    refusal::{self, Violation},
};
use yuhui_proto::{
    eligibility::v1::{self as pb, batch_result::Outcome},
    types::v1::Action,
};

use super::review;
use crate::{context::Context, domain::Case, names, refusal::Refused, store};

pub(crate) async fn sign(
    context: &Context,
    caller: &Caller,
    ask: pb::BatchSignCasesRequest,
) -> Result<pb::BatchSignCasesResponse> {
    let batch = Batch {
        context,
        caller,
        act: What::Sign,
        note: &ask.note,
        request_id: &ask.request_id,
    };
    let results = batch.each(&ask.parent, ask.cases).await?;
    Ok(pb::BatchSignCasesResponse { results })
}

pub(crate) async fn confirm(
    context: &Context,
    caller: &Caller,
    ask: pb::BatchConfirmCasesRequest,
) -> Result<pb::BatchConfirmCasesResponse> {
    let batch = Batch {
        context,
        caller,
        act: What::Confirm,
        note: &ask.note,
        request_id: &ask.request_id,
    };
    let results = batch.each(&ask.parent, ask.cases).await?;
    Ok(pb::BatchConfirmCasesResponse { results })
}

/// What is done to each.
#[derive(Clone, Copy)]
enum What {
    Sign,
    Confirm,
}

/// What is done, by whom, and under which key.
struct Batch<'a> {
    context: &'a Context,
    caller: &'a Caller,
    act: What,
    note: &'a str,
    request_id: &'a str,
}

impl Batch<'_> {
    /// One after the other. What does not answer for one will not for the next: the rest is left for another call.
    async fn each(&self, parent: &str, cases: Vec<pb::SeenCase>) -> Result<Vec<pb::BatchResult>> {
        let tenant = names::parse_parent(self.caller, parent)?;
        each_once(&format!("counties/{tenant}/"), &cases)?;
        let ids = cases
            .iter()
            .filter_map(|it| names::parse_name(&it.name, "cases"));
        let ids: Vec<Uuid> = ids.map(|it| it.1).collect();
        let tx = self.context.db.read(tenant).await?;
        let spoken_against = store::reports::spoken_against(&tx, &ids).await?;
        drop(tx);
        let mut results = Vec::with_capacity(cases.len());
        let mut silent: Option<Action> = None;
        for seen in cases {
            let name = seen.name.clone();
            if let Some(why) = &silent {
                results.push(told(name, Outcome::Skipped, why.clone()));
                continue;
            }
            let acted = match self.context.case(self.caller, &name).await {
                Ok(stored)
                    if spoken_against.contains(&stored.case.id) || !is_routine(&stored.case) =>
                {
                    let case = name.clone();
                    let why = why(&Refused::NotRoutine { case }.into());
                    results.push(told(name, Outcome::Skipped, why));
                    continue;
                }
                Ok(stored) => {
                    let id = stored.case.id.simple();
                    self.one(seen, format!("{}/{id}", self.request_id)).await
                }
                Err(error) => Err(error),
            };
            results.push(match acted {
                Ok(case) => pb::BatchResult {
                    name,
                    outcome: Outcome::Done.into(),
                    etag: case.etag,
                    ..pb::BatchResult::default()
                },
                Err(Error::Fault(fault)) => return Err(Error::Fault(fault)),
                Err(error) if error.is_silence() => {
                    let why = silent.insert(why(&error)).clone();
                    told(name, Outcome::Skipped, why)
                }
                Err(error) => told(name, Outcome::Refused, why(&error)),
            });
        }
        Ok(results)
    }

    async fn one(&self, seen: pb::SeenCase, request_id: String) -> Result<pb::Case> {
        let pb::SeenCase { name, etag } = seen;
        let note = self.note.to_owned();
        match self.act {
            What::Sign => {
                let ask = pb::SignCaseRequest {
                    name,
                    etag,
                    agree: true,
                    note,
                    request_id,
                };
                review::sign(self.context, self.caller, ask).await
            }
            What::Confirm => {
                let ask = pb::ConfirmCaseRequest {
                    name,
                    etag,
                    note,
                    request_id,
                };
                review::confirm(self.context, self.caller, ask).await
            }
        }
    }
}

/// Each is one of that county's, and there once.
fn each_once(county: &str, cases: &[pb::SeenCase]) -> Result<()> {
    let mut known = HashSet::new();
    for (place, seen) in cases.iter().enumerate() {
        let (zh, en) = if !seen.name.starts_with(county) {
            ("不属于该旗县区", "is not of that county")
        } else if !known.insert(&seen.name) {
            ("重复", "is there twice")
        } else {
            continue;
        };
        let what = Violation::new(format!("cases[{place}].name"), zh, en);
        return Err(refusal::invalid(vec![what]).into());
    }
    Ok(())
}

/// The rules pay, nothing is missing, nobody spoke against it.
fn is_routine(case: &Case) -> bool {
    let pays = case.outcome.as_ref().is_some_and(|it| it.pays());
    let agreed = case.report.as_ref().is_none_or(|it| it.agree);
    pays && agreed
        && case.waiting_for.is_empty()
        && case.inquiry.is_empty()
        && case.proposal.is_none()
}

fn told(name: String, outcome: Outcome, why: Action) -> pb::BatchResult {
    pb::BatchResult {
        name,
        outcome: outcome.into(),
        reason: why.reason,
        zh: why.zh,
        en: why.en,
        etag: String::new(),
    }
}
