//! A county, its people, and the service they act on.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use sea_orm::ConnectionTrait as _;
use tempfile::TempDir;
use time::macros::date;
use tonic::{
    Code, Status,
    service::{Routes, interceptor::InterceptedService},
    transport::Channel,
};
use yuhui_disbursement::{DESTINATIONS, Deps, NAME, routes};
use yuhui_kernel::{LinesDigest, Money, Tenant};
use yuhui_platform::{
    Caller, audit,
    authz::{Guard, Rules},
    clock::Clock,
    db::Database,
    inbox::{self, Attendant},
    operations::Worker,
    outbox::{self, Relay},
    peers::{Bearer, Line, Peers},
    pipe::pipe,
    refusal::reason_of,
    serve::{Listen, Server},
    token::{Keyring, Signer},
    vault::{Key, Vault},
};
use yuhui_proto::{
    authz::v1::Role,
    disbursement::v1::{
        self as pb, bank_agent_service_client::BankAgentServiceClient,
        payment_order_service_client::PaymentOrderServiceClient,
    },
    eligibility::v1::SealedRosterLine,
    internal::v1::{
        AccountCorrected, DeliverRequest, Event, RosterSealed, RoundFunded, event::Payload,
        event_sink_service_client::EventSinkServiceClient,
    },
    operations::v1::operation_service_client::OperationServiceClient,
    types::v1::Programme,
};

use crate::{stand_ins::StandIn, stores};

pub const COUNTY: &str = "counties/150203";
pub const ROSTER: &str = "counties/150203/rosters/main";
pub const ROUND: i32 = 2025;

pub type Wire = InterceptedService<Line, Bearer>;

/// A running system; ends with the test.
pub struct World {
    _folder: TempDir,
    relay: Relay,
    gateway: Peers,
    eligibility: Peers,
    ledger: Peers,
    pub others: StandIn,
    pub clock: Clock,
    db: Database,
    deps: Deps,
    counter: AtomicU32,
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
    pub async fn start() -> Self {
        Self::in_slices(500).await
    }

    /// One whose operations take so many items at a time.
    pub async fn in_slices(slice: u64) -> Self {
        let signer = |name| Arc::new(Signer::generate(name).expect("key"));
        let (gateway, own) = (signer("gateway"), signer(NAME));
        let (eligibility, ledger) = (signer("eligibility"), signer("funding-ledger"));
        let keyring = Keyring::new().trust(&gateway).trust(&own);
        let keyring = keyring.trust(&eligibility).trust(&ledger);

        let others = StandIn::default();
        let peers = Peers::new(own)
            .with(
                "eligibility",
                serve("eligibility", &keyring, others.routes()),
            )
            .with(
                "funding-ledger",
                serve("funding-ledger", &keyring, StandIn::default().routes()),
            );
        let folder = tempfile::tempdir().expect("folder");
        let db = stores::fresh(folder.path()).await;
        let clock = Clock::sandbox(date!(2025 - 10 - 20));
        let deps = Deps {
            db: db.clone(),
            clock: clock.clone(),
            peers: peers.clone(),
            vault: Arc::new(
                Vault::with_first_key(
                    yuhui_disbursement::NAME,
                    &Key::from_hex(&"06".repeat(32)).expect("key"),
                    Key::from_hex(&"07".repeat(32)).expect("key"),
                )
                .expect("vault"),
            ),
            slice,
        };
        let channel = serve(NAME, &keyring, routes(deps.clone()));
        let caller = |signer| Peers::new(signer).with(NAME, channel.clone());
        Self {
            _folder: folder,
            relay: Relay::new(db.clone(), peers, DESTINATIONS, outbox::Pace::default()),
            db,
            gateway: caller(gateway),
            eligibility: caller(eligibility),
            ledger: caller(ledger),
            others,
            deps,
            clock,
            counter: AtomicU32::new(0),
        }
    }

