//! The county builds a roster and seals it (F16).

use std::{collections::BTreeSet, sync::Arc};

use time::Date;
use yuhui_kernel::{LinesDigest, Money};
use yuhui_platform::{
    Error, Result, caller::Caller, clock, db::Tx, idempotency::Key, refusal, unless_answered,
};
use yuhui_policy::{PolicyPack, Programme};
use yuhui_proto::{
    eligibility::v1 as pb,
    events::v1::{RosterSealed, event::Payload},
};

use super::{finish, in_state};
use crate::{
    context::Context,
    convert,
    domain::{
        State, Step, case,
        deadline::Year,
        roster::{self, Roster, RosterLine, RosterState},
    },
    events::outgoing::event,
    names::{self, DISBURSEMENT, LEDGER},
    reads::rosters::find,
    refusal::{Refused, fits, recording::NotRecorded, required},
    ritual::Change,
    separation::{hand, not_the_maker},
    store::{
        self,
        cases::{Filter, Stored},
    },
};

/// Confirmed cases of a programme that are on no roster: of the round, and those of earlier rounds
/// that came too late for their own (R-PRC-3).
async fn confirmed(
    today: &Today<'_>,
    tx: &Tx,
    programme: Programme,
    round: i32,
) -> Result<Vec<Stored>> {
    let filter = Filter {
        states: vec![State::Confirmed],
        programme: Some(programme),
        ..Filter::default()
    };
    let mut cases = store::cases::list(tx, &filter, None).await?;
    let mut joining = BTreeSet::from([round]);
    let earlier: BTreeSet<i32> = cases.iter().map(|it| it.case.round).collect();
    for earlier in earlier.into_iter().filter(|it| *it < round) {
        if today.is_closed(tx, earlier).await? {
            joining.insert(earlier);
        }
    }
    // Where nothing is due there is nothing to pay.
    cases.retain(|it| joining.contains(&it.case.round) && !it.case.amount().is_zero());
    Ok(cases)
}

/// Today, and the deadlines of today: read before the transaction, for which it is a second
/// connection.
struct Today<'a> {
    context: &'a Context,
    date: Date,
    pack: Arc<PolicyPack>,
}

impl<'a> Today<'a> {
    async fn of(context: &'a Context) -> Result<Self> {
        let date = context.today();
        let pack = context.pack_on(date).await?;
        Ok(Self {
            context,
            date,
            pack,
        })
    }

    /// Whether the batch of a round has gone out for good.
    async fn is_closed(&self, tx: &Tx, round: i32) -> Result<bool> {
        let released = store::deadlines::rounds::is_released(tx, round).await?;
        let year = Year {
            pack: &self.pack,
            calendar: self.context.calendar,
        };
        Ok(year.is_closed(round, released, self.date))
    }

    /// What is confirmed too late for a round joins the next.
    async fn must_be_open(&self, tx: &Tx, parent: &str, round: i32) -> Result<()> {
        if self.is_closed(tx, round).await? {
            let parent = parent.into();
            return Err(Refused::RoundClosed { parent, round }.into());
        }
        Ok(())
    }
}

