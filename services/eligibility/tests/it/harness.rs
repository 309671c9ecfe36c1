//! A running eligibility service, the services around it, and those who call it.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use time::{Date, macros::date};
use tonic::{
    Status,
    service::{Routes, interceptor::InterceptedService},
    transport::Channel,
};
use yuhui_eligibility::{DESTINATIONS, Deps, Migrator, NAME, routes};
use yuhui_kernel::{Calendar, Tenant};
use yuhui_platform::{
    Caller, audit,
    authz::{Guard, Rules},
    clock::Clock,
    db::Database,
    jobs::Running,
    objects::{Objects, Place},
    operations::{self, Worker},
    outbox::{self, Relay},
    peers::{Bearer, Line, Peers},
    pipe::pipe,
    serve::{Listen, Server},
    token::{Keyring, Signer},
    vault::{Key, Vault},
};
use yuhui_policy::PolicyPack;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{Payee, SealedRosterLine},
    internal::v1::{
        DeliverRequest, Event, ListClearedCasesRequest, ListPayeesRequest,
        ListSealedRosterLinesRequest, clearance_service_client::ClearanceServiceClient,
        event::Payload, event_sink_service_client::EventSinkServiceClient,
        payout_service_client::PayoutServiceClient,
    },
};

use crate::{registers::Registers, stand_in::StandIn, stores::on_every_store};

pub use crate::office::Office;
pub use crate::refusing::{at_fault, denied, refused};

pub const COUNTY: &str = "150203";
pub const PARENT: &str = "counties/150203";
pub const TOWNSHIP: &str = "150203002";
pub const VILLAGE: &str = "150203002001";
pub const OTHER_COUNTY: &str = "150204";
pub const CITY: &str = "150200";
pub const ROUND: i32 = 2025;

pub type Wire = InterceptedService<Line, Bearer>;

/// A running service; ends with the test.
pub struct World {
    pub clock: Clock,
    pub vault: Arc<Vault>,
    pub registers: Registers,
    pub ledger: StandIn,
    pub disbursement: StandIn,
    pub db: Database,
    /// Where contents of documents are kept.
    pub files: tempfile::TempDir,
    relay: Relay,
    pub gateway: Peers,
    from_ledger: Peers,
    from_disbursement: Peers,
    deps: Deps,
    counter: AtomicU32,
}

/// Runs `test` in a fresh world on each store, on 10 March 2025.
pub async fn on_every_world(test: impl AsyncFn(World)) {
    on_every_store::<Migrator>(async |db, _| test(World::start(db)).await).await;
}

fn serve(name: &'static str, keyring: &Keyring, routes: Routes) -> Channel {
    let rules = Rules::from_pool(yuhui_proto::descriptor_pool()).expect("rules");
    let guard = Guard::service(Arc::new(rules), keyring.clone(), name);
    let (channel, listener) = pipe();
    let server = Server::new(name, guard, routes);
    tokio::spawn(server.run(Listen::Pipe(listener), std::future::pending()));
    channel
}

impl World {
    fn start(db: Database) -> Self {
        Self::by(db, Calendar::china())
    }

    /// The same with other notices of holidays.
    pub fn by(db: Database, calendar: &'static Calendar) -> Self {
        Self::of(db, calendar, operations::SLICE)
    }

    /// The same with so many items to a slice of an operation.
    pub fn in_slices(db: Database, slice: u64) -> Self {
        Self::of(db, Calendar::china(), slice)
    }

    /// Who does what is left of operations, as in a replica.
    pub fn worker(&self) -> Worker {
        yuhui_eligibility::worker(self.deps.clone())
    }

    /// Who watches the days, as in a replica.
    pub fn watch(&self) -> Running {
        yuhui_eligibility::jobs::spawn(self.deps.clone())
    }

    /// Removes every upload that is not finished, as the job does with those of yesterday.
    pub async fn sweep(&self) -> u64 {
        let age = std::time::Duration::ZERO;
        let swept = yuhui_eligibility::jobs::uploads::run(self.deps.clone(), age).await;
        swept.expect("swept")
    }

    /// Who arranges the work queue, as in a replica.
    pub fn arrange(&self) -> Running {
        yuhui_eligibility::jobs::spawn_arranging(self.deps.clone())
    }

