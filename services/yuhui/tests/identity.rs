//! Whose number it is, one child under two numbers, and whose relative decides: through the gateway,
//! with the real services behind it.

use std::sync::Arc;

use time::macros::date;
use tonic::{
    Code, Request, Status,
    metadata::MetadataValue,
    service::{Interceptor, interceptor::InterceptedService},
    transport::Channel,
};
use tonic_types::StatusExt as _;
use yuhui::stack::{Keys, Options, Pace, Stack, Storage, Wanted, rules};
use yuhui_gateway::{Config, Cost, RateLimits, SeedAccount};
use yuhui_kernel::{CitizenNumber, Sex, Tenant, dates};
use yuhui_platform::{Clock, clock, db::Synchronous, objects::Place, serve::Limits};
use yuhui_policy::PolicyPack;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{
        BankAccount, Case, Claim, CreateCaseRequest, LodgeCaseRequest, case::State,
        case_service_client::CaseServiceClient,
    },
    identity::v1::{SignInRequest, identity_service_client::IdentityServiceClient},
    registry::v1::{
        self as registry, AliasRecord, BornChild, DeliveryRecord, HukouRecord, ImportBirthsRequest,
        ImportCivilAffairsRequest, ImportPopulationRequest, MarriageRecord, PersonRecord,
        alias_record::Ground, register_service_client::RegisterServiceClient,
    },
    types::v1::{Decision, Programme},
};
use yuhui_rehearsal::accounts::{Accounts, PASSWORD, login};

const COUNTY: &str = "150203";
const VILLAGE: &str = "150203001001";
const OTHER_COUNTY: &str = "150204";
const OTHER_VILLAGE: &str = "150204001001";
const CERTIFICATE: &str = "U150012345";
/// Calls per second of one account.
const UNHURRIED: u32 = 1_000_000;

/// A whole system, and the accounts of two counties.
struct System {
    stack: Stack,
    _folder: tempfile::TempDir,
}

type Gateway = InterceptedService<Channel, Bearer>;

#[derive(Clone)]
struct Bearer(String);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let token = MetadataValue::try_from(format!("Bearer {}", self.0)).expect("a token");
        request.metadata_mut().insert("authorization", token);
        Ok(request)
    }
}

impl System {
    /// Starts it on 10 March 2025; `relatives` are clerks of the village with numbers of their own.
    async fn start(relatives: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let every = rules().expect("rules");
        let mut accounts = Accounts::default();
        for (county, village) in [(COUNTY, VILLAGE), (OTHER_COUNTY, OTHER_VILLAGE)] {
            accounts.county(&every, Tenant::parse(county).expect("a county"));
            accounts.village(&every, village.parse().expect("a village"));
        }
        let mut accounts = accounts.into_list();
        accounts.extend(relatives.iter().map(|(login, number)| SeedAccount {
            login: (*login).into(),
            display_name: (*login).into(),
            role: Role::VillageClerk,
            unit: VILLAGE.into(),
            identity_number: (*number).into(),
            password: PASSWORD.into(),
        }));
        let options = Options {
            keys: Keys::below(folder.path()),
            wanted: Wanted::Development,
            documents: Some(Place::beside(folder.path())),
            storage: Storage::Files {
                folder: folder.path().to_owned(),
                synchronous: Synchronous::Normal,
                min_free: None,
            },
            redis: None,
            clock: Clock::sandbox(date!(2025 - 03 - 10)),
            pack: Arc::new(PolicyPack::baotou().clone()),
            gateway: Config {
                password: Cost::sandbox(),
                rate: RateLimits {
                    per_account: UNHURRIED,
                    per_remote: UNHURRIED,
                    pre_checks_per_minute: UNHURRIED,
                },
                ..Config::default()
            },
            internal: Limits::internal(),
            pace: Pace::default(),
            accounts,
        };
        let stack = Stack::start(options, None).await.expect("a system");
        Self {
            stack,
            _folder: folder,
        }
    }

    async fn sign_in(&self, login: &str) -> Gateway {
        let ask = SignInRequest {
            login: login.into(),
            password: PASSWORD.into(),
            ..SignInRequest::default()
        };
        let mut client = IdentityServiceClient::new(self.stack.gateway());
        let reply = client.sign_in(ask).await.expect("signed in").into_inner();
        let token = reply.tokens.expect("tokens").access_token;
        InterceptedService::new(self.stack.gateway(), Bearer(token))
    }

