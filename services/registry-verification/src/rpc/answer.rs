//! `VerificationService`: what the registers know by today, and the answers
//! they gave.

use std::collections::BTreeSet;

use tonic::{Request, Response, Status};
use uuid::Uuid;
use yuhui_kernel::{Tenant, dates};
use yuhui_platform::{
    Caller, Result, caller,
    form::Form,
    paging::Page,
    refusal::{self, Common, Violation},
};
use yuhui_proto::registry::v1::{self as pb, verification_service_server::VerificationService};

use super::{facts, names};
use crate::{
    Deps,
    domain::{PersonRef, Register},
    store::{
        Registers,
        answers::{self, Answer},
        states,
    },
};

/// Nobody born earlier is a child.
const EARLIEST_YEAR: i32 = 2000;

/// Most persons whose aliases are asked for at once: the children of the largest nursery.
const PERSONS: usize = 10_000;

/// Serves the answers.
pub struct Verification(pub Deps);

#[tonic::async_trait]
impl VerificationService for Verification {
    async fn gather_family_facts(
        &self,
        request: Request<pb::GatherFamilyFactsRequest>,
    ) -> Result<Response<pb::GatherFamilyFactsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.gather(&caller, ask).await?))
    }

    async fn list_relatives(
        &self,
        request: Request<pb::ListRelativesRequest>,
    ) -> Result<Response<pb::ListRelativesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.relatives(&caller, &ask).await?))
    }

    async fn list_aliases(
        &self,
        request: Request<pb::ListAliasesRequest>,
    ) -> Result<Response<pb::ListAliasesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.aliases(&caller, &ask).await?))
    }

    async fn count_children(
        &self,
        request: Request<pb::CountChildrenRequest>,
    ) -> Result<Response<pb::CountChildrenResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.count(&caller, &ask).await?))
    }

    async fn list_answers(
        &self,
        request: Request<pb::ListAnswersRequest>,
    ) -> Result<Response<pb::ListAnswersResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.list(&caller, ask).await?))
    }
}

impl Verification {
    async fn gather(
        &self,
        caller: &Caller,
        ask: pb::GatherFamilyFactsRequest,
    ) -> Result<pb::GatherFamilyFactsResponse> {
        let (named, case) = read_case("case", &ask.case)?;
        let tenant = caller.tenant_for(&named)?;
        let child = read_person("child_ref", &ask.child_ref)?;
        let claimant = read_person("claimant_ref", &ask.claimant_ref)?;
        let names = names::read(&ask.stated_names)?;

        let today = self.0.clock.today();
        let tx = self.0.db.read(tenant).await?;
        let registers = Registers::of(&tx)?;
        let standings = states::all(&tx).await?;
        let mut family = registers
            .family(&child, &claimant, today, &standings)
            .await?;
        family.names = if standings.answers(Register::PublicSecurity) {
            names::compare(&registers, &self.0.vault, names).await?
        } else {
            names::unanswered(names)
        };
        let given = answers::given_on(&tx, case, today).await?;
        let mut last_known = Vec::new();
        for register in Register::ALL {
            if !standings.answers(register) {
                last_known.extend(answers::last_by(&tx, case, register, today).await?);
            }
        }
        tx.rollback().await?;

        let mut told = facts::shown(family);
        let mut answers = Vec::with_capacity(Register::ALL.len());
        let mut fresh = Vec::new();
        for register in Register::ALL {
            // Who does not answer gives no answer.
            if !standings.answers(register) {
                continue;
            }
            let digest = facts::digest(register, &told);
            let same = |it: &&Answer| it.register == register && it.digest == digest;
            // Asked twice on one day and told the same, it is one answer.
            let answer = given.iter().find(same).cloned().unwrap_or_else(|| {
                let as_of = standings.known_until(register, today);
                let answer = Answer::new(case, register, (today, as_of), digest);
                fresh.push(answer.clone());
                answer
            });
            answers.push(shown(tenant, answer));
        }
        if !fresh.is_empty() {
            let tx = self.0.db.begin(tenant).await?;
            answers::keep(&tx, &fresh).await?;
            tx.commit().await?;
        }
        told.answers = answers;
        Ok(pb::GatherFamilyFactsResponse {
            facts: Some(told),
            last_known: last_known.into_iter().map(last).collect(),
        })
    }

