//! Seeds, samples, and what was found of them: F17, DYN-9.

use serde_json::json;
use uuid::Uuid;
use yuhui_platform::{
    Result, audit,
    caller::Caller,
    db::{Tenancy, Tx},
    form::Form,
    idempotency::Key,
    refusal, unless_answered,
};
use yuhui_proto::eligibility::v1::{self as pb, sampled_line};

use super::{own_is_left_alone, rosters::locked};
use crate::{
    context::Context,
    convert::{samples, text},
    domain::{
        roster::{Roster, RosterState},
        sampling::{self, SampleFinding, SampleResult, Sampled, Seed},
    },
    gate::roster::stands,
    names,
    reads::samples::seed_of,
    refusal::{
        recording::{NotRecorded, round_name},
        required,
    },
    separation::hand,
    store,
};

/// Shortest and longest seed, in characters.
const SEED_CHARACTERS: std::ops::RangeInclusive<usize> = 8..=200;
/// Rosters that are sampled: sealed and not recorded.
const SAMPLED_IN: [RosterState; 2] = [RosterState::Sealed, RosterState::Checked];

/// Lines read at a time.
const PAGE: u64 = 500;

/// Once and for all, and before anything of the round is sealed: sealing waits for it.
pub(crate) async fn publish(
    context: &Context,
    caller: &Caller,
    ask: pb::PublishSeedRequest,
) -> Result<pb::PublishSeedResponse> {
    let text = ask.seed.trim();
    let mut form = Form::default();
    if ask.round < 2025 {
        form.refuse("round", "须为2025年及以后的批次", "is a round from 2025 on");
    }
    if !SEED_CHARACTERS.contains(&text.chars().count()) || text.chars().any(char::is_control) {
        form.refuse(
            "seed",
            "须为一行8至200个字符",
            "must have 8 to 200 characters on one line",
        );
    }
    form.finish()?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let act = unless_answered!(context.open_act(caller, Tenancy::City, key));
    let tx = &act.tx;
    let seed = Seed {
        round: ask.round,
        text: text.into(),
        published_on: context.today(),
    };
    let known = store::samples::seed(tx, ask.round).await?.is_some();
    if known || !store::samples::publish(tx, &seed).await? {
        return Err(NotRecorded::SeedPublished { round: ask.round }.into());
    }
    let entry = audit::Entry::new("sampling.publish_seed", round_name(ask.round));
    let entry = entry.after(&json!({ "seed": seed.text }));
    act.record(entry).await?;
    act.finish(pb::PublishSeedResponse {
        seed: Some(samples::seed(&seed)),
    })
    .await
}

pub(crate) async fn draw(
    context: &Context,
    caller: &Caller,
    ask: pb::DrawSampleRequest,
) -> Result<pb::DrawSampleResponse> {
    let (tenant, id) = names::parse_own(caller, &ask.roster, "rosters")?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let act = unless_answered!(context.open_act(caller, tenant, key));
    let tx = &act.tx;
    let roster = locked(tx, &ask.roster, id).await?;
    stands(&roster, &SAMPLED_IN)?;
    let seed = seed_of(tx, &roster).await?;
    let mut sample = store::samples::of(tx, id).await?;
    if sample.is_empty() {
        sample = drawn(tx, &roster, &seed).await?;
        store::samples::insert(tx, id, &sample).await?;
        let digests: Vec<_> = sample.iter().map(|it| (it.case, &it.digest)).collect();
        let entry = audit::Entry::new("sampling.draw", roster.name());
        let entry = entry.after(&json!({ "seed": seed.text, "sample": digests }));
        act.record(entry).await?;
    }
    act.finish(pb::DrawSampleResponse {
        sample: Some(samples::sample(&roster, &seed, &sample)),
    })
    .await
}

async fn drawn(tx: &Tx, roster: &Roster, seed: &Seed) -> Result<Vec<Sampled>> {
    let lines = usize::try_from(roster.line_count).unwrap_or_default();
    let mut draw = sampling::Draw::new(&seed.text, roster.tenant, lines);
    let mut after = 0;
    loop {
        let page = store::rosters::lines(tx, roster.id, after, PAGE).await?;
        let Some((last, _)) = page.last() else {
            return Ok(draw.sample());
        };
        after = *last;
        page.into_iter().for_each(|(_, line)| draw.see(line));
    }
}

pub(crate) async fn record(
    context: &Context,
    caller: &Caller,
    ask: pb::RecordSampleResultRequest,
) -> Result<pb::RecordSampleResultResponse> {
    let (result, note) = match ask.result() {
        sampled_line::Result::Passed => (SampleResult::Passed, text::remark("note", &ask.note)?),
        sampled_line::Result::Defect => (SampleResult::Defect, text::needed("note", &ask.note)?),
        sampled_line::Result::Unspecified => {
            return Err(refusal::invalid(vec![required("result")]).into());
        }
    };
    let (tenant, id) = names::parse_own(caller, &ask.roster, "rosters")?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let relatives = context.relatives(caller, tenant).await;
    let act = unless_answered!(context.open_act(caller, tenant, key));
    let tx = &act.tx;
    let roster = locked(tx, &ask.roster, id).await?;
    stands(&roster, &SAMPLED_IN)?;
    let case = names::parse_name(&ask.case, "cases").filter(|it| it.0 == tenant);
    let mut line = sampled(tx, id, case.map(|it| it.1), &ask).await?;
    if line.result() == Some(SampleResult::Defect) && result == SampleResult::Passed {
        return Err(NotRecorded::DefectStands {
            roster: ask.roster,
            case: ask.case,
        }
        .into());
    }
    own_is_left_alone(tx, caller, &relatives?, line.case).await?;
    let before = line.clone();
    line.finding = Some(SampleFinding {
        result,
        note,
        by: hand(caller),
        on: context.today(),
    });
    store::samples::update(tx, id, &before, &line).await?;
    let entry = audit::Entry::new("sampling.result", &ask.case)
        .before(&before.result().map(SampleResult::as_str))
        .after(&result.as_str())
        .reason(line.finding.as_ref().map_or("", |it| it.note.as_str()))
        .note(roster.name());
    act.record(entry).await?;
    act.finish(pb::RecordSampleResultResponse {
        line: Some(samples::line(&roster, &line)),
    })
    .await
}

/// The line of the sample that a result is about.
async fn sampled(
    tx: &Tx,
    roster: Uuid,
    case: Option<Uuid>,
    ask: &pb::RecordSampleResultRequest,
) -> Result<Sampled> {
    if let Some(case) = case
        && let Some(line) = store::samples::line(tx, roster, case).await?
    {
        return Ok(line);
    }
    let roster_name = ask.roster.clone();
    Err(match store::samples::is_drawn(tx, roster).await? {
        false => NotRecorded::NotSampled {
            roster: roster_name,
        },
        true => NotRecorded::NotInSample {
            roster: roster_name,
            case: ask.case.clone(),
        },
    }
    .into())
}
