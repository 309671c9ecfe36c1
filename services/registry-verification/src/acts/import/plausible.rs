//! What an import tells, together with what the registers hold of the same people, held against what
//! can be true of people.

use std::collections::{BTreeMap, BTreeSet};

use time::Date;
use yuhui_kernel::plausibility::{self, List, Part, Place, Records, Rule, Severity, find};
use yuhui_platform::{Result, form::Form};
use yuhui_proto::registry::v1 as pb;

use crate::{
    domain::{
        Adoption, Custody, Delivery, Ending, Guardianship, Hukou, Marriage, NationalPayment,
        Person, PersonRef,
    },
    store::Registers,
};

/// What the registers hold of some people.
#[derive(Debug, Default)]
pub(super) struct Known {
    persons: Vec<Person>,
    hukou: Vec<Hukou>,
    marriages: Vec<Marriage>,
    deliveries: Vec<Delivery>,
    adoptions: Vec<Adoption>,
    custody: Vec<Custody>,
    guardianships: Vec<Guardianship>,
}

/// Persons asked for at once: both stores limit the values of a statement (SQLite: 32,766), and some
/// ask for each of them three times.
const AT_ONCE: usize = 5000;

impl Known {
    pub(super) async fn of(
        registers: &Registers<'_>,
        people: &BTreeSet<PersonRef>,
    ) -> Result<Self> {
        let mut known = Self::default();
        for some in people.iter().collect::<Vec<_>>().chunks(AT_ONCE) {
            let some = some.iter().copied().cloned().collect();
            known.add(Self::of_some(registers, &some).await?);
        }
        Ok(known)
    }

    /// Records of two people that were not asked for together are told twice.
    fn add(&mut self, more: Self) {
        fn add<R: Ord>(records: &mut Vec<R>, more: Vec<R>) {
            let is_first = records.is_empty();
            records.extend(more);
            if !is_first {
                records.sort();
                records.dedup();
            }
        }
        add(&mut self.persons, more.persons);
        add(&mut self.hukou, more.hukou);
        add(&mut self.marriages, more.marriages);
        add(&mut self.deliveries, more.deliveries);
        add(&mut self.adoptions, more.adoptions);
        add(&mut self.custody, more.custody);
        add(&mut self.guardianships, more.guardianships);
    }

    async fn of_some(registers: &Registers<'_>, people: &BTreeSet<PersonRef>) -> Result<Self> {
        let mut deliveries = registers.deliveries_by(people).await?;
        let held: BTreeSet<String> = deliveries.iter().map(|it| it.number.clone()).collect();
        let born = registers.born(people).await?;
        let bearing: BTreeSet<_> = born.into_values().map(|(number, _)| number).collect();
        let missing = bearing.difference(&held).map(String::as_str);
        deliveries.extend(registers.deliveries_numbered(missing).await?);
        let marriages = registers.marriages(people).await?;
        // A spouse's death ends a marriage.
        let mut persons = people.clone();
        persons.extend(marriages.iter().flat_map(|it| it.spouses.clone()));
        Ok(Self {
            persons: registers.persons(&persons).await?,
            hukou: registers.hukou(people).await?,
            adoptions: registers.adoptions(people, people).await?,
            custody: registers.custody(people).await?,
            guardianships: registers.guardianships_naming(people).await?,
            marriages,
            deliveries,
        })
    }
}

impl Known {
    /// Those whom public security knows.
    pub(super) fn registered(&self) -> BTreeSet<&PersonRef> {
        self.persons.iter().map(|it| &it.person).collect()
    }
}

