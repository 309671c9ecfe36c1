//! Between the contract and the domain: the names in requests, facts and answers as they are told, and
//! what each register said of them.

use prost::Message;
use sha2::{Digest as _, Sha256};
use time::Date;
use uuid::Uuid;
use yuhui_kernel::{Sex, Tenant, dates, resource_name};
use yuhui_platform::{
    Caller,
    refusal::{self, Common, Violation},
};
use yuhui_proto::registry::v1 as pb;

use crate::{
    domain::{
        Adoption, Custody, Delivery, Ending, FactKind, FamilyFacts, Guardianship, Hukou, Marriage,
        NameAnswer, NationalPayment, Person, PersonRef, Register, Said, Standing, Told,
    },
    store::answers::Answer,
};

/// `counties/{county}/cases/{uuid}`. A county that does not exist is not
/// found, as one that is not the caller's.
pub fn case(field: &str, name: &str) -> Result<(Tenant, Uuid), Common> {
    let parts = resource_name::child(name, "cases");
    let parts = parts.and_then(|(county, case)| Some((county, Uuid::parse_str(case).ok()?)));
    let (county, case) = parts.ok_or_else(|| {
        malformed(
            field,
            "须为counties/{旗县区代码}/cases/{编号}",
            "must be counties/{county}/cases/{case}",
        )
    })?;
    let county = Tenant::parse(county).map_err(|_| refusal::not_found(name))?;
    Ok((county, case))
}

/// `counties/{county}`, if the caller reaches it.
pub fn county(caller: &Caller, name: &str) -> Result<Tenant, Common> {
    let named = resource_name::county(name);
    let named = named.and_then(|code| Tenant::parse(code).ok());
    let named = named.ok_or_else(|| refusal::not_found(name))?;
    caller.tenant_for(&named)
}

/// The blind reference of a person.
pub fn person_ref(field: &str, text: &str) -> Result<PersonRef, Common> {
    PersonRef::parse(text).ok_or_else(|| {
        malformed(
            field,
            "须为64位十六进制的人员标识",
            "must be a blind reference of 64 hex digits",
        )
    })
}

/// A field that is not written as it must be.
pub fn malformed(field: &str, zh: &str, en: &str) -> Common {
    refusal::invalid(vec![Violation::new(field, zh, en)])
}

/// What one register said, and nothing else: its records, and what it left open. What it knows and what it knows to
/// be absent follows from the records.
fn said_by(register: Register, facts: &pb::FamilyFacts) -> pb::FamilyFacts {
    use pb::register_answer::Answer;
    let own = self::register(register);
    let is_open = |it: &&pb::RegisterAnswer| {
        let settled = matches!(it.answer, Some(Answer::Known(_) | Answer::Absent(_)));
        it.register() == own && !settled
    };
    let told = facts.told.iter().filter(is_open).cloned().collect();
    match register {
        Register::PublicSecurity => pb::FamilyFacts {
            persons: facts.persons.clone(),
            hukou: facts.hukou.clone(),
            aliases: facts.aliases.clone(),
            names: facts.names.clone(),
            told,
            ..pb::FamilyFacts::default()
        },
        Register::CivilAffairs => pb::FamilyFacts {
            marriages: facts.marriages.clone(),
            adoptions: facts.adoptions.clone(),
            custody: facts.custody.clone(),
            guardianships: facts.guardianships.clone(),
            told,
            ..pb::FamilyFacts::default()
        },
        Register::Maternity => pb::FamilyFacts {
            deliveries: facts.deliveries.clone(),
            national_payments: facts.national_payments.clone(),
            told,
            ..pb::FamilyFacts::default()
        },
    }
}

/// SHA-256 of what one register said, in the encoding of the contract: who
/// holds the facts can compute it again.
pub fn digest(register: Register, facts: &pb::FamilyFacts) -> String {
    let said = said_by(register, facts);
    hex::encode(Sha256::digest(said.encode_to_vec()))
}

