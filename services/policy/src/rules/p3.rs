//! P3, 托育机构生均运营补贴: year, head-count, certificate, amount.

use smallvec::SmallVec;
use time::Date;
use yuhui_kernel::{
    Money,
    dates::{year_end, year_start},
};

use super::{
    case::{Premises, Site, institution_of, missing_of},
    clauses, dates,
    institution::{conditions_hold, is_kindergarten, service_start},
    months::{Tally, tally},
};
use crate::{
    Programme, Reason,
    facts::{Enrolment, FactKind, Unknown},
    pack::SameChild,
    record::{Draft, Register, Sink, Verdict},
};

/// R-P3-7 step 2 (五(三)3, 三(三)2(4)). One claim of an institution for a year.
pub(crate) fn is_no_duplicate(site: &Site<'_>, sink: &mut impl Sink) -> Verdict {
    let claim = site.case.claim;
    let earlier = site
        .case
        .facts
        .other_claims
        .iter()
        .filter(|other| {
            other.earlier
                && other.id != claim.id
                && other.programme == Programme::P3
                && other.subject == claim.subject
                && other.subsidy_year.is_none_or(|year| year == site.year)
                && other.outcome.bars()
        })
        .min_by_key(|other| (other.lodged_on, &other.id));
    let facts = site.case.facts;
    let missing = facts.missing_by(FactKind::OtherClaim, &claim.subject, claim.lodged_on);
    let verdict = Verdict::unless(earlier.is_none(), Reason::Duplicate).or_unknown(missing);
    sink.finding(verdict, || {
        let note = match earlier {
            None => "本年度无在先有效申请。",
            Some(_) => "同一机构同一年度已有申请。",
        };
        Draft::new("R-P3-7", clauses::P3_SAME_YEAR, note)
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

/// R-P2-1, AMB-21 step 3 (八d). “政策年限从2024年1月1日起计算，有效期两年”: the subsidy year is one of them.
pub(crate) fn is_in_policy_period(site: &Site<'_>, sink: &mut impl Sink) -> Verdict {
    let p = site.case.p();
    let years = p.policy_period_from.year()..=p.policy_period_to.year();
    let verdict = Verdict::unless(years.contains(&site.year), Reason::OutsidePolicyPeriod);
    sink.finding(verdict, || {
        let note = format!(
            "补贴年度为{}年，政策年限为{}至{}年。",
            site.year,
            years.start(),
            years.end()
        );
        Draft::new("R-P3-7", clauses::PERIOD, note).fact(
            "claim.subsidy_year",
            site.year,
            Register::Claim,
        )
    });
    verdict
}

/// R-P3-7, R-DAT-6 step 3 (三(三)2(4), 四(二)1). “可在当年进行申报，当年未申报的，不予追加”: only the subsidy
/// year of the round in which the claim is lodged.
pub(crate) fn is_year_of_round(site: &Site<'_>, sink: &mut impl Sink) -> Verdict {
    let holds = site.year == site.round - 1;
    let verdict = Verdict::unless(holds, Reason::NotRetroactive);
    sink.finding(verdict, || {
        let note = format!(
            "申报日属{}年轮次，该轮次补贴年度为{}年；申请年度为{}年。",
            site.round,
            site.round - 1,
            site.year
        );
        Draft::new("R-P3-7", clauses::P3_SAME_YEAR, note)
            .also(&[clauses::INSTITUTION_WINDOW])
            .day(
                "claim.lodged_on",
                Some(site.case.claim.lodged_on),
                Register::Claim,
            )
    });
    verdict
}

/// R-P3-6 step 8 (五(三)1b). “教育部门负责统计核实幼儿园延伸办托机构生均补贴对象人数并出具证明”: without the
/// certificate a person decides.
pub(crate) fn certificate_is_present(site: &Site<'_>, sink: &mut impl Sink) -> Verdict {
    let needed = site.premises.institution.is_some_and(is_kindergarten);
    let certified = certified(site);
    let verdict = match (needed, certified) {
        (false, _) => Verdict::NotApplicable,
        (true, Some(_)) => Verdict::Pass,
        (true, None) => { missing_certificate(site) }.map_or(
            Verdict::Refer(Reason::NoEducationCertificate),
            Verdict::Unknown,
        ),
    };
    sink.finding(verdict, || {
        let note = match (needed, certified) {
            (false, _) => "托育机构不需教育部门人数证明。".to_owned(),
            (true, Some(number)) => format!("教育部门证明人数{number}人。"),
            (true, None) => "缺教育部门人数证明，转人工裁量。".to_owned(),
        };
        Draft::new("R-P3-6", clauses::CERTIFIED_NUMBER, note)
            .also(&[clauses::P3_INSTITUTION])
            .fact(
                "institution.certified_headcount",
                certified,
                Register::InstitutionRegistry,
            )
    });
    verdict
}

fn missing_certificate(site: &Site<'_>) -> Option<Unknown> {
    let facts = site.case.facts;
    facts.missing(FactKind::Certificate, &site.case.claim.subject)
}

/// R-P3-4, R-P3-5: what is missing that could change the head-count: stays here, stays elsewhere of
/// children that may count here, and what became of the claims of those institutions.
fn missing_of_headcount(site: &Site<'_>) -> Option<Unknown> {
    let (facts, own) = (site.case.facts, &site.case.claim.subject);
    let (first, last) = (year_start(site.year), year_end(site.year));
    let competes = site.case.p().p3_same_child_multi_institution != SameChild::Each;
    let is_elsewhere =
        |id: &String| id != own && facts.institutions.iter().any(|entry| entry.id == *id);
    let of_stays = facts.gaps.iter().filter_map(|gap| {
        let matters = gap.fact == FactKind::Enrolment && (competes || !is_elsewhere(&gap.subject));
        let missing = || facts.missing_between(gap.fact, &gap.subject, first, last);
        matters.then(missing).flatten()
    });
    let of_stays = of_stays.min();
    let of_rivals = || {
        let stays = facts.enrolments.iter();
        let elsewhere = stays.filter(|stay| stay.institution != *own);
        let missing = elsewhere.filter_map(|stay| {
            let claims = facts.missing(FactKind::OtherClaim, &stay.institution);
            claims.or_else(|| facts.missing(FactKind::Institution, &stay.institution))
        });
        missing.min()
    };
    of_stays.or_else(|| competes.then(of_rivals).flatten())
}

/// Children that the education bureau certified for the year.
pub(crate) fn certified(site: &Site<'_>) -> Option<u32> {
    let institution = site.premises.institution?;
    institution.certified_headcount.get(&site.year).copied()
}

/// R-P3-4, R-P3-5, R-P3-6 step 8 (三(三)2(3), 三(三)1(3)). “孩子入托时间不少于3个月”: at least one child.
pub(crate) fn has_eligible_children(
    site: &Site<'_>,
    headcount: u32,
    sink: &mut impl Sink,
) -> Verdict {
    // The amount is so much for each child: not only whether there are any must be known. Who is certified
    // for nobody has nobody, whatever is missing.
    let needed = site.premises.institution.is_some_and(is_kindergarten);
    let none = needed && certified(site) == Some(0);
    let of_certificate =
        || missing_certificate(site).filter(|_| needed && certified(site).is_none());
    let missing = missing_of_headcount(site).or_else(of_certificate);
    let verdict = match missing.filter(|_| !none) {
        Some(unknown) => Verdict::Unknown(unknown),
        None => Verdict::unless(headcount > 0, Reason::NoEligibleChildren),
    };
    sink.finding(verdict, || {
        Draft::new(
            "R-P3-4",
            clauses::P3_ROSTER,
            format!("{}年度符合条件的入托婴幼儿{headcount}人。", site.year),
        )
        .also(&[clauses::P3_OPERATING])
        .fact(
            "institution.headcount",
            headcount,
            Register::InstitutionRegistry,
        )
    });
    verdict
}

/// R-P3-5, R-MON-1 (一(二)3). “按照实际入托人数给予每生600元/年/人”.
pub(crate) fn amount(site: &Site<'_>, headcount: u32, sink: &mut impl Sink) -> Money {
    let rate = site.case.p().p3_amount;
    let amount = rate
        .checked_mul(i64::from(headcount))
        .unwrap_or(Money::ZERO);
    sink.finding(Verdict::Pass, || {
        Draft::new(
            "R-P3-5",
            clauses::P3_GRANT,
            format!("{headcount}人，每人{rate}元，计{amount}元。"),
        )
        .fact("amount.rate_fen", rate.fen(), Register::Pack)
    });
    amount
}

/// Stays that are sorted without a place on the heap: more than a nursery has in a year. More are
/// counted as well.
const STAYS_OF_A_NURSERY: usize = 256;

/// R-P3-4 to R-P3-6: children that count here, a kindergarten's at most as many as certified.
pub(crate) fn headcount(site: &Site<'_>) -> u32 {
    let stays = stays_by_child(site);
    let here = Place::of(&site.premises, site.year);
    let own = stays
        .chunk_by(|one, other| one.child == other.child)
        .filter(|stays| here.is_some_and(|here| counts_in(here, site, stays)))
        .count();
    let own = u32::try_from(own).unwrap_or(u32::MAX);
    let needed = site.premises.institution.is_some_and(is_kindergarten);
    match certified(site) {
        Some(certified) if needed => own.min(certified),
        _ => own,
    }
}

/// Every stay, those of a child side by side.
fn stays_by_child<'a>(site: &Site<'a>) -> SmallVec<[&'a Enrolment; STAYS_OF_A_NURSERY]> {
    let mut stays: SmallVec<[&Enrolment; STAYS_OF_A_NURSERY]> =
        site.case.facts.enrolments.iter().collect();
    stays.sort_unstable_by(|one, other| one.child.cmp(&other.child));
    stays
}

/// How a child on the list of an institution is counted there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// It counts.
    Counted,
    /// No stay in the institution has fee receipts.
    NoReceipts,
    /// Too few months of the year, after the start of service and under three years.
    TooShort,
    /// It counts in another institution, where it stayed longer (R-P3-5).
    Elsewhere,
}

/// A child that stayed in the institution within the year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedChild<'a> {
    /// Its stays there, by day.
    pub stays: Vec<&'a Enrolment>,
    /// Whole months of the year that count.
    pub months: i32,
    /// Whether it counts.
    pub counting: Counting,
}

