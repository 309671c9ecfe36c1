//! RosterService: build, seal, record, return (F16–F18).

use std::collections::BTreeMap;

use tonic::{Request, Response, Status};
use uuid::Uuid;
use yuhui_kernel::{Money, Tenant};
use yuhui_platform::{
    Error, Result, audit,
    caller::{self, Caller},
    clock,
    db::Tx,
    idempotency::Key,
    outbox,
    paging::Page,
    refusal::{self, not_found},
};
use yuhui_policy::Programme;
use yuhui_proto::{
    eligibility::v1::{self as pb, roster_service_server::RosterService},
    events::v1::{self as events, event::Payload},
};

use super::{
    convert,
    events::{DISBURSEMENT, LEDGER, event, line_terminated},
    notices::grounds,
};
use crate::{
    desk::{self, Desk},
    domain::{
        State, Step,
        roster::{self, Roster, RosterLine, RosterState},
    },
    refusal::{Refused, required},
    store::{
        self,
        cases::{Filter, Stored},
    },
};

/// The service.
pub(crate) struct Rosters(pub(crate) Desk);

#[tonic::async_trait]
impl RosterService for Rosters {
    async fn build_roster(
        &self,
        request: Request<pb::BuildRosterRequest>,
    ) -> Result<Response<pb::BuildRosterResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let roster = Some(build(&self.0, &caller, ask).await?);
        Ok(Response::new(pb::BuildRosterResponse { roster }))
    }

    async fn seal_roster(
        &self,
        request: Request<pb::SealRosterRequest>,
    ) -> Result<Response<pb::SealRosterResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let roster = Some(seal(&self.0, &caller, ask).await?);
        Ok(Response::new(pb::SealRosterResponse { roster }))
    }

    async fn get_roster(
        &self,
        request: Request<pb::GetRosterRequest>,
    ) -> Result<Response<pb::GetRosterResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let (tenant, id) = name(&caller, &ask.name)?;
        let tx = self.0.db.read(tenant).await?;
        let roster = store::rosters::get(&tx, id)
            .await?
            .ok_or_else(|| missing(&ask.name))?;
        Ok(Response::new(pb::GetRosterResponse {
            roster: Some(convert::roster(&roster)),
        }))
    }

    async fn list_rosters(
        &self,
        request: Request<pb::ListRostersRequest>,
    ) -> Result<Response<pb::ListRostersResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(list(&self.0, &caller, ask).await?))
    }

    async fn list_roster_lines(
        &self,
        request: Request<pb::ListRosterLinesRequest>,
    ) -> Result<Response<pb::ListRosterLinesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(lines(&self.0, &caller, ask).await?))
    }

    async fn propose_recording(
        &self,
        request: Request<pb::ProposeRecordingRequest>,
    ) -> Result<Response<pb::ProposeRecordingResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let roster = Some(propose_recording(&self.0, &caller, ask).await?);
        Ok(Response::new(pb::ProposeRecordingResponse { roster }))
    }

    async fn approve_recording(
        &self,
        request: Request<pb::ApproveRecordingRequest>,
    ) -> Result<Response<pb::ApproveRecordingResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let roster = Some(approve_recording(&self.0, &caller, ask).await?);
        Ok(Response::new(pb::ApproveRecordingResponse { roster }))
    }

    async fn return_roster(
        &self,
        request: Request<pb::ReturnRosterRequest>,
    ) -> Result<Response<pb::ReturnRosterResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let roster = Some(return_roster(&self.0, &caller, ask).await?);
        Ok(Response::new(pb::ReturnRosterResponse { roster }))
    }
}

fn missing(name: &str) -> Error {
    not_found(name).into()
}

fn name(caller: &Caller, text: &str) -> Result<(Tenant, Uuid)> {
    let (tenant, id) = desk::parse_name(text, "rosters").ok_or_else(|| missing(text))?;
    Ok((caller.tenant_for(&tenant)?, id))
}

/// Confirmed cases of a programme and round that are on no roster.
async fn confirmed(tx: &Tx, programme: Programme, round: i32) -> Result<Vec<Stored>> {
    let filter = Filter {
        states: vec![State::Confirmed],
        programme: Some(programme),
        round,
        ..Filter::default()
    };
    store::cases::list(tx, &filter, i64::MAX.unsigned_abs()).await
}

