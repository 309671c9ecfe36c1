//! A whole system in which the families of one village claim, and every office does its part.

mod walk;

use std::{collections::HashMap, path::Path, sync::Mutex};

use sea_orm::ConnectionTrait as _;
use tempfile::TempDir;
use time::Date;
use tonic::{Request, Response, Status, metadata::MetadataValue};
use yuhui::stack::{Keys, Options, Pace, Stack, Storage, Wanted, rules};
use yuhui_kernel::{CitizenNumber, Tenant, city};
use yuhui_platform::{Clock, clock::fresh_id, db::Synchronous, objects::Place, serve::Limits};
use yuhui_policy::PolicyPack;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as pb, case::State, case_service_client::CaseServiceClient},
    identity::v1::{SignInRequest, identity_service_client::IdentityServiceClient},
    registry::v1::{self as registry, register_service_client::RegisterServiceClient},
    types::v1::Programme,
};
use yuhui_rehearsal::accounts::{self, Accounts};

pub const COUNTY: &str = "150203";
pub const PARENT: &str = "counties/150203";
pub const ROUND: i32 = 2025;
/// A place outside Baotou.
const AWAY: &str = "110101";

/// `call!(town, role @ unit, Client.method, request)`: the answer of an act at the gateway.
macro_rules! call {
    ($town:expr, $login:expr, $client:ident . $method:ident, $ask:expr) => {{
        let request = $town.signed($login, $ask).await;
        let answer = $client::new($town.stack.gateway()).$method(request).await;
        answer.map(tonic::Response::into_inner)
    }};
}
pub(crate) use call;

pub fn key() -> String {
    fresh_id().to_string()
}

/// A running system; ends with the test.
pub struct Town {
    pub stack: Stack,
    tokens: Mutex<HashMap<String, String>>,
    folder: TempDir,
}

/// A couple with a second child of June 2024.
pub struct Family {
    mother: String,
    father: String,
    first: String,
    second: String,
}

/// Whose login holds that role for the village.
pub fn at(role: Role) -> String {
    let village = village();
    let unit = match role {
        Role::VillageClerk | Role::VillageHead => village,
        Role::TownshipReviewer | Role::TownshipLead => village[..9].into(),
        Role::CityHealthRegistrar
        | Role::CityHealthApprover
        | Role::CityFinanceMaker
        | Role::CityFinanceApprover
        | Role::BankOperator
        | Role::BankAuthoriser => city().to_string(),
        _ => COUNTY.into(),
    };
    accounts::login(role, &unit)
}

fn village() -> String {
    let county = Tenant::parse(COUNTY).expect("a county");
    let village = accounts::first_village_of(county);
    village.expect("a village").to_string()
}

fn number(born_on: &str, serial: u32) -> String {
    let body = format!("150299{}{serial:03}", born_on.replace('-', ""));
    let check = CitizenNumber::compute_check(&body).expect("17 digits");
    format!("{body}{check}")
}

/// Where its keys and databases are.
impl AsRef<Path> for Town {
    fn as_ref(&self) -> &Path {
        self.folder.path()
    }
}

