//! A county, its finance office, and the services around the ledger.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use time::macros::date;
use tonic::{
    Code, Status,
    service::{Routes, interceptor::InterceptedService},
    transport::Channel,
};
use yuhui_funding_ledger::{DESTINATIONS, Deps, Migrator, NAME, book::ResidualBearer, routes};
use yuhui_kernel::{LinesDigest, Money, Tenant};
use yuhui_platform::{
    Caller,
    authz::{Guard, Rules},
    clock::Clock,
    db::Database,
    inbox,
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
    eligibility::v1::SealedRosterLine,
    funding::v1::{
        self as pb, funding_service_client::FundingServiceClient,
        ledger_service_client::LedgerServiceClient,
    },
    internal::v1::{
        self as internal, BatchReleased, DeliverRequest, Event, LineSettled, LineTerminated,
        LinesSettled, RosterRecorded, RosterSealed, event::Payload,
        event_sink_service_client::EventSinkServiceClient, paid_service_client::PaidServiceClient,
    },
    types::v1::Programme,
};

use crate::{stand_in::StandIn, stores::on_every_store};

pub const COUNTY: &str = "counties/150203";
pub const CITY: &str = "counties/150200";
pub const ROUND: i32 = 2025;

pub type Wire = InterceptedService<Line, Bearer>;

/// A running ledger; ends with the test.
pub struct World {
    pub deps: Deps,
    pub file: Option<std::path::PathBuf>,
    relay: Relay,
    pub gateway: Peers,
    eligibility: Peers,
    disbursement: Peers,
    pub to_eligibility: StandIn,
    pub to_disbursement: StandIn,
    counter: AtomicU32,
}

