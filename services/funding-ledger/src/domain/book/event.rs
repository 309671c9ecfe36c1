//! What is posted to a county book (F.3, F.5).

use yuhui_kernel::Money;

/// The four subsidies (一): the expense they are booked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Programme {
    /// 二孩、三孩家庭育儿补贴.
    P1,
    /// 入托孩子家庭生均补贴.
    P2,
    /// 托育机构生均运营补贴.
    P3,
    /// 示范托育机构奖励补贴.
    P4,
}

impl Programme {
    /// All four.
    pub const ALL: [Self; 4] = [Self::P1, Self::P2, Self::P3, Self::P4];

    /// `P1` … `P4`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::P3 => "P3",
            Self::P4 => "P4",
        }
    }

    /// Reads `P1` … `P4`.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.code() == code)
    }
}

/// How far the roster of a terminated line has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Sealed, not recorded: no shares are owed for the line yet.
    Sealed,
    /// Recorded: the shares are owed, perhaps received. What is still due need not be sent.
    Recorded,
    /// Recorded, and one treasury or both send their shares in full whatever is terminated
    /// meanwhile: the surplus is sent back.
    Allocated {
        /// The city does.
        city: bool,
        /// The county does.
        county: bool,
    },
}

/// An event of the book of one county and round; amounts are positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerEvent {
    /// R-FUN-1: a roster was sealed, its total is payable.
    ConfirmRoster {
        /// Programme of the roster.
        programme: Programme,
        /// Roster total.
        amount: Money,
    },
    /// R-FUN-2: a roster was recorded, city and county owe their shares.
    RecogniseShares {
        /// Total of the roster, less lines terminated since it was sealed.
        amount: Money,
    },
    /// The city's money arrived, in full or in part.
    ReceiveCity {
        /// Amount received.
        amount: Money,
    },
    /// The county's money arrived, in full or in part.
    ReceiveCounty {
        /// Amount received.
        amount: Money,
    },
    /// A batch left for the bank (R-FUN-3).
    SendBatch {
        /// Lines sent for the first time.
        amount: Money,
    },
    /// The bank credited lines.
    BankPaid {
        /// Credited lines.
        amount: Money,
    },
    /// The bank returned lines (R-FUN-4).
    BankReturned {
        /// Returned lines.
        amount: Money,
    },
    /// Corrected lines were sent again.
    Reissue {
        /// Corrected lines.
        amount: Money,
    },
    /// 六: a line was terminated before it was paid.
    TerminateUnpaid {
        /// Programme of the line.
        programme: Programme,
        /// Amount of the line.
        amount: Money,
        /// How far its roster has come.
        stage: Stage,
    },
    /// A returned line was given up (AMB-46).
    LapseReturned {
        /// Programme of the line.
        programme: Programme,
        /// Amount of the line.
        amount: Money,
    },
    /// 五(三)3: money paid is demanded back.
    ClawbackDecided {
        /// The demand.
        amount: Money,
    },
    /// Money demanded back arrived (R-FUN-6).
    ClawbackRecovered {
        /// The receipt.
        amount: Money,
    },
    /// A demand was given up.
    ClawbackWrittenOff {
        /// The approved write-off.
        amount: Money,
    },
    /// R-FUN-5: surplus went back to the city.
    RemitCity {
        /// Amount remitted.
        amount: Money,
    },
    /// R-FUN-5: surplus went back to the county.
    RemitCounty {
        /// Amount remitted.
        amount: Money,
    },
    /// The year's expense is closed against the funds.
    YearClose,
    /// Memo 9001: county finance approved a budget (F.5).
    BudgetApproved {
        /// Amount approved.
        amount: Money,
    },
    /// Memo 9001: county finance added to its budget (追加预算, F.5).
    BudgetSupplemented {
        /// Amount added.
        amount: Money,
    },
}