    async fn relatives(
        &self,
        caller: &Caller,
        ask: &pb::ListRelativesRequest,
    ) -> Result<pb::ListRelativesResponse> {
        let tenant = read_county(caller, &ask.parent)?;
        let person = read_person("person_ref", &ask.person_ref)?;
        let tx = self.0.db.read(tenant).await?;
        let registers = Registers::of(&tx)?;
        let relatives = registers.relatives(&person, self.0.clock.today()).await?;
        let references = relatives.iter().map(|it| it.as_str().to_owned());
        Ok(pb::ListRelativesResponse {
            person_refs: references.collect(),
        })
    }

    async fn aliases(
        &self,
        caller: &Caller,
        ask: &pb::ListAliasesRequest,
    ) -> Result<pb::ListAliasesResponse> {
        let tenant = read_county(caller, &ask.parent)?;
        let mut form = Form::default();
        form.limit("person_refs", &ask.person_refs, PERSONS);
        form.finish()?;
        let mut persons = BTreeSet::new();
        for (i, text) in ask.person_refs.iter().enumerate() {
            persons.insert(read_person(&format!("person_refs[{i}]"), text)?);
        }
        let tx = self.0.db.read(tenant).await?;
        let others = Registers::of(&tx)?.other_references(&persons).await?;
        Ok(pb::ListAliasesResponse {
            aliases: others.into_iter().map(facts::alias).collect(),
        })
    }

    async fn count(
        &self,
        caller: &Caller,
        ask: &pb::CountChildrenRequest,
    ) -> Result<pb::CountChildrenResponse> {
        let tenant = read_county(caller, &ask.parent)?;
        let today = self.0.clock.today();
        if !(EARLIEST_YEAR..=today.year()).contains(&ask.from_year) {
            return Err(malformed("from_year", "须为过去的年份", "must be a year past").into());
        }
        let tx = self.0.db.read(tenant).await?;
        let registers = Registers::of(&tx)?;
        let years = registers.children(tenant, ask.from_year, today).await?;
        let years = years.into_iter();
        Ok(pb::CountChildrenResponse {
            years: years
                .map(|(year, children)| pb::count_children_response::BirthYear { year, children })
                .collect(),
        })
    }

    async fn list(
        &self,
        caller: &Caller,
        ask: pb::ListAnswersRequest,
    ) -> Result<pb::ListAnswersResponse> {
        let (named, case) = read_case("parent", &ask.parent)?;
        let tenant = caller.tenant_for(&named)?;
        let page = Page::parse(ask.page_size, &ask.page_token)?;
        let tx = self.0.db.read(tenant).await?;
        let (answers, next_page_token) = answers::list(&tx, case, &page).await?;
        Ok(pb::ListAnswersResponse {
            answers: answers.into_iter().map(|it| shown(tenant, it)).collect(),
            next_page_token,
        })
    }
}

/// What a silent register said when it last spoke.
fn last(answer: Answer) -> pb::LastKnown {
    pb::LastKnown {
        register: facts::register(answer.register).into(),
        answered_on: dates::format(answer.answered_on),
        digest: answer.digest,
    }
}

fn shown(tenant: Tenant, answer: Answer) -> pb::Answer {
    pb::Answer {
        name: format!("counties/{tenant}/answers/{}", answer.id),
        case: format!("counties/{tenant}/cases/{}", answer.case),
        register: facts::register(answer.register).into(),
        answered_on: dates::format(answer.answered_on),
        as_of_on: dates::format(answer.as_of),
        digest: answer.digest,
    }
}

/// `counties/{county}/cases/{uuid}`. A county that does not exist is not
/// found, as one that is not the caller's.
fn read_case(field: &str, name: &str) -> Result<(Tenant, Uuid), Common> {
    let parts = name
        .strip_prefix("counties/")
        .and_then(|rest| rest.split_once("/cases/"))
        .and_then(|(county, case)| Some((county, Uuid::parse_str(case).ok()?)));
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

/// `counties/{county}`.
pub(super) fn read_county(caller: &Caller, name: &str) -> Result<Tenant, Common> {
    let named = name.strip_prefix("counties/");
    let named = named.and_then(|code| Tenant::parse(code).ok());
    let named = named.ok_or_else(|| refusal::not_found(name))?;
    caller.tenant_for(&named)
}

pub(super) fn read_person(field: &str, text: &str) -> Result<PersonRef, Common> {
    PersonRef::parse(text).ok_or_else(|| {
        malformed(
            field,
            "须为64位十六进制的人员标识",
            "must be a blind reference of 64 hex digits",
        )
    })
}

fn malformed(field: &str, zh: &str, en: &str) -> Common {
    refusal::invalid(vec![Violation::new(field, zh, en)])
}