/// The records of an import, each with the field where it stands.
#[derive(Debug, Default)]
pub(super) struct Told<'a> {
    pub(super) persons: Vec<(String, &'a Person)>,
    pub(super) hukou: Vec<(String, &'a Hukou)>,
    pub(super) marriages: Vec<(String, &'a Marriage)>,
    pub(super) deliveries: Vec<(String, &'a Delivery)>,
    pub(super) adoptions: Vec<(String, &'a Adoption)>,
    pub(super) custody: Vec<(String, &'a Custody)>,
    pub(super) guardianships: Vec<(String, &'a Guardianship)>,
    pub(super) payments: Vec<(String, &'a NationalPayment)>,
}

impl<'a> Told<'a> {
    /// Refuses what cannot be true, and answers what hardly can.
    pub(super) fn check(
        &self,
        known: &'a Known,
        today: Date,
        form: &mut Form,
    ) -> Vec<pb::ImportWarning> {
        let mut warnings = Vec::new();
        for finding in find(&self.with(known), Some(today)) {
            // What the registers hold already is nothing this import could mend.
            let fields = [Some(finding.place), finding.other].into_iter().flatten();
            let Some(field) = fields.filter_map(|it| self.field(it)).next() else {
                continue;
            };
            let rule = finding.rule;
            match rule.severity() {
                Severity::Refuse => {
                    let code = rule.code();
                    let zh = format!("{}（{code}）", finding.zh);
                    form.refuse(field, zh, format!("{} ({code})", finding.en));
                }
                Severity::Warn => warnings.push(pb::ImportWarning {
                    field,
                    rule: rule.code().to_owned(),
                    message: format!("{} / {}", finding.en, finding.zh),
                }),
            }
        }
        warnings
    }

    /// The first thing that cannot be true.
    pub(super) fn first_fault(
        &self,
        known: &'a Known,
        today: Date,
    ) -> Option<plausibility::Finding<'a>> {
        let found = find(&self.with(known), Some(today));
        let mut found = found.into_iter();
        found.find(|it| it.rule.severity() == Severity::Refuse)
    }

    /// The import first, then what was known before and is not replaced.
    fn with(&self, known: &'a Known) -> Records<'a> {
        let mut records = Records::default();
        let mut told: BTreeMap<&PersonRef, &Person> = BTreeMap::new();
        for (_, it) in &self.persons {
            told.insert(&it.person, it);
            records.persons.push(person(it));
        }
        records.persons.extend(known.persons.iter().map(|it| {
            let mut before = person(it);
            // A death becomes known, and is corrected; birth date and sex stay.
            if let Some(now) = told.get(&it.person) {
                before.died_on = now.died_on;
            }
            before
        }));
        let rows = both(&self.hukou, &known.hukou, |it| (&it.person, it.from_on));
        records.hukou.extend(rows.map(hukou));
        let key = |it: &'a Marriage| (&it.spouses, it.from_on);
        let rows = both(&self.marriages, &known.marriages, key);
        records.marriages.extend(rows.map(marriage));
        let rows = both(&self.deliveries, &known.deliveries, |it| &it.number);
        records.deliveries.extend(rows.map(delivery));
        let key = |it: &'a Adoption| (&it.child, it.adopted_on);
        let rows = both(&self.adoptions, &known.adoptions, key);
        records.adoptions.extend(rows.map(adoption));
        let rows = both(&self.custody, &known.custody, |it| (&it.child, it.from_on));
        records.custody.extend(rows.map(custody));
        let key = |it: &'a Guardianship| (&it.child, &it.guardian, it.from_on);
        let rows = both(&self.guardianships, &known.guardianships, key);
        records.guardianships.extend(rows.map(guardianship));
        let paid = self.payments.iter().map(|(_, it)| plausibility::Event {
            child: it.child.as_str(),
            on: it.paid_on,
        });
        records.payments.extend(paid);
        records
    }

    /// The field at fault, if it is one of the import.
    fn field(&self, place: Place) -> Option<String> {
        fn at<T>(rows: &[(String, T)], place: Place) -> Option<&str> {
            rows.get(place.at).map(|(field, _)| field.as_str())
        }
        let field = match place.list {
            List::Persons => at(&self.persons, place),
            List::Hukou => at(&self.hukou, place),
            List::Marriages => at(&self.marriages, place),
            List::Deliveries => at(&self.deliveries, place),
            List::Adoptions => at(&self.adoptions, place),
            List::Custody => at(&self.custody, place),
            List::Guardianships => at(&self.guardianships, place),
            List::Payments => at(&self.payments, place),
            List::Stays | List::Claims => None,
        }?;
        let part = part(place);
        Some(match place.child {
            Some(child) => format!("{field}.children[{child}].{part}"),
            None => format!("{field}.{part}"),
        })
    }
}

/// Of records with the same key in one import the first; another that tells something else is
/// refused.
pub(super) fn once<T: PartialEq, K: Ord>(
    form: &mut Form,
    rows: Vec<(String, T)>,
    key: impl Fn(&T) -> K,
) -> Vec<(String, T)> {
    let mut kept: Vec<(String, T)> = Vec::with_capacity(rows.len());
    let mut places: BTreeMap<K, usize> = BTreeMap::new();
    for (field, row) in rows {
        match places.get(&key(&row)).and_then(|at| kept.get(*at)) {
            Some((_, first)) if *first == row => {}
            Some((other, _)) => {
                let code = Rule::TwoAccounts.code();
                let zh = format!("与{other}为同一记录，内容不一致（{code}）");
                form.refuse(field, zh, format!("tells otherwise than {other} ({code})"));
            }
            None => {
                places.insert(key(&row), kept.len());
                kept.push((field, row));
            }
        }
    }
    kept
}

/// The records of an import, and those known before that it does not replace.
fn both<'a, T, K: Ord>(
    told: &[(String, &'a T)],
    known: &'a [T],
    key: impl Fn(&'a T) -> K,
) -> impl Iterator<Item = &'a T> {
    let keys: BTreeSet<K> = told.iter().map(|(_, it)| key(it)).collect();
    let rows: Vec<&T> = told.iter().map(|(_, it)| *it).collect();
    let before = known.iter().filter(move |it| !keys.contains(&key(it)));
    rows.into_iter().chain(before)
}

/// The field as the contract names it.
const fn part(place: Place) -> &'static str {
    match (place.list, place.part) {
        (_, Part::Id) => "identity_number",
        (_, Part::Sex) => "sex",
        (_, Part::BornOn) => "born_on",
        (_, Part::DiedOn) => "died_on",
        (List::Adoptions, Part::From) => "adopted_on",
        (List::Payments, Part::From) => "paid_on",
        (_, Part::From) => "from_on",
        (_, Part::To) => "to_on",
        (_, Part::EndedBy) => "ended_by",
        (_, Part::Spouses) => "spouses",
        (_, Part::Mother) => "mother",
        (_, Part::Father) => "father",
        (_, Part::Children | Part::Order) => "children",
        (_, Part::Child) => "child",
        (_, Part::Adopters) => "adopters",
        (_, Part::Holders) => "holders",
        (_, Part::Carers) => "actual_carers",
        (_, Part::Guardian) => "guardian",
        (_, Part::Applicant) => "applicant",
    }
}

fn refs(persons: &[PersonRef]) -> Vec<&str> {
    persons.iter().map(PersonRef::as_str).collect()
}

fn person(it: &Person) -> plausibility::Person<'_> {
    plausibility::Person {
        id: it.person.as_str(),
        sex: Some(it.sex),
        born_on: it.born_on,
        died_on: it.died_on,
    }
}

fn hukou(it: &Hukou) -> plausibility::Hukou<'_> {
    plausibility::Hukou {
        person: it.person.as_str(),
        from: it.from_on,
        to: it.to_on,
    }
}

fn marriage(it: &Marriage) -> plausibility::Marriage<'_> {
    let [one, other] = &it.spouses;
    plausibility::Marriage {
        spouses: [one.as_str(), other.as_str()],
        from: it.from_on,
        to: it.ended.map(|(on, _)| on),
        by_death: it.ended.is_some_and(|(_, by)| by == Ending::Death),
    }
}

fn delivery(it: &Delivery) -> plausibility::Delivery<'_> {
    let children = it.children.iter().map(|child| plausibility::Born {
        id: child.child.as_ref().map(PersonRef::as_str),
        born_on: child.born_on,
        order: u32::try_from(child.order).unwrap_or_default(),
        live: child.live,
    });
    plausibility::Delivery {
        number: &it.number,
        mother: it.mother.as_str(),
        father: it.father.as_ref().map(PersonRef::as_str),
        children: children.collect(),
    }
}

fn adoption(it: &Adoption) -> plausibility::Adoption<'_> {
    plausibility::Adoption {
        child: it.child.as_str(),
        adopters: refs(&it.adopters),
        on: it.adopted_on,
    }
}

fn custody(it: &Custody) -> plausibility::Custody<'_> {
    plausibility::Custody {
        child: it.child.as_str(),
        holders: refs(&it.holders),
        carers: refs(&it.actual_carers),
        from: it.from_on,
        to: it.to_on,
    }
}

fn guardianship(it: &Guardianship) -> plausibility::Guardianship<'_> {
    plausibility::Guardianship {
        child: it.child.as_str(),
        guardian: it.guardian.as_str(),
        from: it.from_on,
        to: it.to_on,
    }
}
