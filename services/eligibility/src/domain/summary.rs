//! What the lines of a roster come to, by township (annexes 7, 10 and 12). It is summed up line by line as the roster is
//! sealed, so that a summary is the sum of rosters.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use yuhui_kernel::Money;
use yuhui_policy::Programme;

/// A column of a summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Column {
    /// P1 二孩.
    P1Second,
    /// P1 三孩.
    P1Third,
    /// 其中多胞胎孩子.
    P1MultipleBirth,
    /// 其中50%份数.
    Half,
    /// P2.
    P2,
    /// 事业单位.
    PublicInstitution,
    /// 民办非企业.
    CivilNonEnterprise,
    /// 企业.
    Enterprise,
    /// 幼儿园.
    Kindergarten,
    /// 国家级.
    National,
    /// 自治区级.
    Regional,
    /// 市级.
    Municipal,
    /// 补差.
    TopUp,
    /// Of a roster that was sealed before columns were kept, or of a line whose column is not known.
    NotKept,
}

impl Column {
    /// As it is headed.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::P1Second => "二孩",
            Self::P1Third => "三孩",
            Self::P1MultipleBirth => "其中多胞胎孩子",
            Self::Half => "其中50%份数",
            Self::P2 => "入托孩子家庭",
            Self::PublicInstitution => "事业单位",
            Self::CivilNonEnterprise => "民办非企业",
            Self::Enterprise => "企业",
            Self::Kindergarten => "幼儿园",
            Self::National => "国家级",
            Self::Regional => "自治区级",
            Self::Municipal => "市级",
            Self::TopUp => "补差",
            Self::NotKept => "未分列",
        }
    }

    /// Whether what it has is in other columns too: the others add up to the row.
    pub const fn is_extract(self) -> bool {
        matches!(self, Self::P1MultipleBirth | Self::Half)
    }
}

/// Which summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Annex 7.
    Families,
    /// Annex 10.
    Operating,
    /// Annex 12.
    Model,
}

impl Kind {
    /// Programmes whose rosters it sums up.
    pub const fn programmes(self) -> &'static [Programme] {
        match self {
            Self::Families => &[Programme::P1, Programme::P2],
            Self::Operating => &[Programme::P3],
            Self::Model => &[Programme::P4],
        }
    }

    /// Its columns in printed order.
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Families => &[
                Column::P1Second,
                Column::P1Third,
                Column::P1MultipleBirth,
                Column::Half,
                Column::P2,
                Column::NotKept,
            ],
            Self::Operating => &[
                Column::PublicInstitution,
                Column::CivilNonEnterprise,
                Column::Enterprise,
                Column::Kindergarten,
                Column::NotKept,
            ],
            Self::Model => &[
                Column::National,
                Column::Regional,
                Column::Municipal,
                Column::TopUp,
                Column::NotKept,
            ],
        }
    }

    /// Number of the annex.
    pub const fn annex(self) -> i32 {
        match self {
            Self::Families => 7,
            Self::Operating => 10,
            Self::Model => 12,
        }
    }

    /// 表名.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Families => "包头市个人家庭补贴发放汇总表",
            Self::Operating => "包头市托育机构生均运营补贴发放汇总表",
            Self::Model => "包头市示范托育机构奖励补贴发放汇总表",
        }
    }
}

/// Lines, and what they come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// Lines.
    pub lines: i64,
    /// Amount.
    pub amount: Money,
}

impl Sum {
    /// One line of that amount.
    pub const fn line(amount: Money) -> Self {
        Self { lines: 1, amount }
    }

    fn add(self, other: Self) -> Option<Self> {
        Some(Self {
            lines: self.lines.checked_add(other.lines)?,
            amount: self.amount.checked_add(other.amount)?,
        })
    }
}

/// A row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What is not nothing, by column.
    pub cells: BTreeMap<Column, Sum>,
    /// P3: 核定人数.
    pub headcount: i64,
    /// All lines.
    pub sum: Sum,
}

impl Row {
    /// The row of one line, which stands in one column and may stand in extracts.
    pub fn of_line(column: Column, extracts: &[Column], headcount: u32, amount: Money) -> Self {
        let sum = Sum::line(amount);
        let columns = std::iter::once(&column).chain(extracts);
        Self {
            cells: columns.map(|it| (*it, sum)).collect(),
            headcount: headcount.into(),
            sum,
        }
    }

    /// The row of a roster that was sealed before columns were kept.
    pub fn not_kept(sum: Sum) -> Self {
        Self {
            cells: BTreeMap::from([(Column::NotKept, sum)]),
            headcount: 0,
            sum,
        }
    }

