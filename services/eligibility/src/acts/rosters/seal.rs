//! The county seals a roster (F16, checker): freezes the lines, tells ledger and disbursement. What was
//! confirmed, changed or stopped since the roster was built makes it stale. The seed of the sample must be
//! public (DYN-9).
//!
//! First the confirmed cases are counted again, and must be what was built; from then on none of them
//! changes ([`crate::ritual::Writer`] sees to it) until all are on the roster.

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use yuhui_kernel::LinesDigest;
use yuhui_platform::{
    Error, Result,
    caller::Caller,
    db::Tx,
    idempotency::Key,
    operations::{At, Next, Slice, Work},
};
use yuhui_proto::{
    eligibility::v1 as pb,
    internal::v1::{RosterSealed, event::Payload},
};

use super::{
    Asked, at_work, begin, begun,
    confirmed::{Rounds, Today, confirmed},
    look_on, printed, set_operation, write,
};
use crate::{
    context::Context,
    convert,
    domain::{
        Step, case,
        roster::{LinesHash, Roster, RosterLine, RosterState},
        summary::{Sum, Summary},
    },
    events::outgoing::event,
    gate::roster::RosterDeed,
    names::{self, DISBURSEMENT, LEDGER},
    reads::rosters::find,
    refusal::{Refused, fits, recording::NotRecorded},
    ritual::{Change, OutgoingEvent},
    separation::hand,
    store::{self, cases::Stored},
};

pub(crate) async fn seal(
    context: &Context,
    caller: &Caller,
    ask: pb::SealRosterRequest,
) -> Result<pb::SealRosterResponse> {
    let (tenant, id) = names::parse_own(caller, &ask.name, "rosters")?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let asked = Asked {
        name: ask.name,
        id,
        words: String::new(),
        etag: ask.etag,
    };
    let answer = |roster, operation| pb::SealRosterResponse { roster, operation };
    let whose = (caller, tenant, id);
    begin(context, Seal(context.clone()), whose, (key, asked), answer).await
}

/// The work of [`seal`].
pub(crate) struct Seal(pub(crate) Context);

