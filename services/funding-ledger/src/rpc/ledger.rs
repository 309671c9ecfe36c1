//! `LedgerService`: the books, shown and recomputed.

use tonic::{Request, Response, Status};
use yuhui_kernel::Money;
use yuhui_platform::{
    Caller, Error, Result, caller,
    db::{Tenancy, Tx},
    paging::Page,
    refusal::not_found,
};
use yuhui_proto::{
    authz::v1::Reach,
    funding::v1::{self as pb, ledger_service_server::LedgerService},
};

use super::{Handlers, ask, show};
use crate::{
    domain::{name, reconciliation::Reconciliation},
    store::{book, lines, reading, verify},
};

impl Handlers {
    /// Whose book a `counties/{county}` names: a county's, or the city's for whoever reaches
    /// every county.
    fn whose(caller: &Caller, parent: &str) -> Result<Tenancy> {
        if name::county(parent) == Some(Tenancy::City.scope()) {
            return match caller.reach {
                Reach::AllTenants => Ok(Tenancy::City),
                _ => Err(not_found(parent).into()),
            };
        }
        Ok(ask::county(caller, parent)?.into())
    }

    async fn book(&self, caller: &Caller, parent: &str) -> Result<Tx> {
        self.0.db.read(Self::whose(caller, parent)?).await
    }

    async fn trial_balance(
        &self,
        caller: &Caller,
        parent: &str,
    ) -> Result<pb::GetTrialBalanceResponse> {
        let tx = self.book(caller, parent).await?;
        let balances = reading::trial_balance(&tx).await?;
        // Memo accounts are listed, but stand outside the balance.
        let booked = balances.iter().filter(|(account, _)| !account.is_memo());
        let booked: Vec<Money> = booked.map(|(_, balance)| *balance).collect();
        let sum = |side: fn(&Money) -> bool| {
            Money::total(booked.iter().copied().filter(side))
                .ok_or_else(|| Error::fault("a balance does not fit"))
        };
        let debit = sum(|it| *it > Money::ZERO)?;
        let credit = sum(|it| *it < Money::ZERO)?;
        let shown = balances.into_iter();
        Ok(pb::GetTrialBalanceResponse {
            balances: shown
                .map(|(account, it)| show::balance(account, it))
                .collect(),
            debit_fen: debit.fen(),
            credit_fen: credit.fen().saturating_neg(),
        })
    }

    async fn journals(
        &self,
        caller: &Caller,
        query: &pb::ListJournalsRequest,
    ) -> Result<pb::ListJournalsResponse> {
        let page = Page::parse(query.page_size, &query.page_token)?;
        let after = page.key(|it| it.parse().ok())?.unwrap_or(0);
        let tx = self.book(caller, &query.parent).await?;
        let found = reading::journals(&tx, tx.scope(), after, page.limit()).await?;
        let (found, next_page_token) = page.cut(found, |it| it.sequence.to_string());
        Ok(pb::ListJournalsResponse {
            journals: found
                .into_iter()
                .map(show::journal)
                .collect::<Result<_>>()?,
            next_page_token,
        })
    }

    async fn verdict(&self, caller: &Caller, parent: &str) -> Result<pb::VerifyBookResponse> {
        let verdict = match Self::whose(caller, parent)? {
            Tenancy::One(county) => verify::county(&self.0.db.read(county).await?).await?,
            _ => verify::city(&self.0.db.read(Tenancy::All).await?).await?,
        };
        Ok(pb::VerifyBookResponse {
            whole: verdict.problems.is_empty(),
            journals: verdict.journals,
            problems: verdict.problems,
            head_hash: verdict.head_hash,
        })
    }

    async fn reconciliation(
        &self,
        caller: &Caller,
        query: &pb::GetReconciliationRequest,
    ) -> Result<pb::GetReconciliationResponse> {
        let county = ask::county(caller, &query.parent)?;
        let round = query.round;
        let tx = self.0.db.read(county).await?;
        let book = book::round(&tx, round).await?.unwrap_or_default();
        let sums = lines::sums(&tx, round).await?;
        let figures = Reconciliation::of(&book, &sums).map_err(book::refused)?;
        let shown = show::reconciliation(county.as_str(), round, &figures);
        Ok(pb::GetReconciliationResponse {
            reconciliation: Some(shown),
        })
    }
}

#[tonic::async_trait]
impl LedgerService for Handlers {
    async fn get_trial_balance(
        &self,
        request: Request<pb::GetTrialBalanceRequest>,
    ) -> Result<Response<pb::GetTrialBalanceResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = self.trial_balance(&caller, &ask.parent).await?;
        Ok(Response::new(answer))
    }

    async fn list_journals(
        &self,
        request: Request<pb::ListJournalsRequest>,
    ) -> Result<Response<pb::ListJournalsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.journals(&caller, &ask).await?))
    }

    async fn verify_book(
        &self,
        request: Request<pb::VerifyBookRequest>,
    ) -> Result<Response<pb::VerifyBookResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.verdict(&caller, &ask.parent).await?))
    }

    async fn get_reconciliation(
        &self,
        request: Request<pb::GetReconciliationRequest>,
    ) -> Result<Response<pb::GetReconciliationResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.reconciliation(&caller, &ask).await?))
    }
}
