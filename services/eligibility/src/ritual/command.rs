//! One command on one case: who, which, what is known of it.

use prost::Message;
use uuid::Uuid;
use yuhui_kernel::Tenant;
use yuhui_platform::{
    Result,
    act::{self, Begun},
    caller::Caller,
    db::Tx,
    idempotency::Key,
    refusal::{self, not_found},
};

use super::unmoved;
use crate::{
    context::Context,
    convert,
    gate::{self, Deed, Seen},
    names::parse_own,
    separation::reaches,
    store::{self, cases::Stored},
};

/// One command on one case.
pub(crate) struct Command<'a> {
    pub(crate) caller: &'a Caller,
    /// What it does.
    pub(crate) deed: Deed,
    pub(crate) name: &'a str,
    pub(crate) etag: &'a str,
    pub(crate) tenant: Tenant,
    pub(crate) id: Uuid,
    pub(crate) key: Key,
}

impl<'a> Command<'a> {
    /// Reads a command; a case the caller does not reach does not exist.
    pub(crate) fn new<M: Message>(
        (caller, deed): (&'a Caller, Deed),
        name: &'a str,
        etag: &'a str,
        request_id: &str,
        request: &M,
    ) -> Result<Self> {
        let (tenant, id) = parse_own(caller, name, "cases")?;
        let key = Key::new(caller, request_id, request)?;
        Ok(Self {
            caller,
            deed,
            name,
            etag,
            tenant,
            id,
            key,
        })
    }

    /// The case it is about, if the caller reaches it, knows it as it stands, and may do to it what he asks.
    pub(crate) async fn find(&self, context: &Context, tx: &Tx) -> Result<Stored> {
        let stored = self.known(store::cases::get(tx, self.id).await?)?;
        self.allowed(context, tx, stored).await
    }

    /// The same, locked until the transaction ends; one that has moved since it was read at `revision` is a lost
    /// race.
    pub(crate) async fn find_locked(
        &self,
        context: &Context,
        tx: &Tx,
        revision: Option<i64>,
    ) -> Result<Stored> {
        let stored = self.known(store::cases::locked(tx, self.id).await?)?;
        if let Some(revision) = revision {
            unmoved(&stored.case, revision)?;
        }
        self.allowed(context, tx, stored).await
    }

    fn known(&self, stored: Option<Stored>) -> Result<Stored> {
        let stored = stored
            .filter(|it| reaches(self.caller, &it.case))
            .ok_or_else(|| not_found(self.name))?;
        if !self.etag.is_empty() {
            refusal::seen(self.etag, &convert::etag(&stored.case))?;
        }
        Ok(stored)
    }

    async fn allowed(&self, context: &Context, tx: &Tx, stored: Stored) -> Result<Stored> {
        let reviews = match self.deed.asks_for_reviews() {
            true => store::review_requests::of_case(tx, self.id).await?,
            false => Vec::new(),
        };
        let seen = Seen::of(context, (self.caller, &stored.case), &reviews);
        gate::may(self.deed, &seen)?;
        Ok(stored)
    }
}

impl Context {
    /// The case of a command, read before the registers are asked for it, but not for a repetition.
    pub(crate) async fn case_of<Answer: Message + Default>(
        &self,
        command: &Command<'_>,
    ) -> Result<Begun<Answer, Stored>> {
        Ok(
            match act::look(&self.db, command.tenant, &command.key).await? {
                Begun::Answered(answer) => Begun::Answered(answer),
                Begun::Open(tx) => Begun::Open(command.find(self, &tx).await?),
            },
        )
    }
}
