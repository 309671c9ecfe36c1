//! Which keys a database was sealed with. The keys themselves are files; here it is kept by check
//! value which they are, so that a missing or another key is noticed at the start and not by finding
//! nobody.

use std::collections::BTreeMap;

use anyhow::{anyhow, bail};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    sea_query::OnConflict,
};

use super::{Key, KeyFolder, Kind, Sealed, Vault, rotate::sealed_with};
use crate::{
    Caller,
    audit::{self, Entry},
    clock::{self, real_millis},
    db::{Database, Tenancy, Tx},
};

/// Number of the index key. There is one.
const INDEX: u16 = 1;
/// A replica that was not seen for so long is gone, in milliseconds.
const GONE_MS: i64 = 2 * 60 * 1000;

/// What a key is used for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not yet; it is being handed to the replicas.
    Added,
    /// It seals.
    Active,
    /// It opens what it once sealed.
    Old,
    /// Nothing any more; its file may be destroyed.
    Retired,
}

impl State {
    /// Its name in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "ADDED",
            Self::Active => "ACTIVE",
            Self::Old => "OLD",
            Self::Retired => "RETIRED",
        }
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        [Self::Added, Self::Active, Self::Old, Self::Retired]
            .into_iter()
            .find(|it| it.as_str() == text)
            .ok_or_else(|| anyhow!("a vault key has the state {text}"))
    }
}

/// A key as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What it is for.
    pub kind: Kind,
    /// Its number.
    pub id: u16,
    /// Tells which key it is.
    pub check_value: String,
    /// What it is used for now.
    pub state: State,
    /// How many texts it sealed that are still there.
    pub rows: u64,
}

/// The keys of one service: what its database knows of them, and their folder.
pub struct Register<'a> {
    /// The database.
    pub db: &'a Database,
    /// Name of the service.
    pub service: &'a str,
    /// Where the keys are.
    pub folder: &'a KeyFolder,
    /// Every sealed column.
    pub sealed: &'a [Sealed],
}

