//! What forms print of a claim agrees with what is decided of it, in every worked case that is payable.

use yuhui_kernel::{Calendar, Money};
use yuhui_policy::{
    Decision, PolicyPack, Programme,
    case_file::{CaseFile, Kind, play},
    evidence::Evidence,
    facts::InstitutionKind,
    printed::{self, Counting},
};

const SHARED: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/data/cases_shared.json"
));

/// Everything payable of a programme in the shared set, by the published parameters, with the case it is of.
fn payable(programme: Programme) -> Vec<(String, Evidence)> {
    let file = CaseFile::parse(SHARED).expect("the shared set is readable");
    let kinds = [Kind::Family, Kind::Institution];
    let cases = file.cases.iter().filter(|it| kinds.contains(&it.kind));
    let mut found = Vec::new();
    for case in cases.filter(|it| it.params.is_empty()) {
        for played in play(case, PolicyPack::baotou(), Calendar::china()) {
            let pays = played.determination.decision == Decision::Pay;
            if pays && played.claim.programme == programme {
                let evidence = Evidence::of(
                    played.facts,
                    played.claim,
                    played.progress,
                    Calendar::china(),
                    played.determination,
                );
                found.push((case.id.clone(), evidence));
            }
        }
    }
    found
}

#[test]
fn families_are_paid_the_rate_or_half_of_it() {
    let (mut halves, mut multiples) = (0, 0);
    for programme in [Programme::P1, Programme::P2] {
        let all = payable(programme);
        assert!(all.len() > 10, "{programme:?}: {}", all.len());
        for (case, evidence) in all {
            let found = printed::family(PolicyPack::baotou(), Calendar::china(), &evidence);
            let amount = evidence.determination.amount;
            let (more, less) = found.rate.halves();
            let due = match found.half {
                true => vec![more, less],
                false => vec![found.rate],
            };
            assert!(due.contains(&amount), "{case}: {amount} of {found:?}");
            let born_on = found.child_born_on.expect("nobody is paid for without");
            assert!(found.last_day_under_three.is_some_and(|it| it > born_on));
            let least = i32::from(programme == Programme::P2) * 3;
            assert!(found.months >= least, "{case}: {found:?}");
            halves += usize::from(found.half);
            multiples += usize::from(found.multiple_birth);
        }
    }
    assert!(halves > 1 && multiples > 1, "{halves} {multiples}");
}

#[test]
fn children_are_counted_one_by_one_as_they_are_counted_together() {
    let (mut counted, mut others) = (0, 0);
    let all = payable(Programme::P3);
    assert!(all.len() > 3, "{}", all.len());
    for (case, evidence) in all {
        let (pack, calendar) = (PolicyPack::baotou(), Calendar::china());
        let children = printed::children(pack, calendar, &evidence);
        let is_counted = |it: &&printed::CountedChild<'_>| it.counting == Counting::Counted;
        let own = u32::try_from(children.iter().filter(is_counted).count()).expect("few");
        let found = printed::institution(pack, calendar, &evidence);
        let record = found.record.expect("nobody is paid without");
        let most = match record.kind {
            InstitutionKind::Kindergarten => found.certified.expect("needed"),
            InstitutionKind::Nursery => u32::MAX,
        };
        let headcount = evidence.determination.headcount;
        assert_eq!(Some(own.min(most)), headcount, "{case}");
        assert_eq!(found.enrolled, children.len(), "{case}");
        for child in &children {
            let long_enough = child.months >= 3;
            match child.counting {
                Counting::Counted | Counting::Elsewhere => assert!(long_enough, "{case}"),
                Counting::TooShort => assert!(!long_enough, "{case}: {child:?}"),
                Counting::NoReceipts => assert_eq!(child.months, 0, "{case}"),
            }
        }
        counted += own;
        others += children.len() - usize::try_from(own).expect("few");
        let times = i64::from(headcount.unwrap_or_default());
        let amount = found.rate.checked_mul(times);
        assert_eq!(amount, Some(evidence.determination.amount), "{case}");
    }
    assert!(counted > 3 && others > 1, "{counted} {others}");
}

#[test]
fn awards_are_the_rate_of_the_honour_less_what_was_awarded() {
    let mut raised = 0;
    let all = payable(Programme::P4);
    assert!(all.len() > 3, "{}", all.len());
    for (case, evidence) in all {
        let found = printed::institution(PolicyPack::baotou(), Calendar::china(), &evidence);
        assert!(found.honour.is_some(), "{case}");
        let due = found.rate.checked_sub(found.awarded);
        assert_eq!(due, Some(evidence.determination.amount), "{case}");
        raised += usize::from(found.awarded != Money::ZERO);
    }
    assert!(raised > 0, "nobody was awarded twice");
}
