//! `yuhui health`: asks the service that runs beside it how it is, for probes that execute a command.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use yuhui_platform::health;

/// What is asked.
#[derive(Clone, Debug, clap::Args)]
pub struct Health {
    /// What to ask.
    what: What,
    /// Unix socket of the service, as `yuhui serve SERVICE --health-socket` opens it.
    #[arg(
        long,
        env = "YUHUI_HEALTH_SOCKET",
        value_name = "PATH",
        default_value = "/run/yuhui/health.sock"
    )]
    socket: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// Whether it answers at all; if not, it is to be started again.
    Live,
    /// Whether it takes calls: database, tables, keys.
    Ready,
    /// Whether all that it depends on is there too, for alerts.
    Deep,
}

/// Asks, and says in a sentence why not.
pub async fn run(ask: &Health) -> anyhow::Result<ExitCode> {
    let report = health::ask(&ask.socket).await;
    let report = report.with_context(|| format!("nobody answers at {}", ask.socket.display()))?;
    let service = &report.service;
    let wrong: Vec<&str> = match ask.what {
        What::Live => Vec::new(),
        What::Ready => report.unready.iter().map(String::as_str).collect(),
        What::Deep => {
            let all = report.unready.iter().chain(&report.troubles);
            all.map(String::as_str).collect()
        }
    };
    if wrong.is_empty() {
        println!("{service} is {}", ask.what.name());
        return Ok(ExitCode::SUCCESS);
    }
    println!("{service} is not {}: {}", ask.what.name(), wrong.join("; "));
    Ok(ExitCode::FAILURE)
}

impl What {
    fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Ready => "ready",
            Self::Deep => "well",
        }
    }
}
