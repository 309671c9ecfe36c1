//! Changes proposed and approved.

use sea_orm::{ActiveValue::Set, Condition, QueryOrder, QuerySelect, entity::prelude::*};
use sha2::{Digest as _, Sha256};
use time::Date;
use yuhui_kernel::{Hand, proposal::ProposalState};
use yuhui_platform::{
    Caller, Result,
    db::{TenantEntity, Tx},
    paging::Page,
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
    /// Account that approved, declined or withdrew it.
    pub approved_by: Option<String>,
    /// Day on which it did.
    pub approved_on: Option<Date>,
    /// How it ended, if without effect.
    pub ended: String,
    /// Why it was declined.
    pub words: String,
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
    /// Where it stands.
    pub state: ProposalState,
    /// The hand that proposed it.
    pub maker: Hand,
    /// Day of the proposal.
    pub proposed_on: Date,
    /// Account that approved, declined or withdrew it.
    pub ended_by: Option<String>,
    /// Why it was declined.
    pub words: String,
}

impl Proposal {
    /// What it is of, in one word: what changes, what that replaces, by whom, and how it stands.
    pub fn etag(&self) -> Result<String> {
        let said = (
            self.id,
            &self.change,
            &self.replaces,
            &self.maker.account,
            self.state,
        );
        Ok(hex::encode(Sha256::digest(serde_json::to_vec(&said)?)))
    }
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
        proposed_person: Set(caller.hand().person),
        proposed_on: Set(today),
        approved_by: Set(None),
        approved_on: Set(None),
        ended: Set(String::new()),
        words: Set(String::new()),
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
    row.map(read).transpose()
}

/// A page of the proposals about an institution, oldest first; no state: all.
pub async fn page(
    tx: &Tx,
    institution: Uuid,
    states: &[ProposalState],
    page: &Page,
) -> Result<Vec<Proposal>> {
    let after = page.key(|it| it.parse::<Uuid>().ok())?;
    let states = (!states.is_empty()).then(|| {
        let any = states.iter().map(|it| stands(*it));
        any.fold(Condition::any(), Condition::add)
    });
    let rows = tx
        .find::<Entity>()
        .filter(Column::InstitutionId.eq(institution))
        .filter(
            Condition::all()
                .add_option(states)
                .add_option(after.map(|it| Column::Id.gt(it))),
        )
        .order_by_asc(Column::Id)
        .limit(page.limit())
        .all(tx.connection())
        .await?;
    rows.into_iter().map(read).collect()
}

/// In that state.
fn stands(state: ProposalState) -> Condition {
    let has_ended = match state {
        ProposalState::Waiting => Column::ApprovedBy.is_null(),
        _ => Column::ApprovedBy.is_not_null(),
    };
    Condition::all()
        .add(has_ended)
        .add(Column::Ended.eq(state.kept()))
}

fn read(row: Model) -> Result<Proposal> {
    let change = |kept| serde_json::from_value(kept).map_err(|_| corrupt("changes"));
    Ok(Proposal {
        id: row.id,
        change: change(row.change)?,
        replaces: row.replaces.map(change).transpose()?,
        state: ProposalState::read(&row.ended, row.approved_by.is_some())
            .ok_or_else(|| corrupt("changes"))?,
        maker: Hand {
            account: row.proposed_by,
            person: row.proposed_person,
        },
        proposed_on: row.proposed_on,
        ended_by: row.approved_by,
        words: row.words,
    })
}

/// Writes how a proposal ended; a lost race if it has ended already.
pub async fn end(
    tx: &Tx,
    caller: &Caller,
    today: Date,
    proposal: &Proposal,
    (state, words): (ProposalState, &str),
) -> Result<()> {
    let updated = tx
        .update_where::<Entity>()
        .set(ActiveModel {
            approved_by: Set(Some(caller.account.clone())),
            approved_on: Set(Some(today)),
            ended: Set(state.kept().to_owned()),
            words: Set(words.to_owned()),
            ..<ActiveModel as Default>::default()
        })
        .filter(Column::Id.eq(proposal.id))
        .filter(stands(ProposalState::Waiting))
        .exec(tx.connection())
        .await?;
    if updated.rows_affected == 1 {
        Ok(())
    } else {
        Err(refusal::aborted().into())
    }
}
