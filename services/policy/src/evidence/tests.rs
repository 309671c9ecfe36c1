//! Decisions taken again.

use time::macros::date;
use yuhui_kernel::{Calendar, Money};

use super::{
    Evidence, Mismatch, fact_sheet_digest,
    file::{Broken, Record, Replayer, Taken},
    replay,
};
use crate::{
    Law, NationalPack, Pack, PolicyPack,
    case_file::{
        CaseFile, Kind, Played, play,
        tests::{played, shared},
    },
    determine,
    facts::{Answer, Model},
};

fn evidence() -> Evidence {
    let played = played("S-P1-001").into_iter().next();
    of(played.expect("one claim"))
}

fn of(played: Played) -> Evidence {
    Evidence::of(
        played.facts,
        played.claim,
        played.progress,
        Calendar::china(),
        played.determination,
    )
}

fn again(evidence: &Evidence) -> Result<(), Mismatch> {
    replay(evidence, PolicyPack::baotou(), Calendar::china())
}

#[test]
fn a_decision_is_the_same_on_another_machine() {
    let sent = evidence();
    let received = Evidence::from_json(&sent.to_json()).expect("what was written is readable");
    assert_eq!(received, sent);
    assert_eq!(received.hash(), sent.hash());
    assert_eq!(again(&received), Ok(()));
}

#[test]
fn evidence_from_before_facts_had_three_states_keeps_its_bytes() {
    let evidence = evidence();
    let text = evidence.to_json();
    for key in ["\"gaps\"", "\"model\"", "\"state\""] {
        assert!(!text.contains(key), "{key} in what was known throughout");
    }
    let read = Evidence::from_json(&text).expect("readable");
    assert_eq!(read.to_json(), text);
    let mut read_anew = read.clone();
    read_anew.facts.model = Model::Two;
    assert!(read_anew.to_json().contains("\"model\": 2"));
    assert_ne!(read_anew.hash(), read.hash());
    let unknown = text.replacen("\"answers\"", "\"model\": 3, \"answers\"", 1);
    assert!(Evidence::from_json(&unknown).is_err());
}

#[test]
fn the_order_of_answers_never_matters() {
    let one = evidence();
    let mut other = one.clone();
    other.facts.persons.reverse();
    other.facts.hukou.reverse();
    other.facts.births.reverse();
    other.facts.answers.reverse();
    for marriage in &mut other.facts.marriages {
        marriage.spouses.reverse();
    }
    assert_ne!(one.facts, other.facts);
    assert_eq!(one.hash(), other.hash());
    assert_eq!(
        fact_sheet_digest(&one.facts),
        fact_sheet_digest(&other.facts)
    );
}

#[test]
fn only_facts_change_the_digest_of_the_sheet() {
    let one = evidence();
    let mut asked_again = one.clone();
    asked_again.facts.answers.push(Answer {
        register: "PUBLIC_SECURITY".to_owned(),
        answered_on: date!(2025 - 07 - 30),
        reference: "second".to_owned(),
    });
    assert_eq!(
        fact_sheet_digest(&one.facts),
        fact_sheet_digest(&asked_again.facts)
    );
    assert_ne!(one.hash(), asked_again.hash());
    let mut moved = one.clone();
    moved.facts.hukou.pop();
    assert_ne!(
        fact_sheet_digest(&one.facts),
        fact_sheet_digest(&moved.facts)
    );
}

#[test]
fn a_tampered_record_is_named() {
    let mut tampered = evidence();
    tampered.determination.amount = Money::from_fen(1);
    let Err(Mismatch::Determination {
        field,
        recorded,
        replayed,
        byte,
    }) = again(&tampered)
    else {
        panic!("the amount was changed");
    };
    assert_eq!((field.as_str(), recorded.as_str()), ("amount", "1"));
    assert_ne!(recorded, replayed);
    assert!(byte > 0);
}

#[test]
fn a_record_is_replayed_with_its_own_parameters_only() {
    let mut other = evidence();
    other.pack_version = "another".to_owned();
    assert!(matches!(again(&other), Err(Mismatch::PackVersion { .. })));
}

#[test]
fn unreadable_evidence_names_the_place() {
    let text = evidence().to_json().replace("1992-03-08", "1992-03-88");
    let error = Evidence::from_json(&text).expect_err("no such day");
    assert_eq!(error.key, "facts.persons[0].born_on");
    assert!(error.line > 1);
}

#[test]
fn every_shared_case_is_replayed_whatever_the_order_of_its_facts() {
    for case in &shared().cases {
        let pack = PolicyPack::baotou().with_overrides(&case.params);
        let pack = pack.expect("parameters of the pack");
        for played in play(case, &pack, Calendar::china()) {
            let mut evidence = of(played);
            evidence.facts.persons.reverse();
            evidence.facts.hukou.reverse();
            evidence.facts.marriages.reverse();
            evidence.facts.births.reverse();
            evidence.facts.enrolments.reverse();
            evidence.facts.other_claims.reverse();
            let again = replay(&evidence, &pack, Calendar::china());
            assert_eq!(again, Ok(()), "{}", case.id);
        }
    }
}

fn taken(evidence: Evidence) -> Taken {
    Taken {
        case: "counties/150203/cases/1".to_owned(),
        sequence: 3,
        hash: evidence.hash(),
        evidence,
    }
}