impl Register<'_> {
    /// Takes the keys that are in the folder as those of a database that has none yet.
    pub async fn initialise(&self) -> anyhow::Result<()> {
        let seal = self.key(Kind::Seal, INDEX)?;
        let index = self.key(Kind::Index, INDEX)?;
        let tx = self.turn().await?;
        if !rows(&tx).await?.is_empty() {
            bail!("{} has a vault already", self.service);
        }
        self.insert(&tx, Kind::Index, INDEX, &index, State::Active)
            .await?;
        self.insert(&tx, Kind::Seal, INDEX, &seal, State::Active)
            .await?;
        self.note(&tx, "vault.init", INDEX).await?;
        Ok(tx.commit().await?)
    }

    /// Whether the database knows any key.
    pub async fn is_initialised(&self) -> anyhow::Result<bool> {
        let tx = self.db.read(Tenancy::City).await?;
        Ok(!rows(&tx).await?.is_empty())
    }

    /// The vault, if every key it needs is there and is the one it was.
    pub async fn open(&self) -> anyhow::Result<Vault> {
        let (index, seals, active) = self.keys().await?;
        Ok(Vault::new(self.service, &index, &seals, active)?)
    }

    /// Looks again which keys are there and which of them seals, and tells what `replica` has.
    pub async fn refresh(&self, vault: &Vault, replica: &str) -> anyhow::Result<()> {
        let read = self.keys().await;
        let read = read.and_then(|(_, seals, active)| Ok(vault.replace(&seals, active)?));
        // What it works with is told though it could not be brought up to date: it is not gone.
        let ids: Vec<_> = vault.ids().iter().map(ToString::to_string).collect();
        let now = real_millis();
        let tx = self.db.begin(Tenancy::City).await?;
        let row = replicas::ActiveModel {
            replica: Set(replica.to_owned()),
            keys: Set(ids.join(",")),
            active: Set(number(vault.active())?),
            seen_ms: Set(now),
        };
        let columns = [
            replicas::Column::Keys,
            replicas::Column::Active,
            replicas::Column::SeenMs,
        ];
        let known = OnConflict::column(replicas::Column::Replica)
            .update_columns(columns)
            .to_owned();
        replicas::Entity::insert(row)
            .on_conflict(known)
            .exec_without_returning(tx.connection())
            .await?;
        replicas::Entity::delete_many()
            .filter(replicas::Column::SeenMs.lt(now - GONE_MS))
            .exec(tx.connection())
            .await?;
        tx.commit().await?;
        read
    }

    /// Every key, and how much each sealed.
    pub async fn list(&self) -> anyhow::Result<Vec<Listed>> {
        let tx = self.db.read(Tenancy::City).await?;
        let known = rows(&tx).await?;
        drop(tx);
        let mut listed = Vec::new();
        for it in known {
            let rows = match it.kind {
                Kind::Index => 0,
                Kind::Seal => self.rows_of(it.id).await?,
            };
            listed.push(Listed {
                kind: it.kind,
                id: it.id,
                check_value: it.check_value,
                state: it.state,
                rows,
            });
        }
        Ok(listed)
    }

    /// Makes the next seal key, which seals nothing yet: its file goes to every replica first.
    pub async fn add(&self) -> anyhow::Result<u16> {
        let tx = self.turn().await?;
        let known = rows(&tx).await?;
        if known.is_empty() {
            bail!("no vault yet: yuhui vault init");
        }
        let numbers = known.iter().filter(|it| it.kind == Kind::Seal);
        let last = numbers.map(|it| it.id).max().unwrap_or(0);
        let id = last.checked_add(1).filter(|it| number(*it).is_ok());
        let Some(id) = id else {
            bail!("there are no more numbers for keys");
        };
        let key = match self.folder.read(Kind::Seal, id)? {
            // An attempt before this one ended between the file and the table.
            Some(key) => key,
            None => {
                let key = Key::generate()?;
                self.folder.write(Kind::Seal, id, &key)?;
                key
            }
        };
        self.insert(&tx, Kind::Seal, id, &key, State::Added).await?;
        self.note(&tx, "vault.add", id).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Lets key `id` seal from now on, once every replica has it.
    pub async fn activate(&self, id: u16) -> anyhow::Result<()> {
        let tx = self.turn().await?;
        let known = rows(&tx).await?;
        let key = known.iter().find(|it| (it.kind, it.id) == (Kind::Seal, id));
        match key.map(|it| it.state) {
            None => bail!("there is no seal key {id}: yuhui vault add"),
            Some(State::Retired) => bail!("seal key {id} was retired"),
            Some(State::Active) => bail!("seal key {id} is the one that seals"),
            Some(State::Added | State::Old) => {}
        }
        self.key(Kind::Seal, id)?;
        for replica in living(&tx).await? {
            if !replica.keys.split(',').any(|it| it == id.to_string()) {
                bail!(
                    "{} has no seal key {id} yet: put its file there and wait half a minute",
                    replica.replica
                );
            }
        }
        for it in rows(&tx)
            .await?
            .iter()
            .filter(|it| it.kind == Kind::Seal && it.state == State::Active)
        {
            set_state(&tx, it.id, State::Old).await?;
        }
        set_state(&tx, id, State::Active).await?;
        self.note(&tx, "vault.activate", id).await?;
        Ok(tx.commit().await?)
    }

    /// Ends the use of key `id`, once nothing is sealed with it any more.
    pub async fn retire(&self, id: u16) -> anyhow::Result<()> {
        // A replica that has seen another key seal does not go back to this one. What it had in hand
        // then may still be written: as long as its file is there, a retired key opens.
        let tx = self.turn().await?;
        may_retire(&tx, id).await?;
        tx.commit().await?;
        let rows = self.rows_of(id).await?;
        if rows > 0 {
            bail!("{rows} rows are sealed with key {id}: yuhui vault rotate");
        }
        let tx = self.turn().await?;
        may_retire(&tx, id).await?;
        set_state(&tx, id, State::Retired).await?;
        self.note(&tx, "vault.retire", id).await?;
        Ok(tx.commit().await?)
    }

    async fn keys(&self) -> anyhow::Result<(Key, BTreeMap<u16, Key>, u16)> {
        let tx = self.db.read(Tenancy::City).await?;
        let known = rows(&tx).await?;
        drop(tx);
        let mut index = None;
        let mut seals = BTreeMap::new();
        let mut active = None;
        for it in &known {
            let (kind, id) = (it.kind, it.id);
            let Some(key) = self.folder.read(kind, id)? else {
                if it.state == State::Retired {
                    continue;
                }
                let rows = match kind {
                    Kind::Seal => self.rows_of(id).await?,
                    Kind::Index => 0,
                };
                if it.state == State::Active || rows > 0 {
                    bail!("{kind} key {id} is missing, {rows} rows need it");
                }
                continue;
            };
            if key.check_value(self.service, kind, id) != it.check_value {
                if it.state == State::Added {
                    tracing::warn!(id, "the seal key that was added is another one here");
                    continue;
                }
                bail!("{kind} key {id} is not the one this database was written with");
            }
            if kind == Kind::Index {
                index = Some(key);
                continue;
            }
            if it.state == State::Active {
                active = Some(id);
            }
            seals.insert(id, key);
        }
        match (index, active) {
            (Some(index), Some(active)) => Ok((index, seals, active)),
            _ => bail!("no vault yet: yuhui vault init"),
        }
    }

    fn key(&self, kind: Kind, id: u16) -> anyhow::Result<Key> {
        match self.folder.read(kind, id)? {
            Some(key) => Ok(key),
            None => bail!(
                "there is no {kind} key {id} in {}",
                self.folder.path().display()
            ),
        }
    }

    async fn rows_of(&self, id: u16) -> anyhow::Result<u64> {
        let tx = self.db.read(Tenancy::All).await?;
        sealed_with(&tx, self.sealed, id).await
    }

    /// One change of the keys at a time.
    async fn turn(&self) -> anyhow::Result<Tx> {
        let tx = self.db.begin(Tenancy::City).await?;
        tx.lock("vault").await?;
        Ok(tx)
    }

    async fn insert(
        &self,
        tx: &Tx,
        kind: Kind,
        id: u16,
        key: &Key,
        state: State,
    ) -> anyhow::Result<()> {
        let row = keys::ActiveModel {
            kind: Set(kind.name().into()),
            id: Set(number(id)?),
            check_value: Set(key.check_value(self.service, kind, id)),
            state: Set(state.as_str().into()),
        };
        keys::Entity::insert(row)
            .exec_without_returning(tx.connection())
            .await?;
        Ok(())
    }

    async fn note(&self, tx: &Tx, action: &str, id: u16) -> anyhow::Result<()> {
        let caller = Caller::service(self.service, None);
        let entry = Entry::new(action, format!("vault/seal/{id}"));
        Ok(audit::record(tx, &caller, clock::real_now(), entry).await?)
    }
}

