//! A running service, and those who call it.

use std::sync::Arc;

use time::macros::date;
use tonic::{Request, Status, service::interceptor::InterceptedService};
use yuhui_kernel::{CitizenNumber, Tenant};
use yuhui_platform::{
    Caller, Clock,
    authz::{Guard, Rules},
    db::Database,
    peers::{self, Bearer, Peers},
    pipe::pipe,
    serve::{Listen, Server},
    token::{Keyring, Signer},
    vault::{Key, Vault},
};
use yuhui_proto::{
    authz::v1::Role,
    internal::v1::{self as internal, verification_service_client::VerificationServiceClient},
    registry::v1::{
        self as pb, register_service_client::RegisterServiceClient,
        register_state_service_client::RegisterStateServiceClient,
    },
};
use yuhui_registry_verification::{Deps, NAME, routes};

use crate::store;

pub const COUNTY: &str = "150203";
pub const OTHER: &str = "150222";
pub const CASE: &str = "counties/150203/cases/0198c0de-0000-7000-8000-000000000001";

pub type Line = InterceptedService<peers::Line, Bearer>;

/// The service, with a clock that tests may move.
pub struct System {
    pub clock: Clock,
    pub vault: Arc<Vault>,
    pub db: Database,
    gateway: Peers,
    eligibility: Peers,
    institutions: Peers,
    _folder: tempfile::TempDir,
}

