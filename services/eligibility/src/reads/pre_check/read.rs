//! Single fields of a pre-check: labels, divisions. Nothing of what was written is repeated
//! in a refusal: it might be somebody's number.

use yuhui_kernel::{DivisionCode, DivisionLevel, Tenant, city, divisions};
use yuhui_platform::form::Form;

/// Longest label, in characters.
const LONGEST_LABEL: usize = 32;
/// A label with so many digits is some register's number.
const DIGITS_OF_A_NUMBER: usize = 6;

/// What a person, child or nursery is called: never a name, never a number.
pub(super) fn label(form: &mut Form, field: &str, text: &str) -> Option<String> {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if digits >= DIGITS_OF_A_NUMBER {
        form.refuse(
            field,
            "不得填写证件号码，请使用代号（如mother、c1）",
            "looks like an identity number; use a label such as mother or c1",
        );
        return None;
    }
    let plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_');
    if text.is_empty() || text.chars().count() > LONGEST_LABEL || !text.chars().all(plain) {
        form.refuse(
            field,
            format!("须为代号（如mother、c1）：1至{LONGEST_LABEL}个字母、数字、-、_，不得填写姓名"),
            format!(
                "must be a label such as mother or c1: 1 to {LONGEST_LABEL} events, digits, - or _, no name"
            ),
        );
        return None;
    }
    Some(text.to_owned())
}

/// A label that may be missing.
pub(super) fn label_or_none(form: &mut Form, field: &str, text: &str) -> Option<Option<String>> {
    if text.is_empty() {
        return Some(None);
    }
    label(form, field, text).map(Some)
}

/// A list of labels, at least one.
pub(super) fn labels(form: &mut Form, field: &str, texts: &[String]) -> Option<Vec<String>> {
    if texts.is_empty() {
        form.refuse(field, "须至少填写一个代号", "must name somebody");
        return None;
    }
    let read = texts.iter().enumerate();
    // Every label is read, so that all that is wrong is told at once.
    let read: Vec<_> = read
        .map(|(at, text)| label(form, &format!("{field}[{at}]"), text))
        .collect();
    read.into_iter().collect()
}

/// A county of Baotou.
pub(super) fn county(form: &mut Form, field: &str, text: &str) -> Option<DivisionCode> {
    match Tenant::parse(text) {
        Ok(tenant) => Some(tenant.code()),
        Err(_) => {
            form.refuse(
                field,
                "不是本市旗县区代码（六位）",
                "is no county of the city (six digits)",
            );
            None
        }
    }
}

/// A county of the country; one that claims to be Baotou's must be.
pub(super) fn any_county(form: &mut Form, field: &str, text: &str) -> Option<DivisionCode> {
    division(form, field, text).filter(|code| {
        let is_county = code.level() == DivisionLevel::County;
        if !is_county {
            form.refuse(
                field,
                "须为六位旗县区代码",
                "must be a county of six digits",
            );
        }
        is_county
    })
}

/// A county, township or village.
pub(super) fn division(form: &mut Form, field: &str, text: &str) -> Option<DivisionCode> {
    let code: Option<DivisionCode> = text.parse().ok();
    let code = code.filter(|it| it.level() >= DivisionLevel::County);
    let Some(code) = code else {
        form.refuse(
            field,
            "须为旗县区（6位）、苏木乡镇（9位）或嘎查村（12位）代码",
            "must be the code of a county (6), township (9) or village (12 digits)",
        );
        return None;
    };
    if city().contains(&code.county()) && !divisions::is_served(code) {
        form.refuse(field, "本市没有该旗县区", "is in no county of the city");
        return None;
    }
    Some(code)
}

#[cfg(test)]
mod tests {
    use yuhui_platform::refusal::Common;

    use super::*;

    fn fields(form: &mut Form) -> Vec<String> {
        match form.finish() {
            Ok(()) => Vec::new(),
            Err(Common::Invalid(violations)) => violations.into_iter().map(|it| it.field).collect(),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn labels_are_neither_names_nor_numbers() {
        let mut form = Form::default();
        for good in ["mother", "c1", "i1-g2_07"] {
            assert_eq!(label(&mut form, "label", good).as_deref(), Some(good));
        }
        assert_eq!(fields(&mut form), Vec::<String>::new());
        let long = "a".repeat(33);
        for bad in ["", "王某", "15020319900101123X", "150203", "a b", &long] {
            assert_eq!(label(&mut form, "label", bad), None, "{bad}");
            assert_eq!(fields(&mut form), ["label"], "{bad}");
        }
    }

    #[test]
    fn counties_must_exist_where_they_claim_to_be() {
        let mut form = Form::default();
        assert!(county(&mut form, "county", "150203").is_some());
        assert!(division(&mut form, "division", "110105").is_some());
        assert!(division(&mut form, "division", "150203002001").is_some());
        assert!(form.finish().is_ok());
        assert!(county(&mut form, "county", "110105").is_none());
        assert!(division(&mut form, "division", "150299").is_none());
        assert!(division(&mut form, "division", "150000").is_none());
        assert!(any_county(&mut form, "nursery", "150203002").is_none());
        assert_eq!(
            fields(&mut form),
            ["county", "division", "division", "nursery"]
        );
    }
}
