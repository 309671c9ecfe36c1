//! What the handlers share, and what needs it: cases read and shown, their personal data, the version
//! of the law that decides.

use std::sync::{Arc, atomic::AtomicBool};

use moka::sync::Cache;
use time::Date;
use yuhui_kernel::Calendar;
use yuhui_platform::{
    Result, caller::Caller, clock::Clock, db::Database, objects::Objects, operations::Operations,
    peers::Peers, refusal::not_found, vault::Vault,
};
use yuhui_policy::PolicyPack;
use yuhui_proto::eligibility::v1 as pb;

use crate::{
    convert,
    domain::{Case, deadline::Year, private::Private},
    names::parse_own,
    packs::Packs,
    separation::reaches,
    store::{
        self,
        cases::{PRIVATE, Stored},
        views::View,
    },
};

/// Codes of receipts and reports, as keyed hashes know them apart from other numbers.
pub(crate) const CODES: &str = "public-code";

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) db: Database,
    pub(crate) clock: Clock,
    pub(crate) peers: Peers,
    pub(crate) vault: Arc<Vault>,
    pub(crate) operations: Operations,
    /// Contents of documents.
    pub(crate) objects: Objects,
    pub(crate) packs: Packs,
    pub(crate) calendar: &'static Calendar,
    /// Views of cases that are kept already.
    pub(crate) views: Cache<View, ()>,
    /// Set once the database is seen to have that table.
    pub(crate) calendar_is_kept: Arc<AtomicBool>,
}

/// What the deadlines of a day follow from.
pub(crate) struct Law {
    pack: Arc<PolicyPack>,
    calendar: &'static Calendar,
}

impl Law {
    /// Deadlines of the offices.
    pub(crate) fn year(&self) -> Year<'_> {
        Year {
            pack: &self.pack,
            calendar: self.calendar,
        }
    }
}

impl Context {
    pub(crate) fn today(&self) -> Date {
        self.clock.today()
    }

    /// Reads a case without changing it; one that the caller does not reach does not exist.
    pub(crate) async fn case(&self, caller: &Caller, name: &str) -> Result<Stored> {
        let (tenant, id) = parse_own(caller, name, "cases")?;
        let tx = self.db.read(tenant).await?;
        let stored = store::cases::get(&tx, id).await?;
        stored
            .filter(|it| reaches(caller, &it.case))
            .ok_or_else(|| not_found(name).into())
    }

    pub(crate) fn seal(&self, case: &Case, private: &Private) -> Result<Vec<u8>> {
        let text = serde_json::to_string(private)?;
        Ok(self.vault.seal(&PRIVATE.at(case.tenant, case.id), &text)?)
    }

    /// The personal data of a case.
    pub(crate) fn open(&self, stored: &Stored) -> Result<Private> {
        store::cases::open(&self.vault, &stored.case, &stored.sealed)
    }

    /// The case as the caller sees it.
    pub(crate) fn show_to(&self, caller: &Caller, stored: &Stored) -> Result<pb::Case> {
        let private = self.open(stored)?;
        convert::case(caller, &stored.case, &private)
    }

    /// The version of the law that decides a claim lodged on `day`.
    pub(crate) async fn pack_on(&self, day: Date) -> Result<Arc<PolicyPack>> {
        self.packs.on(&self.db, day, self.today()).await
    }

    /// What the deadlines of today follow from, by what was read before the transaction.
    pub(crate) fn law(&self) -> Law {
        Law {
            pack: self.packs.known_on(self.today()),
            calendar: self.calendar,
        }
    }

    /// The version of that name.
    pub(crate) async fn pack_version(&self, version: &str) -> Result<Arc<PolicyPack>> {
        self.packs.version(&self.db, version, self.today()).await
    }

    /// R-PRC-9: the version of the day of lodging; of today for what is not lodged yet.
    pub(crate) async fn pack_of(&self, case: &Case) -> Result<Arc<PolicyPack>> {
        match (case.lodged_on, case.pack_version.as_str()) {
            (None, _) => self.pack_on(self.today()).await,
            // Lodged when there was one version only.
            (Some(_), "") => Ok(self.packs.built_in().clone()),
            (Some(_), version) => self.pack_version(version).await,
        }
    }
}
