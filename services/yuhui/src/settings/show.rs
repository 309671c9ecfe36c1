//! The settings that result, as they may be shown: without passwords.

use anyhow::Context as _;
use toml::Value;
use url::Url;
use yuhui_platform::config;

use super::{DEFAULTS, Given, Settings};

/// TOML that would give the same settings again, but for its secrets.
pub fn show(given: &Given) -> anyhow::Result<String> {
    // What could not be used is not shown as if it could.
    Settings::read(given, Vec::new())?;
    let file = given.config.as_deref();
    let all = config::load(DEFAULTS, file, given.flags()).context("settings")?;
    let mut all = Value::Table(all);
    mask(&mut all);
    Ok(toml::to_string(&all)?)
}

fn mask(value: &mut Value) {
    match value {
        Value::String(text) => {
            let parsed = Url::parse(text);
            if (parsed.is_err() && text.contains('@')) || text.contains("password=") {
                *text = "***".to_owned();
            } else if let Ok(mut url) = parsed
                && url.password().is_some()
                && url.set_password(Some("***")).is_ok()
            {
                // The mask is read by people: its stars are not escaped.
                *text = url
                    .to_string()
                    .replace("%2A", "*")
                    .replace("%7B", "{")
                    .replace("%7D", "}");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Table(table) => table.iter_mut().for_each(|(_, it)| mask(it)),
        _ => {}
    }
}
