//! Marriages: between two living people, one at a time, and ended as they say.

use time::Date;

use super::{
    Findings, List, Marriage, Part, Place, Records, Rule,
    lives::{Lives, runs_forward},
    overlap,
};
use crate::{Sex, dates};

/// Age of marriage of a woman (Civil Code 1047).
const WOMAN_YEARS: i32 = 20;
/// Age of marriage of a man, and of somebody whose sex is not told.
const MAN_YEARS: i32 = 22;

pub(super) fn check<'a>(records: &Records<'a>, lives: &Lives<'a>, found: &mut Findings<'a>) {
    for (at, marriage) in records.marriages.iter().enumerate() {
        wedding(at, marriage, lives, found);
        ending(at, marriage, lives, found);
    }
    let periods = records.marriages.iter().enumerate();
    let periods = periods.flat_map(|(at, it)| {
        let to = end(it, lives);
        it.spouses.map(|of| overlap::Period {
            of,
            from: it.from,
            to,
            at,
        })
    });
    for (one, other) in overlap::half_open(periods.collect()) {
        // Of one person married to himself enough is said.
        if one.at == other.at {
            continue;
        }
        let text = (
            format!("同时有两段婚姻：{}起与{}起", other.from, one.from),
            format!(
                "in two marriages at once, from {} and from {}",
                other.from, one.from
            ),
        );
        let place = |at| Place::of(List::Marriages, at, Part::From);
        let rule = Rule::MarriagesOverlap;
        found.add(rule, one.of, place(one.at), Some(place(other.at)), text);
    }
}

fn wedding<'a>(at: usize, marriage: &Marriage<'a>, lives: &Lives<'a>, found: &mut Findings<'a>) {
    let place = Place::of(List::Marriages, at, Part::From);
    let [one, other] = marriage.spouses;
    if one == other {
        let place = Place::of(List::Marriages, at, Part::Spouses);
        let text = ("夫妻不能为同一人", "married to himself or herself");
        found.add(Rule::OneSpouse, one, place, None, text);
    }
    for spouse in marriage.spouses {
        lives.must_be_born(found, spouse, marriage.from, place);
        lives.must_be_alive(found, spouse, marriage.from, place);
        let Some(life) = lives.of_person(spouse) else {
            continue;
        };
        let years = match life.sex {
            Some((Sex::Female, _)) => WOMAN_YEARS,
            Some((Sex::Male, _)) | None => MAN_YEARS,
        };
        let (born_on, other) = life.born;
        let of_age = dates::add_years(born_on, years);
        if life.sex.is_some() && born_on <= marriage.from && marriage.from < of_age {
            let text = (
                format!("结婚时不满{years}周岁"),
                format!(
                    "born on {born_on}, married on {}, before {years}",
                    marriage.from
                ),
            );
            found.add(Rule::MarriedYoung, spouse, place, Some(other), text);
        }
    }
}

fn ending<'a>(at: usize, marriage: &Marriage<'a>, lives: &Lives<'a>, found: &mut Findings<'a>) {
    let [one, _] = marriage.spouses;
    let period = (List::Marriages, at);
    runs_forward(found, one, period, marriage.from, marriage.to);
    let death = first_death(marriage, lives);
    let ended_by = Place::of(List::Marriages, at, Part::EndedBy);
    let Some(to) = marriage.to else {
        if marriage.by_death && death.is_none() {
            let text = (
                "因死亡终止，但没有死亡记录",
                "ended by a death nobody recorded",
            );
            found.add(Rule::DeathUnknown, one, ended_by, None, text);
        }
        return;
    };
    match death {
        None if marriage.by_death => {
            let text = (
                format!("{to}因死亡终止，但没有死亡记录"),
                format!("ended by death on {to}, but nobody died"),
            );
            found.add(Rule::DeathUnknown, one, ended_by, None, text);
        }
        Some((died_on, other)) if marriage.by_death && died_on != to => {
            let text = (
                format!("{to}因死亡终止，死亡日期为{died_on}"),
                format!("ended by death on {to}, but the death was on {died_on}"),
            );
            found.add(Rule::EndNotDeath, one, ended_by, Some(other), text);
        }
        Some((died_on, other)) if died_on < to => {
            let text = (
                format!("{to}终止，晚于配偶死亡{died_on}"),
                format!("ends on {to}, after a spouse has died on {died_on}"),
            );
            let place = Place::of(List::Marriages, at, Part::To);
            found.add(Rule::EndNotDeath, one, place, Some(other), text);
        }
        _ => {}
    }
}

/// First day on which the marriage is over.
fn end(marriage: &Marriage<'_>, lives: &Lives<'_>) -> Option<Date> {
    let death = first_death(marriage, lives).map(|(on, _)| on);
    marriage.to.into_iter().chain(death).min()
}

fn first_death(marriage: &Marriage<'_>, lives: &Lives<'_>) -> Option<(Date, Place)> {
    let deaths = marriage.spouses.iter().filter_map(|id| lives.died(id));
    deaths.min_by_key(|(on, _)| *on)
}