/// Runs `test` in a fresh world on each store.
pub async fn on_every_world(test: impl AsyncFn(World)) {
    on_every_store::<Migrator>(async |db, file| test(World::start(db, file).await).await).await;
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
    async fn start(db: Database, file: Option<std::path::PathBuf>) -> Self {
        let signer = |name| Arc::new(Signer::generate(name).expect("key"));
        let (gateway, own) = (signer("gateway"), signer(NAME));
        let (eligibility, disbursement) = (signer("eligibility"), signer("disbursement"));
        let keyring = Keyring::new().trust(&gateway).trust(&own);
        let keyring = keyring.trust(&eligibility).trust(&disbursement);
        let (to_eligibility, to_disbursement) = (StandIn::default(), StandIn::default());
        let one = serve("eligibility", &keyring, to_eligibility.routes());
        let other = serve("disbursement", &keyring, to_disbursement.routes());
        let peers = Peers::new(own);
        let peers = peers.with("eligibility", one).with("disbursement", other);
        let key = |byte: &str| Key::from_hex(&byte.repeat(32)).expect("key");
        let vault = Vault::with_first_key(yuhui_funding_ledger::NAME, &key("06"), key("07"));
        let vault = vault.expect("vault");
        let deps = Deps {
            db: db.clone().keyed(Arc::new(vault)),
            clock: Clock::sandbox(date!(2025 - 10 - 20)),
            peers: peers.clone(),
            residual_bearer: ResidualBearer::County,
        };
        let channel = serve(NAME, &keyring, routes(deps.clone()));
        let caller = |signer| Peers::new(signer).with(NAME, channel.clone());
        Self {
            deps,
            file,
            relay: Relay::new(db, peers, DESTINATIONS, outbox::Pace::default()),
            gateway: caller(gateway),
            eligibility: caller(eligibility),
            disbursement: caller(disbursement),
            to_eligibility,
            to_disbursement,
            counter: AtomicU32::new(0),
        }
    }

    /// Delivers what was published.
    pub async fn relay(&self) {
        self.relay.drain().await.expect("delivered");
    }

    pub fn fresh(&self) -> String {
        format!("r-{}", self.counter.fetch_add(1, Ordering::Relaxed))
    }

    pub fn wire(&self, account: &str, role: Role, unit: &str) -> Wire {
        let caller = Caller {
            account: account.into(),
            name: account.into(),
            role,
            unit: unit.parse().ok(),
            person: Some(format!("person-of-{account}")),
            ..Caller::public()
        };
        self.gateway.call(NAME, &caller).expect("a wire")
    }

    pub fn maker(&self) -> FundingServiceClient<Wire> {
        let wire = self.wire("maker", Role::CountyFinanceMaker, "150203");
        FundingServiceClient::new(wire)
    }

    pub fn checker(&self) -> FundingServiceClient<Wire> {
        let wire = self.wire("checker", Role::CountyFinanceApprover, "150203");
        FundingServiceClient::new(wire)
    }

    /// The head of the county health office.
    pub fn health(&self) -> FundingServiceClient<Wire> {
        let wire = self.wire("health", Role::CountyHealthApprover, "150203");
        FundingServiceClient::new(wire)
    }

    pub fn city_maker(&self) -> FundingServiceClient<Wire> {
        FundingServiceClient::new(self.wire("city-maker", Role::CityFinanceMaker, "150200"))
    }

    pub fn city_checker(&self) -> FundingServiceClient<Wire> {
        FundingServiceClient::new(self.wire("city-checker", Role::CityFinanceApprover, "150200"))
    }

    pub fn auditor(&self) -> LedgerServiceClient<Wire> {
        LedgerServiceClient::new(self.wire("auditor", Role::CityAuditor, "150200"))
    }

    /// Delivers an event of eligibility.
    pub async fn eligibility(&self, payload: Payload) {
        let event = event(&self.fresh(), payload);
        self.deliver("eligibility", event).await.expect("taken");
    }

    /// Delivers an event of disbursement.
    pub async fn disbursement(&self, payload: Payload) {
        let event = event(&self.fresh(), payload);
        self.deliver("disbursement", event).await.expect("taken");
    }

    pub async fn deliver(&self, from: &str, event: Event) -> Result<(), Status> {
        let peers = match from {
            "eligibility" => &self.eligibility,
            _ => &self.disbursement,
        };
        let caller = Caller::service(from, Tenant::parse(&event.county).ok());
        EventSinkServiceClient::new(peers.call(NAME, &caller).expect("a wire"))
            .deliver(DeliverRequest::of(&event, outbox::digest))
            .await
            .map(|_| ())
    }

    /// Lines and fen credited for the round, by programme, as eligibility is told.
    pub async fn paid(&self, county: &str) -> Result<Vec<(String, i64, i64)>, Status> {
        let tenant = Tenant::parse(county).expect("county");
        let caller = Caller::service("eligibility", Some(tenant));
        let wire = self.eligibility.call(NAME, &caller).expect("wire");
        let ask = internal::SumPaidRequest {
            parent: COUNTY.into(),
            round: ROUND,
        };
        let answer = PaidServiceClient::new(wire).sum_paid(ask).await?;
        let paid = answer.into_inner().paid.into_iter();
        Ok(paid
            .map(|it| (it.programme().as_str_name().into(), it.lines, it.amount_fen))
            .collect())
    }

    pub async fn seal(&self, roster: &str, programme: Programme, lines: &[(&str, i64)]) {
        let sealed = self.sealed(roster, programme, lines);
        self.eligibility(Payload::RosterSealed(sealed)).await;
    }

    /// A roster that eligibility has sealed, and what it tells of it.
    pub fn sealed(
        &self,
        roster: &str,
        programme: Programme,
        lines: &[(&str, i64)],
    ) -> RosterSealed {
        let name = roster_name(roster);
        let mut digest = LinesDigest::of(&name);
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
            roster: name.clone(),
            programme: programme.into(),
            round: ROUND,
            total_fen: lines.iter().map(|it| it.amount_fen).sum(),
            roster_hash: "00".into(),
            line_count: lines.len().try_into().expect("a count"),
            lines_digest: digest.hex().into(),
        };
        let mut rosters = self.to_eligibility.rosters.lock().expect("lock");
        rosters.insert(name, lines);
        sealed
    }

    /// Events of the county that are kept and not applied: kind and why.
    pub async fn kept(&self) -> Vec<(String, String)> {
        let county = Tenant::parse("150203").expect("county");
        let tx = self.deps.db.read(county).await.expect("read");
        let kept = inbox::operator::kept(&tx).await.expect("kept");
        kept.into_iter().map(|it| (it.kind, it.reason)).collect()
    }

    pub async fn record(&self, roster: &str, total_fen: i64) {
        let recorded = RosterRecorded {
            roster: roster_name(roster),
            round: ROUND,
            total_fen,
            record_number: "备〔2025〕1号".into(),
        };
        self.eligibility(Payload::RosterRecorded(recorded)).await;
    }

    pub async fn terminate(&self, roster: &str, id: &str, amount_fen: i64) {
        let terminated = LineTerminated {
            case: case(id),
            roster: roster_name(roster),
            programme: Programme::P1.into(),
            round: ROUND,
            amount_fen,
            reason: "CHILD_MOVED_OUT".into(),
        };
        self.eligibility(Payload::LineTerminated(terminated)).await;
    }

    pub async fn send(&self, first_fen: i64, reissue_fen: i64, ids: &[&str]) {
        let batch = released(first_fen, reissue_fen, ids);
        self.disbursement(Payload::BatchReleased(batch)).await;
    }

    /// Results by case: credited or returned.
    pub async fn settle(&self, results: &[(&str, i64, bool)]) {
        let settled = settled(results);
        self.disbursement(Payload::LinesSettled(settled)).await;
    }

    /// The county's share, through both hands.
    pub async fn county_pays(&self, amount_fen: i64) -> Result<pb::Proposal, Status> {
        let ask = pb::ProposeCountyShareRequest {
            parent: COUNTY.into(),
            round: ROUND,
            amount_fen,
            document: "昆财拨〔2025〕9号".into(),
            request_id: self.fresh(),
        };
        let answer = self.maker().propose_county_share(ask).await?.into_inner();
        let seen = answer.proposal.expect("a proposal");
        let ask = pb::ApproveCountyShareRequest {
            name: seen.name,
            etag: seen.etag,
            request_id: self.fresh(),
        };
        let answer = self.checker().approve_county_share(ask).await?.into_inner();
        Ok(answer.proposal.expect("a proposal"))
    }

    /// The city's share, through both hands.
    pub async fn city_pays(&self, amount_fen: i64) -> Result<pb::Proposal, Status> {
        let ask = pb::ProposeCityShareRequest {
            parent: COUNTY.into(),
            round: ROUND,
            amount_fen,
            document: "包财拨〔2025〕3号".into(),
            request_id: self.fresh(),
        };
        let mut maker = self.city_maker();
        let answer = maker.propose_city_share(ask).await?.into_inner();
        let seen = answer.proposal.expect("a proposal");
        let ask = pb::ApproveCityShareRequest {
            name: seen.name,
            etag: seen.etag,
            request_id: self.fresh(),
        };
        let mut checker = self.city_checker();
        let answer = checker.approve_city_share(ask).await?.into_inner();
        Ok(answer.proposal.expect("a proposal"))
    }

    pub async fn remit(&self) -> Result<pb::Proposal, Status> {
        let ask = pb::ProposeRemittanceRequest {
            parent: COUNTY.into(),
            round: ROUND,
            document: "昆财缴〔2027〕1号".into(),
            request_id: self.fresh(),
        };
        let answer = self.maker().propose_remittance(ask).await?.into_inner();
        let seen = answer.proposal.expect("a proposal");
        let ask = pb::ApproveRemittanceRequest {
            name: seen.name,
            etag: seen.etag,
            request_id: self.fresh(),
        };
        let answer = self.checker().approve_remittance(ask).await?.into_inner();
        Ok(answer.proposal.expect("a proposal"))
    }

    /// A recovery received, through both hands.
    pub async fn recover(&self, id: &str, fen: i64) -> Result<(), Status> {
        let ask = pb::ProposeRecoveryReceiptRequest {
            parent: case(id),
            amount_fen: fen,
            document: "昆财追〔2027〕1号".into(),
            request_id: self.fresh(),
        };
        let answer = self.maker().propose_recovery_receipt(ask).await?;
        let seen = answer.into_inner().proposal.expect("a proposal");
        let ask = pb::ApproveRecoveryReceiptRequest {
            name: seen.name,
            etag: seen.etag,
            request_id: self.fresh(),
        };
        let answer = self.checker().approve_recovery_receipt(ask).await;
        answer.map(|_| ())
    }

    /// A write-off is proposed; answers its name.
    pub async fn propose_write_off(&self, id: &str, fen: i64) -> Result<String, Status> {
        let ask = pb::ProposeWriteOffRequest {
            parent: case(id),
            amount_fen: fen,
            document: "昆财销〔2027〕1号".into(),
            request_id: self.fresh(),
        };
        let answer = self.maker().propose_write_off(ask).await?.into_inner();
        Ok(answer.proposal.expect("a proposal").name)
    }

    /// The head of the health office endorses a write-off.
    pub async fn endorse_write_off(&self, name: &str) -> Result<pb::Proposal, Status> {
        let ask = pb::EndorseWriteOffRequest {
            name: name.into(),
            etag: self.etag(name).await,
            request_id: self.fresh(),
        };
        let answer = self.health().endorse_write_off(ask).await?.into_inner();
        Ok(answer.proposal.expect("a proposal"))
    }

    /// Finance approves a write-off.
    pub async fn approve_write_off(&self, name: &str) -> Result<(), Status> {
        let ask = pb::ApproveWriteOffRequest {
            name: name.into(),
            etag: self.etag(name).await,
            request_id: self.fresh(),
        };
        self.checker().approve_write_off(ask).await.map(|_| ())
    }

    /// A recorded and fully funded roster `main` of P1 lines.
    pub async fn fund(&self, lines: &[(&str, i64)]) {
        let total: i64 = lines.iter().map(|(_, fen)| fen).sum();
        self.seal("main", Programme::P1, lines).await;
        self.record("main", total).await;
        self.county_pays(total - total / 2).await.expect("county");
        self.city_pays(total / 2).await.expect("city");
    }

    /// Balances of a book by account, memo accounts left out.
    pub async fn balances(&self, parent: &str) -> BTreeMap<String, i64> {
        let parent = parent.into();
        let ask = pb::GetTrialBalanceRequest { parent };
        let answer = self.auditor().get_trial_balance(ask).await;
        let answer = answer.expect("a trial balance").into_inner();
        assert_eq!(answer.debit_fen, answer.credit_fen);
        let booked = answer.balances.into_iter();
        let booked = booked.filter(|it| !it.account.starts_with('9'));
        booked.map(|it| (it.account, it.balance_fen)).collect()
    }

    pub async fn reconciliation(&self) -> pb::Reconciliation {
        let ask = pb::GetReconciliationRequest {
            parent: COUNTY.into(),
            round: ROUND,
        };
        let answer = self.auditor().get_reconciliation(ask).await;
        let figures = answer.expect("figures").into_inner().reconciliation;
        figures.expect("figures")
    }

    pub async fn verify(&self, parent: &str) -> pb::VerifyBookResponse {
        let parent = parent.into();
        let ask = pb::VerifyBookRequest { parent };
        let answer = self.auditor().verify_book(ask).await;
        answer.expect("a verdict").into_inner()
    }

    /// Both books are whole.
    pub async fn assert_whole(&self) {
        for parent in [COUNTY, CITY] {
            let verdict = self.verify(parent).await;
            assert!(verdict.whole, "{parent}: {:?}", verdict.problems);
        }
    }
}

