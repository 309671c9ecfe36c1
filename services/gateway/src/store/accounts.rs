//! Accounts.

use sea_orm::{
    Condition, IntoActiveModel as _, QueryOrder as _, QuerySelect as _, entity::prelude::*,
};
use sha2::{Digest as _, Sha256};
use yuhui_kernel::Hand;
use yuhui_platform::{
    Result,
    db::{Tenancy, Tx},
    refusal::aborted,
    vault::{Row, Sealed, Vault},
};
use yuhui_proto::authz::v1::Role;

use crate::domain::account::State;

/// Name of the holder of an account. No query needs it.
pub const NAME: Sealed = Sealed {
    table: "accounts",
    column: "name_sealed",
    tenant: "keeper",
    row: Row::Text("id"),
};

/// Between the login and the id of an account that ended before it was in force: no login has it, so that the login
/// is free again.
const FREED: char = '#';

/// Accounts are the city's: its key seals their names.
const KEEPER: Tenancy = Tenancy::City;

/// One account.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "accounts")]
pub struct Model {
    /// UUID.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Login, lower case.
    pub login: String,
    /// Whose key seals the name.
    pub keeper: String,
    /// Name shown in records, sealed: [`Model::display_name`].
    pub name_sealed: Vec<u8>,
    /// Name of the role in the contract.
    pub role: String,
    /// Division code of the unit; empty where there is none.
    pub unit: String,
    /// Blind index of the holder's citizen number or credit code.
    pub person: String,
    /// Argon2id, PHC string.
    pub password_hash: String,
    /// State, [`State::as_str`].
    pub state: String,
    /// Account that made it; empty for seeds.
    pub maker: String,
    /// Person behind the maker.
    pub maker_person: Option<String>,
    /// When it was made.
    pub created_us: i64,
    /// When somebody last signed in, real time; 0 for never.
    pub signed_in_us: i64,
    /// The password is the administrator's choice, and opens nothing until it is replaced.
    pub must_change: bool,
    /// When a password that has to be replaced ends, real time; 0 for never.
    pub first_until_us: i64,
    /// Account that declined or withdrew it; empty if nobody did.
    pub ended_by: String,
    /// Why it was declined.
    pub words: String,
}

/// An account stands alone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Keeps `name` as that of the holder.
    pub fn seal_name(&mut self, vault: &Vault, name: &str) -> Result<()> {
        KEEPER.scope().clone_into(&mut self.keeper);
        self.name_sealed = vault.seal(&NAME.at(KEEPER, &self.id), name)?;
        Ok(())
    }

    /// Name shown in records.
    pub fn display_name(&self, vault: &Vault) -> Result<String> {
        Ok(vault.unseal(&NAME.at(KEEPER, &self.id), &self.name_sealed)?)
    }

    /// The login it was made with.
    #[must_use]
    pub fn stated_login(&self) -> &str {
        let end = self.login.find(FREED).unwrap_or(self.login.len());
        &self.login[..end]
    }

    /// What it is of, in one word: whom it lets do what, and how it stands.
    pub fn etag(&self, vault: &Vault, state: State) -> Result<String> {
        let name = self.display_name(vault)?;
        let said = [
            self.id.as_str(),
            self.stated_login(),
            &name,
            &self.role,
            &self.unit,
            &self.person,
            state.as_str(),
        ];
        // No line feed is in any of them.
        Ok(hex::encode(Sha256::digest(said.join("\n"))))
    }

    /// Resource name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("accounts/{}", self.id)
    }

    /// State; what cannot be read may not sign in.
    #[must_use]
    pub fn state(&self) -> State {
        State::parse(&self.state).unwrap_or(State::Suspended)
    }

    /// Role; what cannot be read may do nothing.
    #[must_use]
    pub fn role(&self) -> Role {
        Role::from_str_name(&self.role).unwrap_or_default()
    }

    /// The holder, as one who acts.
    #[must_use]
    pub fn holder(&self) -> Hand {
        Hand {
            account: self.id.clone(),
            person: Some(self.person.clone()),
        }
    }

    /// Who made it.
    #[must_use]
    pub fn maker(&self) -> Hand {
        Hand {
            account: self.maker.clone(),
            person: self.maker_person.clone(),
        }
    }
}

/// States in which an account acts or may yet act.
const LIVING: [State; 2] = [State::Pending, State::Active];

/// The account with a login.
pub async fn by_login(tx: &Tx, login: &str) -> Result<Option<Model>> {
    let query = Entity::find().filter(Column::Login.eq(login));
    Ok(query.one(tx.connection()).await?)
}

/// The account with an id.
pub async fn by_id(tx: &Tx, id: &str) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(tx.connection()).await?)
}

/// Accounts of a person that act or may yet act.
pub async fn living_of(tx: &Tx, person: &str) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::Person.eq(person))
        .filter(Column::State.is_in(LIVING.map(State::as_str)))
        .all(tx.connection())
        .await?)
}