    async fn registers(&self, role: Role) -> RegisterServiceClient<Gateway> {
        RegisterServiceClient::new(self.sign_in(&login(role, COUNTY)).await)
    }

    async fn population(&self, ask: ImportPopulationRequest) {
        let ask = ImportPopulationRequest {
            request_id: key(),
            ..ask
        };
        let mut police = self.registers(Role::PublicSecurityLiaison).await;
        police.import_population(ask).await.expect("population");
    }

    async fn births(&self, deliveries: Vec<DeliveryRecord>) {
        let ask = ImportBirthsRequest {
            deliveries,
            request_id: key(),
        };
        let mut hospital = self.registers(Role::MaternityLiaison).await;
        hospital.import_births(ask).await.expect("births");
    }

    async fn marriages(&self, couples: &[[&str; 2]]) {
        let marriages = couples.iter().map(|couple| MarriageRecord {
            spouses: couple.map(Into::into).into(),
            from_on: "2018-05-20".into(),
            ..MarriageRecord::default()
        });
        let ask = ImportCivilAffairsRequest {
            marriages: marriages.collect(),
            request_id: key(),
            ..ImportCivilAffairsRequest::default()
        };
        let mut civil = self.registers(Role::CivilAffairsLiaison).await;
        civil.import_civil_affairs(ask).await.expect("marriages");
    }

    /// The child has got its citizen number, and a hukou under it.
    async fn becomes_a_citizen(&self, child: &str, aliases: Vec<AliasRecord>) {
        let hukou = vec![home(child, "150203001001", "2024-07-01")];
        self.population(ImportPopulationRequest {
            persons: vec![person(child, "某小某")],
            hukou,
            aliases,
            ..ImportPopulationRequest::default()
        })
        .await;
    }

    async fn lodge(&self, by: &Gateway, county: &str, claim: Claim) -> Result<Case, Status> {
        let mut cases = CaseServiceClient::new(by.clone());
        let ask = CreateCaseRequest {
            parent: format!("counties/{county}"),
            claim: Some(claim),
            request_id: key(),
        };
        let case = cases.create_case(ask).await?.into_inner().case;
        let ask = LodgeCaseRequest {
            name: case.expect("a case").name,
            etag: String::new(),
            request_id: key(),
        };
        let case = cases.lodge_case(ask).await?.into_inner().case;
        Ok(case.expect("a case"))
    }

    /// What is decided of a claim lodged now at the village, or at the other county's.
    async fn decided(&self, village: &str, claim: Claim) -> (Decision, String, State) {
        let clerk = self.sign_in(&login(Role::VillageClerk, village)).await;
        let claim = Claim {
            village: village.into(),
            ..claim
        };
        let case = self
            .lodge(&clerk, &village[..6], claim)
            .await
            .expect("lodged");
        let state = case.state();
        let found = case.determination.expect("judged");
        (found.decision(), found.reason, state)
    }
}

fn key() -> String {
    clock::fresh_id().to_string()
}

/// A citizen number of a division that does not exist; odd serials are male.
fn number(born_on: &str, serial: u32) -> String {
    let body = format!("150298{}{serial:03}", born_on.replace('-', ""));
    let check = CitizenNumber::compute_check(&body).expect("17 digits");
    format!("{body}{check}")
}

fn person(number: &str, name: &str) -> PersonRecord {
    let read = CitizenNumber::parse(number).expect("valid");
    let sex = match read.sex() {
        Sex::Female => registry::Sex::Female,
        Sex::Male => registry::Sex::Male,
    };
    PersonRecord {
        identity_number: number.into(),
        display_name: name.into(),
        sex: sex.into(),
        born_on: dates::format(read.birth_date()),
        died_on: String::new(),
    }
}

fn home(number: &str, division: &str, from_on: &str) -> HukouRecord {
    HukouRecord {
        person: number.into(),
        division: division.into(),
        from_on: from_on.into(),
        to_on: String::new(),
    }
}