impl Town {
    /// On files of its own, or on schemas of its own where `YUHUI_TEST_PG` holds a URL.
    pub async fn start(today: Date) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let rules = rules().expect("rules");
        let village: yuhui_kernel::DivisionCode = village().parse().expect("a village");
        let mut seeds = Accounts::default();
        seeds.city(&rules);
        seeds.county(&rules, Tenant::parse(COUNTY).expect("a county"));
        seeds.township(&rules, village.township().expect("a township"));
        seeds.village(&rules, village);
        let gateway = yuhui_gateway::Config {
            password: yuhui_gateway::Cost::sandbox(),
            rate: yuhui_gateway::RateLimits {
                per_account: 1_000_000,
                per_remote: 1_000_000,
                pre_checks_per_minute: 1_000_000,
            },
            ..yuhui_gateway::Config::default()
        };
        let options = Options {
            keys: Keys::below(folder.path()),
            wanted: Wanted::Development,
            documents: Some(Place::beside(folder.path())),
            storage: storage(folder.path()).await,
            redis: None,
            clock: Clock::sandbox(today),
            pack: std::sync::Arc::new(PolicyPack::baotou().clone()),
            gateway,
            internal: Limits::internal(),
            pace: Pace::default(),
            accounts: seeds.into_list(),
        };
        Self {
            stack: Stack::start(options, None).await.expect("a system"),
            tokens: Mutex::default(),
            folder,
        }
    }

    pub fn on(&self, day: Date) {
        self.stack.clock().set(day).expect("a sandbox");
    }

    pub async fn settle(&self) {
        self.stack.settle().await.expect("events delivered");
    }

    /// `ask` with the token of that account.
    pub async fn signed<T>(&self, login: String, ask: T) -> Request<T> {
        let known = self.tokens.lock().expect("lock").get(&login).cloned();
        let token = match known {
            Some(token) => token,
            None => self.sign_in(login).await,
        };
        let bearer = MetadataValue::try_from(format!("Bearer {token}")).expect("a header");
        let mut request = Request::new(ask);
        request.metadata_mut().insert("authorization", bearer);
        request
    }

    async fn sign_in(&self, login: String) -> String {
        let ask = SignInRequest {
            login: login.clone(),
            password: accounts::PASSWORD.into(),
            ..SignInRequest::default()
        };
        let mut identity = IdentityServiceClient::new(self.stack.gateway());
        let answer = identity.sign_in(ask).await.map(Response::into_inner);
        let tokens = answer.expect("signed in").tokens.expect("tokens");
        let token = tokens.access_token;
        self.tokens
            .lock()
            .expect("lock")
            .insert(login, token.clone());
        token
    }

    /// A family that the registers know.
    pub async fn family(&self, serial: u32) -> Family {
        let family = Family {
            mother: number("1995-02-03", serial * 2),
            father: number("1993-04-05", serial * 2 + 1),
            first: number("2020-06-07", serial * 2),
            second: number("2024-06-15", serial * 2 + 1),
        };
        let person = |number: &str, sex: registry::Sex| registry::PersonRecord {
            identity_number: number.into(),
            display_name: "某女".into(),
            sex: sex.into(),
            born_on: born(number),
            died_on: String::new(),
        };
        let hukou = |number: &str, from_on: &str| registry::HukouRecord {
            person: number.into(),
            division: village(),
            from_on: from_on.into(),
            to_on: String::new(),
        };
        let (female, male) = (registry::Sex::Female, registry::Sex::Male);
        let ask = registry::ImportPopulationRequest {
            persons: vec![
                person(&family.mother, female),
                person(&family.father, male),
                person(&family.first, female),
                person(&family.second, male),
            ],
            hukou: vec![
                hukou(&family.mother, "2000-01-01"),
                hukou(&family.father, "2000-01-01"),
                hukou(&family.first, "2020-06-20"),
                hukou(&family.second, "2024-06-20"),
            ],
            request_id: key(),
            ..registry::ImportPopulationRequest::default()
        };
        self.population(ask).await;
        let ask = registry::ImportCivilAffairsRequest {
            marriages: vec![registry::MarriageRecord {
                spouses: vec![family.mother.clone(), family.father.clone()],
                from_on: "2018-05-20".into(),
                ..Default::default()
            }],
            request_id: key(),
            ..Default::default()
        };
        let liaison = at(Role::CivilAffairsLiaison);
        call!(
            self,
            liaison,
            RegisterServiceClient.import_civil_affairs,
            ask
        )
        .expect("married");
        let delivery = |child: &str, name: &str| registry::DeliveryRecord {
            delivery: format!("{name}-{serial}"),
            mother: family.mother.clone(),
            father: family.father.clone(),
            birth_service_registered_on: "2019-01-01".into(),
            children: vec![registry::BornChild {
                child: child.into(),
                born_on: born(child),
                birth_order: 1,
                live: true,
            }],
        };
        let ask = registry::ImportBirthsRequest {
            deliveries: vec![delivery(&family.first, "A"), delivery(&family.second, "B")],
            request_id: key(),
        };
        let liaison = at(Role::MaternityLiaison);
        call!(self, liaison, RegisterServiceClient.import_births, ask).expect("born");
        family
    }

    async fn population(&self, ask: registry::ImportPopulationRequest) {
        let liaison = at(Role::PublicSecurityLiaison);
        call!(self, liaison, RegisterServiceClient.import_population, ask).expect("entered");
    }

    /// The second child leaves Baotou; `last` is its last day there.
    pub async fn leaves(&self, family: &Family, last: &str, first: &str) {
        let hukou = |division: String, from_on: &str, to_on: &str| registry::HukouRecord {
            person: family.second.clone(),
            division,
            from_on: from_on.into(),
            to_on: to_on.into(),
        };
        self.population(registry::ImportPopulationRequest {
            hukou: vec![
                hukou(village(), "2024-06-20", last),
                hukou(AWAY.into(), first, ""),
            ],
            request_id: key(),
            ..registry::ImportPopulationRequest::default()
        })
        .await;
    }

    /// The mother's claim, lodged at the village; answers the case.
    pub async fn lodge(&self, family: &Family) -> String {
        let claim = pb::Claim {
            programme: Programme::P1.into(),
            claimant_number: family.mother.clone(),
            child_number: family.second.clone(),
            claimant_name: "某女".into(),
            village: village(),
            account: Some(account("6217000010001234569")),
            documents: vec![pb::Document {
                kind: "MARRIAGE_CERTIFICATE".into(),
                ..Default::default()
            }],
            truth_signed: true,
            ..Default::default()
        };
        let ask = pb::CreateCaseRequest {
            parent: PARENT.into(),
            claim: Some(claim),
            request_id: key(),
        };
        let clerk = || at(Role::VillageClerk);
        let made = call!(self, clerk(), CaseServiceClient.create_case, ask).expect("created");
        let name = made.case.expect("a case").name;
        let ask = pb::LodgeCaseRequest {
            name: name.clone(),
            request_id: key(),
            ..Default::default()
        };
        call!(self, clerk(), CaseServiceClient.lodge_case, ask).expect("lodged");
        let ask = pb::AcceptCaseRequest {
            name: name.clone(),
            originals_seen: true,
            request_id: key(),
            ..Default::default()
        };
        call!(self, clerk(), CaseServiceClient.accept_case, ask).expect("accepted");
        name
    }

    pub async fn check(&self) -> pb::RunPrePaymentCheckResponse {
        let ask = pb::RunPrePaymentCheckRequest {
            parent: PARENT.into(),
            round: ROUND,
            request_id: key(),
        };
        let maker = at(Role::CountyHealthReviewer);
        let checked = call!(self, maker, CaseServiceClient.run_pre_payment_check, ask);
        checked.expect("checked")
    }

    pub async fn state(&self, name: &str) -> State {
        let ask = pb::GetCaseRequest { name: name.into() };
        let maker = at(Role::CountyHealthReviewer);
        let case = call!(self, maker, CaseServiceClient.get_case, ask).expect("it");
        case.case.expect("a case").state()
    }
}

