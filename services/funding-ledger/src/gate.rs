//! What stands against an act on a proposal: asked by the act before it does anything, and by whoever shows the
//! proposal. What the book says to its amount is asked by the approval alone, when it counts.

use yuhui_kernel::proposal::{Barred, Ending, ProposalState};
use yuhui_platform::{
    Caller, Error, Result,
    db::Tenancy,
    refusal::{ErrorReason, same_hand},
};
use yuhui_proto::authz::v1::Level;

use crate::{
    domain::proposal::{Kind, Proposal},
    refusal::Refusal,
};

/// What a person does to a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// F30: the head of the health office agrees to a write-off.
    Endorse,
    /// F30: he does not.
    DeclineEndorsement,
    /// A checker of finance approves one of that kind, and it is posted.
    Approve(Kind),
    /// He declines it.
    Decline,
    /// Whoever made it takes it back.
    Withdraw,
}

impl Deed {
    /// All that may be done to a proposal of that kind, in the order in which they come.
    #[must_use]
    pub const fn of(kind: Kind) -> [Self; 5] {
        [
            Self::Endorse,
            Self::DeclineEndorsement,
            Self::Approve(kind),
            Self::Decline,
            Self::Withdraw,
        ]
    }

    /// Path of its method.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Endorse => "/yuhui.funding.v1.FundingService/EndorseWriteOff",
            Self::DeclineEndorsement => "/yuhui.funding.v1.FundingService/DeclineWriteOff",
            Self::Approve(kind) => match kind {
                Kind::Appropriation => "/yuhui.funding.v1.FundingService/ApproveAppropriation",
                Kind::CountyShare => "/yuhui.funding.v1.FundingService/ApproveCountyShare",
                Kind::CityShare => "/yuhui.funding.v1.FundingService/ApproveCityShare",
                Kind::Remittance => "/yuhui.funding.v1.FundingService/ApproveRemittance",
                Kind::RecoveryReceipt => "/yuhui.funding.v1.FundingService/ApproveRecoveryReceipt",
                Kind::RecoveryWriteOff => "/yuhui.funding.v1.FundingService/ApproveWriteOff",
                Kind::Supplement => "/yuhui.funding.v1.FundingService/ApproveSupplement",
                Kind::YearClose => "/yuhui.funding.v1.FundingService/ApproveYearClose",
            },
            Self::Decline => "/yuhui.funding.v1.FundingService/DeclineProposal",
            Self::Withdraw => "/yuhui.funding.v1.FundingService/WithdrawProposal",
        }
    }

    /// Reasons for which the act itself may still be refused: the book of the day is asked.
    #[must_use]
    pub const fn may_still_fail(self) -> &'static [ErrorReason] {
        match self {
            Self::Approve(Kind::Appropriation) => &[ErrorReason::AmountTooLarge],
            Self::Approve(Kind::Supplement) => {
                &[ErrorReason::NoBudget, ErrorReason::AmountTooLarge]
            }
            Self::Approve(Kind::CountyShare | Kind::CityShare) => &[ErrorReason::AboveShareDue],
            Self::Approve(Kind::Remittance) => &[ErrorReason::SurplusChanged],
            Self::Approve(Kind::RecoveryReceipt | Kind::RecoveryWriteOff) => {
                &[ErrorReason::NoRecovery, ErrorReason::AboveRecovery]
            }
            Self::Approve(Kind::YearClose) => &[
                ErrorReason::YearNotOver,
                ErrorReason::MoneyUnderway,
                ErrorReason::RosterNotRecorded,
                ErrorReason::NothingToClose,
                ErrorReason::ExpenseChanged,
            ],
            Self::Endorse | Self::DeclineEndorsement | Self::Decline | Self::Withdraw => &[],
        }
    }

    /// Whether a proposal of that kind in that book is one that an office of `level` may do this to; to any other
    /// office there is none.
    #[must_use]
    pub fn concerns(self, whose: Tenancy, kind: Kind, level: Level) -> bool {
        match self {
            Self::Endorse | Self::DeclineEndorsement => kind == Kind::RecoveryWriteOff,
            Self::Approve(one) if one != kind => false,
            Self::Approve(_) | Self::Decline | Self::Withdraw => level == level_of(whose, kind),
        }
    }
}

/// Whose a proposal in that book is. A budget is its own office's.
fn level_of(whose: Tenancy, kind: Kind) -> Level {
    match kind {
        _ if whose == Tenancy::City => Level::Municipal,
        Kind::CityShare => Level::Municipal,
        Kind::Appropriation
        | Kind::Supplement
        | Kind::YearClose
        | Kind::CountyShare
        | Kind::Remittance
        | Kind::RecoveryReceipt
        | Kind::RecoveryWriteOff => Level::County,
    }
}

/// Whether the caller may do it to the proposal `full`, as far as that itself says.
pub fn may(deed: Deed, caller: &Caller, proposal: &Proposal, full: &str) -> Result<()> {
    let by = caller.hand();
    let fits = |ending| match proposal.ended_by(&by, ending) {
        Ok(_) => Ok(()),
        Err(why) => Err(barred(why, full)),
    };
    let of_others = || match proposal.knows(&by) {
        true => Err(barred(Barred::SameHand, full)),
        false => Ok(()),
    };
    match deed {
        Deed::Endorse => {
            fits(Ending::Decline)?;
            not_endorsed_yet(proposal, full)?;
            of_others()
        }
        Deed::DeclineEndorsement => {
            fits(Ending::Decline)?;
            not_endorsed_yet(proposal, full)
        }
        Deed::Approve(_) => {
            fits(Ending::Approve)?;
            of_others()?;
            match proposal.lacks_endorsement() {
                true => Err(Refusal::NotEndorsed { name: full.into() }.into()),
                false => Ok(()),
            }
        }
        Deed::Decline => fits(Ending::Decline),
        Deed::Withdraw => fits(Ending::Withdraw),
    }
}

fn not_endorsed_yet(proposal: &Proposal, full: &str) -> Result<()> {
    match proposal.lacks_endorsement() {
        true => Ok(()),
        false => Err(Refusal::AlreadyEndorsed { name: full.into() }.into()),
    }
}

/// Why somebody does not end the proposal `full` so.
fn barred(why: Barred, full: &str) -> Error {
    let name = full.to_owned();
    match why {
        Barred::Ended(ProposalState::Approved) => Refusal::AlreadyApproved { name }.into(),
        Barred::Ended(state) => Refusal::ProposalEnded { name, state }.into(),
        Barred::NotTheMaker => Refusal::NotTheMaker.into(),
        Barred::SameHand => Error::from(same_hand(
            "经办人不得审批本人提出的申请",
            "who made a proposal cannot approve it",
        )),
    }
}
