//! What can be decided about an institution, by whom, and when it fits.

use serde::{Deserialize, Serialize};
use time::Date;

use super::institution::{Honour, HonourLevel, Institution, Kind, LegalPerson, Record, Suspension};

// Dates inside JSON: `2025-03-31`.
time::serde::format_description!(pub iso_date, Date, "[year]-[month]-[day]");

/// A change of an institution's record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// 备案
    Filed {
        /// Date of filing.
        #[serde(with = "iso_date")]
        on: Date,
    },
    /// 普惠认定
    InclusiveRecognised {
        /// Date of recognition.
        #[serde(with = "iso_date")]
        on: Date,
    },
    /// A suspension; one with the same first day is replaced.
    Suspended(Suspension),
    /// An honour; one of the same level and date is replaced.
    Honoured(Honour),
    /// Approval by the county education bureau.
    EducationApproved {
        /// Date of approval.
        #[serde(with = "iso_date")]
        on: Date,
    },
    /// Another legal person or head; one from the same day is replaced.
    Headed(LegalPerson),
    /// A head-count certified for a subsidy year (五(三)1); one for the same year is replaced.
    Certified {
        /// The year.
        subsidy_year: i32,
        /// Children counted.
        headcount: i32,
    },
}

/// The office that decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Office {
    /// 旗县级卫健委
    Health,
    /// 旗县级教育局
    Education,
    /// 市卫健委
    City,
}

impl Office {
    /// Name in rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Health => "HEALTH",
            Self::Education => "EDUCATION",
            Self::City => "CITY",
        }
    }
}

/// Why a change does not fit an institution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// It takes effect before the institution was registered.
    BeforeRegistration,
    /// The education bureau decides about kindergartens only.
    NoKindergarten,
    /// It overlaps another suspension.
    OverlappingSuspension,
    /// What it was to replace is not what it was when the change was proposed.
    ReplacesAnother,
}

impl Misfit {
    /// In Chinese.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::BeforeRegistration => "早于机构登记日期",
            Self::NoKindergarten => "该机构不是幼儿园",
            Self::OverlappingSuspension => "与另一停业期间重叠",
            Self::ReplacesAnother => "提出后所涉登记内容已另行变更，须重新提出",
        }
    }

    /// In English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::BeforeRegistration => "it is before the registration of the institution",
            Self::NoKindergarten => "the institution is no kindergarten",
            Self::OverlappingSuspension => "it overlaps another suspension",
            Self::ReplacesAnother => {
                "what it replaces was changed since it was proposed: propose it again"
            }
        }
    }
}

impl Change {
    /// The office that decides it.
    #[must_use]
    pub fn office(&self) -> Office {
        match self {
            // What the city grants, the city enters (D.2).
            Self::Honoured(honour) if honour.level == HonourLevel::Municipal => Office::City,
            Self::Filed { .. }
            | Self::InclusiveRecognised { .. }
            | Self::Suspended(_)
            | Self::Honoured(_)
            | Self::Headed(_) => Office::Health,
            Self::EducationApproved { .. } | Self::Certified { .. } => Office::Education,
        }
    }

    /// The institution's record with this change.
    pub fn applied_to(&self, institution: &Institution) -> Result<Record, Misfit> {
        if self
            .effective_on()
            .is_some_and(|on| on < institution.registered_on)
        {
            return Err(Misfit::BeforeRegistration);
        }
        if self.office() == Office::Education && institution.kind != Kind::Kindergarten {
            return Err(Misfit::NoKindergarten);
        }
        let mut record = institution.record.clone();
        match self {
            Self::Filed { on } => record.filed_on = Some(*on),
            Self::InclusiveRecognised { on } => record.inclusive_recognised_on = Some(*on),
            Self::EducationApproved { on } => record.education_approved_on = Some(*on),
            Self::Suspended(suspension) => suspend(&mut record.suspensions, suspension)?,
            Self::Honoured(honour) => {
                let key = (honour.granted_on, honour.level);
                record.honours.retain(|it| (it.granted_on, it.level) != key);
                record.honours.push(honour.clone());
                record.honours.sort();
            }
            Self::Headed(person) => {
                record
                    .legal_persons
                    .retain(|it| it.from_on != person.from_on);
                record.legal_persons.push(person.clone());
                record.legal_persons.sort();
            }
            Self::Certified {
                subsidy_year,
                headcount,
            } => {
                record.certificates.insert(*subsidy_year, *headcount);
            }
        }
        Ok(record)
    }

