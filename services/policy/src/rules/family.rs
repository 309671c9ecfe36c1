//! Conditions that P1 and P2 share: county, duplicate, adoption, hukou, birth-service
//! registration.

use std::{borrow::Cow, sync::LazyLock};

use yuhui_kernel::{DivisionCode, divisions};

use super::{
    case::{Family, Parents},
    clauses, dates, on_day,
    standing::{self, Share, Standing},
};
use crate::{
    Programme, Reason,
    facts::{FactKind, Known, OtherClaim},
    record::{Draft, Register, Sink, Verdict},
};

/// Names of the counties of Baotou with their codes: most findings name one.
static COUNTIES: LazyLock<Vec<(DivisionCode, String)>> = LazyLock::new(|| {
    let counties = divisions::counties().iter();
    counties
        .map(|county| (county.code, format!("{}（{}）", county.name, county.code)))
        .collect()
});

pub(crate) fn county_name(county: Option<DivisionCode>) -> Cow<'static, str> {
    let Some(county) = county else {
        return Cow::Borrowed("无");
    };
    let known = COUNTIES.iter().find(|(code, _)| *code == county);
    known.map_or_else(
        || match divisions::name_of(county) {
            Some(name) => format!("{name}（{county}）").into(),
            None => format!("{county}（包头市外）").into(),
        },
        |(_, name)| name.as_str().into(),
    )
}

/// R-P1-10, R-P2-7 step 1 (二b, 三(一)1(2), 三(一)2(1)a, 三(二)1(3)).
/// “向孩子户籍地所在嘎查村（居）民委员会提出申请”, “在孩子户籍地申请补贴”: another Baotou county must
/// not accept. A hukou outside Baotou is a matter of step 7.
pub(crate) fn county_is_competent(family: &Family<'_>, sink: &mut impl Sink) -> Verdict {
    let claim = family.case.claim;
    let competent = family.county();
    let verdict = match family.child_county {
        Err(unknown) => Verdict::Unknown(unknown),
        Ok(competent) if on_day::in_baotou(competent) => {
            let same = competent == Some(claim.county.county());
            Verdict::unless(same, Reason::WrongCounty)
        }
        Ok(_) => Verdict::NotApplicable,
    };
    sink.finding(verdict, || {
        let note = format!(
            "孩子申报日户籍地为{}，受理地为{}。",
            county_name(competent),
            county_name(Some(claim.county.county()))
        );
        Draft::new(
            family.either("R-P1-10", "R-P2-7"),
            family.either(clauses::P1_VILLAGE, clauses::P2_COUNTY),
            note,
        )
        .also(&[clauses::ORGANISATION])
        .also(family.either(&[clauses::P1_COUNTY], &[clauses::P2_VILLAGE]))
        .fact(
            "child.hukou",
            county_name(competent),
            Register::PublicSecurity,
        )
        .fact("claim.county", claim.county, Register::Claim)
    });
    verdict
}

/// R-P1-11, R-P1-13, R-P2-8 step 3 (五(三)3). “严禁…虚报冒领”: one subsidy per child (P2: and year)
/// in the whole city while an earlier claim is not refused; except the second half.
pub(crate) fn is_no_duplicate(family: &Family<'_>, sink: &mut impl Sink) -> Verdict {
    let claim = family.case.claim;
    let blocking = blocking_claim(family);
    let earlier = blocking.ok().flatten();
    let missing =
        family
            .case
            .facts
            .missing_by(FactKind::OtherClaim, &claim.subject, claim.lodged_on);
    let verdict = Verdict::unless(earlier.is_none(), Reason::Duplicate)
        .or_unknown(blocking.err().or(missing));
    sink.finding(verdict, || {
        let draft = Draft::new(
            family.either("R-P1-11", "R-P2-8"),
            family.either(clauses::FRAUD, clauses::P2_GRANT),
            match earlier {
                None => "全市无在先有效申请。".to_owned(),
                Some(other) => format!(
                    "同一孩子同一项目已于{}在{}申请。",
                    yuhui_kernel::dates::format_chinese(other.lodged_on),
                    county_name(Some(other.county.county()))
                ),
            },
        );
        let repeated = verdict == Verdict::Fail(Reason::Duplicate);
        let halves = standing::share(family) == Share::Half;
        draft
            .also_if(repeated && !family.is_p1(), &[clauses::FRAUD])
            .also_if(halves, &[clauses::P1_COUPLE])
            .uncited_if(!repeated)
            .fact(
                "claims.earlier",
                earlier.map(|other| &other.id),
                Register::ClaimIndex,
            )
    });
    verdict
}

/// Earlier claims for the same child, programme and (P2) year that are not refused.
fn standing_claims<'a>(family: &Family<'a>) -> impl Iterator<Item = &'a OtherClaim> {
    let family = *family;
    let claim = family.case.claim;
    family.case.facts.other_claims.iter().filter(move |other| {
        let same_year = claim.programme == Programme::P1
            || other.subsidy_year.is_none_or(|year| year == family.year);
        other.earlier
            && other.programme == claim.programme
            && other.subject == claim.subject
            && other.id != claim.id
            && same_year
            && other.outcome.bars()
    })
}

