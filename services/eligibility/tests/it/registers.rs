//! The registers, as far as eligibility asks them: what they know can be set.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard},
};

use tonic::{Request, Response, Status, service::Routes};
use yuhui_platform::refusal;
use yuhui_proto::{
    institution::v1::{self as institution, InstitutionDossier},
    internal::v1::{
        self as internal, institution_facts_service_server::InstitutionFactsService,
        institution_facts_service_server::InstitutionFactsServiceServer,
        paid_service_server::PaidService, paid_service_server::PaidServiceServer,
        verification_service_server::VerificationService,
        verification_service_server::VerificationServiceServer,
    },
    registry::v1::{self as registry, FamilyFacts},
};

#[derive(Default)]
pub struct Known {
    /// By child.
    pub families: HashMap<String, FamilyFacts>,
    /// By institution.
    pub institutions: HashMap<String, InstitutionDossier>,
    /// Signed inspections by name: the institution, the day, the children present.
    pub inspections: HashMap<String, (String, String, i32)>,
    /// Children of any county by birth year.
    pub children: BTreeMap<i32, i64>,
    /// What the ledger paid in any round of any county.
    pub paid: Vec<internal::PaidProgramme>,
    /// By person: what the register says of its name, unless it is the number's.
    pub names: HashMap<String, registry::NameAnswer>,
    /// By person.
    pub relatives: HashMap<String, Vec<String>>,
    /// Nobody answers.
    pub silent: bool,
    /// The registry has too much to do.
    pub busy: bool,
    /// The institution registry does not.
    pub institutions_are_silent: bool,
    /// Stays that nobody has checked.
    pub unchecked: Vec<institution::Enrolment>,
    /// When registers last answered.
    pub last_known: Vec<registry::LastKnown>,
    /// Questions answered so far.
    pub asked: usize,
}

#[derive(Clone, Default)]
pub struct Registers(Arc<Mutex<Known>>);

impl Registers {
    pub fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().expect("lock")
    }

    pub fn verification(&self) -> Routes {
        Routes::new(VerificationServiceServer::new(self.clone()))
    }

    pub fn institutions(&self) -> Routes {
        Routes::new(InstitutionFactsServiceServer::new(self.clone()))
    }

    /// The ledger, as far as it is asked.
    pub fn ledger(&self, routes: Routes) -> Routes {
        routes.add_service(PaidServiceServer::new(self.clone()))
    }

    /// Somebody asks.
    fn asked(&self) -> Result<MutexGuard<'_, Known>, Status> {
        let mut known = self.known();
        if known.silent {
            return Err(Status::unavailable("the register is being maintained"));
        }
        if known.busy {
            return Err(refusal::status(&refusal::busy("database")));
        }
        known.asked += 1;
        Ok(known)
    }
}

#[tonic::async_trait]
impl VerificationService for Registers {
    async fn gather_family_facts(
        &self,
        request: Request<internal::GatherFamilyFactsRequest>,
    ) -> Result<Response<internal::GatherFamilyFactsResponse>, Status> {
        let ask = request.into_inner();
        let known = self.asked()?;
        let facts = known.families.get(&ask.child_ref).cloned();
        let mut facts = facts.unwrap_or_default();
        for stated in ask.stated_names {
            let answer = known.names.get(&stated.person_ref).copied();
            facts.names.push(registry::NameFinding {
                answer: answer.unwrap_or(registry::NameAnswer::Match).into(),
                person_ref: stated.person_ref,
            });
        }
        Ok(Response::new(internal::GatherFamilyFactsResponse {
            facts: Some(facts),
            last_known: known.last_known.clone(),
        }))
    }

    async fn list_relatives(
        &self,
        request: Request<internal::ListRelativesRequest>,
    ) -> Result<Response<internal::ListRelativesResponse>, Status> {
        let person = request.into_inner().person_ref;
        let known = self.known();
        if known.silent {
            return Err(Status::unavailable("the register is being maintained"));
        }
        let relatives = known.relatives.get(&person).cloned();
        Ok(Response::new(internal::ListRelativesResponse {
            person_refs: relatives.unwrap_or_default(),
        }))
    }

