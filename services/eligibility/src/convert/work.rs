//! Items of the work queue, and what it is narrowed to.

use time::Date;
use yuhui_kernel::dates;
use yuhui_platform::{Result, form::Form};
use yuhui_proto::{eligibility::v1::case, work::v1 as pb};

use super::{day, decision, domain_decision, domain_programme, programme, state};
use crate::{
    domain::turn::{Act, Item},
    store::work::Filter,
};

/// An item as its desk sees it, without what bars the caller.
pub(crate) fn item(it: &Item, today: Date) -> pb::WorkItem {
    let county = it.tenant.as_str();
    let act_by = it.days.act_by();
    let mut flags = Vec::new();
    if act_by.is_some_and(|by| by < today) {
        flags.push(pb::WorkFlag::Overdue.into());
    }
    if it.waits {
        flags.push(pb::WorkFlag::Waiting.into());
    }
    if it.contradicted {
        flags.push(pb::WorkFlag::Contradicted.into());
    }
    pb::WorkItem {
        name: format!("counties/{county}/workItems/{}", it.id()),
        object: format!("counties/{county}/{}/{}", it.collection.as_str(), it.object),
        act: act(it.act).into(),
        programme: it.programme.map(programme).unwrap_or_default().into(),
        round: it.round,
        village: it.village.to_string(),
        state: it.state.map_or(case::State::Unspecified, state).into(),
        decision: it.decision.map(decision).unwrap_or_default().into(),
        due_on: day(it.days.due_on),
        post_by_on: day(it.days.post_by),
        days_left: act_by.map_or(0, |by| by.to_julian_day() - today.to_julian_day()),
        not_before_on: day(it.days.not_before.filter(|it| *it > today)),
        since_on: day(it.since),
        flags,
        bar: None,
        title: String::new(),
    }
}

pub(crate) fn act(act: Act) -> pb::WorkAct {
    pb::WorkAct::from_str_name(&format!("WORK_ACT_{}", act.as_str())).unwrap_or_default()
}

fn domain_act(act: pb::WorkAct) -> Option<Act> {
    Act::parse(act.as_str_name().strip_prefix("WORK_ACT_")?)
}

/// What a queue is narrowed to.
pub(crate) fn filter(ask: &pb::WorkFilter) -> Result<Filter> {
    let mut form = Form::default();
    let due = ask.due.clone().unwrap_or_default();
    let due_from = form.date_or_none("filter.due.from_on", &due.from_on);
    let due_to = form.date_or_none("filter.due.to_on", &due.to_on);
    form.finish()?;
    let stands_out = |flag| ask.flags().any(|it| it == flag);
    Ok(Filter {
        acts: ask.acts().filter_map(domain_act).collect(),
        programmes: ask.programmes().filter_map(domain_programme).collect(),
        rounds: ask.rounds.clone(),
        decisions: ask.decisions().filter_map(domain_decision).collect(),
        units: ask.units.clone(),
        due_from: due_from.flatten(),
        due_to: due_to.flatten(),
        overdue: stands_out(pb::WorkFlag::Overdue),
        waits: stands_out(pb::WorkFlag::Waiting),
        contradicted: stands_out(pb::WorkFlag::Contradicted),
    })
}

/// How many there are by the day, seen from `today`.
pub(crate) fn buckets(counted: &[(Option<Date>, i64)], today: Date) -> pb::WorkBuckets {
    let left = 7 - i64::from(today.weekday().number_from_monday());
    let sunday = dates::add_days(today, left);
    let mut buckets = pb::WorkBuckets::default();
    for (on, count) in counted {
        let bucket = match on {
            None => &mut buckets.no_day,
            Some(on) if *on < today => &mut buckets.overdue,
            Some(on) if *on == today => &mut buckets.today,
            Some(on) if *on <= sunday => &mut buckets.this_week,
            Some(_) => &mut buckets.later,
        };
        *bucket += count;
    }
    buckets
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn every_act_has_its_place_in_the_contract() {
        for it in Act::ALL {
            assert_eq!(domain_act(act(*it)), Some(*it), "{it:?}");
        }
        assert_eq!(domain_act(pb::WorkAct::Unspecified), None);
    }

    #[test]
    fn a_week_ends_on_its_sunday() {
        // A Wednesday.
        let today = date!(2025 - 05 - 21);
        let counted = [
            (Some(date!(2025 - 05 - 20)), 1),
            (Some(today), 2),
            (Some(date!(2025 - 05 - 25)), 4),
            (Some(date!(2025 - 05 - 26)), 8),
            (None, 16),
        ];
        let told = buckets(&counted, today);
        let days = (told.overdue, told.today, told.this_week, told.later);
        assert_eq!((days, told.no_day), ((1, 2, 4, 8), 16));
        let sunday = buckets(&counted, date!(2025 - 05 - 25));
        assert_eq!((sunday.today, sunday.this_week, sunday.later), (4, 0, 8));
    }
}
