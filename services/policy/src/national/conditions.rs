//! R-N-1, R-N-3, R-N-4, R-N-7, R-N-10 to R-N-12: county, duplicates, lawful birth, hukou, death,
//! moves.

use time::Date;
use yuhui_kernel::{dates::format_chinese, divisions};

use super::{
    child::Child,
    parameters::{BeyondThirdChild, DeathInYear, MoveAway},
};
use crate::{
    Reason,
    facts::FactKind,
    record::{Draft, Register, Sink, Verdict},
    rules::{clauses, family::county_name},
};

/// Children that a couple may have (人口与计划生育法 第十八条).
const CHILDREN_OF_A_COUPLE: usize = 3;

/// R-N-1 (管理规范 第七条, 第九条; 实施方案 二(三)). “婴幼儿户籍所在地乡镇政府（街道办事处）”: another
/// county does not take the claim up, and names the competent one, in Baotou or not.
pub(super) fn county_is_competent(child: &Child<'_>, sink: &mut impl Sink) -> Verdict {
    let own = child.claim.county.county();
    let county = child.county.ok().flatten();
    let verdict = match child.county {
        Err(unknown) => Verdict::Unknown(unknown),
        Ok(None) => Verdict::NotApplicable,
        Ok(Some(county)) => Verdict::unless(county == own, Reason::WrongCounty),
    };
    sink.finding(verdict, || {
        let note = format!(
            "婴幼儿申请日户籍地为{}，受理地为{}。",
            county_name(county),
            county_name(Some(own))
        );
        Draft::new("R-N-1", clauses::N_PLACE, note)
            .also(&[clauses::N_REVIEW, clauses::N_PROCEDURE])
            .fact("child.hukou", county_name(county), Register::PublicSecurity)
            .fact("claim.county", child.claim.county, Register::Claim)
    });
    verdict
}

/// R-N-3 (管理规范 第十四条, 第六条). “每年一次性发放”, “父母一方”: one claim per child and year while an
/// earlier one stands, whoever made it.
pub(super) fn is_no_duplicate(child: &Child<'_>, sink: &mut impl Sink) -> Verdict {
    let mut same_year = child
        .standing_claims()
        .filter(|(year, _)| *year == child.year);
    let earlier = same_year.next().map(|(_, other)| other);
    let missing = child.missing_by(FactKind::OtherClaim, child.claim.lodged_on);
    let verdict = Verdict::unless(earlier.is_none(), Reason::Duplicate).or_unknown(missing);
    sink.finding(verdict, || {
        let note = earlier.map_or_else(
            || format!("{}年度无在先有效申请。", child.year),
            |other| {
                format!(
                    "同一婴幼儿{}年度已于{}在{}申请。",
                    child.year,
                    format_chinese(other.lodged_on),
                    county_name(Some(other.county.county()))
                )
            },
        );
        Draft::new("R-N-3", clauses::N_PAID_YEARLY, note)
            .also(&[clauses::N_CLAIMANT])
            .uncited_if(earlier.is_none())
            .fact(
                "claims.earlier",
                earlier.map(|other| &other.id),
                Register::ClaimIndex,
            )
    });
    verdict
}

/// R-N-4 (管理规范 第十四条). “每年一次性发放”: not paid elsewhere for the year, as known on `day`.
pub(super) fn is_not_paid_elsewhere(child: &Child<'_>, day: Date, sink: &mut impl Sink) -> Verdict {
    let of_year = child
        .payments_elsewhere(day)
        .filter(|payment| payment.year() == child.year);
    let paid_on = of_year.map(|payment| payment.on).min();
    let missing = child.missing_by(FactKind::NationalPayment, day);
    let verdict = Verdict::unless(paid_on.is_none(), Reason::PaidElsewhere).or_unknown(missing);
    sink.finding(verdict, || {
        let note = paid_on.map_or_else(
            || format!("{}年度无其他地区的发放记录。", child.year),
            |on| format!("{}已在其他地区发放当年育儿补贴。", format_chinese(on)),
        );
        Draft::new("R-N-4", clauses::N_PAID_YEARLY, note)
            .uncited_if(paid_on.is_none())
            .day("child.paid_on", paid_on, Register::NationalSystem)
    });
    verdict
}