fn total(cases: &[Stored]) -> Result<Money> {
    Money::total(cases.iter().map(|it| it.case.amount()))
        .ok_or_else(|| Error::fault("the total of a roster overflows"))
}

fn count(cases: &[Stored]) -> Result<i32> {
    i32::try_from(cases.len()).map_err(|_| Error::fault("a roster has too many lines"))
}

/// F16, maker: counts and sums what is confirmed. Building again replaces what was not sealed.
async fn build(desk: &Desk, caller: &Caller, ask: pb::BuildRosterRequest) -> Result<pb::Roster> {
    let tenant = desk::parse_parent(caller, &ask.parent)?;
    let programme = convert::domain_programme(ask.programme())
        .ok_or_else(|| refusal::invalid(vec![required("programme")]))?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let tx = desk.db.begin(tenant).await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    let cases = confirmed(&tx, programme, ask.round).await?;
    if cases.is_empty() {
        return Err(Refused::NothingThere {
            what: "已确认案件"
        }
        .into());
    }
    let known = store::rosters::of(&tx, programme, ask.round).await?;
    let mut supplement = 0;
    for mut earlier in known {
        match earlier.state {
            RosterState::Building => {
                earlier.state = RosterState::Superseded;
                earlier.revision += 1;
                store::rosters::update(&tx, &earlier).await?;
            }
            RosterState::Superseded => {}
            RosterState::Sealed | RosterState::Checked | RosterState::Recorded => supplement += 1,
        }
    }
    let roster = Roster {
        id: clock::fresh_id(),
        tenant,
        revision: 1,
        programme,
        round: ask.round,
        supplement,
        state: RosterState::Building,
        line_count: count(&cases)?,
        total: total(&cases)?,
        hash: String::new(),
        built_by: caller.account.clone(),
        checked_by: String::new(),
        record_number: String::new(),
        sealed_on: None,
        recorded_on: None,
    };
    store::rosters::insert(&tx, &roster).await?;
    finish(desk, caller, tx, key, &roster, "roster.build", "").await
}

/// F16, checker: freezes the lines, tells ledger and disbursement. What was confirmed or stopped
/// since the roster was built makes it stale.
async fn seal(desk: &Desk, caller: &Caller, ask: pb::SealRosterRequest) -> Result<pb::Roster> {
    let (tenant, id) = name(caller, &ask.name)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let tx = desk.db.begin(tenant).await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    let mut roster = in_state(&tx, &ask.name, id, &[RosterState::Building]).await?;
    desk::not_the_maker(caller, &roster.built_by)?;
    let cases = confirmed(&tx, roster.programme, roster.round).await?;
    if count(&cases)? != roster.line_count || total(&cases)? != roster.total {
        return Err(Refused::RosterState {
            roster: ask.name,
            state: "STALE",
            allowed: "BUILT FROM WHAT IS CONFIRMED NOW",
        }
        .into());
    }
    let mut frozen = Vec::with_capacity(cases.len());
    let mut sent = Vec::with_capacity(cases.len());
    for stored in &cases {
        let private = desk.unseal(tenant, &stored.sealed)?;
        let case = &stored.case;
        frozen.push((
            RosterLine {
                case: case.id,
                receipt_number: case.receipt_number.clone(),
                payee_ref: case.claimant_ref.clone(),
                payee_name: case.claimant_name.clone(),
                account_masked: case.account_masked.clone(),
                amount: case.amount(),
                grounds: grounds(case),
            },
            stored.sealed.clone(),
        ));
        sent.push(events::RosterLineData {
            case: case.name(),
            payee_ref: case.claimant_ref.clone(),
            payee_name: private.account.holder_name,
            account_number: private.account.number,
            bank_name: private.account.bank_name,
            corporate: private.account.corporate,
            amount_fen: case.amount().fen(),
        });
    }
    store::rosters::freeze(&tx, roster.id, &frozen).await?;
    let lines: Vec<RosterLine> = frozen.into_iter().map(|it| it.0).collect();
    roster.hash = roster::hash(&roster, &lines);
    roster.state = RosterState::Sealed;
    roster.sealed_on = Some(desk.today());
    roster.revision += 1;
    store::rosters::update(&tx, &roster).await?;
    move_all(
        desk,
        &tx,
        caller,
        cases,
        Step::Roster,
        Some(roster.id),
        "case.roster",
    )
    .await?;

    let sealed = events::RosterSealed {
        roster: roster.name(),
        programme: convert::programme(roster.programme).into(),
        round: roster.round,
        total_fen: roster.total.fen(),
        lines: sent,
        roster_hash: roster.hash.clone(),
    };
    // The ledger reckons by case and amount; payees and accounts go to whoever pays.
    let bare = sealed.lines.iter().map(|it| events::RosterLineData {
        case: it.case.clone(),
        amount_fen: it.amount_fen,
        ..events::RosterLineData::default()
    });
    let for_ledger = events::RosterSealed {
        lines: bare.collect(),
        ..sealed.clone()
    };
    for (destination, payload) in [(LEDGER, for_ledger), (DISBURSEMENT, sealed)] {
        let told = event(desk.today(), Payload::RosterSealed(payload));
        outbox::publish(&tx, destination, told).await?;
    }
    finish(desk, caller, tx, key, &roster, "roster.seal", "").await
}

