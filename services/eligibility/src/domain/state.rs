//! States of a case (POLICY.md C.2, C.4).

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Declares the states with their stable names, and words in Chinese and English.
macro_rules! states {
    ($($(#[$doc:meta])* $variant:ident = $name:literal $zh:literal $en:literal),* $(,)?) => {
        /// State of a case.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum State {
            $($(#[$doc])* #[doc = $zh] $variant,)*
        }

        impl State {
            /// Every state, in the order of the law's life-cycle.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Stable name, as stored and as in the contract without its prefix.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The state of that name.
            pub fn parse(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }

            /// Words of the law.
            pub const fn chinese(self) -> &'static str {
                match self { $(Self::$variant => $zh),* }
            }

            /// The same in English.
            pub const fn english(self) -> &'static str {
                match self { $(Self::$variant => $en),* }
            }
        }
    };
}

states! {
    Draft = "DRAFT" "草稿" "draft",
    Lodged = "LODGED" "已申报" "lodged",
    VReview = "V_REVIEW" "初审" "first review by the village",
    VNotice = "V_NOTICE" "村级公示" "the village's public notice",
    TReview = "T_REVIEW" "复审" "re-review by the township",
    TNotice = "T_NOTICE" "乡级公示" "the township's public notice",
    CReview = "C_REVIEW" "审核" "review by the county",
    CNotice = "C_NOTICE" "县级公示" "the county's public notice",
    Confirmed = "CONFIRMED" "资格确认" "confirmed",
    Rostered = "ROSTERED" "已入花名册" "on the roster",
    Recorded = "RECORDED" "市级备案" "recorded by the city",
    Funded = "FUNDED" "资金到位" "money has arrived",
    InPayment = "IN_PAYMENT" "代发中" "with the bank",
    Paid = "PAID" "已发放" "paid",
    Closed = "CLOSED" "已归档" "archived",
    Returned = "RETURNED" "退回补正" "returned for correction",
    Inquiry = "INQUIRY" "异议（举报）核查" "looked into after an objection or report",
    Referred = "REFERRED" "人工裁量" "a panel decides",
    Hold = "HOLD" "暂缓" "on hold",
    PayFailed = "PAY_FAILED" "退汇" "returned by the bank",
    NotAccepted = "NOT_ACCEPTED" "不予受理" "not accepted",
    Rejected = "REJECTED" "不予确认" "refused",
    Withdrawn = "WITHDRAWN" "撤回" "withdrawn",
    Terminated = "TERMINATED" "终止发放" "payment terminated",
    Recovering = "RECOVERING" "追回中" "being recovered",
    Recovered = "RECOVERED" "已追回" "recovered",
    WrittenOff = "WRITTEN_OFF" "核销" "written off",
}

impl State {
    /// Lodged and before the county has confirmed: refusal is a rejection, not a termination.
    pub const fn is_before_confirmation(self) -> bool {
        matches!(
            self,
            Self::Lodged
                | Self::VReview
                | Self::VNotice
                | Self::TReview
                | Self::TNotice
                | Self::CReview
                | Self::CNotice
        )
    }

    /// Confirmed, and the bank has no order to pay: 六 applies.
    pub const fn awaits_payment(self) -> bool {
        matches!(
            self,
            Self::Confirmed | Self::Rostered | Self::Recorded | Self::Funded | Self::PayFailed
        )
    }

    /// On a sealed roster and not paid: ledger and disbursement know of its line.
    pub const fn is_in_ledger(self) -> bool {
        matches!(
            self,
            Self::Rostered | Self::Recorded | Self::Funded | Self::InPayment | Self::PayFailed
        )
    }

    /// On a notice board, or about to be.
    pub const fn is_notice(self) -> bool {
        matches!(self, Self::VNotice | Self::TNotice | Self::CNotice)
    }

    /// The review to which a case of this stage goes back.
    pub const fn review(self) -> Self {
        match self {
            Self::Lodged | Self::VReview | Self::VNotice => Self::VReview,
            Self::TReview | Self::TNotice => Self::TReview,
            _ => Self::CReview,
        }
    }
}

impl Serialize for State {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for State {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let name = String::deserialize(input)?;
        Self::parse(&name).ok_or_else(|| de::Error::custom(format!("no state {name}")))
    }
}

#[cfg(test)]
mod tests {
    use super::State;

    #[test]
    fn every_name_reads_back() {
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str()), Some(*state));
        }
        assert_eq!(State::parse("PAYABLE"), None);
    }
}
