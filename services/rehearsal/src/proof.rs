//! Proof that a round is sound: money of every county, the books, the chains
//! of every service.

use std::collections::{BTreeMap, BTreeSet};

use tonic::Status;
use yuhui_kernel::{Tenant, city};
use yuhui_proto::{
    audit::v1::{VerifyChainRequest, audit_service_client::AuditServiceClient},
    authz::v1::Role,
    eligibility::v1::{
        ForecastRoundRequest, ForecastRoundResponse, ListRostersRequest, Roster,
        forecast_service_client::ForecastServiceClient, roster,
        roster_service_client::RosterServiceClient,
    },
    funding::v1::{
        GetReconciliationRequest, GetTrialBalanceRequest, GetTrialBalanceResponse, Reconciliation,
        VerifyBookRequest, ledger_service_client::LedgerServiceClient,
    },
};

use super::{
    intake::parent,
    offices::at,
    play::{Play, in_words},
};

/// What was gathered.
#[derive(Debug, Default)]
pub(crate) struct Proof {
    /// The money of each county.
    pub(crate) money: BTreeMap<Tenant, Reconciliation>,
    /// Sum of the sealed rosters of each county, and their number.
    pub(crate) rosters: BTreeMap<Tenant, (i64, usize)>,
    /// Trial balance of every book; the city's under its own code.
    pub(crate) balances: Vec<(String, GetTrialBalanceResponse)>,
    /// What the next round needs (五(二)6).
    pub(crate) forecast: ForecastRoundResponse,
    /// Journals read while verifying.
    pub(crate) journals: i64,
    /// Audit entries read while verifying.
    pub(crate) entries: i64,
    /// Chains verified.
    pub(crate) chains: usize,
    /// What does not hold.
    pub(crate) faults: Vec<String>,
}

/// Asks everything there is to ask.
pub(crate) async fn gather(play: &Play<'_>, round: i32) -> Proof {
    let mut proof = Proof::default();
    for county in Tenant::all() {
        match money(play, *county, round).await {
            Ok(money) => _ = proof.money.insert(*county, money),
            Err(status) => proof.fault(county.as_str(), &status),
        }
    }
    let places = Tenant::all()
        .iter()
        .map(|it| it.to_string())
        .chain([city().to_string()]);
    let places: Vec<String> = places.collect();
    for place in &places {
        if let Err(status) = proof.book(play, place).await {
            proof.fault(place, &status);
        }
        for service in &play.system.services {
            if let Err(status) = proof.chain(play, service, place).await {
                proof.fault(&format!("audit of {service} in {place}"), &status);
            }
        }
    }
    match rosters(play, round).await {
        Ok(list) => {
            for roster in list
                .iter()
                .filter(|it| it.state() != roster::State::Superseded)
            {
                let county = roster
                    .name
                    .split('/')
                    .nth(1)
                    .and_then(|it| Tenant::parse(it).ok());
                if let Some(county) = county {
                    let sum = proof.rosters.entry(county).or_default();
                    sum.0 += roster.total_fen;
                    sum.1 += 1;
                }
            }
        }
        Err(status) => proof.fault("rosters", &status),
    }
    match forecast(play, round + 1).await {
        Ok(forecast) => proof.forecast = forecast,
        Err(status) => proof.fault("forecast", &status),
    }
    proof
}

async fn money(play: &Play<'_>, county: Tenant, round: i32) -> Result<Reconciliation, Status> {
    let maker = play
        .offices
        .of(Role::CityFinanceMaker, &city().to_string())
        .await?;
    let ask = GetReconciliationRequest {
        parent: parent(county),
        round,
    };
    let reply = at!(maker, LedgerServiceClient.get_reconciliation, ask)?;
    Ok(reply.reconciliation.unwrap_or_default())
}

async fn forecast(play: &Play<'_>, round: i32) -> Result<ForecastRoundResponse, Status> {
    let registrar = play
        .offices
        .of(Role::CityHealthRegistrar, &city().to_string())
        .await?;
    let ask = ForecastRoundRequest {
        parent: "counties/-".into(),
        round,
    };
    at!(registrar, ForecastServiceClient.forecast_round, ask)
}

async fn rosters(play: &Play<'_>, round: i32) -> Result<Vec<Roster>, Status> {
    let registrar = play
        .offices
        .of(Role::CityHealthRegistrar, &city().to_string())
        .await?;
    let mut rosters = Vec::new();
    let mut page_token = String::new();
    loop {
        let ask = ListRostersRequest {
            parent: "counties/-".into(),
            round,
            page_size: 500,
            page_token,
        };
        let page = at!(registrar, RosterServiceClient.list_rosters, ask)?;
        rosters.extend(page.rosters);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(rosters);
        }
    }
}

impl Proof {
    async fn book(&mut self, play: &Play<'_>, place: &str) -> Result<(), Status> {
        let auditor = play
            .offices
            .of(Role::CityAuditor, &city().to_string())
            .await?;
        let parent = format!("counties/{place}");
        let ask = VerifyBookRequest {
            parent: parent.clone(),
        };
        let book = at!(auditor, LedgerServiceClient.verify_book, ask)?;
        self.journals += book.journals;
        if !book.whole {
            self.faults
                .push(format!("book of {place}: {}", book.problems.join("; ")));
        }
        let ask = GetTrialBalanceRequest { parent };
        let balance = at!(auditor, LedgerServiceClient.get_trial_balance, ask)?;
        if balance.debit_fen != balance.credit_fen {
            self.faults.push(format!(
                "book of {place}: debit {} fen, credit {} fen",
                balance.debit_fen, balance.credit_fen
            ));
        }
        self.balances.push((place.to_owned(), balance));
        Ok(())
    }

    async fn chain(&mut self, play: &Play<'_>, service: &str, place: &str) -> Result<(), Status> {
        let auditor = play
            .offices
            .of(Role::CityAuditor, &city().to_string())
            .await?;
        let place_or_none = if place == city().to_string() {
            "-"
        } else {
            place
        };
        let mut ask = VerifyChainRequest {
            parent: format!("counties/{place_or_none}"),
            service: service.into(),
            ..VerifyChainRequest::default()
        };
        let mut seen = BTreeSet::new();
        loop {
            let page = at!(auditor, AuditServiceClient.verify_chain, ask.clone())?;
            seen.extend(page.chains.iter().map(|it| it.chain));
            self.entries += page.entries;
            for it in page.chains.iter().filter(|it| !it.whole) {
                self.faults.push(format!(
                    "audit of {service} in {place}: entry {} of chain {} does not fit",
                    it.first_broken_sequence, it.chain
                ));
            }
            ask.page_token = page.next_page_token;
            if ask.page_token.is_empty() {
                break;
            }
        }
        self.chains += seen.len();
        Ok(())
    }

    fn fault(&mut self, what: &str, status: &Status) {
        self.faults.push(format!("{what}: {}", in_words(status)));
    }
}