/// F17, city registrar: formal check done.
async fn propose_recording(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ProposeRecordingRequest,
) -> Result<pb::Roster> {
    let (tenant, id) = name(caller, &ask.name)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let tx = desk.db.begin(tenant).await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    let mut roster = in_state(&tx, &ask.name, id, &[RosterState::Sealed]).await?;
    roster.state = RosterState::Checked;
    roster.checked_by.clone_from(&caller.account);
    roster.revision += 1;
    store::rosters::update(&tx, &roster).await?;
    finish(desk, caller, tx, key, &roster, "roster.check", &ask.note).await
}

/// F17, city approver: recorded under a number, the shares are owed.
async fn approve_recording(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ApproveRecordingRequest,
) -> Result<pb::Roster> {
    let (tenant, id) = name(caller, &ask.name)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let tx = desk.db.begin(tenant).await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    let mut roster = in_state(&tx, &ask.name, id, &[RosterState::Checked]).await?;
    desk::not_the_maker(caller, &roster.checked_by)?;
    roster.state = RosterState::Recorded;
    roster.recorded_on = Some(desk.today());
    roster.record_number = format!(
        "包卫备〔{}〕{}-{}-{}",
        roster.round,
        tenant.as_str(),
        roster.programme.code(),
        roster.supplement
    );
    roster.revision += 1;
    store::rosters::update(&tx, &roster).await?;
    let cases = store::cases::on_roster(&tx, roster.id).await?;
    move_all(
        desk,
        &tx,
        caller,
        cases,
        Step::Record,
        Some(roster.id),
        "case.record",
    )
    .await?;
    let payload = Payload::RosterRecorded(events::RosterRecorded {
        roster: roster.name(),
        round: roster.round,
        total_fen: roster.total.fen(),
        record_number: roster.record_number.clone(),
    });
    outbox::publish(&tx, LEDGER, event(desk.today(), payload)).await?;
    finish(desk, caller, tx, key, &roster, "roster.record", "").await
}

/// F18: formal defects. The cases go back to the county; the old roster stays, superseded.
async fn return_roster(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ReturnRosterRequest,
) -> Result<pb::Roster> {
    let (tenant, id) = name(caller, &ask.name)?;
    if ask.defects.trim().is_empty() {
        return Err(refusal::invalid(vec![required("defects")]).into());
    }
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let tx = desk.db.begin(tenant).await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    let mut roster = in_state(
        &tx,
        &ask.name,
        id,
        &[RosterState::Sealed, RosterState::Checked],
    )
    .await?;
    roster.state = RosterState::Superseded;
    roster.revision += 1;
    store::rosters::update(&tx, &roster).await?;
    let cases = store::cases::on_roster(&tx, roster.id).await?;
    for stored in cases.iter().filter(|it| it.case.state == State::Rostered) {
        for destination in [LEDGER, DISBURSEMENT] {
            let told = line_terminated(&stored.case, "ROSTER_RETURNED", desk.today());
            outbox::publish(&tx, destination, told).await?;
        }
    }
    move_all(
        desk,
        &tx,
        caller,
        cases,
        Step::Unroster,
        None,
        "case.unroster",
    )
    .await?;
    finish(
        desk,
        caller,
        tx,
        key,
        &roster,
        "roster.return",
        &ask.defects,
    )
    .await
}