    fn of(db: Database, calendar: &'static Calendar, slice: u64) -> Self {
        let signer = |name| Arc::new(Signer::generate(name).expect("key"));
        let [gateway, own, ledger, disbursement] =
            ["gateway", NAME, "funding-ledger", "disbursement"].map(signer);
        let signers = [&gateway, &own, &ledger, &disbursement];
        let keyring = signers
            .iter()
            .fold(Keyring::new(), |ring, it| ring.trust(it));
        let registers = Registers::default();
        let (to_ledger, to_disbursement) = (StandIn::default(), StandIn::default());
        let mut peers = Peers::new(own);
        for (name, routes) in [
            ("registry-verification", registers.verification()),
            ("institution-registry", registers.institutions()),
            ("funding-ledger", registers.ledger(to_ledger.routes())),
            ("disbursement", to_disbursement.routes()),
        ] {
            peers = peers.with(name, serve(name, &keyring, routes));
        }
        let clock = Clock::sandbox(date!(2025 - 03 - 10));
        let vault = Arc::new(
            Vault::with_first_key(
                yuhui_eligibility::NAME,
                &Key::from_hex(&"06".repeat(32)).expect("key"),
                Key::from_hex(&"07".repeat(32)).expect("key"),
            )
            .expect("vault"),
        );
        let files = tempfile::tempdir().expect("folder");
        let place = Place::beside(files.path());
        let deps = Deps {
            objects: Objects::open(&place).expect("a place"),
            db: db.clone(),
            clock: clock.clone(),
            peers: peers.clone(),
            vault: vault.clone(),
            pack: Arc::new(PolicyPack::baotou().clone()),
            calendar,
            slice,
        };
        let channel = serve(NAME, &keyring, routes(deps.clone()));
        let caller = |signer| Peers::new(signer).with(NAME, channel.clone());
        Self {
            files,
            clock,
            vault,
            registers,
            ledger: to_ledger,
            disbursement: to_disbursement,
            relay: Relay::new(db.clone(), peers, DESTINATIONS, outbox::Pace::default()),
            db,
            gateway: caller(gateway),
            from_ledger: caller(ledger),
            from_disbursement: caller(disbursement),
            deps,
            counter: AtomicU32::new(0),
        }
    }

    /// The same service after a restart, at the same database.
    pub fn restarted(&self) -> Self {
        Self::start(self.db.clone())
    }

    pub fn fresh(&self) -> String {
        format!("r-{}", self.counter.fetch_add(1, Ordering::Relaxed))
    }

    pub fn on(&self, day: Date) {
        self.clock.set(day).expect("a sandbox");
    }

    /// Somebody who holds `role` in `unit`.
    pub fn at(&self, role: Role, unit: &str) -> Office {
        self.known_as(role, unit, role.as_str_name(), None)
    }

    /// Another holder of the same role.
    pub fn second(&self, role: Role, unit: &str) -> Office {
        self.known_as(role, unit, &format!("second-{}", role.as_str_name()), None)
    }

    /// An account, and the person behind it.
    pub fn known_as(&self, role: Role, unit: &str, account: &str, person: Option<&str>) -> Office {
        // One account is one person's.
        let whose = person.map(|it| format!("{}.", it.get(..8).unwrap_or(it)));
        let account = format!("{}{account}@{unit}", whose.unwrap_or_default());
        let person = person.map_or_else(|| format!("person-of-{account}"), Into::into);
        let caller = Caller {
            name: account.clone(),
            account,
            role,
            unit: unit.parse().ok(),
            person: Some(person),
            ..Caller::public()
        };
        Office(self.gateway.call(NAME, &caller).expect("a wire"))
    }

    pub fn clerk(&self) -> Office {
        self.at(Role::VillageClerk, VILLAGE)
    }

    pub fn head(&self) -> Office {
        self.at(Role::VillageHead, VILLAGE)
    }

    pub fn reviewer(&self) -> Office {
        self.at(Role::TownshipReviewer, TOWNSHIP)
    }

    pub fn lead(&self) -> Office {
        self.at(Role::TownshipLead, TOWNSHIP)
    }

