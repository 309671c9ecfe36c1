//! Decisions in the databases of a system, read without it running.

use anyhow::Context as _;
use uuid::Uuid;
use yuhui_eligibility::Which;
use yuhui_kernel::{Calendar, Tenant};
use yuhui_platform::db::Database;
use yuhui_policy::{evidence::file::Taken, pack::Catalogue};

use crate::{settings::Given, stack::Part};

/// Where decisions are, and which of them are meant.
#[derive(Debug, Clone, clap::Args)]
pub struct Stored {
    #[command(flatten)]
    given: Given,
    /// Decisions of this round only.
    #[arg(long, value_name = "YEAR")]
    round: Option<i32>,
    /// Decisions of this county only (six digits).
    #[arg(long, value_name = "CODE", value_parser = county)]
    county: Option<Tenant>,
    /// Decisions of this case only.
    #[arg(long, value_name = "counties/…/cases/…", value_parser = case, conflicts_with_all = ["round", "county"])]
    case: Option<(Tenant, Uuid)>,
}

/// Decisions of an open database.
pub struct Decisions<'a> {
    ask: &'a Stored,
    db: Database,
}

impl Stored {
    /// Every decision of these databases.
    pub(crate) const fn of(given: Given) -> Self {
        Self {
            given,
            round: None,
            county: None,
            case: None,
        }
    }

    /// Opens the database, to read only.
    pub async fn open(&self) -> anyhow::Result<Decisions<'_>> {
        let storage = self.given.storage()?;
        let db = storage.look_into(Part::Eligibility).await?;
        Ok(Decisions { ask: self, db })
    }
}

impl Decisions<'_> {
    /// The versions of the law they rest on.
    pub async fn packs(&self) -> anyhow::Result<Catalogue> {
        let packs = yuhui_eligibility::packs(&self.db).await;
        packs.context("versions of the law")
    }

    /// The tables of working days they rest on.
    pub async fn calendars(&self) -> anyhow::Result<Vec<Calendar>> {
        let calendars = yuhui_eligibility::calendars(&self.db).await;
        calendars.context("working days")
    }

    /// Hands the decisions that are meant to `each`, county by county; with `latest_only` the one
    /// that stands of every case.
    pub async fn each(
        &self,
        latest_only: bool,
        mut each: impl FnMut(Tenant, Taken),
    ) -> anyhow::Result<()> {
        let only = self.ask.case.map(|(county, _)| county).or(self.ask.county);
        let which = Which {
            round: self.ask.round.unwrap_or_default(),
            case: self.ask.case.map(|(_, case)| case),
            latest_only,
        };
        for county in Tenant::all() {
            if only.is_some_and(|only| only != *county) {
                continue;
            }
            yuhui_eligibility::decisions(&self.db, *county, which, |taken| each(*county, taken))
                .await
                .with_context(|| format!("decisions of {}", county.as_str()))?;
        }
        Ok(())
    }
}

fn county(code: &str) -> Result<Tenant, String> {
    Tenant::parse(code).map_err(|error| error.to_string())
}

fn case(name: &str) -> Result<(Tenant, Uuid), String> {
    let parts: Vec<&str> = name.split('/').collect();
    let ["counties", code, "cases", id] = parts.as_slice() else {
        return Err("it is not counties/{county}/cases/{case}".into());
    };
    let id = Uuid::parse_str(id).map_err(|error| error.to_string())?;
    Ok((county(code)?, id))
}