/// R-P3-4, R-P3-5: the children that [`headcount`] looks at, one by one, as it counts them.
pub(crate) fn children<'a>(site: &Site<'a>) -> Vec<CountedChild<'a>> {
    let (first, last) = (year_start(site.year), year_end(site.year));
    let own = &site.case.claim.subject;
    let here = Place::of(&site.premises, site.year);
    let stays = stays_by_child(site);
    let children = stays.chunk_by(|one, other| one.child == other.child);
    let on_list = children.filter_map(|all| {
        let touches = |it: &&&Enrolment| it.from <= last && it.to.is_none_or(|to| to >= first);
        let own = all.iter().filter(|it| it.institution == *own);
        let mut stays: Vec<&Enrolment> = own.filter(touches).copied().collect();
        stays.sort_unstable_by_key(|it| (it.from, it.to));
        let born_on = stays.first()?.born_on;
        let counting = match here {
            Some(here) if counts_in(here, site, all) => Counting::Counted,
            _ if stays.iter().all(|it| !it.fee_receipts) => Counting::NoReceipts,
            Some(here) if here.counted(site, all).is_some() => Counting::Elsewhere,
            _ => Counting::TooShort,
        };
        let months = here.map_or(0, |here| here.tally(site, all).months);
        let key = (born_on, all.first()?.child.as_str());
        Some((
            key,
            CountedChild {
                stays,
                months,
                counting,
            },
        ))
    });
    let mut children: Vec<_> = on_list.collect();
    children.sort_unstable_by_key(|(key, _)| *key);
    children.into_iter().map(|(_, child)| child).collect()
}

