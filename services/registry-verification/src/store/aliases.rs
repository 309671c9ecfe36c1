//! The other numbers of a person (REISSUE, CORRECTION, BIRTH_CERTIFICATE). Rows of the registers
//! stand under the reference of the oldest number; this table leads there from every other.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ActiveValue::Set, Condition, QuerySelect, entity::prelude::*};
use time::Date;
use yuhui_platform::Result;

use super::{Registers, keys};
use crate::domain::{Alias, AliasGround, Identities, PersonRef};

/// References in one `IN` list.
const AT_ONCE: usize = 1000;

/// A row of `aliases`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "aliases")]
pub struct Model {
    /// A later number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_ref: String,
    /// The oldest number of the same person.
    pub canonical_ref: String,
    /// Why there are two.
    pub ground: String,
    /// Day it was entered.
    pub registered_on: Date,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The oldest number, and the later one.
    fn pair(self) -> (PersonRef, PersonRef) {
        let [oldest, later] = [self.canonical_ref, self.person_ref].map(PersonRef::trusted);
        (oldest, later)
    }
}

/// The one row on which imports wait for each other.
mod lock {
    use sea_orm::entity::prelude::*;

    /// The row.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "alias_lock")]
    pub struct Model {
        /// 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Registers<'_> {
    /// Imports come one after the other: what one is held against, no other one changes meanwhile,
    /// neither who is one person nor what is told of anybody.
    pub async fn lock_registers(&self) -> Result<()> {
        let row = lock::Entity::find().lock_exclusive();
        row.one(self.connection).await?;
        Ok(())
    }

    /// Under which references these persons stand in the registers.
    pub async fn identities<'a>(
        &self,
        persons: impl IntoIterator<Item = &'a PersonRef>,
    ) -> Result<Identities> {
        let rows = Entity::find()
            .filter(Column::PersonRef.is_in(keys(persons)))
            .all(self.connection)
            .await?;
        let pairs = rows.into_iter().map(Model::pair);
        Ok(pairs.map(|(oldest, later)| (later, oldest)).collect())
    }

    /// Under which references `named` stand in the registers, and every later number, with the oldest, of
    /// those among them and `others` who stand for themselves. Both in one question, as hardly anybody
    /// has two numbers.
    pub async fn known_numbers(
        &self,
        named: &BTreeSet<PersonRef>,
        others: &BTreeSet<PersonRef>,
    ) -> Result<(Identities, Vec<(PersonRef, PersonRef)>)> {
        let either = Condition::any()
            .add(Column::PersonRef.is_in(keys(named)))
            .add(Column::CanonicalRef.is_in(keys(named.union(others))));
        let rows = Entity::find().filter(either).all(self.connection).await?;
        let pairs: Vec<_> = rows.into_iter().map(Model::pair).collect();
        let later = pairs.iter().filter(|(_, later)| named.contains(later));
        let ids = later.map(|(oldest, later)| (later.clone(), oldest.clone()));
        Ok((ids.collect(), pairs))
    }

    /// Every later number of these persons, with the oldest.
    pub async fn aliases_of(
        &self,
        oldest: &BTreeSet<PersonRef>,
    ) -> Result<Vec<(PersonRef, PersonRef)>> {
        if oldest.is_empty() {
            return Ok(Vec::new());
        }
        let rows = Entity::find()
            .filter(Column::CanonicalRef.is_in(keys(oldest)))
            .all(self.connection)
            .await?;
        Ok(rows.into_iter().map(Model::pair).collect())
    }

    /// Of each of these persons that has several references all but the one asked for.
    pub async fn other_references(
        &self,
        persons: &BTreeSet<PersonRef>,
    ) -> Result<Vec<(PersonRef, PersonRef)>> {
        let mut oldest = BTreeMap::new();
        let mut known = Vec::new();
        for some in persons.iter().collect::<Vec<_>>().chunks(AT_ONCE) {
            let ids = self.identities(some.iter().copied()).await?;
            let asked: BTreeMap<_, _> = some.iter().map(|it| (*it, ids.of(it))).collect();
            let distinct = asked.values().cloned().collect();
            known.extend(self.aliases_of(&distinct).await?);
            oldest.extend(asked);
        }
        let mut same: BTreeMap<PersonRef, BTreeSet<PersonRef>> = BTreeMap::new();
        for (first, later) in known {
            let all = same.entry(first.clone()).or_default();
            all.extend([first, later]);
        }
        let others = oldest.into_iter().flat_map(|(asked, oldest)| {
            let all = same.get(&oldest).into_iter().flatten();
            let others = all.filter(move |it| *it != asked);
            others.map(move |it| (asked.clone(), it.clone()))
        });
        Ok(others.collect())
    }

    /// Whether the person has got its citizen number already, and not this one.
    pub async fn has_another_citizen_number(
        &self,
        oldest: &PersonRef,
        later: &PersonRef,
    ) -> Result<bool> {
        let others = Condition::all()
            .add(Column::CanonicalRef.eq(oldest.as_str()))
            .add(Column::Ground.eq(AliasGround::BirthCertificate.as_str()))
            .add(Column::PersonRef.ne(later.as_str()));
        let count = Entity::find().filter(others).count(self.connection).await?;
        Ok(count > 0)
    }

    /// Joins two numbers: what is known under the later one, or under the oldest that it leads to,
    /// is known under the oldest of the earlier one from now on. Answers that oldest one; the two
    /// must not be joined already.
    pub async fn join(&self, alias: &Alias, today: Date) -> Result<PersonRef> {
        let ids = self.identities([&alias.earlier, &alias.later]).await?;
        let (oldest, joined) = (ids.of(&alias.earlier), ids.of(&alias.later));
        Entity::update_many()
            .set(ActiveModel {
                canonical_ref: Set(oldest.as_str().to_owned()),
                ..Default::default()
            })
            .filter(Column::CanonicalRef.eq(joined.as_str()))
            .exec(self.connection)
            .await?;
        let row = ActiveModel {
            person_ref: Set(joined.as_str().to_owned()),
            canonical_ref: Set(oldest.as_str().to_owned()),
            ground: Set(alias.ground.as_str().to_owned()),
            registered_on: Set(today),
        };
        Entity::insert(row)
            .exec_without_returning(self.connection)
            .await?;
        self.move_persons(&joined, &oldest).await?;
        self.move_hukou(&joined, &oldest).await?;
        self.move_births(&joined, &oldest).await?;
        self.move_marriages(&joined, &oldest).await?;
        self.move_adoptions(&joined, &oldest).await?;
        self.move_custody(&joined, &oldest).await?;
        self.move_guardianships(&joined, &oldest).await?;
        self.move_national_payments(&joined, &oldest).await?;
        Ok(oldest)
    }
}

/// The one renaming of a move.
pub(super) fn only(from: &PersonRef, to: &PersonRef) -> Identities {
    [(from.clone(), to.clone())].into_iter().collect()
}
