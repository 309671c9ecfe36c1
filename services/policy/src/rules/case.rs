//! What the rules of one case look at.

use time::Date;
use yuhui_kernel::{Calendar, DivisionCode, dates::format_chinese};

use super::{
    birth_order::{self, Order},
    clauses::{self, Clause},
    dates, on_day,
    standing::{self, Stand},
};
use crate::{
    Claim, Facts, PolicyPack, Programme, Progress,
    facts::{Adoption, Born, Delivery, FactKind, Institution, Known, Unknown},
    pack::Parameters,
};

/// The law, the facts and the claim.
#[derive(Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) pack: &'a PolicyPack,
    pub(crate) calendar: &'a Calendar,
    pub(crate) facts: &'a Facts,
    pub(crate) claim: &'a Claim,
    pub(crate) progress: &'a Progress,
}

impl<'a> Case<'a> {
    pub(crate) const fn p(&self) -> &'a Parameters {
        &self.pack.parameters
    }

    /// County of the hukou of a person on `day`, if it is known.
    pub(crate) fn hukou_known(&self, person: &str, day: Date) -> Known<Option<DivisionCode>> {
        on_day::hukou_known(self.facts, person, day, self.p().hukou_gap_days)
    }

    /// The same; of the dead, on the day of death.
    pub(crate) fn last_hukou_known(&self, person: &str, day: Date) -> Known<Option<DivisionCode>> {
        on_day::last_hukou_known(self.facts, person, day, self.p().hukou_gap_days)
    }

    /// County of the hukou of a person on `day`.
    pub(crate) fn hukou(&self, person: &str, day: Date) -> Option<DivisionCode> {
        on_day::hukou(self.facts, person, day, self.p().hukou_gap_days)
    }

    /// The same; of the dead, on the day of death.
    pub(crate) fn last_hukou(&self, person: &str, day: Date) -> Option<DivisionCode> {
        on_day::last_hukou(self.facts, person, day, self.p().hukou_gap_days)
    }

    /// R-DAT-9 in words, of those who were between two Baotou entries on `day`; empty of nobody.
    pub(crate) fn told_moves<'p>(
        &self,
        persons: impl IntoIterator<Item = &'p str>,
        day: Date,
    ) -> String {
        let gap_days = self.p().hukou_gap_days;
        let moves = persons
            .into_iter()
            .filter_map(|person| on_day::move_on(self.facts, person, day, gap_days));
        let told = moves.map(|it| {
            format!(
                "{}至{}为市内迁移的登记间隔，按迁出旗县区户籍认定。",
                format_chinese(it.first_day),
                format_chinese(it.last_day)
            )
        });
        told.collect()
    }

    /// The clause that grants the subsidy.
    pub(crate) const fn grant(&self) -> Clause {
        match self.claim.programme {
            Programme::N1 => clauses::ORGANISATION,
            Programme::P1 => clauses::P1_GRANT,
            Programme::P2 => clauses::P2_GRANT,
            Programme::P3 => clauses::P3_GRANT,
            Programme::P4 => clauses::P4_GRANT,
        }
    }
}

/// The parents of a child: by birth, or by adoption from its day on.
pub(crate) type Parents<'a> = [Option<&'a str>; 2];

/// A claim for one child (P1, P2).
#[derive(Clone, Copy)]
pub(crate) struct Family<'a> {
    pub(crate) case: Case<'a>,
    /// The child's delivery, if maternity knows it.
    pub(crate) birth: Known<Option<(&'a Delivery, &'a Born)>>,
    /// Birth date, from the best register that knows it.
    pub(crate) born_on: Known<Option<Date>>,
    /// The adoption in force on the day of lodging.
    pub(crate) adoption: Known<Option<&'a Adoption>>,
    /// Parents on the day of lodging.
    pub(crate) parents: Known<Parents<'a>>,
    /// County of the child's hukou on the day of lodging.
    pub(crate) child_county: Known<Option<DivisionCode>>,
    /// What the claimant is to the child on the day of lodging (R-P1-12).
    pub(crate) stand: Known<Stand>,
    /// Place of the child among the couple's births (R-ORD); none of an adopted or stillborn child.
    pub(crate) order: Option<Order>,
    /// P2: the subsidy year.
    pub(crate) year: i32,
    /// R-DAT-5.
    pub(crate) round: i32,
}

