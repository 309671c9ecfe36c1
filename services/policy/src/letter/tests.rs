//! Letters of the shared cases.

use time::macros::date;

use yuhui_kernel::Calendar;

use super::{LetterContext, decision_letter};
use crate::{
    PolicyPack,
    case_file::{
        Kind, play,
        tests::{played, shared},
    },
};

const fn context() -> LetterContext<'static> {
    LetterContext {
        claimant_name: "测试甲",
        county_name: "昆都仑区",
        receipt_number: "150203-2025-000001",
        date: date!(2025 - 07 - 31),
    }
}

fn letter(case: &str, claim: usize) -> String {
    let played = played(case)
        .into_iter()
        .nth(claim)
        .expect("a claim of the case");
    decision_letter(&played.determination, &played.claim, &context())
}

#[track_caller]
fn says(letter: &str, words: &[&str]) {
    for word in words {
        assert!(letter.contains(word), "`{word}` is missing in\n{letter}");
    }
}

#[test]
fn every_letter_states_the_remedies() {
    for case in ["S-P1-001", "S-P1-005", "S-P1-041", "S-P1-047", "S-P3-004"] {
        says(
            &letter(case, 0),
            &[
                "复核",
                "15个工作日",
                "行政复议",
                "60日",
                "行政诉讼",
                "6个月",
                "12345",
            ],
        );
    }
}

#[test]
fn a_payment_is_written_in_figures_and_capitals() {
    let text = letter("S-P1-001", 0);
    says(
        &text,
        &[
            "同意发放",
            "5,000.00元（大写：人民币伍仟元整）",
            "发放对象：测试甲",
            "二孩",
        ],
    );
    says(
        &text,
        &["列入2025年发放批次", "一(一)1：“对符合政策生育二孩、三孩"],
    );
}

#[test]
fn a_refusal_names_reason_clause_and_evidence() {
    let text = letter("S-P1-005", 0);
    says(
        &text,
        &[
            "不予确认",
            "孩子户口不是包头市户籍",
            "依据：三(一)1(1)",
            "公安户籍登记",
        ],
    );
    assert!(!text.contains("大写"), "{text}");
}

#[test]
fn the_competent_county_is_named() {
    let text = letter("S-P1-012", 0);
    says(
        &text,
        &[
            "不予受理",
            "有权受理的旗县区：昆都仑区",
            "嘎查村（居）民委员会",
        ],
    );
}

#[test]
fn a_recovery_names_amount_and_term() {
    let text = letter("S-P1-067", 0);
    says(
        &text,
        &["追回", "人民币伍仟元整", "15日内退回", "依据：五(三)3"],
    );
}

#[test]
fn letters_are_chinese_and_name_no_reference() {
    for case in &shared().cases {
        if !matches!(case.kind, Kind::Family | Kind::Institution) {
            continue;
        }
        for claim in play(case, PolicyPack::baotou(), Calendar::china()) {
            let text = decision_letter(&claim.determination, &claim.claim, &context());
            let foreign = text
                .lines()
                .find(|line| line.contains(|c: char| c.is_ascii_lowercase()));
            assert_eq!(foreign, None, "{}", case.id);
        }
    }
}
