//! Civil affairs: marriages, adoptions, custody, guardianships.

use std::collections::BTreeSet;

use yuhui_platform::{
    Caller, Result, act::OpenAct, form::Form, idempotency, unless_answered, vault::Vault,
};
use yuhui_proto::registry::v1 as pb;

use super::{
    Mentions, count,
    people::{RECORDS, person, persons},
    plausible::{Known, Told, once},
    record,
};
use crate::{
    Deps,
    domain::{
        Adoption, Custody, Ending, Guardianship, Identities, Marriage, NamesPersons, Register,
    },
    store::Registers,
};

/// Longest name of a basis of custody, in bytes.
const BASIS: usize = 64;

/// Takes the import.
pub async fn import(
    deps: &Deps,
    caller: &Caller,
    ask: pb::ImportCivilAffairsRequest,
) -> Result<pb::ImportCivilAffairsResponse> {
    let tenant = caller.tenant()?;
    let key = idempotency::Key::new(caller, &ask.request_id, &ask)?;
    let mut reader = Reader {
        vault: &deps.vault,
        form: Form::default(),
        mentions: Mentions::default(),
    };
    let records = reader.read(&ask)?;

    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, tenant, key));
    let registers = Registers::of(&act.tx)?;
    registers.lock_registers().await?;
    let ids = reader.mentions.check(&mut reader.form, &registers).await?;
    let named = reader.mentions.0.iter().map(|(_, person)| ids.of(person));
    let known = Known::of(&registers, &named.collect::<BTreeSet<_>>()).await?;
    let records = records.under(&ids).once(&mut reader.form);
    let told = records.told();
    let warnings = told.check(&known, deps.clock.today(), &mut reader.form);
    reader.form.finish()?;

    let answer = pb::ImportCivilAffairsResponse {
        written: count(records.len()),
        warnings,
    };
    registers.put_marriages(rows(records.marriages)).await?;
    registers.put_adoptions(rows(records.adoptions)).await?;
    registers.put_custody(rows(records.custody)).await?;
    registers
        .put_guardianships(rows(records.guardianships))
        .await?;
    record(&act, Register::CivilAffairs, &ask, answer.written).await?;
    act.finish(answer).await
}

/// The records of an import, each with the field where it stands.
struct Records {
    marriages: Vec<(String, Marriage)>,
    adoptions: Vec<(String, Adoption)>,
    custody: Vec<(String, Custody)>,
    guardianships: Vec<(String, Guardianship)>,
}

fn rows<T>(records: Vec<(String, T)>) -> Vec<T> {
    records.into_iter().map(|(_, row)| row).collect()
}

fn renamed<T: NamesPersons>(ids: &Identities, records: Vec<(String, T)>) -> Vec<(String, T)> {
    let records = records.into_iter();
    records
        .map(|(field, row)| (field, ids.rename(row)))
        .collect()
}

fn told<T>(records: &[(String, T)]) -> Vec<(String, &T)> {
    let records = records.iter();
    records.map(|(field, row)| (field.clone(), row)).collect()
}

impl Records {
    /// The records with everybody under the reference at which the registers keep them.
    fn under(self, ids: &Identities) -> Self {
        Self {
            marriages: renamed(ids, self.marriages),
            adoptions: renamed(ids, self.adoptions),
            custody: renamed(ids, self.custody),
            guardianships: renamed(ids, self.guardianships),
        }
    }

    /// Each key once.
    fn once(self, form: &mut Form) -> Self {
        Self {
            marriages: once(form, self.marriages, |it| (it.spouses.clone(), it.from_on)),
            adoptions: once(form, self.adoptions, |it| (it.child.clone(), it.adopted_on)),
            custody: once(form, self.custody, |it| (it.child.clone(), it.from_on)),
            guardianships: once(form, self.guardianships, |it| {
                (it.child.clone(), it.guardian.clone(), it.from_on)
            }),
        }
    }

    fn told(&self) -> Told<'_> {
        Told {
            marriages: told(&self.marriages),
            adoptions: told(&self.adoptions),
            custody: told(&self.custody),
            guardianships: told(&self.guardianships),
            ..Told::default()
        }
    }

    fn len(&self) -> usize {
        self.marriages.len() + self.adoptions.len() + self.custody.len() + self.guardianships.len()
    }
}

struct Reader<'a> {
    vault: &'a Vault,
    form: Form,
    mentions: Mentions,
}

