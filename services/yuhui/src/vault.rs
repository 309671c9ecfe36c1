//! `yuhui vault`: the keys that personal data are sealed with, out of the databases themselves, while
//! the services run.

use std::process::ExitCode;

use yuhui_platform::{
    db::{Database, Tenancy},
    vault::{self, KeyFolder},
};

use crate::{
    settings::{Given, Settings},
    stack::Part,
};

/// What to do with the vaults.
#[derive(Debug, clap::Subcommand)]
pub enum Vault {
    /// Take the keys in their folders as those of databases that have none yet.
    Init(Which),
    /// List the keys, which of them seals, and how much each sealed.
    List(Which),
    /// Make the next seal key of a service. Its file goes to every replica before it is activated.
    Add(One),
    /// Let a key seal from now on.
    Activate(Key),
    /// Seal everything anew with the key that seals. Stopped, it goes on where it was.
    Rotate(One),
    /// End the use of a key that nothing is sealed with any more.
    Retire(Key),
}

/// Which services.
#[derive(Debug, clap::Args)]
pub struct Which {
    /// One service only.
    service: Option<Part>,
    #[command(flatten)]
    given: Given,
}

/// Which service.
#[derive(Debug, clap::Args)]
pub struct One {
    /// The service.
    service: Part,
    #[command(flatten)]
    given: Given,
}

/// Which key.
#[derive(Debug, clap::Args)]
pub struct Key {
    /// The service.
    service: Part,
    /// Number of the key.
    number: u16,
    #[command(flatten)]
    given: Given,
}

/// Does it.
pub async fn run(ask: Vault) -> anyhow::Result<ExitCode> {
    match ask {
        Vault::Init(ask) => {
            for part in ask.parts() {
                let it = Opened::open(&ask.given, part).await?;
                it.register().initialise().await?;
                println!("{} has a vault", part.name());
            }
        }
        Vault::List(ask) => {
            for part in ask.parts() {
                let it = Opened::open(&ask.given, part).await?;
                for key in it.register().list().await? {
                    println!(
                        "{:<22} {:<5} {:>3} {} {:<8} {:>9} rows",
                        part.name(),
                        key.kind.name(),
                        key.id,
                        key.check_value,
                        key.state.as_str(),
                        key.rows
                    );
                }
            }
        }
        Vault::Add(ask) => {
            let it = Opened::open(&ask.given, ask.service).await?;
            let id = it.register().add().await?;
            println!(
                "seal key {id} made: give {} to every replica, then activate it",
                it.folder.file(vault::Kind::Seal, id).display()
            );
        }
        Vault::Activate(ask) => {
            let it = Opened::open(&ask.given, ask.service).await?;
            it.register().activate(ask.number).await?;
            println!("seal key {} seals", ask.number);
        }
        Vault::Rotate(ask) => return rotate(&ask).await,
        Vault::Retire(ask) => {
            let it = Opened::open(&ask.given, ask.service).await?;
            it.register().retire(ask.number).await?;
            println!("seal key {} is retired", ask.number);
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn rotate(ask: &One) -> anyhow::Result<ExitCode> {
    let it = Opened::open(&ask.given, ask.service).await?;
    let vault = it.register().open().await?;
    let owners: Vec<_> = Tenancy::each().collect();
    let report = vault::rotate(&it.db, &vault, ask.service.sealed(), &owners).await?;
    for place in &report.broken {
        println!("opens with no key: {place}");
    }
    println!(
        "{} sealed anew with key {}",
        report.resealed,
        vault.active()
    );
    Ok(match report.broken.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

impl Which {
    fn parts(&self) -> impl Iterator<Item = Part> + use<> {
        let only = self.service;
        let all = Part::ALL.iter().copied();
        all.filter(move |it| only.is_none_or(|only| only == *it))
    }
}

struct Opened {
    part: Part,
    db: Database,
    folder: KeyFolder,
}

impl Opened {
    async fn open(given: &Given, part: Part) -> anyhow::Result<Self> {
        let settings = Settings::read(given, Vec::new())?;
        Ok(Self {
            part,
            db: settings.storage()?.look_into(part).await?,
            folder: settings.keys().folder(part),
        })
    }

    fn register(&self) -> vault::Register<'_> {
        self.part.vault_keys(&self.db, &self.folder)
    }
}
