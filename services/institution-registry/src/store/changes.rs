//! Changes proposed and approved.

use sea_orm::{ActiveValue::Set, entity::prelude::*};
use time::Date;
use yuhui_kernel::Hand;
use yuhui_platform::{
    Caller, Result,
    db::{TenantEntity, Tx},
    refusal,
};

use super::corrupt;
use crate::domain::Change;

/// A row of `changes`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "changes")]
pub struct Model {
    /// County.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: String,
    /// The change.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The institution.
    pub institution_id: Uuid,
    /// `HEALTH` or `EDUCATION`.
    pub office: String,
    /// What changes.
    pub change: Json,
    /// What of the record it replaces, as it stood at the proposal; nothing if it only adds.
    pub replaces: Option<Json>,
    /// Account that proposed it.
    pub proposed_by: String,
    /// Person behind that account.
    pub proposed_person: Option<String>,
    /// Day of the proposal.
    pub proposed_on: Date,
    /// Account that approved it.
    pub approved_by: Option<String>,
    /// Day of the approval.
    pub approved_on: Option<Date>,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    fn tenant_column() -> Column {
        Column::Tenant
    }
}

/// A change as it was proposed.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// Its id.
    pub id: Uuid,
    /// What changes.
    pub change: Change,
    /// What of the record it replaces, as it stood at the proposal.
    pub replaces: Option<Change>,
    /// Whether it was approved.
    pub approved: bool,
    /// The hand that proposed it.
    pub maker: Hand,
}

/// Keeps a proposal: the change, and what it replaces.
pub async fn propose(
    tx: &Tx,
    caller: &Caller,
    today: Date,
    id: Uuid,
    institution: Uuid,
    (change, replaces): (&Change, Option<&Change>),
) -> Result<()> {
    tx.insert(ActiveModel {
        tenant: Set(tx.scope().to_owned()),
        id: Set(id),
        institution_id: Set(institution),
        office: Set(change.office().as_str().to_owned()),
        change: Set(serde_json::to_value(change)?),
        replaces: Set(replaces.map(serde_json::to_value).transpose()?),
        proposed_by: Set(caller.account.clone()),
        proposed_person: Set(caller.person.clone()),
        proposed_on: Set(today),
        approved_by: Set(None),
        approved_on: Set(None),
    })
    .await?;
    Ok(())
}

/// The proposal with that id, about that institution.
pub async fn find(tx: &Tx, institution: Uuid, id: Uuid) -> Result<Option<Proposal>> {
    let row = tx
        .find::<Entity>()
        .filter(Column::Id.eq(id))
        .filter(Column::InstitutionId.eq(institution))
        .one(tx.connection())
        .await?;
    let read = |row: Model| {
        let change = |kept| serde_json::from_value(kept).map_err(|_| corrupt("changes"));
        Ok(Proposal {
            id: row.id,
            change: change(row.change)?,
            replaces: row.replaces.map(change).transpose()?,
            approved: row.approved_by.is_some(),
            maker: Hand {
                account: row.proposed_by,
                person: row.proposed_person,
            },
        })
    };
    row.map(read).transpose()
}

/// Marks a proposal that nobody approved meanwhile as approved.
pub async fn approve(tx: &Tx, caller: &Caller, today: Date, proposal: &Proposal) -> Result<()> {
    let updated = tx
        .update_where::<Entity>()
        .set(ActiveModel {
            approved_by: Set(Some(caller.account.clone())),
            approved_on: Set(Some(today)),
            ..<ActiveModel as Default>::default()
        })
        .filter(Column::Id.eq(proposal.id))
        .filter(Column::ApprovedBy.is_null())
        .exec(tx.connection())
        .await?;
    if updated.rows_affected == 1 {
        Ok(())
    } else {
        Err(refusal::aborted().into())
    }
}
