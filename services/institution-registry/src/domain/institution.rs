//! An institution and its dated record.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::Date;
use uuid::Uuid;
use yuhui_kernel::{CreditCode, DivisionCode, Registrar, Tenant};

use super::change::iso_date;

/// An institution as its county registered it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Institution {
    /// The county that keeps it.
    pub tenant: Tenant,
    /// Its id.
    pub id: Uuid,
    /// Blind reference: the vault's index of the credit code.
    pub institution_ref: String,
    /// 统一社会信用代码
    pub credit_code: CreditCode,
    /// Name.
    pub display_name: String,
    /// Kind.
    pub kind: Kind,
    /// Where it is registered.
    pub registered_with: Registrar,
    /// Registration date.
    pub registered_on: Date,
    /// Township of the premises.
    pub township: DivisionCode,
    /// 托位
    pub licensed_places: i32,
    /// What was decided about it.
    pub record: Record,
}

/// Kind of institution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// 托育机构
    Nursery,
    /// 托幼一体幼儿园（延伸办托）
    Kindergarten,
}

/// Everything decided about an institution, each by two persons.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// 备案
    #[serde(default, with = "iso_date::option")]
    pub filed_on: Option<Date>,
    /// Approval by the county education bureau.
    #[serde(default, with = "iso_date::option")]
    pub education_approved_on: Option<Date>,
    /// 普惠认定
    #[serde(default, with = "iso_date::option")]
    pub inclusive_recognised_on: Option<Date>,
    /// Suspensions, by first day; they do not overlap.
    #[serde(default)]
    pub suspensions: Vec<Suspension>,
    /// Honours (示范托育机构), by date and level.
    #[serde(default)]
    pub honours: Vec<Honour>,
    /// Head-counts certified by the education bureau, by subsidy year.
    #[serde(default)]
    pub certificates: BTreeMap<i32, i32>,
    /// Legal persons or heads, by first day: the last one is it.
    #[serde(default)]
    pub legal_persons: Vec<LegalPerson>,
}

impl Record {
    /// Who is legal person or head on `day`, and who is registered to be it later.
    pub fn legal_persons_from(&self, day: Date) -> impl Iterator<Item = &str> {
        let past = self.legal_persons.partition_point(|it| it.from_on <= day);
        let since = self.legal_persons.iter().skip(past.saturating_sub(1));
        since.map(|it| it.person_ref.as_str())
    }
}

/// A legal person or head (法定代表人、负责人), until the next one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LegalPerson {
    /// First day.
    #[serde(with = "iso_date")]
    pub from_on: Date,
    /// Blind reference: the vault's index of the identity number.
    pub person_ref: String,
}

/// A suspension of service, closed on both ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Suspension {
    /// First day.
    #[serde(with = "iso_date")]
    pub from_on: Date,
    /// Last day; `None` if it lasts.
    #[serde(default, with = "iso_date::option")]
    pub to_on: Option<Date>,
}

/// An honour.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Honour {
    /// Date granted.
    #[serde(with = "iso_date")]
    pub granted_on: Date,
    /// Level.
    pub level: HonourLevel,
    /// Number of the document that grants it.
    pub document_number: String,
}

/// Level of an honour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HonourLevel {
    /// 市级
    Municipal,
    /// 自治区
    Regional,
    /// 国家
    National,
}
