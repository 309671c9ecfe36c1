//! What a register knows by a day. Facts may be entered ahead of their day
//! (a divorce that becomes final next week; the coming year of a sandbox):
//! until that day nobody is told of them.

use std::collections::BTreeMap;

use time::Date;

use super::records::{
    Adoption, Custody, Delivery, Guardianship, Hukou, Marriage, NationalPayment, Person,
};

/// A dated record.
pub trait Known: Sized {
    /// The record as it is known by `day`: nothing if it begins later, open
    /// if it ends later.
    fn known_by(self, day: Date) -> Option<Self>;
}

/// The end of a period, if it has come by `day`.
fn reached(end: Option<Date>, day: Date) -> Option<Date> {
    end.filter(|end| *end <= day)
}

impl Known for Person {
    fn known_by(self, day: Date) -> Option<Self> {
        (self.born_on <= day).then(|| Self {
            died_on: reached(self.died_on, day),
            ..self
        })
    }
}

impl Known for Hukou {
    fn known_by(self, day: Date) -> Option<Self> {
        (self.from_on <= day).then(|| Self {
            to_on: reached(self.to_on, day),
            ..self
        })
    }
}

/// Hukou periods as they are known by `day`. Of a person who is between two periods on that day the
/// next one is told too, if it was entered ahead: a move is entered by two stations, and whether the
/// days between are a move out is for the law to say (R-DAT-9), which cannot without it.
pub fn hukou_known_by(periods: Vec<Hukou>, day: Date) -> Vec<Hukou> {
    let mut of_person: BTreeMap<_, Vec<Hukou>> = BTreeMap::new();
    for period in periods {
        let own = of_person.entry(period.person.clone()).or_default();
        own.push(period);
    }
    let told = of_person.into_values().flat_map(|periods| {
        let (begun, ahead): (Vec<_>, Vec<_>) =
            periods.into_iter().partition(|it| it.from_on <= day);
        let covers = |it: &Hukou| it.to_on.is_none_or(|to| day <= to);
        let between = !begun.is_empty() && !begun.iter().any(covers);
        let next = ahead.into_iter().min_by_key(|it| it.from_on);
        let next = next
            .filter(|_| between)
            .map(|it| Hukou { to_on: None, ..it });
        let begun = begun.into_iter().filter_map(move |it| it.known_by(day));
        begun.chain(next)
    });
    told.collect()
}

impl Known for Marriage {
    fn known_by(self, day: Date) -> Option<Self> {
        (self.from_on <= day).then(|| Self {
            ended: self.ended.filter(|(on, _)| *on <= day),
            ..self
        })
    }
}

impl Known for Adoption {
    fn known_by(self, day: Date) -> Option<Self> {
        (self.adopted_on <= day).then_some(self)
    }
}

impl Known for Custody {
    fn known_by(self, day: Date) -> Option<Self> {
        (self.from_on <= day).then(|| Self {
            to_on: reached(self.to_on, day),
            ..self
        })
    }
}

impl Known for Guardianship {
    fn known_by(self, day: Date) -> Option<Self> {
        (self.from_on <= day).then(|| Self {
            to_on: reached(self.to_on, day),
            ..self
        })
    }
}

impl Known for NationalPayment {
    fn known_by(self, day: Date) -> Option<Self> {
        (self.paid_on <= day).then_some(self)
    }
}

