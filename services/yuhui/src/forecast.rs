//! `yuhui forecast`: what the next round needs (五(二)6), asked of a running system.

use std::process::ExitCode;

use anyhow::Context as _;
use secrecy::SecretString;
use tonic::transport::Endpoint;
use yuhui_kernel::Tenant;
use yuhui_proto::eligibility::v1::{
    ForecastRoundRequest, ForecastRoundResponse, forecast_service_client::ForecastServiceClient,
};
use yuhui_rehearsal::forecast::{line, sum};

use crate::session::{Credentials, Session};

/// Whom to ask, and for what.
#[derive(Debug, clap::Args)]
pub struct Forecast {
    /// The gateway.
    #[arg(long, default_value = "http://127.0.0.1:7300", env = "YUHUI_GATEWAY")]
    gateway: String,
    /// Login of an office of county or city.
    #[arg(long, default_value = "city-health-registrar.150200")]
    login: String,
    /// Its password.
    #[arg(long, env = "YUHUI_PASSWORD", hide_env_values = true)]
    password: SecretString,
    /// Round to forecast; next year's if not given.
    #[arg(long, value_name = "YEAR")]
    round: Option<i32>,
    /// One county only (six digits).
    #[arg(long, value_name = "CODE")]
    county: Option<String>,
}

/// Asks and prints.
pub async fn run(ask: Forecast) -> anyhow::Result<ExitCode> {
    let gateway = Endpoint::from_shared(ask.gateway).context("gateway")?;
    let channel = gateway.connect().await.context("gateway")?;
    let credentials = Credentials {
        login: ask.login,
        password: ask.password,
    };
    let channel = Session::new(channel, credentials).channel().await?;
    let request = ForecastRoundRequest {
        parent: format!("counties/{}", ask.county.as_deref().unwrap_or("-")),
        round: ask.round.unwrap_or_default(),
    };
    let answer = ForecastServiceClient::new(channel)
        .forecast_round(request)
        .await
        .map_err(|status| anyhow::anyhow!("{}", status.message()))?;
    print(&answer.into_inner());
    Ok(ExitCode::SUCCESS)
}

fn print(told: &ForecastRoundResponse) {
    println!(
        "needs of round {} by {}, yuan (children or awards): low, middle, high",
        told.round, told.pack_version
    );
    for need in &told.needs {
        let county = Tenant::parse(&need.county).map_or("", |it| it.name());
        let programme = need.programme().as_str_name();
        let programme = programme.strip_prefix("PROGRAMME_").unwrap_or(programme);
        println!("{} {county} {programme:<3} {}", need.county, line(need));
    }
    println!("{}", sum(told));
    println!("assumed, in thousandths (low, middle, high):");
    for it in &told.assumptions {
        println!(
            "  {:<20} {:>5} {:>5} {:>5}  {} ({})",
            it.key, it.low_permille, it.middle_permille, it.high_permille, it.zh, it.en
        );
    }
}
