//! Families with a newborn: P1 (三(一)).

use time::{Date, macros::date};
use yuhui_kernel::{Sex, Tenant, dates};
use yuhui_proto::{
    registry::v1::{AdoptionRecord, CustodyRecord, GuardianshipRecord, marriage_record::Ending},
    types::v1::{BirthClass, Programme},
};

use super::{
    cast::{Casting, Couple, Person},
    kinds::BirthKind as Kind,
};
use crate::plot::{BankStanding, Claim, Claimant, DecisionKind, End, Expected, Fate};

/// The round that is played.
pub(crate) const ROUND: i32 = 2025;
/// 5,000 yuan.
const AMOUNT: i64 = 500_000;
const WINDOW_OPENS: Date = date!(2025 - 01 - 06);
const WINDOW_CLOSES: Date = date!(2025 - 03 - 31);
const WEDDING: Date = date!(2017 - 05 - 20);
const DIVORCE: Date = date!(2024 - 12 - 30);
const DEATH: Date = date!(2025 - 01 - 04);

/// One claim in the making.
pub(super) struct Draft<'a> {
    pub(super) label: String,
    pub(super) household: usize,
    pub(super) programme: Programme,
    pub(super) couple: &'a Couple,
    pub(super) claimant: &'a Person,
    pub(super) child: &'a Person,
    pub(super) subsidy_year: i32,
    pub(super) lodged_on: Date,
    pub(super) account: String,
    pub(super) expected: Expected,
}

impl Draft<'_> {
    pub(super) fn claim(self) -> Claim {
        Claim {
            label: self.label,
            household: self.household,
            programme: self.programme,
            county: self.couple.county,
            unit: self.couple.village,
            claimant: Claimant::Family {
                number: self.claimant.number.clone(),
                name: self.claimant.name.clone(),
                child: self.child.number.clone(),
            },
            subsidy_year: self.subsidy_year,
            lodged_on: self.lodged_on,
            account: self.account,
            fate: Fate::default(),
            expected: self.expected,
        }
    }
}

/// Paid in full.
pub(super) fn paid(amount_fen: i64, class: Option<BirthClass>) -> Expected {
    Expected {
        end: End::Decided(DecisionKind::Pay),
        amount_fen,
        class,
        round: Some(ROUND),
        ..Expected::default()
    }
}

/// Ends with this decision and reason; nothing is paid.
pub(super) fn unpaid(decision: DecisionKind, reason: &str) -> Expected {
    Expected {
        end: End::Decided(decision),
        reason: reason.into(),
        ..Expected::default()
    }
}

impl Casting {
    /// One family with a newborn, and what it claims.
    pub(crate) fn family_with_newborn(&mut self, kind: Kind, number: usize) -> anyhow::Result<()> {
        let county = self.any_county()?;
        let household = self.household();
        let label = format!("P1-{number:05} {kind:?}");
        let born = self.birthday(kind);
        let couple = match kind {
            Kind::ParentsElsewhere => self.couple_without_hukou(county)?,
            _ => self.couple(county)?,
        };
        if kind == Kind::ParentsElsewhere {
            for person in [&couple.mother, &couple.father] {
                self.lives_elsewhere(county, person, date!(2012 - 01 - 01));
            }
        }
        if kind != Kind::Unmarried {
            self.marry(&couple, WEDDING);
        }
        self.elder_children(kind, &couple)?;
        let children = self.newborns(kind, &couple, born)?;
        let earliest = dates::add_days(born, 10).max(WINDOW_OPENS);
        let earliest = if kind == Kind::Guardian {
            date!(2025 - 02 - 10)
        } else {
            earliest
        };
        let lodged_on = self.lodging_day(earliest, WINDOW_CLOSES);
        for (place, child) in children.iter().enumerate() {
            let claimant = self.claimant(kind, &couple, child)?;
            let standing = match kind {
                Kind::SlowBank => BankStanding::Slow,
                Kind::ClosedAccount => BankStanding::Closed,
                _ => BankStanding::Open,
            };
            let account = if kind == Kind::WrongAccount {
                self.numbers.card()
            } else {
                self.account(standing)
            };
            let draft = Draft {
                label: format!("{label} {}", place + 1),
                household,
                programme: Programme::P1,
                couple: &couple,
                claimant: &claimant,
                child,
                subsidy_year: 0,
                lodged_on,
                account,
                expected: expected(kind, place),
            };
            let mut claim = draft.claim();
            self.fate(kind, &couple, child, &mut claim);
            if kind == Kind::WrongCounty {
                claim.county = self.another_county(county)?;
                claim.unit = self.any_village(claim.county)?;
            }
            self.plot.claims.push(claim.clone());
            self.second_claim(kind, &couple, claim);
        }
        Ok(())
    }

