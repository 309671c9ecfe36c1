//! How many claims stand where, told to everybody.

use std::collections::BTreeMap;

use yuhui_platform::{Error, Result, caller::Caller};
use yuhui_policy::Programme;
use yuhui_proto::portal::v1::{self as pb, public_count::Group};

use crate::{
    context::Context,
    convert,
    domain::{State, suppression::told},
    names::tenancy,
    store::case_list::{self, Dimension},
};

/// Groups, as they are told.
const GROUPS: [Group; 5] = [
    Group::UnderWay,
    Group::Confirmed,
    Group::Paid,
    Group::NotPaid,
    Group::Archived,
];

/// More lines than counties, programmes and states make.
const LINES: u64 = 100_000;

/// The group of a state; what is not lodged is nobody's to know.
const fn group(state: State) -> Option<Group> {
    Some(match state {
        State::Draft => return None,
        State::Lodged
        | State::VReview
        | State::VNotice
        | State::TReview
        | State::TNotice
        | State::CReview
        | State::CNotice
        | State::Returned
        | State::Inquiry
        | State::Referred
        | State::Hold => Group::UnderWay,
        State::Confirmed
        | State::Rostered
        | State::Recorded
        | State::Funded
        | State::InPayment
        | State::PayFailed => Group::Confirmed,
        State::Paid => Group::Paid,
        State::NotAccepted
        | State::Rejected
        | State::Withdrawn
        | State::Terminated
        | State::Recovering
        | State::Recovered
        | State::WrittenOff => Group::NotPaid,
        State::Closed => Group::Archived,
    })
}

/// Counts of a round.
pub(crate) async fn get(
    context: &Context,
    caller: &Caller,
    ask: pb::GetPublicStatisticsRequest,
) -> Result<pb::GetPublicStatisticsResponse> {
    let tenancy = tenancy(caller, &ask.parent)?;
    let tx = context.db.read(tenancy).await?;
    let mut rows: BTreeMap<(String, i32), [i64; GROUPS.len()]> = BTreeMap::new();
    let by = [Dimension::Programme, Dimension::State];
    for count in case_list::count(&tx, ask.round, &by, LINES).await? {
        let unreadable = || Error::fault("a case has an unreadable programme or state");
        let group = group(State::parse(&count.state).ok_or_else(unreadable)?);
        let place = GROUPS.iter().position(|it| group == Some(*it));
        let programme = Programme::from_code(&count.programme).ok_or_else(unreadable)?;
        let programme = convert::programme(programme).into();
        if let Some(place) = place {
            let row = rows.entry((count.county, programme)).or_default();
            if let Some(cell) = row.get_mut(place) {
                *cell += count.cases;
            }
        }
    }
    let counts = rows.into_iter().map(|((county, programme), row)| {
        let told = told(&row);
        let counts = GROUPS.iter().zip(told.counts);
        pb::PublicCounts {
            county,
            programme,
            counts: counts
                .map(|(group, claims)| pb::PublicCount {
                    group: (*group).into(),
                    claims,
                })
                .collect(),
            total: told.total,
        }
    });
    Ok(pb::GetPublicStatisticsResponse {
        counts: counts.collect(),
    })
}
