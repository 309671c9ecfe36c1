//! Many cases in one call: signed (F7, F10, I3) or confirmed (F13). Each goes through the act on one case, under a key
//! of its own, so that a call which was cut off is sent again and goes on.

use std::collections::HashSet;

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
use crate::{context::Context, domain::Case, names, refusal::Refused};

pub(crate) async fn sign(
    context: &Context,
    caller: &Caller,
    ask: pb::BatchSignCasesRequest,
) -> Result<pb::BatchSignCasesResponse> {
    let batch = Batch::of(context, caller, &ask.parent, &ask.request_id)?;
    let act = async |seen: pb::SeenCase, request_id: String| {
        let one = pb::SignCaseRequest {
            name: seen.name,
            etag: seen.etag,
            agree: true,
            note: ask.note.clone(),
            request_id,
        };
        review::sign(context, caller, one).await
    };
    let results = batch.each(ask.cases, act).await?;
    Ok(pb::BatchSignCasesResponse { results })
}

pub(crate) async fn confirm(
    context: &Context,
    caller: &Caller,
    ask: pb::BatchConfirmCasesRequest,
) -> Result<pb::BatchConfirmCasesResponse> {
    let batch = Batch::of(context, caller, &ask.parent, &ask.request_id)?;
    let act = async |seen: pb::SeenCase, request_id: String| {
        let one = pb::ConfirmCaseRequest {
            name: seen.name,
            etag: seen.etag,
            note: ask.note.clone(),
            request_id,
        };
        review::confirm(context, caller, one).await
    };
    let results = batch.each(ask.cases, act).await?;
    Ok(pb::BatchConfirmCasesResponse { results })
}

/// Whose cases, and under which key.
struct Batch<'a> {
    context: &'a Context,
    caller: &'a Caller,
    parent: String,
    request_id: &'a str,
}

impl<'a> Batch<'a> {
    fn of(
        context: &'a Context,
        caller: &'a Caller,
        parent: &str,
        request_id: &'a str,
    ) -> Result<Self> {
        let tenant = names::parse_parent(caller, parent)?;
        Ok(Self {
            context,
            caller,
            parent: format!("counties/{tenant}/"),
            request_id,
        })
    }

    /// One after the other. What does not answer for one will not for the next: the rest is left for another call.
    async fn each(
        &self,
        cases: Vec<pb::SeenCase>,
        act: impl AsyncFn(pb::SeenCase, String) -> Result<pb::Case>,
    ) -> Result<Vec<pb::BatchResult>> {
        self.each_once(&cases)?;
        let mut results = Vec::with_capacity(cases.len());
        let mut silent: Option<Action> = None;
        for seen in cases {
            let name = seen.name.clone();
            if let Some(why) = &silent {
                results.push(told(name, Outcome::Skipped, why.clone()));
                continue;
            }
            let acted = match self.context.case(self.caller, &name).await {
                Ok(stored) if !is_routine(&stored.case) => {
                    let case = name.clone();
                    let why = why(&Refused::NotRoutine { case }.into());
                    results.push(told(name, Outcome::Skipped, why));
                    continue;
                }
                Ok(stored) => {
                    let id = stored.case.id.simple();
                    act(seen, format!("{}/{id}", self.request_id)).await
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

    fn each_once(&self, cases: &[pb::SeenCase]) -> Result<()> {
        let mut known = HashSet::new();
        for (place, seen) in cases.iter().enumerate() {
            let wrong = if !seen.name.starts_with(&self.parent) {
                ("不属于该旗县区", "is not of that county")
            } else if !known.insert(&seen.name) {
                ("重复", "is there twice")
            } else {
                continue;
            };
            let what = Violation::new(format!("cases[{place}].name"), wrong.0, wrong.1);
            return Err(refusal::invalid(vec![what]).into());
        }
        Ok(())
    }
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
