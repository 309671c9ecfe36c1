//! `yuhui bootstrap`: the first two security administrators (SOD-4). They make everybody else's
//! account; nobody can make theirs.

use std::{
    fs,
    io::{BufRead, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context as _, anyhow, bail};
use yuhui_gateway::Founder;
use yuhui_platform::{Clock, clock, peers::Peers, private_file};

use crate::{
    settings::{Given, Settings},
    stack::{Part, ephemeral, rules},
};

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub enum Bootstrap {
    /// Ask for two security administrators, tell each his one-time secret, and write what the
    /// gateway's database is to be given: no secret, but two citizen numbers. Needs no database.
    Prepare(Prepare),
    /// Install what was prepared. Refused once there is a security administrator.
    Apply(Apply),
    /// Give a security administrator who is locked out a new one-time secret; on record.
    Recover(Recover),
}

/// Where to write.
#[derive(Debug, clap::Args)]
pub struct Prepare {
    /// File to write; there must be none yet.
    #[arg(long, short)]
    out: PathBuf,
    #[command(flatten)]
    given: Given,
}

/// What to install.
#[derive(Debug, clap::Args)]
pub struct Apply {
    /// File that `prepare` wrote.
    file: PathBuf,
    #[command(flatten)]
    given: Given,
}

/// Whom to let in again.
#[derive(Debug, clap::Args)]
pub struct Recover {
    /// Login.
    login: String,
    /// Why; kept in the audit record.
    #[arg(long)]
    why: String,
    #[command(flatten)]
    given: Given,
}

/// Does it.
pub async fn run(ask: Bootstrap) -> anyhow::Result<ExitCode> {
    match ask {
        Bootstrap::Prepare(ask) => prepare(&ask).await?,
        Bootstrap::Apply(ask) => {
            let deps = gateway(&ask.given).await?;
            let founders = read(&ask.file)?;
            yuhui_gateway::bootstrap(&deps, &founders, clock::real_now())
                .await
                .map_err(|error| anyhow!("{error}"))?;
            for it in &founders {
                println!("{} signs in within 72 hours, with a new password", it.login);
            }
            println!("{} is not needed any more: destroy it", ask.file.display());
        }
        Bootstrap::Recover(ask) => {
            let why = ask.why.trim();
            if why.is_empty() {
                bail!("--why: a reason goes on record");
            }
            let deps = gateway(&ask.given).await?;
            let secret = yuhui_gateway::recover(&deps, &ask.login, why)
                .await
                .map_err(|error| anyhow!("{error}"))?;
            println!("one-time secret, for 72 hours: {secret}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn prepare(ask: &Prepare) -> anyhow::Result<()> {
    let settings = Settings::read(&ask.given, Vec::new())?;
    if !settings.password.suffices() {
        bail!("password cost below 19 MiB, 2 passes: raise [password]");
    }
    let rules = rules()?;
    if ask.out.exists() {
        bail!("{} is there already", ask.out.display());
    }
    let mut answers = std::io::stdin().lock();
    let mut founders = Vec::new();
    let mut secrets = Vec::new();
    for which in ["first", "second"] {
        println!("The {which} security administrator:");
        let login = asked(&mut answers, "login")?;
        let name = asked(&mut answers, "name")?;
        let number = asked(&mut answers, "citizen number")?;
        let prepared = Founder::prepare(&rules, &settings.password, &login, &name, &number);
        let (founder, secret) = prepared.await.map_err(|error| anyhow!("{error}"))?;
        secrets.push((founder.login.clone(), secret));
        founders.push(founder);
    }
    let [one, two] = founders.as_slice() else {
        bail!("two administrators are needed");
    };
    if one.identity_number == two.identity_number || one.login == two.login {
        bail!("the two security administrators are two persons with two logins");
    }
    let text = serde_json::to_string_pretty(&founders)?;
    private_file::write(&ask.out, text.as_bytes(), 0o600, false)
        .with_context(|| format!("write {}", ask.out.display()))?;
    println!("Told once, each to its own administrator alone:");
    for (login, secret) in secrets {
        println!("  {login}  {secret}");
    }
    println!("next: yuhui bootstrap apply {}", ask.out.display());
    Ok(())
}

fn asked(answers: &mut impl BufRead, what: &str) -> anyhow::Result<String> {
    print!("  {what}: ");
    std::io::stdout().flush()?;
    let mut line = String::new();
    answers.read_line(&mut line)?;
    let line = line.trim();
    if line.is_empty() {
        bail!("{what}: nothing was said");
    }
    Ok(line.to_owned())
}

fn read(path: &Path) -> anyhow::Result<[Founder; 2]> {
    private_file::check(path)?;
    let text = fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    let founders: Vec<Founder> =
        serde_json::from_str(&text).with_context(|| format!("{}", path.display()))?;
    let two = founders.try_into();
    two.map_err(|it: Vec<_>| anyhow!("{} administrators; two are needed", it.len()))
}

/// The gateway as these acts need it, without serving.
async fn gateway(given: &Given) -> anyhow::Result<yuhui_gateway::Deps> {
    let part = Part::Gateway;
    let settings = Settings::read(given, Vec::new())?;
    let keys = settings.keys();
    let db = settings.storage()?.look_into(part).await?;
    let folder = keys.folder(part);
    let vault = part.vault_keys(&db, &folder).open().await?;
    let redis = settings.redis.url()?;
    Ok(yuhui_gateway::Deps {
        db,
        clock: Clock::system(),
        peers: Peers::new(keys.signer(part)?),
        vault: Arc::new(vault),
        ephemeral: ephemeral(redis.as_deref()).await?,
        signer: keys.signer(part)?,
        keyring: keys.keyring()?,
        rules: rules()?,
        health: None,
        config: settings.gateway(),
    })
}