fn birth(name: &str, couple: [&str; 2], child: &str, born_on: &str) -> DeliveryRecord {
    DeliveryRecord {
        delivery: name.into(),
        mother: couple[0].into(),
        father: couple[1].into(),
        birth_service_registered_on: born_on.into(),
        children: vec![BornChild {
            child: child.into(),
            born_on: born_on.into(),
            birth_order: 1,
            live: true,
        }],
    }
}

/// A couple whose second child the hospital knows by its birth certificate.
struct Family {
    mother: String,
    father: String,
    second: String,
}

const BORN: &str = "2024-06-15";

impl Family {
    async fn settle(system: &System) -> Self {
        let it = Self {
            mother: number("1995-02-03", 2),
            father: number("1993-04-05", 1),
            second: number(BORN, 4),
        };
        let first = number("2020-06-07", 6);
        let people = [
            (&it.mother, "某女"),
            (&it.father, "某男"),
            (&first, "某大某"),
        ];
        system
            .population(ImportPopulationRequest {
                persons: people.map(|(number, name)| person(number, name)).into(),
                hukou: [&it.mother, &it.father]
                    .map(|it| home(it, VILLAGE, "2012-01-01"))
                    .into(),
                ..ImportPopulationRequest::default()
            })
            .await;
        let couple = [it.mother.as_str(), it.father.as_str()];
        system.marriages(&[couple]).await;
        let births = vec![
            birth("D1", couple, &first, "2020-06-07"),
            birth("D2", couple, CERTIFICATE, BORN),
        ];
        system.births(births).await;
        it
    }

    fn claim(&self, claimant: &str, name: &str, child: &str) -> Claim {
        let account = if claimant == self.father {
            "6217000010007654323"
        } else {
            "6217000010001234569"
        };
        Claim {
            programme: Programme::P1.into(),
            claimant_number: claimant.into(),
            child_number: child.into(),
            claimant_name: name.into(),
            village: VILLAGE.into(),
            account: Some(BankAccount {
                holder_name: name.into(),
                account_number: account.into(),
                bank_name: "包头农商银行".into(),
                corporate: false,
            }),
            truth_signed: true,
            ..Claim::default()
        }
    }

    fn alias(&self) -> AliasRecord {
        AliasRecord {
            identity_number: self.second.clone(),
            earlier_number: CERTIFICATE.into(),
            ground: Ground::BirthCertificate.into(),
        }
    }
}

fn duplicate() -> (Decision, String, State) {
    (Decision::NotAccepted, "DUPLICATE".into(), State::Lodged)
}

