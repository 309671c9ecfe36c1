//! How single parameter values are read and written.

use serde_json::{Map, Value, json};
use time::{Date, Month};
use yuhui_kernel::{Money, dates};

use super::PackError;
use crate::{Class, facts::HonourLevel};

/// A type a parameter can have.
pub(crate) trait ParameterValue: Sized {
    /// Reads the value of the parameter `name`.
    fn read(name: &str, value: &Value) -> Result<Self, PackError>;
    /// Writes it as it is read.
    fn write(&self) -> Value;
}

/// A day of every year, e.g. 31 March.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthDay {
    /// Month.
    pub month: Month,
    /// Day of the month.
    pub day: u8,
}

impl MonthDay {
    /// That day of `year`; the last day of the month where there is none.
    #[must_use]
    pub fn of(self, year: i32) -> Date {
        dates::month_day(year, self.month, self.day)
    }
}

/// Amounts of P1 by class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassAmounts {
    /// Second child.
    pub second: Money,
    /// Third child.
    pub third: Money,
}

impl ClassAmounts {
    /// The amount of a class.
    #[must_use]
    pub const fn of(self, class: Class) -> Money {
        match class {
            Class::Second => self.second,
            Class::Third => self.third,
        }
    }
}

/// Amounts of P4 by level of honour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HonourAmounts {
    /// National.
    pub national: Money,
    /// Regional.
    pub regional: Money,
    /// Municipal.
    pub municipal: Money,
}

impl HonourAmounts {
    /// The amount of a level.
    #[must_use]
    pub const fn of(self, level: HonourLevel) -> Money {
        match level {
            HonourLevel::National => self.national,
            HonourLevel::Regional => self.regional,
            HonourLevel::Municipal => self.municipal,
        }
    }
}

/// TOML as JSON, so that packs and overrides are read by the same code; dates become text.
pub(super) fn from_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => json!(number),
        toml::Value::Float(number) => Value::String(number.to_string()),
        toml::Value::Boolean(truth) => Value::Bool(truth),
        toml::Value::Datetime(moment) => Value::String(moment.to_string()),
        toml::Value::Array(items) => Value::Array(items.into_iter().map(from_toml).collect()),
        toml::Value::Table(table) => Value::Object(
            table
                .into_iter()
                .map(|(key, value)| (key, from_toml(value)))
                .collect(),
        ),
    }
}

impl ParameterValue for bool {
    fn read(name: &str, value: &Value) -> Result<Self, PackError> {
        value
            .as_bool()
            .ok_or_else(|| PackError::wrong(name, "true or false", value))
    }

    fn write(&self) -> Value {
        Value::Bool(*self)
    }
}

/// Counts of years, months and days: no period of the law is anywhere near ten thousand.
const MOST: i64 = 10_000;

impl ParameterValue for i32 {
    fn read(name: &str, value: &Value) -> Result<Self, PackError> {
        value
            .as_i64()
            .filter(|number| (0..=MOST).contains(number))
            .and_then(|number| Self::try_from(number).ok())
            .ok_or_else(|| PackError::wrong(name, "a whole number, not negative", value))
    }

    fn write(&self) -> Value {
        json!(self)
    }
}

impl ParameterValue for Money {
    fn read(name: &str, value: &Value) -> Result<Self, PackError> {
        value
            .as_i64()
            .filter(|fen| *fen >= 0)
            .map(Self::from_fen)
            .ok_or_else(|| PackError::wrong(name, "a whole number of fen, not negative", value))
    }

    fn write(&self) -> Value {
        json!(self.fen())
    }
}

impl ParameterValue for Date {
    fn read(name: &str, value: &Value) -> Result<Self, PackError> {
        let text = value
            .as_str()
            .ok_or_else(|| PackError::wrong(name, "a date written YYYY-MM-DD", value))?;
        dates::parse(text).map_err(|error| PackError::BadDate {
            name: name.to_owned(),
            text: error.text,
        })
    }

    fn write(&self) -> Value {
        Value::String(dates::format(*self))
    }
}

impl ParameterValue for MonthDay {
    fn read(name: &str, value: &Value) -> Result<Self, PackError> {
        let text = value
            .as_str()
            .ok_or_else(|| PackError::wrong(name, "a day of the year written MM-DD", value))?;
        // A leap year has every day that any year has.
        dates::parse(&format!("2024-{text}"))
            .map(|date| Self {
                month: date.month(),
                day: date.day(),
            })
            .map_err(|_| PackError::wrong(name, "a day of the year written MM-DD", value))
    }

    fn write(&self) -> Value {
        Value::String(format!("{:02}-{:02}", u8::from(self.month), self.day))
    }
}

/// The amounts of an object whose keys are exactly `keys`.
fn amounts<const N: usize>(
    name: &str,
    value: &Value,
    keys: [&str; N],
) -> Result<[Money; N], PackError> {
    let table = value
        .as_object()
        .ok_or_else(|| PackError::wrong(name, "a table of amounts in fen", value))?;
    if let Some(key) = table.keys().find(|key| !keys.contains(&key.as_str())) {
        return Err(PackError::Unknown {
            name: format!("{name}.{key}"),
        });
    }
    let mut amounts = [Money::ZERO; N];
    for (amount, key) in amounts.iter_mut().zip(keys) {
        let name = format!("{name}.{key}");
        let value = table.get(key).ok_or_else(|| PackError::missing(&name))?;
        *amount = Money::read(&name, value)?;
    }
    Ok(amounts)
}

impl ParameterValue for ClassAmounts {
    fn read(name: &str, value: &Value) -> Result<Self, PackError> {
        let [second, third] = amounts(name, value, ["SECOND", "THIRD"])?;
        Ok(Self { second, third })
    }

    fn write(&self) -> Value {
        let mut table = Map::new();
        table.insert("SECOND".to_owned(), self.second.write());
        table.insert("THIRD".to_owned(), self.third.write());
        Value::Object(table)
    }
}

impl ParameterValue for HonourAmounts {
    fn read(name: &str, value: &Value) -> Result<Self, PackError> {
        let [national, regional, municipal] =
            amounts(name, value, ["NATIONAL", "REGIONAL", "MUNICIPAL"])?;
        Ok(Self {
            national,
            regional,
            municipal,
        })
    }

    fn write(&self) -> Value {
        let mut table = Map::new();
        table.insert("NATIONAL".to_owned(), self.national.write());
        table.insert("REGIONAL".to_owned(), self.regional.write());
        table.insert("MUNICIPAL".to_owned(), self.municipal.write());
        Value::Object(table)
    }
}
