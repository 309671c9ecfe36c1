//! A family that contradicts itself gets no answer but where it does: the rules would pick one of
//! two stories, and the asker would not know which.

use std::collections::{BTreeMap, BTreeSet};

use time::Date;
use yuhui_platform::form::Form;
use yuhui_policy::facts::{Facts, Hukou, Marriage};

/// Looks for contradictions in facts whose lists are as long as those of the request.
pub(super) fn check(form: &mut Form, facts: &Facts, applicant: &str) {
    let mut family = Family {
        form,
        facts,
        born: BTreeMap::new(),
        died: BTreeMap::new(),
        known: BTreeSet::new(),
    };
    family.persons();
    family.deliveries();
    family.known("family.applicant".into(), applicant);
    family.marriages();
    family.hukou();
    family.children();
}

struct Family<'a> {
    form: &'a mut Form,
    facts: &'a Facts,
    born: BTreeMap<&'a str, Date>,
    died: BTreeMap<&'a str, Date>,
    known: BTreeSet<&'a str>,
}

impl<'a> Family<'a> {
    fn persons(&mut self) {
        for (at, person) in self.facts.persons.iter().enumerate() {
            let field = format!("family.persons[{at}]");
            if !self.known.insert(&person.id) {
                self.form.refuse(
                    format!("{field}.label"),
                    "代号重复",
                    "stands for two persons",
                );
            }
            self.born.insert(&person.id, person.born_on);
            let Some(died_on) = person.died_on else {
                continue;
            };
            self.died.insert(&person.id, died_on);
            if died_on < person.born_on {
                self.before_birth(format!("{field}.died_on"));
            }
        }
    }

    /// One child is born once, on one day, of two people who are older.
    fn deliveries(&mut self) {
        let mut delivered = BTreeSet::new();
        for (at, delivery) in self.facts.births.iter().enumerate() {
            let field = format!("family.deliveries[{at}]");
            let parents = || [Some(&delivery.mother), delivery.father.as_ref()];
            if delivery.father.as_ref() == Some(&delivery.mother) {
                self.form.refuse(
                    format!("{field}.father"),
                    "与母亲为同一人",
                    "is the mother too",
                );
            }
            self.known
                .extend(parents().into_iter().flatten().map(String::as_str));
            let mut before: Option<Date> = None;
            for (place, child) in delivery.children.iter().enumerate() {
                let field = format!("{field}.children[{place}]");
                if !delivered.insert(child.id.as_str()) {
                    self.form.refuse(
                        format!("{field}.label"),
                        "同一孩子出生两次",
                        "is born twice",
                    );
                }
                let listed = self.born.insert(&child.id, child.born_on);
                if listed.is_some_and(|it| it != child.born_on) {
                    self.form.refuse(
                        format!("{field}.born_on"),
                        "同一孩子有两个出生日期",
                        "is another birth date of the same child",
                    );
                }
                if before.is_some_and(|it| it > child.born_on) {
                    self.form.refuse(
                        format!("{field}.born_on"),
                        "同胎孩子须按出生先后填写",
                        "is before the child that was born first",
                    );
                }
                before = Some(child.born_on);
                self.known.insert(&child.id);
                for parent in parents().into_iter().flatten() {
                    let older = self.born.get(parent.as_str());
                    if older.is_some_and(|it| *it >= child.born_on) {
                        self.form.refuse(
                            format!("{field}.born_on"),
                            "孩子不晚于父母出生",
                            "is not after the birth of a parent",
                        );
                    }
                }
            }
        }
    }

    fn marriages(&mut self) {
        let marriages = &self.facts.marriages;
        for (at, marriage) in marriages.iter().enumerate() {
            let field = format!("family.marriages[{at}]");
            let [one, other] = &marriage.spouses;
            if one == other {
                self.form.refuse(
                    format!("{field}.spouses"),
                    "夫妻不能为同一人",
                    "names one person twice",
                );
            }
            for spouse in [one, other] {
                self.known(format!("{field}.spouses"), spouse);
                self.not_before_birth(format!("{field}.from_on"), spouse, marriage.from);
            }
            let bigamous = marriages.iter().take(at).any(|earlier| {
                let shared = marriage
                    .spouses
                    .iter()
                    .any(|it| earlier.spouses.contains(it));
                // A marriage is no longer in force on its last day: another may start then.
                shared
                    && self.end(earlier).is_none_or(|end| marriage.from < end)
                    && self.end(marriage).is_none_or(|end| earlier.from < end)
            });
            if bigamous {
                self.form.refuse(
                    format!("{field}.from_on"),
                    "与另一段婚姻时间重叠",
                    "overlaps with another marriage of the same person",
                );
            }
        }
    }

