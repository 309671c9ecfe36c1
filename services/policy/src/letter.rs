//! The decision letter (决定书): decision, reasons, clauses, evidence, remedies (R-PRC-2, C.8).

mod capitals;
mod evidence;
mod words;

#[cfg(test)]
mod tests;

use time::Date;
use yuhui_kernel::{DivisionCode, Money, dates, divisions};

pub use capitals::chinese_capitals;

use crate::{Claim, Decision, Determination, Outcome, Policy, Programme, Reason};

/// What the letter says beside claim and determination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LetterContext<'a> {
    /// Name of the claimant.
    pub claimant_name: &'a str,
    /// Name of the county that decides.
    pub county_name: &'a str,
    /// Number of the receipt.
    pub receipt_number: &'a str,
    /// Day of the letter.
    pub date: Date,
}

/// Title and number of the law, as a letter names it.
const fn title(policy: Policy) -> &'static str {
    match policy {
        Policy::Baotou126 => {
            "《包头市育儿补贴及托育机构运营奖励补贴政策实施方案（试行）》（包府办发〔2024〕126号）"
        }
        Policy::NationalChildcare => "《育儿补贴制度管理规范（试行）》（国卫办人口发〔2025〕24号）",
    }
}

/// Days within which a recovered amount is to be paid back (C.2, F29).
const REPAYMENT_DAYS: u8 = 15;

/// 稀土高新区: its management committee is no people's government.
const HIGH_TECH_ZONE: &str = "150271";

/// Writes the letter in Chinese, one paragraph per line.
#[must_use]
pub fn decision_letter(
    determination: &Determination,
    claim: &Claim,
    context: &LetterContext<'_>,
) -> String {
    let mut lines = heading(determination, claim, context);
    lines.push("一、决定".to_owned());
    lines.extend(decision(determination, claim, context));
    let mut number = Numbers::after_first();
    let reasons = reasons(determination);
    if !reasons.is_empty() {
        lines.push(format!("{}、理由", number.next()));
        lines.extend(numbered(reasons));
    }
    lines.push(format!("{}、依据", number.next()));
    lines.extend(numbered(determination.cites.iter().map(|clause| {
        format!("{clause}：{}", words::of(*clause, claim.programme))
    })));
    let facts = evidence::lines(determination, context);
    if !facts.is_empty() {
        lines.push(format!("{}、认定的事实及来源", number.next()));
        lines.extend(numbered(facts));
    }
    lines.push(format!("{}、救济途径", number.next()));
    lines.extend(numbered(remedies(claim.county, context)));
    lines.push(String::new());
    lines.push(format!("{}卫生健康委员会", context.county_name));
    lines.push(dates::format_chinese(context.date));
    lines.push(String::new());
    lines.join("\n")
}

fn heading(
    determination: &Determination,
    claim: &Claim,
    context: &LetterContext<'_>,
) -> Vec<String> {
    let waits = determination.decision == Decision::Wait;
    let letter = if waits {
        "补贴申请等待核实告知书"
    } else {
        "补贴资格确认决定书"
    };
    let year = claim
        .subsidy_year
        .map_or_else(String::new, |year| format!("{year}年度"));
    vec![
        format!("{}卫生健康委员会", context.county_name),
        letter.to_owned(),
        format!("受理编号：{}", context.receipt_number),
        String::new(),
        format!("{}：", context.claimant_name),
        format!(
            "你（单位）于{}提出{year}{}申请。经审核，根据{}，现决定如下：",
            dates::format_chinese(claim.lodged_on),
            claim.programme.chinese(),
            title(claim.programme.policy()),
        ),
    ]
}

