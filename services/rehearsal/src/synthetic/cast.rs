//! Casting: people with numbers and names, their hukou, marriages and births,
//! entered where they belong.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha12Rng;
use time::{Date, macros::date};
use yuhui_kernel::{Calendar, DivisionCode, Sex, Tenant, dates, divisions};
use yuhui_proto::registry::v1::{
    BornChild, DeliveryRecord, HukouRecord, MarriageRecord, PersonRecord, marriage_record::Ending,
};

use super::names;
use crate::{
    accounts::first_village,
    numbers::Numbers,
    plot::{BankStanding, Plot, Registers},
};

/// Villages that take part, by county: one of each of its first townships.
const TOWNSHIPS: usize = 3;
/// Where a hukou outside Baotou is: Hohhot.
const ELSEWHERE: &str = "150102";
/// Thousandths of all families by county (H.2: four fifths in the four
/// districts and the High-tech Zone).
const WEIGHTS: [(&str, u32); 10] = [
    ("150203", 260),
    ("150204", 200),
    ("150202", 150),
    ("150207", 110),
    ("150271", 90),
    ("150221", 80),
    ("150222", 55),
    ("150223", 44),
    ("150205", 6),
    ("150206", 5),
];

/// A person as cast.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) number: String,
    pub(crate) name: String,
    pub(crate) born_on: Date,
}

/// A couple with a home.
#[derive(Clone, Debug)]
pub(crate) struct Couple {
    pub(crate) county: Tenant,
    pub(crate) village: DivisionCode,
    pub(crate) mother: Person,
    pub(crate) father: Person,
}

/// Fills a plot.
pub(crate) struct Casting {
    pub(crate) plot: Plot,
    pub(crate) rng: ChaCha12Rng,
    pub(crate) numbers: Numbers,
    households: usize,
    deliveries: usize,
}