impl LedgerEvent {
    /// The name of F.3.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ConfirmRoster { .. } => "CONFIRM_ROSTER",
            Self::RecogniseShares { .. } => "RECOGNISE_SHARES",
            Self::ReceiveCity { .. } => "RECEIVE_CITY",
            Self::ReceiveCounty { .. } => "RECEIVE_COUNTY",
            Self::SendBatch { .. } => "SEND_BATCH",
            Self::BankPaid { .. } => "BANK_PAID",
            Self::BankReturned { .. } => "BANK_RETURNED",
            Self::Reissue { .. } => "REISSUE",
            Self::TerminateUnpaid { .. } => "TERMINATE_UNPAID",
            Self::LapseReturned { .. } => "LAPSE_RETURNED",
            Self::ClawbackDecided { .. } => "CLAWBACK_DECIDED",
            Self::ClawbackRecovered { .. } => "CLAWBACK_RECOVERED",
            Self::ClawbackWrittenOff { .. } => "CLAWBACK_WRITTEN_OFF",
            Self::RemitCity { .. } => "REMIT_CITY",
            Self::RemitCounty { .. } => "REMIT_COUNTY",
            Self::YearClose => "YEAR_CLOSE",
            Self::BudgetApproved { .. } => "BUDGET_APPROVED",
            Self::BudgetSupplemented { .. } => "BUDGET_SUPPLEMENTED",
        }
    }

    /// Reads an event by name. `programme` counts only where the event has one, `stage` only
    /// for terminations. `None` for an unknown name or a missing programme.
    #[must_use]
    pub fn from_name(
        name: &str,
        programme: Option<Programme>,
        amount: Money,
        stage: Stage,
    ) -> Option<Self> {
        Some(match name {
            "CONFIRM_ROSTER" => Self::ConfirmRoster {
                programme: programme?,
                amount,
            },
            "RECOGNISE_SHARES" => Self::RecogniseShares { amount },
            "RECEIVE_CITY" => Self::ReceiveCity { amount },
            "RECEIVE_COUNTY" => Self::ReceiveCounty { amount },
            "SEND_BATCH" => Self::SendBatch { amount },
            "BANK_PAID" => Self::BankPaid { amount },
            "BANK_RETURNED" => Self::BankReturned { amount },
            "REISSUE" => Self::Reissue { amount },
            "TERMINATE_UNPAID" => Self::TerminateUnpaid {
                programme: programme?,
                amount,
                stage,
            },
            "LAPSE_RETURNED" => Self::LapseReturned {
                programme: programme?,
                amount,
            },
            "CLAWBACK_DECIDED" => Self::ClawbackDecided { amount },
            "CLAWBACK_RECOVERED" => Self::ClawbackRecovered { amount },
            "CLAWBACK_WRITTEN_OFF" => Self::ClawbackWrittenOff { amount },
            "REMIT_CITY" => Self::RemitCity { amount },
            "REMIT_COUNTY" => Self::RemitCounty { amount },
            "YEAR_CLOSE" => Self::YearClose,
            "BUDGET_APPROVED" => Self::BudgetApproved { amount },
            "BUDGET_SUPPLEMENTED" => Self::BudgetSupplemented { amount },
            _ => return None,
        })
    }

    /// The amount; `None` for YEAR_CLOSE, which closes whatever there is.
    #[must_use]
    pub const fn amount(&self) -> Option<Money> {
        match self {
            Self::ConfirmRoster { amount, .. }
            | Self::RecogniseShares { amount }
            | Self::ReceiveCity { amount }
            | Self::ReceiveCounty { amount }
            | Self::SendBatch { amount }
            | Self::BankPaid { amount }
            | Self::BankReturned { amount }
            | Self::Reissue { amount }
            | Self::TerminateUnpaid { amount, .. }
            | Self::LapseReturned { amount, .. }
            | Self::ClawbackDecided { amount }
            | Self::ClawbackRecovered { amount }
            | Self::ClawbackWrittenOff { amount }
            | Self::RemitCity { amount }
            | Self::RemitCounty { amount }
            | Self::BudgetApproved { amount }
            | Self::BudgetSupplemented { amount } => Some(*amount),
            Self::YearClose => None,
        }
    }

    /// The programme, where the event has one.
    #[must_use]
    pub const fn programme(&self) -> Option<Programme> {
        match self {
            Self::ConfirmRoster { programme, .. }
            | Self::TerminateUnpaid { programme, .. }
            | Self::LapseReturned { programme, .. } => Some(*programme),
            _ => None,
        }
    }
}
