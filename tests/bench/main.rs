//! What the law costs, on one core: `cargo run --release -p yuhui-bench`.
//!
//! Every claim of the shared cases is decided, decided with all findings, and the canonical bytes
//! of its evidence are hashed, which every stored decision costs anyway. The hash is the measure:
//! it moves with the machine. Exits with 1 if a limit is exceeded.

mod cost;
mod mix;
mod scale;

use std::process::ExitCode;

use yuhui_policy::Programme;

use cost::Cost;

/// A decision costs at most half a hash, in thousandths of it.
const DECISION_LIMIT: u64 = 500;
/// A determination with all findings costs at most two hashes.
const DETERMINATION_LIMIT: u64 = 2_000;

fn main() -> ExitCode {
    let mix = mix::shared();
    println!("programme  claims  evidence  decision  determination      hash");
    for programme in [Programme::P1, Programme::P2, Programme::P3, Programme::P4] {
        let of: Vec<_> = mix
            .iter()
            .filter(|it| it.programme() == programme)
            .collect();
        print_row(programme.code(), &of, Cost::of(&of));
    }
    let all: Vec<_> = mix.iter().collect();
    let cost = Cost::of(&all);
    print_row("all", &all, cost);
    println!();

    let decision = within("decision", cost.decision_ps, cost.hash_ps, DECISION_LIMIT);
    let determination = within(
        "determination with findings",
        cost.determination_ps,
        cost.hash_ps,
        DETERMINATION_LIMIT,
    );
    println!();

    let constant = scale::is_constant(&mix);
    if decision && determination && constant {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn print_row(name: &str, samples: &[&mix::Sample], cost: Cost) {
    let claims = samples.len();
    let bytes: usize = samples.iter().map(|it| it.evidence.len()).sum();
    println!(
        "{name:<9}  {claims:>6}  {:>6} B  {:>5} ns  {:>10} ns  {:>5} ns",
        bytes / claims.max(1),
        cost.decision_ps / 1_000,
        cost.determination_ps / 1_000,
        cost.hash_ps / 1_000,
    );
}

/// Compares with a limit and says so.
fn within(what: &str, cost_ps: u64, hash_ps: u64, limit: u64) -> bool {
    let share = cost_ps * 1_000 / hash_ps.max(1);
    let holds = share <= limit;
    let verdict = if holds { "pass" } else { "FAIL" };
    println!("{verdict}  {what}: {share} ‰ of the hash, at most {limit} ‰");
    holds
}
