//! The maker's half: what finance proposes.

use yuhui_kernel::{Date, Money, proposal::ProposalState};
use yuhui_platform::{
    Caller, Result,
    act::OpenAct,
    audit, clock,
    db::{Tenancy, Tx},
    idempotency::Key,
    unless_answered,
};
use yuhui_proto::funding::v1 as pb;

use super::{answer::Answer, remit::Surplus, year_close};
use crate::{
    Deps, convert,
    domain::{
        book::{Account, Refused},
        name,
        proposal::{Kind, Proposal},
    },
    refusal::Refusal,
    store::{
        book::{approved_budget, refused, round},
        proposals, recoveries,
    },
};

/// 批复指标: the approved budget of a round.
pub async fn appropriation(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ProposeAppropriationRequest,
) -> Result<pb::ProposeAppropriationResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    let whose = convert::own_book(caller, &ask.parent)?;
    let figures = (ask.round, ask.amount_fen);
    let draft = money(whose, Kind::Appropriation, figures, &ask.document);
    propose(deps, caller, key, draft).await
}

/// 追加预算: an addition to the approved budget of a round.
pub async fn supplement(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ProposeSupplementRequest,
) -> Result<pb::ProposeSupplementResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    let whose = convert::own_book(caller, &ask.parent)?;
    let figures = (ask.round, ask.amount_fen);
    let draft = money(whose, Kind::Supplement, figures, &ask.document);
    propose(deps, caller, key, draft).await
}

/// 年终结转: the year of a round is closed.
pub async fn year_close(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ProposeYearCloseRequest,
) -> Result<pb::ProposeYearCloseResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    let county = convert::county(caller, &ask.parent)?;
    let draft = money(county, Kind::YearClose, (ask.round, 0), &ask.document);
    propose(deps, caller, key, draft).await
}

/// 旗县区配套: money of the county has arrived.
pub async fn county_share(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ProposeCountyShareRequest,
) -> Result<pb::ProposeCountyShareResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    let county = convert::county(caller, &ask.parent)?;
    let figures = (ask.round, ask.amount_fen);
    let draft = money(county, Kind::CountyShare, figures, &ask.document);
    propose(deps, caller, key, draft).await
}

/// 市级补助: money of the city has arrived.
pub async fn city_share(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ProposeCityShareRequest,
) -> Result<pb::ProposeCityShareResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    let county = convert::county(caller, &ask.parent)?;
    let figures = (ask.round, ask.amount_fen);
    let draft = money(county, Kind::CityShare, figures, &ask.document);
    propose(deps, caller, key, draft).await
}

/// Surplus goes back to the treasuries.
pub async fn remittance(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ProposeRemittanceRequest,
) -> Result<pb::ProposeRemittanceResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    let county = convert::county(caller, &ask.parent)?;
    let draft = money(county, Kind::Remittance, (ask.round, 0), &ask.document);
    propose(deps, caller, key, draft).await
}

/// Money demanded back has arrived.
pub async fn recovery_receipt(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ProposeRecoveryReceiptRequest,
) -> Result<pb::ProposeRecoveryReceiptResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    let of = (ask.parent.as_str(), ask.amount_fen, ask.document.as_str());
    let draft = recovery(caller, Kind::RecoveryReceipt, of)?;
    propose(deps, caller, key, draft).await
}

/// 核销: money demanded back is given up.
pub async fn write_off(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ProposeWriteOffRequest,
) -> Result<pb::ProposeWriteOffResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    let of = (ask.parent.as_str(), ask.amount_fen, ask.document.as_str());
    let draft = recovery(caller, Kind::RecoveryWriteOff, of)?;
    propose(deps, caller, key, draft).await
}

/// What is proposed.
struct Draft {
    whose: Tenancy,
    kind: Kind,
    /// Nought for recoveries: the round is the recovery's.
    round: i32,
    /// Nought for remittances and a year's close: the book has the amount.
    amount: Money,
    document: String,
    case_name: Option<String>,
}

