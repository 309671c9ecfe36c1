//! The maker's half: what finance proposes.

use yuhui_kernel::{Date, Money, Tenant, proposal::ProposalState};
use yuhui_platform::{
    Caller, Result, act::OpenAct, audit, clock, db::Tx, idempotency::Key, unless_answered,
};
use yuhui_proto::funding::v1 as pb;

use super::{answer::Answer, remit::Surplus};
use crate::{
    Deps, convert,
    domain::{
        book::{Account, Refused},
        name,
        proposal::{Kind, Proposal},
    },
    refusal::Refusal,
    store::{
        book::{refused, round},
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
    let county = convert::county(caller, &ask.parent)?;
    let figures = (ask.round, ask.amount_fen);
    let draft = money(county, Kind::Appropriation, figures, &ask.document);
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
    let draft = remittance_draft(caller, ask)?;
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
    county: Tenant,
    kind: Kind,
    /// Nought for recoveries: the round is the recovery's.
    round: i32,
    /// Nought for remittances: the amount is the surplus.
    amount: Money,
    document: String,
    case_name: Option<String>,
}

/// A proposal of money in or budget, as four of the requests state it.
fn money(county: Tenant, kind: Kind, (round, amount_fen): (i32, i64), document: &str) -> Draft {
    Draft {
        county,
        kind,
        round,
        amount: Money::from_fen(amount_fen),
        document: document.trim().to_owned(),
        case_name: None,
    }
}

fn remittance_draft(caller: &Caller, ask: &pb::ProposeRemittanceRequest) -> Result<Draft> {
    let county = convert::county(caller, &ask.parent)?;
    Ok(Draft {
        county,
        kind: Kind::Remittance,
        round: ask.round,
        amount: Money::ZERO,
        document: ask.document.trim().to_owned(),
        case_name: None,
    })
}

fn recovery(
    caller: &Caller,
    kind: Kind,
    (case, amount_fen, document): (&str, i64, &str),
) -> Result<Draft> {
    let (county, _) = convert::child(caller, case, "cases")?;
    Ok(Draft {
        county,
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
    let county = draft.county;
    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, county, key));
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
        maker_person: caller.person.clone(),
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
        name::proposal(county.as_str(), &proposal.id),
    );
    let entry = entry.after(&proposal).reason(&proposal.document);
    act.record(entry).await?;
    act.finish(R::of(convert::proposal(county.as_str(), &proposal)))
        .await
}

/// Round and amount of the proposal, checked against the book as it stands.
async fn settle(tx: &Tx, draft: &Draft, today: Date) -> Result<(i32, Money)> {
    match draft.kind {
        Kind::Appropriation => Ok((draft.round, draft.amount)),
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
