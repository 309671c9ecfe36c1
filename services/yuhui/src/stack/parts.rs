//! The six parts, and what each is built from.

use std::{str::FromStr, sync::Arc};

use anyhow::{anyhow, bail};
use tokio::task::JoinHandle;
use tonic::service::Routes;
use yuhui_funding_ledger::book::ResidualBearer as Bearer;
use yuhui_kernel::Calendar;
use yuhui_platform::{
    Clock,
    audit::Kept,
    authz::{Guard, Rules},
    db::Database,
    ephemeral::Ephemeral,
    inbox::Attendant,
    outbox::Relay,
    peers::Peers,
    retention::{self, Retention},
    serve::{Limits, Server},
    token::{Keyring, Signer},
    vault::Vault,
};
use yuhui_policy::{PolicyPack, pack::ResidualBearer};

use super::Storage;

/// A part of the system: a process of its own in production.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Cases, notices, rosters.
    Eligibility,
    /// Registers and verification.
    RegistryVerification,
    /// Nurseries.
    InstitutionRegistry,
    /// Shares and the ledger.
    FundingLedger,
    /// Payment orders and the bank agent.
    Disbursement,
    /// The only door.
    Gateway,
}

impl Part {
    /// Every part.
    pub const ALL: &'static [Self] = &[
        Self::Eligibility,
        Self::RegistryVerification,
        Self::InstitutionRegistry,
        Self::FundingLedger,
        Self::Disbursement,
        Self::Gateway,
    ];

    /// Its name in tokens, files and addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Eligibility => yuhui_eligibility::NAME,
            Self::RegistryVerification => yuhui_registry_verification::NAME,
            Self::InstitutionRegistry => yuhui_institution_registry::NAME,
            Self::FundingLedger => yuhui_funding_ledger::NAME,
            Self::Disbursement => yuhui_disbursement::NAME,
            Self::Gateway => yuhui_gateway::NAME,
        }
    }

    /// What its database keeps for good.
    #[must_use]
    pub const fn kept(self) -> &'static [Kept] {
        match self {
            Self::Eligibility => yuhui_eligibility::KEPT,
            Self::InstitutionRegistry => yuhui_institution_registry::KEPT,
            Self::FundingLedger => yuhui_funding_ledger::KEPT,
            Self::Disbursement => yuhui_disbursement::KEPT,
            // No answer of theirs names a thing of a county's.
            Self::RegistryVerification | Self::Gateway => &[],
        }
    }

    /// Where its events go.
    #[must_use]
    pub const fn destinations(self) -> &'static [&'static str] {
        match self {
            Self::Eligibility => yuhui_eligibility::DESTINATIONS,
            Self::RegistryVerification => yuhui_registry_verification::DESTINATIONS,
            Self::InstitutionRegistry => yuhui_institution_registry::DESTINATIONS,
            Self::FundingLedger => yuhui_funding_ledger::DESTINATIONS,
            Self::Disbursement => yuhui_disbursement::DESTINATIONS,
            Self::Gateway => &[],
        }
    }
}

impl FromStr for Part {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.iter().find(|part| part.name() == text);
        let names: Vec<_> = Self::ALL.iter().map(|part| part.name()).collect();
        named
            .copied()
            .ok_or_else(|| anyhow!("no service `{text}`; there are {}", names.join(", ")))
    }
}

/// Who bears the odd fen (`funding.residual_fen_bearer`), in the ledger's words.
#[must_use]
pub fn residual_bearer(pack: &PolicyPack) -> Bearer {
    match pack.parameters.funding_residual_fen_bearer {
        ResidualBearer::County => Bearer::County,
        ResidualBearer::City => Bearer::City,
    }
}

/// Connects a part's database and brings its tables up to date.
pub async fn database(storage: &Storage, part: Part) -> anyhow::Result<Database> {
    let opened = async {
        let db = Database::connect(&storage.of(part)).await?;
        match part {
            Part::Eligibility => db.migrate::<yuhui_eligibility::Migrator>().await,
            Part::RegistryVerification => {
                db.migrate::<yuhui_registry_verification::Migrator>().await
            }
            Part::InstitutionRegistry => db.migrate::<yuhui_institution_registry::Migrator>().await,
            Part::FundingLedger => db.migrate::<yuhui_funding_ledger::Migrator>().await,
            Part::Disbursement => db.migrate::<yuhui_disbursement::Migrator>().await,
            Part::Gateway => db.migrate::<yuhui_gateway::Migrator>().await,
        }?;
        Ok::<_, yuhui_platform::Error>(db)
    };
    opened
        .await
        .map_err(|error| anyhow!("{}: {error}", part.name()))
}

