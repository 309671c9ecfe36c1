//! R-ORD: birth order and class.

use std::cmp::Ordering;

use time::Date;

use super::{
    case::{Case, Family},
    clauses, on_day,
};
use crate::{
    Class, Facts, Reason,
    facts::{Born, Delivery, FactKind, Known, Marriage, Unknown},
    pack::{FirstDeliveryMultiples, Parameters},
    record::{Draft, Register, Sink, Verdict},
};

/// Class of a child before asking what is paid (R-ORD-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rank {
    First,
    Paid(Class),
    Beyond,
}

/// What R-ORD finds of a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Order {
    /// R-ORD-2, from 1.
    pub(crate) ordinal: usize,
    /// Ordinal with which the child's delivery begins.
    pub(crate) delivery_begins: usize,
    pub(crate) rank: Rank,
}

/// A delivery is covered if it begins with this ordinal or a smaller one (R-ORD-3).
const LAST_COVERED_ORDINAL: usize = 3;

/// R-P1-8, R-P2-1 step 11 (一(一)1, 三(一)1(3)–(7)). “符合政策生育二孩、三孩”: P1 pays the second
/// and third child; P2 only asks that the child is not beyond the third. A stillbirth is no birth.
pub(crate) fn class_is_covered(family: &Family<'_>, sink: &mut impl Sink) -> Verdict {
    let order = family.order;
    let stillborn = matches!(family.birth, Ok(Some((_, born))) if !born.live);
    let verdict = match order.map(|order| order.rank) {
        None if !family.is_adopted() && family.birth.is_err() => family
            .birth
            .err()
            .map_or(Verdict::NotApplicable, Verdict::Unknown),
        None if stillborn => Verdict::Fail(Reason::NotSecondOrThird),
        None => Verdict::NotApplicable,
        Some(Rank::Beyond) => Verdict::Fail(Reason::BeyondThirdChild),
        Some(Rank::First) if family.is_p1() => Verdict::Fail(Reason::NotSecondOrThird),
        Some(Rank::First | Rank::Paid(_)) => Verdict::Pass,
    };
    let verdict = match missing_of_the_order(family) {
        Some(unknown) if order.is_some() => Verdict::Unknown(unknown),
        _ => verdict,
    };
    sink.finding(verdict, || {
        let note = match order {
            None if stillborn => "死产不计孩次。".to_owned(),
            None => "收养的子女不计孩次。".to_owned(),
            Some(order) => {
                let (begins, rank) = (order.delivery_begins, order.rank.chinese());
                let ordinal = order.ordinal;
                format!("同一对夫妻第{ordinal}个活产子女，本胎自第{begins}个起：{rank}。")
            }
        };
        let seen = Seen::of(family);
        let failed = matches!(verdict, Verdict::Fail(_));
        let beyond = matches!(verdict, Verdict::Fail(Reason::BeyondThirdChild));
        let p1 = family.is_p1();
        Draft::new(
            family.either("R-P1-8", "R-P2-1"),
            family.either(clauses::P1_GRANT, clauses::P2_CHILD),
            note,
        )
        .also_if(!p1, &[clauses::P2_GRANT])
        .also_if(p1, &[clauses::P1_COUPLE])
        .also_if((p1 && failed) || seen.adoption, &[clauses::P1_ADOPTED])
        .also_if(beyond || (p1 && failed) || seen.twins, &[clauses::P1_TWINS])
        .also_if(
            beyond || (p1 && failed) || seen.triplets,
            &[clauses::P1_TRIPLETS],
        )
        .also_if((p1 && failed) || seen.death, &[clauses::P1_DEATH])
        .fact(
            "child.ordinal",
            order.map_or(0, |order| order.ordinal),
            Register::Maternity,
        )
        .fact(
            "child.delivery_begins",
            order.map_or(0, |order| order.delivery_begins),
            Register::Maternity,
        )
        .fact("couple.adoptions", seen.adoption, Register::CivilAffairs)
    });
    verdict
}

