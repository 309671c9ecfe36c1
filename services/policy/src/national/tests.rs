use serde_json::{Value, json};
use time::{Date, macros::date};
use yuhui_kernel::{Calendar, DivisionCode, Money};

use super::*;
use crate::{
    Claim, Decision, Determination, Facts, Outcome, PolicyPack, Programme, Progress, Reason,
    case_file::{CaseFile, facts_of},
    determine,
    letter::{LetterContext, decision_letter},
};

const NATIONAL: &str = include_str!("../../../../tests/data/cases_national.json");

fn with(overrides: &Value) -> Result<NationalPack, crate::PackError> {
    NationalPack::national().with_overrides(overrides.as_object().expect("an object"))
}

/// Claim and facts of a case with one application, before confirmation.
fn of_case(id: &str) -> (Claim, Facts, Progress) {
    let file = CaseFile::parse(NATIONAL).expect("readable");
    let case = { file.cases.iter() }
        .find(|case| case.id == id)
        .expect("a case");
    let application = case.applications.first().expect("a claim");
    let (claim, facts) = facts_of(case, application, "c1");
    let progress = Progress {
        confirmed_on: None,
        paid_on: None,
        paid: false,
        known_on: claim.lodged_on,
    };
    (claim, facts, progress)
}

fn determined((claim, facts, progress): &(Claim, Facts, Progress)) -> Determination {
    let pack = NationalPack::national();
    determine(pack, Calendar::china(), facts, claim, progress)
}

fn rule<'a>(found: &'a Determination, rule: &str) -> &'a crate::Finding {
    let mut findings = found.findings.iter();
    findings
        .find(|finding| finding.rule == rule)
        .expect("a finding")
}

#[test]
fn the_embedded_pack_has_every_parameter() {
    let pack = NationalPack::national();
    assert_eq!(pack.parameters.to_map().len(), Parameters::NAMES.len());
    assert_eq!(pack.legal_basis(), "国卫办人口发〔2025〕24号");
    assert_eq!(pack.parameters.per_year, Money::from_fen(360_000));
    assert_eq!(pack.parameters.start_date, date!(2025 - 01 - 01));
    assert!(!pack.in_force_on(date!(2024 - 12 - 31)));
}

#[test]
fn errors_name_the_parameter() {
    let cases = [
        (
            json!({"amount.per_month_fen": 30_001}),
            "`amount.per_month_fen` cannot hold: twelve months make the amount of a year",
        ),
        (
            json!({"age.limit_years": 0}),
            "`age.limit_years` cannot hold: it is no age of a child",
        ),
        (
            json!({"age.limit_years": 19}),
            "`age.limit_years` cannot hold: it is no age of a child",
        ),
        (
            json!({"filing.earlier_births_first_claim_until": "2024-12-31"}),
            "`filing.earlier_births_first_claim_until` cannot hold: it lies before scheme.start_date",
        ),
        (
            json!({"filing.missed_first_claim": "NOTHING"}),
            "`filing.missed_first_claim` must be FORFEITS_YEAR or FORFEITS_ALL, not `NOTHING`",
        ),
        (
            json!({"p1.amount_fen": 1}),
            "`p1.amount_fen` is no parameter",
        ),
    ];
    for (overrides, message) in cases {
        assert_eq!(with(&overrides).expect_err(message).to_string(), message);
    }
    assert!(with(&json!({"age.limit_years": 18})).is_ok());
    let same_day = json!({"filing.earlier_births_first_claim_until": "2025-01-01"});
    assert!(with(&same_day).is_ok());
}

#[test]
fn months_begin_with_the_scheme_and_with_the_birth() {
    let pack = with(&json!({"scheme.start_date": "2025-07-01"})).expect("a later start");
    assert_eq!(months_due(&pack, date!(2024 - 03 - 10), 2025), 6);
    assert_eq!(months_due(&pack, date!(2022 - 07 - 01), 2025), 1);
    assert_eq!(months_due(&pack, date!(2022 - 06 - 30), 2025), 0);
    let pack = NationalPack::national();
    assert_eq!(months_due(pack, date!(2025 - 11 - 30), 2025), 2);
    assert_eq!(months_due(pack, date!(2025 - 11 - 30), 2024), 0);
    let limit = with(&json!({"age.limit_years": 2})).expect("a lower limit");
    assert_eq!(months_due(&limit, date!(2024 - 06 - 15), 2026), 6);
}