    /// The record with this change, if what it replaces is what it was at the proposal.
    pub fn still_applied_to(
        &self,
        institution: &Institution,
        replaced: Option<&Self>,
    ) -> Result<Record, Misfit> {
        if self.replaces(&institution.record).as_ref() != replaced {
            return Err(Misfit::ReplacesAnother);
        }
        self.applied_to(institution)
    }

    /// What of the record it replaces, written as the change that brought it; nothing if it only adds.
    #[must_use]
    pub fn replaces(&self, record: &Record) -> Option<Self> {
        match self {
            Self::Filed { .. } => record.filed_on.map(|on| Self::Filed { on }),
            Self::InclusiveRecognised { .. } => record
                .inclusive_recognised_on
                .map(|on| Self::InclusiveRecognised { on }),
            Self::EducationApproved { .. } => record
                .education_approved_on
                .map(|on| Self::EducationApproved { on }),
            Self::Suspended(new) => {
                let same = |it: &&Suspension| it.from_on == new.from_on;
                let known = record.suspensions.iter().find(same);
                known.cloned().map(Self::Suspended)
            }
            Self::Honoured(new) => {
                let same = |it: &&Honour| (it.granted_on, it.level) == (new.granted_on, new.level);
                record
                    .honours
                    .iter()
                    .find(same)
                    .cloned()
                    .map(Self::Honoured)
            }
            Self::Headed(new) => {
                let same = |it: &&LegalPerson| it.from_on == new.from_on;
                let known = record.legal_persons.iter().find(same);
                known.cloned().map(Self::Headed)
            }
            Self::Certified { subsidy_year, .. } => {
                let known = record.certificates.get(subsidy_year);
                known.map(|headcount| Self::Certified {
                    subsidy_year: *subsidy_year,
                    headcount: *headcount,
                })
            }
        }
    }

    /// First day on which it takes effect.
    fn effective_on(&self) -> Option<Date> {
        match self {
            Self::Filed { on }
            | Self::InclusiveRecognised { on }
            | Self::EducationApproved { on } => Some(*on),
            Self::Suspended(suspension) => Some(suspension.from_on),
            Self::Honoured(honour) => Some(honour.granted_on),
            Self::Headed(person) => Some(person.from_on),
            Self::Certified { .. } => None,
        }
    }
}

/// Suspended days are counted (R-P3-2), so no day may be suspended twice.
fn suspend(suspensions: &mut Vec<Suspension>, new: &Suspension) -> Result<(), Misfit> {
    suspensions.retain(|it| it.from_on != new.from_on);
    let overlaps = |it: &Suspension| {
        it.to_on.is_none_or(|to| to >= new.from_on) && new.to_on.is_none_or(|to| to >= it.from_on)
    };
    if suspensions.iter().any(overlaps) {
        return Err(Misfit::OverlappingSuspension);
    }
    suspensions.push(new.clone());
    suspensions.sort();
    Ok(())
}

#[cfg(test)]
mod tests {
    use time::macros::date;
    use uuid::Uuid;
    use yuhui_kernel::{CreditCode, Registrar, Tenant};

    use super::*;

    fn institution(kind: Kind) -> Institution {
        Institution {
            tenant: Tenant::parse("150203").expect("county"),
            id: Uuid::nil(),
            institution_ref: "ab".repeat(32),
            credit_code: CreditCode::parse("52150203MJ00000000").expect("structure"),
            display_name: "某托育园".into(),
            kind,
            registered_with: Registrar::CivilAffairs,
            registered_on: date!(2022 - 03 - 01),
            township: "150203004".parse().expect("township"),
            licensed_places: 60,
            record: Record::default(),
        }
    }

