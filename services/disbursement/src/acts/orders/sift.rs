//! What an order may still pay. The check before payment is eligibility's: each act on an order asks
//! what of it stands, and whatever does not is taken out, on record (F20, F23).

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use time::Date;
use uuid::Uuid;
use yuhui_platform::{
    Error, Result, audit,
    db::Tx,
    inbox,
    operations::{At, Item, Outcome, Work, next_after},
};

use super::Asked;
use crate::{
    Deps,
    clients::eligibility::Cleared,
    domain::name,
    gate::OnOrder,
    refusal::Refused,
    store::{lines, orders},
};

/// Where an act on an order stands in its lines. It changes nothing before it has found one that may stay:
/// an order of which nothing may be paid is refused, and is as it was.
#[derive(Clone, Serialize, Deserialize)]
pub enum Place<Made> {
    /// None was found yet.
    Looking { after: Option<Uuid>, seen: Seen },
    /// From the first line on, what may not stay is taken out.
    Taking { after: Option<Uuid>, made: Made },
}

impl<Made> Default for Place<Made> {
    fn default() -> Self {
        Self::Looking {
            after: None,
            seen: Seen::default(),
        }
    }
}

impl<Made> Place<Made> {
    /// Nothing was done yet.
    pub fn is_start(&self) -> bool {
        matches!(self, Self::Looking { after: None, .. })
    }

    /// What was made so far, once anything is taken.
    pub fn made(&self) -> Option<&Made> {
        match self {
            Self::Looking { .. } => None,
            Self::Taking { made, .. } => Some(made),
        }
    }

    fn after(&self) -> Option<Uuid> {
        match self {
            Self::Looking { after, .. } | Self::Taking { after, .. } => *after,
        }
    }
}

/// How far any line of an order came.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub struct Seen {
    payable: bool,
    cleared: bool,
    funded: bool,
}

impl Seen {
    fn or(self, other: Self) -> Self {
        Self {
            payable: self.payable || other.payable,
            cleared: self.cleared || other.cleared,
            funded: self.funded || other.funded,
        }
    }

    /// Why an order is refused of which nothing may stay.
    pub fn refusal(self, order: &orders::Model) -> Error {
        let subject = name::of_order(&order.tenant, order.id);
        match self {
            Self { payable: false, .. } => Refused::NothingPayable { subject }.into(),
            Self { cleared: false, .. } => Refused::NotCleared { subject }.into(),
            Self { funded: false, .. } => Refused::RoundNotFunded { round: order.round }.into(),
            Self { .. } => Error::fault(format!("no line of {subject} can be read")),
        }
    }
}

/// Lines of a slice, and which of their cases are cleared.
#[derive(Default)]
pub struct Judged {
    lines: Vec<Uuid>,
    cleared: Cleared,
    /// After which line the next slice begins.
    pub more: Option<Uuid>,
}

impl Judged {
    /// Whatever was asked: none of them is.
    pub fn nothing_is_cleared(&mut self) {
        self.cleared = Cleared::default();
    }
}

/// Asks for the lines of the next slice what of them is cleared since a day. That the act fits the order
/// is told before another service is asked.
pub async fn judge<W, Made>(
    deps: &Deps,
    at: &At<'_, W>,
    deed: OnOrder,
    since: impl FnOnce(i32) -> Result<Date>,
) -> Result<Judged>
where
    W: Work<Ask = Asked, Place = Place<Made>>,
{
    let tx = deps.db.read(at.tenant).await?;
    let row = at.ask.row(&tx).await?;
    if at.place.is_start() {
        at.ask.begun(&row, deed, at.caller)?;
    }
    let page = lines::page_of_order(&tx, at.ask.id, at.place.after(), at.slice).await?;
    drop(tx);
    let round = (at.tenant, row.round);
    let cases = page.iter().map(|(_, case)| case.as_str());
    let since = since(row.round)?;
    let cleared = Cleared::since(deps, at.caller, round, since, cases).await?;
    Ok(Judged {
        more: next_after(&page, at.slice, |(id, _)| *id),
        lines: page.into_iter().map(|(id, _)| id).collect(),
        cleared,
    })
}

/// Why a line does not stay in an order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    Stopped,
    NotCleared,
    NotFunded,
    Unreadable,
}

impl Why {
    const ALL: [Self; 4] = [
        Self::Stopped,
        Self::NotCleared,
        Self::NotFunded,
        Self::Unreadable,
    ];

    /// As an item of the operation says it.
    fn as_str(self) -> &'static str {
        match self {
            Self::Stopped => "STOPPED",
            Self::NotCleared => "NOT_CLEARED",
            Self::NotFunded => "NOT_FUNDED",
            Self::Unreadable => "UNREADABLE",
        }
    }

    /// In words, as it is put on record.
    fn zh(self) -> &'static str {
        match self {
            Self::Stopped => "终止发放或暂缓",
            Self::NotCleared => "未通过发放前核查",
            Self::NotFunded => "两级资金尚未足额到位",
            Self::Unreadable => "收款信息无法读取",
        }
    }
}

