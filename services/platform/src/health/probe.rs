//! What is commonly looked at.

use std::sync::Arc;

use anyhow::{anyhow, ensure};

use super::Checks;
use crate::{
    db::Database,
    ephemeral::Ephemeral,
    peers::Peers,
    token::{Keyring, Signer},
};

impl Checks {
    /// The database takes writes, and its tables are those of the migrations `expected`.
    #[must_use]
    pub fn database(self, db: &Database, expected: Vec<String>) -> Self {
        let (writing, tables) = (db.clone(), db.clone());
        let expected: Arc<[String]> = expected.into();
        self.ready("database", move || {
            let db = writing.clone();
            async move { db.probe().await.map_err(|error| anyhow!("{error}")) }
        })
        .ready("tables", move || {
            let (db, expected) = (tables.clone(), expected.clone());
            async move { Ok(db.must_be_current(&expected).await?) }
        })
    }

    /// The others believe what this service signs: its key is among the public ones.
    #[must_use]
    pub fn keys(self, signer: Arc<Signer>, keyring: Keyring) -> Self {
        self.ready("keys", move || {
            let (signer, keyring) = (signer.clone(), keyring.clone());
            async move {
                let (name, kid) = (signer.issuer(), signer.kid());
                ensure!(
                    keyring.trusts(&signer),
                    "key {kid} of {name} is not among the public keys"
                );
                Ok(())
            }
        })
    }

    /// Every peer has a replica that serves.
    #[must_use]
    pub fn peers(self, peers: Peers) -> Self {
        self.deep("peers", move || {
            let away = peers.away().join(", ");
            async move {
                ensure!(away.is_empty(), "no replica serves of {away}");
                Ok(())
            }
        })
    }

    /// The store of sessions and counts answers.
    #[must_use]
    pub fn sessions(self, store: Arc<dyn Ephemeral>) -> Self {
        self.deep("redis", move || {
            let store = store.clone();
            async move { Ok(store.is_revoked("health").await.map(|_| ())?) }
        })
    }
}
