//! P4, 示范托育机构奖励补贴: honour, top-up, first possible round.

use yuhui_kernel::{Money, dates::format_chinese};

use super::{
    case::{Premises, Site},
    clauses, dates,
    institution::conditions_hold,
};
use crate::{
    Programme, Reason,
    facts::{FactKind, Honour, HonourLevel, OtherClaim, Unknown},
    pack::Upgrade,
    record::{Draft, Register, Sink, Verdict},
};

/// R-P4-2 step 2 (三(四)1(5), 五(三)3). “按荣誉就高原则不重复奖补”: one claim of an institution in a round.
pub(crate) fn is_no_duplicate(site: &Site<'_>, sink: &mut impl Sink) -> Verdict {
    let case = site.case;
    let earlier = earlier_claims(site)
        .filter(|other| {
            let round = dates::institution_round(case.pack, case.calendar, other.lodged_on);
            other.outcome.bars() && round == site.round
        })
        .min_by_key(|other| (other.lodged_on, &other.id));
    let verdict =
        Verdict::unless(earlier.is_none(), Reason::Duplicate).or_unknown(missing_claims(site));
    sink.finding(verdict, || {
        let note = match earlier {
            None => "本轮次无在先有效申请。",
            Some(_) => "同一机构本轮次已有申请。",
        };
        Draft::new("R-P4-2", clauses::P4_HIGHEST, note)
            .also_if(earlier.is_some(), &[clauses::FRAUD])
            .uncited_if(earlier.is_none())
            .fact(
                "claims.earlier",
                earlier.map(|other| &other.id),
                Register::ClaimIndex,
            )
    });
    verdict
}

/// What is missing of other claims of the institution.
fn missing_claims(site: &Site<'_>) -> Option<Unknown> {
    let facts = site.case.facts;
    facts.missing(FactKind::OtherClaim, &site.case.claim.subject)
}

/// What is missing of honours that could be higher than the one that is rewarded.
fn missing_honour(site: &Site<'_>) -> Option<Unknown> {
    let claim = site.case.claim;
    let facts = site.case.facts;
    let missing = facts.missing_by(FactKind::Honour, &claim.subject, claim.lodged_on);
    let record = site
        .premises
        .missing
        .filter(|_| site.premises.institution.is_none());
    missing.or(record)
}

fn other_claims<'a>(site: &Site<'a>) -> impl Iterator<Item = &'a OtherClaim> {
    let claim = site.case.claim;
    site.case.facts.other_claims.iter().filter(move |other| {
        other.id != claim.id && other.programme == Programme::P4 && other.subject == claim.subject
    })
}

fn earlier_claims<'a>(site: &Site<'a>) -> impl Iterator<Item = &'a OtherClaim> {
    other_claims(site).filter(|other| other.earlier)
}

/// Honours granted by the day of lodging.
fn honours<'a>(site: &Site<'a>) -> impl Iterator<Item = &'a Honour> {
    let day = site.premises.day;
    site.premises
        .institution
        .into_iter()
        .flat_map(|institution| &institution.honours)
        .filter(move |honour| honour.granted_on <= day)
}

/// R-P4-2 (三(四)1(5)). “就高”: the highest honour of the period granted by `day`, and its first grant.
fn highest<'a>(site: &Site<'a>, day: time::Date) -> Option<&'a Honour> {
    let p = site.case.p();
    let inside = p.p4_honour_from..=p.p4_honour_to;
    honours(site)
        .filter(|honour| honour.granted_on <= day && inside.contains(&honour.granted_on))
        .max_by_key(|honour| (honour.level, std::cmp::Reverse(honour.granted_on)))
}

pub(crate) fn reward<'a>(site: &Site<'a>) -> Option<&'a Honour> {
    highest(site, site.premises.day)
}

/// R-P4-1 step 8 (三(四)1(4)). “被确定为国家、自治区及市级的示范托育机构荣誉证明”.
pub(crate) fn has_honour(site: &Site<'_>, sink: &mut impl Sink) -> Verdict {
    let number = honours(site).count();
    let verdict = Verdict::unless_missing(number > 0, missing_honour(site), Reason::NoHonour);
    sink.finding(verdict, || {
        Draft::new(
            "R-P4-1",
            clauses::P4_HONOUR,
            format!("至申报日获示范荣誉{number}项。"),
        )
        .fact("institution.honours", number, Register::InstitutionRegistry)
    });
    verdict
}

/// R-P4-4 step 8 (八d). “政策年限从2024年1月1日起计算，有效期两年”: only honours granted inside.
pub(crate) fn honour_is_in_period(site: &Site<'_>, sink: &mut impl Sink) -> Verdict {
    let honour = reward(site);
    let verdict = if honours(site).next().is_none() {
        Verdict::NotApplicable
    } else {
        let missing = missing_honour(site);
        Verdict::unless_missing(honour.is_some(), missing, Reason::HonourOutsidePeriod)
    };
    sink.finding(verdict, || {
        let note = match honour {
            Some(honour) => format!("最高荣誉于{}授予。", format_chinese(honour.granted_on)),
            None => "政策年限内未获示范荣誉。".to_owned(),
        };
        Draft::new("R-P4-4", clauses::PERIOD, note)
            .also(&[clauses::P4_HONOUR])
            .day(
                "honour.granted_on",
                honour.map(|honour| honour.granted_on),
                Register::InstitutionRegistry,
            )
    });
    verdict
}