    /// A county with two families on a sealed, cleared and funded roster.
    pub async fn funded() -> Self {
        let world = Self::start().await;
        world
            .seal(ROSTER, &[("one", 500_000), ("two", 50_000)])
            .await;
        world.fund(&[ROSTER]).await;
        world.clear(&[&case("one"), &case("two")]);
        world
    }

    /// Does what is left of operations: another each time, as after a crash.
    pub fn worker(&self) -> Worker {
        yuhui_disbursement::worker(&self.deps)
    }

    pub fn operations(&self, account: &str, role: Role) -> OperationServiceClient<Wire> {
        OperationServiceClient::new(self.wire(account, role, "150203"))
    }

    /// What only eligibility's stand-in heard, after everything was delivered.
    pub async fn delivered(&self) -> &StandIn {
        self.relay.drain().await.expect("delivered");
        &self.others
    }

    /// The county's audit chain is whole; answers its entries.
    pub async fn audited(&self) -> Vec<audit::Record> {
        let tenant = Tenant::parse("150203").expect("a county");
        let tx = self.db.read(tenant).await.expect("read");
        let chains = audit::verify(&tx).await.expect("verified");
        assert!(chains.iter().all(|it| it.broken.is_none()), "{chains:?}");
        audit::list(&tx, None, 10_000).await.expect("entries")
    }

    pub fn fresh(&self) -> String {
        format!("r-{}", self.counter.fetch_add(1, Ordering::Relaxed))
    }

    fn wire(&self, account: &str, role: Role, unit: &str) -> Wire {
        let caller = Caller {
            account: account.into(),
            name: account.into(),
            role,
            unit: unit.parse().ok(),
            ..Caller::public()
        };
        self.gateway.call(NAME, &caller).expect("a wire")
    }

    pub fn orders(&self, account: &str, role: Role) -> PaymentOrderServiceClient<Wire> {
        PaymentOrderServiceClient::new(self.wire(account, role, "150203"))
    }

    pub fn elsewhere(&self, role: Role) -> PaymentOrderServiceClient<Wire> {
        PaymentOrderServiceClient::new(self.wire("stranger", role, "150204"))
    }

    pub fn maker(&self) -> PaymentOrderServiceClient<Wire> {
        self.orders("maker", Role::CountyHealthReviewer)
    }

    pub fn checker(&self) -> PaymentOrderServiceClient<Wire> {
        self.orders("checker", Role::CountyHealthApprover)
    }

    pub fn finance(&self) -> PaymentOrderServiceClient<Wire> {
        self.orders("finance", Role::CountyFinanceApprover)
    }

    pub fn operator(&self) -> BankAgentServiceClient<Wire> {
        self.operator_named("operator")
    }

    pub fn operator_named(&self, account: &str) -> BankAgentServiceClient<Wire> {
        self.bank(account, Role::BankOperator)
    }

    pub fn bank(&self, account: &str, role: Role) -> BankAgentServiceClient<Wire> {
        BankAgentServiceClient::new(self.wire(account, role, ""))
    }

    /// Today's check clears these cases and no others.
    pub fn clear(&self, cases: &[&str]) {
        let today = yuhui_kernel::dates::format(self.clock.today());
        self.others.clear_on(&today, cases);
    }

    pub fn authoriser(&self, account: &str) -> BankAgentServiceClient<Wire> {
        BankAgentServiceClient::new(self.wire(account, Role::BankAuthoriser, ""))
    }

    /// Delivers an event of eligibility.
    pub async fn hear(&self, payload: Payload) {
        let event = event(&self.fresh(), payload);
        self.deliver(&self.eligibility, event).await.expect("taken");
    }

    /// The account of the lines of a case cannot be read any more.
    pub async fn spoil(&self, case: &str) {
        let county = Tenant::parse("150203").expect("a county");
        let tx = self.db.begin(county).await.expect("a transaction");
        let bytes = match tx.get_database_backend() {
            sea_orm::DbBackend::Postgres => "bytea",
            _ => "blob",
        };
        let sql = format!(
            "UPDATE payment_lines SET account_sealed = CAST('00' AS {bytes}) WHERE case_name = '{case}'"
        );
        tx.execute_unprepared(&sql).await.expect("spoilt");
        tx.commit().await.expect("committed");
    }

