//! Counts of cases.

use yuhui_platform::{Error, Result};
use yuhui_policy::{Decision, Programme};
use yuhui_proto::eligibility::v1 as pb;

use super::{decision, programme, state};
use crate::{
    domain::State,
    store::case_list::{Count, Dimension},
};

/// By what is asked.
pub(crate) fn dimension(of: pb::CaseDimension) -> Option<Dimension> {
    Some(match of {
        pb::CaseDimension::Programme => Dimension::Programme,
        pb::CaseDimension::State => Dimension::State,
        pb::CaseDimension::Decision => Dimension::Decision,
        pb::CaseDimension::Reason => Dimension::Reason,
        pb::CaseDimension::Township => Dimension::Township,
        pb::CaseDimension::Village => Dimension::Village,
        pb::CaseDimension::MonthLodged => Dimension::MonthLodged,
        pb::CaseDimension::MonthDecided => Dimension::MonthDecided,
        pb::CaseDimension::Unspecified => return None,
    })
}

/// A line, with its number if that is told.
pub(crate) fn count(it: Count, told: bool) -> Result<pb::CaseCount> {
    Ok(pb::CaseCount {
        county: it.county,
        programme: known(&it.programme, Programme::from_code)?
            .map(programme)
            .unwrap_or_default()
            .into(),
        state: known(&it.state, State::parse)?
            .map_or(pb::case::State::Unspecified, state)
            .into(),
        cases: told.then_some(it.cases),
        decision: known(&it.decision, Decision::parse)?
            .map(decision)
            .unwrap_or_default()
            .into(),
        reason: it.reason,
        unit: it.unit,
        month_lodged: it.month_lodged,
        month_decided: it.month_decided,
    })
}

/// What a column says, if it says anything.
fn known<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>> {
    if text.is_empty() {
        return Ok(None);
    }
    let read = parse(text).ok_or_else(|| Error::fault("a case has an unreadable column"))?;
    Ok(Some(read))
}
