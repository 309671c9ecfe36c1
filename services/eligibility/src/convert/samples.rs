//! Seeds and samples.

use yuhui_kernel::dates;
use yuhui_proto::eligibility::v1::{self as pb, sampled_line};

use crate::domain::{
    case,
    roster::Roster,
    sampling::{SampleResult, Sampled, Seed},
};

pub(crate) fn seed(seed: &Seed) -> pb::SamplingSeed {
    pb::SamplingSeed {
        round: seed.round,
        seed: seed.text.clone(),
        published_on: dates::format(seed.published_on),
    }
}

pub(crate) fn sample(roster: &Roster, seed: &Seed, sample: &[Sampled]) -> pb::Sample {
    pb::Sample {
        roster: roster.name(),
        roster_hash: roster.hash.clone(),
        seed: Some(self::seed(seed)),
        line_count: roster.line_count,
        lines: sample.iter().map(|it| line(roster, it)).collect(),
    }
}

pub(crate) fn line(roster: &Roster, line: &Sampled) -> pb::SampledLine {
    let finding = line.finding.as_ref();
    let result = match line.result() {
        None => sampled_line::Result::Unspecified,
        Some(SampleResult::Passed) => sampled_line::Result::Passed,
        Some(SampleResult::Defect) => sampled_line::Result::Defect,
    };
    pb::SampledLine {
        case: case::name(roster.tenant, line.case),
        receipt_number: line.receipt_number.clone(),
        amount_fen: line.amount.fen(),
        grounds: line.grounds.clone(),
        digest: line.digest.clone(),
        result: result.into(),
        note: finding.map(|it| it.note.clone()).unwrap_or_default(),
        checked_on: finding.map(|it| dates::format(it.on)).unwrap_or_default(),
    }
}
