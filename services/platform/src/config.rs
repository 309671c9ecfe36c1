//! Settings: embedded defaults, then a file, then the environment.

use std::path::Path;

use figment::{
    Figment,
    providers::{Env, Format as _, Serialized, Toml},
};
use serde::de::DeserializeOwned;

pub use figment::value::Value;

/// Reads settings of type `T`: `defaults` is embedded TOML, `file` must exist when given, `YUHUI__A__B`
/// sets key `b` of table `a`, and `flags`, named `a.b`, go before all.
pub fn load<T: DeserializeOwned>(
    defaults: &str,
    file: Option<&Path>,
    flags: Vec<(&'static str, Value)>,
) -> anyhow::Result<T> {
    let mut settings = Figment::from(Toml::string(defaults));
    if let Some(file) = file {
        settings = settings.merge(Toml::file_exact(file));
    }
    settings = settings.merge(Env::prefixed("YUHUI__").split("__"));
    for (key, value) in flags {
        settings = settings.merge(Serialized::default(key, value));
    }
    Ok(settings.extract()?)
}

#[cfg(test)]
mod tests {
    use std::fs;

    #[derive(serde::Deserialize)]
    struct Settings {
        data: String,
        db: Db,
    }

    #[derive(serde::Deserialize)]
    struct Db {
        max_connections: u32,
    }

    #[test]
    fn a_file_overrides_the_defaults_and_a_missing_file_is_an_error() {
        let defaults = "data = 'here'\n[db]\nmax_connections = 4";
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("yuhui.toml");
        let none = Vec::new;
        assert!(super::load::<Settings>(defaults, Some(&path), none()).is_err());
        fs::write(&path, "[db]\nmax_connections = 9").expect("written");
        let settings: Settings = super::load(defaults, Some(&path), none()).expect("settings");
        assert_eq!(
            (settings.data.as_str(), settings.db.max_connections),
            ("here", 9)
        );
        let flags = vec![("db.max_connections", 12_u32.into())];
        let settings: Settings = super::load(defaults, Some(&path), flags).expect("settings");
        assert_eq!(settings.db.max_connections, 12);
    }
}
