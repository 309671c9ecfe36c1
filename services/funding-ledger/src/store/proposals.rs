//! Proposals of finance.

use sea_orm::{ActiveValue::Set, ColumnTrait as _, IntoActiveModel as _, QueryFilter as _};
use yuhui_kernel::{Date, Money, dates};
use yuhui_platform::{Result, db::Tx};

use super::{entity::proposal, row};
use crate::domain::proposal::{Kind, Proposal};

/// Writes a new proposal.
pub async fn insert(tx: &Tx, proposal: &Proposal, proposed_on: Date) -> Result<()> {
    let row = proposal::Model {
        tenant: String::new(),
        id: proposal.id.clone(),
        kind: proposal.kind.code().to_owned(),
        round: proposal.round,
        amount_fen: proposal.amount.fen(),
        document: proposal.document.clone(),
        case_name: proposal.case_name.clone(),
        maker: proposal.maker.clone(),
        maker_person: proposal.maker_person.clone(),
        proposed_on: dates::format(proposed_on),
        checker: None,
        journal: None,
    };
    tx.insert(row.into_active_model()).await?;
    Ok(())
}

/// A proposal by id.
pub async fn get(tx: &Tx, id: &str) -> Result<Option<Proposal>> {
    let found = tx
        .find::<proposal::Entity>()
        .filter(proposal::Column::Id.eq(id))
        .one(tx.connection())
        .await?;
    found.map(read).transpose()
}

/// Writes who approved the proposal and what was posted.
pub async fn approve(tx: &Tx, proposal: &Proposal) -> Result<()> {
    let row = proposal::ActiveModel {
        tenant: Set(String::new()),
        id: Set(proposal.id.clone()),
        checker: Set(proposal.checker.clone()),
        journal: Set(proposal.journal),
        ..Default::default()
    };
    tx.update(row).await?;
    Ok(())
}

fn read(found: proposal::Model) -> Result<Proposal> {
    Ok(Proposal {
        kind: row::known(Kind::from_code(&found.kind), "kind", &found.kind)?,
        id: found.id,
        round: found.round,
        amount: Money::from_fen(found.amount_fen),
        document: found.document,
        case_name: found.case_name,
        maker: found.maker,
        maker_person: found.maker_person,
        checker: found.checker,
        journal: found.journal,
    })
}
