//! The city records a roster, or returns it (F17, F18). It acts on rosters only: what follows for
//! the cases follows from that (SOD-7).

use yuhui_platform::{Result, caller::Caller, idempotency::Key};
use yuhui_proto::{
    eligibility::v1 as pb,
    events::v1::{RosterRecorded, event::Payload},
};

use super::{RosterAct, in_state, name};
use crate::{
    desk::Desk,
    domain::{Case, NotAllowed, Step, roster::RosterState},
    record::{Change, Letter},
    rpc::{
        events::{DISBURSEMENT, LEDGER, event, line_terminated},
        text,
    },
    separation::{hand, not_the_maker},
    store::{self, cases::Stored},
};

/// Why lines of a returned roster are taken back.
const RETURNED: &str = "ROSTER_RETURNED";

/// City registrar: formal check done.
pub(super) async fn propose(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ProposeRecordingRequest,
) -> Result<pb::Roster> {
    let note = text::remark("note", &ask.note)?;
    let (tenant, id) = name(caller, &ask.name)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let tx = desk.db.begin(tenant).await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    let mut roster = in_state(&tx, &ask.name, id, &[RosterState::Sealed]).await?;
    roster.state = RosterState::Checked;
    roster.checked_by = Some(hand(caller));
    roster.revision += 1;
    store::rosters::update(&tx, &roster).await?;
    let act = RosterAct {
        desk,
        caller,
        tx,
        key,
    };
    act.finish(&roster, ("roster.check", "", &note), Vec::new(), Vec::new())
        .await
}

/// City approver: recorded under a number, the shares are owed.
pub(super) async fn approve(
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
    if let Some(registrar) = &roster.checked_by {
        not_the_maker(caller, registrar)?;
    }
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
    let changes = moved(cases, &roster.record_number, |case| {
        case.happens(Step::Record)
    });
    let payload = Payload::RosterRecorded(RosterRecorded {
        roster: roster.name(),
        round: roster.round,
        total_fen: roster.total.fen(),
        record_number: roster.record_number.clone(),
    });
    let letters = vec![(LEDGER, event(desk.today(), payload))];
    let act = RosterAct {
        desk,
        caller,
        tx,
        key,
    };
    act.finish(
        &roster,
        ("roster.record", "case.record", ""),
        changes,
        letters,
    )
    .await
}

/// Formal defects: the cases go back to the county; the old roster stays, superseded. What is
/// recorded is no longer returned: that would take as many hands as the recording (DYN-6).
pub(super) async fn give_back(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ReturnRosterRequest,
) -> Result<pb::Roster> {
    let defects = text::needed("defects", &ask.defects)?;
    let (tenant, id) = name(caller, &ask.name)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let tx = desk.db.begin(tenant).await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    let states = [RosterState::Sealed, RosterState::Checked];
    let mut roster = in_state(&tx, &ask.name, id, &states).await?;
    roster.state = RosterState::Superseded;
    roster.revision += 1;
    store::rosters::update(&tx, &roster).await?;
    let cases = store::cases::on_roster(&tx, roster.id).await?;
    let changes = moved(cases, &roster.name(), Case::unroster);
    let mut letters: Vec<Letter> = Vec::with_capacity(2 * changes.len());
    for line in changes
        .iter()
        .filter_map(|it| line_terminated(&it.before, RETURNED))
    {
        for destination in [LEDGER, DISBURSEMENT] {
            let told = Payload::LineTerminated(line.clone());
            letters.push((destination, event(desk.today(), told)));
        }
    }
    let act = RosterAct {
        desk,
        caller,
        tx,
        key,
    };
    act.finish(
        &roster,
        ("roster.return", "case.unroster", &defects),
        changes,
        letters,
    )
    .await
}

/// The same for every case of the roster, also for those that are away from their stage; what was
/// stopped for good meanwhile stays stopped.
fn moved(
    cases: Vec<Stored>,
    reason: &str,
    happens: impl Fn(&mut Case) -> Result<(), NotAllowed>,
) -> Vec<Change> {
    let changes = cases.into_iter().map(|it| Change::of(it.case));
    let fitting = changes.filter_map(|mut change| {
        happens(&mut change.after).ok()?;
        change.reason = reason.into();
        Some(change)
    });
    fitting.collect()
}
