//! What forms and rosters print of a claim beside its decision (annexes 1 to 4, 6, 9, 11). It is read off the rules as they
//! stand, and decides nothing.

use time::Date;
use yuhui_kernel::{Calendar, Money};

use crate::{
    Class, PolicyPack,
    evidence::Evidence,
    facts::{HonourLevel, Institution},
    rules::{
        case::{Case, Family, Site},
        p2, p3, p4,
        standing::{self, Share},
    },
};

pub use crate::rules::p3::{CountedChild, Counting};

/// Of a claim for a child (P1, P2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfFamily {
    /// 出生日期, if a register knows it.
    pub child_born_on: Option<Date>,
    /// Last day before 满3周岁.
    pub last_day_under_three: Option<Date>,
    /// 多胞胎: others were born alive in the same delivery.
    pub multiple_birth: bool,
    /// The claimant is due half (R-P1-13).
    pub half: bool,
    /// P2: 年内累计整月数.
    pub months: i32,
    /// 标准, before it is halved or anything is deducted; zero of a child without a class.
    pub rate: Money,
}

/// Of a claim of an institution (P3, P4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfInstitution<'a> {
    /// Its record, if the register has one.
    pub record: Option<&'a Institution>,
    /// P3: 花名册人数, children whose stays in the year are on record.
    pub enrolled: usize,
    /// P3: 教育部门证明人数.
    pub certified: Option<u32>,
    /// 标准: for each child, or for the honour that counts.
    pub rate: Money,
    /// P4: level and day of the honour that counts.
    pub honour: Option<(HonourLevel, Date)>,
    /// P4: 已领奖励.
    pub awarded: Money,
}

/// What is printed of the claim of a family, by the parameters it was decided with.
#[must_use]
pub fn family(pack: &PolicyPack, calendar: &Calendar, of: &Evidence) -> OfFamily {
    let family = Family::new(case(pack, calendar, of));
    let p = family.case.p();
    let delivery = family.birth.ok().flatten().map(|(delivery, _)| delivery);
    let born_alive = |it: &crate::facts::Delivery| it.children.iter().filter(|it| it.live).count();
    let rate = match family.is_p1() {
        true => of.determination.class.map(|it: Class| p.p1_amount.of(it)),
        false => Some(p.p2_amount),
    };
    OfFamily {
        child_born_on: family.birth_date(),
        last_day_under_three: p2::last_countable_day(&family),
        multiple_birth: delivery.is_some_and(|it| born_alive(it) > 1),
        half: standing::share(&family) == Share::Half,
        months: match family.is_p1() {
            true => 0,
            false => p2::months_in_year(&family).months,
        },
        rate: rate.unwrap_or(Money::ZERO),
    }
}

/// What is printed of the claim of an institution, by the parameters it was decided with.
#[must_use]
pub fn institution<'a>(
    pack: &'a PolicyPack,
    calendar: &'a Calendar,
    of: &'a Evidence,
) -> OfInstitution<'a> {
    let site = Site::new(case(pack, calendar, of));
    let p = site.case.p();
    let honour = p4::reward(&site);
    let is_award = of.claim.programme == crate::Programme::P4;
    OfInstitution {
        record: site.premises.institution,
        enrolled: p3::children(&site).len(),
        certified: p3::certified(&site),
        rate: match (is_award, honour) {
            (true, Some(honour)) => p.p4_amount.of(honour.level),
            (true, None) => Money::ZERO,
            (false, _) => p.p3_amount,
        },
        honour: honour.map(|it| (it.level, it.granted_on)),
        awarded: p4::awarded_so_far(&site),
    }
}

/// The children that the operating subsidy of an institution rests on (P3), by birth.
#[must_use]
pub fn children<'a>(
    pack: &'a PolicyPack,
    calendar: &'a Calendar,
    of: &'a Evidence,
) -> Vec<CountedChild<'a>> {
    p3::children(&Site::new(case(pack, calendar, of)))
}

const fn case<'a>(pack: &'a PolicyPack, calendar: &'a Calendar, of: &'a Evidence) -> Case<'a> {
    Case {
        pack,
        calendar,
        facts: &of.facts,
        claim: &of.claim,
        progress: &of.progress,
    }
}
