//! Accounts of a development or demonstration system, ready to sign in.

use std::collections::HashMap;

use tonic::Code;
use yuhui_platform::{Caller, Result, db::Tenancy};
use yuhui_proto::authz::v1::Role;

use crate::{
    Deps, NAME,
    acts::new_account::{self, Checked, FirstPassword},
    context::Context,
    domain::{account::State, profile::Draft},
    store,
};

/// Accounts made in one transaction.
const BATCH: usize = 200;

/// An account of a development system.
#[derive(Clone)]
pub struct SeedAccount {
    /// Login; an account that has it already stays as it is.
    pub login: String,
    /// Name shown in records.
    pub display_name: String,
    /// Role (岗位).
    pub role: Role,
    /// Division code of the unit; empty where there is none.
    pub unit: String,
    /// Citizen number, or credit code of an institution.
    pub identity_number: String,
    /// Password, at least 12 characters.
    pub password: String,
}

/// Makes the accounts that are missing, active at once; answers how many.
/// They are held to the same rules as any others. Replicas that start together
/// make them together: what another has made meanwhile is not missing any more.
pub async fn seed_accounts(deps: &Deps, seeds: Vec<SeedAccount>) -> Result<usize> {
    let context = Context::new(deps)?;
    let mut missing = self::missing(&context, seeds).await?;
    let mut made = 0;
    loop {
        let before = missing.len();
        let done = make_all(
            &context,
            hashed(&context, missing.clone()).await?,
            &mut made,
        )
        .await;
        match done {
            Err(error) if error.code() == Code::AlreadyExists => {
                missing = self::missing(&context, missing).await?;
                if missing.len() == before {
                    return Err(error);
                }
            }
            done => return done.map(|()| made),
        }
    }
}

async fn make_all(context: &Context, all: Vec<(Checked, String)>, made: &mut usize) -> Result<()> {
    let caller = Caller::service(NAME, None);
    let mut all = all.into_iter();
    loop {
        let batch: Vec<_> = all.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            return Ok(());
        }
        let many = batch.len();
        let tx = context.db.begin_global().await?;
        for (checked, hash) in batch {
            let password = FirstPassword {
                hash,
                must_change: false,
                until: None,
            };
            new_account::make(context, &tx, &caller, checked, password, State::Active).await?;
        }
        tx.commit().await?;
        *made += many;
    }
}

async fn missing(context: &Context, seeds: Vec<SeedAccount>) -> Result<Vec<SeedAccount>> {
    let tx = context.db.read(Tenancy::City).await?;
    let mut missing = Vec::new();
    for seed in seeds {
        if store::accounts::by_login(&tx, &seed.login).await?.is_none() {
            missing.push(seed);
        }
    }
    Ok(missing)
}

/// Such accounts share a password, and so its hash: hashing is slow on purpose,
/// and there are hundreds of them.
async fn hashed(context: &Context, seeds: Vec<SeedAccount>) -> Result<Vec<(Checked, String)>> {
    let mut hashes: HashMap<String, String> = HashMap::new();
    let mut hashed = Vec::with_capacity(seeds.len());
    for seed in seeds {
        let draft = Draft {
            login: seed.login,
            display_name: seed.display_name,
            role: seed.role,
            unit: seed.unit,
            identity_number: seed.identity_number,
            password: seed.password,
        };
        let checked = new_account::check(context, &draft)
            .inspect_err(|error| tracing::error!(login = draft.login, %error, "refused"))?;
        let hash = match hashes.get(&draft.password) {
            Some(hash) => hash.clone(),
            None => context.passwords.hash(draft.password.clone()).await?,
        };
        hashes.insert(draft.password, hash.clone());
        hashed.push((checked, hash));
    }
    Ok(hashed)
}