/// What is missing that could change the order: another child only raises it, so that who is beyond the
/// third already stays beyond; a death, an adoption or a marriage matters where the parameters look at
/// it.
fn missing_of_the_order(family: &Family<'_>) -> Option<Unknown> {
    let (case, order) = (family.case, family.order?);
    let (facts, p) = (case.facts, case.p());
    let (delivery, born) = family.birth.ok().flatten()?;
    let day = case.claim.lodged_on;
    let of_a_sibling = |sibling: &Born| {
        let death = || facts.missing_death(&sibling.id, day);
        let adoption = || facts.missing_by(FactKind::Adoption, &sibling.id, day);
        let (dead, placed) = (
            !p.order_deceased_children_count,
            !p.order_placed_for_adoption_count,
        );
        let lost = dead.then(death).flatten();
        lost.or_else(|| placed.then(adoption).flatten())
    };
    let siblings = || {
        let births = facts.births.iter().filter(|it| same_couple(it, delivery));
        let children = births.flat_map(|it| &it.children);
        let others = children.filter(|it| it.id != born.id);
        others.filter_map(of_a_sibling).min()
    };
    let marriage = || {
        let father = delivery.father.as_deref()?;
        let missing = on_day::marriages_missing(facts, &delivery.mother, father, born.born_on);
        missing.filter(|_| !p.order_premarital_common_children_count)
    };
    let more = || {
        let missing = facts.missing_by(FactKind::Siblings, &born.id, born.born_on);
        missing.filter(|_| order.rank != Rank::Beyond)
    };
    more().or_else(siblings).or_else(marriage)
}

fn same_couple(one: &Delivery, other: &Delivery) -> bool {
    one.mother == other.mother && one.father == other.father
}

impl Rank {
    const fn chinese(self) -> &'static str {
        match self {
            Self::First => "一孩",
            Self::Paid(class) => class.chinese(),
            Self::Beyond => "超出三孩",
        }
    }
}

/// The class that is paid, if any.
pub(crate) fn class_of(family: &Family<'_>) -> Option<Class> {
    match family.order?.rank {
        Rank::Paid(class) => Some(class),
        Rank::First | Rank::Beyond => None,
    }
}

/// The place of a child among the births of its parents.
pub(crate) fn order_of(case: &Case<'_>, (delivery, born): (&Delivery, &Born)) -> Order {
    let counting = Counting {
        p: case.p(),
        facts: case.facts,
        delivery,
        subject: born,
        day: case.claim.lodged_on,
    };
    counting.order()
}

/// Counting the births of one couple around a subject child.
struct Counting<'a> {
    p: &'a Parameters,
    facts: &'a Facts,
    delivery: &'a Delivery,
    subject: &'a Born,
    /// Deaths and adoptions later than this are not known.
    day: Date,
}

impl<'a> Counting<'a> {
    /// R-ORD-2 and R-ORD-3 (三(一)1(5), (6)). “第一胎为双胞胎家庭按照二孩家庭计算；…每个孩子均可享受
    /// 对应育儿补贴”: live births of the couple are numbered; a delivery that begins with ordinal
    /// three or less carries all its children.
    fn order(&self) -> Order {
        let ordinal = self.ordinal(self.delivery, self.subject);
        let in_delivery = || {
            let children = self.delivery.children.iter();
            children.filter(|born| self.counts(born))
        };
        let delivery_begins = in_delivery()
            .map(|born| self.ordinal(self.delivery, born))
            .min()
            .unwrap_or(ordinal);
        let every_child =
            self.p.order_first_delivery_multiples == FirstDeliveryMultiples::EveryChild;
        let first_multiple = delivery_begins == 1 && in_delivery().count() > 1;
        let rank = if delivery_begins > LAST_COVERED_ORDINAL {
            Rank::Beyond
        } else {
            match ordinal {
                1 if every_child && first_multiple => Rank::Paid(Class::Second),
                1 => Rank::First,
                2 => Rank::Paid(Class::Second),
                _ => Rank::Paid(Class::Third),
            }
        };
        Order {
            ordinal,
            delivery_begins,
            rank,
        }
    }

    fn ordinal(&self, delivery: &Delivery, born: &Born) -> usize {
        let earlier = self.couple_births().filter(|(other, sibling)| {
            self.counts(sibling) && by_birth(other, sibling, delivery, born) == Ordering::Less
        });
        earlier.count() + 1
    }

    /// R-ORD-1 and R-ORD-4 (三(一)1(3)a, (4)). “始终本着同一对夫妻为单位计算，再婚夫妻婚前生育的子女，
    /// 不纳入现有家庭子女数合并计算”, “收养的子女不列入家庭子女数统计”: births of the child's own two
    /// parents, through however many marriages; nothing else.
    fn couple_births(&self) -> impl Iterator<Item = (&'a Delivery, &'a Born)> {
        let (mother, father) = (&self.delivery.mother, &self.delivery.father);
        self.facts
            .births
            .iter()
            .filter(move |delivery| delivery.mother == *mother && delivery.father == *father)
            .flat_map(|delivery| delivery.children.iter().map(move |born| (delivery, born)))
    }

