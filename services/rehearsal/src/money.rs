//! Money: both shares, the pre-payment check, orders, corrected accounts, and
//! the surplus back to the treasuries.

use std::sync::Arc;

use tonic::Status;
use yuhui_kernel::{city, dates};
use yuhui_platform::refusal::reason_of;
use yuhui_proto::{
    authz::v1::Role,
    disbursement::v1::{
        ApprovePaymentOrderRequest, GetPaymentOrderRequest, OrderKind, PaymentOrder,
        ProposePaymentOrderRequest, ReleasePaymentOrderRequest,
        payment_order_service_client::PaymentOrderServiceClient,
    },
    eligibility::v1::{
        ApproveAccountCorrectionRequest, ApproveTerminationRequest,
        ProposeAccountCorrectionRequest, RunPrePaymentCheckRequest, case::State,
        case_service_client::CaseServiceClient,
    },
    funding::v1::{
        ApproveAppropriationRequest, ApproveCityShareRequest, ApproveCountyShareRequest,
        ApproveRemittanceRequest, ApproveYearCloseRequest, GetTrialBalanceRequest,
        ListSharesRequest, Proposal, ProposeAppropriationRequest, ProposeCityShareRequest,
        ProposeCountyShareRequest, ProposeRemittanceRequest, ProposeYearCloseRequest, Share,
        funding_service_client::FundingServiceClient, ledger_service_client::LedgerServiceClient,
    },
    operations::v1::Item,
};

use super::{
    agenda::Act,
    forms,
    intake::parent,
    offices::{Desk, at, key},
    operations::{ended, items},
    play::{CountyRound, Play},
    plot::is_family,
    seen::case_etag,
};

/// What the check before payment says of a case that is to be stopped.
const STOPPED: &str = "PROPOSED_TERMINATION";
/// Days between a returned payment and the corrected account.
const CORRECTION_DAYS: i64 = 10;
/// Days between the last payment and the remittance of the surplus.
const REMITTANCE_DAYS: i64 = 40;
/// What the ledger says of a round that cost nothing.
const NOTHING_TO_CLOSE: &str = "NOTHING_TO_CLOSE";
/// Accounts of the county book that hold what is due back (F.2).
const DUE_BACK: [&str; 2] = ["2101", "2102"];

