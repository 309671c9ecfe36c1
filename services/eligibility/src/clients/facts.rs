//! Answers of the registers, from their contracts into the facts of the law.

mod read;

use time::Date;
use tonic::{Code, Response, Status};
use yuhui_kernel::{DivisionCode, Money, city, dates};
use yuhui_platform::{Error, Result, caller::Caller, peers::answered, refusal};
use yuhui_policy::facts::{
    Adoption, Answer, Born, Custody, Delivery, Enrolment, Facts, Guardianship, Honour, HonourLevel,
    Hukou, Institution, InstitutionKind, Marriage, NationalPayment, Person, Suspension,
};
use yuhui_proto::{
    institution::v1::{self as institution_pb, InstitutionDossier},
    internal::v1::{
        GatherEnrolmentFactsRequest, GatherFamilyFactsRequest, GatherInstitutionFactsRequest,
        GatherInstitutionFactsResponse,
        institution_facts_service_client::InstitutionFactsServiceClient,
        verification_service_client::VerificationServiceClient,
    },
    registry::v1::{self as registry_pb},
};

pub(super) use self::read::maybe;

use self::read::{date, division};
use super::{PATIENCE, gaps};
use crate::{
    context::Context,
    domain::{Case, Kind, freshness::Question},
    names::{INSTITUTIONS, REGISTRY},
    store::cases::Stored,
};

/// Largest answer about an institution. The stays of its children, some 170 bytes each, are neither
/// paged nor limited: what the usual 4 MiB hold is many times a large nursery, but no contract says so.
const MAX_DOSSIERS_BYTES: usize = 64 * 1024 * 1024;

/// What the registers answered.
#[derive(Debug, Clone)]
pub(crate) struct Gathered {
    /// The facts, each person under one reference.
    pub(crate) facts: Facts,
    /// Their other references.
    pub(crate) aliases: Aliases,
    /// Who heads the institution.
    pub(crate) legal_person: Option<String>,
    /// When registers that are silent now last answered for the case.
    pub(crate) last_known: Vec<(String, Date)>,
}

impl Gathered {
    /// Of an institution, whose registers know no aliases.
    fn of(facts: Facts, legal_person: Option<String>) -> Self {
        Self {
            facts,
            aliases: Aliases::default(),
            legal_person,
            last_known: Vec::new(),
        }
    }
}

/// References of the other numbers of persons in the facts: a child claimed for by its birth
/// certificate is the child of the citizen number that came later.
#[derive(Debug, Clone, Default)]
pub(crate) struct Aliases(Vec<(String, String)>);

impl Aliases {
    /// The reference by which the facts name whom this one names.
    pub(crate) fn known_as(&self, reference: String) -> String {
        let known = self.0.iter().find(|(_, alias)| *alias == reference);
        known.map_or(reference, |(person, _)| person.clone())
    }

    /// The other references of a person of the facts.
    pub(crate) fn others_of(&self, person: &str) -> Vec<String> {
        let own = self.0.iter().filter(|(named, _)| named == person);
        own.map(|(_, alias)| alias.clone()).collect()
    }

    /// Every reference of a person of the facts.
    pub(crate) fn all_of<'a>(&'a self, person: &'a str) -> Vec<&'a str> {
        let own = self.0.iter().filter(|(named, _)| named == person);
        let others = own.map(|(_, alias)| alias.as_str());
        std::iter::once(person).chain(others).collect()
    }

    /// Every other reference of anybody.
    pub(crate) fn all(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(_, alias)| alias.clone())
    }
}