/// Where it stands.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) enum Place {
    /// Nothing is looked at yet.
    #[default]
    Start,
    /// Counting what is confirmed.
    Counting(Rounds, Counted),
    /// Putting it on the roster.
    Taking(Rounds, Taken),
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Counted {
    after: Option<Uuid>,
    hash: LinesHash,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Taken {
    after: Option<Uuid>,
    /// Lines on the roster.
    lines: i64,
    hash: LinesHash,
    /// What those who pay compare, see [`LinesDigest`].
    digest: String,
    /// What the lines come to; none of a sealing that began before that was kept.
    #[serde(default)]
    summary: Option<Summary>,
}

#[async_trait::async_trait]
impl Work for Seal {
    type Ask = Asked;
    type Place = Place;
    type Ready = Today;
    const METHOD: &'static str = "SealRoster";

    async fn prepare(&self, _: &At<'_, Self>) -> Result<Today> {
        Today::of(&self.0).await
    }

    async fn apply(&self, at: &At<'_, Self>, tx: &Tx, today: Today) -> Result<Slice<Place>> {
        let (is_first, mut roster, rounds, counted) = match at.place.clone() {
            Place::Taking(rounds, taken) => {
                let roster = at_work(tx, at.ask.id, at.operation).await?;
                return self.take(at, tx, (roster, false), (rounds, taken)).await;
            }
            Place::Counting(rounds, counted) => {
                let roster = at_work(tx, at.ask.id, at.operation).await?;
                (false, roster, rounds, counted)
            }
            Place::Start => {
                let (roster, rounds) = self.start(at, tx, &today).await?;
                let hash = LinesHash::of(&roster);
                (true, roster, rounds, Counted { after: None, hash })
            }
        };
        let next = count(at, tx, &roster, (&rounds, counted)).await?;
        if matches!(next, Next::Done) {
            let taken = Taken {
                after: None,
                lines: 0,
                hash: LinesHash::of(&roster),
                digest: LinesDigest::of(&roster.name()).hex().into(),
                summary: Some(Summary::default()),
            };
            return self.take(at, tx, (roster, is_first), (rounds, taken)).await;
        }
        roster.state = match next {
            Next::More(_) => RosterState::Sealing,
            _ => RosterState::Building,
        };
        look_on((&self.0, tx), &mut roster, (is_first, at.operation), next).await
    }
}

impl Seal {
    async fn start(&self, at: &At<'_, Self>, tx: &Tx, today: &Today) -> Result<(Roster, Rounds)> {
        let name = &at.ask.name;
        let Roster {
            round, programme, ..
        } = find(tx, name, at.ask.id).await?;
        store::rosters::lock_round(tx, round).await?;
        store::rosters::lock_sealing(tx, programme).await?;
        let roster = begun(tx, at.caller, RosterDeed::Seal, at.ask).await?;
        today.must_be_open(&self.0, tx, name, round).await?;
        if store::samples::seed(tx, round).await?.is_none() {
            return Err(NotRecorded::NoSeed { round }.into());
        }
        let rounds = today.rounds(&self.0, tx, programme, round).await?;
        Ok((roster, rounds))
    }

    async fn take(
        &self,
        at: &At<'_, Self>,
        tx: &Tx,
        (mut roster, is_first): (Roster, bool),
        (rounds, mut taken): (Rounds, Taken),
    ) -> Result<Slice<Place>> {
        let Self(context) = self;
        let page = (taken.after, at.slice);
        let (cases, more) = confirmed(tx, roster.programme, &rounds, page).await?;
        let lines: Vec<RosterLine> = cases.iter().map(|it| RosterLine::of(&it.case)).collect();
        let summary = taken.summary.as_mut();
        let payees = printed::lines(context, tx, &roster, &cases, summary).await?;
        store::rosters::freeze(tx, roster.id, taken.lines, &lines, &payees).await?;
        let mut digest = LinesDigest::resumed(taken.digest);
        for line in &lines {
            taken.hash.add(line);
            digest.add(&case::name(at.tenant, line.case), line.amount);
        }
        taken.digest = digest.hex().into();
        let lines_taken = super::count(&lines);
        taken.lines += lines_taken;
        let changes = changes(at, &roster, cases)?;
        let mut events = Vec::new();
        let next = if more.is_some() {
            taken.after = more;
            if is_first {
                roster.state = RosterState::Sealing;
                set_operation((&self.0, tx), &mut roster, at.operation).await?;
            }
            Next::More(Place::Taking(rounds, taken))
        } else {
            if taken.hash.hex() != roster.hash {
                return Err(Error::fault("a case changed while its roster was sealed"));
            }
            if let Some(summary) = taken.summary.take() {
                must_reconcile(&roster, &summary)?;
                roster.summary = summary;
            }
            roster.state = RosterState::Sealed;
            roster.sealed_on = Some(context.today());
            set_operation((&self.0, tx), &mut roster, "").await?;
            events = told(context, &roster, &taken);
            Next::Done
        };
        let words = ("roster.seal", "case.roster", "");
        write((context, at, tx), &roster, words, changes, events).await?;
        Ok(Slice {
            total: Some(roster.line_count.into()),
            done: lines_taken,
            items: Vec::new(),
            next,
        })
    }
}

/// Lines and sum of the summary are those of the roster, and its columns add up (E, checks on every roster and summary).
fn must_reconcile(roster: &Roster, summary: &Summary) -> Result<()> {
    let lines = Sum {
        lines: roster.line_count.into(),
        amount: roster.total,
    };
    match summary.total() {
        Some(total) if total.sum == lines && total.adds_up() => Ok(()),
        _ => Err(Error::fault("a summary is not the sum of its roster")),
    }
}

/// `Done` once everything is counted and is what was built.
async fn count(
    at: &At<'_, Seal>,
    tx: &Tx,
    roster: &Roster,
    (rounds, Counted { after, mut hash }): (&Rounds, Counted),
) -> Result<Next<Place>> {
    let (cases, more) = confirmed(tx, roster.programme, rounds, (after, at.slice)).await?;
    for stored in &cases {
        hash.add(&RosterLine::of(&stored.case));
    }
    Ok(match more {
        _ if at.is_cancelling => Next::Cancelled,
        Some(_) => {
            let counted = Counted { after: more, hash };
            Next::More(Place::Counting(rounds.clone(), counted))
        }
        None if hash.hex() == roster.hash => Next::Done,
        None => {
            let roster = roster.name();
            Next::Failed(Refused::RosterStale { roster }.into())
        }
    })
}

fn changes(at: &At<'_, Seal>, roster: &Roster, cases: Vec<Stored>) -> Result<Vec<Change>> {
    let me = hand(at.caller);
    let changes = cases.into_iter().map(|stored| {
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
        Ok(change)
    });
    changes.collect()
}

/// Those who account for it and pay it.
fn told(context: &Context, roster: &Roster, taken: &Taken) -> Vec<OutgoingEvent> {
    let events = [LEDGER, DISBURSEMENT].map(|to| {
        let payload = RosterSealed {
            roster: roster.name(),
            programme: convert::programme(roster.programme).into(),
            round: roster.round,
            total_fen: roster.total.fen(),
            roster_hash: roster.hash.clone(),
            line_count: roster.line_count.into(),
            lines_digest: taken.digest.clone(),
        };
        (to, event(context.today(), Payload::RosterSealed(payload)))
    });
    events.into()
}
