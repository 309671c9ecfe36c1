//! Paper beside register beside rule, and what has changed since the evaluation before.

use std::collections::BTreeMap;

use yuhui_kernel::dates;
use yuhui_platform::{Result, caller::Caller};
use yuhui_policy::{evidence::Evidence, facts::Answer};
use yuhui_proto::{
    eligibility::v1::{self as pb, case_view::Kind},
    internal::v1::{self as internal, verification_service_client::VerificationServiceClient},
};

use super::{answers::shows_papers, views};
use crate::{
    clients::facts::register_name,
    context::Context,
    convert::{self, comparison},
    domain::{
        Case,
        comparison::{Stated, changed, collected, compared, differing},
        private::mask,
    },
    names::REGISTRY,
    proof, store,
};

/// Answers of a case that are looked through for the day they are as of.
const ANSWERS: i32 = 1_000;

/// What a case rests on. Shown is what is proven: the evaluation is replayed first.
pub(crate) async fn get(
    context: &Context,
    caller: &Caller,
    ask: pb::GetComparisonRequest,
) -> Result<pb::GetComparisonResponse> {
    let stored = context.case(caller, &ask.name).await?;
    let case = &stored.case;
    let tx = context.db.read(case.tenant).await?;
    shows_papers(&tx, caller, case).await?;
    let Some(outcome) = &case.outcome else {
        return Ok(pb::GetComparisonResponse::default());
    };
    let all = store::evidence::of(&tx, &[case.id]).await?;
    drop(tx);
    views::note(context, caller, case, Kind::Comparison).await;
    let standing = all.iter().rposition(|it| it.hash == outcome.evidence_hash);
    let Some(at) = standing else {
        return Ok(pb::GetComparisonResponse::default());
    };
    let (before, own) = all.split_at(at);
    let (before, own) = (before.last(), own.first());
    let Some(own) = own else {
        return Ok(pb::GetComparisonResponse::default());
    };
    let now = context.proven(case.tenant, own).await?.evidence;
    let private = context.open(&stored)?;
    let number = match case.programme.is_family() {
        true => mask(&private.claimant_number),
        false => private.credit_code.clone(),
    };
    let stated = Stated {
        claimant_name: &private.claimant_name,
        claimant_number: &number,
    };
    let as_of = as_of(context, caller, case, &now.facts.answers).await?;
    let facts = compared(case, stated, &now.determination.findings);
    let facts = facts.into_iter().map(|it| {
        let day = as_of.get(it.register).cloned();
        comparison::fact(it, day.unwrap_or_default())
    });
    let since = match before {
        Some(before) => {
            let earlier = proof::taken(case.tenant, before)?;
            Some(since(case, &earlier.evidence, earlier.hash, &now))
        }
        None => None,
    };
    Ok(pb::GetComparisonResponse {
        facts: facts.collect(),
        evaluated_on: dates::format(now.progress.known_on),
        evidence_hash: own.hash.clone(),
        since,
    })
}

fn since(
    case: &Case,
    before: &Evidence,
    evidence_hash: String,
    now: &Evidence,
) -> pb::ChangedSince {
    let [facts, rules] = changed(case, &before.determination, &now.determination);
    let answers = |it: &Evidence| {
        let answers = it.facts.answers.iter();
        collected(answers.map(|it| (it.register.clone(), it.reference.clone())))
    };
    let answers = differing(&answers(before), &answers(now));
    pb::ChangedSince {
        evaluated_on: dates::format(before.progress.known_on),
        evidence_hash,
        decision: convert::decision(before.determination.decision).into(),
        amount_fen: before.determination.amount.fen(),
        facts: comparison::changed(facts),
        answers: comparison::changed(answers),
        rules: comparison::changed(rules),
    }
}

/// As of which day each register answered, of the answers that the evaluation rests on. Empty where the service
/// that keeps them is silent: the comparison is that of the evidence, which is here.
async fn as_of(
    context: &Context,
    caller: &Caller,
    case: &Case,
    rests_on: &[Answer],
) -> Result<BTreeMap<String, String>> {
    let ask = internal::ListAnswersRequest {
        parent: case.name(),
        page_size: ANSWERS,
        page_token: String::new(),
    };
    let mut client = VerificationServiceClient::new(context.peers.call(REGISTRY, caller)?);
    let answers = match client
        .list_answers(ask)
        .await
        .map_err(yuhui_platform::Error::from)
    {
        Ok(answers) => answers.into_inner().answers,
        Err(error) if error.is_silence() => Vec::new(),
        Err(error) => return Err(error),
    };
    let mut days: BTreeMap<String, String> = BTreeMap::new();
    for answer in answers {
        let register = register_name(answer.register());
        let rests = rests_on.iter().any(|it| {
            it.register == register
                && it.reference == answer.digest
                && dates::format(it.answered_on) == answer.answered_on
        });
        if rests {
            let day = days.entry(register).or_default();
            *day = std::mem::take(day).max(answer.as_of_on);
        }
    }
    Ok(days)
}