/// The facts, not yet with the answers they come from.
pub fn facts(facts: FamilyFacts) -> pb::FamilyFacts {
    pb::FamilyFacts {
        persons: all(facts.persons, person),
        hukou: all(facts.hukou, hukou),
        marriages: all(facts.marriages, marriage),
        deliveries: all(facts.deliveries, delivery),
        adoptions: all(facts.adoptions, adoption),
        custody: all(facts.custody, custody),
        guardianships: all(facts.guardianships, guardianship),
        national_payments: all(facts.national_payments, national_payment),
        aliases: all(facts.aliases, alias),
        names: all(facts.names, name),
        told: all(facts.told, told),
        answers: Vec::new(),
    }
}

/// The register's name in the contract.
pub fn register(register: Register) -> pb::Register {
    match register {
        Register::PublicSecurity => pb::Register::PublicSecurity,
        Register::CivilAffairs => pb::Register::CivilAffairs,
        Register::Maternity => pb::Register::Maternity,
    }
}

/// A kind of fact in the contract.
pub fn kind(kind: FactKind) -> pb::FactKind {
    match kind {
        FactKind::Person => pb::FactKind::Person,
        FactKind::Death => pb::FactKind::Death,
        FactKind::Hukou => pb::FactKind::Hukou,
        FactKind::Alias => pb::FactKind::Alias,
        FactKind::Marriage => pb::FactKind::Marriage,
        FactKind::Adoption => pb::FactKind::Adoption,
        FactKind::Custody => pb::FactKind::Custody,
        FactKind::Guardianship => pb::FactKind::Guardianship,
        FactKind::Birth => pb::FactKind::Birth,
        FactKind::Siblings => pb::FactKind::Siblings,
        FactKind::BirthService => pb::FactKind::BirthService,
        FactKind::NationalPayment => pb::FactKind::NationalPayment,
    }
}

fn told(it: Told) -> pb::RegisterAnswer {
    use pb::register_answer::{Absent, Answer, Known, Unavailable, unavailable::Cause};
    let unavailable = |cause: Cause, from_on: String| {
        Answer::Unavailable(Unavailable {
            cause: cause.into(),
            from_on,
            to_on: String::new(),
        })
    };
    let answer = match it.said {
        Said::Known => Answer::Known(Known {}),
        Said::Absent => Answer::Absent(Absent {}),
        Said::Silent => unavailable(Cause::Silent, String::new()),
        Said::Stale { as_of } => {
            unavailable(Cause::Stale, dates::format(dates::add_days(as_of, 1)))
        }
        Said::OutOfCoverage => unavailable(Cause::OutOfCoverage, String::new()),
    };
    pb::RegisterAnswer {
        register: register(it.fact.register()).into(),
        fact: kind(it.fact).into(),
        subject_ref: text(&it.subject),
        answer: Some(answer),
    }
}

fn all<R, M>(records: Vec<R>, shown: impl Fn(R) -> M) -> Vec<M> {
    records.into_iter().map(shown).collect()
}

fn text(person: &PersonRef) -> String {
    person.as_str().to_owned()
}

fn texts(persons: &[PersonRef]) -> Vec<String> {
    persons.iter().map(text).collect()
}

fn day(date: Option<Date>) -> String {
    date.map(dates::format).unwrap_or_default()
}

fn person(it: Person) -> pb::PersonRecord {
    let sex = match it.sex {
        Sex::Female => pb::Sex::Female,
        Sex::Male => pb::Sex::Male,
    };
    pb::PersonRecord {
        identity_number: text(&it.person),
        display_name: String::new(),
        sex: sex.into(),
        born_on: dates::format(it.born_on),
        died_on: day(it.died_on),
    }
}

pub fn alias((person, other): (PersonRef, PersonRef)) -> pb::PersonAlias {
    pb::PersonAlias {
        person_ref: text(&person),
        alias_ref: text(&other),
    }
}

fn name((person, answer): (PersonRef, NameAnswer)) -> pb::NameFinding {
    let answer = match answer {
        NameAnswer::Match => pb::NameAnswer::Match,
        NameAnswer::Mismatch => pb::NameAnswer::Mismatch,
        NameAnswer::NoSuchNumber => pb::NameAnswer::NoSuchNumber,
        NameAnswer::CannotCompare => pb::NameAnswer::CannotCompare,
        NameAnswer::Unavailable => pb::NameAnswer::Unavailable,
    };
    pb::NameFinding {
        person_ref: text(&person),
        answer: answer.into(),
    }
}

