//! The city records a roster (F17). It acts on rosters only: what follows for the cases follows from
//! that (SOD-7). How one is returned see `returns`.

use yuhui_platform::{
    Result, act::OpenAct, caller::Caller, db::Tx, idempotency::Key, unless_answered,
};
use yuhui_proto::{
    eligibility::v1 as pb,
    events::v1::{RosterRecorded, event::Payload},
};

use super::{finish, in_state};
use crate::{
    context::Context,
    convert::text,
    domain::{
        Case, NotAllowed, Step, case,
        roster::{self, Roster, RosterState},
        sampling::{SampleResult, Sampled},
    },
    events::outgoing::{event, line_terminated},
    names::{self, DISBURSEMENT, LEDGER},
    refusal::recording::NotRecorded,
    ritual::{Change, OutgoingEvent},
    separation::{hand, not_the_maker},
    store::{self, cases::Stored},
};

/// Why lines of a returned roster are taken back.
const RETURNED: &str = "ROSTER_RETURNED";

/// City registrar: formal check done; again, if lines were struck off since. What he himself proposed to
/// return he finds in order now; what another did is the approver's to decide.
pub(crate) async fn propose(
    context: &Context,
    caller: &Caller,
    ask: pb::ProposeRecordingRequest,
) -> Result<pb::Roster> {
    let note = text::remark("note", &ask.note)?;
    let (tenant, id) = names::parse_own(caller, &ask.name, "rosters")?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let act = unless_answered!(context.open_act(caller, tenant, key));
    let tx = &act.tx;
    let states = [RosterState::Sealed, RosterState::Checked];
    let mut roster = in_state(tx, &ask.name, id, &states).await?;
    let me = hand(caller);
    if let Some(proposal) = roster.return_proposal.take()
        && !proposal.by.is(&me)
    {
        let roster = roster.name();
        return Err(NotRecorded::ReturnProposed { roster }.into());
    }
    let cases = store::cases::on_roster(tx, roster.id).await?;
    roster.state = RosterState::Checked;
    roster.checked_by = Some(me);
    roster.checked_lines = roster::standing(cases.iter().map(|it| &it.case));
    roster.revision += 1;
    store::rosters::update(tx, &roster).await?;
    finish(
        act,
        &roster,
        ("roster.check", "", &note),
        Vec::new(),
        Vec::new(),
    )
    .await
}

/// City approver: recorded under a number, the shares are owed.
pub(crate) async fn approve(
    context: &Context,
    caller: &Caller,
    ask: pb::ApproveRecordingRequest,
) -> Result<pb::Roster> {
    let (tenant, id) = names::parse_own(caller, &ask.name, "rosters")?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let act = unless_answered!(context.open_act(caller, tenant, key));
    let tx = &act.tx;
    let mut roster = in_state(tx, &ask.name, id, &[RosterState::Checked]).await?;
    if let Some(registrar) = &roster.checked_by {
        not_the_maker(caller, registrar)?;
    }
    sampled(tx, caller, &roster).await?;
    let cases = store::cases::on_roster(tx, roster.id).await?;
    as_checked(tx, &roster, &cases).await?;
    roster.state = RosterState::Recorded;
    roster.recorded_on = Some(context.today());
    roster.record_number = record_number(&roster);
    roster.revision += 1;
    store::rosters::update(tx, &roster).await?;
    let changes = moved(cases, &roster.record_number, |case| {
        case.happens(Step::Record)
    });
    let payload = Payload::RosterRecorded(RosterRecorded {
        roster: roster.name(),
        round: roster.round,
        total_fen: roster.total.fen(),
        record_number: roster.record_number.clone(),
    });
    let events = vec![(LEDGER, event(context.today(), payload))];
    finish(
        act,
        &roster,
        ("roster.record", "case.record", ""),
        changes,
        events,
    )
    .await
}

/// The number under which the city records it; what was recorded before and returned keeps its own.
fn record_number(roster: &Roster) -> String {
    let number = format!(
        "包卫备〔{}〕{}-{}-{}",
        roster.round,
        roster.tenant.as_str(),
        roster.programme.code(),
        roster.supplement
    );
    match roster.version {
        ..=1 => number,
        later => format!("{number}-{later}"),
    }
}

/// What is recorded is what the registrar checked: the lines as sealed, none of them struck off since, and
/// nobody wants it returned.
async fn as_checked(tx: &Tx, roster: &Roster, cases: &[Stored]) -> Result<()> {
    if roster.return_proposal.is_some() {
        let roster = roster.name();
        return Err(NotRecorded::ReturnProposed { roster }.into());
    }
    let lines = store::rosters::all_lines(tx, roster.id).await?;
    let standing = roster::standing(cases.iter().map(|it| &it.case));
    if roster::hash(roster, &lines) != roster.hash || standing != roster.checked_lines {
        let roster = roster.name();
        return Err(NotRecorded::ChangedSince { roster }.into());
    }
    Ok(())
}

/// F17, DYN-9: every sampled line was looked at and found in order, and not by the approver.
async fn sampled(tx: &Tx, caller: &Caller, roster: &Roster) -> Result<()> {
    let sample = store::samples::of(tx, roster.id).await?;
    let name = roster.name();
    if sample.is_empty() {
        return Err(NotRecorded::NotSampled { roster: name }.into());
    }
    let defect = |it: &&Sampled| it.result() == Some(SampleResult::Defect);
    if let Some(line) = sample.iter().find(defect) {
        let case = case::name(roster.tenant, line.case);
        return Err(NotRecorded::SampleDefect { roster: name, case }.into());
    }
    let open = sample.iter().filter(|it| it.finding.is_none()).count();
    if open > 0 {
        return Err(NotRecorded::SampleUnfinished { roster: name, open }.into());
    }
    for finding in sample.iter().filter_map(|it| it.finding.as_ref()) {
        not_the_maker(caller, &finding.by)?;
    }
    Ok(())
}

/// The cases go back to the county; the old roster stays, superseded. Ledger and disbursement
/// strike its lines off one by one. The round must be locked.
pub(super) async fn take_back(
    context: &Context,
    act: OpenAct<'_>,
    mut roster: Roster,
    cases: Vec<Stored>,
    defects: &str,
) -> Result<pb::Roster> {
    roster.state = RosterState::Superseded;
    roster.revision += 1;
    store::rosters::update(&act.tx, &roster).await?;
    let changes = moved(cases, &roster.name(), Case::unroster);
    let today = context.today();
    let mut events: Vec<OutgoingEvent> = Vec::with_capacity(2 * changes.len());
    for line in changes
        .iter()
        .filter_map(|it| line_terminated(&it.before, RETURNED))
    {
        for destination in [LEDGER, DISBURSEMENT] {
            let told = Payload::LineTerminated(line.clone());
            events.push((destination, event(today, told)));
        }
    }
    let told = ("roster.return", "case.unroster", defects);
    finish(act, &roster, told, changes, events).await
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