/// The file of a decision, as another machine reads it.
fn file(taken: Taken) -> [String; 2] {
    let pack = PolicyPack::baotou().to_toml();
    [
        Record::Pack { toml: pack },
        Record::Decision(Box::new(taken)),
    ]
    .map(|it| it.to_line())
}

fn replayed(lines: &[String]) -> Result<(), Broken> {
    let mut replayer = Replayer::default();
    let found = lines
        .iter()
        .filter_map(|line| replayer.take(line).expect("a readable line"));
    let mut results = found.map(|it| it.result);
    results.next().expect("a decision")
}

#[test]
fn a_file_replays_with_the_law_it_carries() {
    let [pack, decision] = file(taken(evidence()));
    assert_eq!(replayed(&[pack, decision.clone()]), Ok(()));
    assert_eq!(
        replayed(&[decision]),
        Err(Broken::UnknownPack("baotou-2024-126/1".to_owned()))
    );
    assert!(Replayer::default().take("{}").is_err());
}

#[test]
fn what_was_changed_since_is_found() {
    let mut facts = taken(evidence());
    facts.evidence.facts.answers.push(Answer {
        register: "MATERNITY".to_owned(),
        answered_on: date!(2025 - 01 - 01),
        reference: String::new(),
    });
    assert!(replayed(&file(facts)).is_err());

    let mut claim = taken(evidence());
    claim.evidence.claim.id.push('x');
    assert!(matches!(replayed(&file(claim)), Err(Broken::Hash { .. })));

    let mut amount = taken(evidence());
    amount.evidence.determination.amount = Money::from_fen(1);
    assert!(matches!(
        replayed(&file(amount)),
        Err(Broken::Decision(Mismatch::Determination { field, .. })) if field == "amount"
    ));
}

/// The working days of a later notice: the first window closes on a day off, and rolls.
fn later_notice() -> Calendar {
    let csv = Calendar::china().to_csv() + "2025-03-31,,off,\n2025-04-01,,off,\n";
    Calendar::from_csv(&csv).expect("a table")
}

/// A claim lodged on the last day of the first window of the table, decided by it.
fn decided_by(calendar: &Calendar) -> Evidence {
    let played = played("S-P1-001").into_iter().next().expect("one claim");
    let mut claim = played.claim;
    claim.lodged_on = date!(2025 - 04 - 01);
    let mut progress = played.progress;
    progress.confirmed_on = None;
    progress.paid_on = None;
    progress.paid = false;
    let pack = PolicyPack::baotou();
    let found = determine(pack, calendar, &played.facts, &claim, &progress);
    Evidence::of(played.facts, claim, progress, calendar, found)
}

#[test]
fn a_later_notice_moves_no_stored_day() {
    let (then, now) = (decided_by(Calendar::china()), decided_by(&later_notice()));
    let rounds = [&then, &now].map(|it| it.determination.round);
    assert_eq!(rounds, [Some(2026), Some(2025)], "the notice matters");

    let pack = PolicyPack::baotou();
    assert_eq!(replay(&then, pack, Calendar::china()), Ok(()));
    assert!(matches!(
        replay(&then, pack, &later_notice()),
        Err(Mismatch::Calendar { .. })
    ));
    assert_eq!(replay(&now, pack, &later_notice()), Ok(()));

    let [pack, decision] = file(taken(now));
    let calendar = Record::Calendar {
        csv: later_notice().to_csv(),
    };
    let digest = later_notice().digest().to_owned();
    assert_eq!(
        replayed(&[pack.clone(), decision.clone()]),
        Err(Broken::UnknownCalendar(digest))
    );
    assert_eq!(replayed(&[pack, calendar.to_line(), decision]), Ok(()));
}

#[test]
fn the_table_of_a_decision_cannot_be_exchanged() {
    let mut exchanged = taken(evidence());
    exchanged.evidence.calendar = None;
    assert!(matches!(
        replayed(&file(exchanged)),
        Err(Broken::Hash { .. })
    ));
}

#[test]
fn older_evidence_rests_on_the_earliest_table_and_keeps_its_hash() {
    let mut older = evidence();
    older.calendar = None;
    assert!(!older.to_json().contains("calendar"));
    assert_eq!(replayed(&file(taken(older))), Ok(()));
}

/// The lines of a file of every claim of a set.
fn lines<L: Law>(text: &str, pack: &Pack<L>) -> Vec<String> {
    let cases = CaseFile::parse(text).expect("readable").cases;
    let mut lines = Vec::new();
    for case in cases.iter().filter(|case| case.kind == Kind::Family) {
        let pack = pack.with_overrides(&case.params).expect("known parameters");
        let toml = pack.to_toml();
        lines.push(Record::Pack { toml }.to_line());
        let decisions = play(case, &pack, Calendar::china()).into_iter();
        let decisions = decisions.map(|it| Record::Decision(Box::new(taken(of(it)))));
        lines.extend(decisions.map(|it| it.to_line()));
    }
    lines
}

#[test]
fn a_file_of_the_national_law_replays_too() {
    let national = include_str!("../../../../tests/data/cases_national.json");
    let mut replayer = Replayer::default();
    let mut replayed = 0;
    for line in lines(national, NationalPack::national()) {
        if let Some(found) = replayer.take(&line).expect("a readable line") {
            assert_eq!(found.result, Ok(()), "{}", found.taken.evidence.claim.id);
            replayed += 1;
        }
    }
    assert!(replayed > 100, "{replayed} decisions");
}
