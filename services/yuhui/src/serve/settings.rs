//! Settings of `yuhui serve` that are no matter of one line: defaults, then a
//! file, then the environment.

use std::path::Path;

use anyhow::Context as _;
use ipnet::IpNet;
use serde::Deserialize;
use yuhui_platform::{config, serve::Limits};

/// Every setting and its default, as `--config` takes it.
const DEFAULTS: &str = include_str!("settings.toml");

/// What the file and the environment set.
#[derive(Debug)]
pub(super) struct Settings {
    /// Proxies that are believed when they say where a call comes from.
    pub(super) trusted_proxies: Vec<IpNet>,
    /// Limits of the gateway.
    pub(super) public: Limits,
    /// Limits of the services behind it.
    pub(super) internal: Limits,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    listen: Listen,
    /// `[limits]` and, in it, `[limits.internal]`.
    limits: toml::Table,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listen {
    trusted_proxies: Vec<IpNet>,
}

impl Settings {
    /// Reads them. `file` must exist when given.
    pub(super) fn read(file: Option<&Path>) -> anyhow::Result<Self> {
        let mut raw: Raw = config::load(DEFAULTS, file).context("settings")?;
        let internal = raw
            .limits
            .remove("internal")
            .unwrap_or_else(|| toml::Table::new().into());
        Ok(Self {
            trusted_proxies: raw.listen.trusted_proxies,
            public: raw.limits.try_into().context("settings: limits")?,
            internal: internal.try_into().context("settings: limits.internal")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use super::*;

    fn read(text: &str) -> anyhow::Result<Settings> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("yuhui.toml");
        fs::write(&file, text)?;
        Settings::read(Some(&file))
    }

    #[test]
    fn the_documented_defaults_are_the_defaults() {
        let settings = Settings::read(None).expect("settings");
        assert_eq!(settings.public, Limits::public());
        assert_eq!(settings.internal, Limits::internal());
        assert!(settings.trusted_proxies.is_empty());
    }

    #[test]
    fn a_file_sets_some_and_leaves_the_others() {
        let text = "[listen]\ntrusted_proxies = ['10.0.0.0/8']\n\
            [limits]\nstreams = 7\nanonymous_deadline = '1500ms'\n\
            [limits.internal]\nstreams = 9\n";
        let settings = read(text).expect("settings");
        assert_eq!((settings.public.streams, settings.internal.streams), (7, 9));
        let deadline = settings.public.anonymous_deadline;
        assert_eq!(deadline, Duration::from_millis(1500));
        assert_eq!(settings.public.places, Limits::public().places);
        assert_eq!(settings.trusted_proxies.len(), 1);
    }

    #[test]
    fn what_is_no_setting_is_refused_by_name() {
        for (text, named) in [
            ("[limits]\nmax_strems = 5\n", "max_strems"),
            ("[limits.internal]\nstrems = 5\n", "strems"),
            ("[listen]\nproxies = []\n", "proxies"),
            ("[edge]\nstreams = 5\n", "edge"),
        ] {
            let error = read(text).expect_err(text);
            assert!(format!("{error:#}").contains(named), "{error:#}");
        }
        assert!(read("[limits]\nheaders = 'many'\n").is_err());
        assert!(read("[listen]\ntrusted_proxies = ['proxy']\n").is_err());
    }
}