#[test]
fn a_lower_limit_is_fewer_yearly_amounts() {
    let (mut claim, facts, mut progress) = of_case("N-BIR-01");
    claim.lodged_on = date!(2027 - 02 - 01);
    claim.subsidy_year = None;
    progress.known_on = claim.lodged_on;
    let reason = |limit: i32| {
        let pack = with(&json!({"age.limit_years": limit})).expect("a limit");
        determine(&pack, Calendar::china(), &facts, &claim, &progress).reason
    };
    // First claimed in 2027, the year 2026 counts as the first: with two amounts 2027 is the last.
    assert_eq!(reason(2), None);
    assert_eq!(reason(1), Some(Reason::OverAge));
}

#[test]
fn a_programme_of_the_other_law_is_not_taken_up() {
    let (mut claim, facts, progress) = of_case("N-BIR-01");
    let here = determined(&(claim.clone(), facts.clone(), progress));
    assert_eq!(here.decision, Decision::Pay);
    let calendar = Calendar::china();
    let there = determine(PolicyPack::baotou(), calendar, &facts, &claim, &progress);
    assert_eq!(there.decision, Decision::NotAccepted);
    assert_eq!(there.reason, Some(Reason::OtherPolicy));
    for programme in [Programme::P1, Programme::P2, Programme::P3, Programme::P4] {
        claim.programme = programme;
        let found = determined(&(claim.clone(), facts.clone(), progress));
        assert_eq!(found.reason, Some(Reason::OtherPolicy));
        assert_eq!((found.round, found.amount), (None, Money::ZERO));
        assert_eq!(found.findings.len(), 1);
    }
}

#[test]
fn an_unknown_birth_is_for_a_person_to_weigh() {
    let mut case = of_case("N-STA-14");
    case.1.persons.retain(|person| person.id != "c1");
    let found = determined(&case);
    assert_eq!(found.decision, Decision::Refer);
    assert_eq!(found.reason, Some(Reason::BirthUnknown));
    assert!(rule(&found, "R-N-8").note.contains("不明"));

    let mut stillborn = of_case("N-BIR-01");
    for born in stillborn
        .1
        .births
        .iter_mut()
        .flat_map(|it| &mut it.children)
    {
        born.live = false;
    }
    assert_eq!(determined(&stillborn).reason, Some(Reason::BirthUnknown));
}

#[test]
fn an_adoption_after_the_claim_changes_nothing() {
    let mut case = of_case("N-BIR-09");
    for adoption in &mut case.1.adoptions {
        adoption.on = date!(2025 - 10 - 16);
    }
    assert_eq!(determined(&case).decision, Decision::Pay);
    for adoption in &mut case.1.adoptions {
        adoption.on = date!(2025 - 10 - 15);
    }
    assert_eq!(determined(&case).reason, Some(Reason::NoStanding));
}

#[test]
fn the_competent_county_is_named_wherever_it_is() {
    let county = |id| determined(&of_case(id)).competent_county;
    let code = |text: &str| text.parse::<DivisionCode>().ok();
    assert_eq!(county("N-COU-01"), code("150202"));
    assert_eq!(county("N-COU-02"), code("150102"));
    assert_eq!(county("N-COU-07"), None);
}

#[test]
fn a_guardian_is_one_on_the_day_only() {
    let mut case = of_case("N-STA-11");
    for entry in &mut case.1.guardianships {
        entry.to = Some(date!(2025 - 10 - 14));
    }
    assert_eq!(determined(&case).reason, Some(Reason::NoStanding));
}

#[test]
fn custody_is_looked_at_where_parents_are_apart() {
    let looked = |id| {
        let found = determined(&of_case(id));
        let mut of_rule = found.findings.into_iter().filter(|it| it.rule == "R-N-2");
        let (who, care) = (of_rule.next(), of_rule.next());
        assert_eq!(who.map(|it| it.outcome), Some(Outcome::Pass));
        care.map(|it| (it.outcome, it.note.into_owned()))
    };
    let none = Some((Outcome::NotApplicable, "无抚养争议。".to_owned()));
    assert_eq!(looked("N-BIR-01"), none);
    assert_eq!(looked("N-STA-01"), none);
    let raises = Some((Outcome::Pass, "申请人承担抚养责任并实际照料。".to_owned()));
    assert_eq!(looked("N-STA-05"), raises);
    let unclear = Some((Outcome::Refer, "抚养关系不明，转人工裁量。".to_owned()));
    assert_eq!(looked("N-STA-09"), unclear);
}

#[test]
fn a_claim_of_the_same_year_is_no_earlier_year() {
    let mut case = of_case("N-BIR-01");
    case.1.national_payments = vec![crate::facts::NationalPayment {
        child: "c1".to_owned(),
        amount: Money::from_fen(360_000),
        on: date!(2025 - 08 - 01),
        for_year: None,
    }];
    let note = rule(&determined(&case), "R-N-9").note.clone();
    assert_eq!(note, "本次为首次申请，在规定期限内。");
}