fn paid() -> (Decision, String, State) {
    (Decision::Pay, String::new(), State::Lodged)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_whose_numbers_are_known_is_claimed_for_once_in_the_whole_city() {
    let system = System::start(&[]).await;
    let family = Family::settle(&system).await;
    system
        .becomes_a_citizen(&family.second, vec![family.alias()])
        .await;
    let by_certificate = family.claim(&family.mother, "某女", CERTIFICATE);
    assert_eq!(system.decided(VILLAGE, by_certificate).await, paid());
    let by_number = family.claim(&family.father, "某男", &family.second);
    assert_eq!(
        system.decided(VILLAGE, by_number.clone()).await,
        duplicate()
    );

    // Elsewhere it is first of all the wrong county; once the child has moved there, the duplicate.
    let (decision, reason, _) = system.decided(OTHER_VILLAGE, by_number.clone()).await;
    assert_eq!(
        (decision, reason.as_str()),
        (Decision::NotAccepted, "WRONG_COUNTY")
    );
    let left = HukouRecord {
        to_on: "2025-03-01".into(),
        ..home(&family.second, VILLAGE, "2024-07-01")
    };
    let moved = home(&family.second, OTHER_VILLAGE, "2025-03-02");
    system
        .population(ImportPopulationRequest {
            hukou: vec![left, moved],
            ..ImportPopulationRequest::default()
        })
        .await;
    assert_eq!(system.decided(OTHER_VILLAGE, by_number).await, duplicate());
    system.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_comes_after_the_claim_leaves_it_valid_and_bars_another() {
    let system = System::start(&[]).await;
    let family = Family::settle(&system).await;
    // At first the hukou, too, knows the newborn by its certificate.
    let newborn = PersonRecord {
        identity_number: CERTIFICATE.into(),
        ..person(&family.second, "某小某")
    };
    system
        .population(ImportPopulationRequest {
            persons: vec![newborn],
            hukou: vec![home(CERTIFICATE, VILLAGE, "2024-07-01")],
            ..ImportPopulationRequest::default()
        })
        .await;
    let clerk = system.sign_in(&login(Role::VillageClerk, VILLAGE)).await;
    let claim = family.claim(&family.mother, "某女", CERTIFICATE);
    let first = system.lodge(&clerk, COUNTY, claim).await.expect("lodged");

    system
        .becomes_a_citizen(&family.second, vec![family.alias()])
        .await;
    let again = family.claim(&family.mother, "某女", &family.second);
    assert_eq!(system.decided(VILLAGE, again).await, duplicate());
    let second = family.claim(&family.father, "某男", &family.second);
    assert_eq!(system.decided(VILLAGE, second).await, duplicate());

    let mut cases = CaseServiceClient::new(clerk);
    let ask = yuhui_proto::eligibility::v1::AcceptCaseRequest {
        name: first.name.clone(),
        originals_seen: true,
        request_id: key(),
        ..Default::default()
    };
    cases.accept_case(ask).await.expect("accepted");
    let ask = yuhui_proto::eligibility::v1::ReportCaseRequest {
        name: first.name,
        agree: true,
        note: "入户核实".into(),
        request_id: key(),
        ..Default::default()
    };
    let reported = cases.report_case(ask).await.expect("still payable");
    let found = reported.into_inner().case.expect("a case").determination;
    assert_eq!(found.expect("judged").decision(), Decision::Pay);
    system.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_one_person_and_the_name_of_another_go_to_inquiry() {
    let system = System::start(&[]).await;
    let family = Family::settle(&system).await;
    system
        .becomes_a_citizen(&family.second, vec![family.alias()])
        .await;
    let impostor = family.claim(&family.mother, "张三", &family.second);
    let found = system.decided(VILLAGE, impostor).await;
    let expected = (
        Decision::Refer,
        String::from("NAME_MISMATCH"),
        State::Inquiry,
    );
    assert_eq!(found, expected);
    system.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mother_sister_and_brother_in_law_of_the_claimant_are_kept_from_the_case() {
    let numbers = [
        ("grandmother", number("1970-01-01", 12)),
        ("sister", number("1998-01-01", 14)),
        ("brother-in-law", number("1997-01-01", 15)),
        ("aunt", number("1972-01-01", 16)),
    ];
    let relatives = numbers
        .each_ref()
        .map(|(login, number)| (*login, number.as_str()));
    let system = System::start(&relatives).await;
    let family = Family::settle(&system).await;
    system
        .becomes_a_citizen(&family.second, vec![family.alias()])
        .await;
    let [grandmother, sister, brother, aunt] = relatives.map(|(_, number)| number);
    let oldest = number("1945-01-01", 18);
    let people = [grandmother, sister, brother, aunt, &oldest];
    system
        .population(ImportPopulationRequest {
            persons: people.map(|it| person(it, "某亲")).into(),
            ..ImportPopulationRequest::default()
        })
        .await;
    let born = |name, mother, child: &str| {
        let on = dates::format(CitizenNumber::parse(child).expect("valid").birth_date());
        birth(name, [mother, ""], child, &on)
    };
    system
        .births(vec![
            born("G1", grandmother, &family.mother),
            born("G2", grandmother, sister),
            born("G3", &oldest, grandmother),
            born("G4", &oldest, aunt),
        ])
        .await;
    system.marriages(&[[sister, brother]]).await;

    let claim = family.claim(&family.mother, "某女", &family.second);
    for who in ["grandmother", "sister", "brother-in-law"] {
        let clerk = system.sign_in(who).await;
        let lodged = system.lodge(&clerk, COUNTY, claim.clone()).await;
        let refused = lodged.expect_err(who);
        assert_eq!(refused.code(), Code::PermissionDenied, "{who}: {refused}");
        let details = refused.get_details_error_info().expect("details");
        assert_eq!(details.metadata["rule"], "DYN-3", "{who}");
    }
    // An aunt is none of those whom the rule names.
    let clerk = system.sign_in("aunt").await;
    let lodged = system.lodge(&clerk, COUNTY, claim).await;
    let found = lodged.expect("lodged").determination.expect("judged");
    assert_eq!(found.decision(), Decision::Pay);
    system.stack.stop().await;
}
