//! How accounts come into being, for the security administrator and for seeds
//! alike: no way around the separation of duties.

use serde::Serialize;
use time::OffsetDateTime;
use yuhui_kernel::dates;
use yuhui_platform::{
    Caller, Result,
    audit::{self, Entry},
    clock,
    db::Tx,
    refusal::{Violation, invalid},
};

use crate::{
    context::Context,
    domain::{
        account::State,
        profile::{self, Draft, NumberKind},
        separation::{self, Holding},
    },
    refusal::Refused,
    sessions::micros,
    store::{
        accounts::{self, Model},
        delegations::{self, Model as Delegation},
        holders,
    },
};

/// Later than any day that is written out.
const LAST_DAY: &str = "9999-12-31";

/// An account that can be made as far as it alone is concerned.
#[derive(Debug)]
pub struct Checked {
    login: String,
    display_name: String,
    person: String,
    pub holding: Holding,
}

/// The password an account begins with.
pub struct FirstPassword {
    /// Argon2id, PHC string.
    pub hash: String,
    /// It was chosen by another than the holder.
    pub must_change: bool,
    /// When it ends, if it has to be replaced by then.
    pub until: Option<OffsetDateTime>,
}

/// What the audit record keeps of an account: nothing of its holder.
#[derive(Serialize)]
pub struct Trace<'a> {
    role: &'a str,
    unit: &'a str,
    state: &'a str,
}

impl<'a> Trace<'a> {
    pub fn of(account: &'a Model, state: State) -> Self {
        Self {
            role: &account.role,
            unit: &account.unit,
            state: state.as_str(),
        }
    }
}

/// Checks a draft field by field.
pub fn check(context: &Context, draft: &Draft) -> Result<Checked> {
    let Some(spec) = context.spec(draft.role) else {
        let unknown = Violation::new("account.role", "岗位不存在", "is no role");
        return Err(invalid(vec![unknown]).into());
    };
    let faults = profile::faults(draft, &spec);
    if !faults.is_empty() {
        return Err(invalid(faults).into());
    }
    let domain = NumberKind::of(&spec).domain();
    Ok(Checked {
        login: draft.login.clone(),
        display_name: draft.display_name.clone(),
        person: context.vault.blind(domain, &draft.identity_number),
        holding: Holding {
            role: draft.role,
            spec,
            unit: draft.unit.clone(),
        },
    })
}

/// Makes the account, if nothing that exists stands against it.
pub async fn make(
    context: &Context,
    tx: &Tx,
    caller: &Caller,
    checked: Checked,
    password: FirstPassword,
    state: State,
) -> Result<Model> {
    holders::take_turn(tx, &checked.person).await?;
    if accounts::by_login(tx, &checked.login).await?.is_some() {
        return Err(Refused::LoginTaken.into());
    }
    let today = dates::format(context.clock.today());
    let others = held(context, tx, &checked.person, (&today, LAST_DAY), None).await?;
    separation::check(&checked.holding, &others)?;
    let mut account = Model {
        id: clock::fresh_id().to_string(),
        login: checked.login,
        keeper: String::new(),
        name_sealed: Vec::new(),
        role: checked.holding.role.as_str_name().into(),
        unit: checked.holding.unit,
        person: checked.person,
        password_hash: password.hash,
        must_change: password.must_change,
        first_until_us: password.until.map_or(0, micros),
        state: state.as_str().into(),
        maker: caller.account.clone(),
        maker_person: caller.person.clone(),
        created_us: micros(context.clock.now()),
        signed_in_us: 0,
        ended_by: String::new(),
        words: String::new(),
    };
    account.seal_name(&context.vault, &checked.display_name)?;
    accounts::insert(tx, account.clone()).await?;
    let entry = Entry::new("account.create", account.name()).after(&Trace::of(&account, state));
    audit::record(tx, caller, context.clock.now(), entry).await?;
    Ok(account)
}

/// What a person holds on any of those days: his accounts, and what is delegated to him, but for the
/// delegation `besides`.
pub async fn held(
    context: &Context,
    tx: &Tx,
    person: &str,
    (from, to): (&str, &str),
    besides: Option<&str>,
) -> Result<Vec<Holding>> {
    let accounts = accounts::living_of(tx, person).await?;
    let deputised = delegations::held_by(tx, person, from, to).await?;
    let deputised = deputised
        .iter()
        .filter(|it| Some(it.id.as_str()) != besides);
    let own = accounts.iter().map(|it| holding(context, it));
    Ok(own
        .chain(deputised.map(|it| delegated(context, it)))
        .collect())
}

/// What a deputy holds by a delegation.
pub fn delegated(context: &Context, delegation: &Delegation) -> Holding {
    let role = delegation.role();
    Holding {
        role,
        spec: context.spec(role).unwrap_or_default(),
        unit: delegation.unit.clone(),
    }
}

fn holding(context: &Context, account: &Model) -> Holding {
    let role = account.role();
    Holding {
        role,
        spec: context.spec(role).unwrap_or_default(),
        unit: account.unit.clone(),
    }
}
