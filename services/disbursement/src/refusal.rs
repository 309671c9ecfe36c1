//! Why this service refuses a request.

use tonic::Code;
use yuhui_kernel::proposal::{Barred, ProposalState};
use yuhui_platform::refusal::{ErrorReason, Precondition, Refusal, Violation};

use crate::domain::{
    batch::Difference,
    order::{OrderFault, OrderState},
    result::{Fault, FaultKind, MAX_RESULTS},
};

/// Most violations told at once: they travel in headers, which are small.
const TOLD: usize = 20;

/// A refused request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The order does not wait for this act.
    OrderState {
        /// The order.
        order: String,
        /// Its state.
        state: OrderState,
    },
    /// Whoever proposed an order, or reported results, does not approve them (DYN-1).
    SameMaker,
    /// A payment takes different persons at health, finance and bank (DYN-4).
    SameHands,
    /// Nobody but whoever made it withdraws an order or a report.
    NotTheMaker,
    /// No line is left that may be paid.
    NothingPayable {
        /// Round, or the order that ran empty.
        subject: String,
    },
    /// The pre-payment check cleared no line of the order; for a release, on its own day (F20).
    NotCleared {
        /// The order.
        subject: String,
    },
    /// Both shares have not arrived for any roster of the order (R-FUN-3).
    RoundNotFunded {
        /// Round.
        round: i32,
    },
    /// What the bank acknowledges is not what was released.
    BatchDiffers(Vec<Difference>),
    /// Results come after the acknowledgement.
    BatchNotAcknowledged {
        /// The batch.
        batch: String,
    },
    /// A report has no results or too many.
    ReportSize,
    /// Results that are not accepted.
    Results(Vec<Fault>),
    /// The report does not wait for this any more.
    ReportState {
        /// The report.
        report: String,
        /// Its state.
        state: ProposalState,
    },
    /// A list is narrowed by more than one thing at a time.
    OneFilter(Vec<&'static str>),
    /// The round is no year.
    Round,
    /// An event of another service that contradicts itself.
    BadEvent(&'static str),
}

impl Refused {
    /// What is wrong with the act on `order`.
    #[must_use]
    pub fn order(fault: OrderFault, order: &str) -> Self {
        match fault {
            OrderFault::State(state) => Self::OrderState {
                order: order.into(),
                state,
            },
            OrderFault::SameMaker => Self::SameMaker,
            OrderFault::SameHands => Self::SameHands,
            OrderFault::NotTheMaker => Self::NotTheMaker,
        }
    }
}

impl Refused {
    /// Why nobody ends `report` so.
    #[must_use]
    pub fn report(why: Barred, report: &str) -> Self {
        match why {
            Barred::Ended(state) => Self::ReportState {
                report: report.into(),
                state,
            },
            Barred::SameHand => Self::SameMaker,
            Barred::NotTheMaker => Self::NotTheMaker,
        }
    }
}

impl Refusal for Refused {
    fn reason(&self) -> ErrorReason {
        match self {
            Self::OrderState { .. } => ErrorReason::OrderState,
            Self::SameMaker | Self::SameHands => ErrorReason::SeparationOfDuties,
            Self::NotTheMaker => ErrorReason::NotTheMaker,
            Self::NothingPayable { .. } => ErrorReason::NothingPayable,
            Self::NotCleared { .. } => ErrorReason::NotCleared,
            Self::RoundNotFunded { .. } => ErrorReason::RoundNotFunded,
            Self::BatchDiffers(_) => ErrorReason::BatchDiffers,
            Self::BatchNotAcknowledged { .. } => ErrorReason::BatchNotAcknowledged,
            Self::ReportSize | Self::Results(_) => ErrorReason::ResultsNotAccepted,
            // Its own word, as it was before reports could be declined.
            Self::ReportState {
                state: ProposalState::Approved,
                ..
            } => ErrorReason::ReportAuthorised,
            Self::ReportState { .. } => ErrorReason::ReportState,
            Self::OneFilter(_) | Self::Round => ErrorReason::InvalidArgument,
            Self::BadEvent(_) => ErrorReason::BadEvent,
        }
    }

    fn code(&self) -> Code {
        match self {
            Self::SameMaker | Self::SameHands | Self::NotTheMaker => Code::PermissionDenied,
            Self::OrderState { .. }
            | Self::NothingPayable { .. }
            | Self::NotCleared { .. }
            | Self::RoundNotFunded { .. }
            | Self::BatchNotAcknowledged { .. }
            | Self::ReportState { .. } => Code::FailedPrecondition,
            Self::BatchDiffers(_)
            | Self::ReportSize
            | Self::Results(_)
            | Self::OneFilter(_)
            | Self::Round
            | Self::BadEvent(_) => Code::InvalidArgument,
        }
    }

    fn clause(&self) -> Option<&str> {
        match self {
            // 四权分离.
            Self::SameMaker | Self::SameHands | Self::NotTheMaker => Some("二e"),
            Self::OrderState { .. } | Self::NothingPayable { .. } => Some("五(二)4"),
            Self::NotCleared { .. } => Some("六"),
            Self::RoundNotFunded { .. } => Some("五(二)3"),
            Self::BatchDiffers(_)
            | Self::BatchNotAcknowledged { .. }
            | Self::ReportSize
            | Self::Results(_)
            | Self::ReportState { .. } => Some("五(三)2"),
            Self::OneFilter(_) | Self::Round | Self::BadEvent(_) => None,
        }
    }

    fn zh(&self) -> String {
        match self {
            Self::OrderState { order, .. } => format!("支付单 {order} 当前状态不能进行该操作"),
            Self::SameMaker => "经办人不得复核自己经办的事项".into(),
            Self::SameHands => "提出、批准、拨付、发放须由不同人员办理".into(),
            Self::NotTheMaker => "只有经办人本人可以撤回".into(),
            Self::NothingPayable { subject } => format!("{subject} 没有可以发放的补贴"),
            Self::NotCleared { subject } => {
                format!("{subject} 所列各笔均未通过当日发放前核查")
            }
            Self::RoundNotFunded { round } => {
                format!("{round} 年度市、旗县区两级资金尚未足额到位，不得发放")
            }
            Self::BatchDiffers(_) => "收到的批次与发出的批次不一致".into(),
            Self::BatchNotAcknowledged { batch } => format!("批次 {batch} 尚未确认收到"),
            Self::ReportSize => "发放结果为空或过多".into(),
            Self::Results(_) => "发放结果有误".into(),
            Self::ReportState { report, .. } => {
                format!("结果报告 {report} 当前状态不能进行该操作")
            }
            Self::OneFilter(_) => "一次只能按一个对象筛选".into(),
            Self::Round => "年度有误".into(),
            Self::BadEvent(_) => "事件内容有误".into(),
        }
    }

    fn en(&self) -> String {
        match self {
            Self::OrderState { order, state } => {
                format!(
                    "payment order {order} is {} and does not wait for this",
                    state.as_str()
                )
            }
            Self::SameMaker => "who made it does not approve it".into(),
            Self::NotTheMaker => "nobody but who made it withdraws it".into(),
            Self::SameHands => {
                "a payment takes different persons at health, finance and bank".into()
            }
            Self::NothingPayable { subject } => format!("nothing of {subject} may be paid"),
            Self::NotCleared { subject } => {
                format!("the pre-payment check of the day cleared nothing of {subject}")
            }
            Self::RoundNotFunded { round } => {
                format!("the shares of round {round} have not arrived in full")
            }
            Self::BatchDiffers(_) => "the batch received is not the batch released".into(),
            Self::BatchNotAcknowledged { batch } => format!("batch {batch} is not acknowledged"),
            Self::ReportSize => "a report has no results or too many".into(),
            Self::Results(_) => "results are not accepted".into(),
            Self::ReportState { report, state } => {
                format!(
                    "report {report} is {} and does not wait for this",
                    shown(*state)
                )
            }
            Self::OneFilter(_) => "a list is narrowed by one of these at a time".into(),
            Self::Round => "the round is no year".into(),
            Self::BadEvent(what) => format!("the event contradicts itself: {what}"),
        }
    }

    fn violations(&self) -> Vec<Violation> {
        match self {
            Self::BatchDiffers(differences) => differences.iter().map(difference).collect(),
            Self::Results(faults) => faults.iter().take(TOLD).map(fault).collect(),
            Self::ReportSize => vec![Violation::new(
                "results",
                format!("须为 1 至 {MAX_RESULTS} 条"),
                format!("must be 1 to {MAX_RESULTS}"),
            )],
            Self::OneFilter(fields) => fields.iter().map(|it| one_of(it)).collect(),
            Self::Round => vec![Violation::new("round", "须为年份", "must be a year")],
            _ => Vec::new(),
        }
    }

    fn precondition(&self) -> Option<Precondition> {
        let (subject, state, allowed) = match self {
            Self::OrderState { order, state } => {
                let allowed = state.next().map(Into::into).into_iter().collect();
                (order.clone(), state.as_str(), allowed)
            }
            Self::NothingPayable { subject } => (subject.clone(), "NOTHING_PAYABLE", Vec::new()),
            Self::NotCleared { subject } => (
                subject.clone(),
                "NOT_CLEARED",
                vec!["RunPrePaymentCheck".into()],
            ),
            Self::RoundNotFunded { round } => (format!("rounds/{round}"), "NOT_FUNDED", Vec::new()),
            Self::BatchNotAcknowledged { batch } => {
                (batch.clone(), "RELEASED", vec!["AcknowledgeBatch".into()])
            }
            Self::ReportState { report, state } => (report.clone(), shown(*state), Vec::new()),
            _ => return None,
        };
        Some(Precondition {
            subject,
            state: state.into(),
            allowed,
        })
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::SameMaker => vec![("rule", "DYN-1".into())],
            Self::SameHands => vec![("rule", "DYN-4".into())],
            Self::RoundNotFunded { .. } => vec![("rule", "R-FUN-3".into())],
            Self::Results(faults) => vec![("faults", faults.len().to_string())],
            _ => Vec::new(),
        }
    }
}