    pub fn maker(&self) -> Office {
        self.at(Role::CountyHealthReviewer, COUNTY)
    }

    pub fn checker(&self) -> Office {
        self.at(Role::CountyHealthApprover, COUNTY)
    }

    pub fn registrar(&self) -> Office {
        self.at(Role::CityHealthRegistrar, CITY)
    }

    pub fn recorder(&self) -> Office {
        self.at(Role::CityHealthApprover, CITY)
    }

    pub fn treasurer(&self) -> Office {
        self.at(Role::CityFinanceApprover, CITY)
    }

    pub fn inspector(&self) -> Office {
        self.at(Role::CountyDisciplineInspector, COUNTY)
    }

    /// Somebody who has not signed in.
    pub fn anybody(&self) -> Office {
        Office(self.gateway.call(NAME, &Caller::public()).expect("a wire"))
    }

    /// An applicant, by citizen number.
    pub fn applicant(&self, number: &str) -> Office {
        let person = self.vault.person(number);
        self.known_as(Role::Applicant, COUNTY, "applicant", Some(&person))
    }

    /// An institution, by credit code.
    pub fn institution(&self, code: &str) -> Office {
        let person = self.vault.institution(code);
        self.known_as(Role::Institution, COUNTY, "institution", Some(&person))
    }

    /// Delivers what was published.
    pub async fn relay(&self) {
        self.relay.drain().await.expect("delivered");
    }

    pub async fn to_ledger(&self) -> Vec<Payload> {
        self.relay().await;
        self.ledger
            .heard()
            .into_iter()
            .filter_map(|it| it.payload)
            .collect()
    }

    pub async fn to_disbursement(&self) -> Vec<Payload> {
        self.relay().await;
        self.disbursement
            .heard()
            .into_iter()
            .filter_map(|it| it.payload)
            .collect()
    }

    /// Delivers an event of the ledger.
    pub async fn ledger_says(&self, payload: Payload) {
        let event = self.event(payload);
        self.deliver("funding-ledger", event).await.expect("taken");
    }

    /// Delivers an event of disbursement.
    pub async fn disbursement_says(&self, payload: Payload) {
        let event = self.event(payload);
        self.deliver("disbursement", event).await.expect("taken");
    }

    pub fn event(&self, payload: Payload) -> Event {
        Event {
            event_id: self.fresh(),
            county: COUNTY.into(),
            payload: Some(payload),
            ..Event::default()
        }
    }

    pub async fn deliver(&self, from: &str, event: Event) -> Result<(), Status> {
        let peers = match from {
            "disbursement" => &self.from_disbursement,
            _ => &self.from_ledger,
        };
        let caller = Caller::service(from, Tenant::parse(&event.county).ok());
        EventSinkServiceClient::new(peers.call(NAME, &caller).expect("a wire"))
            .deliver(DeliverRequest::of(&event, outbox::digest))
            .await
            .map(|_| ())
    }

    /// The lines of a sealed roster, as a service is told them.
    pub async fn sealed_lines(
        &self,
        service: &str,
        roster: &str,
    ) -> Result<Vec<SealedRosterLine>, Status> {
        let ask = ListSealedRosterLinesRequest {
            parent: roster.into(),
            page_size: 500,
            page_token: String::new(),
        };
        let answer = self.payouts(service).list_sealed_roster_lines(ask).await?;
        Ok(answer.into_inner().lines)
    }

    /// Who is paid for cases, as a service is told it.
    pub async fn payees(&self, service: &str, cases: &[&str]) -> Result<Vec<Payee>, Status> {
        let ask = ListPayeesRequest {
            parent: PARENT.into(),
            cases: cases.iter().map(|it| (*it).to_owned()).collect(),
        };
        let answer = self.payouts(service).list_payees(ask).await?;
        Ok(answer.into_inner().payees)
    }

    fn payouts(&self, service: &str) -> PayoutServiceClient<Wire> {
        let peers = match service {
            "disbursement" => &self.from_disbursement,
            _ => &self.from_ledger,
        };
        let county = Tenant::parse(COUNTY).expect("a county");
        let caller = Caller::service(service, Some(county));
        PayoutServiceClient::new(peers.call(NAME, &caller).expect("a wire"))
    }

