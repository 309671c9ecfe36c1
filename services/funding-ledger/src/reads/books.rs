//! The books, shown and recomputed.

use yuhui_kernel::Money;
use yuhui_platform::{
    Caller, Error, Result,
    db::{Tenancy, Tx},
    paging::Page,
};
use yuhui_proto::funding::v1 as pb;

use crate::{
    Deps, convert,
    domain::reconciliation::Reconciliation,
    store::{book, lines, reading, verify},
};

async fn opened(deps: &Deps, caller: &Caller, parent: &str) -> Result<Tx> {
    deps.db.read(convert::book(caller, parent)?).await
}

/// The balances of a book, all rounds together.
pub async fn trial_balance(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::GetTrialBalanceRequest,
) -> Result<pb::GetTrialBalanceResponse> {
    let tx = opened(deps, caller, &ask.parent).await?;
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
            .map(|(account, it)| convert::balance(account, it))
            .collect(),
        debit_fen: debit.fen(),
        credit_fen: credit.fen().saturating_neg(),
    })
}

/// The journals of a book, in the order of their posting.
pub async fn journals(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ListJournalsRequest,
) -> Result<pb::ListJournalsResponse> {
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let after = page.key(|it| it.parse().ok())?.unwrap_or(0);
    let tx = opened(deps, caller, &ask.parent).await?;
    let found = reading::journals(&tx, tx.scope(), after, page.limit()).await?;
    let (found, next_page_token) = page.cut(found, |it| it.sequence.to_string());
    Ok(pb::ListJournalsResponse {
        journals: found
            .into_iter()
            .map(convert::journal)
            .collect::<Result<_>>()?,
        next_page_token,
    })
}

/// Recomputes a book.
pub async fn verdict(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::VerifyBookRequest,
) -> Result<pb::VerifyBookResponse> {
    let verdict = match convert::book(caller, &ask.parent)? {
        Tenancy::One(county) => verify::county(&deps.db.read(county).await?).await?,
        _ => verify::city(&deps.db.read(Tenancy::All).await?).await?,
    };
    Ok(pb::VerifyBookResponse {
        whole: verdict.problems.is_empty(),
        journals: verdict.journals,
        problems: verdict.problems,
        head_hash: verdict.head_hash,
    })
}

/// approved = funded = instructed = credited + returned + unknown, for a county and round.
pub async fn reconciliation(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::GetReconciliationRequest,
) -> Result<pb::GetReconciliationResponse> {
    let county = convert::county(caller, &ask.parent)?;
    let round = ask.round;
    let tx = deps.db.read(county).await?;
    let book = book::round(&tx, round).await?.unwrap_or_default();
    let sums = lines::sums(&tx, round).await?;
    let figures = Reconciliation::of(&book, &sums).map_err(book::refused)?;
    let shown = convert::reconciliation(county.as_str(), round, &figures);
    Ok(pb::GetReconciliationResponse {
        reconciliation: Some(shown),
    })
}
