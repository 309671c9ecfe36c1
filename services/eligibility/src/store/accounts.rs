//! Accounts that cases state, by keyed hash, in the whole city.

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use time::Date;
use yuhui_kernel::dates;
use yuhui_platform::{Result, db::Tx};

use crate::domain::Case;

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "stated_accounts")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) county: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) case_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) account_ref: String,
        pub(crate) claimant_ref: String,
        /// Blind references of the family, one a line.
        pub(crate) related: String,
        pub(crate) stated_on: String,
        /// Empty while no other family states the account.
        pub(crate) flagged_on: String,
    }

    impl ActiveModelBehavior for ActiveModel {}

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}
}

use entity::{ActiveModel, Column, Entity};

pub(crate) use entity::Model as StatedAccount;

impl StatedAccount {
    /// Whether the other is stated by somebody of another family: neither names the other's
    /// claimant among its own.
    pub(crate) fn is_of_another_family(&self, other: &Self) -> bool {
        let knows = |one: &Self, claimant: &str| {
            one.claimant_ref == claimant || one.related.lines().any(|it| it == claimant)
        };
        !knows(self, &other.claimant_ref) && !knows(other, &self.claimant_ref)
    }

    /// Place in a list.
    pub(crate) fn key(&self) -> String {
        format!("{}/{}/{}", self.county, self.case_id, self.account_ref)
    }
}

/// Keeps that a case states an account. Answers with whom of other families it shares it; all who
/// state it are flagged from now on.
pub(crate) async fn state(
    tx: &Tx,
    case: &Case,
    account_ref: &str,
    today: Date,
) -> Result<Vec<StatedAccount>> {
    tx.lock(&format!("account/{account_ref}")).await?;
    let own = StatedAccount {
        county: case.tenant.as_str().into(),
        case_id: case.id.to_string(),
        account_ref: account_ref.into(),
        claimant_ref: case.claimant_ref.clone(),
        related: case.related.join("\n"),
        stated_on: dates::format(today),
        flagged_on: String::new(),
    };
    let row = ActiveModel {
        county: Set(own.county.clone()),
        case_id: Set(own.case_id.clone()),
        account_ref: Set(own.account_ref.clone()),
        claimant_ref: Set(own.claimant_ref.clone()),
        related: Set(own.related.clone()),
        stated_on: Set(own.stated_on.clone()),
        flagged_on: Set(String::new()),
    };
    let key = [Column::County, Column::CaseId, Column::AccountRef];
    let known = OnConflict::columns(key)
        .update_column(Column::Related)
        .to_owned();
    Entity::insert(row)
        .on_conflict(known)
        .exec_without_returning(tx.connection())
        .await?;
    let mut others = of(tx, account_ref).await?;
    others.retain(|it| own.is_of_another_family(it));
    if !others.is_empty() {
        Entity::update_many()
            .col_expr(Column::FlaggedOn, Expr::value(dates::format(today)))
            .filter(Column::AccountRef.eq(account_ref))
            .filter(Column::FlaggedOn.eq(""))
            .exec(tx.connection())
            .await?;
    }
    Ok(others)
}

/// Every case that states an account.
pub(crate) async fn of(tx: &Tx, account_ref: &str) -> Result<Vec<StatedAccount>> {
    Ok(Entity::find()
        .filter(Column::AccountRef.eq(account_ref))
        .order_by_asc(Column::County)
        .order_by_asc(Column::CaseId)
        .all(tx.connection())
        .await?)
}

/// A page of what is flagged, of one county or of all, by county, case and account.
pub(crate) async fn flagged(
    tx: &Tx,
    county: Option<&str>,
    after: Option<&str>,
    limit: u64,
) -> Result<Vec<StatedAccount>> {
    let mut query = Entity::find().filter(Column::FlaggedOn.ne(""));
    if let Some(county) = county {
        query = query.filter(Column::County.eq(county));
    }
    if let Some((county, rest)) = after.and_then(|it| it.split_once('/'))
        && let Some((case, account)) = rest.split_once('/')
    {
        let same_case = Condition::all()
            .add(Column::CaseId.eq(case))
            .add(Column::AccountRef.gt(account));
        let same_county = Condition::all()
            .add(Column::County.eq(county))
            .add(Condition::any().add(Column::CaseId.gt(case)).add(same_case));
        query = query.filter(
            Condition::any()
                .add(Column::County.gt(county))
                .add(same_county),
        );
    }
    Ok(query
        .order_by_asc(Column::County)
        .order_by_asc(Column::CaseId)
        .order_by_asc(Column::AccountRef)
        .limit(limit)
        .all(tx.connection())
        .await?)
}
