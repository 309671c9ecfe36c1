//! The account plan (F.2).

use std::fmt;

use super::event::Programme;

/// An account of a county book (1001–9003) or of the city book (1901–5901).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// 1001: money or quota in the name of the county health office.
    Deposit,
    /// 1002: sent to the bank, no answer yet.
    InTransit,
    /// 1201: owed by city finance.
    DueFromCity,
    /// 1202: owed by county finance.
    DueFromCounty,
    /// 1301: demanded back from payees.
    RecoveryReceivable,
    /// 1901: treasury deposit of the city.
    CityTreasury,
    /// 2001: owed to payees.
    Payable,
    /// 2002: returned by the bank, waiting for a correct account.
    ReturnedPending,
    /// 2101: surplus due to city finance.
    DueToCity,
    /// 2102: surplus due to county finance.
    DueToCounty,
    /// 2901: owed by the city to the counties.
    CityPayable,
    /// 3001: special fund, city part.
    CityFund,
    /// 3002: special fund, county part.
    CountyFund,
    /// 5001–5004: subsidy expense of one programme.
    Expense(Programme),
    /// 5101: recoveries, contra expense.
    RecoveryContra,
    /// 5901: the city's expense for the counties.
    CityExpense,
    /// 9001: budget approved.
    BudgetApproved,
    /// 9002: budget committed.
    BudgetCommitted,
    /// 9003: budget paid.
    BudgetPaid,
}

/// The side on which an account is expected to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// 资产、支出.
    Debit,
    /// 负债、净资产.
    Credit,
    /// 备查: single-entry, outside the balance.
    Memo,
}

impl Account {
    /// Every account of the plan, by number.
    pub const ALL: [Self; 22] = [
        Self::Deposit,
        Self::InTransit,
        Self::DueFromCity,
        Self::DueFromCounty,
        Self::RecoveryReceivable,
        Self::CityTreasury,
        Self::Payable,
        Self::ReturnedPending,
        Self::DueToCity,
        Self::DueToCounty,
        Self::CityPayable,
        Self::CityFund,
        Self::CountyFund,
        Self::Expense(Programme::P1),
        Self::Expense(Programme::P2),
        Self::Expense(Programme::P3),
        Self::Expense(Programme::P4),
        Self::RecoveryContra,
        Self::CityExpense,
        Self::BudgetApproved,
        Self::BudgetCommitted,
        Self::BudgetPaid,
    ];

    /// The account number of F.2.
    #[must_use]
    pub const fn number(self) -> i32 {
        match self {
            Self::Deposit => 1001,
            Self::InTransit => 1002,
            Self::DueFromCity => 1201,
            Self::DueFromCounty => 1202,
            Self::RecoveryReceivable => 1301,
            Self::CityTreasury => 1901,
            Self::Payable => 2001,
            Self::ReturnedPending => 2002,
            Self::DueToCity => 2101,
            Self::DueToCounty => 2102,
            Self::CityPayable => 2901,
            Self::CityFund => 3001,
            Self::CountyFund => 3002,
            Self::Expense(Programme::P1) => 5001,
            Self::Expense(Programme::P2) => 5002,
            Self::Expense(Programme::P3) => 5003,
            Self::Expense(Programme::P4) => 5004,
            Self::RecoveryContra => 5101,
            Self::CityExpense => 5901,
            Self::BudgetApproved => 9001,
            Self::BudgetCommitted => 9002,
            Self::BudgetPaid => 9003,
        }
    }

    /// The account with this number.
    #[must_use]
    pub fn from_number(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.number() == number)
    }

    /// The Chinese title.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Deposit => "专项资金存款（零余额账户用款额度）",
            Self::InTransit => "代发在途资金",
            Self::DueFromCity => "应收市级补助",
            Self::DueFromCounty => "应收旗县区配套",
            Self::RecoveryReceivable => "应收追回补贴款",
            Self::CityTreasury => "国库存款",
            Self::Payable => "应付补贴款",
            Self::ReturnedPending => "退汇待处理款",
            Self::DueToCity => "应缴市级财政款",
            Self::DueToCounty => "应缴旗县区财政款",
            Self::CityPayable => "应付旗县区补助",
            Self::CityFund => "专项资金—市级",
            Self::CountyFund => "专项资金—旗县区",
            Self::Expense(Programme::P1) => "补贴支出—二孩三孩家庭育儿补贴",
            Self::Expense(Programme::P2) => "补贴支出—入托孩子家庭生均补贴",
            Self::Expense(Programme::P3) => "补贴支出—托育机构生均运营补贴",
            Self::Expense(Programme::P4) => "补贴支出—示范托育机构奖励补贴",
            Self::RecoveryContra => "追回冲减支出",
            Self::CityExpense => "对旗县区补助支出",
            Self::BudgetApproved => "预算指标：批复",
            Self::BudgetCommitted => "预算指标：已承诺",
            Self::BudgetPaid => "预算指标：已支付",
        }
    }

    /// The side the account is expected to stand on.
    #[must_use]
    pub const fn side(self) -> Side {
        match self {
            Self::Deposit
            | Self::InTransit
            | Self::DueFromCity
            | Self::DueFromCounty
            | Self::RecoveryReceivable
            | Self::CityTreasury
            | Self::Expense(_)
            | Self::CityExpense => Side::Debit,
            Self::Payable
            | Self::ReturnedPending
            | Self::DueToCity
            | Self::DueToCounty
            | Self::CityPayable
            | Self::CityFund
            | Self::CountyFund
            | Self::RecoveryContra => Side::Credit,
            Self::BudgetApproved | Self::BudgetCommitted | Self::BudgetPaid => Side::Memo,
        }
    }

    /// Whether the account is kept single-entry, outside the balance (F.5).
    #[must_use]
    pub const fn is_memo(self) -> bool {
        matches!(self.side(), Side::Memo)
    }
}

/// The number.
impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_account_is_found_by_its_number_and_has_a_title() {
        for account in Account::ALL {
            assert_eq!(Account::from_number(account.number()), Some(account));
            assert!(!account.title().is_empty());
        }
        assert!(Account::ALL.is_sorted_by_key(|it| it.number()));
        assert_eq!(Account::from_number(1003), None);
    }
}
