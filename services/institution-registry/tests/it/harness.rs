//! A running service, and those who call it.

use std::sync::Arc;

use time::macros::date;
use tonic::{Status, service::interceptor::InterceptedService};
use yuhui_institution_registry::{Deps, NAME, routes};
use yuhui_platform::{
    Caller, Clock,
    authz::{Guard, Rules},
    clock,
    db::Database,
    peers::{self, Bearer, Peers},
    pipe::pipe,
    serve::{Listen, Server},
    token::{Keyring, Signer},
    vault::{Key, Vault},
};
use yuhui_proto::{
    authz::v1::Role,
    institution::v1::{self as pb, institution_service_client::InstitutionServiceClient},
    internal::v1::{
        self as internal, institution_facts_service_client::InstitutionFactsServiceClient,
    },
};

use crate::{registers::Registers, store};

pub const COUNTY: &str = "150203";
pub const OTHER: &str = "150204";

pub type Line = InterceptedService<peers::Line, Bearer>;
pub type Client = InstitutionServiceClient<Line>;

/// The service, with a clock that tests may move.
pub struct System {
    pub clock: Clock,
    pub vault: Arc<Vault>,
    pub db: Database,
    pub registers: Registers,
    gateway: Peers,
    eligibility: Peers,
    _folder: tempfile::TempDir,
}

impl System {
    /// Starts the service on 31 May 2025 without institutions.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let db = store::fresh(folder.path()).await;
        let [gateway, eligibility, own] =
            ["gateway", "eligibility", NAME].map(|name| Signer::generate(name).expect("key"));
        let keyring = Keyring::new()
            .trust(&gateway)
            .trust(&eligibility)
            .trust(&own);
        let rules = Arc::new(Rules::from_pool(yuhui_proto::descriptor_pool()).expect("rules"));
        let serve = |name, routes| {
            let (channel, listener) = pipe();
            let guard = Guard::service(rules.clone(), keyring.clone(), name);
            let server = Server::new(name, guard, routes);
            tokio::spawn(server.run(Listen::Pipe(listener), std::future::pending()));
            channel
        };
        let registers = Registers::default();
        let registry = serve("registry-verification", registers.routes());
        let deps = Deps {
            db: db.clone(),
            clock: Clock::sandbox(date!(2025 - 05 - 31)),
            vault: Arc::new(
                Vault::with_first_key(
                    yuhui_institution_registry::NAME,
                    &Key::from_hex(&"06".repeat(32)).expect("key"),
                    Key::from_hex(&"07".repeat(32)).expect("key"),
                )
                .expect("vault"),
            ),
            peers: Peers::new(Arc::new(own)).with("registry-verification", registry),
        };
        let channel = serve(NAME, routes(deps.clone()));
        let peers = |signer| Peers::new(Arc::new(signer)).with(NAME, channel.clone());
        Self {
            clock: deps.clock,
            vault: deps.vault,
            db,
            registers,
            gateway: peers(gateway),
            eligibility: peers(eligibility),
            _folder: folder,
        }
    }

    pub fn line(&self, role: Role, unit: &str, person: Option<String>) -> Line {
        let caller = Caller {
            account: format!("{}@{unit}/{person:?}", role.as_str_name()),
            role,
            unit: Some(unit.parse().expect("unit")),
            person,
            ..Caller::public()
        };
        self.gateway.call(NAME, &caller).expect("line")
    }

    /// Somebody of `unit`, let through by the gateway.
    pub fn call(&self, role: Role, unit: &str) -> Client {
        InstitutionServiceClient::new(self.line(role, unit, None))
    }

    /// The same with a known person behind the account.
    pub fn call_as(&self, role: Role, unit: &str, person: &str) -> Client {
        InstitutionServiceClient::new(self.line(role, unit, Some(person.into())))
    }

    /// The account of the institution itself.
    pub fn own(&self, institution: &pb::Institution) -> Client {
        let county = &institution.township[..6];
        let reference = institution.institution_ref.clone();
        let line = self.line(Role::Institution, county, Some(reference));
        InstitutionServiceClient::new(line)
    }

    /// Nobody signed in.
    pub fn public(&self) -> Client {
        let line = self.gateway.call(NAME, &Caller::public()).expect("line");
        InstitutionServiceClient::new(line)
    }

    /// The eligibility service at work across counties.
    pub fn facts(&self) -> InstitutionFactsServiceClient<Line> {
        let caller = Caller::service("eligibility", None);
        let line = self.eligibility.call(NAME, &caller).expect("line");
        InstitutionFactsServiceClient::new(line)
    }

    /// Somebody who tries to ask for facts.
    pub fn facts_as(&self, role: Role, unit: &str) -> InstitutionFactsServiceClient<Line> {
        InstitutionFactsServiceClient::new(self.line(role, unit, None))
    }

    /// Registers a nursery with civil affairs of `county`.
    pub async fn nursery(&self, county: &str, code: &str) -> pb::Institution {
        let mut line = self.call(Role::CivilAffairsLiaison, county);
        let answer = line.register_institution(registration(county, code)).await;
        answer
            .expect("registered")
            .into_inner()
            .institution
            .expect("institution")
    }

    /// Proposes and approves an honour of the city.
    pub async fn honour(&self, institution: &pb::Institution, change: pb::change::Change) {
        let ask = honour(&institution.name, change);
        let mut maker = self.call(Role::CityHealthRegistrar, "150200");
        let proposed = maker.propose_municipal_honour(ask).await.expect("proposed");
        let seen = proposed.into_inner().change.expect("change");
        let ask = pb::ApproveMunicipalHonourRequest {
            name: seen.name,
            etag: seen.etag,
            request_id: fresh(),
        };
        let mut checker = self.call(Role::CityHealthApprover, "150200");
        let answer = checker.approve_municipal_honour(ask).await;
        answer.expect("approved");
    }

    /// Proposes and approves a change of the health office.
    pub async fn decide(&self, institution: &pb::Institution, change: pb::change::Change) {
        let county = &institution.township[..6];
        let ask = proposal(&institution.name, change);
        let mut maker = self.call(Role::CountyHealthReviewer, county);
        let proposed = maker.propose_change(ask).await.expect("proposed");
        let seen = proposed.into_inner().change.expect("change");
        let ask = pb::ApproveChangeRequest {
            name: seen.name,
            etag: seen.etag,
            request_id: fresh(),
        };
        let mut checker = self.call(Role::CountyHealthApprover, county);
        checker.approve_change(ask).await.expect("approved");
    }

    /// Reports stays as the institution itself.
    pub async fn report(
        &self,
        institution: &pb::Institution,
        enrolments: Vec<pb::Enrolment>,
    ) -> Result<i32, Status> {
        let ask = pb::ReportEnrolmentsRequest {
            parent: institution.name.clone(),
            enrolments,
            request_id: fresh(),
        };
        let answer = self.own(institution).report_enrolments(ask).await?;
        Ok(answer.into_inner().written)
    }

    /// Checks what the institution reported.
    pub async fn check(&self, institution: &pb::Institution) -> i32 {
        let seen = self.look(institution).await;
        self.check_seen(institution, seen).await.expect("checked")
    }

    /// Reads what the institution reported: the digest of what is to be checked.
    pub async fn look(&self, institution: &pb::Institution) -> String {
        let ask = pb::ListEnrolmentsRequest {
            parent: institution.name.clone(),
            ..pb::ListEnrolmentsRequest::default()
        };
        let county = &institution.township[..6];
        let mut maker = self.call(Role::CountyHealthReviewer, county);
        let answer = maker.list_enrolments(ask).await.expect("listed");
        answer.into_inner().digest
    }

    /// Checks what was seen.
    pub async fn check_seen(
        &self,
        institution: &pb::Institution,
        digest: String,
    ) -> Result<i32, Status> {
        let ask = pb::CheckEnrolmentsRequest {
            parent: institution.name.clone(),
            note: "与协议、缴费凭证一致".into(),
            request_id: fresh(),
            digest,
        };
        let county = &institution.township[..6];
        let mut maker = self.call(Role::CountyHealthReviewer, county);
        let answer = maker.check_enrolments(ask).await?;
        Ok(answer.into_inner().checked)
    }

    /// What decisions are told of the institution.
    pub async fn dossier(
        &self,
        institution: &pb::Institution,
        subsidy_year: i32,
    ) -> internal::GatherInstitutionFactsResponse {
        let ask = internal::GatherInstitutionFactsRequest {
            institution_ref: institution.institution_ref.clone(),
            subsidy_year,
        };
        let answer = self.facts().gather_institution_facts(ask).await;
        answer.expect("facts").into_inner()
    }

    /// The reference under which facts name the child.
    pub fn child(&self, number: &str) -> String {
        self.vault.blind("identity-number", number)
    }
}

