//! Why a request is refused.

use tonic::Code;
use yuhui_kernel::{Date, Money, dates, proposal::ProposalState};
use yuhui_platform::refusal::{ErrorReason, Precondition};

use crate::domain::book::{Account, Refused};

/// Why a request or an event is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The book does not take it.
    Book(Refused),
    /// The proposal was approved before.
    AlreadyApproved {
        /// Its name.
        name: String,
    },
    /// The proposal was declined or withdrawn.
    ProposalEnded {
        /// Its name.
        name: String,
        /// Its state.
        state: ProposalState,
    },
    /// Nobody but who made a proposal takes it back.
    NotTheMaker,
    /// F30: the health office has not endorsed the write-off.
    NotEndorsed {
        /// Its name.
        name: String,
    },
    /// The health office has endorsed the write-off before.
    AlreadyEndorsed {
        /// Its name.
        name: String,
    },
    /// There is no surplus to send back.
    NoSurplus {
        /// Round.
        round: i32,
    },
    /// All of the surplus comes from decisions that may still be contested.
    SurplusReserved {
        /// Round.
        round: i32,
        /// What is reserved.
        reserved: Money,
    },
    /// The surplus is not what was proposed to be sent back.
    SurplusChanged {
        /// Proposed.
        proposed: Money,
        /// Due now.
        due: Money,
    },
    /// The year of a round is closed at its end.
    YearNotOver {
        /// Round.
        round: i32,
        /// From that day.
        from: Date,
    },
    /// The net expense is not what was proposed to be closed.
    ExpenseChanged {
        /// Proposed.
        proposed: Money,
        /// Now.
        now: Money,
    },
    /// Nothing is being recovered for the case.
    NoRecovery {
        /// The case.
        case: String,
    },
    /// More than is outstanding of the case's recovery.
    AboveRecovery {
        /// The case.
        case: String,
        /// Outstanding.
        outstanding: Money,
        /// Asked.
        asked: Money,
    },
    /// An event contradicts what the ledger knows.
    EventInconsistent {
        /// What does not agree, in English.
        what: String,
    },
}

/// What the account that bounds an amount means for whoever asked.
fn bound(account: Account) -> (ErrorReason, &'static str, &'static str) {
    match account {
        Account::DueFromCity => (ErrorReason::AboveShareDue, "五(二)1", "市级应拨"),
        Account::DueFromCounty => (ErrorReason::AboveShareDue, "五(二)1", "旗县区应拨"),
        Account::DueToCity | Account::DueToCounty => {
            (ErrorReason::AboveSurplus, "五(一)", "应缴结余")
        }
        Account::RecoveryReceivable => (ErrorReason::AboveRecovery, "五(三)3", "可追回"),
        _ => (ErrorReason::AboveBalance, "五(三)2", "账面可用"),
    }
}

impl yuhui_platform::Refusal for Refusal {
    fn reason(&self) -> ErrorReason {
        match self {
            Self::Book(Refused::NotPositive) => ErrorReason::AmountNotPositive,
            Self::Book(Refused::Exceeds { account, .. }) => bound(*account).0,
            Self::Book(Refused::SharesNotReceived { .. }) => ErrorReason::SharesNotReceived,
            Self::Book(Refused::NothingToClose) => ErrorReason::NothingToClose,
            Self::Book(Refused::NoBudget) => ErrorReason::NoBudget,
            Self::Book(Refused::Underway(_)) => ErrorReason::MoneyUnderway,
            Self::Book(Refused::Unrecorded(_)) => ErrorReason::RosterNotRecorded,
            Self::Book(Refused::Overflow) => ErrorReason::AmountTooLarge,
            Self::Book(Refused::Broken(_)) => ErrorReason::BookWouldBreak,
            Self::AlreadyApproved { .. } => ErrorReason::AlreadyApproved,
            Self::ProposalEnded { .. } => ErrorReason::ProposalEnded,
            Self::NotTheMaker => ErrorReason::NotTheMaker,
            Self::NotEndorsed { .. } => ErrorReason::NotEndorsed,
            Self::AlreadyEndorsed { .. } => ErrorReason::AlreadyEndorsed,
            Self::NoSurplus { .. } => ErrorReason::NoSurplus,
            Self::SurplusReserved { .. } => ErrorReason::SurplusReserved,
            Self::SurplusChanged { .. } => ErrorReason::SurplusChanged,
            Self::YearNotOver { .. } => ErrorReason::YearNotOver,
            Self::ExpenseChanged { .. } => ErrorReason::ExpenseChanged,
            Self::NoRecovery { .. } => ErrorReason::NoRecovery,
            Self::AboveRecovery { .. } => ErrorReason::AboveRecovery,
            Self::EventInconsistent { .. } => ErrorReason::EventInconsistent,
        }
    }