/// What a peer answered in time; nothing if it is silent. One that only has too much to do is not: the
/// act is done again in a moment, and nobody waits for a register that was never asked.
async fn in_time<T>(
    peer: &str,
    call: impl Future<Output = Result<Response<T>, Status>>,
) -> Result<Option<T>> {
    let reply = match tokio::time::timeout(PATIENCE, call).await {
        Ok(reply) => answered(peer, reply),
        Err(_) => Err(refusal::unavailable(peer).into()),
    };
    match reply {
        Ok(reply) => Ok(Some(reply)),
        Err(error) if error.is_silence() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Facts of a family case, but for enrolments. The register is told the claimant's name, and answers
/// whether it is the number's. Where it is silent nothing is known, and nothing absent.
pub(crate) async fn family(
    context: &Context,
    caller: &Caller,
    stored: &Stored,
    question: Question,
) -> Result<Gathered> {
    let case = &stored.case;
    let mut client = VerificationServiceClient::new(context.peers.call(REGISTRY, caller)?);
    let request = GatherFamilyFactsRequest {
        case: case.name(),
        child_ref: case.subject_ref.clone(),
        claimant_ref: case.claimant_ref.clone(),
        stated_names: vec![registry_pb::StatedName {
            person_ref: case.claimant_ref.clone(),
            display_name: context.open(stored)?.claimant_name,
        }],
    };
    let reply = in_time(REGISTRY, client.gather_family_facts(request)).await?;
    let Some(reply) = reply else {
        let facts = Facts {
            gaps: gaps::of_a_silent_registry(case),
            names: vec![super::names::of(&[], &case.claimant_ref)],
            ..Facts::default()
        };
        return Ok(Gathered::of(facts, None));
    };
    let last_known = reply.last_known.into_iter().map(|it| {
        let register = register_name(it.register());
        Ok((register, date(&it.answered_on)?))
    });
    let last_known = last_known.collect::<Result<_>>()?;
    let mut told = reply.facts.unwrap_or_default();
    let open = std::mem::take(&mut told.told);
    let aliases = std::mem::take(&mut told.aliases);
    let aliases = aliases.into_iter().map(|it| (it.person_ref, it.alias_ref));
    let claimant = super::names::of(&told.names, &case.claimant_ref);
    let mut facts = from_registry(told)?;
    facts.names = vec![claimant];
    facts.gaps = gaps::told(open, &case.subject_ref, question, context.today())?;
    Ok(Gathered {
        facts,
        aliases: Aliases(aliases.collect()),
        legal_person: None,
        last_known,
    })
}

/// Enrolments of the child, whatever number they were reported under, with the institutions.
pub(crate) async fn enrolments(
    context: &Context,
    caller: &Caller,
    case: &Case,
    alias_refs: Vec<String>,
) -> Result<Facts> {
    let mut client = InstitutionFactsServiceClient::new(context.peers.call(INSTITUTIONS, caller)?);
    let request = GatherEnrolmentFactsRequest {
        child_ref: case.subject_ref.clone(),
        alias_refs,
    };
    let reply = in_time(INSTITUTIONS, client.gather_enrolment_facts(request)).await?;
    let Some(reply) = reply else {
        return Ok(Facts {
            gaps: gaps::of_silent_stays(case),
            ..Facts::default()
        });
    };
    let gaps = gaps::of_unchecked(&reply.unchecked)?;
    Ok(Facts {
        gaps,
        ..from_dossiers(reply.dossiers, &reply.answered_on)?
    })
}

/// Facts of an institution case: its dossier, and those of institutions that share children.
pub(crate) async fn institution(
    context: &Context,
    caller: &Caller,
    case: &Case,
) -> Result<Gathered> {
    let reply = match dossiers(context, caller, case).await? {
        Told::Known(reply) => *reply,
        // An institution that nobody registered is a fact too.
        Told::Absent => {
            let facts = from_dossiers(Vec::new(), &dates::format(context.today()))?;
            return Ok(Gathered::of(facts, None));
        }
        Told::Silent => {
            let facts = Facts {
                gaps: gaps::of_a_silent_institution(case),
                ..Facts::default()
            };
            return Ok(Gathered::of(facts, None));
        }
    };
    let own = reply
        .dossier
        .as_ref()
        .and_then(|it| it.institution.as_ref());
    let legal_person = own.map(|it| it.legal_person.clone());
    let dossiers = reply.dossier.into_iter().chain(reply.elsewhere).collect();
    let facts = from_dossiers(dossiers, &reply.answered_on)?;
    Ok(Gathered::of(
        facts,
        legal_person.filter(|it| !it.is_empty()),
    ))
}

/// The name under which the institution of a case is registered: its account is in that name (I7).
/// `None` for families, for what nobody registered, and while nobody answers.
pub(crate) async fn registered_name(
    context: &Context,
    caller: &Caller,
    case: &Case,
) -> Result<Option<String>> {
    if case.kind() == Kind::Family || case.subject_ref.is_empty() {
        return Ok(None);
    }
    let reply = match dossiers(context, caller, case).await? {
        Told::Known(reply) => *reply,
        Told::Absent | Told::Silent => return Ok(None),
    };
    let institution = reply.dossier.and_then(|it| it.institution);
    Ok(institution.map(|it| it.display_name))
}

/// What the institution registry says of an institution.
enum Told {
    Known(Box<GatherInstitutionFactsResponse>),
    Absent,
    Silent,
}

async fn dossiers(context: &Context, caller: &Caller, case: &Case) -> Result<Told> {
    let mut client = InstitutionFactsServiceClient::new(context.peers.call(INSTITUTIONS, caller)?)
        .max_decoding_message_size(MAX_DOSSIERS_BYTES);
    let request = GatherInstitutionFactsRequest {
        institution_ref: case.subject_ref.clone(),
        subsidy_year: case.subsidy_year,
    };
    let asked = async {
        match client.gather_institution_facts(request).await {
            Err(status) if status.code() == Code::NotFound => Ok(Response::new(None)),
            reply => reply.map(|it| Response::new(Some(it.into_inner()))),
        }
    };
    Ok(match in_time(INSTITUTIONS, asked).await? {
        Some(Some(reply)) => Told::Known(Box::new(reply)),
        Some(None) => Told::Absent,
        None => Told::Silent,
    })
}

pub(super) fn from_registry(facts: registry_pb::FamilyFacts) -> Result<Facts> {
    Ok(Facts {
        persons: facts
            .persons
            .into_iter()
            .map(person)
            .collect::<Result<_>>()?,
        hukou: facts.hukou.into_iter().map(hukou).collect::<Result<_>>()?,
        marriages: facts
            .marriages
            .into_iter()
            .map(marriage)
            .collect::<Result<_>>()?,
        births: facts
            .deliveries
            .into_iter()
            .map(delivery)
            .collect::<Result<_>>()?,
        adoptions: facts
            .adoptions
            .into_iter()
            .map(adoption)
            .collect::<Result<_>>()?,
        custody: facts
            .custody
            .into_iter()
            .map(custody)
            .collect::<Result<_>>()?,
        guardianships: facts
            .guardianships
            .into_iter()
            .map(guardianship)
            .collect::<Result<_>>()?,
        national_payments: facts
            .national_payments
            .into_iter()
            .map(national_payment)
            .collect::<Result<_>>()?,
        answers: facts
            .answers
            .into_iter()
            .map(answer)
            .collect::<Result<_>>()?,
        ..Facts::default()
    })
}

fn person(it: registry_pb::PersonRecord) -> Result<Person> {
    Ok(Person {
        born_on: date(&it.born_on)?,
        died_on: maybe(&it.died_on)?,
        id: it.identity_number,
    })
}

fn hukou(it: registry_pb::HukouRecord) -> Result<Hukou> {
    Ok(Hukou {
        county: division(&it.division)?.county(),
        from: date(&it.from_on)?,
        to: maybe(&it.to_on)?,
        person: it.person,
    })
}

fn marriage(it: registry_pb::MarriageRecord) -> Result<Marriage> {
    let (from, to) = (date(&it.from_on)?, maybe(&it.to_on)?);
    let spouses = it
        .spouses
        .try_into()
        .map_err(|_| Error::fault("a marriage has two spouses"))?;
    Ok(Marriage { spouses, from, to })
}

fn delivery(it: registry_pb::DeliveryRecord) -> Result<Delivery> {
    Ok(Delivery {
        birth_service_registered_on: maybe(&it.birth_service_registered_on)?,
        children: it.children.into_iter().map(born).collect::<Result<_>>()?,
        delivery: it.delivery,
        mother: it.mother,
        father: (!it.father.is_empty()).then_some(it.father),
    })
}

fn born(it: registry_pb::BornChild) -> Result<Born> {
    Ok(Born {
        born_on: date(&it.born_on)?,
        order: u32::try_from(it.birth_order)
            .map_err(|_| Error::fault("a birth order is positive"))?,
        live: it.live,
        id: it.child,
    })
}

fn adoption(it: registry_pb::AdoptionRecord) -> Result<Adoption> {
    Ok(Adoption {
        on: date(&it.adopted_on)?,
        child: it.child,
        adopters: it.adopters,
    })
}

fn custody(it: registry_pb::CustodyRecord) -> Result<Custody> {
    Ok(Custody {
        from: date(&it.from_on)?,
        to: maybe(&it.to_on)?,
        child: it.child,
        holders: it.holders,
        actual_carers: it.actual_carers,
    })
}

fn national_payment(it: registry_pb::NationalPaymentRecord) -> Result<NationalPayment> {
    Ok(NationalPayment {
        on: date(&it.paid_on)?,
        for_year: Some(it.for_year),
        amount: Money::from_fen(it.amount_fen),
        child: it.child,
    })
}

fn guardianship(it: registry_pb::GuardianshipRecord) -> Result<Guardianship> {
    Ok(Guardianship {
        from: date(&it.from_on)?,
        to: maybe(&it.to_on)?,
        child: it.child,
        guardian: it.guardian,
    })
}

fn answer(it: registry_pb::Answer) -> Result<Answer> {
    let register = register_name(it.register());
    // Named by content, not by row: equal answers on one day are one piece of evidence.
    Ok(Answer {
        register,
        answered_on: date(&it.answered_on)?,
        reference: it.digest,
    })
}

/// The law's name of a register.
pub(crate) fn register_name(register: registry_pb::Register) -> String {
    let name = register.as_str_name();
    name.trim_start_matches("REGISTER_").to_owned()
}

fn from_dossiers(dossiers: Vec<InstitutionDossier>, answered_on: &str) -> Result<Facts> {
    let mut facts = Facts::default();
    for dossier in dossiers {
        if let Some(it) = dossier.institution {
            facts.institutions.push(record(it)?);
        }
        for stay in dossier.enrolments {
            facts.enrolments.push(enrolment(stay)?);
        }
    }
    facts.answers.push(Answer {
        register: "INSTITUTION_REGISTRY".into(),
        answered_on: date(answered_on)?,
        reference: String::new(),
    });
    Ok(facts)
}

fn record(it: institution_pb::Institution) -> Result<Institution> {
    let keeper = it.name.split('/').nth(1).unwrap_or_default();
    // One outside the city is kept by the county whose children attend it.
    let premises = it.township.parse::<DivisionCode>().ok();
    let elsewhere = premises.filter(|it| !city().contains(it));
    Ok(Institution {
        kind: match it.kind() {
            institution_pb::InstitutionKind::Kindergarten => InstitutionKind::Kindergarten,
            _ => InstitutionKind::Nursery,
        },
        county: elsewhere.map_or_else(|| division(keeper), |it| Ok(it.county()))?,
        registered_on: maybe(&it.registered_on)?,
        filed_on: maybe(&it.filed_on)?,
        education_approved_on: maybe(&it.education_approved_on)?,
        inclusive_recognised_on: maybe(&it.inclusive_recognised_on)?,
        suspensions: it
            .suspensions
            .iter()
            .map(|it| {
                Ok(Suspension {
                    from: date(&it.from_on)?,
                    to: maybe(&it.to_on)?,
                })
            })
            .collect::<Result<_>>()?,
        honours: it
            .honours
            .iter()
            .map(|it| {
                Ok(Honour {
                    level: level(it.level())?,
                    granted_on: date(&it.granted_on)?,
                })
            })
            .collect::<Result<_>>()?,
        certified_headcount: it
            .certificates
            .iter()
            .map(|it| {
                (
                    it.subsidy_year,
                    u32::try_from(it.headcount).unwrap_or_default(),
                )
            })
            .collect(),
        id: it.institution_ref,
    })
}

fn level(level: institution_pb::HonourLevel) -> Result<HonourLevel> {
    Ok(match level {
        institution_pb::HonourLevel::Municipal => HonourLevel::Municipal,
        institution_pb::HonourLevel::Regional => HonourLevel::Regional,
        institution_pb::HonourLevel::National => HonourLevel::National,
        institution_pb::HonourLevel::Unspecified => {
            return Err(Error::fault("an honour has a level"));
        }
    })
}

fn enrolment(it: institution_pb::Enrolment) -> Result<Enrolment> {
    Ok(Enrolment {
        born_on: date(&it.child_born_on)?,
        from: date(&it.from_on)?,
        to: maybe(&it.to_on)?,
        fee_receipts: it.fee_receipts,
        child: it.child,
        institution: it.institution_ref,
    })
}