struct Known {
    kind: Kind,
    id: u16,
    check_value: String,
    state: State,
}

async fn rows(tx: &Tx) -> anyhow::Result<Vec<Known>> {
    let rows = keys::Entity::find()
        .order_by_asc(keys::Column::Kind)
        .order_by_asc(keys::Column::Id)
        .all(tx.connection())
        .await?;
    let known = rows.into_iter().map(|row| {
        Ok(Known {
            kind: match row.kind.as_str() {
                "seal" => Kind::Seal,
                "index" => Kind::Index,
                other => bail!("a vault key is of the kind {other}"),
            },
            id: u16::try_from(row.id)?,
            check_value: row.check_value,
            state: State::parse(&row.state)?,
        })
    });
    known.collect()
}

async fn may_retire(tx: &Tx, id: u16) -> anyhow::Result<()> {
    match seal_key(tx, id).await?.state {
        State::Active => bail!("seal key {id} seals: activate another first"),
        State::Retired => bail!("seal key {id} was retired before"),
        State::Added | State::Old => {}
    }
    for replica in living(tx).await? {
        if replica.active == number(id)? {
            bail!(
                "{} still seals with key {id}: wait half a minute",
                replica.replica
            );
        }
    }
    Ok(())
}

async fn seal_key(tx: &Tx, id: u16) -> anyhow::Result<Known> {
    let known = rows(tx).await?;
    known
        .into_iter()
        .find(|it| (it.kind, it.id) == (Kind::Seal, id))
        .ok_or_else(|| anyhow!("there is no seal key {id}: yuhui vault add"))
}

async fn living(tx: &Tx) -> anyhow::Result<Vec<replicas::Model>> {
    Ok(replicas::Entity::find()
        .filter(replicas::Column::SeenMs.gte(real_millis() - GONE_MS))
        .order_by_asc(replicas::Column::Replica)
        .all(tx.connection())
        .await?)
}

async fn set_state(tx: &Tx, id: u16, state: State) -> anyhow::Result<()> {
    let row = keys::ActiveModel {
        kind: Set(Kind::Seal.name().into()),
        id: Set(number(id)?),
        state: Set(state.as_str().into()),
        ..Default::default()
    };
    keys::Entity::update(row).exec(tx.connection()).await?;
    Ok(())
}

/// Numbers of keys are small integers in the table.
fn number(id: u16) -> anyhow::Result<i16> {
    Ok(i16::try_from(id)?)
}

mod keys {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "vault_keys")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i16,
        pub check_value: String,
        pub state: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod replicas {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "vault_replicas")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub replica: String,
        /// Numbers of its seal keys, separated by commas.
        pub keys: String,
        pub active: i16,
        /// Real time, milliseconds since 1970.
        pub seen_ms: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
