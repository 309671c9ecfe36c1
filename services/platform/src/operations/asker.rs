//! Who asked for an operation, kept with it: its slices are done in his name, long after his token.

use prost::Message as _;
use serde::{Deserialize, Serialize};
use yuhui_kernel::DivisionCode;
use yuhui_proto::authz::v1::{Reach, Role, RoleSpec};

use crate::{Error, Result, caller::Caller, token::Principal};

/// A caller as it is kept.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Asker {
    account: String,
    name: String,
    role: String,
    spec: String,
    unit: Option<String>,
    person: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    principal: Option<Principal>,
    session: String,
    reach: i32,
    method: String,
    request_id: String,
    remote: Option<String>,
}

impl Asker {
    pub(super) fn of(caller: &Caller) -> Self {
        Self {
            account: caller.account.clone(),
            name: caller.name.clone(),
            role: caller.role.as_str_name().into(),
            spec: hex::encode(caller.spec.encode_to_vec()),
            unit: caller.unit.map(|it| it.to_string()),
            person: caller.person.clone(),
            principal: caller.principal.clone(),
            session: caller.session.clone(),
            reach: caller.reach.into(),
            method: caller.method.clone(),
            request_id: caller.request_id.clone(),
            remote: caller.remote.clone(),
        }
    }

    pub(super) fn account(&self) -> &str {
        &self.account
    }

    pub(super) fn caller(self) -> Result<Caller> {
        let unreadable = || Error::fault("an operation was asked for by nobody who is known");
        let unit = self.unit.map(|it| it.parse::<DivisionCode>()).transpose();
        let spec = hex::decode(&self.spec).map_err(|_| unreadable())?;
        Ok(Caller {
            account: self.account,
            name: self.name,
            role: Role::from_str_name(&self.role).ok_or_else(unreadable)?,
            spec: RoleSpec::decode(spec.as_slice())?,
            unit: unit.map_err(|_| unreadable())?,
            person: self.person,
            principal: self.principal,
            // Who only reads asks for nothing.
            glass: None,
            session: self.session,
            via: None,
            reach: Reach::try_from(self.reach).map_err(|_| unreadable())?,
            method: self.method,
            request_id: self.request_id,
            remote: self.remote,
        })
    }
}
