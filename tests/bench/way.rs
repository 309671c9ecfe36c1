//! A county filled with cases goes the whole way to its payment: `cargo bench -p yuhui-tests --bench way`,
//! with how many cases as an argument. Prints how long every office took. Exits with 1 if a case was
//! left behind.

#[expect(dead_code, reason = "the tests use what is not used here")]
#[path = "../harness/mod.rs"]
mod harness;
#[expect(dead_code, reason = "the other benchmark uses what is not used here")]
mod many;

use std::{env, process::ExitCode};

use yuhui_proto::eligibility::v1::case::State;

use many::Many;

/// Cases, unless said otherwise.
const CASES: u32 = 300;

#[tokio::main]
async fn main() -> ExitCode {
    let mut asked = env::args().filter_map(|it| it.parse().ok());
    let cases: u32 = asked.next().unwrap_or(CASES);
    let mut many = Many::start(None).await;
    many.fill(cases).await;
    let confirmed = many.count(State::Confirmed).await;
    let roster = many.seal_and_record().await;
    many.fund().await;
    let funded = many.count(State::Funded).await;
    let checked = many.check().await;
    println!(
        "{cases} cases: {confirmed} confirmed, {} on the roster of {} fen, {funded} funded, {} cleared, {} held or \
         to be terminated, {} failed; {} MiB",
        roster.line_count,
        roster.total_fen,
        checked.done,
        checked.skipped,
        checked.failed,
        many.memory_mib(),
    );
    let counts = [
        u32::try_from(confirmed).ok(),
        u32::try_from(roster.line_count).ok(),
        u32::try_from(funded).ok(),
        u32::try_from(checked.done).ok(),
    ];
    if counts.iter().all(|it| *it == Some(cases)) {
        println!("pass  every case went the whole way");
        ExitCode::SUCCESS
    } else {
        println!("FAIL  a case was left behind");
        ExitCode::FAILURE
    }
}