impl<'a> Family<'a> {
    pub(crate) fn new(case: Case<'a>) -> Self {
        let Case { facts, claim, .. } = case;
        let child = claim.subject.as_str();
        let birth = birth_known(facts, child);
        let round = dates::round_of(case.pack, case.calendar, claim);
        let lodging_round = dates::family_round(case.pack, case.calendar, claim.lodged_on);
        let year = claim.subsidy_year.unwrap_or(lodging_round - 1);
        let adoption = on_day::adoption_known(facts, child, claim.lodged_on);
        let own = birth.ok().flatten();
        let adopted = adoption.ok().flatten().is_some();
        Self {
            case,
            birth,
            born_on: born_on(facts, child, birth),
            adoption,
            parents: parents_known(facts, child, claim.lodged_on),
            child_county: case.hukou_known(child, claim.lodged_on),
            stand: standing::of_claimant(&case),
            order: own
                .filter(|(_, born)| !adopted && born.live)
                .map(|birth| birth_order::order_of(&case, birth)),
            year,
            round,
        }
    }

    /// County of the child's hukou on the day of lodging, as far as it is known.
    pub(crate) fn county(&self) -> Option<DivisionCode> {
        self.child_county.ok().flatten()
    }

    /// Birth date, as far as it is known.
    pub(crate) fn birth_date(&self) -> Option<Date> {
        self.born_on.ok().flatten()
    }

    /// The parents, as far as they are known.
    pub(crate) fn known_parents(&self) -> Parents<'a> {
        self.parents.unwrap_or_default()
    }

    /// Whether the child is known to be adopted.
    pub(crate) fn is_adopted(&self) -> bool {
        self.adoption.ok().flatten().is_some()
    }

    pub(crate) const fn is_p1(&self) -> bool {
        matches!(self.case.claim.programme, Programme::P1)
    }

    /// The rule id, or the clause, that P1 or P2 has for the same condition.
    pub(crate) const fn either<T: Copy>(&self, p1: T, p2: T) -> T {
        if self.is_p1() { p1 } else { p2 }
    }

    /// The last day of the P2 window of the subsidy year (R-P2-2).
    pub(crate) fn p2_window_close(&self) -> Date {
        dates::p2_window_close(self.case.pack, self.case.calendar, self.year)
    }
}

/// The delivery of a child, unless it may be missing.
pub(crate) fn birth_known<'a>(
    facts: &'a Facts,
    child: &str,
) -> Known<Option<(&'a Delivery, &'a Born)>> {
    match (
        birth_of(facts, child),
        facts.missing(FactKind::Birth, child),
    ) {
        (None, Some(unknown)) => Err(unknown),
        (birth, _) => Ok(birth),
    }
}

/// The birth date, from the best register that knows it: the citizen number holds it too, which no
/// silence of maternity hides; what a nursery was told does not stand in for a register.
fn born_on(
    facts: &Facts,
    child: &str,
    birth: Known<Option<(&Delivery, &Born)>>,
) -> Known<Option<Date>> {
    if let Ok(Some((_, born))) = birth {
        return Ok(Some(born.born_on));
    }
    let mut persons = facts.persons.iter();
    if let Some(person) = persons.find(|person| person.id == child) {
        return Ok(Some(person.born_on));
    }
    birth?;
    if let Some(unknown) = facts.missing(FactKind::Person, child) {
        return Err(unknown);
    }
    let stays = facts.enrolments.iter();
    let told = stays.filter(|stay| stay.child == child);
    Ok(told.map(|stay| stay.born_on).min())
}

