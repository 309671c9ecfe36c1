//! The facts a decision rests on, with who answered and when.

use std::collections::BTreeSet;

use yuhui_kernel::dates;

use crate::{Determination, FactUsed};

/// One line per fact, each once, in the order of the rules.
pub(super) fn lines(determination: &Determination) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let facts = determination
        .findings
        .iter()
        .flat_map(|finding| &finding.facts);
    facts
        .map(line)
        .filter(|line| seen.insert(line.clone()))
        .collect()
}

fn line(fact: &FactUsed) -> String {
    let date = fact
        .answered_on
        .map_or_else(String::new, |on| format!("，{}", dates::format_chinese(on)));
    let source = source(&fact.source);
    format!("{}：{}（来源：{source}{date}）", fact.name, fact.value)
}

fn source(register: &str) -> &str {
    match register {
        "PUBLIC_SECURITY" => "公安户籍登记",
        "CIVIL_AFFAIRS" => "民政婚姻、收养登记",
        "MATERNITY" => "妇幼出生与生育服务登记",
        "INSTITUTION_REGISTRY" => "托育机构备案与入托登记",
        "CLAIM_INDEX" => "全市申报索引",
        "CLAIM" => "申请",
        other => other,
    }
}
