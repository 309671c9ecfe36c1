//! `yuhui bank-agent`: the agent as a command.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context as _, Result, bail};
use secrecy::SecretString;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};

use super::{Credentials, Policy, Progress, run};

/// Executes released batches as the bank does: acknowledges, pays, reports
/// and authorises, through the gateway.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// URL of the gateway.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:7300")]
    pub gateway: String,
    /// Login of the operator (银行操作员).
    #[arg(long, value_name = "LOGIN")]
    pub operator: String,
    /// Login of the authoriser (银行授权员), another person.
    #[arg(long, value_name = "LOGIN")]
    pub authoriser: String,
    /// Password of the accounts.
    #[arg(long, env = "YUHUI_BANK_PASSWORD", hide_env_values = true)]
    #[arg(
        conflicts_with = "password_file",
        required_unless_present = "password_file"
    )]
    pub password: Option<SecretString>,
    /// File with the password of the accounts.
    #[arg(long, value_name = "PATH")]
    pub password_file: Option<PathBuf>,
    /// File with the password of the authoriser, if it is another one.
    #[arg(long, value_name = "PATH")]
    pub authoriser_password_file: Option<PathBuf>,
    /// Execute what is open and end.
    #[arg(long, conflicts_with = "poll", required_unless_present = "poll")]
    pub once: bool,
    /// Look for open batches every so many seconds, until interrupted.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub poll: Option<u64>,
    /// Of a thousand first attempts, return about this many.
    #[arg(long, value_name = "N", default_value_t = 0)]
    #[arg(value_parser = clap::value_parser!(u16).range(0..=1000))]
    pub fail_permille: u16,
    /// Chooses which.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Certificate of the authority that signed the gateway's, PEM.
    #[arg(long, value_name = "PATH")]
    pub ca_file: Option<PathBuf>,
    /// The bank's own certificate, PEM.
    #[arg(long, value_name = "PATH", requires = "key_file")]
    pub cert_file: Option<PathBuf>,
    /// The bank's private key, PEM.
    #[arg(long, value_name = "PATH", requires = "cert_file")]
    pub key_file: Option<PathBuf>,
}

impl Args {
    /// Runs the command; tells on standard output what was done.
    pub async fn run(self) -> Result<()> {
        if self.operator == self.authoriser {
            bail!("经办与授权须为不同人员 / operator and authoriser must be different persons");
        }
        let channel = self.channel()?;
        let (operator, authoriser) = self.credentials()?;
        let policy = Policy {
            fail_permille: self.fail_permille,
            seed: self.seed,
        };
        let once = || run_once(&channel, &operator, &authoriser, &policy);
        let Some(seconds) = self.poll else {
            return once().await;
        };
        loop {
            // The gateway may be away for a while; what was done stays done.
            if let Err(error) = once().await {
                tracing::warn!(error = format!("{error:#}"), "batches are not executed");
            }
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(seconds)) => {}
                stop = tokio::signal::ctrl_c() => return Ok(stop?),
            }
        }
    }

    fn channel(&self) -> Result<Channel> {
        let mut endpoint = Endpoint::from_shared(self.gateway.clone())
            .context("URL of the gateway")?
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(60));
        if self.ca_file.is_some() || self.cert_file.is_some() {
            let mut tls = ClientTlsConfig::new();
            if let Some(path) = &self.ca_file {
                tls = tls.ca_certificate(Certificate::from_pem(read(path)?));
            }
            if let (Some(cert), Some(key)) = (&self.cert_file, &self.key_file) {
                tls = tls.identity(Identity::from_pem(read(cert)?, read(key)?));
            }
            endpoint = endpoint.tls_config(tls).context("certificates")?;
        }
        Ok(endpoint.connect_lazy())
    }

    fn credentials(&self) -> Result<(Credentials, Credentials)> {
        let password: SecretString = match (&self.password, &self.password_file) {
            (Some(password), _) => password.clone(),
            (None, Some(path)) => password_in(path)?,
            (None, None) => bail!("no password"),
        };
        let other = self.authoriser_password_file.as_ref();
        let other = other.map(password_in).transpose()?;
        let authoriser = Credentials {
            login: self.authoriser.clone(),
            password: other.unwrap_or_else(|| password.clone()),
        };
        let operator = Credentials {
            login: self.operator.clone(),
            password,
        };
        Ok((operator, authoriser))
    }
}

async fn run_once(
    channel: &Channel,
    operator: &Credentials,
    authoriser: &Credentials,
    policy: &Policy,
) -> Result<()> {
    let mut tell = |it: &Progress| println!("{}  {}/{}", it.batch, it.done, it.of);
    let (operator, authoriser) = (operator.clone(), authoriser.clone());
    let report = run(channel.clone(), operator, authoriser, policy, &mut tell).await?;
    println!("{report}");
    Ok(())
}

fn read(path: &PathBuf) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("read {}", path.display()))
}

fn password_in(path: &PathBuf) -> Result<SecretString> {
    Ok(read(path)?.trim_end_matches(['\r', '\n']).into())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        args: Args,
    }

    fn parse(more: &[&str]) -> Result<Args, clap::Error> {
        let mut words = vec!["bank-agent", "--operator", "op", "--authoriser", "au"];
        words.extend(more);
        Command::try_parse_from(words).map(|command| command.args)
    }

    #[test]
    fn it_runs_once_or_polls_and_needs_a_password() {
        let args = parse(&["--password", "p", "--once", "--fail-permille", "30"]).expect("valid");
        assert_eq!((args.fail_permille, args.seed, args.poll), (30, 0, None));
        assert!(parse(&["--password", "p", "--poll", "5"]).is_ok());
        assert!(parse(&["--password", "p"]).is_err());
        assert!(parse(&["--once"]).is_err());
        assert!(parse(&["--password", "p", "--once", "--poll", "5"]).is_err());
        assert!(parse(&["--password", "p", "--once", "--fail-permille", "1001"]).is_err());
    }
}
