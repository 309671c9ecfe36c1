//! What must hold of every case: the two entrances agree, order and later facts never matter,
//! halves make a whole.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::json;
use time::Date;
use yuhui_kernel::{Calendar, Money, dates};

use crate::{
    Decision, Facts, PolicyPack, Programme,
    case_file::{CaseFile, Kind, Played, play},
    decide, determine,
    facts::{
        Adoption, Born, Custody, Delivery, FraudFinding, Guardianship, Honour, HonourLevel, Hukou,
        Marriage, OtherClaim, OtherOutcome, Suspension,
    },
};

/// Every claim of the two sets at the end of its case, with its pack.
pub(crate) static PLAYED: LazyLock<Vec<(PolicyPack, Played)>> = LazyLock::new(|| {
    let law = include_str!("../../tests/data/cases_law.json");
    let shared = include_str!("../../../../tests/data/cases_shared.json");
    let mut all = Vec::new();
    for text in [law, shared] {
        let file = CaseFile::parse(text).expect("the set is readable");
        for case in file.cases {
            if !matches!(case.kind, Kind::Family | Kind::Institution) {
                continue;
            }
            let pack = PolicyPack::baotou()
                .with_overrides(&case.params)
                .expect("known parameters");
            let played = play(&case, &pack, Calendar::china());
            all.extend(played.into_iter().map(|claim| (pack.clone(), claim)));
        }
    }
    all
});

#[test]
fn both_entrances_decide_the_same() {
    for (pack, played) in PLAYED.iter() {
        let Played {
            facts,
            claim,
            progress,
            determination,
            ..
        } = played;
        let decided = decide(pack, Calendar::china(), facts, claim, progress);
        assert_eq!(decided.decision, determination.decision, "{}", claim.id);
        assert_eq!(decided.reason, determination.reason);
        assert_eq!(decided.class, determination.class);
        assert_eq!(decided.headcount, determination.headcount);
        assert_eq!(decided.amount, determination.amount);
        assert_eq!(decided.round, determination.round);
        assert_eq!(decided.clawback, determination.clawback);
    }
}