    /// Whether the columns that are no extracts add up to all lines.
    pub fn adds_up(&self) -> bool {
        let columns = self.cells.iter();
        let mut whole = columns.filter(|(column, _)| !column.is_extract());
        let sum = whole.try_fold(Sum::default(), |sum, (_, it)| sum.add(*it));
        sum == Some(self.sum)
    }

    /// Takes in another; `None` if it is more than can be counted.
    pub fn add(&mut self, other: &Self) -> Option<()> {
        for (column, sum) in &other.cells {
            let cell = self.cells.entry(*column).or_default();
            *cell = cell.add(*sum)?;
        }
        self.headcount = self.headcount.checked_add(other.headcount)?;
        self.sum = self.sum.add(other.sum)?;
        Some(())
    }
}

/// Rows by division.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Summary(pub BTreeMap<String, Row>);

impl Summary {
    /// Takes a row in; `None` if it is more than can be counted.
    pub fn add(&mut self, division: &str, row: &Row) -> Option<()> {
        self.0.entry(division.to_owned()).or_default().add(row)
    }

    /// The sum of all rows; `None` if it is more than can be counted.
    pub fn total(&self) -> Option<Row> {
        let mut total = Row::default();
        for row in self.0.values() {
            total.add(row)?;
        }
        Some(total)
    }

    /// What city and county bear of each row, in order (R-MON-2): `split` divides the running sum, and a row bears what it
    /// adds, so that rows add up to the split of the whole. `None` if it is more than can be counted.
    pub fn shares(
        &self,
        split: impl Fn(Money) -> Option<(Money, Money)>,
    ) -> Option<Vec<(Money, Money)>> {
        let (mut running, mut before) = (Money::ZERO, split(Money::ZERO)?);
        let shares = self.0.values().map(|row| {
            running = running.checked_add(row.sum.amount)?;
            let after = split(running)?;
            let city = after.0.checked_sub(before.0)?;
            let county = after.1.checked_sub(before.1)?;
            before = after;
            Some((city, county))
        });
        shares.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fen(fen: i64) -> Money {
        Money::from_fen(fen)
    }

    #[test]
    fn rows_bear_together_what_the_whole_bears() {
        let mut summary = Summary::default();
        for (division, amount) in [("150203001", 3), ("150203002", 5), ("150203003", 1)] {
            let row = Row::of_line(Column::P2, &[Column::Half], 0, fen(amount));
            summary.add(division, &row).expect("small");
        }
        let split = |total: Money| Some(total.city_county_shares());
        let shares = summary.shares(split).expect("small");
        for ((city, county), row) in shares.iter().zip(summary.0.values()) {
            assert_eq!(city.checked_add(*county), Some(row.sum.amount));
        }
        let of = |pick: fn(&(Money, Money)) -> Money| Money::total(shares.iter().map(pick));
        let whole = fen(9).city_county_shares();
        assert_eq!(
            (of(|it| it.0), of(|it| it.1)),
            (Some(whole.0), Some(whole.1))
        );
    }

    #[test]
    fn columns_that_are_no_extracts_add_up_to_the_row() {
        let mut summary = Summary::default();
        let lines = [
            Row::of_line(
                Column::P1Second,
                &[Column::P1MultipleBirth],
                0,
                fen(500_000),
            ),
            Row::of_line(Column::P1Third, &[Column::Half], 0, fen(500_000)),
            Row::of_line(Column::P2, &[], 0, fen(50_000)),
            Row::not_kept(Sum {
                lines: 2,
                amount: fen(7),
            }),
        ];
        for line in &lines {
            summary.add("150203001", line).expect("small");
        }
        let total = summary.total().expect("small");
        assert!(total.adds_up());
        let short = Row {
            sum: Sum::default(),
            ..total.clone()
        };
        assert!(!short.adds_up());
        assert_eq!(
            total.sum,
            Sum {
                lines: 5,
                amount: fen(1_050_007)
            }
        );
        assert_eq!(total.cells[&Column::Half], Sum::line(fen(500_000)));
    }

    #[test]
    fn what_cannot_be_counted_is_no_sum() {
        let mut summary = Summary::default();
        let row = Row::of_line(Column::P2, &[], 0, fen(i64::MAX));
        summary.add("150203001", &row).expect("it fits");
        assert_eq!(summary.add("150203001", &row), None);
    }

    #[test]
    fn every_column_but_one_belongs_to_one_summary() {
        let kinds = [Kind::Families, Kind::Operating, Kind::Model];
        let all = kinds.iter().flat_map(|it| it.columns());
        let mut all: Vec<_> = all.filter(|it| **it != Column::NotKept).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!((all.len(), count), (13, 13));
    }
}
