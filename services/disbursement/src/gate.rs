//! What stands against an act on an order, a batch or a report: asked by the act before it does anything, and by
//! whoever shows the object. What may be paid of an order is asked of its lines, by the act alone.

use yuhui_kernel::{
    Hand,
    proposal::{Ending, ProposalState},
};
use yuhui_platform::{Result, refusal::ErrorReason};

use crate::{
    domain::order::{Hands, Order, OrderFault},
    refusal::Refused,
    store::{batches, reports},
};

/// What a person does to a payment order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnOrder {
    /// County health, another hand than the maker's (DYN-1).
    Approve,
    /// County health.
    Decline,
    /// Whoever proposed it.
    Withdraw,
    /// County finance, a third hand (DYN-4).
    Release,
    /// County finance.
    DeclineRelease,
}

impl OnOrder {
    /// All of them, in the order in which they come.
    pub const ALL: [Self; 5] = [
        Self::Approve,
        Self::Decline,
        Self::Withdraw,
        Self::Release,
        Self::DeclineRelease,
    ];

    /// Path of its method.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Approve => "/yuhui.disbursement.v1.PaymentOrderService/ApprovePaymentOrder",
            Self::Decline => "/yuhui.disbursement.v1.PaymentOrderService/DeclinePaymentOrder",
            Self::Withdraw => "/yuhui.disbursement.v1.PaymentOrderService/WithdrawPaymentOrder",
            Self::Release => "/yuhui.disbursement.v1.PaymentOrderService/ReleasePaymentOrder",
            Self::DeclineRelease => "/yuhui.disbursement.v1.PaymentOrderService/DeclineRelease",
        }
    }

    /// Reasons for which the act itself may still be refused: its lines are looked through, and eligibility is asked.
    #[must_use]
    pub const fn may_still_fail(self) -> &'static [ErrorReason] {
        match self {
            Self::Approve => &[
                ErrorReason::NothingPayable,
                ErrorReason::NotCleared,
                ErrorReason::Unavailable,
            ],
            Self::Release => &[
                ErrorReason::NothingPayable,
                ErrorReason::NotCleared,
                ErrorReason::RoundNotFunded,
                ErrorReason::Unavailable,
            ],
            Self::Decline | Self::Withdraw | Self::DeclineRelease => &[],
        }
    }

    /// The order as the act leaves it that it waits for.
    pub fn begins(self, order: Order, by: Hand) -> Result<Order, OrderFault> {
        match self {
            Self::Approve => order.approve(by),
            Self::Decline => order.decline(by),
            Self::Withdraw => order.withdraw(by),
            Self::Release => order.release(by),
            Self::DeclineRelease => order.decline_release(by),
        }
    }
}

/// What the bank does to a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnBatch {
    /// It has it as it was released.
    Acknowledge,
    /// The operator says how lines of it ended.
    Report,
}

impl OnBatch {
    /// Both, in the order in which they come.
    pub const ALL: [Self; 2] = [Self::Acknowledge, Self::Report];

    /// Path of its method.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Acknowledge => "/yuhui.disbursement.v1.BankAgentService/AcknowledgeBatch",
            Self::Report => "/yuhui.disbursement.v1.BankAgentService/ReportResults",
        }
    }

    /// Reasons for which the act itself may still be refused: they depend on what is said.
    #[must_use]
    pub const fn may_still_fail(self) -> &'static [ErrorReason] {
        match self {
            Self::Acknowledge => &[ErrorReason::BatchDiffers],
            Self::Report => &[ErrorReason::ResultsNotAccepted],
        }
    }

    /// Whether `by` may do it to the batch of that name, made from an order that passed through `ordered`.
    pub fn may(
        self,
        (batch, name): (&batches::Model, &str),
        ordered: &Hands,
        by: &Hand,
    ) -> Result<(), Refused> {
        if self == Self::Report && !batch.acknowledged {
            let batch = name.to_owned();
            return Err(Refused::BatchNotAcknowledged { batch });
        }
        other_than_ordered(ordered, by)
    }
}

/// What the bank does to a report of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnReport {
    /// The authoriser puts it in force.
    Authorise,
    /// The authoriser declines it.
    Decline,
    /// The operator takes it back.
    Withdraw,
}

impl OnReport {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Authorise, Self::Decline, Self::Withdraw];

    /// Path of its method.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Authorise => "/yuhui.disbursement.v1.BankAgentService/AuthoriseResults",
            Self::Decline => "/yuhui.disbursement.v1.BankAgentService/DeclineResults",
            Self::Withdraw => "/yuhui.disbursement.v1.BankAgentService/WithdrawResults",
        }
    }

    /// What becomes of the report of that name, on a batch made from an order that passed through `ordered`, if
    /// `by` does it.
    pub fn ends(
        self,
        (report, name): (&reports::Model, &str),
        ordered: &Hands,
        by: &Hand,
    ) -> Result<ProposalState> {
        let ending = match self {
            Self::Authorise => Ending::Approve,
            Self::Decline => Ending::Decline,
            Self::Withdraw => Ending::Withdraw,
        };
        let state = ending.of(report.state()?, &report.operator()?, by);
        let state = state.map_err(|fault| Refused::report(fault, name))?;
        other_than_ordered(ordered, by)?;
        Ok(state)
    }
}

/// Whoever ordered or released the payment does nothing of the bank's (DYN-4).
fn other_than_ordered(ordered: &Hands, by: &Hand) -> Result<(), Refused> {
    match ordered.include(by) {
        true => Err(Refused::SameHands),
        false => Ok(()),
    }
}
