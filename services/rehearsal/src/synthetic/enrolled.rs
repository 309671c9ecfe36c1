//! Families with a child in nursery: P2 (三(二)).

use time::{Date, macros::date};
use yuhui_kernel::dates;
use yuhui_proto::types::v1::Programme;

use super::{
    births::{Draft, paid, unpaid},
    cast::{Casting, Couple, Person},
    kinds::{NurseryKind as Kind, OperatingKind},
    nurseries::{Founded, YEAR},
};
use crate::plot::{BankStanding, Claim, Claimant, DecisionKind, End, Expected};

/// 500 yuan.
const AMOUNT: i64 = 50_000;
const WINDOW_OPENS: Date = date!(2025 - 01 - 06);
const WINDOW_CLOSES: Date = date!(2025 - 03 - 31);
const WEDDING: Date = date!(2019 - 05 - 20);

impl Casting {
    /// One family with a child in one of `nurseries`, and what it claims.
    pub(crate) fn family_with_nursery(
        &mut self,
        kind: Kind,
        nurseries: &mut [Founded],
        number: usize,
    ) -> anyhow::Result<()> {
        let county = self.any_county()?;
        let household = self.household();
        let couple = self.couple(county)?;
        if kind != Kind::Unmarried {
            self.marry(&couple, WEDDING);
        }
        let born = self.day(date!(2022 - 06 - 01), date!(2023 - 03 - 31));
        let child = self.nursery_child(kind, &couple, born)?;
        let kind = self.stays(kind, &couple, &child, nurseries);
        let lodged_on = match kind {
            Kind::TooLate => date!(2025 - 04 - 02),
            _ => self.lodging_day(WINDOW_OPENS, WINDOW_CLOSES),
        };
        let account = match kind {
            Kind::WrongAccount => self.numbers.card(),
            _ => self.account(BankStanding::Open),
        };
        let draft = Draft {
            label: format!("P2-{number:05} {kind:?}"),
            household,
            programme: Programme::P2,
            couple: &couple,
            claimant: &couple.father,
            child: &child,
            subsidy_year: YEAR,
            lodged_on,
            account,
            expected: expected(kind),
        };
        let mut claim = draft.claim();
        match kind {
            Kind::Withdrawn => {
                claim.fate.withdrawn_on = Some(dates::add_days(lodged_on, 15));
            }
            Kind::WrongAccount => {
                claim.fate.corrected_account = Some(self.account(BankStanding::Open));
            }
            Kind::WrongCounty => {
                claim.county = self.another_county(county)?;
                claim.unit = self.any_village(claim.county)?;
            }
            _ => {}
        }
        self.plot.claims.push(claim.clone());
        if kind == Kind::Duplicate {
            self.mother_claims_too(&couple, &child, claim);
        }
        Ok(())
    }

    fn nursery_child(&mut self, kind: Kind, couple: &Couple, born: Date) -> anyhow::Result<Person> {
        match kind {
            Kind::Adopted => self.adopted(couple, born),
            Kind::ChildElsewhere => {
                let mut born_there =
                    self.birth(couple, born, 1, Some(dates::add_days(born, -60)))?;
                let child = born_there
                    .pop()
                    .ok_or_else(|| anyhow::anyhow!("one child"))?;
                self.lives_elsewhere(couple.county, &child, born);
                Ok(child)
            }
            _ => self.child(couple, born),
        }
    }

    /// Where the child was, and when. Without a nursery of the kind that is
    /// needed the family becomes an ordinary one.
    fn stays(
        &mut self,
        kind: Kind,
        couple: &Couple,
        child: &Person,
        nurseries: &mut [Founded],
    ) -> Kind {
        let wanted = |it: &Founded| match kind {
            Kind::NotFiled => it.kind == OperatingKind::NotFiled,
            _ => it.takes_children(),
        };
        let near = |it: &&mut Founded| wanted(it) && it.county == couple.county;
        let fewest = |it: &&mut Founded| it.counted;
        let place = nurseries
            .iter_mut()
            .filter(near)
            .min_by_key(fewest)
            .map(|it| it.index)
            .or_else(|| nurseries.iter().find(|it| wanted(it)).map(|it| it.index));
        let (place, kind) = match place {
            Some(place) => (place, kind),
            None => match nurseries.iter().find(|it| it.takes_children()) {
                Some(any) => (any.index, Kind::Enrolled),
                None => return kind,
            },
        };
        let Some(founded) = nurseries.iter_mut().find(|it| it.index == place) else {
            return kind;
        };
        let year = (date!(2024 - 03 - 01), Some(date!(2024 - 12 - 31)));
        let number = || child.number.clone();
        match kind {
            Kind::TooShort => {
                let short = (date!(2024 - 10 - 15), Some(date!(2024 - 12 - 31)));
                self.enrol(founded, number(), child.born_on, short, true);
            }
            Kind::NoReceipts => {
                let paid = (date!(2024 - 03 - 01), Some(date!(2024 - 04 - 30)));
                let unpaid = (date!(2024 - 05 - 01), Some(date!(2024 - 08 - 31)));
                self.enrol(founded, number(), child.born_on, paid, true);
                self.enrol(founded, number(), child.born_on, unpaid, false);
            }
            Kind::TwoSpells => {
                let spring = (date!(2024 - 02 - 01), Some(date!(2024 - 03 - 16)));
                let autumn = (date!(2024 - 09 - 01), Some(date!(2024 - 10 - 14)));
                self.enrol(founded, number(), child.born_on, spring, true);
                self.enrol(founded, number(), child.born_on, autumn, true);
                // Together they are three months (R-DAT-4).
                founded.counted += 1;
            }
            _ => self.enrol(founded, number(), child.born_on, year, true),
        }
        kind
    }

    fn mother_claims_too(&mut self, couple: &Couple, child: &Person, first: Claim) {
        let account = self.account(BankStanding::Open);
        self.plot.claims.push(Claim {
            label: format!("{} again", first.label),
            claimant: Claimant::Family {
                number: couple.mother.number.clone(),
                name: couple.mother.name.clone(),
                child: child.number.clone(),
            },
            account,
            expected: unpaid(DecisionKind::NotAccepted, "DUPLICATE"),
            ..first
        });
    }
}

fn expected(kind: Kind) -> Expected {
    use DecisionKind::{NotAccepted, Reject};
    match kind {
        Kind::TooShort | Kind::NoReceipts => unpaid(Reject, "ENROLMENT_TOO_SHORT"),
        Kind::NotFiled => unpaid(Reject, "INSTITUTION_NOT_ELIGIBLE"),
        Kind::WrongCounty => unpaid(NotAccepted, "WRONG_COUNTY"),
        Kind::ChildElsewhere => unpaid(Reject, "CHILD_HUKOU_NOT_BAOTOU"),
        Kind::TooLate => unpaid(Reject, "WINDOW_CLOSED"),
        Kind::Adopted => unpaid(Reject, "ADOPTED_CHILD"),
        Kind::Unmarried => unpaid(Reject, "NON_MARITAL_BIRTH"),
        Kind::Withdrawn => Expected {
            end: End::Withdrawn,
            ..Expected::default()
        },
        _ => paid(AMOUNT, None),
    }
}
