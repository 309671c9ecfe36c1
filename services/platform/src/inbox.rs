//! Events that came in: each has its effect once.

use std::collections::BTreeSet;

use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, TryInsertResult,
};

use crate::{
    Result,
    db::{Tenancy, Tx},
    refusal::Common,
};

/// Whether the event was never seen before by this tenant. To be asked in the
/// transaction of its effect. The events of one tenant have their effect one
/// after another: each may rest on what another leaves behind.
pub async fn first_time(tx: &Tx, event_id: &str) -> Result<bool> {
    if tx.tenancy() == Tenancy::All {
        return Err(Common::NoTenant.into());
    }
    tx.lock(&format!("inbox/{}", tx.scope())).await?;
    let row = seen::ActiveModel {
        tenant: Set(tx.scope().to_owned()),
        event_id: Set(event_id.to_owned()),
    };
    let inserted = seen::Entity::insert(row)
        .on_conflict_do_nothing()
        .exec_without_returning(tx.connection())
        .await?;
    Ok(matches!(inserted, TryInsertResult::Inserted(1..)))
}

/// Those of `events` that this tenant has seen.
pub(crate) async fn known(tx: &Tx, events: &BTreeSet<String>) -> Result<BTreeSet<String>> {
    let rows = seen::Entity::find()
        .filter(seen::Column::Tenant.eq(tx.scope()))
        .filter(seen::Column::EventId.is_in(events))
        .all(tx.connection())
        .await?;
    Ok(rows.into_iter().map(|it| it.event_id).collect())
}

mod seen {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "inbox")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub event_id: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::testing::{on_every_store, tenant};

    #[tokio::test]
    async fn an_event_is_new_once_unless_its_effect_was_undone() {
        on_every_store(async |db| {
            let tx = db.begin(tenant("150203")).await?;
            assert!(first_time(&tx, "e-1").await?);
            tx.rollback().await?;
            for expected in [true, false] {
                let tx = db.begin(tenant("150203")).await?;
                assert_eq!(first_time(&tx, "e-1").await?, expected);
                tx.commit().await?;
            }
            Ok(())
        })
        .await;
    }
}
