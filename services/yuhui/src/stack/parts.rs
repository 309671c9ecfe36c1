//! The six parts, and what each is built from.

use std::{collections::BTreeSet, str::FromStr, sync::Arc};

use anyhow::{anyhow, bail};
use tonic::service::Routes;
use yuhui_funding_ledger::book::ResidualBearer as Bearer;
use yuhui_kernel::Calendar;
use yuhui_platform::{
    Clock,
    audit::Kept,
    authz::{Guard, Rules},
    db::{Database, DbConfig, Unfit, Use, names_of},
    ephemeral::Ephemeral,
    health::{Checks, Health},
    idempotency,
    inbox::Attendant,
    jobs::Running,
    objects::{Objects, Place},
    outbox::Relay,
    peers::Peers,
    serve::{Limits, Server},
    token::{Keyring, Signer},
    vault::{KeyFolder, Register, Sealed, Vault},
};
use yuhui_policy::{PolicyPack, pack::ResidualBearer};

use super::Pace;

/// What every service answers to the gateway.
const TRAIL: &str = "/yuhui.internal.v1.AuditTrailService/";
/// What those answer to whom events go.
const EVENTS: &str = "/yuhui.internal.v1.EventSinkService/";

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

    /// Port it listens on, unless settings say otherwise.
    #[must_use]
    pub const fn port(self) -> u16 {
        match self {
            Self::Gateway => 7300,
            Self::Eligibility => 7311,
            Self::RegistryVerification => 7312,
            Self::InstitutionRegistry => 7313,
            Self::FundingLedger => 7314,
            Self::Disbursement => 7315,
        }
    }

    /// The parts it calls, with questions or events.
    #[must_use]
    pub const fn peers(self) -> &'static [Self] {
        match self {
            Self::Gateway => &[
                Self::Eligibility,
                Self::RegistryVerification,
                Self::InstitutionRegistry,
                Self::FundingLedger,
                Self::Disbursement,
            ],
            Self::Eligibility => &[
                Self::RegistryVerification,
                Self::InstitutionRegistry,
                Self::FundingLedger,
                Self::Disbursement,
            ],
            Self::InstitutionRegistry => &[Self::RegistryVerification],
            Self::FundingLedger => &[Self::Eligibility, Self::Disbursement],
            Self::Disbursement => &[Self::Eligibility, Self::FundingLedger],
            Self::RegistryVerification => &[],
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

    /// Its sealed columns.
    #[must_use]
    pub const fn sealed(self) -> &'static [Sealed] {
        match self {
            Self::Eligibility => yuhui_eligibility::SEALED,
            Self::RegistryVerification => yuhui_registry_verification::SEALED,
            Self::Disbursement => yuhui_disbursement::SEALED,
            Self::Gateway => yuhui_gateway::SEALED,
            // Of what they keep, answers to commands alone may name somebody.
            Self::InstitutionRegistry | Self::FundingLedger => &[idempotency::ANSWER],
        }
    }

    /// The keys of its vault: what `db` knows of them, and their folder.
    #[must_use]
    pub fn vault_keys<'a>(self, db: &'a Database, folder: &'a KeyFolder) -> Register<'a> {
        Register {
            db,
            service: self.name(),
            folder,
            sealed: self.sealed(),
        }
    }

    /// What the other services ask of it, beside events and its audit trail, which are everybody's.
    const fn asked(self) -> &'static [&'static str] {
        match self {
            Self::Eligibility => &[
                "/yuhui.internal.v1.ClearanceService/",
                "/yuhui.internal.v1.PayoutService/",
            ],
            Self::RegistryVerification => &["/yuhui.internal.v1.VerificationService/"],
            Self::InstitutionRegistry => &["/yuhui.internal.v1.InstitutionFactsService/"],
            Self::FundingLedger => &["/yuhui.internal.v1.PaidService/"],
            Self::Disbursement | Self::Gateway => &[],
        }
    }

    /// The services that may call it: those that the contract lets, and of those that may send events
    /// the ones that do.
    #[must_use]
    pub fn callers(self, rules: &Rules) -> BTreeSet<String> {
        let me = self.name();
        let own = |path: &str| {
            let asked = self.asked().iter().any(|it| path.starts_with(*it));
            asked || yuhui_gateway::answered_by(path) == Some(me) || path.starts_with(TRAIL)
        };
        let mut callers = rules.callers(own);
        let senders = rules.callers(|path| path.starts_with(EVENTS));
        let sends = |name: &String| {
            let part = name.parse::<Self>().ok();
            part.is_some_and(|it| it.destinations().contains(&me))
        };
        callers.extend(senders.into_iter().filter(sends));
        callers
    }

    /// Contents of documents, if the part has documents and there is a place for them.
    pub fn documents(self, place: Option<&Place>) -> anyhow::Result<Objects> {
        match (self, place) {
            (Self::Eligibility, Some(place)) => Objects::open(place),
            (Self::Eligibility, None) => {
                tracing::warn!("no place for documents: set documents.folder or documents.bucket");
                Ok(Objects::default())
            }
            _ => Ok(Objects::default()),
        }
    }

    /// The migrations its tables are made by.
    #[must_use]
    pub fn migrations(self) -> Vec<String> {
        match self {
            Self::Eligibility => names_of::<yuhui_eligibility::Migrator>(),
            Self::RegistryVerification => names_of::<yuhui_registry_verification::Migrator>(),
            Self::InstitutionRegistry => names_of::<yuhui_institution_registry::Migrator>(),
            Self::FundingLedger => names_of::<yuhui_funding_ledger::Migrator>(),
            Self::Disbursement => names_of::<yuhui_disbursement::Migrator>(),
            Self::Gateway => names_of::<yuhui_gateway::Migrator>(),
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
fn residual_bearer(pack: &PolicyPack) -> Bearer {
    match pack.parameters.funding_residual_fen_bearer {
        ResidualBearer::County => Bearer::County,
        ResidualBearer::City => Bearer::City,
    }
}

/// Does the same with the migrator of whichever part it is.
macro_rules! with_migrator {
    ($part:expr, $db:ident . $method:ident) => {
        match $part {
            Part::Eligibility => $db.$method::<yuhui_eligibility::Migrator>().await,
            Part::RegistryVerification => {
                $db.$method::<yuhui_registry_verification::Migrator>().await
            }
            Part::InstitutionRegistry => {
                $db.$method::<yuhui_institution_registry::Migrator>().await
            }
            Part::FundingLedger => $db.$method::<yuhui_funding_ledger::Migrator>().await,
            Part::Disbursement => $db.$method::<yuhui_disbursement::Migrator>().await,
            Part::Gateway => $db.$method::<yuhui_gateway::Migrator>().await,
        }
    };
}

/// Connects a part's database and brings its tables up to date.
pub async fn migrated(config: &DbConfig, part: Part) -> anyhow::Result<Database> {
    let opened = async {
        let db = Database::connect(config).await?;
        with_migrator!(part, db.migrate)?;
        Ok::<_, yuhui_platform::Error>(db)
    };
    opened
        .await
        .map_err(|error| anyhow!("{}: {error}", part.name()))
}

/// Whether a part may work on its database for `wanted`: of this version, dedicated to that, and
/// reached as a role that is held to its rules.
pub async fn must_fit(db: &Database, part: Part, wanted: Use) -> Result<(), Unfit> {
    db.must_be_current(&part.migrations()).await?;
    db.must_be_for(wanted).await?;
    match wanted {
        Use::Production => db.must_be_safe().await,
        Use::Development => Ok(()),
    }
}

/// What one part is built from.
pub struct PartDeps {
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
    /// Contents of documents.
    pub documents: Objects,
    /// The policy in force.
    pub pack: Arc<PolicyPack>,
    /// Keys that are believed.
    pub keyring: Keyring,
    /// Who may call what.
    pub rules: Arc<Rules>,
    /// What its server takes on; the gateway has limits of its own.
    pub limits: Limits,
    /// What it does without being asked.
    pub pace: Pace,
}

impl PartDeps {
    /// The relay of its events, if it has any to send.
    #[must_use]
    pub fn relay(&self) -> Option<Relay> {
        let destinations = self.part.destinations();
        let relay = || {
            Relay::new(
                self.db.clone(),
                self.peers.clone(),
                destinations,
                self.pace.outbox,
            )
        };
        (!destinations.is_empty()).then(relay)
    }

    /// What it needs to take calls, and whom it depends on.
    #[must_use]
    pub fn checks(&self, signer: Arc<Signer>) -> Checks {
        Checks::new(self.part.name())
            .database(&self.db, self.part.migrations())
            .keys(signer, self.keyring.clone())
            .peers(self.peers.clone())
    }

    /// What the part does without being asked, or after it was.
    #[must_use]
    pub fn jobs(&self) -> Vec<Running> {
        match self.part {
            Part::Eligibility => vec![
                yuhui_eligibility::jobs::spawn(self.eligibility()),
                yuhui_eligibility::jobs::uploads::spawn(self.eligibility()),
                yuhui_eligibility::jobs::spawn_arranging(self.eligibility()),
                yuhui_eligibility::worker(self.eligibility()).spawn(),
            ],
            Part::FundingLedger => vec![yuhui_funding_ledger::jobs::spawn(self.ledger())],
            Part::Disbursement => {
                vec![yuhui_disbursement::worker(&self.disbursement()).spawn()]
            }
            Part::Gateway => vec![yuhui_gateway::jobs::spawn(self.db.clone())],
            _ => Vec::new(),
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

    fn eligibility(&self) -> yuhui_eligibility::Deps {
        yuhui_eligibility::Deps {
            db: self.db.clone(),
            clock: self.clock.clone(),
            peers: self.peers.clone(),
            vault: self.vault.clone(),
            objects: self.documents.clone(),
            pack: self.pack.clone(),
            calendar: Calendar::china(),
            slice: self.pace.slice,
        }
    }

    fn disbursement(&self) -> yuhui_disbursement::Deps {
        yuhui_disbursement::Deps {
            db: self.db.clone(),
            clock: self.clock.clone(),
            peers: self.peers.clone(),
            vault: self.vault.clone(),
            slice: self.pace.slice,
        }
    }

    fn ledger(&self) -> yuhui_funding_ledger::Deps {
        yuhui_funding_ledger::Deps {
            db: self.db.clone(),
            clock: self.clock.clone(),
            peers: self.peers.clone(),
            residual_bearer: residual_bearer(&self.pack),
        }
    }

    /// The server of a service; the gateway serves itself.
    pub fn server(self) -> anyhow::Result<Server> {
        let (part, rules, keyring) = (self.part, self.rules.clone(), self.keyring.clone());
        let guard = Guard::service(rules, keyring, part.name());
        let (callers, limits) = (part.callers(&self.rules), self.limits.clone());
        let server = Server::new(part.name(), guard, self.routes()?);
        Ok(server.limits(limits).callers(callers))
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
        health: Option<Health>,
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
            health,
            config,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::rules;

    #[test]
    fn a_service_is_called_by_whom_the_contract_names_and_by_nobody_else() {
        let rules = rules().expect("rules");
        let callers = |part: Part| {
            part.callers(&rules)
                .into_iter()
                .collect::<Vec<_>>()
                .join(" ")
        };
        for (part, names) in [
            (Part::Eligibility, "disbursement funding-ledger gateway"),
            (
                Part::RegistryVerification,
                "eligibility gateway institution-registry",
            ),
            (Part::InstitutionRegistry, "eligibility gateway"),
            (Part::FundingLedger, "disbursement eligibility gateway"),
            (Part::Disbursement, "eligibility funding-ledger gateway"),
        ] {
            assert_eq!(callers(part), names, "{part:?}");
        }
    }
}