/// R-N-7 (管理规范 第五条). “符合法律法规规定生育或收养”, “孤儿、事实无人抚养的婴幼儿”.
pub(super) fn is_lawful(child: &Child<'_>, sink: &mut impl Sink) -> Verdict {
    let has_guardian = || {
        let mut entries = child.facts.guardianships.iter();
        let day = child.claim.lodged_on;
        entries.any(|entry| {
            let in_force = entry.from <= day && entry.to.is_none_or(|to| day <= to);
            entry.child == child.claim.subject && in_force
        })
    };
    let known = child.adoption.is_some() || child.birth.is_some() || has_guardian();
    let beyond = child.adoption.is_none() && elder_siblings(child) >= CHILDREN_OF_A_COUPLE;
    let lodged_on = child.claim.lodged_on;
    let unknown_birth = || {
        let missing = child.missing_by(FactKind::Birth, lodged_on);
        missing.or_else(|| child.missing_by(FactKind::Person, lodged_on))
    };
    // Of a child born before the others nobody can tell how many there are.
    let elder = || {
        let rejects = child.p().beyond_third_child == BeyondThirdChild::Reject;
        let missing = child.missing_by(FactKind::Siblings, lodged_on);
        missing.filter(|_| rejects && child.adoption.is_none() && !beyond)
    };
    let verdict = if child.born_on.is_none() || !known {
        let guardian = child.missing_by(FactKind::Guardianship, lodged_on);
        let adoption = child.missing_by(FactKind::Adoption, lodged_on);
        let missing = unknown_birth().or(adoption).or(guardian);
        missing.map_or(Verdict::Refer(Reason::BirthUnknown), Verdict::Unknown)
    } else if let Some(unknown) = elder() {
        Verdict::Unknown(unknown)
    } else if let Some(unknown) = child
        .missing_by(FactKind::Adoption, lodged_on)
        .filter(|_| beyond)
    {
        Verdict::Unknown(unknown)
    } else {
        let barred = beyond && child.p().beyond_third_child == BeyondThirdChild::Reject;
        Verdict::unless(!barred, Reason::BeyondThirdChild)
    };
    sink.finding(verdict, || {
        let note = match verdict {
            Verdict::Refer(_) => "出生信息无法核实，转人工裁量。",
            Verdict::Fail(_) => "超出夫妻可以生育三个子女的规定，按参数不予补贴。",
            _ if child.adoption.is_some() => "依法收养。",
            _ if child.birth.is_none() => "无出生记录，由监护人抚养。",
            _ if beyond => "依法生育，不限孩次。",
            _ => "依法生育。",
        };
        Draft::new("R-N-7", clauses::N_SUBJECT, note)
            .also(&[clauses::N_OBJECT])
            .day("child.born_on", child.born_on, Register::Maternity)
            .day(
                "child.adopted_on",
                child.adoption.map(|adoption| adoption.on),
                Register::CivilAffairs,
            )
    });
    verdict
}

/// Live births of the same couple before the child's delivery.
fn elder_siblings(child: &Child<'_>) -> usize {
    let Some((own, born)) = child.birth else {
        return 0;
    };
    let deliveries = child.facts.births.iter().filter(|other| {
        // Who is unknown is no half of a couple.
        let couple = own.father.is_some() && other.father == own.father;
        couple && other.mother == own.mother && other.delivery != own.delivery
    });
    deliveries
        .flat_map(|delivery| &delivery.children)
        .filter(|sibling| sibling.live && sibling.born_on < born.born_on)
        .count()
}

/// R-N-10 (管理规范 第七条, 第九条). “居民户口簿”: without a hukou there is no county to claim in.
pub(super) fn has_hukou(child: &Child<'_>, sink: &mut impl Sink) -> Verdict {
    let county = child.county.ok().flatten();
    let verdict = Verdict::unless_missing(
        county.is_some(),
        child.county.err(),
        Reason::ChildHukouNotBaotou,
    );
    sink.finding(verdict, || {
        let note = if county.is_some() {
            "婴幼儿申请日有户籍登记。"
        } else {
            "婴幼儿申请日无户籍登记。"
        };
        Draft::new("R-N-10", clauses::N_REVIEW, note)
            .also(&[clauses::N_PLACE])
            .fact("child.hukou", county_name(county), Register::PublicSecurity)
    });
    verdict
}

/// R-N-11 (管理规范 第十四条). “按年计算，每年一次性发放”: the year of death is paid, later ones are not;
/// under NOT_PAID a death known on `day` ends the year too.
pub(super) fn lives_in_the_year(child: &Child<'_>, day: Date, sink: &mut impl Sink) -> Verdict {
    let died_on = child.dead_on(day);
    let verdict = match died_on {
        None => Verdict::NotApplicable,
        Some(died_on) => {
            let paid = child.p().death_in_year == DeathInYear::PayTheYear
                && died_on.year() >= child.year
                && died_on >= child.p().start_date;
            Verdict::unless(paid, Reason::ChildDied)
        }
    };
    let missing = child.facts.missing_death(&child.claim.subject, day);
    let verdict = verdict.or_unknown(missing.filter(|_| died_on.is_none()));
    sink.finding(verdict, || {
        let note = match (died_on, verdict) {
            (None, _) => format!("至{}无死亡记录。", format_chinese(day)),
            (Some(died_on), Verdict::Pass) => {
                let died = format_chinese(died_on);
                format!("婴幼儿于{died}死亡，当年补贴照发。")
            }
            (Some(died_on), _) => format!("婴幼儿已于{}死亡。", format_chinese(died_on)),
        };
        Draft::new("R-N-11", clauses::N_PAID_YEARLY, note)
            .also(&[clauses::N_SUBJECT])
            .day("child.died_on", died_on, Register::PublicSecurity)
    });
    verdict
}

/// R-N-12 (管理规范 第十条). “审核以申领人提交申请时的状态为准”: a later move changes nothing for the year;
/// under REJECT the child is still registered in Baotou on the day of confirmation.
pub(super) fn has_not_moved_away(child: &Child<'_>, day: Date, sink: &mut impl Sink) -> Verdict {
    let read = child.county_on(day);
    let county = read.ok().flatten();
    let stays = county.is_some_and(divisions::is_served);
    let binds = child.p().move_before_confirmation == MoveAway::Reject;
    let verdict = Verdict::unless_missing(stays || !binds, read.err(), Reason::ChildHukouNotBaotou);
    sink.finding(verdict, || {
        let day_text = format_chinese(day);
        let note = match (stays, binds) {
            (true, _) => format!("资格确认日（{day_text}）婴幼儿户籍仍在包头市。"),
            (false, false) => {
                format!("资格确认日（{day_text}）婴幼儿户籍已迁出，以提交申请时的状态为准，当年补贴照发。")
            }
            (false, true) => format!("资格确认日（{day_text}）婴幼儿户籍已迁出包头市。"),
        };
        Draft::new("R-N-12", clauses::N_STATE, note)
            .day("check.day", Some(day), Register::Claim)
            .fact("child.hukou", county_name(county), Register::PublicSecurity)
    });
    verdict
}
