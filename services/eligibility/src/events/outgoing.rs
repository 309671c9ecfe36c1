//! What this service tells the others: constructors of its events.

use time::Date;
use yuhui_kernel::dates;
use yuhui_proto::internal::v1::{CaseContestable, Event, LineTerminated, event::Payload};

use crate::{
    convert,
    domain::{Case, roster},
};

/// An event of this service; the outbox adds id, county and source.
pub(crate) fn event(on: Date, payload: Payload) -> Event {
    Event {
        effective_on: dates::format(on),
        payload: Some(payload),
        ..Event::default()
    }
}

/// A case on a sealed roster will not be paid: its line, with the sum that was sealed.
pub(crate) fn line_terminated(case: &Case, reason: &str) -> Option<LineTerminated> {
    let (roster, amount) = case.roster.zip(case.rostered)?;
    Some(LineTerminated {
        case: case.name(),
        roster: roster::name(case.tenant, roster),
        programme: convert::programme(case.programme).into(),
        round: case.round,
        amount_fen: amount.fen(),
        reason: reason.into(),
    })
}

/// How long the decision on a case may be contested, for the ledger that reserves its money (C.8);
/// without a day for as long as its review is pending. `None` if nothing is reserved for it.
pub(crate) fn contestable(case: &Case, until: Option<Date>) -> Option<Payload> {
    case.is_reserved.then(|| {
        Payload::CaseContestable(CaseContestable {
            case: case.name(),
            until_on: until.map(dates::format).unwrap_or_default(),
        })
    })
}
