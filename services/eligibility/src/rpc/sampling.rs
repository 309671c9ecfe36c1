//! SamplingService: seeds, samples and what was found of them (F17, DYN-9).

use serde_json::json;
use tonic::{Request, Response, Status};
use uuid::Uuid;
use yuhui_kernel::dates;
use yuhui_platform::{
    Result, audit,
    caller::{self, Caller},
    db::{Tenancy, Tx},
    form::Form,
    idempotency::Key,
    refusal::{self, not_found},
    relatives::Relatives,
};
use yuhui_proto::eligibility::v1::{
    self as pb, sampled_line, sampling_service_server::SamplingService,
};

use super::{
    rosters::{find, in_state, name},
    text,
};
use crate::{
    desk::{self, Desk},
    domain::{
        case,
        roster::{Roster, RosterState},
        sampling::{self, SampleFinding, SampleResult, Sampled, Seed},
    },
    refusal::{
        recording::{NotRecorded, round_name},
        required,
    },
    separation::{conflict, hand},
    store,
};

/// Shortest and longest seed, in characters.
const SEED_CHARACTERS: std::ops::RangeInclusive<usize> = 8..=200;
/// Rosters that are sampled: sealed and not recorded.
const SAMPLED_IN: [RosterState; 2] = [RosterState::Sealed, RosterState::Checked];

/// The service.
pub(crate) struct Sampling(pub(crate) Desk);

#[tonic::async_trait]
impl SamplingService for Sampling {
    async fn publish_seed(
        &self,
        request: Request<pb::PublishSeedRequest>,
    ) -> Result<Response<pb::PublishSeedResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(publish(&self.0, &caller, ask).await?))
    }

    async fn get_seed(
        &self,
        request: Request<pb::GetSeedRequest>,
    ) -> Result<Response<pb::GetSeedResponse>, Status> {
        let (_, ask) = caller::accept(request)?;
        let tx = self.0.db.read(Tenancy::City).await.map_err(Status::from)?;
        let seed = store::samples::seed(&tx, ask.round).await?;
        let seed = seed.ok_or_else(|| refusal::status(&not_found(round_name(ask.round))))?;
        Ok(Response::new(pb::GetSeedResponse {
            seed: Some(shown_seed(&seed)),
        }))
    }

    async fn draw_sample(
        &self,
        request: Request<pb::DrawSampleRequest>,
    ) -> Result<Response<pb::DrawSampleResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(draw(&self.0, &caller, ask).await?))
    }

    async fn record_sample_result(
        &self,
        request: Request<pb::RecordSampleResultRequest>,
    ) -> Result<Response<pb::RecordSampleResultResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(record(&self.0, &caller, ask).await?))
    }

    async fn get_sample(
        &self,
        request: Request<pb::GetSampleRequest>,
    ) -> Result<Response<pb::GetSampleResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let (tenant, id) = name(&caller, &ask.roster)?;
        let tx = self.0.db.read(tenant).await.map_err(Status::from)?;
        let roster = find(&tx, &ask.roster, id).await?;
        let sample = store::samples::of(&tx, id).await?;
        if sample.is_empty() {
            return Err(refusal::status(&not_found(&ask.roster)));
        }
        let sample = Some(shown(&roster, &seed_of(&tx, &roster).await?, &sample));
        Ok(Response::new(pb::GetSampleResponse { sample }))
    }
}