    fn code(&self) -> Code {
        match self {
            Self::Book(Refused::NotPositive) => Code::InvalidArgument,
            Self::Book(Refused::Overflow) => Code::OutOfRange,
            Self::NotTheMaker => Code::PermissionDenied,
            _ => Code::FailedPrecondition,
        }
    }

    fn clause(&self) -> Option<&str> {
        match self {
            Self::Book(Refused::Exceeds { account, .. }) => Some(bound(*account).1),
            Self::Book(Refused::SharesNotReceived { .. }) => Some("五(二)3"),
            Self::NoSurplus { .. } | Self::SurplusReserved { .. } | Self::SurplusChanged { .. } => {
                Some("五(一)")
            }
            Self::NoRecovery { .. } | Self::AboveRecovery { .. } | Self::NotEndorsed { .. } => {
                Some("五(三)3")
            }
            _ => None,
        }
    }

    fn zh(&self) -> String {
        match self {
            Self::Book(Refused::NotPositive) => "金额必须大于零".into(),
            Self::Book(Refused::Exceeds {
                account,
                available,
                asked,
            }) => format!("金额{asked}元超过{}{available}元", bound(*account).2),
            Self::Book(Refused::SharesNotReceived {
                asked,
                releasable,
                city_due,
                county_due,
            }) => format!(
                "市县两级资金未足额到位，不得发放{asked}元（可发放{releasable}元，\
                 市级欠拨{city_due}元，旗县区欠拨{county_due}元）"
            ),
            Self::Book(Refused::NothingToClose) => "没有可结转的支出".into(),
            Self::Book(Refused::NoBudget) => "该年度尚无批复预算，不得追加".into(),
            Self::Book(Refused::Underway(amount)) => {
                format!("代发在途资金{amount}元尚无银行回执，不得年终结转")
            }
            Self::Book(Refused::Unrecorded(amount)) => {
                format!("花名册{amount}元尚未备案，不得年终结转")
            }
            Self::Book(Refused::Overflow) => "金额过大".into(),
            Self::Book(Refused::Broken(what)) => format!("账务核对不符：{what}"),
            Self::AlreadyApproved { .. } => "该申请已经审批".into(),
            Self::ProposalEnded { .. } => "该申请已被退回或者撤回".into(),
            Self::NotTheMaker => "只有经办人本人可以撤回".into(),
            Self::NotEndorsed { .. } => "核销须先经卫生健康部门负责人同意".into(),
            Self::AlreadyEndorsed { .. } => "卫生健康部门负责人已经同意".into(),
            Self::NoSurplus { round } => format!("{round}年度没有应缴结余资金"),
            Self::SurplusReserved { round, reserved } => {
                format!("{round}年度结余{reserved}元所涉决定尚在复核期限内，暂予保留")
            }
            Self::SurplusChanged { proposed, due } => {
                format!("应缴结余资金现为{due}元，与申请的{proposed}元不符，请重新申请")
            }
            Self::YearNotOver { round, from } => {
                format!("{round}年度自{}起方可年终结转", dates::format(*from))
            }
            Self::ExpenseChanged { proposed, now } => {
                format!("可结转支出现为{now}元，与申请的{proposed}元不符，请重新申请")
            }
            Self::NoRecovery { .. } => "该个案没有待追回的补贴款".into(),
            Self::AboveRecovery {
                outstanding, asked, ..
            } => format!("金额{asked}元超过待追回的{outstanding}元"),
            Self::EventInconsistent { what } => format!("业务事件与账面不符：{what}"),
        }
    }

