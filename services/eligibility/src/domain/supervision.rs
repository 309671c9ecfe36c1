//! What supervision opens and records (社会监督, 126号 二d, 七): matters and findings. Neither changes a case.

use serde::{Deserialize, Serialize};
use time::Date;
use uuid::Uuid;
use yuhui_kernel::Tenant;

use super::Hand;

/// A matter of discipline inspection on a case (核查事项).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matter {
    /// County.
    pub tenant: Tenant,
    /// Id.
    pub id: Uuid,
    /// The case.
    pub case: Uuid,
    /// What gave rise to it.
    pub ground: String,
    /// Who opened it.
    pub opened_by: Hand,
    /// When.
    pub opened_on: Date,
    /// How it ended.
    pub closed: Option<Conclusion>,
}

/// How a matter ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conclusion {
    /// Who closed it.
    pub by: Hand,
    /// When.
    pub on: Date,
    /// What came of it.
    pub words: String,
}

/// What an inspector or auditor found (监督检查发现的问题). It stands as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// County.
    pub tenant: Tenant,
    /// Id.
    pub id: Uuid,
    /// Name of what it is about.
    pub subject: String,
    /// What it says.
    pub words: String,
    /// Clause that was not kept; empty if none is named.
    pub clause: String,
    /// Discipline inspection is asked for a hold (F28).
    pub asks_for_hold: bool,
    /// Who recorded it.
    pub by: Hand,
    /// Role of who recorded it.
    pub role: String,
    /// When.
    pub on: Date,
}

impl Matter {
    /// Resource name.
    pub fn name(&self) -> String {
        format!("counties/{}/matters/{}", self.tenant, self.id)
    }

    /// Name of the case.
    pub fn case_name(&self) -> String {
        format!("counties/{}/cases/{}", self.tenant, self.case)
    }
}

impl Finding {
    /// Resource name.
    pub fn name(&self) -> String {
        format!("counties/{}/findings/{}", self.tenant, self.id)
    }
}