impl System {
    /// Starts the service on 31 March 2025 with empty registers.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let db = store::fresh(folder.path()).await;
        let deps = Deps {
            db: db.clone(),
            clock: Clock::sandbox(date!(2025 - 03 - 31)),
            vault: Arc::new(
                Vault::with_first_key(
                    yuhui_registry_verification::NAME,
                    &Key::from_hex(&"06".repeat(32)).expect("key"),
                    Key::from_hex(&"07".repeat(32)).expect("key"),
                )
                .expect("vault"),
            ),
        };
        let [gateway, eligibility, institutions] =
            ["gateway", "eligibility", "institution-registry"]
                .map(|name| Signer::generate(name).expect("key"));
        let keyring = Keyring::new()
            .trust(&gateway)
            .trust(&eligibility)
            .trust(&institutions);
        let rules = Arc::new(Rules::from_pool(yuhui_proto::descriptor_pool()).expect("rules"));
        let (channel, listener) = pipe();
        let server = Server::new(
            NAME,
            Guard::service(rules, keyring, NAME),
            routes(deps.clone()),
        );
        tokio::spawn(server.run(Listen::Pipe(listener), std::future::pending()));
        let peers = |signer| Peers::new(Arc::new(signer)).with(NAME, channel.clone());
        Self {
            clock: deps.clock,
            vault: deps.vault,
            db,
            gateway: peers(gateway),
            eligibility: peers(eligibility),
            institutions: peers(institutions),
            _folder: folder,
        }
    }

    /// Somebody of `unit`, let through by the gateway.
    fn line(&self, role: Role, unit: &str) -> Line {
        let caller = Caller {
            account: format!("{}@{unit}", role.as_str_name()),
            role,
            unit: Some(unit.parse().expect("unit")),
            ..Caller::public()
        };
        self.gateway.call(NAME, &caller).expect("line")
    }

    pub fn registers(&self, role: Role) -> RegisterServiceClient<Line> {
        RegisterServiceClient::new(self.line(role, COUNTY))
    }

    pub fn registers_of(&self, role: Role, county: &str) -> RegisterServiceClient<Line> {
        RegisterServiceClient::new(self.line(role, county))
    }

    pub fn answers(&self, role: Role, unit: &str) -> VerificationServiceClient<Line> {
        VerificationServiceClient::new(self.line(role, unit))
    }

    /// The eligibility service, at work for `county`.
    pub fn eligibility(&self, county: &str) -> VerificationServiceClient<Line> {
        let county = Tenant::parse(county).expect("county");
        let caller = Caller::service("eligibility", Some(county));
        VerificationServiceClient::new(self.eligibility.call(NAME, &caller).expect("line"))
    }

    /// The institution registry.
    pub fn nurseries(&self) -> VerificationServiceClient<Line> {
        let caller = Caller::service("institution-registry", None);
        VerificationServiceClient::new(self.institutions.call(NAME, &caller).expect("line"))
    }

    /// The reference under which the facts name the person.
    pub fn blind(&self, number: &str) -> String {
        self.vault.blind("identity-number", number)
    }

    pub async fn gather(&self, child: &str, claimant: &str) -> Result<pb::FamilyFacts, Status> {
        let ask = internal::GatherFamilyFactsRequest {
            case: CASE.into(),
            child_ref: self.blind(child),
            claimant_ref: self.blind(claimant),
            stated_names: Vec::new(),
        };
        let answer = self.eligibility(COUNTY).gather_family_facts(ask).await?;
        Ok(answer.into_inner().facts.expect("facts"))
    }

    pub fn standing(&self, role: Role) -> RegisterStateServiceClient<Line> {
        RegisterStateServiceClient::new(self.line(role, COUNTY))
    }

    /// A liaison says how the register stands.
    pub async fn set_state(
        &self,
        role: Role,
        state: pb::RegisterState,
    ) -> Result<pb::RegisterState, Status> {
        let ask = pb::SetRegisterStateRequest {
            state: Some(state),
            request_id: fresh(),
        };
        let answer = self.standing(role).set_register_state(ask).await?;
        Ok(answer.into_inner().state.expect("a state"))
    }

    /// How the registers of the county stand.
    pub async fn states(&self, role: Role, unit: &str) -> Vec<pb::RegisterState> {
        let ask = pb::ListRegisterStatesRequest {
            parent: format!("counties/{COUNTY}"),
        };
        let mut line = RegisterStateServiceClient::new(self.line(role, unit));
        let answer = line.list_register_states(ask).await.expect("states");
        answer.into_inner().states
    }

    /// How often an act is on record in the county.
    pub async fn audited(&self, action: &str) -> usize {
        let county = Tenant::parse(COUNTY).expect("county");
        let tx = self.db.read(county).await.expect("read");
        let entries = yuhui_platform::audit::list(&tx, None, 1000)
            .await
            .expect("entries");
        entries.iter().filter(|it| it.action == action).count()
    }

    pub async fn import_population(
        &self,
        persons: Vec<pb::PersonRecord>,
        hukou: Vec<pb::HukouRecord>,
    ) -> Result<i32, Status> {
        let ask = pb::ImportPopulationRequest {
            persons,
            hukou,
            ..pb::ImportPopulationRequest::default()
        };
        self.population(ask).await
    }

    /// Several numbers of one person: the later one and the earlier.
    pub async fn import_aliases(&self, aliases: Vec<pb::AliasRecord>) -> Result<i32, Status> {
        let ask = pb::ImportPopulationRequest {
            aliases,
            ..pb::ImportPopulationRequest::default()
        };
        self.population(ask).await
    }

    pub async fn population(&self, ask: pb::ImportPopulationRequest) -> Result<i32, Status> {
        let ask = pb::ImportPopulationRequest {
            request_id: fresh(),
            ..ask
        };
        let mut line = self.registers(Role::PublicSecurityLiaison);
        Ok(line
            .import_population(Request::new(ask))
            .await?
            .into_inner()
            .written)
    }

    /// References of those whose cases the person does not act on.
    pub async fn relatives(&self, person: &str) -> Result<Vec<String>, Status> {
        let ask = internal::ListRelativesRequest {
            parent: format!("counties/{COUNTY}"),
            person_ref: self.blind(person),
        };
        let answer = self.eligibility(COUNTY).list_relatives(ask).await?;
        Ok(answer.into_inner().person_refs)
    }

    pub async fn import_births(&self, deliveries: Vec<pb::DeliveryRecord>) -> Result<i32, Status> {
        let ask = pb::ImportBirthsRequest {
            deliveries,
            request_id: fresh(),
        };
        let mut line = self.registers(Role::MaternityLiaison);
        Ok(line.import_births(ask).await?.into_inner().written)
    }

    pub async fn import_payments(
        &self,
        payments: Vec<pb::NationalPaymentRecord>,
    ) -> Result<i32, Status> {
        let ask = pb::ImportNationalPaymentsRequest {
            payments,
            request_id: fresh(),
        };
        let mut line = self.registers(Role::MaternityLiaison);
        let answer = line.import_national_payments(ask).await?;
        Ok(answer.into_inner().written)
    }

    /// Children of `county` by birth year, from 2022 on.
    pub async fn census(&self, county: &str) -> Result<Vec<(i32, i64)>, Status> {
        let ask = internal::CountChildrenRequest {
            parent: format!("counties/{county}"),
            from_year: 2022,
        };
        let answer = self.eligibility(COUNTY).count_children(ask).await?;
        let years = answer.into_inner().years.into_iter();
        Ok(years.map(|it| (it.year, it.children)).collect())
    }

    pub async fn import_civil_affairs(
        &self,
        ask: pb::ImportCivilAffairsRequest,
    ) -> Result<i32, Status> {
        let ask = pb::ImportCivilAffairsRequest {
            request_id: fresh(),
            ..ask
        };
        let mut line = self.registers(Role::CivilAffairsLiaison);
        Ok(line.import_civil_affairs(ask).await?.into_inner().written)
    }
}

