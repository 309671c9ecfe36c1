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

use crate::{
    context::Context,
    convert,
    domain::Step,
    names::parse_own,
    refusal::fits,
    separation::reaches,
    store::{self, cases::Stored},
};

/// One command on one case.
pub(crate) struct Command<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) name: &'a str,
    pub(crate) etag: &'a str,
    pub(crate) tenant: Tenant,
    pub(crate) id: Uuid,
    pub(crate) key: Key,
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
        let (tenant, id) = parse_own(caller, name, "cases")?;
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

impl Context {
    /// The case of a command, read before the registers are asked for it, but not for a repetition.
    pub(crate) async fn case_of<Answer: Message + Default>(
        &self,
        command: &Command<'_>,
    ) -> Result<Begun<Answer, Stored>> {
        Ok(
            match act::look(&self.db, command.tenant, &command.key).await? {
                Begun::Answered(answer) => Begun::Answered(answer),
                Begun::Open(tx) => Begun::Open(command.find(&tx).await?),
            },
        )
    }

    /// The same, and not for a step that does not fit.
    pub(crate) async fn case_before<Answer: Message + Default>(
        &self,
        command: &Command<'_>,
        step: Step,
    ) -> Result<Begun<Answer, Stored>> {
        let begun = self.case_of(command).await?;
        if let Begun::Open(stored) = &begun {
            let case = &stored.case;
            fits(case.place.allows(step, case.kind()).map(|_| ()), case)?;
        }
        Ok(begun)
    }
}