/// Maker: counts and sums what is confirmed. Building again replaces what was not sealed.
pub(crate) async fn build(
    context: &Context,
    caller: &Caller,
    ask: pb::BuildRosterRequest,
) -> Result<pb::Roster> {
    let tenant = names::parse_parent(caller, &ask.parent)?;
    let programme = convert::domain_programme(ask.programme())
        .ok_or_else(|| refusal::invalid(vec![required("programme")]))?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let today = Today::of(context).await?;
    let act = unless_answered!(context.open_act(caller, tenant, key));
    let tx = &act.tx;
    store::rosters::lock_round(tx, ask.round).await?;
    today.must_be_open(tx, &ask.parent, ask.round).await?;
    let cases = confirmed(&today, tx, programme, ask.round).await?;
    if cases.is_empty() {
        return Err(Refused::NothingThere { parent: ask.parent }.into());
    }
    let lines: Vec<RosterLine> = cases.iter().map(|it| RosterLine::of(&it.case)).collect();
    let mut known = store::rosters::of(tx, programme, ask.round).await?;
    for earlier in known
        .iter_mut()
        .filter(|it| it.state == RosterState::Building)
    {
        earlier.state = RosterState::Superseded;
        earlier.revision += 1;
        store::rosters::update(tx, earlier).await?;
    }
    let (supplement, version) = roster::next_number(&known);
    let mut roster = Roster {
        id: clock::fresh_id(),
        tenant,
        revision: 1,
        programme,
        round: ask.round,
        supplement,
        version,
        state: RosterState::Building,
        line_count: i32::try_from(lines.len())
            .map_err(|_| Error::fault("a roster has too many lines"))?,
        total: Money::total(lines.iter().map(|it| it.amount))
            .ok_or_else(|| Error::fault("the total of a roster overflows"))?,
        hash: String::new(),
        built_by: hand(caller),
        checked_by: None,
        checked_lines: String::new(),
        return_proposal: None,
        record_number: String::new(),
        sealed_on: None,
        recorded_on: None,
    };
    roster.hash = roster::hash(&roster, &lines);
    store::rosters::insert(tx, &roster).await?;
    finish(
        act,
        &roster,
        ("roster.build", "", ""),
        Vec::new(),
        Vec::new(),
    )
    .await
}

/// Checker: freezes the lines, tells ledger and disbursement. What was confirmed, changed or
/// stopped since the roster was built makes it stale. The seed of the sample must be public (DYN-9).
pub(crate) async fn seal(
    context: &Context,
    caller: &Caller,
    ask: pb::SealRosterRequest,
) -> Result<pb::Roster> {
    let (tenant, id) = names::parse_own(caller, &ask.name, "rosters")?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let today = Today::of(context).await?;
    let act = unless_answered!(context.open_act(caller, tenant, key));
    let tx = &act.tx;
    let round = find(tx, &ask.name, id).await?.round;
    store::rosters::lock_round(tx, round).await?;
    let mut roster = in_state(tx, &ask.name, id, &[RosterState::Building]).await?;
    not_the_maker(caller, &roster.built_by)?;
    today.must_be_open(tx, &ask.name, roster.round).await?;
    if store::samples::seed(tx, roster.round).await?.is_none() {
        return Err(NotRecorded::NoSeed {
            round: roster.round,
        }
        .into());
    }
    let cases = confirmed(&today, tx, roster.programme, roster.round).await?;
    let lines: Vec<RosterLine> = cases.iter().map(|it| RosterLine::of(&it.case)).collect();
    if roster::hash(&roster, &lines) != roster.hash {
        return Err(Refused::RosterStale { roster: ask.name }.into());
    }
    let payees = cases.iter().map(|it| Ok(context.open(it)?.claimant_name));
    let payees: Vec<_> = payees.collect::<Result<_>>()?;
    store::rosters::freeze(tx, roster.id, &lines, &payees).await?;
    roster.state = RosterState::Sealed;
    roster.sealed_on = Some(today.date);
    roster.revision += 1;
    store::rosters::update(tx, &roster).await?;

    let mut digest = LinesDigest::of(&roster.name());
    for line in &lines {
        digest.add(&case::name(tenant, line.case), line.amount);
    }
    let mut changes = Vec::with_capacity(cases.len());
    let me = hand(caller);
    for stored in cases {
        let mut change = Change::of(stored.case);
        let case = &mut change.after;
        fits(case.step(Step::Roster, &me), case)?;
        case.roster = Some(roster.id);
        case.rostered = Some(case.amount());
        case.is_reserved = false;
        change.reason = roster.name();
        if case.round != roster.round {
            change.reason = format!("{}（由{}年度转入）", change.reason, case.round);
            case.round = roster.round;
        }
        changes.push(change);
    }
    let events = [LEDGER, DISBURSEMENT].map(|to| {
        let payload = RosterSealed {
            roster: roster.name(),
            programme: convert::programme(roster.programme).into(),
            round: roster.round,
            total_fen: roster.total.fen(),
            roster_hash: roster.hash.clone(),
            line_count: roster.line_count.into(),
            lines_digest: digest.hex().into(),
        };
        (to, event(today.date, Payload::RosterSealed(payload)))
    });
    finish(
        act,
        &roster,
        ("roster.seal", "case.roster", ""),
        changes,
        events.into(),
    )
    .await
}