/// [`parents_on`], unless a birth, an adoption, or the marriage of who adopts alone may be missing.
pub(crate) fn parents_known<'a>(facts: &'a Facts, child: &str, day: Date) -> Known<Parents<'a>> {
    let parents = parents_on(facts, child, day);
    let Some(adoption) = on_day::adoption_known(facts, child, day)? else {
        birth_known(facts, child)?;
        return Ok(parents);
    };
    if let [only] = adoption.adopters.as_slice()
        && let [_, None] = parents
    {
        let natural = birth_known(facts, child)?.map(|(delivery, _)| delivery);
        let natural = natural.map(|it| [Some(it.mother.as_str()), it.father.as_deref()]);
        for parent in natural.into_iter().flatten().flatten() {
            on_day::married_known(facts, parent, only, adoption.on)?;
        }
    }
    Ok(parents)
}

/// The delivery of a child.
pub(crate) fn birth_of<'a>(facts: &'a Facts, child: &str) -> Option<(&'a Delivery, &'a Born)> {
    facts.births.iter().find_map(|delivery| {
        let born = delivery.children.iter().find(|born| born.id == child)?;
        Some((delivery, born))
    })
}

/// The parents on `day`: the adopters from the adoption on, otherwise those of the birth. Who
/// adopts the child of his spouse alone leaves the spouse a parent.
pub(crate) fn parents_on<'a>(facts: &'a Facts, child: &str, day: Date) -> Parents<'a> {
    let natural = birth_of(facts, child).map_or([None, None], |(delivery, _)| {
        [Some(delivery.mother.as_str()), delivery.father.as_deref()]
    });
    let Some(adoption) = on_day::adoption(facts, child, day) else {
        return natural;
    };
    match adoption.adopters.as_slice() {
        [] => natural,
        [only] => {
            let spouse = natural
                .into_iter()
                .flatten()
                .find(|parent| on_day::married(facts, parent, only, adoption.on));
            [Some(only), spouse]
        }
        several => [several.iter().min(), several.iter().max()].map(|id| id.map(String::as_str)),
    }
}

/// An institution on a day: what R-P3-1 to R-P3-3 look at.
#[derive(Clone, Copy)]
pub(crate) struct Premises<'a> {
    pub(crate) p: &'a Parameters,
    pub(crate) programme: Programme,
    pub(crate) institution: Option<&'a Institution>,
    /// What may be missing of its record up to that day.
    pub(crate) missing: Option<Unknown>,
    /// County of lodging.
    pub(crate) county: DivisionCode,
    /// The day the conditions are tested.
    pub(crate) day: Date,
}

impl Premises<'_> {
    /// The rule id, or the clause, that P3 or P4 has for the same condition.
    pub(crate) const fn either<T: Copy>(&self, p3: T, p4: T) -> T {
        match self.programme {
            Programme::P4 => p4,
            _ => p3,
        }
    }

    /// The day of a record that existed on the day of the test.
    pub(crate) fn by_then(&self, record: Option<Date>) -> Option<Date> {
        record.filter(|recorded_on| *recorded_on <= self.day)
    }
}

/// A claim of one institution (P3, P4).
#[derive(Clone, Copy)]
pub(crate) struct Site<'a> {
    pub(crate) case: Case<'a>,
    pub(crate) premises: Premises<'a>,
    /// P3: the subsidy year.
    pub(crate) year: i32,
    /// R-DAT-6.
    pub(crate) round: i32,
}

impl<'a> Site<'a> {
    pub(crate) fn new(case: Case<'a>) -> Self {
        let claim = case.claim;
        let round = dates::institution_round(case.pack, case.calendar, claim.lodged_on);
        Self {
            case,
            premises: Premises {
                p: case.p(),
                programme: claim.programme,
                institution: institution_of(case.facts, &claim.subject),
                missing: missing_of(case.facts, &claim.subject, claim.lodged_on),
                county: claim.county,
                day: claim.lodged_on,
            },
            year: claim.subsidy_year.unwrap_or(round - 1),
            round,
        }
    }
}

/// What may be missing of the record of an institution up to a day.
pub(crate) fn missing_of(facts: &Facts, id: &str, day: Date) -> Option<Unknown> {
    facts.missing_by(FactKind::Institution, id, day)
}

/// The record of an institution.
pub(crate) fn institution_of<'a>(facts: &'a Facts, id: &str) -> Option<&'a Institution> {
    facts.institutions.iter().find(|entry| entry.id == id)
}
