//! A decision takes nothing from the heap, so that its cost depends on the facts alone.

use allocation_counter::measure;
use yuhui_kernel::Calendar;
use yuhui_policy::{
    PolicyPack,
    case_file::{CaseFile, Kind, Played, play},
    decide, determine,
};

const SHARED: &str = include_str!("../../../tests/data/cases_shared.json");
const LAW: &str = include_str!("data/cases_law.json");

/// Every claim of both sets, with the parameters of its case.
fn claims() -> Vec<(PolicyPack, Played)> {
    let mut claims = Vec::new();
    for text in [SHARED, LAW] {
        let file = CaseFile::parse(text).expect("the set is readable");
        let cases = file.cases.iter();
        for case in cases.filter(|case| matches!(case.kind, Kind::Family | Kind::Institution)) {
            let pack = PolicyPack::baotou()
                .with_overrides(&case.params)
                .expect("known parameters");
            let played = play(case, &pack, Calendar::china());
            claims.extend(played.into_iter().map(|claim| (pack.clone(), claim)));
        }
    }
    claims
}

#[test]
fn no_decision_allocates() {
    let claims = claims();
    assert!(claims.len() > 200, "{} claims", claims.len());
    // Tables of the law are read on first use.
    let calendar = Calendar::china();
    for (pack, played) in &claims {
        let Played {
            facts,
            claim,
            progress,
            ..
        } = played;
        let counted = measure(|| {
            std::hint::black_box(decide(pack, calendar, facts, claim, progress));
        });
        assert_eq!(counted.count_total, 0, "{} allocates", claim.id);
    }
}

#[test]
fn the_counter_counts() {
    let (pack, played) = claims().swap_remove(0);
    let Played {
        facts,
        claim,
        progress,
        ..
    } = played;
    let counted = measure(|| {
        std::hint::black_box(determine(
            &pack,
            Calendar::china(),
            &facts,
            &claim,
            &progress,
        ));
    });
    assert!(counted.count_total > 0);
}