/// The first claim that bars this one; unknown if one may be the other parent's half.
fn blocking_claim<'a>(family: &Family<'a>) -> Known<Option<&'a OtherClaim>> {
    let blocking =
        standing_claims(family).filter(|other| is_other_half(family, other) == Ok(false));
    let first = blocking.min_by_key(|other| (other.lodged_on, &other.id));
    if first.is_none()
        && let Some(unknown) = standing_claims(family)
            .filter_map(|other| is_other_half(family, other).err())
            .min()
    {
        return Err(unknown);
    }
    Ok(first)
}

/// R-P1-13 (三(一)1(3)c). “如双方分别抚养并且照料，各领取一次性育儿补贴的50%”: whether the earlier claim
/// is the other parent's half, so that this one is the second.
fn is_other_half(family: &Family<'_>, other: &OtherClaim) -> Known<bool> {
    let case = family.case;
    if other.claimant == case.claim.claimant || standing::share_known(family)? != Share::Half {
        return Ok(false);
    }
    let standing = standing::standing(
        case.p(),
        case.facts,
        other.programme,
        &other.subject,
        &other.claimant,
        other.lodged_on,
    )?;
    Ok(standing == Standing::Entitled(Share::Half))
}

/// Whether the other parent's half was lodged first.
pub(crate) fn is_second_half(family: &Family<'_>) -> bool {
    standing_claims(family).any(|other| is_other_half(family, other) == Ok(true))
}

/// R-ORD-4, R-P2-1 step 4 (三(一)1(4), 一(一)2). “收养的子女不列入家庭子女数统计”; P2 speaks of
/// “符合政策生育孩子”.
pub(crate) fn is_not_adopted(family: &Family<'_>, sink: &mut impl Sink) -> Verdict {
    let adopted_on = family.adoption.ok().flatten().map(|adoption| adoption.on);
    let allowed = !family.is_p1() && family.case.p().p2_adopted_child_eligible;
    let verdict = Verdict::unless(adopted_on.is_none() || allowed, Reason::AdoptedChild)
        .or_unknown(family.adoption.err().filter(|_| !allowed));
    sink.finding(verdict, || {
        let note = match (adopted_on, allowed) {
            (None, _) => "孩子为父母亲生。",
            (Some(_), true) => "收养的孩子按参数纳入生均补贴。",
            (Some(_), false) => "孩子系收养，不在补贴范围。",
        };
        Draft::new(
            family.either("R-ORD-4", "R-P2-1"),
            family.either(clauses::P1_ADOPTED, clauses::P2_GRANT),
            note,
        )
        .also_if(!family.is_p1(), &[clauses::P2_CHILD])
        .also_if(
            !family.is_p1() && adopted_on.is_some(),
            &[clauses::P1_ADOPTED],
        )
        .uncited_if(adopted_on.is_none())
        .day("child.adopted_on", adopted_on, Register::CivilAffairs)
    });
    verdict
}

/// R-P1-4, R-P2-1 step 7 (三(一)1(1), 三(二)1(2)). “且出生子女户口为包头市户籍”: on the day of lodging;
/// first registration elsewhere is no obstacle.
pub(crate) fn child_has_baotou_hukou(family: &Family<'_>, sink: &mut impl Sink) -> Verdict {
    let county = family.county();
    let verdict = Verdict::unless_missing(
        on_day::in_baotou(county),
        family.child_county.err(),
        Reason::ChildHukouNotBaotou,
    );
    sink.finding(verdict, || {
        let claim = family.case.claim;
        let moves = family
            .case
            .told_moves([claim.subject.as_str()], claim.lodged_on);
        let note = format!("孩子申报日户籍地：{}。{moves}", county_name(county));
        hukou_draft(family, verdict, "R-P1-4", note)
            .fact("child.hukou", county_name(county), Register::PublicSecurity)
            .day(
                "claim.lodged_on",
                Some(family.case.claim.lodged_on),
                Register::Claim,
            )
    });
    verdict
}

fn hukou_draft(
    family: &Family<'_>,
    verdict: Verdict,
    p1_rule: &'static str,
    note: String,
) -> Draft {
    Draft::new(
        family.either(p1_rule, "R-P2-1"),
        family.either(clauses::P1_HUKOU, clauses::P2_CHILD),
        note,
    )
    .also_if(
        !family.is_p1() && verdict != Verdict::Pass,
        &[clauses::P1_HUKOU],
    )
}

