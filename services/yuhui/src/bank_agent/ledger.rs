//! What the agent did, in counts and sums.

use std::{collections::BTreeMap, fmt};

use anyhow::{Context as _, Result};
use serde::Serialize;
use yuhui_kernel::Money;

use super::policy::{Decision, meaning};

/// Lines and their sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sum {
    /// Lines.
    pub lines: u64,
    /// Sum in fen.
    pub amount: Money,
}

/// What a run of the agent came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Batches executed.
    pub batches: u64,
    /// Credited.
    pub credited: Sum,
    /// Returned.
    pub returned: Sum,
    /// Returned, by code.
    pub by_code: BTreeMap<String, Sum>,
}

/// How far the execution of a batch is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The batch.
    pub batch: String,
    /// Lines with a result in force.
    pub done: usize,
    /// Lines of the batch.
    pub of: usize,
}

impl Sum {
    fn add(&mut self, amount: Money) -> Result<()> {
        self.lines += 1;
        let amount = self.amount.checked_add(amount);
        self.amount = amount.context("a sum that does not fit")?;
        Ok(())
    }
}

impl Report {
    /// Adds a line that was decided.
    pub(super) fn add(&mut self, amount_fen: i64, decision: Decision) -> Result<()> {
        let amount = Money::from_fen(amount_fen);
        match decision {
            Decision::Credit => self.credited.add(amount),
            Decision::Return(code) => {
                self.by_code.entry(code.into()).or_default().add(amount)?;
                self.returned.add(amount)
            }
        }
    }
}

/// For people; amounts in yuan.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.batches == 0 {
            return write!(f, "没有待发放的批次 / no open batch");
        }
        let line =
            |name: &str, sum: &Sum| format!("{name}{:>8} 笔{:>20} 元", sum.lines, sum.amount);
        writeln!(f, "已执行 {} 个批次 / batches executed", self.batches)?;
        write!(f, "{}", line("  已入账 credited ", &self.credited))?;
        write!(f, "\n{}", line("  退汇   returned ", &self.returned))?;
        for (code, sum) in &self.by_code {
            write!(
                f,
                "\n{} {}",
                line(&format!("    {code}          "), sum),
                meaning(code)
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read_in_yuan() {
        let mut report = Report {
            batches: 1,
            ..Report::default()
        };
        report.add(500_000, Decision::Credit).expect("fits");
        report.add(50_000, Decision::Return("AC01")).expect("fits");
        let text = report.to_string();
        for part in ["1 个批次", "5,000.00", "500.00", "AC01", "账号错误"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert_eq!(report.by_code["AC01"], report.returned);
    }
}