/// Once and for all, and before anything of the round is sealed: sealing waits for it.
async fn publish(
    desk: &Desk,
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
    let tx = desk.db.begin_global().await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    let seed = Seed {
        round: ask.round,
        text: text.into(),
        published_on: desk.today(),
    };
    let known = store::samples::seed(&tx, ask.round).await?.is_some();
    if known || !store::samples::publish(&tx, &seed).await? {
        return Err(NotRecorded::SeedPublished { round: ask.round }.into());
    }
    let entry = audit::Entry::new("sampling.publish_seed", round_name(ask.round));
    let entry = entry.after(&json!({ "seed": seed.text }));
    audit::record(&tx, caller, desk.clock.now(), entry).await?;
    let answer = pb::PublishSeedResponse {
        seed: Some(shown_seed(&seed)),
    };
    key.remember(&tx, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

async fn draw(
    desk: &Desk,
    caller: &Caller,
    ask: pb::DrawSampleRequest,
) -> Result<pb::DrawSampleResponse> {
    let (tenant, id) = name(caller, &ask.roster)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let tx = desk.db.begin(tenant).await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    let roster = in_state(&tx, &ask.roster, id, &SAMPLED_IN).await?;
    let seed = seed_of(&tx, &roster).await?;
    let mut sample = store::samples::of(&tx, id).await?;
    if sample.is_empty() {
        let lines = store::rosters::all_lines(&tx, id).await?;
        sample = sampling::draw(&seed.text, tenant, &lines);
        store::samples::insert(&tx, id, &sample).await?;
        let digests: Vec<_> = sample.iter().map(|it| (it.case, &it.digest)).collect();
        let entry = audit::Entry::new("sampling.draw", roster.name());
        let entry = entry.after(&json!({ "seed": seed.text, "sample": digests }));
        audit::record(&tx, caller, desk.clock.now(), entry).await?;
    }
    let answer = pb::DrawSampleResponse {
        sample: Some(shown(&roster, &seed, &sample)),
    };
    key.remember(&tx, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

async fn record(
    desk: &Desk,
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
    let (tenant, id) = name(caller, &ask.roster)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let relatives = desk.relatives(caller, tenant).await;
    let tx = desk.db.begin(tenant).await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    let roster = in_state(&tx, &ask.roster, id, &SAMPLED_IN).await?;
    let mut sample = store::samples::of(&tx, id).await?;
    if sample.is_empty() {
        return Err(NotRecorded::NotSampled { roster: ask.roster }.into());
    }
    let case = desk::parse_name(&ask.case, "cases").filter(|it| it.0 == tenant);
    let line = case.and_then(|(_, case)| sample.iter_mut().find(|it| it.case == case));
    let Some(line) = line else {
        return Err(NotRecorded::NotInSample {
            roster: ask.roster,
            case: ask.case,
        }
        .into());
    };
    if line.result() == Some(SampleResult::Defect) && result == SampleResult::Passed {
        return Err(NotRecorded::DefectStands {
            roster: ask.roster,
            case: ask.case,
        }
        .into());
    }
    not_his_own(&tx, caller, &relatives?, line.case).await?;
    let before = line.clone();
    line.finding = Some(SampleFinding {
        result,
        note,
        by: hand(caller),
        on: desk.today(),
    });
    store::samples::update(&tx, id, &before, line).await?;
    let entry = audit::Entry::new("sampling.result", &ask.case)
        .before(&before.result().map(SampleResult::as_str))
        .after(&result.as_str())
        .reason(line.finding.as_ref().map_or("", |it| it.note.as_str()))
        .note(roster.name());
    audit::record(&tx, caller, desk.clock.now(), entry).await?;
    let seed = seed_of(&tx, &roster).await?;
    let answer = pb::RecordSampleResultResponse {
        sample: Some(shown(&roster, &seed, &sample)),
    };
    key.remember(&tx, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

/// DYN-2, DYN-3: nobody checks a case of his family, or one he acted on elsewhere.
async fn not_his_own(tx: &Tx, caller: &Caller, relatives: &Relatives, case: Uuid) -> Result<()> {
    if let Some(stored) = store::cases::get(tx, case).await? {
        conflict(caller, relatives, &stored.case)?;
    }
    Ok(())
}

/// The seed of the roster's round.
async fn seed_of(tx: &Tx, roster: &Roster) -> Result<Seed> {
    let round = roster.round;
    let seed = store::samples::seed(tx, round).await?;
    seed.ok_or_else(|| NotRecorded::NoSeed { round }.into())
}

fn shown_seed(seed: &Seed) -> pb::SamplingSeed {
    pb::SamplingSeed {
        round: seed.round,
        seed: seed.text.clone(),
        published_on: dates::format(seed.published_on),
    }
}

fn shown(roster: &Roster, seed: &Seed, sample: &[Sampled]) -> pb::Sample {
    pb::Sample {
        roster: roster.name(),
        roster_hash: roster.hash.clone(),
        seed: Some(shown_seed(seed)),
        line_count: roster.line_count,
        lines: sample.iter().map(|it| shown_line(roster, it)).collect(),
    }
}

fn shown_line(roster: &Roster, line: &Sampled) -> pb::SampledLine {
    let finding = line.finding.as_ref();
    let result = match line.result() {
        None => sampled_line::Result::Unspecified,
        Some(SampleResult::Passed) => sampled_line::Result::Passed,
        Some(SampleResult::Defect) => sampled_line::Result::Defect,
    };
    pb::SampledLine {
        case: case::name(roster.tenant, line.case),
        receipt_number: line.receipt_number.clone(),
        amount_fen: line.amount.fen(),
        grounds: line.grounds.clone(),
        digest: line.digest.clone(),
        result: result.into(),
        note: finding.map(|it| it.note.clone()).unwrap_or_default(),
        checked_on: finding.map(|it| dates::format(it.on)).unwrap_or_default(),
    }
}