/// An account in the mother's name.
pub fn account(number: &str) -> pb::BankAccount {
    pb::BankAccount {
        holder_name: "某女".into(),
        account_number: number.into(),
        bank_name: "包头农商银行".into(),
        corporate: false,
    }
}

/// Code and reason of what must be a refusal.
pub fn refused<T: std::fmt::Debug>(answer: Result<T, Status>) -> (tonic::Code, String) {
    let status = answer.expect_err("a refusal");
    let reason = yuhui_platform::refusal::reason_of(&status);
    (status.code(), reason.unwrap_or_default())
}

fn born(number: &str) -> String {
    let number = CitizenNumber::parse(number).expect("valid");
    yuhui_kernel::dates::format(number.birth_date())
}

async fn storage(folder: &Path) -> Storage {
    let Some(url) = yuhui_stage::setting("YUHUI_TEST_PG") else {
        return Storage::Files {
            folder: folder.to_owned(),
            synchronous: Synchronous::Normal,
            min_free: None,
        };
    };
    let prefix = format!("test_{}", fresh_id().simple());
    let owner = sea_orm::Database::connect(&url).await.expect("owner");
    let services = [
        "eligibility",
        "registry_verification",
        "institution_registry",
        "funding_ledger",
        "disbursement",
        "gateway",
    ];
    for service in services {
        let sql = format!("CREATE SCHEMA {prefix}_{service}");
        owner.execute_unprepared(&sql).await.expect("schema");
    }
    let sql = "DO $$ BEGIN
            CREATE ROLE yuhui_service NOLOGIN NOSUPERUSER NOBYPASSRLS;
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
         DO $$ BEGIN
            GRANT yuhui_service TO CURRENT_USER;
         EXCEPTION WHEN OTHERS THEN NULL; END $$";
    owner.execute_unprepared(sql).await.expect("role");
    owner.close().await.expect("closed");
    let separator = if url.contains('?') { '&' } else { '?' };
    let in_schema = format!("{url}{separator}options[search_path]={prefix}_{{service}}");
    Storage::Postgres {
        url: format!("{in_schema}&options[role]=yuhui_service"),
        owner: Some(in_schema),
    }
}