    fn counts(&self, born: &Born) -> bool {
        born.live
            && (born.id == self.subject.id
                || (self.counts_though_dead(born)
                    && self.counts_though_placed(born)
                    && self.counts_though_premarital(born)))
    }

    /// R-ORD-5 (三(一)1(7)). “第1个孩子死亡，再生育第2个孩子按照二孩家庭申领补贴”.
    fn counts_though_dead(&self, born: &Born) -> bool {
        self.p.order_deceased_children_count
            || on_day::dead_since(self.facts, &born.id, self.day).is_none()
    }

    /// R-ORD-6 (三(一)1(4), AMB-5): placed with others, not taken in.
    fn counts_though_placed(&self, born: &Born) -> bool {
        self.p.order_placed_for_adoption_count
            || on_day::adoption(self.facts, &born.id, self.day).is_none()
    }

    /// R-ORD-6 (三(一)1(3), AMB-4): common children from outside the couple's marriages.
    fn counts_though_premarital(&self, born: &Born) -> bool {
        self.p.order_premarital_common_children_count
            || self.delivery.father.as_deref().is_some_and(|father| {
                born_in_marriage(
                    self.facts,
                    self.p.p1_marital_grace_days,
                    [&self.delivery.mother, father],
                    born.born_on,
                )
            })
    }
}

/// By birth date, then by order inside the delivery. The delivery's number only makes the order
/// total; one mother has no two deliveries on a day.
fn by_birth(one: &Delivery, a: &Born, other: &Delivery, b: &Born) -> Ordering {
    (a.born_on, a.order, &one.delivery, &a.id).cmp(&(b.born_on, b.order, &other.delivery, &b.id))
}

/// Whether a birth falls into a marriage of the two parents to each other, or into the days of
/// grace after its end (R-P1-7).
pub(crate) fn born_in_marriage(
    facts: &Facts,
    grace_days: i32,
    [one, other]: [&str; 2],
    born_on: Date,
) -> bool {
    let mut marriages = on_day::marriages(facts, one, other, born_on);
    marriages.any(|marriage| {
        on_day::marriage_end(facts, marriage, born_on)
            .is_none_or(|end| (born_on - end).whole_days() <= i64::from(grace_days))
    })
}

/// [`born_in_marriage`], if it is known. A marriage that is known to be in force covers the birth; of one
/// that has ended a death may have been the end, and the days of grace run from it.
pub(crate) fn born_in_marriage_known(
    facts: &Facts,
    grace_days: i32,
    couple: [&str; 2],
    born_on: Date,
) -> Known<bool> {
    let [one, other] = couple;
    if !born_in_marriage(facts, grace_days, couple, born_on) {
        return on_day::marriages_missing(facts, one, other, born_on).map_or(Ok(false), Err);
    }
    let ended = |marriage: &Marriage| on_day::marriage_end(facts, marriage, born_on).is_some();
    if on_day::marriages(facts, one, other, born_on).any(|marriage| !ended(marriage)) {
        return Ok(true);
    }
    for spouse in couple {
        on_day::dead_since_known(facts, spouse, born_on)?;
    }
    Ok(true)
}

/// What of the family's past the order had to deal with, for the letter.
struct Seen {
    twins: bool,
    triplets: bool,
    death: bool,
    adoption: bool,
}

impl Seen {
    fn of(family: &Family<'_>) -> Self {
        let facts = family.case.facts;
        let day = family.case.claim.lodged_on;
        let couple = || {
            facts.births.iter().filter(|delivery| {
                let own = family.birth.ok().flatten();
                own.is_some_and(|(own, _)| same_couple(delivery, own))
            })
        };
        let largest = couple().map(|delivery| delivery.children.len()).max();
        let lost = |born: &Born| {
            !born.live
                || (born.id != family.case.claim.subject
                    && on_day::dead_since(facts, &born.id, day).is_some())
        };
        let stillbirth = couple()
            .flat_map(|delivery| &delivery.children)
            .any(|born| !born.live);
        Self {
            twins: stillbirth || largest.is_some_and(|children| children > 1),
            triplets: largest.is_some_and(|children| children > 2),
            death: couple().flat_map(|delivery| &delivery.children).any(lost),
            adoption: facts.adoptions.iter().any(|adoption| adoption.on <= day),
        }
    }
}
