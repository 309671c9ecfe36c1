//! What a session is under beside its account: a delegation (DYN-7), an emergency access (DYN-8), or nothing.

use yuhui_kernel::resource_name;
use yuhui_platform::{
    Clock, Result, clock,
    db::Tx,
    token::{Claims, Principal},
    vault::Vault,
};

use super::micros;
use crate::{
    domain::{
        account::State as AccountState,
        break_glass::{READS_AS, State as GlassState},
        delegation::State,
    },
    refusal::Refused,
    store::{accounts, break_glass, delegations},
};

/// What a session is under.
pub(crate) enum Under {
    /// The account alone.
    Nothing,
    /// The account is a deputy.
    Delegation {
        delegation: delegations::Model,
        principal: Box<accounts::Model>,
    },
    /// The account reads in an emergency.
    BreakGlass(break_glass::Model),
}

impl Under {
    /// What a name kept with a session says; what is not there any more lets nobody act.
    pub(crate) async fn read(tx: &Tx, name: &str) -> Result<Self> {
        if name.is_empty() {
            return Ok(Self::Nothing);
        }
        if let Some((_, id)) = resource_name::child(name, "breakGlass") {
            let access = break_glass::by_id(tx, id).await?;
            return Ok(Self::BreakGlass(access.ok_or(Refused::SessionEnded)?));
        }
        let id = name.trim_start_matches("delegations/");
        let delegation = delegations::by_id(tx, id).await?;
        let delegation = delegation.ok_or(Refused::SessionEnded)?;
        let principal = accounts::by_id(tx, &delegation.principal).await?;
        Ok(Self::Delegation {
            principal: Box::new(principal.ok_or(Refused::SessionEnded)?),
            delegation,
        })
    }

    /// The name that is kept with the session.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Delegation { delegation, .. } => delegation.name(),
            Self::BreakGlass(access) => access.name(),
        }
    }

    /// When it ends in real time, if it does.
    pub(crate) fn ends_us(&self) -> Option<i64> {
        match self {
            Self::Nothing | Self::Delegation { .. } => None,
            Self::BreakGlass(access) => Some(access.ends_us),
        }
    }

    /// Whether it is in force: a delegation by business days, for as long as he who is acted for may act
    /// himself; an emergency access by the hour.
    pub(crate) fn lasts(&self, clock: &Clock) -> Result<bool> {
        Ok(match self {
            Self::Nothing => true,
            Self::Delegation {
                delegation,
                principal,
            } => {
                principal.state() == AccountState::Active
                    && delegation.state(clock.today())? == State::InForce
            }
            Self::BreakGlass(access) => access.state(micros(clock::real_now())) == GlassState::Open,
        })
    }

    /// The claims of the account under it: role and unit are those that are acted in.
    pub(crate) fn state(&self, own: Claims, vault: &Vault) -> Result<Claims> {
        Ok(match self {
            Self::Nothing => own,
            Self::Delegation {
                delegation,
                principal,
            } => Claims {
                role: delegation.role.clone(),
                unit: delegation.unit.clone(),
                principal: Some(Principal {
                    account: principal.id.clone(),
                    name: principal.display_name(vault)?,
                    person: Some(principal.person.clone()),
                }),
                ..own
            },
            Self::BreakGlass(access) => Claims {
                role: READS_AS.as_str_name().into(),
                unit: access.county.clone(),
                glass: Some(access.id.clone()),
                ..own
            },
        })
    }
}
