//! Answers that carry a proposal.

use yuhui_proto::funding::v1 as pb;

/// An answer that is nothing but a proposal.
pub trait Answer: prost::Message + Default {
    /// The answer.
    fn of(proposal: pb::Proposal) -> Self;
}

macro_rules! answers {
    ($($name:ident),* $(,)?) => {$(
        impl Answer for pb::$name {
            fn of(proposal: pb::Proposal) -> Self {
                Self { proposal: Some(proposal) }
            }
        }
    )*};
}

answers! {
    ProposeAppropriationResponse,
    ApproveAppropriationResponse,
    ProposeSupplementResponse,
    ApproveSupplementResponse,
    ProposeYearCloseResponse,
    ApproveYearCloseResponse,
    ProposeCountyShareResponse,
    ApproveCountyShareResponse,
    ProposeCityShareResponse,
    ApproveCityShareResponse,
    ProposeRemittanceResponse,
    ApproveRemittanceResponse,
    ProposeRecoveryReceiptResponse,
    ApproveRecoveryReceiptResponse,
    ProposeWriteOffResponse,
    EndorseWriteOffResponse,
    DeclineWriteOffResponse,
    ApproveWriteOffResponse,
    DeclineProposalResponse,
    WithdrawProposalResponse,
}
