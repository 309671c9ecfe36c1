//! Unknown is not no: whatever is knocked out of a worked case, it comes to what the full facts come to,
//! or it waits, or a person decides.

use proptest::prelude::*;
use yuhui_kernel::{Calendar, dates};

use super::properties::{PLAYED, disorder};
use crate::{
    Decided, Decision, Facts, PolicyPack, Progress, Reason,
    case_file::Played,
    decide, determine,
    facts::{Candidate, FactKind, Gap, GapState, Model, names},
};

/// A claim at each of its stages.
fn stages(played: &Played) -> Vec<Progress> {
    let end = played.progress;
    let lodged = Progress {
        confirmed_on: None,
        paid_on: None,
        paid: false,
        known_on: played.claim.lodged_on,
    };
    let confirmed = Progress {
        confirmed_on: end.confirmed_on,
        known_on: end.confirmed_on.unwrap_or(end.known_on),
        ..lodged
    };
    let checked = Progress {
        paid_on: end.paid_on,
        known_on: end.paid_on.unwrap_or(end.known_on),
        ..confirmed
    };
    vec![lodged, confirmed, checked, end]
}

/// Everything that can be unknown of a claim, one by one.
fn gaps(played: &Played) -> Vec<Gap> {
    let kinds = FactKind::ALL.iter().copied();
    kinds
        .flat_map(|fact| {
            let subjects = played.facts.asked_of(fact, &played.claim);
            subjects.into_iter().map(move |subject| Gap {
                fact,
                subject,
                state: GapState::Unavailable,
                register: fact.register().to_owned(),
                from: None,
                to: None,
                candidates: Vec::new(),
            })
        })
        .collect()
}

fn without(facts: &Facts, gaps: &[Gap]) -> Facts {
    let mut facts = facts.clone();
    for gap in gaps {
        facts.silence(gap.clone());
    }
    facts
}

fn by(pack: &PolicyPack, facts: &Facts, played: &Played, progress: &Progress) -> Decided {
    decide(pack, Calendar::china(), facts, &played.claim, progress)
}

/// Principle 1.
fn holds(full: Decided, less: Decided) -> bool {
    less == full || matches!(less.decision, Decision::Wait | Decision::Refer)
}

#[test]
fn a_fact_that_is_knocked_out_never_decides() {
    let (mut looked, mut waited) = (0_u32, 0_u32);
    for (pack, played) in PLAYED.iter() {
        for gap in gaps(played) {
            let less = without(&played.facts, std::slice::from_ref(&gap));
            for progress in stages(played) {
                let full = by(pack, &played.facts, played, &progress);
                let found = by(pack, &less, played, &progress);
                assert!(
                    holds(full, found),
                    "{} without {:?} of {}: {found:?} instead of {full:?}",
                    played.facts.answers.first().map_or("", |it| &it.reference),
                    gap.fact,
                    gap.subject
                );
                looked += 1;
                waited += u32::from(found.decision == Decision::Wait);
            }
        }
    }
    // A gap that made everything wait would be as useless as one that decided.
    assert!(looked > 20_000, "{looked} looked at");
    assert!(waited * 2 < looked, "{waited} of {looked} wait");
}

#[test]
fn a_register_that_is_silent_never_decides() {
    for (pack, played) in PLAYED.iter() {
        for register in names::ALL {
            for state in [
                GapState::Unavailable,
                GapState::Stale,
                GapState::OutOfCoverage,
            ] {
                let mut less = played.facts.clone();
                less.silence_register(register, &played.claim, state, None);
                for progress in stages(played) {
                    let full = by(pack, &played.facts, played, &progress);
                    let found = by(pack, &less, played, &progress);
                    assert!(
                        holds(full, found),
                        "{} without {register}: {found:?} instead of {full:?}",
                        played.claim.id
                    );
                    if found.decision == Decision::Wait {
                        assert_eq!(found.reason, Some(state.reason()));
                    }
                }
            }
        }
    }
}

#[test]
fn nothing_is_known_where_every_register_is_silent() {
    for (pack, played) in PLAYED.iter() {
        let mut less = played.facts.clone();
        for register in names::ALL {
            less.silence_register(register, &played.claim, GapState::Unavailable, None);
        }
        let found = by(pack, &less, played, &stages(played)[0]);
        assert_eq!(found.decision, Decision::Wait, "{}", played.claim.id);
        assert!(found.amount.is_zero() && found.class.is_none());
    }
}

#[test]
fn both_entrances_wait_for_the_same() {
    for (pack, played) in PLAYED.iter() {
        for gap in gaps(played) {
            let less = without(&played.facts, std::slice::from_ref(&gap));
            let progress = played.progress;
            let quick = by(pack, &less, played, &progress);
            let told = determine(pack, Calendar::china(), &less, &played.claim, &progress);
            assert_eq!((told.decision, told.reason), (quick.decision, quick.reason));
            if told.decision == Decision::Wait {
                let awaited = told.findings.iter().flat_map(|it| &it.facts);
                let mut awaited = awaited.filter(|it| it.state.is_some());
                let fact = awaited.next().expect("a fact that is waited for");
                assert_eq!(
                    (&*fact.name, &*fact.value),
                    (gap.fact.code(), &*gap.subject)
                );
            }
        }
    }
}

