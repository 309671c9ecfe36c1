//! Cases decided a batch at a time, on every core, while the next batch is read.

use std::{
    fs::File,
    panic,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use yuhui_kernel::Calendar;
use yuhui_policy::{
    AnyPack, Policy,
    case_file::{Case, CaseFileError, CaseReader, CheckOutcome, Fault, RawCase, check},
};
use yuhui_rehearsal::cases::book;

/// Most cases of a batch.
const CASES: usize = 512;
/// A batch ends with the case that makes it longer than this, in bytes.
const BYTES: usize = 2 << 20;

/// Cases as they stand in a file, one after the other.
#[derive(Default)]
pub(super) struct Batch(Vec<RawCase>);

/// What came of a case.
pub(super) struct Found {
    /// Its id; none if it cannot be read.
    pub(super) id: Option<String>,
    pub(super) title: String,
    pub(super) verdict: Verdict,
    /// What is rare in it.
    pub(super) remarks: Vec<Fault>,
}

/// Whether a case came out as it expects.
pub(super) enum Verdict {
    Passed,
    /// With a line for each difference.
    Failed(Vec<String>),
    Refused(Vec<Fault>),
}

impl Batch {
    /// The next cases of a file, and what is wrong with the file as such.
    pub(super) fn read(reader: &mut CaseReader<File>) -> (Self, Option<CaseFileError>) {
        let (mut cases, mut bytes) = (Vec::new(), 0);
        while cases.len() < CASES && bytes < BYTES {
            match reader.next_case() {
                Ok(Some(raw)) => {
                    bytes += raw.len();
                    cases.push(raw);
                }
                Ok(None) => break,
                Err(error) => return (Self(cases), Some(error)),
            }
        }
        (Self(cases), None)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What came of each case, in their order, and what `meanwhile` answers.
    pub(super) fn decide<T>(
        &self,
        law: Policy,
        pack: &AnyPack,
        meanwhile: impl FnOnce() -> T,
    ) -> (Vec<(&RawCase, Found)>, T) {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut done = Vec::new();
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some(raw) = self.0.get(place) else {
                    return done;
                };
                done.push((place, raw, found(raw, law, pack)));
            }
        };
        let cores = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
            let answer = meanwhile();
            let mut done = Vec::with_capacity(self.0.len());
            for worker in workers {
                done.extend(worker.join().unwrap_or_else(|it| panic::resume_unwind(it)));
            }
            done.sort_unstable_by_key(|(place, ..)| *place);
            let done = done.into_iter().map(|(_, raw, found)| (raw, found));
            (done.collect(), answer)
        })
    }
}

fn found(raw: &RawCase, law: Policy, pack: &AnyPack) -> Found {
    match raw.read(law) {
        Err(faults) => Found {
            id: None,
            title: String::new(),
            verdict: Verdict::Refused(faults),
            remarks: Vec::new(),
        },
        Ok((case, remarks)) => {
            let differences = differences(&case, pack);
            Found {
                verdict: if differences.is_empty() {
                    Verdict::Passed
                } else {
                    Verdict::Failed(differences)
                },
                id: Some(case.id),
                title: case.title,
                remarks,
            }
        }
    }
}

/// What is not as the case expects, a line each.
fn differences(case: &Case, pack: &AnyPack) -> Vec<String> {
    let calendar = Calendar::china();
    let outcome = match pack {
        AnyPack::Baotou(pack) => check(case, pack, calendar),
        AnyPack::National(pack) => check(case, pack, calendar),
    };
    match (outcome, pack) {
        (CheckOutcome::Checked(found), _) => found.iter().map(ToString::to_string).collect(),
        // What money does is for the ledger to say.
        (CheckOutcome::NotHere, AnyPack::Baotou(pack)) => book(case, pack).map_or_else(
            |error| vec![format!("{} {error:#}", case.id)],
            |lines| {
                lines
                    .iter()
                    .map(|line| format!("{} {line}", case.id))
                    .collect()
            },
        ),
        (CheckOutcome::NotHere, AnyPack::National(_)) => {
            vec![format!("{} nothing checks this case", case.id)]
        }
    }
}