pub fn fresh() -> String {
    clock::fresh_id().to_string()
}

/// A code of civil affairs with a valid check digit.
pub fn code(serial: u32) -> String {
    let body = format!("52150203MJ{serial:07}");
    let digits = "0123456789ABCDEFGHJKLMNPQRTUWXY".chars();
    let mut codes = digits.map(|check| format!("{body}{check}"));
    let valid = |code: &String| {
        let read = yuhui_kernel::CreditCode::parse(code).expect("structure");
        read.check_digit_valid()
    };
    codes.find(valid).expect("one digit fits")
}

pub fn registration(county: &str, code: &str) -> pb::RegisterInstitutionRequest {
    let institution = pb::Institution {
        credit_code: code.into(),
        display_name: "某托育园".into(),
        kind: pb::InstitutionKind::Nursery.into(),
        registered_with: pb::Registrar::CivilAffairs.into(),
        registered_on: "2022-03-01".into(),
        township: format!("{county}001"),
        licensed_places: 60,
        filed_on: "2000-01-01".into(), // ignored: filing is decided by two persons
        ..pb::Institution::default()
    };
    pb::RegisterInstitutionRequest {
        institution: Some(institution),
        request_id: fresh(),
    }
}

/// Request that proposes an honour of the city.
pub fn honour(parent: &str, change: pb::change::Change) -> pb::ProposeMunicipalHonourRequest {
    let ask = proposal(parent, change);
    pb::ProposeMunicipalHonourRequest {
        parent: ask.parent,
        change: ask.change,
        request_id: ask.request_id,
    }
}

pub fn proposal(parent: &str, change: pb::change::Change) -> pb::ProposeChangeRequest {
    pb::ProposeChangeRequest {
        parent: parent.into(),
        change: Some(pb::Change {
            change: Some(change),
            ..pb::Change::default()
        }),
        request_id: fresh(),
    }
}

pub fn filed(on: &str) -> pb::change::Change {
    pb::change::Change::FiledOn(on.into())
}

/// A receipted stay of a newborn's certificate number.
pub fn stay(child: &str, from_on: &str, to_on: &str) -> pb::Enrolment {
    pb::Enrolment {
        child: child.into(),
        child_born_on: "2022-06-06".into(),
        institution_ref: String::new(),
        from_on: from_on.into(),
        to_on: to_on.into(),
        fee_receipts: true,
    }
}

/// Fields at fault in a refusal.
pub fn fields(status: &Status) -> Vec<String> {
    use tonic_types::StatusExt as _;
    let details = status.get_details_bad_request();
    let violations = details.map(|it| it.field_violations);
    let fields = violations.into_iter().flatten().map(|it| it.field);
    fields.collect()
}
