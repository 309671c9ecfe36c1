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
    facts::{Adoption, Born, Delivery, Institution},
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
    pub(crate) birth: Option<(&'a Delivery, &'a Born)>,
    /// Birth date, from the best register that knows it.
    pub(crate) born_on: Option<Date>,
    /// The adoption in force on the day of lodging.
    pub(crate) adoption: Option<&'a Adoption>,
    /// Parents on the day of lodging.
    pub(crate) parents: Parents<'a>,
    /// County of the child's hukou on the day of lodging.
    pub(crate) child_county: Option<DivisionCode>,
    /// What the claimant is to the child on the day of lodging (R-P1-12).
    pub(crate) stand: Stand,
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
        let birth = birth_of(facts, &claim.subject);
        let round = dates::round_of(case.pack, case.calendar, claim);
        let lodging_round = dates::family_round(case.pack, case.calendar, claim.lodged_on);
        let year = claim.subsidy_year.unwrap_or(lodging_round - 1);
        let born_on = birth
            .map(|(_, born)| born.born_on)
            .or_else(|| {
                let mut persons = facts.persons.iter();
                let person = persons.find(|person| person.id == claim.subject)?;
                Some(person.born_on)
            })
            .or_else(|| {
                let stays = facts.enrolments.iter();
                stays
                    .filter(|stay| stay.child == claim.subject)
                    .map(|stay| stay.born_on)
                    .min()
            });
        let adoption = on_day::adoption(facts, &claim.subject, claim.lodged_on);
        Self {
            case,
            birth,
            born_on,
            adoption,
            parents: parents_on(facts, &claim.subject, claim.lodged_on),
            child_county: case.hukou(&claim.subject, claim.lodged_on),
            stand: standing::of_claimant(&case),
            order: birth
                .filter(|(_, born)| adoption.is_none() && born.live)
                .map(|birth| birth_order::order_of(&case, birth)),
            year,
            round,
        }
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
                county: claim.county,
                day: claim.lodged_on,
            },
            year: claim.subsidy_year.unwrap_or(round - 1),
            round,
        }
    }
}

/// The record of an institution.
pub(crate) fn institution_of<'a>(facts: &'a Facts, id: &str) -> Option<&'a Institution> {
    facts.institutions.iter().find(|entry| entry.id == id)
}
