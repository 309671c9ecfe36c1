//! The sample the city draws from a sealed roster (F17, DYN-9): 2 %, at least one line, in the
//! order of digests that anybody can compute from what is public.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::Date;
use uuid::Uuid;
use yuhui_kernel::{Money, Tenant};

use super::{Hand, case, iso_date, roster::RosterLine};

/// First line of what is hashed: another rule would have another name.
const RULE: &str = "yuhui-sample-2";
/// Sampled lines of every hundred (POLICY.md B.4, process parameters).
const PERCENT: usize = 2;

/// The seed of a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seed {
    /// Round.
    pub round: i32,
    /// The published text.
    pub text: String,
    /// Day of publication.
    pub published_on: Date,
}

/// What the check of a line found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SampleResult {
    /// 无误.
    Passed,
    /// 有差错.
    Defect,
}

impl SampleResult {
    /// Stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "PASSED",
            Self::Defect => "DEFECT",
        }
    }
}

/// A line of a sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sampled {
    /// The case.
    pub case: Uuid,
    /// What puts it into the sample, hex.
    pub digest: String,
    /// Receipt number.
    pub receipt_number: String,
    /// Amount.
    pub amount: Money,
    /// Class, share, year or head-count.
    pub grounds: String,
    /// What was found, once it was looked at.
    pub finding: Option<SampleFinding>,
}

/// What a registrar found of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleFinding {
    /// Passed or not.
    pub result: SampleResult,
    /// What is wrong, or a remark.
    pub note: String,
    /// Who looked at it.
    pub by: Hand,
    /// When.
    #[serde(with = "iso_date")]
    pub on: Date,
}

impl Sampled {
    /// What was found of it.
    pub fn result(&self) -> Option<SampleResult> {
        self.finding.as_ref().map(|it| it.result)
    }
}

/// Lines sampled of so many.
pub const fn size(lines: usize) -> usize {
    let share = lines.saturating_mul(PERCENT).div_ceil(100);
    if share == 0 && lines > 0 { 1 } else { share }
}

/// The digest of a line, lower-case hex.
fn digest(seed: &str, case: &str) -> String {
    let text = format!("{RULE}\n{seed}\n{case}");
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// The sample of a sealed roster, drawn while its lines go by, in whatever order.
pub struct Draw<'a> {
    seed: &'a str,
    tenant: Tenant,
    size: usize,
    /// Those with the lowest digests so far.
    lowest: BTreeMap<String, Sampled>,
}

impl<'a> Draw<'a> {
    /// From a roster of so many lines.
    pub fn new(seed: &'a str, tenant: Tenant, lines: usize) -> Self {
        Self {
            seed,
            tenant,
            size: size(lines),
            lowest: BTreeMap::new(),
        }
    }

    /// A line goes by.
    pub fn see(&mut self, line: RosterLine) {
        let digest = digest(self.seed, &case::name(self.tenant, line.case));
        let sampled = Sampled {
            case: line.case,
            digest: digest.clone(),
            receipt_number: line.receipt_number,
            amount: line.amount,
            grounds: line.grounds,
            finding: None,
        };
        self.lowest.insert(digest, sampled);
        if self.lowest.len() > self.size {
            self.lowest.pop_last();
        }
    }

    /// What is drawn once all have gone by, by digest.
    pub fn sample(self) -> Vec<Sampled> {
        self.lowest.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(count: u128) -> Vec<RosterLine> {
        let line = |id| RosterLine {
            case: Uuid::from_u128(id),
            receipt_number: id.to_string(),
            payee_ref: "a".into(),
            account_masked: "m".into(),
            amount: Money::from_fen(500_000),
            grounds: "二孩".into(),
        };
        (0..count).map(line).collect()
    }

    fn drawn(seed: &str, lines: &[RosterLine]) -> Vec<Uuid> {
        let tenant = Tenant::parse("150203").expect("a county");
        let mut draw = Draw::new(seed, tenant, lines.len());
        lines.iter().cloned().for_each(|it| draw.see(it));
        draw.sample().into_iter().map(|it| it.case).collect()
    }

    #[test]
    fn two_of_a_hundred_rounded_up_and_never_none() {
        let sizes = [0, 1, 49, 50, 51, 100, 101, 5000].map(size);
        assert_eq!(sizes, [0, 1, 1, 1, 2, 2, 3, 100]);
    }

    #[test]
    fn the_sample_depends_on_the_seed_and_not_on_how_the_roster_was_built() {
        let mut lines = lines(300);
        let first = drawn("seed", &lines);
        assert_eq!(first.len(), 6);
        lines.reverse();
        for line in &mut lines {
            line.amount = Money::from_fen(1);
        }
        assert_eq!(drawn("seed", &lines), first);
        assert_ne!(drawn("seeds", &lines), first);
        // Who is left out makes room for the next, and moves nobody else.
        let left_out = first.first().expect("six");
        lines.retain(|line| line.case != *left_out);
        let second = drawn("seed", &lines);
        assert!(first.iter().skip(1).all(|case| second.contains(case)));
    }

    #[test]
    fn the_rule_is_the_one_of_the_contract() {
        // printf 'yuhui-sample-2\nseed\ncase' | sha256sum
        assert_eq!(
            digest("seed", "case"),
            "f3d4826975249f22d01d6b68bac3def2c9af728af2bdec1591dd3925032e92f0"
        );
    }

    #[test]
    fn every_line_is_drawn_about_as_often_as_any_other() {
        let lines = lines(100);
        let mut hits = [0_u32; 100];
        for seed in 0..2000 {
            for case in drawn(&seed.to_string(), &lines) {
                let place = usize::try_from(case.as_u128()).expect("small");
                hits[place] += 1;
            }
        }
        assert_eq!(hits.iter().sum::<u32>(), 4000);
        let (least, most) = (hits.iter().min(), hits.iter().max());
        assert!(least > Some(&15) && most < Some(&75), "{least:?} {most:?}");
    }
}