pub fn fresh() -> String {
    yuhui_platform::clock::fresh_id().to_string()
}

/// A citizen number of a division that does not exist; odd serials are male.
pub fn number(born_on: &str, serial: u32) -> String {
    let body = format!("150299{}{serial:03}", born_on.replace('-', ""));
    let check = CitizenNumber::compute_check(&body).expect("17 digits");
    format!("{body}{check}")
}

pub fn person(number: &str) -> pb::PersonRecord {
    let read = CitizenNumber::parse(number).expect("valid");
    let sex = match read.sex() {
        yuhui_kernel::Sex::Female => pb::Sex::Female,
        yuhui_kernel::Sex::Male => pb::Sex::Male,
    };
    pb::PersonRecord {
        identity_number: number.into(),
        display_name: "某某".into(),
        sex: sex.into(),
        born_on: yuhui_kernel::dates::format(read.birth_date()),
        died_on: String::new(),
    }
}

/// The later number of a person, and the one before it.
pub fn alias(number: &str, earlier: &str, ground: pb::alias_record::Ground) -> pb::AliasRecord {
    pb::AliasRecord {
        identity_number: number.into(),
        earlier_number: earlier.into(),
        ground: ground.into(),
    }
}

pub fn hukou(number: &str, division: &str, from_on: &str, to_on: &str) -> pb::HukouRecord {
    pb::HukouRecord {
        person: number.into(),
        division: division.into(),
        from_on: from_on.into(),
        to_on: to_on.into(),
    }
}

pub fn marriage(a: &str, b: &str, from_on: &str, divorced_on: &str) -> pb::MarriageRecord {
    let ended_by = match divorced_on {
        "" => pb::marriage_record::Ending::Unspecified,
        _ => pb::marriage_record::Ending::Divorce,
    };
    pb::MarriageRecord {
        spouses: vec![a.into(), b.into()],
        from_on: from_on.into(),
        to_on: divorced_on.into(),
        ended_by: ended_by.into(),
    }
}

pub fn delivery(
    number: &str,
    mother: &str,
    father: &str,
    children: &[(&str, &str)],
) -> pb::DeliveryRecord {
    let children = (1..)
        .zip(children)
        .map(|(birth_order, (child, born_on))| pb::BornChild {
            child: (*child).into(),
            born_on: (*born_on).into(),
            birth_order,
            live: true,
        });
    pb::DeliveryRecord {
        delivery: number.into(),
        mother: mother.into(),
        father: father.into(),
        birth_service_registered_on: String::new(),
        children: children.collect(),
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
