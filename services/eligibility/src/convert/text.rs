//! Texts that people write: not empty where one is needed, and never endless.

use yuhui_platform::{
    form::Form,
    refusal::{Common, Violation, invalid},
};

/// Longest text, in characters.
const LONGEST: usize = 1000;
/// Most texts in a list.
const MOST: usize = 50;

/// A text that must be there.
pub(crate) fn needed(field: &str, text: &str) -> Result<String, Common> {
    let mut form = Form::default();
    let text = form
        .text(field, text, LONGEST)
        .unwrap_or_default()
        .to_owned();
    form.finish()?;
    Ok(text)
}

/// A text that may be missing.
pub(crate) fn remark(field: &str, text: &str) -> Result<String, Common> {
    if text.trim().is_empty() {
        Ok(String::new())
    } else {
        needed(field, text)
    }
}

/// A list of texts, at least one.
pub(crate) fn all_needed(field: &str, texts: &[String]) -> Result<Vec<String>, Common> {
    let texts: Vec<String> = texts
        .iter()
        .map(|it| it.trim().to_owned())
        .filter(|it| !it.is_empty())
        .collect();
    if texts.is_empty() || texts.len() > MOST {
        let violation = Violation::new(
            field,
            format!("须为1至{MOST}条"),
            format!("must be 1 to {MOST} texts"),
        );
        return Err(invalid(vec![violation]));
    }
    texts.iter().map(|it| needed(field, it)).collect()
}