pub fn case(id: &str) -> String {
    format!("{COUNTY}/cases/{id}")
}

pub fn roster_name(id: &str) -> String {
    format!("{COUNTY}/rosters/{id}")
}

pub fn event(id: &str, payload: Payload) -> Event {
    Event {
        event_id: id.into(),
        county: "150203".into(),
        payload: Some(payload),
        ..Event::default()
    }
}

pub fn released(first_fen: i64, reissue_fen: i64, ids: &[&str]) -> BatchReleased {
    BatchReleased {
        batch: format!("{COUNTY}/batches/1"),
        round: ROUND,
        first_fen,
        reissue_fen,
        cases: ids.iter().map(|id| case(id)).collect(),
    }
}

pub fn settled(results: &[(&str, i64, bool)]) -> LinesSettled {
    let lines = results.iter().map(|(id, fen, credited)| LineSettled {
        case: case(id),
        programme: Programme::P1.into(),
        amount_fen: *fen,
        credited: *credited,
        return_code: if *credited { "" } else { "AC01" }.into(),
        settled_on: "2025-10-21".into(),
    });
    LinesSettled {
        batch: format!("{COUNTY}/batches/1"),
        round: ROUND,
        lines: lines.collect(),
    }
}

/// Code and reason of what must be a refusal.
pub fn refused<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, String) {
    let status = answer.expect_err("a refusal");
    (status.code(), reason_of(&status).unwrap_or_default())
}
