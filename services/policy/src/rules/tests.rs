//! Cases beside the shared set: every alternative of a parameter, and combinations of rules.

use time::macros::date;
use yuhui_kernel::{Calendar, Money};

use crate::{
    Claim, Decision, PolicyPack, Programme, Reason,
    case_file::{CaseFile, CheckOutcome, Played, check, play},
    decide, determine,
    facts::{
        FraudFinding, Guardianship, NameAnswer, NameCheck, NationalPayment, OtherClaim,
        OtherOutcome,
    },
};

const LAW: &str = include_str!("../../tests/data/cases_law.json");

/// The first claim of a case of the set, as it ends under `pack`.
fn first_claim(id: &str, pack: &PolicyPack) -> Played {
    let file = CaseFile::parse(LAW).expect("the set is readable");
    let case = file.cases.iter().find(|case| case.id == id);
    let played = play(case.expect("in the set"), pack, Calendar::china());
    played.into_iter().next().expect("a claim")
}

#[test]
fn every_alternative_is_decided_as_expected() {
    let file = CaseFile::parse(LAW).expect("the set is readable");
    let mut differences = Vec::new();
    for case in &file.cases {
        match check(case, PolicyPack::baotou(), Calendar::china()) {
            CheckOutcome::Checked(found) => differences.extend(found),
            CheckOutcome::NotHere => panic!("{} is not checked here", case.id),
        }
    }
    let lines: Vec<String> = differences.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

/// R-ORD-2: a register that lists a stillborn child with a hukou is wrong, and moves no money.
#[test]
fn nothing_is_paid_for_a_stillbirth() {
    let pack = PolicyPack::baotou();
    let Played {
        mut facts,
        claim,
        progress,
        ..
    } = first_claim("L-P1-13", pack);
    let born = facts.births.iter_mut().flat_map(|it| &mut it.children);
    for child in born.filter(|child| child.id == claim.subject) {
        child.live = false;
    }
    let decided = decide(pack, Calendar::china(), &facts, &claim, &progress);
    assert_eq!(decided.reason, Some(Reason::NotSecondOrThird));
    assert_eq!(decided.amount, Money::ZERO);
}

/// R-PRC-7: a claim that would be paid goes to persons unless every stated name belongs to its
/// number; one that fails anyway fails as it did; and what is paid is not asked for again.
#[test]
fn nothing_is_paid_under_a_name_that_is_not_the_numbers() {
    let pack = PolicyPack::baotou();
    let Played {
        mut facts,
        claim,
        mut progress,
        ..
    } = first_claim("L-P1-13", pack);
    progress.paid = false;
    let unasked = determine(pack, Calendar::china(), &facts, &claim, &progress);
    assert_eq!(unasked.decision, Decision::Pay);
    let check = |answer| NameCheck {
        person: claim.claimant.clone(),
        answer,
    };
    for (answers, reason) in [
        (vec![NameAnswer::Match], None),
        (vec![NameAnswer::Mismatch], Some(Reason::NameMismatch)),
        (vec![NameAnswer::NoSuchNumber], Some(Reason::NameMismatch)),
        (
            vec![NameAnswer::CannotCompare],
            Some(Reason::NameUnconfirmed),
        ),
        (vec![NameAnswer::Unavailable], Some(Reason::NameUnconfirmed)),
        (
            vec![
                NameAnswer::Match,
                NameAnswer::Mismatch,
                NameAnswer::CannotCompare,
            ],
            Some(Reason::NameMismatch),
        ),
    ] {
        facts.names = answers.iter().copied().map(check).collect();
        let found = determine(pack, Calendar::china(), &facts, &claim, &progress);
        assert_eq!(found.reason, reason, "{answers:?}");
        let refers = found.decision == Decision::Refer;
        assert_eq!(refers, reason.is_some(), "{answers:?}");
        assert_eq!(found.amount.is_zero(), refers, "{answers:?}");
        if !refers {
            assert_eq!(
                found.cites, unasked.cites,
                "a match is no ground of the grant"
            );
        }
    }

    facts.names = vec![check(NameAnswer::Mismatch)];
    let stranger = Claim {
        claimant: "nobody".into(),
        ..claim.clone()
    };
    let found = decide(pack, Calendar::china(), &facts, &stranger, &progress);
    assert_eq!(found.reason, Some(Reason::NoStanding));
    progress.paid = true;
    let found = decide(pack, Calendar::china(), &facts, &claim, &progress);
    assert_eq!(found.reason, None, "a name changed after the payment");
}

/// C.7: who took a claim over stands by what he is to the child on the day he did; all else is looked at on
/// the day of lodging.
#[test]
fn a_claim_in_other_hands_is_decided_as_it_was_lodged() {
    let pack = PolicyPack::baotou();
    let Played {
        mut facts,
        claim,
        mut progress,
        ..
    } = first_claim("L-P1-13", pack);
    progress.paid = false;
    let lodged = determine(pack, Calendar::china(), &facts, &claim, &progress);
    let next = yuhui_kernel::dates::add_days(claim.lodged_on, 1);
    let own = facts
        .births
        .iter()
        .find(|it| it.children.iter().any(|it| it.id == claim.subject));
    let own = own.expect("a birth").clone();
    for parent in [Some(own.mother), own.father].into_iter().flatten() {
        for person in facts.persons.iter_mut().filter(|it| it.id == parent) {
            person.died_on = Some(next);
        }
    }
    facts.guardianships.push(Guardianship {
        child: claim.subject.clone(),
        guardian: "gran".into(),
        from: next,
        to: None,
    });
    let before = Claim {
        claimant: "gran".into(),
        ..claim.clone()
    };
    let found = determine(pack, Calendar::china(), &facts, &before, &progress);
    assert_eq!(
        found.reason,
        Some(Reason::NoStanding),
        "on the day of lodging"
    );
    let taken = Claim {
        taken_over_on: Some(next),
        ..before
    };
    let found = determine(pack, Calendar::china(), &facts, &taken, &progress);
    assert_eq!(
        (found.decision, found.amount),
        (lodged.decision, lodged.amount)
    );
    assert_eq!(found.round, lodged.round);
    let day = found.findings.iter().flat_map(|it| &it.facts);
    let mut day = day.filter(|it| it.name == "claim.taken_over_on");
    assert!(day.next().is_some(), "and the file says so");
}

/// R-FRD-1: the check before payment has its day, but the money is not out: what is found until today
/// stops it.
#[test]
fn fraud_found_between_the_check_and_the_credit_still_stops_the_money() {
    let pack = PolicyPack::baotou();
    let Played {
        mut facts,
        claim,
        mut progress,
        ..
    } = first_claim("L-P1-13", pack);
    facts.frauds.push(FraudFinding {
        claimant: claim.claimant.clone(),
        claim: claim.id.clone(),
        found_on: date!(2025 - 11 - 03),
    });
    progress.known_on = date!(2025 - 11 - 05);
    progress.paid = false;
    let decided = decide(pack, Calendar::china(), &facts, &claim, &progress);
    assert_eq!(decided.decision, Decision::Terminate);
    progress.paid = true;
    let decided = decide(pack, Calendar::china(), &facts, &claim, &progress);
    assert_eq!(decided.decision, Decision::Clawback);
}

/// R-P3-5: who lodged a claim that cannot be paid takes no child, even before it is refused.
#[test]
fn a_rival_without_a_payable_claim_takes_no_child() {
    let pack = PolicyPack::baotou();
    let Played {
        facts,
        claim,
        progress,
        ..
    } = first_claim("L-P3-20", pack);
    let counted = |change: &dyn Fn(&mut OtherClaim)| {
        let mut facts = facts.clone();
        let other = facts.other_claims.first_mut().expect("the rival");
        other.outcome = OtherOutcome::Open;
        change(other);
        decide(pack, Calendar::china(), &facts, &claim, &progress).headcount
    };
    assert_eq!(counted(&|_| {}), Some(1), "it stayed longer there");
    let elsewhere = "150204".parse().expect("a county");
    assert_eq!(counted(&|it| it.county = elsewhere), Some(2), "R-P3-3");
    let late = date!(2025 - 06 - 10);
    assert_eq!(counted(&|it| it.lodged_on = late), Some(2), "R-P3-7");
    assert_eq!(counted(&|it| it.subsidy_year = Some(2025)), Some(2));
    assert_eq!(counted(&|it| it.programme = Programme::P4), Some(2));
    assert_eq!(counted(&|it| it.outcome = OtherOutcome::Withdrawn), Some(2));
}

/// AMB-47: the national subsidy is no part of the case format, so it is paid here.
#[test]
fn national_payments_are_deducted_under_offset() {
    let offset = serde_json::json!({"national_scheme.interaction": "OFFSET"});
    let pack = PolicyPack::baotou()
        .with_overrides(offset.as_object().expect("an object"))
        .expect("known parameters");
    let Played {
        mut facts,
        claim,
        progress,
        ..
    } = first_claim("L-P1-13", &pack);
    let payment = |on| NationalPayment {
        child: claim.subject.clone(),
        amount: Money::from_fen(360_000),
        on,
        for_year: None,
    };
    facts.national_payments = vec![
        payment(date!(2025 - 07 - 31)),
        payment(date!(2025 - 08 - 01)),
    ];
    let amount = |pack| decide(pack, Calendar::china(), &facts, &claim, &progress).amount;
    assert_eq!(
        amount(&pack),
        Money::from_fen(140_000),
        "the later one is not known"
    );
    assert_eq!(amount(PolicyPack::baotou()), Money::from_fen(500_000));
}
