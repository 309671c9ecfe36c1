//! Reading requests.

use yuhui_kernel::{Money, Tenant};
use yuhui_platform::{
    Caller, Result,
    refusal::{Violation, invalid, not_found},
};

use crate::domain::name;

/// Longest document number, in characters.
const DOCUMENT_MAX: usize = 200;
/// Largest amount of one proposal: 100 thousand million yuan, in fen.
const AMOUNT_MAX: i64 = 10_000_000_000_000;
/// Rounds there may be.
const ROUNDS: std::ops::RangeInclusive<i32> = 2024..=2100;

/// Collects what is wrong with a request, so that all of it is told at once.
#[derive(Default)]
pub struct Check(Vec<Violation>);

impl Check {
    /// A round.
    pub fn round(&mut self, round: i32) -> i32 {
        if !ROUNDS.contains(&round) {
            self.0.push(Violation::new(
                "round",
                "发放年度有误",
                "must be a year of the scheme",
            ));
        }
        round
    }

    /// An amount above zero.
    pub fn amount(&mut self, fen: i64) -> Money {
        if !(1..=AMOUNT_MAX).contains(&fen) {
            self.0.push(Violation::new(
                "amount_fen",
                "必须大于零且不超过一千亿元",
                "must be above zero and at most a hundred thousand million yuan",
            ));
        }
        Money::from_fen(fen)
    }

    /// A document number.
    pub fn document(&mut self, text: &str) -> String {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > DOCUMENT_MAX {
            self.0.push(Violation::new(
                "document",
                format!("须为1至{DOCUMENT_MAX}个字"),
                format!("must have 1 to {DOCUMENT_MAX} characters"),
            ));
        }
        text.to_owned()
    }

    /// Refuses the request if anything was wrong.
    pub fn finish(self) -> Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(invalid(self.0).into())
        }
    }
}

/// The county a `counties/{county}` names, if the caller reaches it.
pub fn county(caller: &Caller, parent: &str) -> Result<Tenant> {
    let code = name::county(parent).ok_or_else(|| not_found(parent))?;
    tenant(caller, code, parent)
}

/// County and id of `counties/{county}/{collection}/{id}`, if the caller reaches the county.
pub fn child<'a>(caller: &Caller, full: &'a str, collection: &str) -> Result<(Tenant, &'a str)> {
    let (code, id) = name::child(full, collection).ok_or_else(|| not_found(full))?;
    Ok((tenant(caller, code, full)?, id))
}

fn tenant(caller: &Caller, code: &str, full: &str) -> Result<Tenant> {
    let named = Tenant::parse(code).map_err(|_| not_found(full))?;
    // Another county's name answers as if there were nothing.
    caller
        .tenant_for(&named)
        .map_err(|_| not_found(full).into())
}
