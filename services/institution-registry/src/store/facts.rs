//! What decisions ask for, across counties: transactions of
//! [`yuhui_platform::db::Tenancy::All`], which only read.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    Condition,
    entity::prelude::*,
    sea_query::{Query, SelectStatement},
};
use time::Date;
use yuhui_platform::{Result, db::Tx};

use super::{
    enrolments::{self, Column as Stay},
    institutions::{self, Column},
};
use crate::domain::{Enrolment, Institution, Known, Span};

/// An institution and stays of children there, by child and first day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dossier {
    /// The institution.
    pub institution: Institution,
    /// Checked stays.
    pub enrolments: Vec<Enrolment>,
}

/// The institution of that reference, as it is known by `day`.
pub async fn institution(tx: &Tx, institution_ref: &str, day: Date) -> Result<Option<Institution>> {
    let row = tx
        .find::<institutions::Entity>()
        .filter(Column::InstitutionRef.eq(institution_ref))
        .one(tx.connection())
        .await?;
    let found = row.map(institutions::Model::into_domain).transpose()?;
    Ok(found.and_then(|it| it.known_by(day)))
}

/// Checked stays in the institution that touch `span`, as known by `day`.
pub async fn stays_in(
    tx: &Tx,
    institution: &Institution,
    span: Span,
    day: Date,
) -> Result<Vec<Enrolment>> {
    let rows = tx
        .find::<enrolments::Entity>()
        .filter(checked_within(span))
        .filter(here(institution))
        .all(tx.connection())
        .await?;
    Ok(known(rows, day))
}

/// Checked stays that touch `span`, in other institutions, of the children
/// who have such stays in this one, and of `others`, their other references.
pub async fn elsewhere(
    tx: &Tx,
    institution: &Institution,
    others: &[&str],
    span: Span,
    day: Date,
) -> Result<Vec<Dossier>> {
    let children: SelectStatement = Query::select()
        .column(Stay::ChildRef)
        .from(enrolments::Entity)
        .cond_where(checked_within(span))
        .cond_where(here(institution))
        .to_owned();
    let rows = tx
        .find::<enrolments::Entity>()
        .filter(checked_within(span))
        .filter(
            Condition::any()
                .add(Stay::ChildRef.in_subquery(children))
                .add(Stay::ChildRef.is_in(others.iter().copied())),
        )
        .filter(here(institution).not())
        .all(tx.connection())
        .await?;
    dossiers(tx, rows, day).await
}

/// Checked stays of one child anywhere in the city, as known by `day`: those reported under another
/// of its numbers too, all named by `child_ref`.
pub async fn stays_of(
    tx: &Tx,
    child_ref: &str,
    aliases: &[String],
    day: Date,
) -> Result<Vec<Dossier>> {
    let numbers = aliases.iter().map(String::as_str).chain([child_ref]);
    let mut rows = tx
        .find::<enrolments::Entity>()
        .filter(checked_within(Span::until(day)))
        .filter(Stay::ChildRef.is_in(numbers))
        .all(tx.connection())
        .await?;
    for row in &mut rows {
        child_ref.clone_into(&mut row.child_ref);
    }
    dossiers(tx, rows, day).await
}

/// Reported stays of one child that nobody has checked, as known by `day`, as [`stays_of`] names them.
pub async fn unchecked_of(
    tx: &Tx,
    child_ref: &str,
    aliases: &[String],
    day: Date,
) -> Result<Vec<Dossier>> {
    let numbers = aliases.iter().map(String::as_str).chain([child_ref]);
    let mut rows = tx
        .find::<enrolments::Entity>()
        .filter(Stay::CheckedOn.is_null())
        .filter(within(Span::until(day)))
        .filter(Stay::ChildRef.is_in(numbers))
        .all(tx.connection())
        .await?;
    for row in &mut rows {
        child_ref.clone_into(&mut row.child_ref);
    }
    dossiers(tx, rows, day).await
}

fn here(institution: &Institution) -> Condition {
    Condition::all()
        .add(Stay::Tenant.eq(institution.tenant.as_str()))
        .add(Stay::InstitutionId.eq(institution.id))
}

fn checked_within(span: Span) -> Condition {
    within(span).add(Stay::CheckedOn.is_not_null())
}

fn within(span: Span) -> Condition {
    let lasts = Condition::any()
        .add(Stay::ToOn.is_null())
        .add(Stay::ToOn.gte(span.from_on));
    Condition::all()
        .add(Stay::FromOn.lte(span.to_on))
        .add(lasts)
}

fn known(rows: Vec<enrolments::Model>, day: Date) -> Vec<Enrolment> {
    let stays = rows.into_iter().map(Enrolment::from);
    let mut known: Vec<_> = stays.filter_map(|it| it.known_by(day)).collect();
    known.sort();
    known
}

/// Stays with their institutions, by reference of the institution.
async fn dossiers(tx: &Tx, rows: Vec<enrolments::Model>, day: Date) -> Result<Vec<Dossier>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: BTreeSet<_> = rows.iter().map(|row| row.institution_id).collect();
    let tenants: BTreeSet<_> = rows.iter().map(|row| row.tenant.clone()).collect();
    let mut stays: BTreeMap<Uuid, Vec<enrolments::Model>> = BTreeMap::new();
    for row in rows {
        stays.entry(row.institution_id).or_default().push(row);
    }
    let found = tx
        .find::<institutions::Entity>()
        .filter(Column::Tenant.is_in(tenants))
        .filter(Column::Id.is_in(ids))
        .all(tx.connection())
        .await?;
    let mut dossiers = Vec::with_capacity(found.len());
    for row in found {
        let rows = stays.remove(&row.id).unwrap_or_default();
        let Some(institution) = row.into_domain()?.known_by(day) else {
            continue;
        };
        dossiers.push(Dossier {
            institution,
            enrolments: known(rows, day),
        });
    }
    dossiers.sort_by(|a, b| {
        let key = |it: &Dossier| it.institution.institution_ref.clone();
        key(a).cmp(&key(b))
    });
    Ok(dossiers)
}
