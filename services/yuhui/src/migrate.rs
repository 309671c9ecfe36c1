//! `yuhui migrate`: makes the tables or brings them up to date, as their owner. Nothing else does.

use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use yuhui_platform::{db::Use, private_file};

use crate::{
    settings::{Given, Settings},
    stack::{Part, migrated},
};

/// Which databases.
#[derive(Debug, clap::Args)]
pub struct Migrate {
    /// Of one service only.
    service: Option<Part>,
    /// For nobody's data: services take these databases with --development only.
    #[arg(long)]
    development: bool,
    #[command(flatten)]
    given: Given,
}

/// Migrates.
pub async fn run(ask: Migrate) -> anyhow::Result<ExitCode> {
    let settings = Settings::read(&ask.given, Vec::new())?;
    if !settings.database.is_postgres() {
        let folder = &settings.database.folder;
        private_file::folder(folder).with_context(|| format!("create {}", folder.display()))?;
    }
    let wanted = match ask.development {
        true => Use::Development,
        false => Use::Production,
    };
    let parts = Part::ALL.iter().copied();
    for part in parts.filter(|it| ask.service.is_none_or(|only| only == *it)) {
        let db = migrated(&settings.database.of(part)?, part).await?;
        let dedicated = db.dedicate(wanted).await;
        dedicated.map_err(|error| anyhow!("{}: {error}", part.name()))?;
        db.must_be_for(wanted).await.with_context(|| part.name())?;
        println!("{} is up to date", part.name());
    }
    Ok(ExitCode::SUCCESS)
}
