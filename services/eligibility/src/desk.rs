//! The desk every handler works at: what they share, and how cases are named and found.

use std::sync::{Arc, atomic::AtomicBool};

use prost::Message;
use time::Date;
use uuid::Uuid;
use yuhui_kernel::{Calendar, Tenant};
use yuhui_platform::{
    Result,
    caller::Caller,
    clock::{self, Clock},
    db::{Database, Tx},
    idempotency::Key,
    peers::Peers,
    refusal::{self, not_found},
    vault::{Row, Sealed, Vault},
};
use yuhui_proto::{authz::v1::Reach, eligibility::v1 as pb};

use crate::{
    domain::{Case, Step, private::Private},
    packs::Packs,
    refusal::Refused,
    rpc::convert,
    separation::reaches,
    store::{self, cases::Stored},
};

/// Personal data of a case.
pub(crate) const PRIVATE: Sealed = Sealed {
    table: "cases",
    column: "sealed",
    tenant: "tenant",
    row: Row::Text("id"),
};

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) db: Database,
    pub(crate) clock: Clock,
    pub(crate) peers: Peers,
    pub(crate) vault: Arc<Vault>,
    pub(crate) packs: Packs,
    pub(crate) calendar: &'static Calendar,
    /// Set once the database is seen to have that table.
    pub(crate) calendar_is_kept: Arc<AtomicBool>,
}

/// One command on one case.
pub(crate) struct Command<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) name: &'a str,
    pub(crate) etag: &'a str,
    pub(crate) tenant: Tenant,
    pub(crate) id: Uuid,
    pub(crate) key: Key,
}

/// What a first look at a command finds.
pub(crate) enum Looked {
    /// The command is a repetition: this was the first answer.
    Answered(Box<pb::Case>),
    /// The case as it stands.
    Found(Box<Stored>),
}

impl<'a> Command<'a> {
    /// Reads a command; a case the caller does not reach does not exist.
    pub(crate) fn new<M: Message>(
        caller: &'a Caller,
        name: &'a str,
        etag: &'a str,
        request_id: &str,
        request: &M,
    ) -> Result<Self> {
        let (tenant, id) = case_name(caller, name)?;
        let key = Key::new(caller, request_id, request)?;
        Ok(Self {
            caller,
            name,
            etag,
            tenant,
            id,
            key,
        })
    }

    /// The case it is about, if the caller reaches it and knows it as it stands.
    pub(crate) async fn find(&self, tx: &Tx) -> Result<Stored> {
        self.known(store::cases::get(tx, self.id).await?)
    }

    /// The same, locked until the transaction ends.
    pub(crate) async fn find_locked(&self, tx: &Tx) -> Result<Stored> {
        self.known(store::cases::locked(tx, self.id).await?)
    }

    fn known(&self, stored: Option<Stored>) -> Result<Stored> {
        let stored = stored
            .filter(|it| reaches(self.caller, &it.case))
            .ok_or_else(|| not_found(self.name))?;
        if !self.etag.is_empty() && self.etag != convert::etag(&stored.case) {
            return Err(refusal::aborted().into());
        }
        Ok(stored)
    }
}

impl Desk {
    pub(crate) fn today(&self) -> Date {
        self.clock.today()
    }

    /// Reads a case without changing it.
    pub(crate) async fn look(&self, caller: &Caller, name: &str) -> Result<Stored> {
        let (tenant, id) = case_name(caller, name)?;
        let tx = self.db.read(tenant).await?;
        let stored = store::cases::get(&tx, id).await?;
        stored
            .filter(|it| reaches(caller, &it.case))
            .ok_or_else(|| not_found(name).into())
    }

    /// Looks at a case before the registers are asked for it, but not for a repetition.
    pub(crate) async fn look_at(&self, command: &Command<'_>) -> Result<Looked> {
        let tx = self.db.read(command.tenant).await?;
        if let Some(answer) = command.key.answered(&tx).await? {
            return Ok(Looked::Answered(Box::new(answer)));
        }
        Ok(Looked::Found(Box::new(command.find(&tx).await?)))
    }

    /// The same, and not for a step that does not fit.
    pub(crate) async fn look_before(&self, command: &Command<'_>, step: Step) -> Result<Looked> {
        let looked = self.look_at(command).await?;
        if let Looked::Found(stored) = &looked {
            let case = &stored.case;
            let allowed = case.place.allows(step, case.kind());
            allowed.map_err(|refused| Refused::WrongState {
                case: case.name(),
                refused,
            })?;
        }
        Ok(looked)
    }

    pub(crate) fn seal(&self, case: &Case, private: &Private) -> Result<Vec<u8>> {
        let text = serde_json::to_string(private)?;
        Ok(self.vault.seal(&PRIVATE.at(case.tenant, case.id), &text)?)
    }

    /// The personal data of a case.
    pub(crate) fn open(&self, stored: &Stored) -> Result<Private> {
        let place = PRIVATE.at(stored.case.tenant, stored.case.id);
        let text = self.vault.unseal(&place, &stored.sealed)?;
        Ok(serde_json::from_str(&text)?)
    }

    /// The case as the caller sees it.
    pub(crate) fn show(&self, stored: &Stored) -> Result<pb::Case> {
        let private = self.open(stored)?;
        Ok(convert::case(&stored.case, &private))
    }
}

/// `counties/{county}/cases/{uuid}` taken apart.
fn case_name(caller: &Caller, name: &str) -> Result<(Tenant, Uuid)> {
    let (tenant, id) = parse_name(name, "cases").ok_or_else(|| not_found(name))?;
    // What is said to be missing is what was named.
    let tenant = caller.tenant_for(&tenant).map_err(|_| not_found(name))?;
    Ok((tenant, id))
}

/// `counties/{county}/{collection}/{uuid}` taken apart.
pub(crate) fn parse_name(name: &str, collection: &str) -> Option<(Tenant, Uuid)> {
    let mut parts = name.split('/');
    let (Some("counties"), Some(county), Some(kind), Some(id), None) = (
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
    ) else {
        return None;
    };
    if kind != collection {
        return None;
    }
    Some((Tenant::parse(county).ok()?, Uuid::parse_str(id).ok()?))
}

/// `counties/{county}` taken apart.
pub(crate) fn parse_parent(caller: &Caller, parent: &str) -> Result<Tenant> {
    let tenant = parent
        .strip_prefix("counties/")
        .and_then(|it| Tenant::parse(it).ok())
        .ok_or_else(|| not_found(parent))?;
    Ok(caller.tenant_for(&tenant)?)
}

/// Digits that every unit within the caller's reach begins with.
pub(crate) fn unit_prefix(caller: &Caller) -> String {
    let unit = caller.unit.filter(|_| caller.reach == Reach::OwnUnit);
    unit.map(|it| it.to_string()).unwrap_or_default()
}

/// Order of lodging inside a day, also of a sandbox, whose time of day goes round: the part of a
/// time-ordered id that is its time, and always behind the `last` in line, for the clocks of two
/// machines differ. Equal ones are told apart by the id of the case.
pub(crate) fn behind(last: Option<i64>) -> i64 {
    let (time, _) = clock::fresh_id().as_u64_pair();
    let now = i64::try_from(time).unwrap_or(i64::MAX);
    last.map_or(now, |it| now.max(it.saturating_add(1)))
}

/// Whether the case is the same as when it was looked at.
pub(crate) fn unmoved(case: &Case, revision: i64) -> Result<()> {
    if case.revision == revision {
        Ok(())
    } else {
        Err(refusal::aborted().into())
    }
}
