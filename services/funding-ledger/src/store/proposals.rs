//! Proposals of finance.

use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use yuhui_kernel::{Hand, Money, dates, proposal::ProposalState};
use yuhui_platform::{Result, db::Tx, paging::Page, refusal};

use super::{entity::proposal, row};
use crate::domain::proposal::{Kind, Proposal};

/// Writes a new proposal.
pub async fn insert(tx: &Tx, proposal: &Proposal) -> Result<()> {
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
        proposed_on: dates::format(proposal.proposed_on),
        ended: String::new(),
        endorser: None,
        endorser_person: None,
        checker: None,
        words: String::new(),
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

/// A page of proposals, oldest first, with their counties; no state: all.
pub async fn page(
    tx: &Tx,
    states: &[ProposalState],
    page: &Page,
) -> Result<Vec<(String, Proposal)>> {
    let after = page.after().map(|it| proposal::Column::Id.gt(it));
    let states = (!states.is_empty()).then(|| {
        let any = states.iter().map(|it| stands(*it));
        any.fold(Condition::any(), Condition::add)
    });
    let rows = tx
        .find::<proposal::Entity>()
        .filter(Condition::all().add_option(after).add_option(states))
        .order_by_asc(proposal::Column::Id)
        .limit(page.limit())
        .all(tx.connection())
        .await?;
    let rows = rows
        .into_iter()
        .map(|it| Ok((it.tenant.clone(), read(it)?)));
    rows.collect()
}

/// Writes who endorsed a proposal that waits; a lost race if it has ended or was endorsed already.
pub async fn endorse(tx: &Tx, id: &str, by: &Hand) -> Result<()> {
    let done = tx
        .update_where::<proposal::Entity>()
        .set(proposal::ActiveModel {
            endorser: Set(Some(by.account.clone())),
            endorser_person: Set(by.person.clone()),
            ..Default::default()
        })
        .filter(proposal::Column::Id.eq(id))
        .filter(proposal::Column::Endorser.is_null())
        .filter(stands(ProposalState::Waiting))
        .exec(tx.connection())
        .await?;
    match done.rows_affected {
        1 => Ok(()),
        _ => Err(refusal::aborted().into()),
    }
}

/// Writes how the proposal ended, and what was posted; a lost race if it has ended already.
pub async fn end(tx: &Tx, proposal: &Proposal) -> Result<()> {
    let done = tx
        .update_where::<proposal::Entity>()
        .set(proposal::ActiveModel {
            ended: Set(proposal.state.kept().to_owned()),
            checker: Set(proposal.checker.clone()),
            words: Set(proposal.words.clone()),
            journal: Set(proposal.journal),
            ..Default::default()
        })
        .filter(proposal::Column::Id.eq(&proposal.id))
        .filter(stands(ProposalState::Waiting))
        .exec(tx.connection())
        .await?;
    match done.rows_affected {
        1 => Ok(()),
        _ => Err(refusal::aborted().into()),
    }
}

/// In that state.
fn stands(state: ProposalState) -> Condition {
    let has_ended = match state {
        ProposalState::Waiting => proposal::Column::Checker.is_null(),
        _ => proposal::Column::Checker.is_not_null(),
    };
    Condition::all()
        .add(has_ended)
        .add(proposal::Column::Ended.eq(state.kept()))
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
        proposed_on: row::known(
            dates::parse(&found.proposed_on).ok(),
            "day",
            &found.proposed_on,
        )?,
        endorser: found.endorser,
        endorser_person: found.endorser_person,
        state: row::known(
            ProposalState::read(&found.ended, found.checker.is_some()),
            "state",
            &found.ended,
        )?,
        checker: found.checker,
        words: found.words,
        journal: found.journal,
    })
}