impl Known for Delivery {
    /// A delivery around midnight is known by its children born so far.
    fn known_by(mut self, day: Date) -> Option<Self> {
        self.children.retain(|child| child.born_on <= day);
        (!self.children.is_empty()).then(|| Self {
            birth_service_registered_on: reached(self.birth_service_registered_on, day),
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;
    use yuhui_kernel::Sex;

    use super::*;
    use crate::domain::{BornChild, Ending, PersonRef};

    fn person(digit: &str) -> PersonRef {
        PersonRef::parse(&digit.repeat(64)).expect("reference")
    }

    fn hukou() -> Hukou {
        Hukou {
            person: person("a"),
            from_on: date!(2024 - 03 - 01),
            to_on: Some(date!(2025 - 03 - 31)),
            division: "150203004001".parse().expect("village"),
        }
    }

    #[test]
    fn a_period_is_unknown_before_it_begins_and_open_until_its_last_day() {
        assert_eq!(hukou().known_by(date!(2024 - 02 - 29)), None);
        let open = hukou().known_by(date!(2025 - 03 - 30)).expect("began");
        assert_eq!(open.to_on, None);
        let closed = hukou().known_by(date!(2025 - 03 - 31)).expect("began");
        assert_eq!(closed.to_on, Some(date!(2025 - 03 - 31)));
    }

    #[test]
    fn between_two_periods_the_next_is_told_if_it_was_entered_ahead() {
        let later = Hukou {
            from_on: date!(2025 - 04 - 02),
            to_on: Some(date!(2026 - 01 - 31)),
            ..hukou()
        };
        let last = Hukou {
            from_on: date!(2026 - 02 - 02),
            to_on: None,
            ..hukou()
        };
        let told = |day| hukou_known_by(vec![last.clone(), later.clone(), hukou()], day);
        let open = |it: Hukou| Hukou { to_on: None, ..it };
        assert_eq!(told(date!(2024 - 02 - 29)), []);
        assert_eq!(told(date!(2025 - 03 - 30)), [open(hukou())]);
        let on_the_last_day = told(date!(2025 - 03 - 31));
        assert_eq!(on_the_last_day, [hukou()], "it still covers the day");
        let between = told(date!(2025 - 04 - 01));
        assert_eq!(between, [hukou(), open(later.clone())]);
        let after = told(date!(2025 - 04 - 02));
        assert_eq!(after, [open(later.clone()), hukou()]);
    }

    #[test]
    fn a_death_is_unknown_before_its_day() {
        let person = Person {
            person: person("a"),
            sex: Sex::Female,
            born_on: date!(1992 - 03 - 08),
            died_on: Some(date!(2025 - 01 - 02)),
        };
        let before = person.clone().known_by(date!(2025 - 01 - 01));
        assert_eq!(before.expect("born").died_on, None);
        let after = person.known_by(date!(2025 - 01 - 02)).expect("born");
        assert!(after.died_on.is_some());
    }

    #[test]
    fn a_marriage_is_in_force_until_the_day_its_end_comes() {
        let marriage = Marriage {
            spouses: [person("a"), person("b")],
            from_on: date!(2017 - 05 - 20),
            ended: Some((date!(2025 - 02 - 01), Ending::Divorce)),
        };
        let before = marriage.clone().known_by(date!(2025 - 01 - 31));
        assert_eq!(before.expect("began").ended, None);
        let after = marriage.known_by(date!(2025 - 02 - 01)).expect("began");
        assert!(after.ended.is_some());
    }

    #[test]
    fn a_delivery_around_midnight_is_known_child_by_child() {
        let born = |order, born_on, digit| BornChild {
            order,
            child: Some(person(digit)),
            born_on,
            live: true,
        };
        let delivery = Delivery {
            number: "d1".into(),
            mother: person("a"),
            father: None,
            birth_service_registered_on: Some(date!(2024 - 05 - 10)),
            children: vec![
                born(1, date!(2024 - 04 - 30), "c"),
                born(2, date!(2024 - 05 - 01), "d"),
            ],
        };
        assert_eq!(delivery.clone().known_by(date!(2024 - 04 - 29)), None);
        let first = delivery.clone().known_by(date!(2024 - 04 - 30));
        let first = first.expect("one is born");
        assert_eq!(first.children.len(), 1);
        assert_eq!(first.birth_service_registered_on, None);
        assert_eq!(
            delivery.clone().known_by(date!(2024 - 05 - 10)),
            Some(delivery)
        );
    }
}