/// R-P3-5 (一(二)3, AMB-30). “每生…/年”: a child that would count in several institutions with payable
/// claims counts where it stayed longest; tie, where it was last; tie, in the smaller id.
fn counts_in(place: Place<'_>, site: &Site<'_>, stays: &[&Enrolment]) -> bool {
    let id = place.id;
    let Some(here) = place.counted(site, stays) else {
        return false;
    };
    if site.case.p().p3_same_child_multi_institution == SameChild::Each {
        return true;
    }
    stays
        .iter()
        .map(|stay| stay.institution.as_str())
        .filter(|other| *other != id)
        .all(|other| {
            let there = rival(site, other)
                .and_then(|premises| Place::of(&premises, site.year))
                .and_then(|place| place.counted(site, stays));
            there.is_none_or(|there| {
                let order = (there.days, there.last_day).cmp(&(here.days, here.last_day));
                order.then_with(|| id.cmp(other)).is_lt()
            })
        })
}

/// An institution in which children are counted, and the days of the subsidy year that count.
#[derive(Clone, Copy)]
struct Place<'a> {
    id: &'a str,
    from: Date,
    to: Date,
}

impl<'a> Place<'a> {
    /// No child counts where service has not started.
    fn of(premises: &Premises<'a>, year: i32) -> Option<Self> {
        let start = service_start(premises)?;
        Some(Self {
            id: &premises.institution?.id,
            from: start.max(year_start(year)),
            to: year_end(year),
        })
    }

