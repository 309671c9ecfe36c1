//! A county filled with cases goes the whole way to its payment: `cargo bench -p yuhui-tests --bench way`,
//! with how many cases as an argument, and `kill` if the system is to be killed in the middle of the sealing,
//! of the check before payment and of the release to the bank. Prints how long every office took. Exits with 1 if a case was left behind,
//! or sealing or check were slower than 150,000 lines need (POLICY.md H.4).

#[expect(dead_code, reason = "the tests use what is not used here")]
#[path = "../harness/mod.rs"]
mod harness;
#[expect(dead_code, reason = "the other benchmark uses what is not used here")]
mod many;

use std::{env, process::ExitCode, time::Duration};

use yuhui_proto::eligibility::v1::case::State;

use many::{Interrupted, Many};

/// Cases, unless said otherwise.
const CASES: u32 = 3_000;
/// Lines that are to be sealed, or released to the bank, in a second: 150,000 in two minutes.
const SEALED: u128 = 1_250;
/// Cases that are to be checked in a second: 150,000 in ten minutes.
const CHECKED: u128 = 250;

#[tokio::main]
async fn main() -> ExitCode {
    let asked: Vec<String> = env::args().collect();
    let cases = asked.iter().find_map(|it| it.parse().ok()).unwrap_or(CASES);
    let interrupted = match asked.iter().any(|it| it == "kill") {
        true => Interrupted::Yes,
        false => Interrupted::No,
    };
    let mut many = Many::start().await;
    many.fill(cases).await;
    let confirmed = many.count(State::Confirmed).await;
    let roster = many.seal_and_record(interrupted).await;
    many.fund().await;
    let funded = many.count(State::Funded).await;
    let checked = many.check(interrupted).await;
    let batch = many.pay(interrupted).await;
    println!(
        "{cases} cases: {confirmed} confirmed, {} on the roster of {} fen, {funded} funded, {} cleared, {} held or \
         to be terminated, {} failed, {} in the batch of {} fen; {} MiB",
        roster.line_count,
        roster.total_fen,
        checked.done,
        checked.skipped,
        checked.failed,
        batch.line_count,
        batch.total_fen,
        many.memory_mib(),
    );
    let counts = [
        u32::try_from(confirmed).ok(),
        u32::try_from(roster.line_count).ok(),
        u32::try_from(funded).ok(),
        u32::try_from(checked.done).ok(),
        u32::try_from(batch.line_count).ok(),
    ];
    let is_whole =
        counts.iter().all(|it| *it == Some(cases)) && batch.total_fen == roster.total_fen;
    let verdict = if is_whole { "pass" } else { "FAIL" };
    println!("{verdict}  every case went the whole way");
    let sealed = fast("sealed", cases, many.sealed_in, SEALED);
    let checked = fast("checked", cases, many.checked_in, CHECKED);
    let released = fast("released", cases, many.released_in, SEALED);
    if is_whole && sealed && checked && released {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Compares with the limit and says so.
fn fast(what: &str, cases: u32, took: Duration, limit: u128) -> bool {
    let rate = u128::from(cases) * 1_000 / took.as_millis().max(1);
    let holds = rate >= limit;
    let verdict = if holds { "pass" } else { "FAIL" };
    println!("{verdict}  {what} {rate} a second (limit {limit})");
    holds
}