#[test]
fn elder_siblings_are_live_births_of_the_same_couple() {
    let pack = with(&json!({"birth.beyond_third_child": "REJECT"})).expect("known");
    let reason = |change: &dyn Fn(&mut crate::facts::Delivery)| {
        let (claim, mut facts, progress) = of_case("N-BIR-03");
        change(facts.births.first_mut().expect("an elder child"));
        determine(&pack, Calendar::china(), &facts, &claim, &progress).reason
    };
    assert_eq!(reason(&|_| ()), Some(Reason::BeyondThirdChild));
    assert_eq!(reason(&|elder| elder.father = None), None);
    assert_eq!(reason(&|elder| elder.mother = "another".to_owned()), None);
    let stillborn = reason(&|elder| {
        for born in &mut elder.children {
            born.live = false;
        }
    });
    assert_eq!(stillborn, None);
    let younger = reason(&|elder| {
        for born in &mut elder.children {
            born.born_on = date!(2025 - 10 - 01);
        }
    });
    assert_eq!(younger, None);
}

#[test]
fn a_death_before_the_start_is_before_the_scheme() {
    let pack = with(&json!({"scheme.start_date": "2025-05-01"})).expect("a later start");
    let reason = |died_on: Date| {
        let (claim, mut facts, progress) = of_case("N-DTH-01");
        for child in facts.persons.iter_mut().filter(|it| it.id == "c1") {
            child.died_on = Some(died_on);
        }
        determine(&pack, Calendar::china(), &facts, &claim, &progress).reason
    };
    assert_eq!(reason(date!(2025 - 05 - 01)), None);
    assert_eq!(reason(date!(2025 - 04 - 30)), Some(Reason::ChildDied));
}

#[test]
fn later_facts_are_not_known() {
    let mut case = of_case("N-BIR-01");
    let today = case.2.known_on;
    let payment = |on: Date| crate::facts::NationalPayment {
        child: "c1".to_owned(),
        amount: Money::from_fen(360_000),
        on,
        for_year: Some(2025),
    };
    case.1.national_payments = vec![payment(date!(2025 - 10 - 16))];
    assert_eq!(determined(&case).decision, Decision::Pay);
    case.1.national_payments = vec![payment(today)];
    assert_eq!(determined(&case).reason, Some(Reason::PaidElsewhere));
    case.2.confirmed_on = Some(today);
    assert_eq!(determined(&case).reason, Some(Reason::PaidElsewhere));
    case.1.national_payments = vec![crate::facts::NationalPayment {
        child: "e1".to_owned(),
        ..payment(today)
    }];
    assert_eq!(determined(&case).decision, Decision::Pay);
}

#[test]
fn fraud_is_known_from_its_day() {
    let on = |confirmed: Option<Date>, paid: Option<Date>, known_on: Date| {
        let mut case = of_case("N-FRD-01");
        let found = date!(2025 - 11 - 01);
        assert_eq!(
            case.1.frauds.iter().map(|it| it.found_on).max(),
            Some(found)
        );
        case.2 = Progress {
            confirmed_on: confirmed,
            paid_on: paid,
            paid: paid.is_some(),
            known_on,
        };
        let found = determined(&case);
        (found.decision, found.clawback.fen())
    };
    let (before, day, after) = (
        date!(2025 - 10 - 31),
        date!(2025 - 11 - 01),
        date!(2025 - 11 - 02),
    );
    assert_eq!(on(None, None, before), (Decision::Pay, 0));
    assert_eq!(on(None, None, day), (Decision::Reject, 0));
    assert_eq!(on(Some(day), None, after), (Decision::Reject, 0));
    assert_eq!(on(Some(before), None, day), (Decision::Terminate, 0));
    assert_eq!(on(Some(before), None, before), (Decision::Pay, 0));
    assert_eq!(on(Some(before), Some(day), after), (Decision::Terminate, 0));
    let paid_before = on(Some(before), Some(before), day);
    assert_eq!(paid_before, (Decision::Clawback, 360_000));
    assert_eq!(on(Some(before), Some(before), before), (Decision::Pay, 0));
}