    /// When a marriage ended, by divorce or death.
    fn end(&self, marriage: &Marriage) -> Option<Date> {
        let deaths = marriage
            .spouses
            .iter()
            .filter_map(|it| self.died.get(it.as_str()));
        deaths.copied().chain(marriage.to).min()
    }

    fn hukou(&mut self) {
        let entries = &self.facts.hukou;
        for (at, entry) in entries.iter().enumerate() {
            let field = format!("family.hukou[{at}]");
            self.known(format!("{field}.person"), &entry.person);
            let from_on = format!("{field}.from_on");
            self.not_before_birth(from_on.clone(), &entry.person, entry.from);
            let died = self.died.get(entry.person.as_str());
            if died.is_some_and(|it| entry.from > *it) {
                self.form
                    .refuse(&from_on, "晚于死亡日期", "is after the death");
            }
            let at_once = |other: &Hukou| {
                other.person == entry.person
                    && other.to.is_none_or(|to| entry.from <= to)
                    && entry.to.is_none_or(|to| other.from <= to)
            };
            if entries.iter().take(at).any(at_once) {
                self.form.refuse(
                    from_on,
                    "同一人同时有两处户籍",
                    "overlaps with another hukou of the same person",
                );
            }
        }
    }

    /// Adoptions, custody, guardianships, stays: of children who are born.
    fn children(&mut self) {
        for (at, it) in self.facts.adoptions.iter().enumerate() {
            let field = format!("family.adoptions[{at}]");
            self.known(format!("{field}.child"), &it.child);
            self.not_before_birth(format!("{field}.adopted_on"), &it.child, it.on);
            for adopter in &it.adopters {
                self.known(format!("{field}.adopters"), adopter);
            }
        }
        for (at, it) in self.facts.custody.iter().enumerate() {
            let field = format!("family.custody[{at}]");
            self.known(format!("{field}.child"), &it.child);
            self.not_before_birth(format!("{field}.from_on"), &it.child, it.from);
            for holder in &it.holders {
                self.known(format!("{field}.holders"), holder);
            }
            for carer in &it.actual_carers {
                self.known(format!("{field}.actual_carers"), carer);
            }
        }
        for (at, it) in self.facts.guardianships.iter().enumerate() {
            let field = format!("family.guardianships[{at}]");
            self.known(format!("{field}.child"), &it.child);
            self.known(format!("{field}.guardian"), &it.guardian);
            self.not_before_birth(format!("{field}.from_on"), &it.child, it.from);
        }
        let mut nurseries = BTreeSet::new();
        for (at, it) in self.facts.institutions.iter().enumerate() {
            if !nurseries.insert(it.id.as_str()) {
                self.form.refuse(
                    format!("family.nurseries[{at}].label"),
                    "代号重复",
                    "stands for two nurseries",
                );
            }
        }
        for (at, it) in self.facts.enrolments.iter().enumerate() {
            let field = format!("family.stays[{at}]");
            self.not_before_birth(format!("{field}.from_on"), &it.child, it.from);
            if !nurseries.contains(it.institution.as_str()) {
                self.form.refuse(
                    format!("{field}.nursery"),
                    "未在nurseries中说明",
                    "is not described in `nurseries`",
                );
            }
        }
    }

    fn known(&mut self, field: String, label: &str) {
        if !self.known.contains(label) {
            self.form.refuse(
                field,
                "persons和deliveries中没有此代号",
                "is a label of nobody in `persons` or `deliveries`",
            );
        }
    }

    fn not_before_birth(&mut self, field: String, label: &str, day: Date) {
        if self.born.get(label).is_some_and(|born_on| day < *born_on) {
            self.before_birth(field);
        }
    }

    fn before_birth(&mut self, field: String) {
        self.form
            .refuse(field, "早于出生日期", "is before the birth");
    }
}
