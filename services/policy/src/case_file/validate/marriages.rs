//! Marriages: between two living people, one at a time, and ended as they say.

use time::Date;

use super::{
    Case, Complaints,
    dates::{born, died_on, interval},
};
use crate::case_file::{EndedBy, Marriage};

pub(super) fn check(case: &Case, complaints: &mut Complaints<'_>) {
    for (index, marriage) in case.marriages.iter().enumerate() {
        wedding(case, marriage, complaints);
        ending(case, marriage, complaints);
        for earlier in case.marriages.iter().take(index) {
            let both = { marriage.spouses.iter() }.find(|id| earlier.spouses.contains(id));
            // A marriage is no longer in force on its last date: another may start that day.
            let together = end(case, earlier).is_none_or(|to| marriage.from < to)
                && end(case, marriage).is_none_or(|to| earlier.from < to);
            if let Some(person) = both
                && together
            {
                complaints.add(person, "marriages.from", "in two marriages at once");
            }
        }
    }
}

fn wedding(case: &Case, marriage: &Marriage, complaints: &mut Complaints<'_>) {
    let [one, other] = &marriage.spouses;
    if one == other {
        complaints.add(one, "marriages.spouses", "married to himself or herself");
    }
    for spouse in &marriage.spouses {
        born(case, spouse, "marriages.from", marriage.from, complaints);
        if let Some(died_on) = died_on(case, spouse)
            && died_on < marriage.from
        {
            let message = format!("married on {}, dead since {died_on}", marriage.from);
            complaints.add(spouse, "marriages.from", message);
        }
    }
}

fn ending(case: &Case, marriage: &Marriage, complaints: &mut Complaints<'_>) {
    let [one, other] = &marriage.spouses;
    interval(one, "marriages.to", marriage.from, marriage.to, complaints);
    let death = first_death(case, marriage);
    match (marriage.ended_by, marriage.to) {
        (Some(EndedBy::Death), None) if death.is_some() => {}
        (Some(_), None) => {
            let message = format!("the marriage to `{other}` has an end without a day");
            complaints.add(one, "marriages.ended_by", message);
        }
        (Some(EndedBy::Death), Some(to)) if death != Some(to) => {
            let died = death.map_or("nobody died".to_owned(), |on| {
                format!("the death was on {on}")
            });
            let message = format!("the marriage to `{other}` ended by death on {to}, but {died}");
            complaints.add(one, "marriages.ended_by", message);
        }
        (_, Some(to)) if death.is_some_and(|death| death < to) => {
            let message = format!("ends on {to}, after a spouse has died");
            complaints.add(one, "marriages.to", message);
        }
        _ => {}
    }
}

/// First day on which the marriage is over.
fn end(case: &Case, marriage: &Marriage) -> Option<Date> {
    marriage
        .to
        .into_iter()
        .chain(first_death(case, marriage))
        .min()
}

fn first_death(case: &Case, marriage: &Marriage) -> Option<Date> {
    let deaths = marriage.spouses.iter().filter_map(|id| died_on(case, id));
    deaths.min()
}