/// The same step for every case that allows it; what was stopped meanwhile stays stopped.
async fn move_all(
    desk: &Desk,
    tx: &Tx,
    caller: &Caller,
    cases: Vec<Stored>,
    step: Step,
    roster: Option<Uuid>,
    action: &str,
) -> Result<()> {
    for stored in cases {
        let before = stored.case.clone();
        let mut case = stored.case;
        if let (State::Hold, Some(stage)) = (case.state, case.resume) {
            // What is on hold moves on underneath, so that it comes back where the others are.
            case.resume = Some(if step == Step::Record {
                State::Recorded
            } else {
                stage
            });
        } else if case.step(step).is_err() {
            continue;
        }
        case.roster = roster;
        let now = desk.clock.now();
        desk::save(
            tx,
            caller,
            &before,
            &mut case,
            stored.sealed,
            None,
            now,
            action,
            "",
        )
        .await?;
    }
    Ok(())
}

async fn in_state(tx: &Tx, name: &str, id: Uuid, states: &[RosterState]) -> Result<Roster> {
    let roster = store::rosters::get(tx, id)
        .await?
        .ok_or_else(|| missing(name))?;
    if states.contains(&roster.state) {
        return Ok(roster);
    }
    let allowed = states.first().map_or("", |it| it.as_str());
    Err(Refused::RosterState {
        roster: name.into(),
        state: roster.state.as_str(),
        allowed,
    }
    .into())
}

async fn finish(
    desk: &Desk,
    caller: &Caller,
    tx: Tx,
    key: Key,
    roster: &Roster,
    action: &str,
    reason: &str,
) -> Result<pb::Roster> {
    let entry = audit::Entry::new(action, &roster.name())
        .after(&BTreeMap::from([
            ("state", roster.state.as_str().to_owned()),
            ("lines", roster.line_count.to_string()),
            ("total_fen", roster.total.fen().to_string()),
            ("hash", roster.hash.clone()),
        ]))
        .reason(reason);
    audit::record(&tx, caller, desk.clock.now(), entry).await?;
    let answer = convert::roster(roster);
    key.remember(&tx, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

async fn list(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ListRostersRequest,
) -> Result<pb::ListRostersResponse> {
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let tx = if ask.parent == "counties/-" {
        desk.db.read(caller.tenancy()).await?
    } else {
        desk.db
            .read(desk::parse_parent(caller, &ask.parent)?)
            .await?
    };
    let rows = store::rosters::list(&tx, ask.round, page.after(), page.limit() + 1).await?;
    let (rows, next_page_token) = page.cut(rows, |it| it.id.to_string());
    let rosters = rows.iter().map(convert::roster).collect();
    Ok(pb::ListRostersResponse {
        rosters,
        next_page_token,
    })
}

async fn lines(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ListRosterLinesRequest,
) -> Result<pb::ListRosterLinesResponse> {
    let (tenant, id) = name(caller, &ask.parent)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let after = page.after().and_then(|it| it.parse().ok()).unwrap_or(0);
    let tx = desk.db.read(tenant).await?;
    let rows = store::rosters::lines(&tx, id, after, page.limit() + 1).await?;
    let (rows, next_page_token) = page.cut(rows, |it| it.0.to_string());
    let lines = rows
        .into_iter()
        .map(|(_, it)| pb::RosterLine {
            case: crate::domain::case::name(tenant, it.case),
            receipt_number: it.receipt_number,
            payee_name: it.payee_name,
            account_masked: it.account_masked,
            amount_fen: it.amount.fen(),
            grounds: it.grounds,
        })
        .collect();
    Ok(pb::ListRosterLinesResponse {
        lines,
        next_page_token,
    })
}