#[test]
fn the_letter_names_its_law() {
    let (claim, facts, progress) = of_case("N-MON-03");
    let found = determined(&(claim.clone(), facts, progress));
    let context = LetterContext {
        claimant_name: "张三",
        county_name: "昆都仑区",
        receipt_number: "150203-2025-N1-000001",
        date: date!(2025 - 11 - 20),
    };
    let letter = decision_letter(&found, &claim, &context);
    for words in [
        "《育儿补贴制度管理规范（试行）》（国卫办人口发〔2025〕24号）",
        "提出2025年度国家育儿补贴申请",
        "补贴金额：300.00元",
        "实施方案 二(二)：“育儿补贴按年发放",
        "列入2025年度",
    ] {
        assert!(letter.contains(words), "{words}\n{letter}");
    }
    assert!(!letter.contains("126号"), "{letter}");
}

/// R-N-7: without a birth record somebody must be the child's guardian on the day of lodging.
#[test]
fn a_foundling_has_a_guardian_on_the_day_it_is_claimed_for() {
    let known = |change: &dyn Fn(&mut crate::facts::Guardianship)| {
        let mut case = of_case("N-STA-14");
        case.1.guardianships.iter_mut().for_each(change);
        let found = determined(&case);
        rule(&found, "R-N-7").reason.is_none()
    };
    assert!(known(&|_| {}));
    assert!(
        known(&|it| it.to = Some(date!(2025 - 10 - 15))),
        "the last day"
    );
    assert!(!known(&|it| it.to = Some(date!(2025 - 10 - 14))), "over");
    assert!(!known(&|it| it.from = date!(2025 - 10 - 16)), "not yet");
    assert!(!known(&|it| it.child = "c9".into()), "another's");
}

/// R-N-13: what is found after the check and before the credit still stops the money.
#[test]
fn fraud_stops_the_money_until_it_is_credited() {
    let (claim, mut facts, mut progress) = of_case("N-STA-14");
    facts.frauds.push(crate::facts::FraudFinding {
        claimant: claim.claimant.clone(),
        claim: claim.id.clone(),
        found_on: date!(2026 - 01 - 05),
    });
    progress.confirmed_on = Some(date!(2025 - 12 - 01));
    progress.paid_on = Some(date!(2025 - 12 - 31));
    progress.known_on = date!(2026 - 01 - 06);
    let case = (claim, facts, progress);
    assert_eq!(determined(&case).decision, Decision::Terminate);
    let (claim, facts, mut progress) = case;
    progress.paid = true;
    assert_eq!(
        determined(&(claim, facts, progress)).decision,
        Decision::Clawback
    );
}

#[test]
fn the_round_of_a_claim_is_its_year_whatever_is_decided() {
    use crate::Law as _;
    let (claim, ..) = of_case("N-STA-14");
    let pack = NationalPack::national();
    assert_eq!(Parameters::round(pack, Calendar::china(), &claim), 2025);
}

#[test]
fn a_file_keeps_to_its_law() {
    let refused = |from: &str, to: &str| {
        assert!(NATIONAL.contains(from), "{from}");
        let text = NATIONAL.replacen(from, to, 1);
        CaseFile::parse(&text).expect_err(to).to_string()
    };
    let message = refused("\"programme\": \"N1\"", "\"programme\": \"P1\"");
    assert!(message.contains("国卫办人口发〔2025〕24号 grants no such programme"));
    let message = refused("\"管理规范 第五条\"", "\"三(一)1(1)\"");
    assert!(message.contains("三(一)1(1) is no clause of 国卫办人口发〔2025〕24号"));
    let message = refused("\"kind\": \"family\"", "\"kind\": \"institution\"");
    assert!(message.contains("no institutions"));
    let message = refused(
        "\"applications\": [",
        "\"expected_totals\": [{\"round\": 2025, \"county\": \"150203\", \"total_fen\": 0, \
         \"city_share_fen\": 0, \"county_share_fen\": 0}], \"applications\": [",
    );
    assert!(message.contains("do not share"));
    let message = refused("国卫办人口发〔2025〕24号", "国卫办人口发〔2025〕25号");
    assert_eq!(
        message,
        "key `policy` is `国卫办人口发〔2025〕25号`, not `包府办发〔2024〕126号` or `国卫办人口发〔2025〕24号`"
    );
    let message = refused("\"on\": \"2025-08-28\"", "\"on\": \"2024-08-28\"");
    assert!(message.contains("national_payments.on"), "{message}");
    let message = refused(
        "[{\"child\": \"c1\", \"amount_fen\": 360000, \"on\"",
        "[{\"child\": \"nobody\", \"amount_fen\": 0, \"on\"",
    );
    assert!(message.contains("national_payments.child"), "{message}");
    assert!(
        message.contains("national_payments.amount_fen"),
        "{message}"
    );
    let message = refused(", \"subsidy_year\": 2025", "");
    assert!(message.contains("name a subsidy year"), "{message}");
}
