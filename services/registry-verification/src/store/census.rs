//! How many children a county has.

use std::collections::BTreeMap;

use sea_orm::{Condition, QuerySelect, entity::prelude::*};
use time::{Date, Month};
use yuhui_kernel::Tenant;
use yuhui_platform::{Error, Result};

use super::{Registers, hukou, persons};

impl Registers<'_> {
    /// Children born from `from_year` on, alive on `day` with a hukou in the county, by birth year.
    pub async fn children(
        &self,
        county: Tenant,
        from_year: i32,
        day: Date,
    ) -> Result<BTreeMap<i32, i64>> {
        let from = Date::from_calendar_date(from_year, Month::January, 1)
            .map_err(|error| Error::fault(error.to_string()))?;
        let alive = Condition::any()
            .add(persons::Column::DiedOn.is_null())
            .add(persons::Column::DiedOn.gt(day));
        // Children are few beside everybody with a hukou: an index has them by birth.
        let child = (persons::Entity, persons::Column::PersonRef);
        let hukou = hukou::in_county(child, county, day);
        let born: Vec<Date> = persons::Entity::find()
            .filter(persons::Column::BornOn.between(from, day))
            .filter(alive)
            .filter(Expr::exists(hukou))
            .select_only()
            .column(persons::Column::BornOn)
            .into_tuple()
            .all(self.connection)
            .await?;
        let mut years = BTreeMap::new();
        for date in born {
            *years.entry(date.year()).or_default() += 1;
        }
        Ok(years)
    }
}
