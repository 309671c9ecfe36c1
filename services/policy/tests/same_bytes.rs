//! Decisions are stored and taken again years later: what the worked cases came to yesterday they
//! come to today, to the byte. Where a change means to alter words or findings of new decisions,
//! `INSTA_UPDATE=always` renews the digests, and the change says what becomes of the stored ones.

use sha2::{Digest, Sha256};
use yuhui_kernel::Calendar;
use yuhui_policy::{
    Law, NationalPack, Pack, PolicyPack,
    case_file::{CaseFile, Kind, play},
};

/// A line for each claim: the case, the claim, and the digest of its determination.
fn digests<L: Law>(text: &str, pack: &Pack<L>) -> String {
    let file = CaseFile::parse(text).expect("the set is readable");
    let played = file
        .cases
        .iter()
        .filter(|case| matches!(case.kind, Kind::Family | Kind::Institution));
    let lines = played.flat_map(|case| {
        let pack = pack.with_overrides(&case.params).expect("known parameters");
        let played = play(case, &pack, Calendar::china());
        played.into_iter().map(|it| {
            let digest = hex::encode(Sha256::digest(it.determination.canonical_bytes()));
            format!("{} {} {digest}\n", case.id, it.claim.id)
        })
    });
    lines.collect()
}

#[test]
fn claims_of_the_shared_cases() {
    let shared = include_str!("../../../tests/data/cases_shared.json");
    insta::assert_snapshot!(digests(shared, PolicyPack::baotou()));
}

#[test]
fn claims_of_the_cases_of_our_own() {
    let law = include_str!("data/cases_law.json");
    insta::assert_snapshot!(digests(law, PolicyPack::baotou()));
}

#[test]
fn claims_that_wait() {
    let unknown = include_str!("data/cases_unknown.json");
    insta::assert_snapshot!(digests(unknown, PolicyPack::baotou()));
}

#[test]
fn claims_of_the_national_subsidy() {
    let national = include_str!("../../../tests/data/cases_national.json");
    insta::assert_snapshot!(digests(national, NationalPack::national()));
}