    pub async fn hear_from_ledger(&self, event: Event) -> Result<(), Status> {
        self.deliver(&self.ledger, event).await
    }

    pub async fn hear_from_eligibility(&self, event: Event) -> Result<(), Status> {
        self.deliver(&self.eligibility, event).await
    }

    async fn deliver(&self, from: &Peers, event: Event) -> Result<(), Status> {
        deliver(from, DeliverRequest::of(&event, outbox::digest)).await
    }

    /// Delivers whatever eligibility might send.
    pub async fn hear_bytes(&self, ask: DeliverRequest) -> Result<(), Status> {
        deliver(&self.eligibility, ask).await
    }

    /// The inbox of the service after a restart.
    pub fn restarted_inbox(&self) -> Arc<dyn Attendant> {
        yuhui_disbursement::inbox(self.deps.clone())
    }

    pub async fn seal(&self, roster: &str, lines: &[(&str, i64)]) {
        let sealed = self.sealed(roster, lines);
        self.hear(Payload::RosterSealed(sealed)).await;
    }

    /// A roster that eligibility has sealed, and what it tells of it.
    pub fn sealed(&self, roster: &str, lines: &[(&str, i64)]) -> RosterSealed {
        let mut digest = LinesDigest::of(roster);
        let lines: Vec<_> = lines
            .iter()
            .map(|(id, amount_fen)| {
                digest.add(&case(id), Money::from_fen(*amount_fen));
                SealedRosterLine {
                    case: case(id),
                    amount_fen: *amount_fen,
                }
            })
            .collect();
        let sealed = RosterSealed {
            roster: roster.into(),
            programme: Programme::P1.into(),
            round: ROUND,
            total_fen: lines.iter().map(|it| it.amount_fen).sum(),
            roster_hash: "00".into(),
            line_count: lines.len().try_into().expect("a count"),
            lines_digest: digest.hex().into(),
        };
        let mut rosters = self.others.rosters.lock().expect("lock");
        rosters.insert(roster.into(), lines);
        sealed
    }

    /// Eligibility corrects the account of a case; what it tells of it.
    pub fn corrected(&self, id: &str, account: &str) -> Payload {
        let mut accounts = self.others.accounts.lock().expect("lock");
        accounts.insert(case(id), account.into());
        Payload::AccountCorrected(AccountCorrected {
            case: case(id),
            payee_ref: format!("payee-{id}"),
            former_payee_ref: String::new(),
        })
    }

    /// Events of the county that are kept and not applied: kind, why, and in words.
    pub async fn kept(&self) -> Vec<(String, String, String)> {
        let county = Tenant::parse("150203").expect("a county");
        let tx = self.db.read(county).await.expect("read");
        let kept = inbox::operator::kept(&tx).await.expect("kept");
        kept.into_iter()
            .map(|it| (it.kind, it.reason, it.detail))
            .collect()
    }

    pub async fn fund(&self, rosters: &[&str]) {
        let funded = RoundFunded {
            round: ROUND,
            rosters: rosters.iter().map(|it| (*it).to_owned()).collect(),
        };
        let event = event(&self.fresh(), Payload::RoundFunded(funded));
        self.hear_from_ledger(event).await.expect("taken");
    }

    pub async fn propose(&self, corrected: bool) -> Result<pb::PaymentOrder, Status> {
        let kind = match corrected {
            true => pb::OrderKind::Reissues,
            false => pb::OrderKind::FirstPayments,
        };
        let ask = pb::ProposePaymentOrderRequest {
            parent: COUNTY.into(),
            round: ROUND,
            kind: kind.into(),
            request_id: self.fresh(),
        };
        let answer = self.maker().propose_payment_order(ask).await?;
        Ok(answer.into_inner().order.expect("an order"))
    }

