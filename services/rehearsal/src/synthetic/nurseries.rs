//! Nurseries: P3 and P4 (三(三), 三(四)).

use rand::Rng as _;
use time::{Date, macros::date};
use yuhui_kernel::{DivisionCode, Registrar as Kept, Tenant, dates};
use yuhui_proto::{
    institution::v1::{
        Change, Enrolment, HeadcountCertificate, Honour, HonourLevel, Institution, InstitutionKind,
        Registrar, Suspension, change,
    },
    types::v1::Programme,
};

use super::{
    births::{paid, unpaid},
    cast::Casting,
    kinds::{HonourKind, OperatingKind as Kind},
    names,
};
use crate::{
    accounts,
    plot::{Claim, Claimant, DecisionKind, Expected, Fate, Nursery},
};

/// 600 yuan per child.
const PER_CHILD: i64 = 60_000;
/// Subsidy year of the round.
pub(super) const YEAR: i32 = 2024;
const WINDOW_OPENS: Date = date!(2025 - 04 - 07);
const WINDOW_CLOSES: Date = date!(2025 - 06 - 03);

/// A nursery as cast.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Founded {
    /// Its place in the plot.
    pub(crate) index: usize,
    pub(crate) kind: Kind,
    pub(crate) county: Tenant,
    /// Children that count (R-P3-4).
    pub(crate) counted: u32,
}

impl Founded {
    /// Whether children there bring their families P2 (R-P2-3).
    pub(crate) fn takes_children(self) -> bool {
        matches!(
            self.kind,
            Kind::Nursery | Kind::Kindergarten | Kind::Duplicate
        )
    }
}

impl Casting {
    /// A nursery with children that no family claims for.
    pub(crate) fn nursery(&mut self, kind: Kind, number: usize) -> anyhow::Result<Founded> {
        let county = self.any_county()?;
        let village = self.any_village(county)?;
        let township = village.township().unwrap_or(village);
        let kindergarten = matches!(
            kind,
            Kind::Kindergarten | Kind::NoCertificate | Kind::NotApproved
        );
        let (kept, registrar) = if kindergarten {
            (
                Kept::PublicInstitutionRegistry,
                Registrar::PublicInstitution,
            )
        } else {
            (Kept::CivilAffairs, Registrar::CivilAffairs)
        };
        let word = if kindergarten {
            "幼儿园"
        } else {
            "托育园"
        };
        let institution = Institution {
            credit_code: self.numbers.institution(kept)?,
            display_name: names::nursery(&mut self.rng, county.name(), number, word),
            kind: if kindergarten {
                InstitutionKind::Kindergarten.into()
            } else {
                InstitutionKind::Nursery.into()
            },
            registered_with: registrar.into(),
            registered_on: "2022-09-01".into(),
            township: township.to_string(),
            licensed_places: 90,
            ..Institution::default()
        };
        let index = self.plot.nurseries.len();
        self.plot.nurseries.push(Nursery {
            county,
            institution,
            changes: changes(kind),
            education: Vec::new(),
            enrolments: Vec::new(),
            login: accounts::nursery_login(number, county),
        });
        let mut founded = Founded {
            index,
            kind,
            county,
            counted: 0,
        };
        let children = self.rng.random_range(6..=22);
        for _ in 0..children {
            self.anonymous_child(&mut founded)?;
        }
        Ok(founded)
    }

    /// A child without a claim of its family.
    fn anonymous_child(&mut self, founded: &mut Founded) -> anyhow::Result<()> {
        let born_on = self.day(date!(2022 - 03 - 01), date!(2023 - 06 - 30));
        let number = self.numbers.person(born_on, yuhui_kernel::Sex::Female)?;
        let stay = if founded.kind == Kind::NoChildren {
            (date!(2024 - 11 - 04), Some(date!(2024 - 12 - 31)))
        } else {
            (date!(2024 - 03 - 01), Some(date!(2024 - 12 - 31)))
        };
        self.enrol(founded, number, born_on, stay, true);
        Ok(())
    }

    /// A stay. It counts if it is three months of receipted days in the year.
    pub(crate) fn enrol(
        &mut self,
        founded: &mut Founded,
        child: String,
        born_on: Date,
        (from, to): (Date, Option<Date>),
        fee_receipts: bool,
    ) {
        let Some(nursery) = self.plot.nurseries.get_mut(founded.index) else {
            return;
        };
        let long = to.is_none_or(|to| dates::add_months(from, 3) <= dates::add_days(to, 1));
        if long && fee_receipts {
            founded.counted += 1;
        }
        nursery.enrolments.push(Enrolment {
            child,
            child_born_on: dates::format(born_on),
            institution_ref: String::new(),
            from_on: dates::format(from),
            to_on: to.map(dates::format).unwrap_or_default(),
            fee_receipts,
        });
    }

    /// The nursery's claim for its children (P3).
    pub(crate) fn operating_claim(
        &mut self,
        founded: Founded,
        number: usize,
    ) -> anyhow::Result<()> {
        self.certify(founded);
        let mut claim = self.nursery_claim(founded, Programme::P3, format!("P3-{number:04}"));
        claim.subsidy_year = YEAR;
        claim.expected = expected(founded);
        if founded.kind == Kind::WrongCounty {
            claim.county = self.another_county(founded.county)?;
            let village = self.any_village(claim.county)?;
            claim.unit = village.township().unwrap_or(village);
        }
        self.plot.claims.push(claim.clone());
        if founded.kind == Kind::Duplicate {
            claim.label.push_str(" again");
            claim.expected = unpaid(DecisionKind::NotAccepted, "DUPLICATE");
            self.plot.claims.push(claim);
        }
        Ok(())
    }