/// R-P1-5, R-P2-1 step 8 (三(一)1(1)). “夫妻双方户籍地均为包头市或一方户籍地为包头市”: one parent on the
/// day of lodging; of a dead parent the last hukou.
pub(crate) fn a_parent_has_baotou_hukou(family: &Family<'_>, sink: &mut impl Sink) -> Verdict {
    let day = family.case.claim.lodged_on;
    let in_baotou = any_parent_in_baotou(family, day);
    let verdict = Verdict::unless_missing(
        in_baotou == Ok(true),
        in_baotou.err(),
        Reason::NoParentBaotouHukou,
    );
    sink.finding(verdict, || {
        let counties = parent_counties(family, day).map(county_name).join("、");
        let moves = family
            .case
            .told_moves(family.known_parents().into_iter().flatten(), day);
        let note = format!("父母申报日户籍地：{counties}。{moves}");
        hukou_draft(family, verdict, "R-P1-5", note)
            .fact("parents.hukou", counties, Register::PublicSecurity)
            .day("claim.lodged_on", Some(day), Register::Claim)
    });
    verdict
}

/// Counties of the parents' hukou on `day`; nothing for an unknown parent.
pub(crate) fn parent_counties(family: &Family<'_>, day: time::Date) -> [Option<DivisionCode>; 2] {
    let case = family.case;
    let of = |parent: &str| {
        if case.p().family_deceased_parent_hukou_counts {
            case.last_hukou(parent, day)
        } else {
            case.hukou(parent, day)
        }
    };
    let parents: Parents<'_> = family.known_parents();
    parents.map(|parent| parent.and_then(of))
}

/// The county of one parent's hukou on `day`, if it is known.
fn parent_county_known(
    family: &Family<'_>,
    parent: &str,
    day: time::Date,
) -> Known<Option<DivisionCode>> {
    let case = family.case;
    if case.p().family_deceased_parent_hukou_counts {
        case.last_hukou_known(parent, day)
    } else {
        case.hukou_known(parent, day)
    }
}

/// One parent in Baotou is enough, whatever is missing of the other; none only if both are known.
pub(crate) fn any_parent_in_baotou(family: &Family<'_>, day: time::Date) -> Known<bool> {
    let mut missing = None;
    for parent in family.parents?.into_iter().flatten() {
        match parent_county_known(family, parent, day) {
            Ok(county) if on_day::in_baotou(county) => return Ok(true),
            Ok(_) => {}
            Err(unknown) => missing = missing.or(Some(unknown)),
        }
    }
    missing.map_or(Ok(false), Err)
}

/// Whether every parent had a Baotou hukou on `day`; nobody has of an unknown parent.
pub(crate) fn every_parent_in_baotou(family: &Family<'_>, day: time::Date) -> Known<bool> {
    let mut missing = None;
    for parent in family.parents? {
        let county = parent.map_or(Ok(None), |it| parent_county_known(family, it, day));
        match county {
            Ok(county) if on_day::in_baotou(county) => {}
            Ok(_) => return Ok(false),
            Err(unknown) => missing = missing.or(Some(unknown)),
        }
    }
    missing.map_or(Ok(true), Err)
}

/// R-P1-6, R-P2-1 step 9 (一(一)1, 三(一)2(2), 三(二)2(1)). “已办理生育服务登记”: on the day of lodging,
/// or made up before the village review of the round ends (R-PRC-4).
pub(crate) fn birth_service_is_registered(family: &Family<'_>, sink: &mut impl Sink) -> Verdict {
    let lodged_on = family.case.claim.lodged_on;
    let deadline = dates::village_review_deadline(family.round);
    let last_day = lodged_on.max(deadline);
    let registered_on = family
        .birth
        .ok()
        .flatten()
        .and_then(|(delivery, _)| delivery.birth_service_registered_on)
        .filter(|day| *day <= last_day);
    let verdict = if family.is_adopted() {
        Verdict::NotApplicable
    } else {
        let child = &family.case.claim.subject;
        let facts = family.case.facts;
        let missing = facts.missing_by(FactKind::BirthService, child, last_day);
        Verdict::unless_missing(
            registered_on.is_some(),
            family.birth.err().or(missing).or(family.adoption.err()),
            Reason::NoBirthServiceRegistration,
        )
    };
    let made_up = registered_on.is_some_and(|day| day > lodged_on);
    sink.finding(verdict, || {
        let note = match registered_on {
            _ if family.is_adopted() => "收养的孩子不适用生育服务登记。",
            None => "未办理生育服务登记，至村级初审截止日亦未补办。",
            Some(_) if made_up => "申报后、村级初审截止前补办生育服务登记，申报日期保留。",
            Some(_) => "申报日已办理生育服务登记。",
        };
        Draft::new(
            family.either("R-P1-6", "R-P2-1"),
            family.either(clauses::P1_GRANT, clauses::P2_DOCUMENTS),
            note,
        )
        .also(family.either(&[clauses::P1_DOCUMENTS], &[clauses::P2_CHILD]))
        .also_if(
            made_up || registered_on.is_none(),
            &[clauses::VILLAGE_REVIEW],
        )
        .day(
            "delivery.birth_service_registered_on",
            registered_on,
            Register::Maternity,
        )
    });
    verdict
}
