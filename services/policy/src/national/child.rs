//! What the rules of one claim look at.

use time::Date;
use yuhui_kernel::DivisionCode;

use super::{NationalPack, Parameters, standing};
use crate::{
    Claim, Facts, Progress,
    facts::{Adoption, Born, Delivery, FactKind, Known, NationalPayment, OtherClaim, Unknown},
    rules::{
        case::{Parents, birth_of, parents_on},
        on_day,
        standing::Stand,
    },
};

/// The law, the facts, the claim, and the child on the day of lodging.
#[derive(Clone, Copy)]
pub(super) struct Child<'a> {
    pub(super) pack: &'a NationalPack,
    pub(super) facts: &'a Facts,
    pub(super) claim: &'a Claim,
    pub(super) progress: &'a Progress,
    /// The child's live birth, if maternity knows it.
    pub(super) birth: Option<(&'a Delivery, &'a Born)>,
    /// Birth date, from the best register that knows it.
    pub(super) born_on: Option<Date>,
    /// The adoption in force.
    pub(super) adoption: Option<&'a Adoption>,
    pub(super) parents: Parents<'a>,
    /// County of the hukou; of a dead child, on the day of death.
    pub(super) county: Known<Option<DivisionCode>>,
    /// What the claimant is to the child.
    pub(super) stand: Known<Stand>,
    /// The year claimed for.
    pub(super) year: i32,
}

impl<'a> Child<'a> {
    pub(super) fn new(
        pack: &'a NationalPack,
        facts: &'a Facts,
        claim: &'a Claim,
        progress: &'a Progress,
    ) -> Self {
        let day = claim.lodged_on;
        let birth = birth_of(facts, &claim.subject).filter(|(_, born)| born.live);
        let mut persons = facts.persons.iter();
        let listed = persons.find(|person| person.id == claim.subject);
        Self {
            pack,
            facts,
            claim,
            progress,
            birth,
            born_on: birth
                .map(|(_, born)| born.born_on)
                .or_else(|| Some(listed?.born_on)),
            adoption: on_day::adoption(facts, &claim.subject, day),
            parents: parents_on(facts, &claim.subject, day),
            county: on_day::last_hukou_known(
                facts,
                &claim.subject,
                day,
                pack.parameters.hukou_gap_days,
            ),
            stand: standing::judge(facts, &claim.subject, &claim.claimant, day),
            year: year_of(claim),
        }
    }

    pub(super) const fn p(&self) -> &'a Parameters {
        &self.pack.parameters
    }

    /// County of the child's hukou on `day`; once it is dead, on the day of death.
    pub(super) fn county_on(&self, day: Date) -> Known<Option<DivisionCode>> {
        let gap_days = self.p().hukou_gap_days;
        on_day::last_hukou_known(self.facts, &self.claim.subject, day, gap_days)
    }

    /// What may be missing of the child by a day.
    pub(super) fn missing_by(&self, fact: FactKind, day: Date) -> Option<Unknown> {
        self.facts.missing_by(fact, &self.claim.subject, day)
    }

    /// Day of death, if the child was dead on `day`.
    pub(super) fn dead_on(&self, day: Date) -> Option<Date> {
        on_day::dead_since(self.facts, &self.claim.subject, day)
    }

    /// Born before the scheme began: paid by the months due.
    pub(super) fn is_earlier_birth(&self) -> bool {
        let start = self.p().start_date;
        self.born_on.is_some_and(|born_on| born_on < start)
    }

    /// Earlier claims for the child that still stand, with the year of each.
    pub(super) fn standing_claims(&self) -> impl Iterator<Item = (i32, &'a OtherClaim)> {
        let claim = self.claim;
        let others = self.facts.other_claims.iter().filter(move |other| {
            other.earlier
                && other.programme == claim.programme
                && other.subject == claim.subject
                && other.id != claim.id
                && other.outcome.is_payable()
        });
        others.map(|other| {
            let year = other.subsidy_year.unwrap_or_else(|| other.lodged_on.year());
            (year, other)
        })
    }

    /// The day by which the claim is confirmed; before that, today.
    pub(super) fn confirmed_by(&self) -> Date {
        let progress = self.progress;
        progress.confirmed_on.unwrap_or(progress.known_on)
    }

    /// Payments for the child elsewhere by a day.
    pub(super) fn payments_elsewhere(&self, by: Date) -> impl Iterator<Item = &'a NationalPayment> {
        let claim = self.claim;
        let payments = self.facts.national_payments.iter();
        payments.filter(move |payment| payment.child == claim.subject && payment.on <= by)
    }
}

/// The year that a claim is for; that of its lodging if it names none.
pub(super) fn year_of(claim: &Claim) -> i32 {
    claim.subsidy_year.unwrap_or_else(|| claim.lodged_on.year())
}