#[test]
fn the_primary_reason_is_the_first_finding_that_does_not_pass() {
    for (_, played) in PLAYED.iter() {
        let found = &played.determination;
        let first = found.findings.iter().find_map(|finding| finding.reason);
        assert_eq!(found.reason, first, "{}", played.claim.id);
        assert_eq!(found.reason.is_none(), found.decision == Decision::Pay);
        let total = Money::total(found.payees.iter().map(|payee| payee.amount));
        assert_eq!(total, Some(found.amount));
        assert!(!found.cites.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_order_of_facts_never_matters(turn in 0_usize..7, reverse in any::<bool>()) {
        for (pack, played) in PLAYED.iter() {
            let mut facts = played.facts.clone();
            disorder(&mut facts, turn, reverse);
            let Played { claim, progress, determination, .. } = played;
            let again = determine(pack, Calendar::china(), &facts, claim, progress);
            prop_assert_eq!(&again, determination, "{}", &claim.id);
        }
    }

    #[test]
    fn later_facts_never_matter(days in 1_i64..500) {
        for (pack, played) in PLAYED.iter() {
            let Played { claim, progress, determination, .. } = played;
            let mut facts = played.facts.clone();
            // Between two entries the next one says where somebody was (R-DAT-9): the one later
            // fact that does matter.
            if facts.hukou.iter().any(|it| it.from > progress.known_on) {
                continue;
            }
            let later = dates::add_days(progress.known_on, days);
            go_on(&mut facts, &claim.subject, &claim.claimant, later);
            if claim.programme != Programme::P3 {
                facts.other_claims.push(later_claim(played, later));
            }
            let again = determine(pack, Calendar::china(), &facts, claim, progress);
            prop_assert_eq!(&again, determination, "{}", &claim.id);
        }
    }

    #[test]
    fn halves_make_the_whole(fen in 1_i64..10_000_000) {
        let file = CaseFile::parse(include_str!("../../../../tests/data/cases_shared.json"));
        let cases = file.expect("the set is readable").cases;
        let case = cases.iter().find(|case| case.id == "S-P1-042").expect("shared care");
        let rates = json!({"p1.amount_fen": {"SECOND": fen, "THIRD": 1}});
        let pack = PolicyPack::baotou()
            .with_overrides(rates.as_object().expect("an object"))
            .expect("known parameters");
        let halves: Vec<Money> = play(case, &pack, Calendar::china())
            .iter()
            .map(|played| played.determination.amount)
            .collect();
        prop_assert_eq!(Money::total(halves.iter().copied()), Some(Money::from_fen(fen)));
        prop_assert!(halves.first() >= halves.last());
    }
}

/// Every list turned and perhaps reversed, the lists inside the entries too.
pub(super) fn disorder(facts: &mut Facts, turn: usize, reverse: bool) {
    fn mix<T>(list: &mut [T], turn: usize, reverse: bool) {
        if !list.is_empty() {
            list.rotate_left(turn % list.len());
        }
        if reverse {
            list.reverse();
        }
    }
    mix(&mut facts.persons, turn, reverse);
    mix(&mut facts.hukou, turn, reverse);
    mix(&mut facts.marriages, turn, reverse);
    mix(&mut facts.births, turn, reverse);
    mix(&mut facts.adoptions, turn, reverse);
    mix(&mut facts.custody, turn, reverse);
    mix(&mut facts.guardianships, turn, reverse);
    mix(&mut facts.institutions, turn, reverse);
    mix(&mut facts.enrolments, turn, reverse);
    mix(&mut facts.other_claims, turn, reverse);
    mix(&mut facts.frauds, turn, reverse);
    mix(&mut facts.answers, turn, reverse);
    for delivery in &mut facts.births {
        mix(&mut delivery.children, turn, reverse);
    }
    for adoption in &mut facts.adoptions {
        mix(&mut adoption.adopters, turn, reverse);
    }
    for marriage in &mut facts.marriages {
        mix(&mut marriage.spouses, turn, reverse);
    }
    for custody in &mut facts.custody {
        mix(&mut custody.holders, turn, reverse);
        mix(&mut custody.actual_carers, turn, reverse);
    }
    for institution in &mut facts.institutions {
        mix(&mut institution.suspensions, turn, reverse);
        mix(&mut institution.honours, turn, reverse);
    }
}

/// Life goes on: everything that can still happen happens on `later`.
pub(super) fn go_on(facts: &mut Facts, subject: &str, claimant: &str, later: Date) {
    let ends = |to: &mut Option<Date>| *to = to.or(Some(later));
    let outside = "150602".parse().expect("a county");
    let persons: Vec<String> = facts.persons.iter().map(|one| one.id.clone()).collect();
    facts.hukou.iter_mut().for_each(|entry| ends(&mut entry.to));
    facts.hukou.extend(persons.iter().map(|person| Hukou {
        person: person.clone(),
        county: outside,
        from: later,
        to: None,
    }));
    facts
        .persons
        .iter_mut()
        .for_each(|one| ends(&mut one.died_on));
    facts.marriages.iter_mut().for_each(|one| ends(&mut one.to));
    facts.custody.iter_mut().for_each(|one| ends(&mut one.to));
    facts
        .guardianships
        .iter_mut()
        .for_each(|one| ends(&mut one.to));
    if let Some(delivery) = facts.births.first().cloned() {
        facts.births.push(Delivery {
            delivery: "later".to_owned(),
            children: vec![Born {
                id: "later".to_owned(),
                born_on: later,
                order: 1,
                live: true,
            }],
            ..delivery.clone()
        });
        facts.marriages.push(Marriage {
            spouses: [delivery.mother.clone(), delivery.father.unwrap_or_default()],
            from: later,
            to: None,
        });
        facts.custody.push(Custody {
            child: subject.to_owned(),
            holders: vec![delivery.mother],
            actual_carers: vec!["somebody".to_owned()],
            from: later,
            to: None,
        });
    }
    for delivery in &mut facts.births {
        ends(&mut delivery.birth_service_registered_on);
    }
    facts.adoptions.push(Adoption {
        child: subject.to_owned(),
        adopters: vec!["somebody".to_owned()],
        on: later,
    });
    facts.guardianships.push(Guardianship {
        child: subject.to_owned(),
        guardian: claimant.to_owned(),
        from: later,
        to: None,
    });
    for institution in &mut facts.institutions {
        ends(&mut institution.filed_on);
        ends(&mut institution.education_approved_on);
        ends(&mut institution.inclusive_recognised_on);
        institution.suspensions.push(Suspension {
            from: later,
            to: None,
        });
        institution.honours.push(Honour {
            level: HonourLevel::National,
            granted_on: later,
        });
    }
    facts.frauds.push(FraudFinding {
        claimant: claimant.to_owned(),
        claim: "later".to_owned(),
        found_on: later,
    });
}

/// The same claim, lodged again and paid.
pub(super) fn later_claim(played: &Played, later: Date) -> OtherClaim {
    let claim = &played.claim;
    OtherClaim {
        id: "later".to_owned(),
        programme: claim.programme,
        subject: claim.subject.clone(),
        claimant: claim.claimant.clone(),
        county: claim.county,
        lodged_on: later,
        earlier: false,
        subsidy_year: claim.subsidy_year,
        outcome: OtherOutcome::Paid {
            amount: Money::from_fen(1),
            round: later.year(),
            confirmed_on: Some(later),
        },
    }
}