/// R-P4-2, R-P4-3 step 8 (三(四)1(5)). “按荣誉就高原则不重复奖补”: something is left to reward.
pub(crate) fn is_not_yet_rewarded(site: &Site<'_>, amount: Money, sink: &mut impl Sink) -> Verdict {
    let rewarded = awards(site).next().is_some();
    let verdict = match reward(site) {
        None => Verdict::NotApplicable,
        Some(_) => Verdict::unless(!(rewarded && amount.is_zero()), Reason::AlreadyRewarded),
    };
    // The amount goes by the highest honour and by what was awarded: both must be known.
    let verdict = match missing_honour(site).or_else(|| missing_claims(site)) {
        Some(unknown) => Verdict::Unknown(unknown),
        None => verdict,
    };
    sink.finding(verdict, || {
        let awarded = awarded_so_far(site);
        let note = if rewarded {
            format!("已奖补{awarded}元，按就高原则本次应奖补{amount}元。")
        } else {
            "此前未获示范奖励补贴。".to_owned()
        };
        Draft::new("R-P4-2", clauses::P4_HIGHEST, note).fact(
            "awards.paid_fen",
            awarded.fen(),
            Register::ClaimIndex,
        )
    });
    verdict
}

/// R-P4-5 step 8 (三(四)2(4), 四(二)1). “可在当年进行申报，当年未申报的，不予追加”: lodged in the first round at
/// whose close every condition is met for that honour.
pub(crate) fn is_first_possible_round(site: &Site<'_>, sink: &mut impl Sink) -> Verdict {
    let case = site.case;
    let missed = reward(site).and_then(|honour| {
        (case.p().policy_first_round..site.round).find(|round| {
            let close = dates::institution_window_close(case.pack, case.calendar, *round);
            let then = Premises {
                day: close,
                ..site.premises
            };
            honour.granted_on <= close && conditions_hold(&then)
        })
    });
    let verdict = match (reward(site), missed) {
        (None, _) => Verdict::NotApplicable,
        (Some(_), missed) => Verdict::unless(missed.is_none(), Reason::NotRetroactive),
    };
    let missing = site.premises.missing.or_else(|| missing_honour(site));
    let verdict = match missing {
        Some(unknown) => Verdict::Unknown(unknown),
        None => verdict,
    };
    sink.finding(verdict, || {
        let note = match missed {
            None => format!("{}年轮次为首个可申报轮次。", site.round),
            Some(round) => format!("{round}年轮次已具备条件而未申报，不予追加。"),
        };
        Draft::new("R-P4-5", clauses::P4_SAME_YEAR, note)
            .also(&[clauses::INSTITUTION_WINDOW])
            .day(
                "claim.lodged_on",
                Some(case.claim.lodged_on),
                Register::Claim,
            )
    });
    verdict
}

/// R-P4-3 (一(二)4, 三(四)1(5)). “一次性分别给予10万元、8万元、5万元”: the rate of the highest honour less the
/// awards confirmed before, paid or still to be paid; under NONE nothing after a first award, under
/// FULL the whole of a higher one.
pub(crate) fn amount(site: &Site<'_>) -> Money {
    let Some(honour) = reward(site) else {
        return Money::ZERO;
    };
    let rate = site.case.p().p4_amount.of(honour.level);
    match site.case.p().p4_upgrade {
        Upgrade::TopUp => rate.less_down_to_zero(awarded_so_far(site)),
        Upgrade::None if awards(site).next().is_some() => Money::ZERO,
        Upgrade::Full if rewarded_level(site) >= Some(honour.level) => Money::ZERO,
        Upgrade::None | Upgrade::Full => rate,
    }
}

/// The finding of R-P4-3.
pub(crate) fn report_amount(site: &Site<'_>, amount: Money, sink: &mut impl Sink) {
    sink.finding(Verdict::Pass, || {
        Draft::new(
            "R-P4-3",
            clauses::P4_GRANT,
            format!("示范托育机构奖励补贴{amount}元。"),
        )
        .also(&[clauses::P4_HIGHEST])
        .day(
            "honour.granted_on",
            reward(site).map(|honour| honour.granted_on),
            Register::InstitutionRegistry,
        )
    });
}

/// Awards confirmed before this claim, paid or still to be paid: the claim and its amount. Of two
/// confirmed on one day the earlier lodged comes first.
fn awards<'a>(site: &Site<'a>) -> impl Iterator<Item = (&'a OtherClaim, Money)> {
    let progress = site.case.progress;
    other_claims(site).filter_map(move |other| {
        let (amount, confirmed_on) = other.outcome.award()?;
        let before = match (confirmed_on, progress.confirmed_on) {
            (Some(confirmed_on), Some(own_day)) if confirmed_on != own_day => {
                confirmed_on < own_day
            }
            (Some(confirmed_on), None) => confirmed_on <= progress.known_on,
            _ => other.earlier,
        };
        before.then_some((other, amount))
    })
}

pub(crate) fn awarded_so_far(site: &Site<'_>) -> Money {
    let amounts = awards(site).map(|(_, amount)| amount);
    Money::total(amounts).unwrap_or(Money::ZERO)
}

/// The highest level that an earlier award rewarded.
fn rewarded_level(site: &Site<'_>) -> Option<HonourLevel> {
    awards(site)
        .filter_map(|(other, _)| highest(site, other.lodged_on))
        .map(|honour| honour.level)
        .max()
}