    fn en(&self) -> String {
        match self {
            Self::Book(refused) => refused.to_string(),
            Self::AlreadyApproved { .. } => "the proposal was approved before".into(),
            Self::ProposalEnded { state, .. } => format!("the proposal is {}", state.as_str()),
            Self::NotTheMaker => "nobody but who made it withdraws it".into(),
            Self::NotEndorsed { .. } => {
                "the head of the health office has not endorsed the write-off".into()
            }
            Self::AlreadyEndorsed { .. } => "the write-off was endorsed before".into(),
            Self::NoSurplus { round } => format!("round {round} has no surplus to send back"),
            Self::SurplusReserved { round, reserved } => format!(
                "the surplus of round {round}, {reserved} yuan, is reserved while its decisions may \
                 be contested (C.8)"
            ),
            Self::SurplusChanged { proposed, due } => format!(
                "the surplus is {due} yuan now, not the {proposed} yuan proposed; propose it again"
            ),
            Self::YearNotOver { round, from } => format!(
                "the year of round {round} is closed from {}",
                dates::format(*from)
            ),
            Self::ExpenseChanged { proposed, now } => format!(
                "the net expense is {now} yuan now, not the {proposed} yuan proposed; propose it again"
            ),
            Self::NoRecovery { .. } => "nothing is being recovered for the case".into(),
            Self::AboveRecovery {
                outstanding, asked, ..
            } => format!("{asked} yuan is more than the {outstanding} yuan outstanding"),
            Self::EventInconsistent { what } => {
                format!("the event contradicts the ledger: {what}")
            }
        }
    }

    fn precondition(&self) -> Option<Precondition> {
        let (subject, state) = match self {
            Self::AlreadyApproved { name } => (name.clone(), "APPROVED"),
            Self::ProposalEnded { name, state } => (name.clone(), state.as_str()),
            Self::NoRecovery { case } => (case.clone(), "NOT_RECOVERING"),
            Self::NotEndorsed { name } => (name.clone(), "NOT_ENDORSED"),
            Self::AlreadyEndorsed { name } => (name.clone(), "ENDORSED"),
            _ => return None,
        };
        Some(Precondition {
            subject,
            state: state.into(),
            allowed: Vec::new(),
        })
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        let fen = |it: &Money| it.fen().to_string();
        match self {
            Self::Book(Refused::Exceeds {
                account,
                available,
                asked,
            }) => vec![
                ("account", account.to_string()),
                ("available_fen", fen(available)),
                ("asked_fen", fen(asked)),
            ],
            Self::Book(Refused::SharesNotReceived {
                asked,
                releasable,
                city_due,
                county_due,
            }) => vec![
                ("asked_fen", fen(asked)),
                ("releasable_fen", fen(releasable)),
                ("city_due_fen", fen(city_due)),
                ("county_due_fen", fen(county_due)),
            ],
            Self::SurplusReserved { reserved, .. } => {
                vec![("reserved_fen", fen(reserved)), ("rule", "C.8".into())]
            }
            Self::SurplusChanged { proposed, due } => {
                vec![("proposed_fen", fen(proposed)), ("due_fen", fen(due))]
            }
            Self::AboveRecovery {
                outstanding, asked, ..
            } => vec![
                ("available_fen", fen(outstanding)),
                ("asked_fen", fen(asked)),
            ],
            _ => Vec::new(),
        }
    }
}