fn decision(
    determination: &Determination,
    claim: &Claim,
    context: &LetterContext<'_>,
) -> Vec<String> {
    let mut lines = vec![format!("{}。", determination.decision.chinese())];
    match determination.decision {
        Decision::Pay => {
            lines.push(format!("补贴金额：{}。", in_both(determination.amount)));
            let payees = determination.payees.iter().map(|due| {
                let own = due.payee == claim.claimant;
                let name = if own {
                    context.claimant_name
                } else {
                    &due.payee
                };
                format!("发放对象：{name}，{}。", in_both(due.amount))
            });
            lines.extend(payees);
            if let Some(class) = determination.class {
                lines.push(format!("类别：{}。", class.chinese()));
            }
            if let Some(headcount) = determination.headcount {
                lines.push(format!("核定入托人数：{headcount}人。"));
            }
            if let Some(round) = determination.round {
                lines.push(match claim.programme.policy() {
                    Policy::Baotou126 => {
                        format!("列入{round}年发放批次，于当年10月31日前划拨。")
                    }
                    Policy::NationalChildcare => {
                        format!("列入{round}年度，于审核确认所在季度的发放批次划拨。")
                    }
                });
            }
        }
        Decision::Clawback => lines.push(format!(
            "追回已领取的补贴{}，请自收到本决定书之日起{REPAYMENT_DAYS}日内退回。",
            in_both(determination.clawback)
        )),
        Decision::NotAccepted => {
            if let Some(county) = determination.competent_county {
                lines.push(competent(county, claim.programme));
            }
        }
        Decision::Wait => lines.push(
            "本决定待下列信息核实后作出，核实期间申报日期保留，不因登记部门未答复而不予确认。"
                .to_owned(),
        ),
        Decision::Reject | Decision::Terminate | Decision::Refer => {}
    }
    lines
}

fn competent(county: DivisionCode, programme: Programme) -> String {
    let name = divisions::name_of(county).map_or_else(|| county.to_string(), str::to_owned);
    let door = match programme {
        Programme::P1 | Programme::P2 => "孩子户籍地所在嘎查村（居）民委员会",
        Programme::P3 | Programme::P4 => "机构备案地卫生健康部门",
        Programme::N1 => "孩子户籍地乡镇政府（街道办事处）",
    };
    format!("有权受理的旗县区：{name}。请向该旗县区{door}提出申请。")
}

/// All failing steps, the primary reason first (B.2).
fn reasons(determination: &Determination) -> Vec<String> {
    let failing = determination.findings.iter().filter(|finding| {
        matches!(
            finding.outcome,
            Outcome::Fail | Outcome::Refer | Outcome::Unknown
        ) && finding.reason.is_some()
    });
    let (primary, others): (Vec<_>, Vec<_>) =
        failing.partition(|finding| finding.reason == determination.reason);
    let mut lines: Vec<String> = primary
        .into_iter()
        .chain(others)
        .map(|finding| {
            let reason = finding.reason.map_or("", Reason::chinese);
            let clause = finding.clause;
            format!("{reason}（依据：{clause}）。{}", finding.note)
        })
        .collect();
    if lines.is_empty() {
        lines.extend(
            determination
                .reason
                .map(|reason| format!("{}。", reason.chinese())),
        );
    }
    lines
}

/// C.8: every letter names the remedies and their terms.
fn remedies(county: DivisionCode, context: &LetterContext<'_>) -> Vec<String> {
    let name = context.county_name;
    let review = format!(
        "复核：自本决定书送达之日起15个工作日内，可向{name}卫生健康委员会申请复核，\
         由原审核人员以外的人员办理，20个工作日内作出复核决定。"
    );
    std::iter::once(review)
        .chain(statutory_remedies(county, name))
        .collect()
}

/// The remedies beside a review by the county itself (C.8).
#[must_use]
pub fn statutory_remedies(county: DivisionCode, county_name: &str) -> [String; 3] {
    let government = government(county, county_name);
    [
        format!("行政复议：自知道本决定之日起60日内，可向{government}申请行政复议。"),
        "行政诉讼：自知道本决定之日起6个月内，可依法向人民法院提起行政诉讼。".to_owned(),
        "信访、12345政务服务便民热线：可随时反映。".to_owned(),
    ]
}

/// The government that decides an administrative reconsideration (C.8).
#[must_use]
pub fn government(county: DivisionCode, county_name: &str) -> String {
    if county.to_string() == HIGH_TECH_ZONE {
        "包头市人民政府".to_owned()
    } else {
        format!("{county_name}人民政府")
    }
}

/// Figures and Chinese capitals.
fn in_both(amount: Money) -> String {
    format!("{amount}元（大写：{}）", chinese_capitals(amount))
}

fn numbered(lines: impl IntoIterator<Item = String>) -> Vec<String> {
    let lines = lines.into_iter().enumerate();
    lines
        .map(|(index, line)| format!("{}．{line}", index + 1))
        .collect()
}

/// Chinese numerals of the sections after the first.
struct Numbers(std::slice::Iter<'static, &'static str>);

impl Numbers {
    fn after_first() -> Self {
        Self(["二", "三", "四", "五"].iter())
    }

    fn next(&mut self) -> &'static str {
        self.0.next().copied().unwrap_or_default()
    }
}