fn hukou(it: Hukou) -> pb::HukouRecord {
    pb::HukouRecord {
        person: text(&it.person),
        division: it.division.to_string(),
        from_on: dates::format(it.from_on),
        to_on: day(it.to_on),
    }
}

fn marriage(it: Marriage) -> pb::MarriageRecord {
    use pb::marriage_record::Ending as Shown;
    let ended_by = match it.ended {
        None => Shown::Unspecified,
        Some((_, Ending::Divorce)) => Shown::Divorce,
        Some((_, Ending::Death)) => Shown::Death,
    };
    pb::MarriageRecord {
        spouses: texts(&it.spouses),
        from_on: dates::format(it.from_on),
        to_on: day(it.ended.map(|(on, _)| on)),
        ended_by: ended_by.into(),
    }
}

fn adoption(it: Adoption) -> pb::AdoptionRecord {
    pb::AdoptionRecord {
        child: text(&it.child),
        adopters: texts(&it.adopters),
        adopted_on: dates::format(it.adopted_on),
    }
}

fn custody(it: Custody) -> pb::CustodyRecord {
    pb::CustodyRecord {
        child: text(&it.child),
        holders: texts(&it.holders),
        actual_carers: texts(&it.actual_carers),
        from_on: dates::format(it.from_on),
        to_on: day(it.to_on),
        basis: it.basis,
    }
}

fn guardianship(it: Guardianship) -> pb::GuardianshipRecord {
    pb::GuardianshipRecord {
        child: text(&it.child),
        guardian: text(&it.guardian),
        from_on: dates::format(it.from_on),
        to_on: day(it.to_on),
    }
}

fn national_payment(it: NationalPayment) -> pb::NationalPaymentRecord {
    pb::NationalPaymentRecord {
        child: text(&it.child),
        paid_on: dates::format(it.paid_on),
        for_year: it.for_year,
        amount_fen: it.amount.fen(),
    }
}

fn delivery(it: Delivery) -> pb::DeliveryRecord {
    let children = it.children.into_iter().map(|child| pb::BornChild {
        child: child.child.as_ref().map(text).unwrap_or_default(),
        born_on: dates::format(child.born_on),
        birth_order: child.order,
        live: child.live,
    });
    pb::DeliveryRecord {
        delivery: it.number,
        mother: text(&it.mother),
        father: it.father.as_ref().map(text).unwrap_or_default(),
        birth_service_registered_on: day(it.birth_service_registered_on),
        children: children.collect(),
    }
}

/// What a silent register said when it last spoke.
pub fn last_known(answer: Answer) -> pb::LastKnown {
    pb::LastKnown {
        register: register(answer.register).into(),
        answered_on: dates::format(answer.answered_on),
        digest: answer.digest,
    }
}

/// An answer.
pub fn answer(tenant: Tenant, answer: Answer) -> pb::Answer {
    pb::Answer {
        name: format!("counties/{tenant}/answers/{}", answer.id),
        case: format!("counties/{tenant}/cases/{}", answer.case),
        register: register(answer.register).into(),
        answered_on: dates::format(answer.answered_on),
        as_of_on: dates::format(answer.as_of),
        digest: answer.digest,
    }
}

/// How a register stands.
pub fn state(tenant: Tenant, it: Standing) -> pb::RegisterState {
    pb::RegisterState {
        name: format!("counties/{tenant}/registers/{}", it.register.as_str()),
        register: register(it.register).into(),
        unavailable: it.unavailable,
        reason: it.reason,
        as_of_on: day(it.as_of),
        partial: it.partial.iter().map(|it| kind(*it).into()).collect(),
        since_on: day(it.since),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_changes_with_what_its_own_register_said_only() {
        let facts = pb::FamilyFacts::default();
        let moved = pb::FamilyFacts {
            hukou: vec![pb::HukouRecord::default()],
            ..facts.clone()
        };
        let changed = |register| digest(register, &facts) != digest(register, &moved);
        assert_eq!(Register::ALL.map(changed), [true, false, false]);
    }
}