/// Accounts whose unit begins with `unit`, by login, after the login `after`.
pub async fn page(tx: &Tx, unit: &str, after: Option<&str>, limit: u64) -> Result<Vec<Model>> {
    let within = (!unit.is_empty()).then(|| Column::Unit.starts_with(unit));
    Ok(Entity::find()
        .filter(Condition::all().add_option(within))
        .filter(Column::Login.gt(after.unwrap_or_default()))
        .order_by_asc(Column::Login)
        .limit(limit)
        .all(tx.connection())
        .await?)
}

/// Adds an account.
pub async fn insert(tx: &Tx, account: Model) -> Result<()> {
    Entity::insert(account.into_active_model().reset_all())
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Moves an account from one state to another; lost if it has left the first.
pub async fn set_state(tx: &Tx, id: &str, from: State, to: State) -> Result<()> {
    let update = Entity::update_many()
        .col_expr(Column::State, Expr::value(to.as_str()))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(from.as_str()));
    one(update.exec(tx.connection()).await?.rows_affected)
}

/// Ends an account that waits, without effect; lost if it waits no more. Its login is free again.
pub async fn end(tx: &Tx, account: &Model, to: State, (by, words): (&str, &str)) -> Result<()> {
    let freed = format!("{}{FREED}{}", account.login, account.id);
    let update = Entity::update_many()
        .col_expr(Column::State, Expr::value(to.as_str()))
        .col_expr(Column::Login, Expr::value(freed))
        .col_expr(Column::EndedBy, Expr::value(by))
        .col_expr(Column::Words, Expr::value(words))
        .filter(Column::Id.eq(&account.id))
        .filter(Column::State.eq(State::Pending.as_str()));
    one(update.exec(tx.connection()).await?.rows_affected)
}

/// Accounts that wait for approval, whose unit begins with `unit`, by login, after the login
/// `after`.
pub async fn pending(tx: &Tx, unit: &str, after: Option<&str>, limit: u64) -> Result<Vec<Model>> {
    let within = (!unit.is_empty()).then(|| Column::Unit.starts_with(unit));
    Ok(Entity::find()
        .filter(Condition::all().add_option(within))
        .filter(Column::State.eq(State::Pending.as_str()))
        .filter(Column::Login.gt(after.unwrap_or_default()))
        .order_by_asc(Column::Login)
        .limit(limit)
        .all(tx.connection())
        .await?)
}

/// Whether somebody else than `holder` holds `role` in `unit`. One who is suspended does still: a
/// suspension, which takes one hand, must not do away with the second.
pub async fn has_head(tx: &Tx, role: Role, unit: &str, holder: &str) -> Result<bool> {
    let found = Entity::find()
        .filter(Column::Role.eq(role.as_str_name()))
        .filter(Column::Unit.eq(unit))
        .filter(Column::State.is_in([State::Active, State::Suspended].map(State::as_str)))
        .filter(Column::Person.ne(holder))
        .one(tx.connection());
    Ok(found.await?.is_some())
}

/// Replaces the password by one of the holder's choice, unless it was replaced since `old` was
/// read.
pub async fn set_password(tx: &Tx, id: &str, old: &str, new: &str) -> Result<()> {
    let update = Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(new))
        .col_expr(Column::MustChange, Expr::value(false))
        .filter(Column::Id.eq(id))
        .filter(Column::PasswordHash.eq(old));
    one(update.exec(tx.connection()).await?.rows_affected)
}

/// Replaces the password by one that opens nothing but its own replacement, until `until_us`.
pub async fn set_first_password(tx: &Tx, id: &str, hash: &str, until_us: i64) -> Result<()> {
    let update = Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(hash))
        .col_expr(Column::MustChange, Expr::value(true))
        .col_expr(Column::FirstUntilUs, Expr::value(until_us))
        .filter(Column::Id.eq(id));
    one(update.exec(tx.connection()).await?.rows_affected)
}

/// Whether anybody holds `role` and acts, or may yet act.
pub async fn is_held(tx: &Tx, role: Role) -> Result<bool> {
    let found = Entity::find()
        .filter(Column::Role.eq(role.as_str_name()))
        .filter(Column::State.is_in(LIVING.map(State::as_str)))
        .one(tx.connection());
    Ok(found.await?.is_some())
}

/// Notes that somebody signed in.
pub async fn note_sign_in(tx: &Tx, id: &str, at_us: i64) -> Result<()> {
    let update = Entity::update_many()
        .col_expr(Column::SignedInUs, Expr::value(at_us))
        .filter(Column::Id.eq(id));
    one(update.exec(tx.connection()).await?.rows_affected)
}

fn one(rows: u64) -> Result<()> {
    if rows == 1 {
        Ok(())
    } else {
        Err(aborted().into())
    }
}
