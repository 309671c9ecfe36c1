//! `yuhui deadlines`: the run over everything open for one business date, out of the database
//! itself. The same that a running system does by itself on each business day.

use std::{process::ExitCode, sync::Arc};

use anyhow::{anyhow, bail};
use time::Date;
use yuhui_eligibility::jobs::{self, Missed, Offline, Report};
use yuhui_kernel::{Tenant, dates};
use yuhui_platform::Clock;
use yuhui_policy::PolicyPack;

use crate::{settings::Given, stack::Part};

/// For which date and county, and where the data are.
#[derive(Debug, clap::Args)]
pub struct Deadlines {
    /// Business date (YYYY-MM-DD), not after today.
    #[arg(long, value_parser = dates::parse)]
    on: Option<Date>,
    /// One county only: its code of six digits.
    #[arg(long, value_parser = Tenant::parse)]
    county: Option<Tenant>,
    #[command(flatten)]
    given: Given,
}

/// Runs, and prints what was flagged, settled and lifted.
pub async fn run(ask: Deadlines) -> anyhow::Result<ExitCode> {
    let today = Clock::system().today();
    let on = ask.on.unwrap_or(today);
    if on > today {
        bail!("--on {} is after today", dates::format(on));
    }
    let db = ask.given.storage()?.look_into(Part::Eligibility).await?;
    let offline = Offline {
        db,
        // Business time is the date of the run, as it was in a sandbox.
        clock: Clock::sandbox(on),
        pack: Arc::new(PolicyPack::baotou().clone()),
    };
    let counties = ask
        .county
        .map_or_else(|| Tenant::all().to_vec(), |it| vec![it]);
    let outcomes = jobs::run(&offline, on, &counties)
        .await
        .map_err(|error| anyhow!("deadlines: {error}"))?;
    let mut reports = Vec::new();
    let mut code = ExitCode::SUCCESS;
    for (county, outcome) in outcomes {
        match outcome {
            Ok(report) => reports.push(report),
            Err(error) => {
                eprintln!("yuhui: deadlines of {county}: {error}");
                code = ExitCode::FAILURE;
            }
        }
    }
    print(on, &reports);
    Ok(code)
}

fn print(on: Date, reports: &[Report]) {
    let mut flagged = 0;
    let mut settled = 0;
    let mut lapsed = 0;
    for report in reports {
        for missed in &report.flags {
            println!("{}", line(missed));
        }
        for case in &report.lapsed {
            println!("hold over                {case}");
        }
        for case in &report.referred {
            println!("waited long, referred    {case}");
        }
        flagged += report.flags.len();
        settled += report.settled;
        lapsed += report.lapsed.len();
    }
    println!(
        "{}: {flagged} flagged, {settled} settled, {lapsed} holds over",
        dates::format(on)
    );
}

fn line(missed: &Missed) -> String {
    format!(
        "{:<16} step {:>2}, due {}, {:<12} {}, told {}",
        missed.duty,
        missed.step,
        dates::format(missed.due_on),
        missed.unit,
        missed.subject,
        missed.told.join(" ")
    )
}