    async fn list_aliases(
        &self,
        _: Request<internal::ListAliasesRequest>,
    ) -> Result<Response<internal::ListAliasesResponse>, Status> {
        Err(Status::unimplemented("not asked here"))
    }

    async fn count_children(
        &self,
        _: Request<internal::CountChildrenRequest>,
    ) -> Result<Response<internal::CountChildrenResponse>, Status> {
        use internal::count_children_response::BirthYear;
        let children = self.asked()?.children.clone().into_iter();
        Ok(Response::new(internal::CountChildrenResponse {
            years: children
                .map(|(year, children)| BirthYear { year, children })
                .collect(),
        }))
    }

    async fn list_answers(
        &self,
        request: Request<internal::ListAnswersRequest>,
    ) -> Result<Response<internal::ListAnswersResponse>, Status> {
        let answer = registry::Answer {
            name: format!("{}/answers/1", request.into_inner().parent),
            ..registry::Answer::default()
        };
        Ok(Response::new(internal::ListAnswersResponse {
            answers: vec![answer],
            next_page_token: String::new(),
        }))
    }
}

#[tonic::async_trait]
impl PaidService for Registers {
    async fn sum_paid(
        &self,
        _: Request<internal::SumPaidRequest>,
    ) -> Result<Response<internal::SumPaidResponse>, Status> {
        let paid = self.asked()?.paid.clone();
        Ok(Response::new(internal::SumPaidResponse { paid }))
    }
}

#[tonic::async_trait]
impl InstitutionFactsService for Registers {
    async fn gather_institution_facts(
        &self,
        request: Request<internal::GatherInstitutionFactsRequest>,
    ) -> Result<Response<internal::GatherInstitutionFactsResponse>, Status> {
        let ask = request.into_inner();
        let known = self.asked()?;
        if known.institutions_are_silent {
            return Err(Status::unavailable("the registry is being maintained"));
        }
        let dossier = known.institutions.get(&ask.institution_ref).cloned();
        let dossier = dossier.ok_or_else(|| Status::not_found("no such institution"))?;
        let here: Vec<&str> = dossier
            .enrolments
            .iter()
            .map(|it| it.child.as_str())
            .collect();
        let elsewhere = known
            .institutions
            .iter()
            .filter(|(name, _)| **name != ask.institution_ref)
            .map(|(_, other)| {
                let mut other = other.clone();
                other
                    .enrolments
                    .retain(|it| here.contains(&it.child.as_str()));
                other
            })
            .filter(|it| !it.enrolments.is_empty());
        Ok(Response::new(internal::GatherInstitutionFactsResponse {
            elsewhere: elsewhere.collect(),
            dossier: Some(dossier.clone()),
            answered_on: "2025-05-20".into(),
        }))
    }

    async fn find_signed_inspection(
        &self,
        request: Request<internal::FindSignedInspectionRequest>,
    ) -> Result<Response<internal::FindSignedInspectionResponse>, Status> {
        let ask = request.into_inner();
        let known = self.asked()?;
        let found = known.inspections.get(&ask.name);
        let found = found.filter(|(of, ..)| *of == ask.institution_ref);
        let (_, inspected_on, children_present) =
            found.ok_or_else(|| Status::not_found("no such inspection"))?;
        Ok(Response::new(internal::FindSignedInspectionResponse {
            inspected_on: inspected_on.clone(),
            children_present: *children_present,
        }))
    }

    async fn gather_enrolment_facts(
        &self,
        request: Request<internal::GatherEnrolmentFactsRequest>,
    ) -> Result<Response<internal::GatherEnrolmentFactsResponse>, Status> {
        let child = request.into_inner().child_ref;
        let known = self.asked()?;
        if known.institutions_are_silent {
            return Err(Status::unavailable("the registry is being maintained"));
        }
        let unchecked = known.unchecked.iter().filter(|it| it.child == child);
        let unchecked = unchecked.cloned().collect();
        let dossiers = known.institutions.values().filter_map(|it| {
            let mut dossier = it.clone();
            dossier.enrolments.retain(|it| it.child == child);
            (!dossier.enrolments.is_empty()).then_some(dossier)
        });
        Ok(Response::new(internal::GatherEnrolmentFactsResponse {
            dossiers: dossiers.collect(),
            answered_on: "2025-03-10".into(),
            unchecked,
        }))
    }
}
