//! The command line: one command per duty.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use tracing::Level;
use yuhui_platform::telemetry;

use crate::{
    audit, bank_agent, bootstrap, ca, config, deadlines, events, evidence, forecast, health, keys,
    migrate, policy, powers, replay, serve, tenant, vault, year,
};

/// 包头市育儿补贴及托育机构运营奖励补贴 (包府办发〔2024〕126号)
#[derive(Debug, Parser)]
#[command(version, about)]
struct Command {
    /// Collector of traces (OTLP over gRPC), e.g. http://127.0.0.1:4317.
    #[arg(long, global = true, env = "YUHUI_OTLP", value_name = "URL")]
    otlp: Option<String>,
    #[command(subcommand)]
    duty: Duty,
}

#[derive(Debug, Subcommand)]
enum Duty {
    /// Serve the whole system, or one service of it.
    Serve(serve::Serve),
    /// The settings: what results, and what stands against it.
    #[command(subcommand)]
    Config(config::Config),
    /// Make the first keys of a system.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Make the tables, or bring them up to date.
    Migrate(migrate::Migrate),
    /// The counties that the installation serves.
    #[command(subcommand)]
    Tenant(tenant::Tenant),
    /// The keys that personal data are sealed with.
    #[command(subcommand)]
    Vault(vault::Vault),
    /// The first security administrators.
    #[command(subcommand)]
    Bootstrap(bootstrap::Bootstrap),
    /// Play a year: a synthetic round, or the worked cases of a file.
    Year(year::Year),
    /// Print who may call what, and prove that the four powers are separate.
    Powers(powers::Powers),
    /// The law itself: check it against worked cases.
    #[command(subcommand)]
    Policy(policy::Policy),
    /// Take decisions again, from the databases or from exported files.
    Replay(replay::Replay),
    /// What decisions rested on.
    #[command(subcommand)]
    Evidence(evidence::Evidence),
    /// Forecast the next round's needs, asked of a running system.
    Forecast(forecast::Forecast),
    /// The audit record.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Events that do not get on: list, retry, give up.
    #[command(subcommand)]
    Events(events::Events),
    /// Look at every deadline for a date: flag what is overdue, lift holds that are over.
    Deadlines(deadlines::Deadlines),
    /// The services' own authority: make it, issue certificates.
    #[command(subcommand)]
    Ca(ca::Ca),
    /// Ask the service beside it whether it lives, is ready, is well.
    Health(health::Health),
    /// Do the bank's part: take released batches, pay, report.
    BankAgent(bank_agent::Args),
}

/// Does what the command line says. The runtime is made here and not in the executable, which would have to
/// compile everything that is awaited once more.
#[tokio::main]
pub async fn run() -> ExitCode {
    let command = Command::parse();
    let flush =
        told(&command).and_then(|(otlp, level)| telemetry::init("yuhui", otlp.as_deref(), level));
    let done = match flush {
        Err(error) => Err(error),
        Ok(_flush) => match command.duty {
            Duty::Serve(ask) => serve::run(ask).await,
            Duty::Config(ask) => config::run(ask).await,
            Duty::Keys(ask) => keys::run(ask),
            Duty::Migrate(ask) => migrate::run(ask).await,
            Duty::Tenant(ask) => tenant::run(ask).await,
            Duty::Vault(ask) => vault::run(ask).await,
            Duty::Bootstrap(ask) => bootstrap::run(ask).await,
            Duty::Year(ask) => year::run(ask).await,
            Duty::Powers(ask) => powers::run(&ask),
            Duty::Policy(ask) => policy::run(&ask).await,
            Duty::Replay(ask) => replay::run(ask).await,
            Duty::Evidence(ask) => evidence::run(ask).await,
            Duty::Forecast(ask) => forecast::run(ask).await,
            Duty::Audit(ask) => audit::run(ask).await,
            Duty::Events(ask) => events::run(ask).await,
            Duty::Deadlines(ask) => deadlines::run(ask).await,
            Duty::Ca(ask) => ca::run(&ask),
            Duty::Health(ask) => health::run(&ask).await,
            Duty::BankAgent(ask) => ask.run().await.map(|()| ExitCode::SUCCESS),
        },
    };
    done.unwrap_or_else(|error| {
        eprintln!("yuhui: {error:#}");
        ExitCode::FAILURE
    })
}

/// Where traces go, and what is logged: a server tells what it does; a command prints its result and
/// warns.
fn told(command: &Command) -> anyhow::Result<(Option<String>, Level)> {
    let otlp = command.otlp.clone();
    match &command.duty {
        Duty::Serve(ask) => {
            let telemetry = ask.settings()?.telemetry;
            let level = telemetry.level.parse();
            let level = level.with_context(|| format!("telemetry.level: `{}`", telemetry.level))?;
            Ok((otlp.or(telemetry.otlp().map(ToOwned::to_owned)), level))
        }
        Duty::BankAgent(_) => Ok((otlp, Level::INFO)),
        _ => Ok((otlp, Level::WARN)),
    }
}