/// A proposal for a round, as most of the requests state it.
fn money(
    whose: impl Into<Tenancy>,
    kind: Kind,
    (round, amount_fen): (i32, i64),
    document: &str,
) -> Draft {
    Draft {
        whose: whose.into(),
        kind,
        round,
        amount: Money::from_fen(amount_fen),
        document: document.trim().to_owned(),
        case_name: None,
    }
}

fn recovery(
    caller: &Caller,
    kind: Kind,
    (case, amount_fen, document): (&str, i64, &str),
) -> Result<Draft> {
    let (county, _) = convert::child(caller, case, "cases")?;
    Ok(Draft {
        whose: county.into(),
        kind,
        round: 0,
        amount: Money::from_fen(amount_fen),
        document: document.trim().to_owned(),
        case_name: Some(case.to_owned()),
    })
}

/// Writes a proposal. Figures are checked now, so that the maker learns at once, and again
/// at the approval, when they count.
async fn propose<R: Answer>(deps: &Deps, caller: &Caller, key: Key, draft: Draft) -> Result<R> {
    let whose = draft.whose;
    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, whose, key));
    let tx = &act.tx;
    let (round, amount) = settle(tx, &draft, deps.clock.today()).await?;
    let proposal = Proposal {
        id: clock::fresh_id().to_string(),
        kind: draft.kind,
        round,
        amount,
        document: draft.document,
        case_name: draft.case_name,
        maker: caller.account.clone(),
        maker_person: caller.hand().person,
        proposed_on: deps.clock.today(),
        state: ProposalState::Waiting,
        endorser: None,
        endorser_person: None,
        checker: None,
        words: String::new(),
        journal: None,
    };
    proposals::insert(tx, &proposal).await?;
    let entry = audit::Entry::new(
        "funding.proposal.make",
        name::proposal(whose.scope(), &proposal.id),
    );
    let entry = entry.after(&proposal).reason(&proposal.document);
    act.record(entry).await?;
    act.finish(R::of(convert::proposal(whose.scope(), &proposal)))
        .await
}

/// Round and amount of the proposal, checked against the book as it stands.
async fn settle(tx: &Tx, draft: &Draft, today: Date) -> Result<(i32, Money)> {
    match draft.kind {
        Kind::Appropriation => Ok((draft.round, draft.amount)),
        Kind::Supplement => {
            if approved_budget(tx, draft.round).await?.is_zero() {
                return Err(refused(Refused::NoBudget));
            }
            Ok((draft.round, draft.amount))
        }
        Kind::YearClose => {
            let mut book = round(tx, draft.round).await?.unwrap_or_default();
            Ok((
                draft.round,
                year_close::closes(&mut book, draft.round, today)?,
            ))
        }
        Kind::CityShare | Kind::CountyShare => {
            let book = round(tx, draft.round).await?.unwrap_or_default();
            let (account, due) = match draft.kind {
                Kind::CityShare => (Account::DueFromCity, book.city_due()),
                _ => (Account::DueFromCounty, book.county_due()),
            };
            if draft.amount > due {
                return Err(refused(Refused::Exceeds {
                    account,
                    available: due,
                    asked: draft.amount,
                }));
            }
            Ok((draft.round, draft.amount))
        }
        Kind::Remittance => {
            let book = round(tx, draft.round).await?.unwrap_or_default();
            let surplus = Surplus::of(tx, draft.round, &book, today).await?;
            let amount = surplus.free()?;
            if amount.is_zero() {
                let round = draft.round;
                return Err(match surplus.reserved {
                    Money::ZERO => Refusal::NoSurplus { round },
                    reserved => Refusal::SurplusReserved { round, reserved },
                }
                .into());
            }
            Ok((draft.round, amount))
        }
        Kind::RecoveryReceipt | Kind::RecoveryWriteOff => {
            let case = draft.case_name.clone().unwrap_or_default();
            let Some(recovery) = recoveries::get(tx, &case).await? else {
                return Err(Refusal::NoRecovery { case }.into());
            };
            let outstanding = recovery.outstanding();
            if draft.amount > outstanding {
                let asked = draft.amount;
                return Err(Refusal::AboveRecovery {
                    case,
                    outstanding,
                    asked,
                }
                .into());
            }
            Ok((recovery.round, draft.amount))
        }
    }
}
