//! What grows with the cases of a county: `cargo bench -p yuhui-tests --bench growth`.
//!
//! One county is filled step by step, and at each step the same reads are timed, each several times; the
//! middle counts. A page, or a look at one thing, takes as long in a full county as in an empty one; what
//! has to look at everything takes longer as there is more, but not disproportionately. On PostgreSQL
//! where its programs are there (`YUHUI_TEST_PG_BIN`), on SQLite otherwise. Arguments: other
//! steps. Exits with 1 if something grows that should not.

#[expect(dead_code, reason = "the tests use what is not used here")]
#[path = "../harness/mod.rs"]
mod harness;
#[expect(dead_code, reason = "the other benchmark uses what is not used here")]
mod many;
#[path = "growth/reads.rs"]
mod reads;
#[path = "growth/sheet.rs"]
mod sheet;

use std::{env, process::ExitCode};

use many::{Interrupted, Many};
use sheet::Sheet;

/// Cases at each step.
const STEPS: [u32; 3] = [1_000, 10_000, 100_000];

#[tokio::main]
async fn main() -> ExitCode {
    let mut steps: Vec<u32> = env::args().filter_map(|it| it.parse().ok()).collect();
    if steps.is_empty() {
        steps.extend(STEPS);
    }
    let mut many = Many::start().await;
    let mut sheet = Sheet::default();
    for (at, cases) in steps.iter().enumerate() {
        many.fill(*cases).await;
        let roster = many.seal_and_record(Interrupted::No).await;
        many.fund().await;
        many.check(Interrupted::No).await;
        many.look_again().await;
        reads::time(
            &many,
            &roster.name,
            u32::try_from(at).unwrap_or_default(),
            &mut sheet,
        )
        .await;
        println!("{cases} cases: {} MiB\n", many.memory_mib());
    }
    if sheet.told(&steps) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