    /// The education bureau certifies kindergartens (五(三)1).
    fn certify(&mut self, founded: Founded) {
        let headcount = i32::try_from(founded.counted).unwrap_or(i32::MAX);
        let Some(nursery) = self.plot.nurseries.get_mut(founded.index) else {
            return;
        };
        let certificate = HeadcountCertificate {
            subsidy_year: YEAR,
            headcount: (headcount - 2).max(1),
        };
        let approved = change::Change::EducationApprovedOn("2023-03-01".into());
        nursery.education = match founded.kind {
            Kind::Kindergarten => {
                vec![a(approved), a(change::Change::Certificate(certificate))]
            }
            Kind::NoCertificate => vec![a(approved)],
            _ => Vec::new(),
        };
    }

    /// The nursery's claim for its honour (P4).
    pub(crate) fn honour_claim(&mut self, founded: Founded, kind: HonourKind, number: usize) {
        let (level, granted_on, expected) = match kind {
            HonourKind::Municipal => (HonourLevel::Municipal, "2024-10-15", paid(5_000_000, None)),
            HonourKind::Regional => (HonourLevel::Regional, "2024-09-10", paid(8_000_000, None)),
            HonourKind::National => (HonourLevel::National, "2024-11-20", paid(10_000_000, None)),
            HonourKind::TooEarly => (
                HonourLevel::Municipal,
                "2023-11-20",
                unpaid(DecisionKind::Reject, "HONOUR_OUTSIDE_PERIOD"),
            ),
            HonourKind::None => (
                HonourLevel::Unspecified,
                "",
                unpaid(DecisionKind::Reject, "NO_HONOUR"),
            ),
        };
        if let Some(nursery) = self.plot.nurseries.get_mut(founded.index)
            && level != HonourLevel::Unspecified
        {
            nursery.changes.push(a(change::Change::Honour(Honour {
                level: level.into(),
                granted_on: granted_on.into(),
                document_number: format!(
                    "包卫发〔{}〕{number}号",
                    granted_on.get(..4).unwrap_or("")
                ),
            })));
        }
        let mut claim = self.nursery_claim(founded, Programme::P4, format!("P4-{number:04}"));
        claim.expected = expected;
        self.plot.claims.push(claim);
    }

    fn nursery_claim(&mut self, founded: Founded, programme: Programme, label: String) -> Claim {
        let township = self.plot.nurseries.get(founded.index).and_then(|it| {
            let unit: Option<DivisionCode> = it.institution.township.parse().ok();
            unit
        });
        Claim {
            label: format!("{label} {:?}", founded.kind),
            household: self.household(),
            programme,
            county: founded.county,
            unit: township.unwrap_or(founded.county.code()),
            claimant: Claimant::Nursery(founded.index),
            subsidy_year: 0,
            lodged_on: self.lodging_day(WINDOW_OPENS, WINDOW_CLOSES),
            account: self.corporate_account(),
            fate: Fate::default(),
            expected: Expected::default(),
        }
    }
}

/// One change of a record.
pub(crate) fn a(change: change::Change) -> Change {
    Change {
        change: Some(change),
        ..Change::default()
    }
}

/// What health filed and recognised.
fn changes(kind: Kind) -> Vec<Change> {
    let filed = change::Change::FiledOn("2023-01-10".into());
    let young = change::Change::FiledOn("2024-08-01".into());
    let inclusive = change::Change::InclusiveRecognisedOn("2023-06-01".into());
    let young_inclusive = change::Change::InclusiveRecognisedOn("2024-08-15".into());
    let closed = change::Change::Suspension(Suspension {
        from_on: "2025-04-01".into(),
        to_on: String::new(),
    });
    match kind {
        Kind::NotFiled => Vec::new(),
        Kind::NotInclusive => vec![a(filed)],
        Kind::TooYoung => vec![a(young), a(young_inclusive)],
        Kind::Closed => vec![a(filed), a(inclusive), a(closed)],
        Kind::Kindergarten | Kind::NoCertificate | Kind::NotApproved => vec![a(inclusive)],
        _ => vec![a(filed), a(inclusive)],
    }
}

fn expected(founded: Founded) -> Expected {
    use DecisionKind::{NotAccepted, Refer, Reject};
    let pays = |headcount: u32| Expected {
        headcount: i32::try_from(headcount).ok(),
        ..paid(i64::from(headcount) * PER_CHILD, None)
    };
    match founded.kind {
        Kind::Nursery | Kind::Duplicate => pays(founded.counted),
        Kind::Kindergarten => pays(founded.counted.saturating_sub(2).max(1)),
        Kind::NoCertificate => unpaid(Refer, "NO_EDUCATION_CERTIFICATE"),
        Kind::NotFiled => unpaid(Reject, "NOT_FILED"),
        Kind::NotApproved => unpaid(Reject, "NOT_APPROVED_BY_EDUCATION"),
        Kind::NotInclusive => unpaid(Reject, "NOT_INCLUSIVE"),
        Kind::TooYoung => unpaid(Reject, "LESS_THAN_ONE_YEAR"),
        Kind::Closed => unpaid(Reject, "NOT_OPERATING"),
        Kind::NoChildren => unpaid(Reject, "NO_ELIGIBLE_CHILDREN"),
        Kind::WrongCounty => unpaid(NotAccepted, "WRONG_COUNTY"),
    }
}