/// The state of a report as the contract names it.
fn shown(state: ProposalState) -> &'static str {
    match state {
        ProposalState::Waiting => "SUBMITTED",
        ProposalState::Approved => "AUTHORISED",
        ProposalState::Declined | ProposalState::Withdrawn => state.as_str(),
    }
}

fn one_of(field: &'static str) -> Violation {
    Violation::new(
        field,
        "与其他筛选条件只能选一",
        "is one filter too many: name one of order, batch, case and roster",
    )
}

fn difference(what: &Difference) -> Violation {
    match what {
        Difference::LineCount => Violation::new(
            "line_count",
            "与批次笔数不符",
            "is not the number of lines released",
        ),
        Difference::Total => {
            Violation::new("total_fen", "与批次金额不符", "is not the sum released")
        }
        Difference::Hash => Violation::new("hash", "与批次校验值不符", "is not the hash released"),
    }
}

fn fault(fault: &Fault) -> Violation {
    let (field, zh, en) = match fault.kind {
        FaultKind::UnknownKey => (
            "payment_key",
            "该批次没有此笔",
            "is the key of no line of the batch",
        ),
        FaultKind::NoOutcome => ("outcome", "未说明结果", "must be stated"),
        FaultKind::NoCode => (
            "return_code",
            "退汇须附四位退汇码",
            "must be a code of four capitals or digits for a returned line",
        ),
        FaultKind::CodeOfCredited => (
            "return_code",
            "已入账的不得附退汇码",
            "must be empty for a credited line",
        ),
        FaultKind::Reference => (
            "bank_reference",
            "过长或含控制字符",
            "is too long, or of more than one line",
        ),
        FaultKind::Different => (
            "outcome",
            "此前已报告不同结果",
            "differs from the result reported before",
        ),
    };
    Violation::new(format!("results[{}].{field}", fault.index), zh, en)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_names_the_result_it_is_about() {
        let faults = vec![Fault {
            index: 3,
            kind: FaultKind::UnknownKey,
        }];
        let told = Refused::Results(faults).violations();
        assert_eq!(told[0].field, "results[3].payment_key");
    }

    #[test]
    fn a_long_list_of_faults_is_cut_and_counted() {
        let fault = |index| Fault {
            index,
            kind: FaultKind::NoOutcome,
        };
        let refused = Refused::Results((0..5_000).map(fault).collect());
        assert_eq!(refused.violations().len(), TOLD);
        assert_eq!(refused.metadata(), [("faults", "5000".to_owned())]);
    }

    #[test]
    fn a_refused_order_says_what_it_waits_for() {
        let fault = OrderFault::State(OrderState::Proposed);
        let state = Refused::order(fault, "counties/150203/paymentOrders/1").precondition();
        assert_eq!(state.expect("a state").allowed, ["ApprovePaymentOrder"]);
    }
}
