//! `yuhui tenant`: the counties that the installation serves.

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::{Context as _, anyhow};
use yuhui_kernel::divisions;
use yuhui_platform::db::divisions::extend;

use crate::{settings::Given, stack::Part};

/// What to do with the tenants.
#[derive(Debug, clap::Subcommand)]
pub enum Tenant {
    /// List the counties, with how many townships each has.
    List(List),
    /// Add counties and their townships, as the owner of the tables. Services serve them from their
    /// next start.
    Add(Add),
}

/// Which installation.
#[derive(Debug, clap::Args)]
pub struct List {
    #[command(flatten)]
    given: Given,
}

/// What to add, and where.
#[derive(Debug, clap::Args)]
pub struct Add {
    /// A table (CSV): code,name,level,parent; the level one of county, subdistrict, sumu, town,
    /// township and statistical_unit. What is there already may be among it.
    file: PathBuf,
    #[command(flatten)]
    given: Given,
}

/// Does it.
pub async fn run(ask: Tenant) -> anyhow::Result<ExitCode> {
    match ask {
        Tenant::List(ask) => list(&ask).await,
        Tenant::Add(ask) => add(&ask).await,
    }
}

async fn list(ask: &List) -> anyhow::Result<ExitCode> {
    let storage = ask.given.storage()?;
    for part in Part::ALL {
        // All of them, so that it shows if one serves others.
        storage.look_into(*part).await?;
    }
    let city = divisions::city_division();
    println!("{} {}", city.code, city.name);
    for county in divisions::counties() {
        let townships = divisions::townships_of(county.code).count();
        println!("{} {} ({townships})", county.code, county.name);
    }
    Ok(ExitCode::SUCCESS)
}

async fn add(ask: &Add) -> anyhow::Result<ExitCode> {
    let storage = ask.given.storage()?;
    let named = || ask.file.display().to_string();
    let csv = fs::read_to_string(&ask.file).with_context(named)?;
    for part in Part::ALL {
        let added = extend(&storage.existing(*part)?, &csv).await;
        let added = added.map_err(|error| anyhow!("{}: {error}", part.name()))?;
        println!("{}: {added} added", part.name());
    }
    Ok(ExitCode::SUCCESS)
}
