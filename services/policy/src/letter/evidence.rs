//! The facts a decision rests on, with who answered and when.

use std::collections::BTreeSet;

use yuhui_kernel::{DivisionCode, Money, dates, divisions};

use super::LetterContext;
use crate::{Decision, Determination, FactUsed, Outcome};

/// One line per fact, each once, in the order of the rules. A letter that refuses, stops or
/// recovers shows the facts of the steps that fail; one that pays shows all.
pub(super) fn lines(determination: &Determination, context: &LetterContext<'_>) -> Vec<String> {
    let failing = determination.decision != Decision::Pay;
    let findings = determination
        .findings
        .iter()
        .filter(|finding| !failing || matches!(finding.outcome, Outcome::Fail | Outcome::Refer));
    let mut seen = BTreeSet::new();
    findings
        .flat_map(|finding| &finding.facts)
        .filter_map(|fact| line(fact, context))
        .filter(|line| seen.insert(line.clone()))
        .collect()
}

fn line(fact: &FactUsed, context: &LetterContext<'_>) -> Option<String> {
    let label = label(&fact.name)?;
    let value = match &*fact.name {
        "claim.claimant" => context.claimant_name.to_owned(),
        "claims.earlier" if fact.value != "-" => "有".to_owned(),
        name if name.ends_with("_fen") => yuan(&fact.value),
        _ => fact
            .value
            .split(", ")
            .map(word)
            .collect::<Vec<_>>()
            .join("、"),
    };
    let date = fact
        .answered_on
        .map_or_else(String::new, |on| format!("，{}", dates::format_chinese(on)));
    Some(format!(
        "{label}：{value}（来源：{}{date}）",
        source(&fact.source)
    ))
}

/// What a fact is called. Facts whose value is only a reference to somebody have no name in a
/// letter: a reference says nothing to the reader.
fn label(name: &str) -> Option<&'static str> {
    Some(match name {
        "amount.rate_fen" => "补贴标准",
        "awards.paid_fen" => "已发放奖励补贴",
        "check.day" => "核查日",
        "child.adopted_on" => "收养登记日期",
        "child.born_on" => "孩子出生日期",
        "child.care" => "抚养照料情况",
        "child.delivery_begins" => "本胎第一个孩子的共同生育次序",
        "child.hukou" => "孩子户籍地",
        "child.last_day_under_three" => "不满3周岁截止日",
        "child.months" => "年内入托整月数",
        "child.ordinal" => "夫妻共同生育次序",
        "claim.applied_on" => "首次提出申请日期",
        "claim.claimant" => "申请人",
        "claim.county" => "受理地",
        "claim.last_day" => "申报截止日",
        "claim.lodged_on" => "申报日期",
        "claim.subsidy_year" => "补贴年度",
        "claims.earlier" => "在先有效申请",
        "couple.adoptions" => "夫妻有无收养登记",
        "delivery.birth_service_registered_on" => "生育服务登记日期",
        "fraud.found_on" => "骗取补贴认定日期",
        "honour.granted_on" => "荣誉授予日期",
        "institution.certified_headcount" => "教育部门证明人数",
        "institution.county" => "机构备案地",
        "institution.education_approved_on" => "教育部门批准办托日期",
        "institution.filed_on" => "备案日期",
        "institution.headcount" => "符合条件的入托人数",
        "institution.honours" => "示范荣誉项数",
        "institution.inclusive_recognised_on" => "普惠认定日期",
        "institution.registered_on" => "注册登记日期",
        "institution.service_start" => "服务起算日",
        "institution.suspended" => "申报日是否停托",
        "institution.suspended_days" => "停托天数",
        "parents.hukou" => "父母户籍地",
        "parents.married_on" => "父母结婚登记日期",
        _ => return None,
    })
}

/// A value in Chinese: nothing, yes, no, a date, a county; anything else as it stands.
fn word(value: &str) -> String {
    match value {
        "-" => "无".to_owned(),
        "true" => "是".to_owned(),
        "false" => "否".to_owned(),
        _ => {
            let date = dates::parse(value).map(dates::format_chinese);
            let county = || {
                value
                    .parse::<DivisionCode>()
                    .ok()
                    .and_then(divisions::name_of)
            };
            date.ok()
                .or_else(|| county().map(str::to_owned))
                .unwrap_or_else(|| value.to_owned())
        }
    }
}

fn yuan(fen: &str) -> String {
    fen.parse()
        .map_or_else(|_| word(fen), |fen| format!("{}元", Money::from_fen(fen)))
}

fn source(register: &str) -> &str {
    match register {
        "PUBLIC_SECURITY" => "公安户籍登记",
        "CIVIL_AFFAIRS" => "民政婚姻、收养登记",
        "MATERNITY" => "妇幼出生与生育服务登记",
        "INSTITUTION_REGISTRY" => "托育机构备案与入托登记",
        "CLAIM_INDEX" => "全市申报索引",
        "CLAIM" => "申请与办理记录",
        other => other,
    }
}