    fn birthday(&mut self, kind: Kind) -> Date {
        match kind {
            Kind::TooEarly => self.day(date!(2023 - 10 - 01), date!(2023 - 12 - 31)),
            // Both parents lived, and were married, on the day of birth.
            Kind::Guardian
            | Kind::Widowed
            | Kind::Divorced
            | Kind::SharedCustody
            | Kind::NoStanding
            | Kind::CustodyMismatch
            | Kind::CustodyUnknown => self.day(date!(2024 - 01 - 01), date!(2024 - 12 - 15)),
            _ => self.day(date!(2024 - 01 - 01), date!(2025 - 02 - 25)),
        }
    }

    fn elder_children(&mut self, kind: Kind, couple: &Couple) -> anyhow::Result<()> {
        let elder = match kind {
            Kind::FirstChild | Kind::TwinsFirst => 0,
            Kind::ThirdChild => 2,
            Kind::BeyondThird => 3,
            _ => 1,
        };
        for place in 0..elder {
            let from = dates::add_years(date!(2018 - 01 - 01), place * 2);
            let born = self.day(from, dates::add_days(from, 300));
            let child = self.child(couple, born)?;
            if kind == Kind::ElderDied {
                self.dies(couple.county, &child, dates::add_years(born, 1));
            }
        }
        Ok(())
    }

    /// The children that are claimed for.
    fn newborns(&mut self, kind: Kind, couple: &Couple, born: Date) -> anyhow::Result<Vec<Person>> {
        let before = dates::add_days(born, -60);
        let home = |casting: &mut Self, children: &[Person]| {
            for child in children {
                casting.lives(couple.county, child, couple.village, born);
            }
        };
        let children = match kind {
            Kind::OneThenTwins | Kind::TwinsFirst => {
                let twins = self.birth(couple, born, 2, Some(before))?;
                home(self, &twins);
                twins
            }
            Kind::NeverRegistered => {
                let child = self.birth(couple, born, 1, None)?;
                home(self, &child);
                child
            }
            Kind::RegisteredLate => {
                let child = self.birth(couple, born, 1, Some(date!(2025 - 04 - 22)))?;
                home(self, &child);
                child
            }
            Kind::ChildElsewhere => {
                let child = self.birth(couple, born, 1, Some(before))?;
                for one in &child {
                    self.lives_elsewhere(couple.county, one, born);
                }
                child
            }
            Kind::Adopted => vec![self.adopted(couple, born)?],
            _ => vec![self.child(couple, born)?],
        };
        Ok(children)
    }

    /// A child of others, taken in.
    pub(super) fn adopted(&mut self, couple: &Couple, born: Date) -> anyhow::Result<Person> {
        let others = self.couple(couple.county)?;
        let mut children = self.birth(&others, born, 1, Some(dates::add_days(born, -60)))?;
        let child = children.pop().ok_or_else(|| anyhow::anyhow!("one child"))?;
        self.lives(couple.county, &child, couple.village, born);
        self.registers(couple.county)
            .adoptions
            .push(AdoptionRecord {
                child: child.number.clone(),
                adopters: vec![couple.mother.number.clone(), couple.father.number.clone()],
                adopted_on: dates::format(dates::add_days(born, 5)),
            });
        Ok(child)
    }

    /// Who claims, and how the family stands on the day of lodging.
    fn claimant(&mut self, kind: Kind, couple: &Couple, child: &Person) -> anyhow::Result<Person> {
        let (mother, father) = (&couple.mother, &couple.father);
        Ok(match kind {
            Kind::Widowed => {
                self.dies(couple.county, father, DEATH);
                self.part(couple, DEATH, Ending::Death);
                mother.clone()
            }
            Kind::Guardian => {
                self.dies(couple.county, father, DEATH);
                self.dies(couple.county, mother, DEATH);
                self.part(couple, DEATH, Ending::Death);
                self.guardian(couple, child)?
            }
            Kind::Divorced => {
                self.divorce(couple, child, &[mother], &[mother]);
                mother.clone()
            }
            Kind::NoStanding => {
                self.divorce(couple, child, &[mother], &[mother]);
                father.clone()
            }
            Kind::SharedCustody => {
                self.divorce(couple, child, &[mother, father], &[mother, father]);
                mother.clone()
            }
            Kind::CustodyMismatch => {
                self.divorce(couple, child, &[father], &[mother]);
                father.clone()
            }
            Kind::CustodyUnknown => {
                self.part(couple, DIVORCE, Ending::Divorce);
                mother.clone()
            }
            _ => mother.clone(),
        })
    }

    fn guardian(&mut self, couple: &Couple, child: &Person) -> anyhow::Result<Person> {
        let county = couple.county;
        let gran = self.person(county, Sex::Female, date!(1960 - 01 - 01))?;
        self.lives(county, &gran, couple.village, date!(1990 - 01 - 01));
        self.registers(county)
            .guardianships
            .push(GuardianshipRecord {
                child: child.number.clone(),
                guardian: gran.number.clone(),
                from_on: dates::format(date!(2025 - 01 - 20)),
                to_on: String::new(),
            });
        Ok(gran)
    }

