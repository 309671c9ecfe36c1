//! One entry of the audit record, as it is stored.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    /// Tenant; the city for what belongs to no county.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: String,
    /// Which of the tenant's chains: 0 has the acts, the others are side chains.
    #[sea_orm(primary_key, auto_increment = false)]
    pub chain: i16,
    /// Place in the chain, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    /// Business time, RFC 3339, Beijing.
    pub at: String,
    /// Account id of the actor.
    pub actor: String,
    /// Name of the actor; empty for claimants.
    pub name: String,
    /// Role of the actor.
    pub role: String,
    /// Unit of the actor.
    pub unit: String,
    /// Service that called on the actor's behalf.
    pub via: Option<String>,
    /// Address the call came from.
    pub remote: Option<String>,
    /// Session of the actor.
    pub session: String,
    /// Id of the request.
    pub request_id: String,
    /// Path of the method called.
    pub method: String,
    /// What was done.
    pub action: String,
    /// Resource name of what it was done to.
    pub object: String,
    /// State before, JSON.
    pub before: Option<String>,
    /// State after, JSON.
    pub after: Option<String>,
    /// Why.
    pub reason: String,
    /// Anything else.
    pub note: String,
    /// Hash of the entry before, hex.
    pub previous: String,
    /// SHA-256 of this entry and `previous`, hex.
    pub hash: String,
}

/// An entry stands alone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl crate::db::TenantEntity for Entity {
    fn tenant_column() -> Column {
        Column::Tenant
    }
}

/// Where an entry is among those of its tenant: chain, sequence number.
pub type Place = (i16, i64);

impl Model {
    /// Where it is.
    #[must_use]
    pub fn place(&self) -> Place {
        (self.chain, self.seq)
    }

    /// The hash this entry ought to have.
    #[must_use]
    pub fn computed_hash(&self) -> String {
        let (chain, seq) = (self.chain.to_string(), self.seq.to_string());
        let always = [
            &self.previous,
            &self.tenant,
            &chain,
            &seq,
            &self.at,
            &self.actor,
            &self.name,
            &self.role,
            &self.unit,
            &self.session,
            &self.request_id,
            &self.method,
            &self.action,
            &self.object,
            &self.reason,
            &self.note,
        ];
        let perhaps = [&self.via, &self.remote, &self.before, &self.after];
        let fields = always
            .into_iter()
            .map(Some)
            .chain(perhaps.map(Option::as_ref));
        let mut hash = Sha256::new();
        for field in fields {
            // Length first: no two different entries give the same bytes.
            match field {
                Some(text) => {
                    hash.update([1]);
                    hash.update(text.len().to_be_bytes());
                    hash.update(text);
                }
                None => hash.update([0]),
            }
        }
        hex::encode(hash.finalize())
    }

    /// What does not fit if this entry follows the one with `seq` and `hash`.
    pub(super) fn fault_after(&self, seq: i64, hash: &str) -> Option<&'static str> {
        if self.seq != seq + 1 {
            Some("an entry before it is missing")
        } else if self.previous != hash {
            Some("it does not follow the entry before it")
        } else if self.hash != self.computed_hash() {
            Some("its content was changed")
        } else {
            None
        }
    }
}