    /// What disbursement is told may be paid today.
    pub async fn cleared(&self) -> Vec<String> {
        self.cleared_by("").await
    }

    /// What disbursement is told was cleared on that day or later.
    pub async fn cleared_by(&self, since_on: &str) -> Vec<String> {
        let county = Tenant::parse(COUNTY).expect("a county");
        let caller = Caller::service("disbursement", Some(county));
        let wire = self.from_disbursement.call(NAME, &caller).expect("a wire");
        let ask = ListClearedCasesRequest {
            parent: PARENT.into(),
            round: ROUND,
            since_on: since_on.into(),
            cases: self.every_case(county).await,
        };
        let answer = ClearanceServiceClient::new(wire)
            .list_cleared_cases(ask)
            .await;
        answer.expect("an answer").into_inner().cases
    }

    async fn every_case(&self, county: Tenant) -> Vec<String> {
        use sea_orm::{ConnectionTrait as _, Statement};
        let tx = self.db.read(county).await.expect("read");
        let all = format!("SELECT id FROM cases WHERE tenant = '{county}' ORDER BY id");
        let all = Statement::from_string(tx.get_database_backend(), all);
        let rows = tx.query_all_raw(all).await.expect("rows");
        let ids = rows.iter().map(|it| it.try_get_by_index::<String>(0));
        ids.map(|it| format!("{PARENT}/cases/{}", it.expect("an id")))
            .collect()
    }

    /// Everything that is kept of events and of answers to commands.
    pub async fn kept_bytes(&self) -> Vec<u8> {
        use sea_orm::{ConnectionTrait as _, Statement};
        let tenancy = yuhui_platform::db::Tenancy::All;
        let tx = self.db.read(tenancy).await.expect("read");
        let backend = tx.get_database_backend();
        let mut kept = Vec::new();
        for (table, column) in [
            ("outbox", "body"),
            ("inbox", "body"),
            ("idempotency", "answer"),
        ] {
            let all = format!("SELECT {column} FROM {table}");
            let all = Statement::from_string(backend, all);
            let rows = tx.query_all_raw(all).await.expect("rows");
            assert!(!rows.is_empty(), "{table}");
            for row in rows {
                kept.extend(row.try_get_by_index::<Vec<u8>>(0).expect("bytes"));
                kept.push(0);
            }
        }
        kept
    }

    /// Rows of every table of the county and the city together.
    pub async fn rows(&self) -> i64 {
        use sea_orm::{ConnectionTrait as _, Statement};
        let tx = self
            .db
            .read(yuhui_platform::db::Tenancy::All)
            .await
            .expect("read");
        let connection = tx.connection();
        let backend = connection.get_database_backend();
        let tables = match backend {
            sea_orm::DatabaseBackend::Sqlite => {
                "SELECT name FROM sqlite_master WHERE type = 'table'"
            }
            _ => {
                {
                "SELECT tablename::text AS name FROM pg_tables
                 WHERE schemaname = current_schema()
                   AND has_table_privilege(quote_ident(schemaname) || '.' || quote_ident(tablename), 'SELECT')"
            }
            }
        };
        let tables = Statement::from_string(backend, tables);
        let mut rows = 0;
        for table in connection.query_all_raw(tables).await.expect("tables") {
            let name: String = table.try_get("", "name").expect("a name");
            let count = format!("SELECT count(*) AS rows FROM \"{name}\"");
            let count = Statement::from_string(backend, count);
            let row = connection.query_one_raw(count).await.expect("a count");
            let row = row.expect("one row");
            rows += row.try_get::<i64>("", "rows").expect("a number");
        }
        rows
    }

    /// The county's audit chain is whole; answers its entries.
    pub async fn audited(&self) -> Vec<audit::Record> {
        let tx = self
            .db
            .read(Tenant::parse(COUNTY).expect("a county"))
            .await
            .expect("read");
        let chains = audit::verify(&tx).await.expect("verified");
        assert!(chains.iter().all(|it| it.broken.is_none()), "{chains:?}");
        audit::list(&tx, None, 10_000).await.expect("entries")
    }
}