/// The lines of a slice.
pub struct Sifted {
    /// Those that may be paid, locked.
    pub kept: Vec<lines::Model>,
    out: Vec<(Why, lines::Model)>,
    seen: Seen,
}

/// Which lines of a slice may stay: neither terminated nor on hold, nothing told of their case or roster
/// that is not applied yet, cleared; and, if it is asked, of a roster that both shares have arrived for
/// (R-FUN-3). The others, of a supplementary roster perhaps, wait for another order.
pub async fn sift(
    tx: &Tx,
    order: Uuid,
    judged: &Judged,
    funded: Option<&HashSet<String>>,
) -> Result<Sifted> {
    let unsettled = inbox::unsettled(tx).await?;
    let mut sifted = Sifted {
        kept: Vec::new(),
        out: Vec::new(),
        seen: Seen::default(),
    };
    for row in lines::of_order(tx, order, &judged.lines).await? {
        let is_settled = !unsettled.contains(&row.case_name) && !unsettled.contains(&row.roster);
        let is_payable = row.is_payable()? && is_settled;
        let is_cleared = is_payable && judged.cleared.covers(&row.case_name);
        let is_funded = is_cleared && funded.is_none_or(|it| it.contains(&row.roster));
        sifted.seen = sifted.seen.or(Seen {
            payable: is_payable,
            cleared: is_cleared,
            funded: is_funded,
        });
        if !is_payable {
            sifted.out.push((Why::Stopped, row));
        } else if !is_cleared {
            sifted.out.push((Why::NotCleared, row));
        } else if !is_funded {
            sifted.out.push((Why::NotFunded, row));
        } else {
            sifted.kept.push(row);
        }
    }
    Ok(sifted)
}

/// What an act does with a slice.
pub enum Turn<Made> {
    /// Nothing yet: it goes on there.
    Look(Place<Made>),
    /// Nothing of the order may stay.
    Refuse(Seen),
    /// It takes the slice.
    Take(Made),
}

impl<Made: Clone + Default> Place<Made> {
    /// What is to be done with the slice that begins here.
    pub fn turn(&self, sifted: &Sifted, more: Option<Uuid>) -> Turn<Made> {
        match self {
            Self::Taking { made, .. } => Turn::Take(made.clone()),
            Self::Looking { seen, .. } if sifted.kept.is_empty() => {
                let seen = seen.or(sifted.seen);
                match more {
                    Some(_) => Turn::Look(Self::Looking { after: more, seen }),
                    None => Turn::Refuse(seen),
                }
            }
            Self::Looking { after: None, .. } => Turn::Take(Made::default()),
            Self::Looking { .. } => Turn::Look(Self::Taking {
                after: None,
                made: Made::default(),
            }),
        }
    }
}

impl Sifted {
    /// The lines that stay, as they are shown. One that cannot be shown does not stay: it would keep all others
    /// from being paid.
    pub fn shown<T>(&mut self, show: impl Fn(&lines::Model) -> Result<T>) -> Vec<T> {
        let mut shown = Vec::with_capacity(self.kept.len());
        for row in std::mem::take(&mut self.kept) {
            match show(&row) {
                Ok(it) => {
                    shown.push(it);
                    self.kept.push(row);
                }
                Err(error) => {
                    let line = name::of_line(&row.tenant, row.id);
                    tracing::error!(line, %error, "a line cannot be read");
                    self.out.push((Why::Unreadable, row));
                }
            }
        }
        shown
    }

    /// Takes out of the order what may not stay, on record; answers the items of it.
    pub async fn take_out<W: Work>(
        &self,
        (deps, at, tx): (&Deps, &At<'_, W>, &Tx),
        order: &orders::Model,
    ) -> Result<Vec<Item>> {
        for why in Why::ALL {
            let out = self.out.iter().filter(|(it, _)| *it == why);
            let out: Vec<_> = out.map(|(_, row)| row.clone()).collect();
            if out.is_empty() {
                continue;
            }
            lines::take_out(tx, &out, order.id).await?;
            orders::shrink(tx, order.id, &out).await?;
            let taken: Vec<&str> = out.iter().map(|row| row.payment_key.as_str()).collect();
            let entry = audit::Entry::new(
                "disbursement.order.take-out",
                name::of_order(&order.tenant, order.id),
            );
            let entry = entry.before(&taken).reason(why.zh());
            audit::record(tx, at.caller, deps.clock.now(), entry).await?;
        }
        let items = self.out.iter().map(|(why, row)| Item {
            name: name::of_line(&row.tenant, row.id),
            outcome: match why {
                Why::Unreadable => Outcome::Failed,
                _ => Outcome::Skipped,
            },
            reason: why.as_str().into(),
        });
        Ok(items.collect())
    }

    /// Lines that stay, as operations count.
    pub fn count(&self) -> i64 {
        i64::try_from(self.kept.len()).unwrap_or(i64::MAX)
    }
}