#[test]
fn what_all_who_contradict_one_another_come_to_is_decided() {
    // Two registers tell the same birth with different days; whoever is believed, it comes to the same,
    // or a person decides.
    let (mut settled, mut referred) = (0, 0);
    for (pack, played) in PLAYED.iter() {
        let child = &played.claim.subject;
        let own = |facts: &Facts| {
            let mut births = facts.births.iter();
            births
                .find(|it| it.children.iter().any(|it| it.id == *child))
                .cloned()
        };
        let Some(birth) = own(&played.facts) else {
            continue;
        };
        for days in [0, 1, 400] {
            let mut other = birth.clone();
            for born in &mut other.children {
                born.born_on = dates::add_days(born.born_on, -days);
            }
            let said = |source: &str, birth| Candidate {
                source: source.into(),
                births: vec![birth],
                ..Candidate::default()
            };
            let mut facts = played.facts.clone();
            facts.silence(Gap {
                fact: FactKind::Birth,
                subject: child.clone(),
                state: GapState::Contradicted,
                register: names::MATERNITY.into(),
                from: None,
                to: None,
                candidates: vec![
                    said("MATERNITY", birth.clone()),
                    said("PAPER", other.clone()),
                ],
            });
            let full = by(pack, &played.facts, played, &played.progress);
            let found = by(pack, &facts, played, &played.progress);
            let mut believed = without(&played.facts, &[]);
            believed.births.retain(|it| it.delivery != birth.delivery);
            believed.births.push(other);
            let otherwise = by(pack, &believed, played, &played.progress);
            if full == otherwise {
                assert_eq!(found, full, "{}", played.claim.id);
                settled += 1;
            } else {
                assert_eq!(found.decision, Decision::Refer, "{}", played.claim.id);
                assert_eq!(found.reason, Some(Reason::FactsContradict));
                referred += 1;
            }
        }
    }
    assert!(
        settled > 100 && referred > 10,
        "{settled} settled, {referred} referred"
    );
}

#[test]
fn a_birth_that_no_register_knows_is_for_a_person() {
    let mut referred = 0;
    for (pack, played) in PLAYED.iter() {
        let mut facts = played.facts.clone();
        facts.persons.retain(|it| it.id != played.claim.subject);
        facts
            .births
            .retain(|it| it.children.iter().all(|it| it.id != played.claim.subject));
        facts.enrolments.clear();
        facts.model = Model::Two;
        let progress = stages(played)[0];
        let told = determine(pack, Calendar::china(), &facts, &played.claim, &progress);
        referred += told
            .findings
            .iter()
            .filter(|it| it.reason == Some(Reason::BirthUnknown))
            .count();
        facts.model = Model::One;
        let told = determine(pack, Calendar::china(), &facts, &played.claim, &progress);
        let read_anew = told.findings.iter();
        assert_eq!(
            read_anew
                .filter(|it| it.reason == Some(Reason::BirthUnknown))
                .count(),
            0
        );
    }
    assert!(referred > 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn pairs_that_are_knocked_out_never_decide(one in 0_usize..5_000, other in 0_usize..5_000) {
        for (pack, played) in PLAYED.iter() {
            let gaps = gaps(played);
            let pair = [one % gaps.len(), other % gaps.len()].map(|it| gaps[it].clone());
            let less = without(&played.facts, &pair);
            for progress in stages(played) {
                let full = by(pack, &played.facts, played, &progress);
                let found = by(pack, &less, played, &progress);
                prop_assert!(
                    holds(full, found),
                    "{} without {:?}: {:?} instead of {:?}", played.claim.id, pair, found, full
                );
            }
        }
    }

    #[test]
    fn what_a_register_does_not_know_yet_never_decides(
        days in -900_i64..400, register in 0_usize..6,
    ) {
        for (pack, played) in PLAYED.iter() {
            let known_until = dates::add_days(played.claim.lodged_on, days);
            let mut less = played.facts.clone();
            let from = Some(known_until);
            less.silence_register(names::ALL[register], &played.claim, GapState::Stale, from);
            for progress in stages(played) {
                let full = by(pack, &played.facts, played, &progress);
                let found = by(pack, &less, played, &progress);
                prop_assert!(
                    holds(full, found),
                    "{} of {} from {}: {:?} instead of {:?}",
                    played.claim.id, names::ALL[register], known_until, found, full
                );
            }
        }
    }

    #[test]
    fn the_order_of_facts_never_matters_where_some_are_missing(
        turn in 0_usize..7, reverse in any::<bool>(), one in 0_usize..5_000,
    ) {
        for (pack, played) in PLAYED.iter() {
            let gaps = gaps(played);
            let some = gaps.iter().skip(one % gaps.len()).step_by(3).cloned();
            let facts = without(&played.facts, &some.collect::<Vec<_>>());
            let progress = played.progress;
            let told = determine(pack, Calendar::china(), &facts, &played.claim, &progress);
            let mut turned = facts;
            disorder(&mut turned, turn, reverse);
            turned.gaps.reverse();
            turned.settle_gaps();
            let again = determine(pack, Calendar::china(), &turned, &played.claim, &progress);
            prop_assert_eq!(told, again);
        }
    }
}
