//! The maker's half: what finance proposes.

use yuhui_kernel::{Date, Money, Tenant};
use yuhui_platform::{Caller, Result, audit, clock, db::Tx, idempotency::Key};

use super::{Handlers, answer::Answer, show};
use crate::{
    book::{Account, Refused, RoundBook},
    domain::{
        name,
        proposal::{Kind, Proposal},
    },
    refusal::Refusal,
    store::{
        book::{refused, round},
        proposals, recoveries, reservations,
    },
};

/// What is proposed.
pub struct Draft {
    pub county: Tenant,
    pub kind: Kind,
    /// Nought for recoveries: the round is the recovery's.
    pub round: i32,
    /// Nought for remittances: the amount is the surplus.
    pub amount: Money,
    pub document: String,
    pub case_name: Option<String>,
}

impl Handlers {
    /// Writes a proposal. Figures are checked now, so that the maker learns at once, and again
    /// at the approval, when they count.
    pub async fn propose<R: Answer>(&self, caller: &Caller, key: &Key, draft: Draft) -> Result<R> {
        let tx = self.0.db.begin(draft.county).await?;
        if let Some(answer) = key.answered::<R>(&tx).await? {
            return Ok(answer);
        }
        let county = draft.county;
        let (round, amount) = settle(&tx, &draft, self.0.clock.today()).await?;
        let proposal = Proposal {
            id: clock::fresh_id().to_string(),
            kind: draft.kind,
            round,
            amount,
            document: draft.document,
            case_name: draft.case_name,
            maker: caller.account.clone(),
            maker_person: caller.person.clone(),
            checker: None,
            journal: None,
        };
        proposals::insert(&tx, &proposal, self.0.clock.today()).await?;
        let entry = audit::Entry::new(
            "funding.proposal.make",
            name::proposal(county.as_str(), &proposal.id),
        );
        let entry = entry.after(&proposal).reason(&proposal.document);
        audit::record(&tx, caller, self.0.clock.now(), entry).await?;
        let answer = R::of(show::proposal(county.as_str(), &proposal));
        key.remember(&tx, &answer).await?;
        tx.commit().await?;
        Ok(answer)
    }
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

/// The surplus of a round.
pub struct Surplus {
    /// What may go back to the city.
    pub city: Money,
    /// What may go back to the county.
    pub county: Money,
    /// What may not, because the decisions it comes from may be contested (C.8).
    pub reserved: Money,
}

impl Surplus {
    /// The surplus as it stands today.
    pub async fn of(tx: &Tx, round: i32, book: &RoundBook, today: Date) -> Result<Self> {
        let (city, county) = book.surplus_due().map_err(refused)?;
        let (of_city, of_county) = reservations::of_round(tx, round, today).await?;
        let (kept_city, kept_county) = (city.min(of_city), county.min(of_county));
        let less = |due: Money, kept: Money| {
            due.checked_sub(kept)
                .ok_or_else(|| refused(Refused::Overflow))
        };
        Ok(Self {
            city: less(city, kept_city)?,
            county: less(county, kept_county)?,
            reserved: kept_city
                .checked_add(kept_county)
                .ok_or_else(|| refused(Refused::Overflow))?,
        })
    }

    /// What may go back, both parts together.
    pub fn free(&self) -> Result<Money> {
        self.city
            .checked_add(self.county)
            .ok_or_else(|| refused(Refused::Overflow))
    }
}
