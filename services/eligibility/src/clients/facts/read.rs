//! What a register answered, read.

use time::Date;
use yuhui_kernel::{DivisionCode, dates};
use yuhui_platform::{Error, Result};

pub(super) fn date(text: &str) -> Result<Date> {
    dates::parse(text).map_err(|it| Error::fault(format!("a register answered: {it}")))
}

pub(in crate::clients) fn maybe(text: &str) -> Result<Option<Date>> {
    if text.is_empty() {
        Ok(None)
    } else {
        date(text).map(Some)
    }
}

pub(super) fn division(text: &str) -> Result<DivisionCode> {
    text.parse()
        .map_err(|it| Error::fault(format!("a register answered: {it}")))
}
