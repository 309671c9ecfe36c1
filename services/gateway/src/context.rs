//! What the gateway's own services share.

use std::{collections::HashMap, sync::Arc};

use yuhui_platform::{
    Caller, Clock, Result,
    authz::Rules,
    db::{Database, Tenancy},
    peers::Peers,
    vault::Vault,
};
use yuhui_proto::authz::v1::{Effect, Role, RoleSpec};

use crate::{
    Deps,
    device::Devices,
    password::Passwords,
    refusal::Refused,
    sessions::Sessions,
    store::accounts::{self, Model},
    throttle::Throttle,
};

/// What the gateway's own services share.
pub(crate) struct Context {
    pub(crate) db: Database,
    pub(crate) clock: Clock,
    pub(crate) peers: Peers,
    pub(crate) vault: Arc<Vault>,
    pub(crate) roles: HashMap<Role, RoleSpec>,
    /// Full names of the methods that admit a role, and whether they act.
    methods: HashMap<Role, Vec<(String, bool)>>,
    pub(crate) passwords: Passwords,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) throttle: Throttle,
    pub(crate) devices: Devices,
}

impl Context {
    pub(crate) fn new(deps: &Deps) -> Result<Self> {
        let db = deps.db.clone().keyed(deps.vault.clone());
        let sessions = Arc::new(Sessions::new(
            db.clone(),
            deps.clock.clone(),
            deps.ephemeral.clone(),
            deps.signer.clone(),
            deps.config.clone(),
        ));
        Ok(Self {
            db,
            clock: deps.clock.clone(),
            peers: deps.peers.clone(),
            vault: deps.vault.clone(),
            methods: methods(&deps.rules),
            roles: deps.rules.roles().into_iter().collect(),
            passwords: Passwords::new(&deps.config.password)?,
            devices: Devices::new(deps.vault.clone(), deps.config.sign_in.device),
            throttle: Throttle::new(deps.ephemeral.clone(), deps.config.sign_in),
            sessions,
        })
    }

    /// What holding a role means.
    pub(crate) fn spec(&self, role: Role) -> Option<RoleSpec> {
        self.roles.get(&role).copied()
    }

    /// The account of whoever calls.
    pub(crate) async fn own(&self, caller: &Caller) -> Result<Model> {
        let tx = self.db.read(Tenancy::City).await?;
        accounts::by_id(&tx, &caller.account)
            .await?
            .ok_or(Refused::SessionEnded.into())
    }

    /// Full names of the methods that admit the caller: an emergency access reads only (DYN-8).
    pub(crate) fn methods_of(&self, caller: &Caller) -> Vec<String> {
        let all = self.methods.get(&caller.role).into_iter().flatten();
        let open = all.filter(|(_, acts)| !acts || caller.glass.is_none());
        open.map(|(name, _)| name.clone()).collect()
    }
}

fn methods(rules: &Rules) -> HashMap<Role, Vec<(String, bool)>> {
    let name = |path: &str| {
        let acts = rules
            .rule(path)
            .is_some_and(|it| it.effect() == Effect::Act);
        (path.trim_start_matches('/').replace('/', "."), acts)
    };
    let roles = rules.roles().into_iter();
    roles
        .map(|(role, _)| (role, rules.open_to(role).map(name).collect()))
        .collect()
}