    /// R-P3-4 (三(三)2(3), 三(三)1(3)). “孩子入托时间不少于3个月”, “收托的婴幼儿不满3周岁”: receipted days
    /// of the subsidy year, not before service start and not after the third birthday.
    fn counted(self, site: &Site<'_>, stays: &[&Enrolment]) -> Option<Tally> {
        let least = site.case.p().p3_min_months;
        Some(self.tally(site, stays)).filter(|tally| tally.days > 0 && tally.months >= least)
    }

    fn tally(self, site: &Site<'_>, stays: &[&Enrolment]) -> Tally {
        let pack = site.case.pack;
        let spans = stays
            .iter()
            .filter(|stay| stay.institution == self.id && stay.fee_receipts)
            .map(|stay| {
                let last = dates::last_day_under_three(pack, stay.born_on);
                let to = stay.to.unwrap_or(Date::MAX).min(self.to).min(last);
                (stay.from.max(self.from), to)
            });
        tally(spans)
    }
}

/// The premises of another institution with a payable claim of the same year, if it has one. Its
/// conditions are judged by the same rules; its own head-count cannot be, and does not matter.
fn rival<'a>(site: &Site<'a>, id: &str) -> Option<Premises<'a>> {
    let case = site.case;
    let claims = case.facts.other_claims.iter().filter(|other| {
        other.programme == Programme::P3
            && other.subject == id
            && other.outcome.is_payable()
            && other.subsidy_year.is_none_or(|year| year == site.year)
    });
    claims
        .map(|other| Premises {
            institution: institution_of(case.facts, id),
            missing: missing_of(case.facts, id, other.lodged_on),
            county: other.county,
            day: other.lodged_on,
            ..site.premises
        })
        .filter(|premises| {
            let round = dates::institution_round(case.pack, case.calendar, premises.day);
            let competent = premises
                .institution
                .is_some_and(|entry| entry.county.county() == premises.county.county());
            competent && site.year == round - 1 && conditions_hold(premises)
        })
        .min_by_key(|premises| premises.day)
}