impl Play<'_> {
    fn pairs(&self, items: &[usize]) -> Vec<CountyRound> {
        items
            .iter()
            .filter_map(|place| self.rounds.get(*place).copied())
            .collect()
    }

    /// Both finance offices send what they owe (R-FUN-2).
    pub(super) async fn fund(&mut self, items: Vec<usize>) {
        let pairs = self.pairs(&items);
        self.all(pairs, async |play, pair| {
            let share = play.share(pair).await?;
            if share.county_due_fen > 0 {
                play.send_county_share(pair, share.county_due_fen).await?;
            }
            if share.city_due_fen > 0 {
                play.send_city_share(pair, share.city_due_fen).await?;
            }
            Ok(())
        })
        .await;
    }

    /// What a county is owed for a round.
    pub(super) async fn share(&self, pair: CountyRound) -> Result<Share, Status> {
        let maker = self.finance(Role::CountyFinanceMaker, pair).await?;
        let ask = ListSharesRequest {
            parent: parent(pair.county),
            round: pair.round,
        };
        let shares = at!(maker, FundingServiceClient.list_shares, ask)?.shares;
        Ok(shares
            .into_iter()
            .find(|it| it.round == pair.round)
            .unwrap_or_default())
    }

    pub(super) async fn finance(&self, role: Role, pair: CountyRound) -> Result<Arc<Desk>, Status> {
        self.offices.of(role, pair.county.as_str()).await
    }

    /// The approved budget of county finance covers its half of what is about
    /// to be sealed (F.5).
    pub(super) async fn appropriate(
        &self,
        pair: CountyRound,
        amount_fen: i64,
    ) -> Result<(), Status> {
        let maker = self.finance(Role::CountyFinanceMaker, pair).await?;
        let approver = self.finance(Role::CountyFinanceApprover, pair).await?;
        let ask = ProposeAppropriationRequest {
            parent: parent(pair.county),
            round: pair.round,
            amount_fen,
            document: document("批复指标", pair),
            request_id: key(),
        };
        let seen = at!(maker, FundingServiceClient.propose_appropriation, ask)?
            .proposal
            .unwrap_or_default();
        let ask = ApproveAppropriationRequest {
            name: seen.name,
            etag: seen.etag,
            request_id: key(),
        };
        at!(approver, FundingServiceClient.approve_appropriation, ask)?;
        Ok(())
    }

    async fn send_county_share(&self, pair: CountyRound, amount_fen: i64) -> Result<(), Status> {
        let maker = self.finance(Role::CountyFinanceMaker, pair).await?;
        let approver = self.finance(Role::CountyFinanceApprover, pair).await?;
        let ask = ProposeCountyShareRequest {
            parent: parent(pair.county),
            round: pair.round,
            amount_fen,
            document: document("旗县区拨付凭证", pair),
            request_id: key(),
        };
        let seen = at!(maker, FundingServiceClient.propose_county_share, ask)?
            .proposal
            .unwrap_or_default();
        let ask = ApproveCountyShareRequest {
            name: seen.name,
            etag: seen.etag,
            request_id: key(),
        };
        at!(approver, FundingServiceClient.approve_county_share, ask)?;
        Ok(())
    }

    async fn send_city_share(&self, pair: CountyRound, amount_fen: i64) -> Result<(), Status> {
        let city = city().to_string();
        let maker = self.offices.of(Role::CityFinanceMaker, &city).await?;
        let approver = self.offices.of(Role::CityFinanceApprover, &city).await?;
        let ask = ProposeCityShareRequest {
            parent: parent(pair.county),
            round: pair.round,
            amount_fen,
            document: document("市级拨付凭证", pair),
            request_id: key(),
        };
        let seen = at!(maker, FundingServiceClient.propose_city_share, ask)?
            .proposal
            .unwrap_or_default();
        let ask = ApproveCityShareRequest {
            name: seen.name,
            etag: seen.etag,
            request_id: key(),
        };
        at!(approver, FundingServiceClient.approve_city_share, ask)?;
        Ok(())
    }

    /// Pre-payment check, order by three offices, and the bank (F20–F22).
    pub(super) async fn pay(&mut self, items: Vec<usize>) -> anyhow::Result<()> {
        let pairs = self.pairs(&items);
        self.all(pairs.clone(), async |play, pair| {
            play.check_and_order(pair, OrderKind::FirstPayments).await
        })
        .await;
        self.system.runs.settle().await?;
        self.bank_works(false).await;
        self.system.runs.settle().await?;
        self.refresh(&pairs).await;
        for place in items {
            if self.bank.is_slow() {
                self.agenda.add(self.tomorrow(), Act::Answer, place);
            }
            if self
                .plot
                .claims
                .iter()
                .any(|claim| claim.fate.corrected_account.is_some())
            {
                let later = dates::add_days(self.today, CORRECTION_DAYS);
                self.agenda.add(later, Act::Correct, place);
            }
            let last = dates::add_days(self.today, REMITTANCE_DAYS);
            self.agenda.add(last, Act::Remit, place);
            let end = dates::year_end(self.today.year()).max(last);
            self.agenda.add(end, Act::CloseYear, place);
        }
        Ok(())
    }

    /// First payments, or those to a corrected account: the check is the same (F20, F23).
    async fn check_and_order(&self, pair: CountyRound, kind: OrderKind) -> Result<(), Status> {
        let reviewer = self.reviewer(pair.county).await?;
        let ask = RunPrePaymentCheckRequest {
            parent: parent(pair.county),
            round: pair.round,
            request_id: key(),
        };
        let checked = at!(reviewer, CaseServiceClient.run_pre_payment_check, ask)?;
        let checked = ended(&reviewer, checked.operation).await?;
        let items = items(&reviewer, &checked).await?;
        let stopped = items.into_iter().filter(|it| it.reason == STOPPED);
        let approver = self.approver(pair.county).await?;
        for Item { name, .. } in stopped {
            let ask = ApproveTerminationRequest {
                etag: case_etag(&approver, name.clone()).await?,
                name,
                request_id: key(),
            };
            let stopped = at!(approver, CaseServiceClient.approve_termination, ask)?.case;
            self.deliver(pair.county, &stopped.unwrap_or_default())
                .await?;
        }
        if checked.done > 0 {
            self.order(pair, kind).await?;
        }
        Ok(())
    }

    /// Three hands (DYN-4): health proposes and approves, finance releases.
    async fn order(&self, pair: CountyRound, kind: OrderKind) -> Result<(), Status> {
        let reviewer = self.reviewer(pair.county).await?;
        let ask = ProposePaymentOrderRequest {
            parent: parent(pair.county),
            round: pair.round,
            kind: kind.into(),
            request_id: key(),
        };
        let proposed = at!(
            reviewer,
            PaymentOrderServiceClient.propose_payment_order,
            ask
        )?;
        // Its first lines may be far behind: then the operation alone says what it will be called.
        let name = ended(&reviewer, proposed.operation).await?.object;
        let approver = self.approver(pair.county).await?;
        let ask = ApprovePaymentOrderRequest {
            etag: order_of(&approver, &name).await?.etag,
            name: name.clone(),
            request_id: key(),
        };
        let approved = at!(
            approver,
            PaymentOrderServiceClient.approve_payment_order,
            ask
        )?;
        ended(&approver, approved.operation).await?;
        let finance = self.finance(Role::CountyFinanceApprover, pair).await?;
        let ask = ReleasePaymentOrderRequest {
            etag: order_of(&finance, &name).await?.etag,
            name,
            request_id: key(),
        };
        let released = at!(
            finance,
            PaymentOrderServiceClient.release_payment_order,
            ask
        )?;
        ended(&finance, released.operation).await?;
        Ok(())
    }

    async fn bank_works(&mut self, late: bool) {
        let mut bank = std::mem::take(&mut self.bank);
        if let Err(status) = bank.work(&self.offices, late).await {
            self.trouble(&status);
        }
        self.bank = bank;
    }

    /// The bank answers for the lines that took a day longer.
    pub(super) async fn answer(&mut self, items: Vec<usize>) {
        let pairs = self.pairs(&items);
        self.bank_works(true).await;
        if let Err(error) = self.system.runs.settle().await {
            self.troubles.push(format!("{}: {error}", self.today));
        }
        self.refresh(&pairs).await;
    }

    /// Corrected accounts, entered and approved by two who did not confirm the
    /// case (DYN-5), and a second order (F23).
    pub(super) async fn correct(&mut self, items: Vec<usize>) -> anyhow::Result<()> {
        let pairs = self.pairs(&items);
        let failed: Vec<usize> = (0..self.standing.len())
            .filter(|index| {
                let standing = self.standing.get(*index);
                let claim = self.plot.claims.get(*index);
                standing.is_some_and(|it| it.state() == State::PayFailed)
                    && claim.is_some_and(|it| it.fate.corrected_account.is_some())
            })
            .collect();
        let mut counties: Vec<_> = failed
            .iter()
            .filter_map(|index| self.plot.claims.get(*index).map(|claim| claim.county))
            .collect();
        counties.sort_unstable();
        counties.dedup();
        self.times.more(failed.len());
        self.each(failed, async |play, index| {
            let claim = play.claim(index)?;
            let number = claim.fate.corrected_account.clone().unwrap_or_default();
            let holder = forms::fill_in(play.plot, claim)?.claimant_name;
            let reviewer = play.reviewer(claim.county).await?;
            let ask = ProposeAccountCorrectionRequest {
                name: play.name(index),
                etag: String::new(),
                account: Some(forms::account(
                    &holder,
                    &number,
                    !is_family(claim.programme),
                )),
                request_id: key(),
            };
            let proposed = at!(reviewer, CaseServiceClient.propose_account_correction, ask)?;
            let county = claim.county.as_str();
            let second = play
                .offices
                .second(Role::CountyHealthApprover, county)
                .await?;
            let ask = ApproveAccountCorrectionRequest {
                name: play.name(index),
                etag: proposed.case.unwrap_or_default().etag,
                request_id: key(),
            };
            Ok(at!(second, CaseServiceClient.approve_account_correction, ask)?.case)
        })
        .await;
        self.system.runs.settle().await?;
        let with_corrections = pairs
            .iter()
            .copied()
            .filter(|pair| counties.contains(&pair.county))
            .collect();
        self.all(with_corrections, async |play, pair| {
            play.check_and_order(pair, OrderKind::Reissues).await
        })
        .await;
        self.system.runs.settle().await?;
        self.bank_works(true).await;
        self.system.runs.settle().await?;
        self.refresh(&pairs).await;
        Ok(())
    }

    /// What terminations left over goes back half and half (R-FUN-5).
    pub(super) async fn remit(&mut self, items: Vec<usize>) {
        let pairs = self.pairs(&items);
        self.all(pairs, async |play, pair| {
            let maker = play.finance(Role::CountyFinanceMaker, pair).await?;
            let ask = GetTrialBalanceRequest {
                parent: parent(pair.county),
            };
            let balances = at!(maker, LedgerServiceClient.get_trial_balance, ask)?.balances;
            let due = balances
                .iter()
                .any(|it| DUE_BACK.contains(&it.account.as_str()) && it.balance_fen != 0);
            if !due {
                return Ok(());
            }
            let ask = ProposeRemittanceRequest {
                parent: parent(pair.county),
                round: pair.round,
                document: document("结余上缴凭证", pair),
                request_id: key(),
            };
            let seen = at!(maker, FundingServiceClient.propose_remittance, ask)?
                .proposal
                .unwrap_or_default();
            let approver = play.finance(Role::CountyFinanceApprover, pair).await?;
            let ask = ApproveRemittanceRequest {
                name: seen.name,
                etag: seen.etag,
                request_id: key(),
            };
            at!(approver, FundingServiceClient.approve_remittance, ask)?;
            Ok(())
        })
        .await;
    }

    /// What the round cost is closed against its funds (F.3).
    pub(super) async fn close_year(&mut self, items: Vec<usize>) {
        let pairs = self.pairs(&items);
        self.all(pairs, async |play, pair| {
            let maker = play.finance(Role::CountyFinanceMaker, pair).await?;
            let ask = ProposeYearCloseRequest {
                parent: parent(pair.county),
                round: pair.round,
                document: document("年终结转", pair),
                request_id: key(),
            };
            let proposed = at!(maker, FundingServiceClient.propose_year_close, ask);
            let Some(seen) = unless_nothing(proposed.map(|it| it.proposal.unwrap_or_default()))?
            else {
                return Ok(());
            };
            let approver = play.finance(Role::CountyFinanceApprover, pair).await?;
            let ask = ApproveYearCloseRequest {
                name: seen.name,
                etag: seen.etag,
                request_id: key(),
            };
            at!(approver, FundingServiceClient.approve_year_close, ask)?;
            Ok(())
        })
        .await;
    }
}

/// A round whose payments all came back has nothing to close.
fn unless_nothing(proposed: Result<Proposal, Status>) -> Result<Option<Proposal>, Status> {
    match proposed {
        Ok(proposal) => Ok(Some(proposal)),
        Err(status) if reason_of(&status).as_deref() == Some(NOTHING_TO_CLOSE) => Ok(None),
        Err(status) => Err(status),
    }
}

fn document(kind: &str, pair: CountyRound) -> String {
    format!("{kind}-{}-{}", pair.round, pair.county)
}

/// The order as whoever is to approve or release it sees it.
async fn order_of(desk: &Desk, name: &str) -> Result<PaymentOrder, Status> {
    let ask = GetPaymentOrderRequest { name: name.into() };
    let found = at!(desk, PaymentOrderServiceClient.get_payment_order, ask)?;
    Ok(found.order.unwrap_or_default())
}