    pub async fn approve(&self, name: &str) -> Result<pb::PaymentOrder, Status> {
        let ask = pb::ApprovePaymentOrderRequest {
            name: name.into(),
            request_id: self.fresh(),
            etag: self.order(name).await.etag,
        };
        let answer = self.checker().approve_payment_order(ask).await?;
        Ok(answer.into_inner().order.expect("an order"))
    }

    pub async fn release(&self, name: &str) -> Result<pb::PaymentOrder, Status> {
        let ask = pb::ReleasePaymentOrderRequest {
            name: name.into(),
            request_id: self.fresh(),
            etag: self.order(name).await.etag,
        };
        let answer = self.finance().release_payment_order(ask).await?;
        Ok(answer.into_inner().order.expect("an order"))
    }

    /// Digest of a report as the authoriser sees it; of none, one that is nobody's.
    pub async fn report_digest(&self, name: &str) -> String {
        let ask = pb::GetResultReportRequest { name: name.into() };
        let mut hand = self.authoriser("authoriser");
        let seen = hand.get_result_report(ask).await.ok();
        let seen = seen.and_then(|it| it.into_inner().report);
        seen.map_or_else(|| "0".repeat(64), |it| it.digest)
    }

    /// Begins `first`, which is held up before it commits, and then `second`; both end when they
    /// are let go. Each act adds to the audit chain, and the chain is held meanwhile.
    pub async fn while_held_up<A, B>(
        &self,
        first: impl Future<Output = A>,
        second: impl Future<Output = B>,
    ) -> (A, B) {
        const MOMENT: Duration = Duration::from_millis(250);
        let county = Tenant::parse("150203").expect("a county");
        let held = self.db.begin(county).await.expect("a transaction");
        let head = "INSERT INTO audit_head (tenant, chain, seq, hash) VALUES ('150203', 0, 0, '')
            ON CONFLICT (tenant, chain) DO UPDATE SET seq = audit_head.seq";
        held.execute_unprepared(head).await.expect("held");
        let later = async {
            tokio::time::sleep(MOMENT).await;
            second.await
        };
        let let_go = async {
            tokio::time::sleep(2 * MOMENT).await;
            held.rollback().await.expect("let go");
        };
        let (first, second, ()) = tokio::join!(first, later, let_go);
        (first, second)
    }

    /// An order through all three hands; answers the batch.
    pub async fn pay(&self, corrected: bool) -> String {
        let order = self.propose(corrected).await.expect("proposed");
        self.approve(&order.name).await.expect("approved");
        self.release(&order.name).await.expect("released").batch
    }

    /// Lines as the county sees them, by case.
    pub async fn lines(&self, states: &[pb::payment_line::State]) -> Vec<pb::PaymentLine> {
        let ask = pb::ListPaymentLinesRequest {
            parent: COUNTY.into(),
            states: states.iter().map(|it| (*it).into()).collect(),
            ..Default::default()
        };
        let answer = self.maker().list_payment_lines(ask).await.expect("lines");
        answer.into_inner().lines
    }

    pub async fn states(&self) -> Vec<(String, i32, pb::payment_line::State)> {
        let lines = self.lines(&[]).await;
        let lines = lines
            .into_iter()
            .map(|it| (it.case.clone(), it.attempt, it.state()));
        lines.collect()
    }
}

async fn deliver(from: &Peers, ask: DeliverRequest) -> Result<(), Status> {
    let tenant = Tenant::parse(&ask.county).ok();
    let caller = Caller::service(from.me(), tenant);
    EventSinkServiceClient::new(from.call(NAME, &caller).expect("a wire"))
        .deliver(ask)
        .await
        .map(|_| ())
}

pub fn case(id: &str) -> String {
    format!("{COUNTY}/cases/{id}")
}

pub fn event(id: &str, payload: Payload) -> Event {
    Event {
        event_id: id.into(),
        county: "150203".into(),
        payload: Some(payload),
        ..Event::default()
    }
}

/// Code and reason of what must be a refusal.
pub fn refused<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, String) {
    let status = answer.expect_err("a refusal");
    (status.code(), reason_of(&status).unwrap_or_default())
}