impl Casting {
    /// Begins with a seed: the same seed gives the same round.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            plot: Plot::default(),
            rng: ChaCha12Rng::seed_from_u64(seed),
            numbers: Numbers::default(),
            households: 0,
            deliveries: 0,
        }
    }

    /// A household of its own.
    pub(crate) fn household(&mut self) -> usize {
        self.households += 1;
        self.households
    }

    /// Registers of a county.
    pub(crate) fn registers(&mut self, county: Tenant) -> &mut Registers {
        self.plot
            .registers
            .entry((county, String::new()))
            .or_default()
    }

    /// A county, by the weights.
    pub(crate) fn any_county(&mut self) -> anyhow::Result<Tenant> {
        let mut drawn = self.rng.random_range(0..1000_u32);
        for (code, weight) in WEIGHTS {
            if drawn < weight {
                return Ok(Tenant::parse(code)?);
            }
            drawn -= weight;
        }
        Ok(Tenant::parse(WEIGHTS[0].0)?)
    }

    /// Another county than `own`.
    pub(crate) fn another_county(&mut self, own: Tenant) -> anyhow::Result<Tenant> {
        loop {
            let other = self.any_county()?;
            if other != own {
                return Ok(other);
            }
        }
    }

    /// A village of a county that takes part.
    pub(crate) fn any_village(&mut self, county: Tenant) -> anyhow::Result<DivisionCode> {
        let villages = villages(county);
        let place = self.rng.random_range(0..villages.len().max(1));
        let village = villages.get(place).copied();
        village.ok_or_else(|| anyhow::anyhow!("{county} has no township"))
    }

    /// A person, entered in the registers of `county`.
    pub(crate) fn person(
        &mut self,
        county: Tenant,
        sex: Sex,
        born_on: Date,
    ) -> anyhow::Result<Person> {
        let number = self.numbers.person(born_on, sex)?;
        let name = names::person(&mut self.rng);
        self.registers(county).persons.push(PersonRecord {
            identity_number: number.clone(),
            display_name: name.clone(),
            sex: sex_of(sex).into(),
            born_on: dates::format(born_on),
            died_on: String::new(),
        });
        Ok(Person {
            number,
            name,
            born_on,
        })
    }

    /// A death.
    pub(crate) fn dies(&mut self, county: Tenant, person: &Person, on: Date) {
        let registers = self.registers(county);
        for record in &mut registers.persons {
            if record.identity_number == person.number {
                record.died_on = dates::format(on);
            }
        }
        for record in &mut registers.hukou {
            if record.person == person.number && record.to_on.is_empty() {
                record.to_on = dates::format(on);
            }
        }
    }

    /// A hukou in Baotou.
    pub(crate) fn lives(
        &mut self,
        county: Tenant,
        person: &Person,
        village: DivisionCode,
        from: Date,
    ) {
        let division = village.to_string();
        self.hukou(county, person, division, from);
    }

    /// A hukou outside Baotou.
    pub(crate) fn lives_elsewhere(&mut self, county: Tenant, person: &Person, from: Date) {
        self.hukou(county, person, ELSEWHERE.into(), from);
    }

    fn hukou(&mut self, county: Tenant, person: &Person, division: String, from: Date) {
        self.registers(county).hukou.push(HukouRecord {
            person: person.number.clone(),
            division,
            from_on: dates::format(from),
            to_on: String::new(),
        });
    }

    /// Moves out of Baotou on a day.
    pub(crate) fn leaves(&mut self, county: Tenant, person: &Person, on: Date) {
        let last = dates::format(dates::add_days(on, -1));
        for record in &mut self.registers(county).hukou {
            if record.person == person.number && record.to_on.is_empty() {
                record.to_on.clone_from(&last);
            }
        }
        self.lives_elsewhere(county, person, on);
    }

    /// A couple with a hukou in a village; not yet married.
    pub(crate) fn couple(&mut self, county: Tenant) -> anyhow::Result<Couple> {
        let couple = self.couple_without_hukou(county)?;
        for person in [&couple.mother, &couple.father] {
            self.lives(county, person, couple.village, date!(2012 - 01 - 01));
        }
        Ok(couple)
    }

    /// A couple whose hukou is still to be said.
    pub(crate) fn couple_without_hukou(&mut self, county: Tenant) -> anyhow::Result<Couple> {
        let village = self.any_village(county)?;
        let born = self.day(date!(1986 - 01 - 01), date!(1996 - 12 - 31));
        let mother = self.person(county, Sex::Female, born)?;
        let born = self.day(date!(1984 - 01 - 01), date!(1994 - 12 - 31));
        let father = self.person(county, Sex::Male, born)?;
        Ok(Couple {
            county,
            village,
            mother,
            father,
        })
    }

    /// They marry.
    pub(crate) fn marry(&mut self, couple: &Couple, on: Date) {
        let spouses = vec![couple.mother.number.clone(), couple.father.number.clone()];
        self.registers(couple.county)
            .marriages
            .push(MarriageRecord {
                spouses,
                from_on: dates::format(on),
                to_on: String::new(),
                ended_by: Ending::Unspecified.into(),
            });
    }

    /// Their marriage ends.
    pub(crate) fn part(&mut self, couple: &Couple, on: Date, ending: Ending) {
        for record in &mut self.registers(couple.county).marriages {
            if record.spouses.contains(&couple.mother.number) && record.to_on.is_empty() {
                record.to_on = dates::format(on);
                record.ended_by = ending.into();
            }
        }
    }

    /// A delivery of so many children, registered with the birth service on
    /// the day given. The children have no hukou yet.
    pub(crate) fn birth(
        &mut self,
        couple: &Couple,
        on: Date,
        children: usize,
        registered_on: Option<Date>,
    ) -> anyhow::Result<Vec<Person>> {
        let mut born = Vec::new();
        for _ in 0..children {
            let sex = if self.rng.random_range(0..2) == 0 {
                Sex::Female
            } else {
                Sex::Male
            };
            born.push(self.person(couple.county, sex, on)?);
        }
        self.deliveries += 1;
        let record = DeliveryRecord {
            delivery: format!("{}-{:06}", couple.county, self.deliveries),
            mother: couple.mother.number.clone(),
            father: couple.father.number.clone(),
            birth_service_registered_on: registered_on.map(dates::format).unwrap_or_default(),
            children: born
                .iter()
                .zip(1..)
                .map(|(child, birth_order)| BornChild {
                    child: child.number.clone(),
                    born_on: dates::format(on),
                    birth_order,
                    live: true,
                })
                .collect(),
        };
        self.registers(couple.county).deliveries.push(record);
        Ok(born)
    }

    /// An ordinary child: registered with the birth service before its birth,
    /// and with its parents' household.
    pub(crate) fn child(&mut self, couple: &Couple, on: Date) -> anyhow::Result<Person> {
        let mut born = self.birth(couple, on, 1, Some(dates::add_days(on, -60)))?;
        let child = born.pop().ok_or_else(|| anyhow::anyhow!("one child"))?;
        self.lives(couple.county, &child, couple.village, on);
        Ok(child)
    }

    /// A family's account that the bank knows.
    pub(crate) fn account(&mut self, standing: BankStanding) -> String {
        let number = self.numbers.card();
        self.plot.accounts.insert(number.clone(), standing);
        number
    }

    /// A nursery's account that the bank knows.
    pub(crate) fn corporate_account(&mut self) -> String {
        let number = self.numbers.corporate_account();
        self.plot
            .accounts
            .insert(number.clone(), BankStanding::Open);
        number
    }

    /// A day between two, both inside.
    pub(crate) fn day(&mut self, from: Date, to: Date) -> Date {
        let span = (to - from).whole_days().max(0);
        dates::add_days(from, self.rng.random_range(0..=span))
    }

    /// A working day between two: every third claim comes in the last week.
    pub(crate) fn lodging_day(&mut self, from: Date, to: Date) -> Date {
        let last_week = dates::add_days(to, -6).max(from);
        let day = if self.rng.random_range(0..10) < 3 {
            self.day(last_week, to)
        } else {
            self.day(from, to)
        };
        let calendar = Calendar::china();
        let rolled = calendar.next_working_day_on_or_after(day);
        if rolled > to {
            calendar.last_working_day_on_or_before(to).max(from)
        } else {
            rolled
        }
    }
}

/// The villages of a county that take part.
fn villages(county: Tenant) -> Vec<DivisionCode> {
    divisions::townships_of(county.code())
        .take(TOWNSHIPS)
        .filter_map(|township| first_village(township.code))
        .collect()
}

fn sex_of(sex: Sex) -> yuhui_proto::registry::v1::Sex {
    match sex {
        Sex::Female => yuhui_proto::registry::v1::Sex::Female,
        Sex::Male => yuhui_proto::registry::v1::Sex::Male,
    }
}