    fn suspended(from_on: Date, to_on: Option<Date>) -> Change {
        Change::Suspended(Suspension { from_on, to_on })
    }

    #[test]
    fn nothing_is_decided_before_registration() {
        let change = Change::Filed {
            on: date!(2022 - 02 - 28),
        };
        let refused = change.applied_to(&institution(Kind::Nursery));
        assert_eq!(refused, Err(Misfit::BeforeRegistration));
    }

    #[test]
    fn the_education_bureau_decides_about_kindergartens_only() {
        let change = Change::Certified {
            subsidy_year: 2024,
            headcount: 30,
        };
        assert_eq!(change.office(), Office::Education);
        let refused = change.applied_to(&institution(Kind::Nursery));
        assert_eq!(refused, Err(Misfit::NoKindergarten));
        let record = change.applied_to(&institution(Kind::Kindergarten));
        assert_eq!(record.expect("fits").certificates[&2024], 30);
    }

    #[test]
    fn a_suspension_is_closed_by_one_with_the_same_first_day() {
        let mut nursery = institution(Kind::Nursery);
        let open = suspended(date!(2024 - 05 - 01), None);
        nursery.record = open.applied_to(&nursery).expect("fits");
        let other = suspended(date!(2024 - 06 - 01), None);
        assert_eq!(
            other.applied_to(&nursery),
            Err(Misfit::OverlappingSuspension)
        );
        let closed = suspended(date!(2024 - 05 - 01), Some(date!(2024 - 05 - 31)));
        nursery.record = closed.applied_to(&nursery).expect("replaces");
        nursery.record = other.applied_to(&nursery).expect("fits now");
        assert_eq!(nursery.record.suspensions.len(), 2);
        let touching = suspended(date!(2024 - 04 - 01), Some(date!(2024 - 05 - 01)));
        assert_eq!(
            touching.applied_to(&nursery),
            Err(Misfit::OverlappingSuspension)
        );
    }

    #[test]
    fn a_change_replaces_what_stood_when_it_was_proposed() {
        let mut kindergarten = institution(Kind::Kindergarten);
        let count = |headcount| Change::Certified {
            subsidy_year: 2024,
            headcount,
        };
        let fresh = count(30).still_applied_to(&kindergarten, None);
        kindergarten.record = fresh.expect("nothing stood");
        let other = count(31).still_applied_to(&kindergarten, None);
        assert_eq!(other, Err(Misfit::ReplacesAnother));
        let known = count(31).replaces(&kindergarten.record);
        assert_eq!(known, Some(count(30)));
        let seen = count(31).still_applied_to(&kindergarten, known.as_ref());
        assert_eq!(seen.expect("seen").certificates[&2024], 31);
        let elsewhere = Change::Certified {
            subsidy_year: 2025,
            headcount: 1,
        };
        assert_eq!(elsewhere.replaces(&kindergarten.record), None);
    }

    #[test]
    fn a_record_is_stored_with_readable_dates() {
        let open = suspended(date!(2024 - 05 - 01), None);
        let json = serde_json::to_value(&open).expect("json");
        let read: Change = serde_json::from_value(json).expect("read");
        assert_eq!(read, open);
        let honoured = Change::Honoured(Honour {
            granted_on: date!(2024 - 11 - 05),
            level: HonourLevel::Municipal,
            document_number: "包卫健发〔2024〕1号".into(),
        });
        let json = serde_json::to_string(&honoured).expect("json");
        assert!(json.contains(r#""granted_on":"2024-11-05""#), "{json}");
        let read: Change = serde_json::from_str(&json).expect("read");
        assert_eq!(read, honoured);
        let record = honoured.applied_to(&institution(Kind::Nursery));
        let json = serde_json::to_value(record.expect("fits")).expect("json");
        assert_eq!(json["filed_on"], serde_json::Value::Null);
        let read: Record = serde_json::from_value(json).expect("read");
        assert_eq!(read.honours.len(), 1);
    }
}
