//! Civil affairs: marriages, adoptions, custody, guardianships.

use yuhui_platform::{Caller, Result, form::Form, idempotency, vault::Vault};
use yuhui_proto::registry::v1 as pb;

use super::{Mentions, count, last_of_each, record};
use crate::{
    Deps,
    domain::{Adoption, Custody, Ending, Guardianship, Identities, Marriage, Register},
    rpc::people::{RECORDS, person, persons},
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

    let tx = deps.db.begin(tenant).await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    let registers = Registers::of(&tx)?;
    registers.hold_identities(false).await?;
    let ids = reader.mentions.check(&mut reader.form, &registers).await?;
    reader.form.finish()?;
    let records = records.under(&ids);

    let answer = pb::ImportCivilAffairsResponse {
        written: count(records.len()),
    };
    registers.put_marriages(records.marriages).await?;
    registers.put_adoptions(records.adoptions).await?;
    registers.put_custody(records.custody).await?;
    registers.put_guardianships(records.guardianships).await?;
    record(
        &tx,
        deps,
        caller,
        Register::CivilAffairs,
        &ask,
        answer.written,
    )
    .await?;
    key.remember(&tx, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

/// The records of an import.
struct Records {
    marriages: Vec<Marriage>,
    adoptions: Vec<Adoption>,
    custody: Vec<Custody>,
    guardianships: Vec<Guardianship>,
}

impl Records {
    /// The records with everybody under the reference at which the registers keep them, each key
    /// once.
    fn under(self, ids: &Identities) -> Self {
        Self {
            marriages: last_of_each(ids, self.marriages, |it| (it.spouses.clone(), it.from_on)),
            adoptions: last_of_each(ids, self.adoptions, |it| (it.child.clone(), it.adopted_on)),
            custody: last_of_each(ids, self.custody, |it| (it.child.clone(), it.from_on)),
            guardianships: last_of_each(ids, self.guardianships, |it| {
                (it.child.clone(), it.guardian.clone(), it.from_on)
            }),
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
    ) -> Vec<R> {
        let numbered = records.iter().enumerate();
        numbered
            .filter_map(|(i, record)| read(self, &format!("{list}[{i}]"), record))
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
