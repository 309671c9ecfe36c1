//! What a register that is silent, or behind its time, leaves of the facts.

use time::Date;
use yuhui_kernel::dates;

use super::{Enrolment, FactKind, Facts, Gap};

impl Facts {
    /// Takes a gap in: what it covers is not known any more. Of a window of days, what began in it is
    /// not known, and what ended in it is not known to have ended.
    pub fn silence(&mut self, gap: Gap) {
        let hidden = Hidden { gap: &gap };
        let own = |id: &str| id == gap.subject;
        match gap.fact {
            FactKind::Person => self.persons.retain(|it| !own(&it.id)),
            FactKind::Death => {
                for person in self.persons.iter_mut().filter(|it| own(&it.id)) {
                    person.died_on = hidden.end(person.died_on);
                }
            }
            FactKind::Hukou => {
                self.hukou
                    .retain(|it| !own(&it.person) || !hidden.began(it.from));
                for entry in self.hukou.iter_mut().filter(|it| own(&it.person)) {
                    entry.to = hidden.end(entry.to);
                }
            }
            FactKind::Marriage => {
                let of = |spouses: &[String; 2]| spouses.iter().any(|it| own(it));
                self.marriages
                    .retain(|it| !of(&it.spouses) || !hidden.began(it.from));
                for entry in self.marriages.iter_mut().filter(|it| of(&it.spouses)) {
                    entry.to = hidden.end(entry.to);
                }
            }
            FactKind::Birth => self
                .births
                .retain(|it| !it.children.iter().any(|it| own(&it.id))),
            FactKind::Siblings => self.births.retain(|it| {
                it.children.iter().any(|it| own(&it.id))
                    || !it.children.iter().any(|it| hidden.began(it.born_on))
            }),
            FactKind::BirthService => {
                let of = |children: &[super::Born]| children.iter().any(|it| own(&it.id));
                for birth in self.births.iter_mut().filter(|it| of(&it.children)) {
                    birth.birth_service_registered_on =
                        hidden.end(birth.birth_service_registered_on);
                }
            }
            FactKind::Adoption => self
                .adoptions
                .retain(|it| !own(&it.child) || !hidden.began(it.on)),
            FactKind::Custody => {
                self.custody
                    .retain(|it| !own(&it.child) || !hidden.began(it.from));
                for entry in self.custody.iter_mut().filter(|it| own(&it.child)) {
                    entry.to = hidden.end(entry.to);
                }
            }
            FactKind::Guardianship => {
                self.guardianships
                    .retain(|it| !own(&it.child) || !hidden.began(it.from));
                for entry in self.guardianships.iter_mut().filter(|it| own(&it.child)) {
                    entry.to = hidden.end(entry.to);
                }
            }
            FactKind::Institution => self.silence_institution(&gap),
            FactKind::Certificate => {
                for entry in self.institutions.iter_mut().filter(|it| own(&it.id)) {
                    entry.certified_headcount.clear();
                }
            }
            FactKind::Honour => {
                for entry in self.institutions.iter_mut().filter(|it| own(&it.id)) {
                    entry.honours.retain(|it| !hidden.began(it.granted_on));
                }
            }
            FactKind::Enrolment => {
                let (hidden_stays, kept) = std::mem::take(&mut self.enrolments)
                    .into_iter()
                    .partition::<Vec<_>, _>(|it| own(&it.child) || own(&it.institution));
                self.enrolments = kept;
                let left = hidden_stays.into_iter().flat_map(|it| hidden.leaves(it));
                self.enrolments.extend(left);
            }
            FactKind::OtherClaim => {
                self.other_claims
                    .retain(|it| !own(&it.subject) || !hidden.began(it.lodged_on));
            }
            FactKind::Fraud => {
                self.frauds
                    .retain(|it| !own(&it.claimant) || !hidden.began(it.found_on));
            }
            FactKind::NationalPayment => {
                self.national_payments
                    .retain(|it| !own(&it.child) || !hidden.began(it.on));
            }
            FactKind::Name => self.names.retain(|it| !own(&it.person)),
        }
        self.gaps.push(gap);
        self.settle_gaps();
    }

    /// Without a window the record itself is gone; with one, what it says of those days.
    fn silence_institution(&mut self, gap: &Gap) {
        if gap.from.is_none() && gap.to.is_none() {
            self.institutions.retain(|it| it.id != gap.subject);
            return;
        }
        let hidden = Hidden { gap };
        for entry in self
            .institutions
            .iter_mut()
            .filter(|it| it.id == gap.subject)
        {
            for day in [
                &mut entry.registered_on,
                &mut entry.filed_on,
                &mut entry.education_approved_on,
                &mut entry.inclusive_recognised_on,
            ] {
                *day = hidden.end(*day);
            }
            entry.suspensions.retain(|it| !hidden.began(it.from));
            for suspension in &mut entry.suspensions {
                suspension.to = hidden.end(suspension.to);
            }
        }
    }
}

/// What lies in the days of a gap.
struct Hidden<'a> {
    gap: &'a Gap,
}

impl Hidden<'_> {
    fn began(&self, day: Date) -> bool {
        self.gap.from.is_none_or(|from| from <= day) && self.gap.to.is_none_or(|to| day <= to)
    }

    /// The end, if it is known to have come.
    fn end(&self, end: Option<Date>) -> Option<Date> {
        end.filter(|day| !self.began(*day))
    }

    /// What is left of a stay: its days before and after.
    fn leaves(&self, stay: Enrolment) -> impl Iterator<Item = Enrolment> {
        let before = self.gap.from.map(|from| Enrolment {
            to: Some(stay.to.unwrap_or(Date::MAX).min(dates::add_days(from, -1))),
            ..stay.clone()
        });
        let after = self.gap.to.map(|to| Enrolment {
            from: stay.from.max(dates::add_days(to, 1)),
            ..stay
        });
        let left = before.into_iter().chain(after);
        left.filter(|it| it.to.is_none_or(|to| it.from <= to))
    }
}
