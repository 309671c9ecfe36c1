//! Whose turn it is: what waits at which desk, and by when. A case, notice, roster or review says so itself,
//! so that the queue follows from what was written and is right as soon as that is.

mod case;
mod others;

use time::Date;
use uuid::Uuid;
use yuhui_kernel::{DivisionCode, Tenant, city};
use yuhui_policy::{Decision, Programme};

use super::{State, deadline::Office};

pub use case::{Beside, has_decision_against};
pub use others::{of_report, of_review};

/// Day of what has none, as the queue is ordered: after every other.
pub const NO_DAY: &str = "9999-12-31";

named! {
    /// A role at one level: what waits for it, anybody who holds it may do.
    Desk {
        /// 嘎查村经办.
        VillageClerk = "VILLAGE_CLERK",
        /// 嘎查村负责人.
        VillageHead = "VILLAGE_HEAD",
        /// 苏木乡镇（街道）复审.
        TownshipReviewer = "TOWNSHIP_REVIEWER",
        /// 苏木乡镇（街道）负责人.
        TownshipLead = "TOWNSHIP_LEAD",
        /// 旗县级卫健委经办.
        CountyReviewer = "COUNTY_REVIEWER",
        /// 旗县级卫健委审批.
        CountyApprover = "COUNTY_APPROVER",
        /// 市卫健委登记.
        CityRegistrar = "CITY_REGISTRAR",
        /// 市卫健委审批.
        CityApprover = "CITY_APPROVER",
        /// 申请人或机构.
        Claimant = "CLAIMANT",
    }
}

named! {
    /// What is to be done.
    Act {
        /// F2, F3, I2.
        Accept = "ACCEPT",
        /// 五(三)6.
        Report = "REPORT",
        /// F7, F8, F10, I3.
        Sign = "SIGN",
        /// C.5.
        PostNotice = "POST_NOTICE",
        /// F9, F11.
        CloseNotice = "CLOSE_NOTICE",
        /// F12.
        Review = "REVIEW",
        /// F13.
        Confirm = "CONFIRM",
        /// F5.
        Correct = "CORRECT",
        /// F14, F6.
        ApproveRejection = "APPROVE_REJECTION",
        /// F24.
        ApproveTermination = "APPROVE_TERMINATION",
        /// F23.
        ProposeAccount = "PROPOSE_ACCOUNT",
        /// F23.
        ApproveAccount = "APPROVE_ACCOUNT",
        /// F29.
        ApproveFraud = "APPROVE_FRAUD",
        /// F29.
        ApproveRecovery = "APPROVE_RECOVERY",
        /// C.7.
        ApproveTakeover = "APPROVE_TAKEOVER",
        /// F15.
        ResolveReferral = "RESOLVE_REFERRAL",
        /// F27.
        ReportInquiry = "REPORT_INQUIRY",
        /// F27.
        ResolveInquiry = "RESOLVE_INQUIRY",
        /// F16.
        BuildRoster = "BUILD_ROSTER",
        /// F16.
        SealRoster = "SEAL_ROSTER",
        /// F17.
        ProposeRecording = "PROPOSE_RECORDING",
        /// F17.
        ApproveRecording = "APPROVE_RECORDING",
        /// F18.
        ApproveRosterReturn = "APPROVE_ROSTER_RETURN",
        /// C.8.
        RecordDelivery = "RECORD_DELIVERY",
        /// C.8.
        DecideReview = "DECIDE_REVIEW",
        /// C.8, F32.
        ApproveReview = "APPROVE_REVIEW",
        /// F31.
        Close = "CLOSE",
        /// F26, R-PRC-11.
        AnswerReport = "ANSWER_REPORT",
    }
}

named! {
    /// What an item is about, as its resource name says.
    Collection {
        /// A case.
        Cases = "cases",
        /// A notice.
        Notices = "notices",
        /// A roster.
        Rosters = "rosters",
        /// A review of a decision.
        Reviews = "reviewRequests",
        /// An objection or report of the public.
        Reports = "reports",
    }
}

/// One thing that waits at one desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// County.
    pub tenant: Tenant,
    /// What it is about.
    pub collection: Collection,
    /// Its id.
    pub object: Uuid,
    /// Whose turn it is.
    pub desk: Desk,
    /// Code of that desk's unit; blind reference of the claimant.
    pub whose: String,
    /// What is to be done.
    pub act: Act,
    /// Programme; none of notices.
    pub programme: Option<Programme>,
    /// Round.
    pub round: i32,
    /// State of a case.
    pub state: Option<State>,
    /// What stands on the case, or is under review.
    pub decision: Option<Decision>,
    /// Village, township of an institution, unit of a notice, county of a roster.
    pub village: DivisionCode,
    /// A register has not answered.
    pub waits: bool,
    /// Under inquiry, or contradicted.
    pub contradicted: bool,
    /// Since when it lies there, if that is known.
    pub since: Option<Date>,
    /// When it may be done, and by when it must.
    pub days: Days,
}

/// Days of an item.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Days {
    /// Not possible before.
    pub not_before: Option<Date>,
    /// Last day.
    pub due_on: Option<Date>,
    /// Last day to post the notice that is part of it.
    pub post_by: Option<Date>,
}

impl Days {
    /// Day by which something must be done.
    pub fn act_by(self) -> Option<Date> {
        match (self.post_by, self.due_on) {
            (Some(post_by), Some(due_on)) => Some(post_by.min(due_on)),
            (post_by, due_on) => post_by.or(due_on),
        }
    }
}

impl Item {
    /// The only item of its object with that desk and act: always the same id.
    pub fn id(&self) -> String {
        format!("{}.{}-{}", self.object, self.desk as u8, self.act as u8)
    }
}

impl Desk {
    /// The office it belongs to.
    pub const fn office(self) -> Office {
        match self {
            Self::VillageClerk | Self::VillageHead => Office::Village,
            Self::TownshipReviewer | Self::TownshipLead => Office::Township,
            Self::CountyReviewer | Self::CountyApprover => Office::County,
            Self::CityRegistrar | Self::CityApprover => Office::City,
            Self::Claimant => Office::Claimant,
        }
    }

    /// Code of its unit for what lies in `unit` of a county: cut to its level.
    fn unit(self, tenant: Tenant, unit: DivisionCode) -> DivisionCode {
        match self.office() {
            Office::Village => unit,
            Office::Township => unit.township().unwrap_or(unit),
            Office::City => city(),
            _ => tenant.code(),
        }
    }
}

#[cfg(test)]
mod tests;
