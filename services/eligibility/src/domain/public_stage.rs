//! How a case stands, in words for the public: few, and such that nobody's circumstances show in them.

use super::{Case, State};

/// Stage of a claim, as the public is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicStage {
    /// 已申报.
    Lodged,
    /// 审核中.
    InReview,
    /// 公示中.
    OnNotice,
    /// 待补正.
    Correction,
    /// 核查中.
    LookedInto,
    /// 已确认.
    Confirmed,
    /// 代发中.
    InPayment,
    /// 退汇.
    AccountNeeded,
    /// 已发放.
    Paid,
    /// 已作出决定.
    Ended,
    /// 已撤回.
    Withdrawn,
}

/// A sentence in Chinese and English.
pub type Words = (&'static str, &'static str);

impl PublicStage {
    /// Where a case stands.
    pub fn of(case: &Case) -> Self {
        match case.state() {
            State::Draft | State::Lodged => Self::Lodged,
            State::VNotice | State::TNotice | State::CNotice
                if case.notice.is_some() && !case.notice_over =>
            {
                Self::OnNotice
            }
            State::VReview | State::TReview | State::CReview => Self::InReview,
            State::VNotice | State::TNotice | State::CNotice => Self::InReview,
            State::Returned => Self::Correction,
            State::Inquiry | State::Referred | State::Hold => Self::LookedInto,
            State::Confirmed | State::Rostered | State::Recorded | State::Funded => Self::Confirmed,
            State::InPayment => Self::InPayment,
            State::PayFailed => Self::AccountNeeded,
            State::Paid => Self::Paid,
            State::Closed if case.paid_on.is_some() => Self::Paid,
            State::Withdrawn => Self::Withdrawn,
            State::Closed
            | State::NotAccepted
            | State::Rejected
            | State::Terminated
            | State::Recovering
            | State::Recovered
            | State::WrittenOff => Self::Ended,
        }
    }

    /// The stage in words.
    pub const fn words(self) -> Words {
        match self {
            Self::Lodged => ("已申报，待受理", "lodged, to be taken up"),
            Self::InReview => ("审核中", "under review"),
            Self::OnNotice => ("公示中", "on public notice"),
            Self::Correction => ("待补正", "waiting for your correction"),
            Self::LookedInto => ("核查中", "being looked into"),
            Self::Confirmed => ("资格已确认，待发放", "confirmed, to be paid"),
            Self::InPayment => ("银行代发中", "with the bank"),
            Self::AccountNeeded => ("银行退汇，待更正账户", "returned by the bank"),
            Self::Paid => ("已发放", "paid"),
            Self::Ended => ("已作出决定", "decided"),
            Self::Withdrawn => ("已撤回", "withdrawn"),
        }
    }

    /// What comes next.
    pub const fn next(self) -> Words {
        match self {
            Self::Lodged => (
                "受理机关核对材料后进入审核",
                "the office compares the documents, then reviews the claim",
            ),
            Self::InReview => (
                "审核通过后公示7天",
                "if the review is in favour, a public notice of seven days",
            ),
            Self::OnNotice => (
                "公示期满无异议的，进入下一环节",
                "when the notice is over without objection, the next stage",
            ),
            Self::Correction => (
                "请按补正通知书所列事项，在期限前向受理机关补正",
                "correct what the letter lists, at the office that took the claim, before the day",
            ),
            Self::LookedInto => (
                "核查结束后继续办理，核查期间不作决定",
                "it goes on when that is over; nothing is decided meanwhile",
            ),
            Self::Confirmed => (
                "列入花名册，资金到位后由银行发放",
                "roster, then payment by the bank once the money has arrived",
            ),
            Self::InPayment => ("等待银行入账结果", "the bank tells whether it was credited"),
            Self::AccountNeeded => (
                "请到旗县级卫生健康委更正收款账户",
                "have the account corrected at the county health commission",
            ),
            Self::Ended => (
                "结论、理由和救济途径见送达的决定书",
                "the letter has the decision, its reasons and the remedies",
            ),
            Self::Paid | Self::Withdrawn => ("", ""),
        }
    }

    /// Whether an amount is confirmed.
    pub const fn has_amount(self) -> bool {
        matches!(
            self,
            Self::Confirmed | Self::InPayment | Self::AccountNeeded | Self::Paid
        )
    }
}