    fn divorce(
        &mut self,
        couple: &Couple,
        child: &Person,
        holders: &[&Person],
        carers: &[&Person],
    ) {
        self.part(couple, DIVORCE, Ending::Divorce);
        let numbers = |people: &[&Person]| people.iter().map(|it| it.number.clone()).collect();
        self.registers(couple.county).custody.push(CustodyRecord {
            child: child.number.clone(),
            holders: numbers(holders),
            actual_carers: numbers(carers),
            from_on: dates::format(DIVORCE),
            to_on: String::new(),
            basis: "DIVORCE_AGREEMENT".into(),
        });
    }

    /// What happens to the claim on its way.
    fn fate(&mut self, kind: Kind, couple: &Couple, child: &Person, claim: &mut Claim) {
        let county: Tenant = couple.county;
        match kind {
            Kind::LeftBeforeConfirmation => self.leaves(county, child, date!(2025 - 07 - 10)),
            Kind::LeftBeforePayment => self.leaves(county, child, date!(2025 - 09 - 15)),
            Kind::ParentsLeft => {
                for parent in [&couple.mother, &couple.father] {
                    self.leaves(county, parent, date!(2025 - 09 - 10));
                }
            }
            Kind::FraudEarly => claim.fate.fraud_found_on = Some(date!(2025 - 07 - 01)),
            Kind::FraudLate => claim.fate.fraud_found_on = Some(date!(2025 - 09 - 02)),
            Kind::Withdrawn => {
                claim.fate.withdrawn_on = Some(dates::add_days(claim.lodged_on, 15));
            }
            Kind::CustodyUnknown => claim.fate.resolved_on = Some(date!(2025 - 06 - 30)),
            Kind::WrongAccount => {
                claim.fate.corrected_account = Some(self.account(BankStanding::Open));
            }
            _ => {}
        }
    }

    /// The other parent's claim for the same child.
    fn second_claim(&mut self, kind: Kind, couple: &Couple, first: Claim) {
        let expected = match kind {
            Kind::Duplicate => unpaid(DecisionKind::NotAccepted, "DUPLICATE"),
            Kind::SharedCustody => first.expected.clone(),
            _ => return,
        };
        let Claimant::Family { child, .. } = first.claimant else {
            return;
        };
        let account = self.account(BankStanding::Open);
        self.plot.claims.push(Claim {
            label: format!("{} again", first.label),
            claimant: Claimant::Family {
                number: couple.father.number.clone(),
                name: couple.father.name.clone(),
                child,
            },
            account,
            expected,
            ..first
        });
    }
}

fn expected(kind: Kind, place: usize) -> Expected {
    use DecisionKind::{NotAccepted, Refer, Reject, Terminate};
    let second = Some(BirthClass::Second);
    match kind {
        Kind::ThirdChild => paid(AMOUNT, Some(BirthClass::Third)),
        Kind::OneThenTwins if place > 0 => paid(AMOUNT, Some(BirthClass::Third)),
        Kind::TwinsFirst if place == 0 => unpaid(Reject, "NOT_SECOND_OR_THIRD"),
        Kind::FirstChild => unpaid(Reject, "NOT_SECOND_OR_THIRD"),
        Kind::SharedCustody => paid(AMOUNT / 2, second),
        Kind::ClosedAccount => Expected {
            end: End::PayFailed,
            amount_fen: AMOUNT,
            ..Expected::default()
        },
        Kind::BeyondThird => unpaid(Reject, "BEYOND_THIRD_CHILD"),
        Kind::ChildElsewhere | Kind::LeftBeforeConfirmation => {
            unpaid(Reject, "CHILD_HUKOU_NOT_BAOTOU")
        }
        Kind::ParentsElsewhere => unpaid(Reject, "NO_PARENT_BAOTOU_HUKOU"),
        Kind::NeverRegistered => unpaid(Reject, "NO_BIRTH_SERVICE_REGISTRATION"),
        Kind::Unmarried => unpaid(Reject, "NON_MARITAL_BIRTH"),
        // The adopted child is told before its order is counted.
        Kind::Adopted => unpaid(Reject, "ADOPTED_CHILD"),
        Kind::TooEarly => unpaid(Reject, "OUTSIDE_POLICY_PERIOD"),
        Kind::WrongCounty => unpaid(NotAccepted, "WRONG_COUNTY"),
        Kind::NoStanding => unpaid(NotAccepted, "NO_STANDING"),
        Kind::CustodyMismatch => unpaid(Refer, "CUSTODY_CARE_MISMATCH"),
        Kind::CustodyUnknown => unpaid(Reject, "CUSTODY_UNKNOWN"),
        Kind::Withdrawn => Expected {
            end: End::Withdrawn,
            ..Expected::default()
        },
        Kind::LeftBeforePayment => unpaid(Terminate, "CHILD_MOVED_OUT"),
        Kind::ParentsLeft => unpaid(Terminate, "PARENTS_MOVED_OUT"),
        Kind::FraudEarly => unpaid(Reject, "FRAUD"),
        Kind::FraudLate => unpaid(Terminate, "FRAUD"),
        _ => paid(AMOUNT, second),
    }
}