impl Reader<'_> {
    fn read(&mut self, ask: &pb::ImportCivilAffairsRequest) -> Result<Records> {
        self.form.limit("marriages", &ask.marriages, RECORDS);
        self.form.limit("adoptions", &ask.adoptions, RECORDS);
        self.form.limit("custody", &ask.custody, RECORDS);
        self.form
            .limit("guardianships", &ask.guardianships, RECORDS);
        self.form.finish()?;
        let marriages = self.each("marriages", &ask.marriages, Self::marriage);
        let adoptions = self.each("adoptions", &ask.adoptions, Self::adoption);
        let custody = self.each("custody", &ask.custody, Self::custody);
        let guardianships = self.each("guardianships", &ask.guardianships, Self::guardianship);
        self.form.finish()?;
        Ok(Records {
            marriages,
            adoptions,
            custody,
            guardianships,
        })
    }

    fn each<T, R>(
        &mut self,
        list: &str,
        records: &[T],
        read: impl Fn(&mut Self, &str, &T) -> Option<R>,
    ) -> Vec<(String, R)> {
        let numbered = records.iter().enumerate();
        numbered
            .filter_map(|(i, record)| {
                let field = format!("{list}[{i}]");
                read(self, &field, record).map(|row| (field, row))
            })
            .collect()
    }

    fn marriage(&mut self, field: &str, record: &pb::MarriageRecord) -> Option<Marriage> {
        let at = format!("{field}.spouses");
        let spouses = persons(&mut self.form, self.vault, &at, &record.spouses);
        let period = self.form.period(field, &record.from_on, &record.to_on);
        let ending = match record.ended_by() {
            pb::marriage_record::Ending::Unspecified => None,
            pb::marriage_record::Ending::Divorce => Some(Ending::Divorce),
            pb::marriage_record::Ending::Death => Some(Ending::Death),
        };
        let (spouses, (from_on, to_on)) = (spouses?, period?);
        self.mentions.add_all(&at, &spouses);
        let Ok(spouses) = spouses.try_into() else {
            self.form.refuse(at, "须为两人", "must name two persons");
            return None;
        };
        let ended = match (to_on, ending) {
            (None, None) => None,
            (Some(on), Some(by)) => Some((on, by)),
            _ => {
                self.form.refuse(
                    format!("{field}.ended_by"),
                    "终止日期与终止方式须同时填写",
                    "must be stated with the end and only with it",
                );
                return None;
            }
        };
        Some(Marriage {
            spouses,
            from_on,
            ended,
        })
    }

    fn adoption(&mut self, field: &str, record: &pb::AdoptionRecord) -> Option<Adoption> {
        let at = format!("{field}.adopters");
        let child_at = format!("{field}.child");
        let child = person(&mut self.form, self.vault, &child_at, &record.child);
        let adopters = persons(&mut self.form, self.vault, &at, &record.adopters);
        let adopted_on = self
            .form
            .date(&format!("{field}.adopted_on"), &record.adopted_on);
        let (child, adopters, adopted_on) = (child?, adopters?, adopted_on?);
        self.mentions.add(child_at, &child);
        self.mentions.add_all(&at, &adopters);
        if !(1..=2).contains(&adopters.len()) {
            self.form
                .refuse(at, "须为一人或两人", "must name one or two persons");
            return None;
        }
        if adopters.contains(&child) {
            self.form
                .refuse(at, "收养人不能是孩子本人", "must not name the child");
            return None;
        }
        Some(Adoption {
            child,
            adopted_on,
            adopters,
        })
    }

    fn custody(&mut self, field: &str, record: &pb::CustodyRecord) -> Option<Custody> {
        let child_at = format!("{field}.child");
        let (holders_at, carers_at) =
            (format!("{field}.holders"), format!("{field}.actual_carers"));
        let child = person(&mut self.form, self.vault, &child_at, &record.child);
        let holders = persons(&mut self.form, self.vault, &holders_at, &record.holders);
        let carers = persons(
            &mut self.form,
            self.vault,
            &carers_at,
            &record.actual_carers,
        );
        let period = self.form.period(field, &record.from_on, &record.to_on);
        if record.basis.is_empty() || record.basis.len() > BASIS {
            self.form.refuse(
                format!("{field}.basis"),
                "须为1至64个字节",
                "must have 1 to 64 bytes",
            );
        }
        let (child, holders, actual_carers) = (child?, holders?, carers?);
        self.mentions.add(child_at, &child);
        self.mentions.add_all(&holders_at, &holders);
        self.mentions.add_all(&carers_at, &actual_carers);
        let (from_on, to_on) = period?;
        Some(Custody {
            child,
            from_on,
            to_on,
            holders,
            actual_carers,
            basis: record.basis.clone(),
        })
    }

    fn guardianship(
        &mut self,
        field: &str,
        record: &pb::GuardianshipRecord,
    ) -> Option<Guardianship> {
        let (child_at, guardian_at) = (format!("{field}.child"), format!("{field}.guardian"));
        let child = person(&mut self.form, self.vault, &child_at, &record.child);
        let guardian = person(&mut self.form, self.vault, &guardian_at, &record.guardian);
        let period = self.form.period(field, &record.from_on, &record.to_on);
        let (child, guardian, (from_on, to_on)) = (child?, guardian?, period?);
        self.mentions.add(child_at, &child);
        self.mentions.add(&guardian_at, &guardian);
        if child == guardian {
            self.form
                .refuse(guardian_at, "监护人不能是孩子本人", "must not be the child");
            return None;
        }
        Some(Guardianship {
            child,
            guardian,
            from_on,
            to_on,
        })
    }
}
