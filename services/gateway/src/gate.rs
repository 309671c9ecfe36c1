//! What stands against an act on an account: asked by the act before it does anything, and by whoever shows the account.

use yuhui_kernel::Tenant;
use yuhui_platform::{Caller, Error, Result, refusal::same_hand};
use yuhui_proto::authz::v1::{Desk, Role, RoleSpec};

use crate::{
    domain::{
        account::{self, Barred, State, may_grant},
        approval::{head_of, is_head},
    },
    refusal::Refused,
    store::accounts::Model,
};

/// What a person does to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// The head of the unit lets its holder act.
    Approve,
    /// A second security administrator does, where the unit has no head.
    Activate,
    /// Whoever may do either does not.
    Decline,
    /// Whoever created it takes it back.
    Withdraw,
    /// An administrator ends it for good.
    Suspend,
}

impl Deed {
    /// All of them, in the order in which they come.
    pub const ALL: [Self; 5] = [
        Self::Approve,
        Self::Activate,
        Self::Decline,
        Self::Withdraw,
        Self::Suspend,
    ];

    /// Path of its method.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Approve => "/yuhui.identity.v1.AccountService/ApproveAccount",
            Self::Activate => "/yuhui.identity.v1.AccountService/ActivateAccount",
            Self::Decline => "/yuhui.identity.v1.AccountService/DeclineAccount",
            Self::Withdraw => "/yuhui.identity.v1.AccountService/WithdrawAccount",
            Self::Suspend => "/yuhui.identity.v1.AccountService/SuspendAccount",
        }
    }
}

/// An account as somebody finds it.
pub struct Seen<'a> {
    /// Whoever acts.
    pub caller: &'a Caller,
    /// The account.
    pub account: &'a Model,
    /// What its role is.
    pub spec: RoleSpec,
    /// The role and unit of the head who approves it, if somebody else than its holder is one.
    pub head: Option<(Role, String)>,
}

impl Seen<'_> {
    /// Whether the caller is the head who approves it.
    fn is_head(&self) -> bool {
        let own = self.caller.unit.map(|it| it.to_string());
        let own = (self.caller.role, own.unwrap_or_default());
        is_head(own, self.account.role(), &self.account.unit)
    }

    /// Whether the act is the caller's business; to anybody else there is no such account.
    #[must_use]
    pub fn concerns(&self, deed: Deed) -> bool {
        match deed {
            Deed::Approve => self.is_head(),
            Deed::Decline => self.is_head() || self.caller.desk() == Desk::SecurityAdmin,
            Deed::Activate | Deed::Withdraw | Deed::Suspend => true,
        }
    }

    /// Roles that may do it: of whoever is signed in, the head of the unit, or an administrator where there is none.
    #[must_use]
    pub fn who_may(&self, deed: Deed) -> Vec<i32> {
        let head = head_of(self.account.role(), &self.account.unit).map(|(role, _)| role);
        let administrator = Some(Role::SecurityAdministrator);
        let roles = match deed {
            Deed::Approve => [head, None],
            Deed::Decline if self.head.is_some() => [head, None],
            Deed::Decline => [head, administrator],
            Deed::Activate | Deed::Withdraw | Deed::Suspend => [None, administrator],
        };
        roles.into_iter().flatten().map(i32::from).collect()
    }

    /// A second administrator grants nothing past the head of a unit (D.2), nor a county its own supervisor (SOD-6).
    fn may_grant(&self) -> Result<()> {
        let is_of_a_county = self.caller.unit.and_then(Tenant::of).is_some();
        may_grant(&self.spec, is_of_a_county)?;
        match &self.head {
            Some((role, unit)) if self.account.state() == State::Pending => {
                let (role, unit) = (*role, unit.clone());
                Err(Refused::HeadApproves { role, unit }.into())
            }
            _ => Ok(()),
        }
    }
}

/// The state of the account if the caller does that to it.
pub fn enters(deed: Deed, seen: &Seen<'_>) -> Result<State> {
    let (account, by) = (seen.account, seen.caller.hand());
    let state = account.state();
    if matches!(deed, Deed::Approve | Deed::Decline) && !seen.caller.is_himself() {
        return Err(Refused::NotHimself.into());
    }
    let grants = deed == Deed::Activate || deed == Deed::Decline && !seen.is_head();
    if grants {
        seen.may_grant()?;
    }
    let entered = match deed {
        Deed::Approve | Deed::Activate => {
            account::activate(state, &account.maker(), &account.holder(), &by)
        }
        Deed::Decline => account::decline(state),
        Deed::Withdraw => account::withdraw(state, &account.maker(), &by),
        Deed::Suspend => account::suspend(state),
    };
    entered.map_err(|barred| refused(barred, account.name()))
}

fn refused(barred: Barred, name: String) -> Error {
    match barred {
        Barred::SameHand => same_hand(
            "账号须由创建人和使用人以外的人启用",
            "an account is activated by another person than its maker and its holder",
        )
        .into(),
        Barred::NotTheMaker => Refused::NotTheMaker.into(),
        Barred::State(state) => Refused::WrongState { name, state }.into(),
    }
}