/// What one part is built from.
pub struct Bench {
    /// Which part.
    pub part: Part,
    /// Its database.
    pub db: Database,
    /// Business dates.
    pub clock: Clock,
    /// The other parts, and its own key.
    pub peers: Peers,
    /// Seals personal data.
    pub vault: Arc<Vault>,
    /// The policy in force.
    pub pack: Arc<PolicyPack>,
    /// Keys that are believed.
    pub keyring: Keyring,
    /// Who may call what.
    pub rules: Arc<Rules>,
    /// What its server takes on; the gateway has limits of its own.
    pub limits: Limits,
}

impl Bench {
    /// The relay of its events, if it has any to send.
    #[must_use]
    pub fn relay(&self) -> Option<Relay> {
        let destinations = self.part.destinations();
        let relay = || Relay::new(self.db.clone(), self.peers.clone(), destinations);
        (!destinations.is_empty()).then(relay)
    }

    /// What the part does without being asked, if anything, until aborted.
    #[must_use]
    pub fn jobs(&self) -> Option<JoinHandle<()>> {
        match self.part {
            Part::Eligibility => Some(yuhui_eligibility::jobs::spawn(self.deadlines())),
            Part::FundingLedger => Some(yuhui_funding_ledger::jobs::spawn(self.ledger())),
            _ => None,
        }
    }

    /// What the part does with events while nobody delivers one, if it takes any.
    #[must_use]
    pub fn inbox(&self) -> Option<Arc<dyn Attendant>> {
        match self.part {
            Part::Eligibility => Some(yuhui_eligibility::inbox(self.eligibility())),
            Part::FundingLedger => Some(yuhui_funding_ledger::inbox(self.ledger())),
            Part::Disbursement => Some(yuhui_disbursement::inbox(self.disbursement())),
            _ => None,
        }
    }

    /// Forgets what the part has kept for long enough, until aborted.
    #[must_use]
    pub fn sweep(&self, retention: Retention) -> JoinHandle<()> {
        tokio::spawn(retention::sweep(self.db.clone(), retention))
    }

    fn eligibility(&self) -> yuhui_eligibility::Deps {
        yuhui_eligibility::Deps {
            db: self.db.clone(),
            clock: self.clock.clone(),
            peers: self.peers.clone(),
            vault: self.vault.clone(),
            pack: self.pack.clone(),
            calendar: Calendar::china(),
        }
    }

    fn disbursement(&self) -> yuhui_disbursement::Deps {
        yuhui_disbursement::Deps {
            db: self.db.clone(),
            clock: self.clock.clone(),
            peers: self.peers.clone(),
            vault: self.vault.clone(),
        }
    }

    fn deadlines(&self) -> yuhui_eligibility::jobs::Watch {
        yuhui_eligibility::jobs::Watch {
            db: self.db.clone(),
            clock: self.clock.clone(),
            pack: self.pack.clone(),
        }
    }

    fn ledger(&self) -> yuhui_funding_ledger::Deps {
        yuhui_funding_ledger::Deps {
            db: self.db.clone().keyed(self.vault.clone()),
            clock: self.clock.clone(),
            peers: self.peers.clone(),
            residual_bearer: residual_bearer(&self.pack),
        }
    }

    /// The server of a service; the gateway serves itself.
    pub fn server(self) -> anyhow::Result<Server> {
        let (part, rules, keyring) = (self.part, self.rules.clone(), self.keyring.clone());
        let guard = Guard::service(rules, keyring, part.name());
        let limits = self.limits.clone();
        Ok(Server::new(part.name(), guard, self.routes()?).limits(limits))
    }

    fn routes(self) -> anyhow::Result<Routes> {
        let (ledger, eligibility) = (self.ledger(), self.eligibility());
        let disbursement = self.disbursement();
        let Self {
            part,
            db,
            clock,
            peers,
            vault,
            ..
        } = self;
        Ok(match part {
            Part::Eligibility => yuhui_eligibility::routes(eligibility),
            Part::RegistryVerification => {
                yuhui_registry_verification::routes(yuhui_registry_verification::Deps {
                    db,
                    clock,
                    vault,
                })
            }
            Part::InstitutionRegistry => {
                yuhui_institution_registry::routes(yuhui_institution_registry::Deps {
                    db,
                    clock,
                    vault,
                    peers,
                })
            }
            Part::FundingLedger => yuhui_funding_ledger::routes(ledger),
            Part::Disbursement => yuhui_disbursement::routes(disbursement),
            Part::Gateway => bail!("the gateway serves itself"),
        })
    }

    /// What the gateway works with.
    #[must_use]
    pub fn gateway(
        self,
        signer: Arc<Signer>,
        ephemeral: Arc<dyn Ephemeral>,
        config: yuhui_gateway::Config,
    ) -> yuhui_gateway::Deps {
        yuhui_gateway::Deps {
            db: self.db,
            clock: self.clock,
            peers: self.peers,
            vault: self.vault,
            ephemeral,
            signer,
            keyring: self.keyring,
            rules: self.rules,
            config,
        }
    }
}
