//! What was timed, step by step, and how it grew.

use std::time::{Duration, Instant};

/// How a read may grow with what there is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Growth {
    /// A page, or a look at one thing.
    Flat,
    /// It looks at everything there is.
    Whole,
}

impl Growth {
    /// How many times as long at most, in tenths, for each tenfold.
    const fn limit(self) -> u128 {
        match self {
            Self::Flat => 30,
            Self::Whole => 200,
        }
    }
}

/// A read, and how long it took at each step.
struct Row {
    name: &'static str,
    growth: Growth,
    times: Vec<Duration>,
}

/// Every read.
#[derive(Default)]
pub(crate) struct Sheet {
    rows: Vec<Row>,
    failed: Vec<String>,
}

/// What takes less is noise.
const NOISE: Duration = Duration::from_micros(1_500);

impl Sheet {
    /// Times a read so often and notes the middle.
    pub(crate) async fn time(
        &mut self,
        name: &'static str,
        growth: Growth,
        times: u32,
        mut read: impl AsyncFnMut(),
    ) {
        let mut taken = Vec::new();
        for _ in 0..times {
            let begun = Instant::now();
            read().await;
            taken.push(begun.elapsed());
        }
        taken.sort_unstable();
        let middle = taken.get(taken.len() / 2).copied().unwrap_or_default();
        println!("  {name:<44} {middle:>12.2?}");
        if let Some(row) = self.rows.iter_mut().find(|it| it.name == name) {
            row.times.push(middle);
            return;
        }
        self.rows.push(Row {
            name,
            growth,
            times: vec![middle],
        });
    }

    /// Notes what could not be read at all.
    pub(crate) fn fail(&mut self, what: String) {
        self.failed.push(what);
    }

    /// Prints it; answers whether nothing grows that should not.
    pub(crate) fn told(&self, steps: &[u32]) -> bool {
        print!("\n{:<44}", "read, µs");
        for step in steps {
            print!(" {step:>10}");
        }
        println!("  times as long");
        let mut holds = self.failed.is_empty();
        for row in &self.rows {
            print!("{:<44}", row.name);
            for time in &row.times {
                print!(" {:>10}", time.as_micros());
            }
            let mut verdict = "";
            let both = row.times.iter().zip(row.times.iter().skip(1));
            for (before, after) in both {
                let grown = tenths(*before, *after);
                print!("  {:>3}.{}", grown / 10, grown % 10);
                if grown > row.growth.limit() {
                    verdict = "  FAIL";
                }
            }
            println!("{verdict}");
            holds &= verdict.is_empty();
        }
        for what in &self.failed {
            println!("FAIL  {what}");
        }
        println!(
            "{}  pages and looks at one thing grow {} times at most for each tenfold, what looks at everything {} times",
            if holds { "pass" } else { "FAIL" },
            Growth::Flat.limit() / 10,
            Growth::Whole.limit() / 10,
        );
        holds
    }
}

/// How many times as long, in tenths.
fn tenths(before: Duration, after: Duration) -> u128 {
    let (before, after) = (before.max(NOISE), after.max(NOISE));
    after.as_micros() * 10 / before.as_micros().max(1)
}
