//! When the registers learn what: nobody enters a birth or a death that is still to come. The plot
//! knows everything from the beginning; what it knows of later days is entered on them.

use std::collections::{BTreeMap, HashMap};

use time::Date;
use yuhui_kernel::dates;

use super::plot::Registers;

impl Registers {
    /// What can be entered on `begins_on`, and what on which later day.
    pub(super) fn installments(&self, begins_on: Date) -> BTreeMap<Date, Self> {
        let mut days = Days {
            begins_on,
            born: HashMap::new(),
            entered: BTreeMap::new(),
        };
        for person in &self.persons {
            if let Some(on) = day(&person.born_on) {
                days.born.insert(&person.identity_number, on);
            }
        }
        for person in &self.persons {
            let born_on = days.of([&person.identity_number]);
            let death = day(&person.died_on).filter(|on| *on > born_on);
            let mut living = person.clone();
            if let Some(died_on) = death {
                days.on(died_on).persons.push(person.clone());
                living.died_on.clear();
            }
            days.on(born_on).persons.push(living);
        }
        for it in &self.hukou {
            let on = days.of([&it.person]);
            days.on(on).hukou.push(it.clone());
        }
        for it in &self.marriages {
            let on = days.of(&it.spouses);
            days.on(on).marriages.push(it.clone());
        }
        for it in &self.adoptions {
            let on = days.of(it.adopters.iter().chain([&it.child]));
            days.on(on).adoptions.push(it.clone());
        }
        for it in &self.custody {
            let adults = it.holders.iter().chain(&it.actual_carers);
            let on = days.of(adults.chain([&it.child]));
            days.on(on).custody.push(it.clone());
        }
        for it in &self.guardianships {
            let on = days.of([&it.child, &it.guardian]);
            days.on(on).guardianships.push(it.clone());
        }
        for it in &self.deliveries {
            let born = it.children.iter().filter_map(|child| day(&child.born_on));
            let on = born.chain([begins_on]).max().unwrap_or(begins_on);
            days.on(on).deliveries.push(it.clone());
        }
        for it in &self.national_payments {
            let on = days.of([&it.child]);
            days.on(on).national_payments.push(it.clone());
        }
        days.entered
    }
}

struct Days<'a> {
    begins_on: Date,
    born: HashMap<&'a str, Date>,
    entered: BTreeMap<Date, Registers>,
}

impl Days<'_> {
    /// The first day on which everybody named is born, not before the beginning.
    fn of<'n>(&self, named: impl IntoIterator<Item = &'n String>) -> Date {
        let born = named
            .into_iter()
            .filter_map(|it| self.born.get(it.as_str()));
        born.copied()
            .chain([self.begins_on])
            .max()
            .unwrap_or(self.begins_on)
    }

    fn on(&mut self, day: Date) -> &mut Registers {
        self.entered.entry(day).or_default()
    }
}

fn day(text: &str) -> Option<Date> {
    dates::parse(text).ok()
}

#[cfg(test)]
mod tests {
    use time::macros::date;
    use yuhui_proto::registry::v1::{BornChild, DeliveryRecord, HukouRecord, PersonRecord};

    use super::*;

    #[test]
    fn births_and_deaths_are_entered_on_their_day() {
        let person = |number: &str, born_on: &str, died_on: &str| PersonRecord {
            identity_number: number.into(),
            born_on: born_on.into(),
            died_on: died_on.into(),
            ..PersonRecord::default()
        };
        let hukou = |number: &str, from_on: &str| HukouRecord {
            person: number.into(),
            from_on: from_on.into(),
            ..HukouRecord::default()
        };
        let registers = Registers {
            persons: vec![
                person("father", "1990-01-01", "2025-01-04"),
                person("child", "2025-01-02", ""),
            ],
            hukou: vec![hukou("father", "2025-02-01"), hukou("child", "2025-01-02")],
            deliveries: vec![DeliveryRecord {
                children: vec![BornChild {
                    born_on: "2025-01-02".into(),
                    ..BornChild::default()
                }],
                ..DeliveryRecord::default()
            }],
            ..Registers::default()
        };
        let days = registers.installments(date!(2024 - 12 - 19));
        let sizes: Vec<_> = days.iter().map(|(on, it)| (*on, it.len())).collect();
        let expected = [
            (date!(2024 - 12 - 19), 2),
            (date!(2025 - 01 - 02), 3),
            (date!(2025 - 01 - 04), 1),
        ];
        assert_eq!(sizes, expected);
        let before = &days[&date!(2024 - 12 - 19)];
        assert_eq!(before.persons[0].died_on, "", "nobody knows yet");
        assert_eq!(before.hukou.len(), 1, "a move may be announced");
        let after = &days[&date!(2025 - 01 - 04)];
        assert_eq!(after.persons[0].died_on, "2025-01-04");
    }
}
