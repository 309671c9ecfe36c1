//! The pre-check: the rules on what an asker says of himself. It reads no register, opens no
//! case and writes nothing.

mod answer;
mod contradictions;
mod family;
mod institution;
mod read;

use time::Date;
use yuhui_kernel::{DivisionCode, Money};
use yuhui_platform::{Result, caller::Caller, form::Form, refusal};
use yuhui_policy::{
    Claim, Decision, Facts, PolicyPack, Programme, Progress, Reason, determine,
    facts::{OtherClaim, OtherOutcome},
    rules::dates::{family_round, institution_round},
};
use yuhui_proto::eligibility::v1 as pb;

use crate::{context::Context, convert, refusal::required};

/// Subsidy years that can be asked about; which are payable is for the rules.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;
/// What the claim asked about goes by.
const ID: &str = "pre-check";

pub(crate) async fn pre_check(
    context: &Context,
    _: &Caller,
    ask: pb::PreCheckRequest,
) -> Result<pb::PreCheckResponse> {
    let lodged_on = lodged_on(context, &ask.lodging_on)?;
    let pack = &*context.pack_on(lodged_on).await?;
    let (claim, facts) = question(context, pack, &ask, lodged_on)?;
    let progress = Progress {
        confirmed_on: None,
        paid_on: None,
        paid: false,
        known_on: lodged_on,
    };
    let found = determine(pack, context.calendar, &facts, &claim, &progress);
    let asked = answer::Asked {
        pack,
        calendar: context.calendar,
        facts: &facts,
        claim: &claim,
        family: ask.family.as_ref(),
    };
    Ok(asked.answer(&found))
}

fn lodged_on(context: &Context, text: &str) -> Result<Date> {
    let mut form = Form::default();
    let day = form.date_or_none("lodging_on", text).flatten();
    form.finish()?;
    Ok(day.unwrap_or_else(|| context.today()))
}

/// The question in the words of the law, or everything that is wrong with it.
fn question(
    context: &Context,
    pack: &PolicyPack,
    ask: &pb::PreCheckRequest,
    lodged_on: Date,
) -> Result<(Claim, Facts)> {
    let Some(programme) = convert::domain_programme(ask.programme()) else {
        return Err(refusal::invalid(vec![required("programme")]).into());
    };
    let mut form = Form::default();
    let county = match ask.county.as_str() {
        "" => None,
        text => read::county(&mut form, "county", text),
    };
    if ask.subsidy_year != 0 && !YEARS.contains(&ask.subsidy_year) {
        form.refuse("subsidy_year", "不是有效年度", "is no subsidy year");
    }
    let mut told = match programme {
        Programme::P1 | Programme::P2 | Programme::N1 => family(&mut form, pack, ask, lodged_on)?,
        Programme::P3 | Programme::P4 => institution(&mut form, ask)?,
    };
    let claim = Claim {
        id: ID.into(),
        programme,
        claimant: told.claimant,
        subject: told.subject,
        county: county_of_claim(&mut form, county.or(told.home)),
        lodged_on,
        subsidy_year: match programme {
            Programme::P1 | Programme::P4 => None,
            _ if ask.subsidy_year != 0 => Some(ask.subsidy_year),
            Programme::P2 | Programme::N1 => {
                Some(family_round(pack, context.calendar, lodged_on) - 1)
            }
            Programme::P3 => Some(institution_round(pack, context.calendar, lodged_on) - 1),
        },
        taken_over_on: None,
    };
    told.facts.other_claims = family::list(
        &mut form,
        "earlier_claims",
        &ask.earlier_claims,
        |form, field, it| earlier(form, field, it, &claim),
    );
    form.finish()?;
    Ok((claim, told.facts))
}

/// What an asker tells.
struct Told {
    claimant: String,
    subject: String,
    /// County of the child's hukou, or of the institution.
    home: Option<DivisionCode>,
    facts: Facts,
}

fn family(
    form: &mut Form,
    pack: &PolicyPack,
    ask: &pb::PreCheckRequest,
    lodged_on: Date,
) -> Result<Told> {
    let Some(family) = &ask.family else {
        return Err(refusal::invalid(vec![required("family")]).into());
    };
    if ask.institution.is_some() {
        not_asked(form, "institution");
    }
    let child = read::label(form, "family.child", &family.child).unwrap_or_default();
    let applicant = read::label(form, "family.applicant", &family.applicant).unwrap_or_default();
    let mut facts = family::facts(form, family);
    form.finish()?;

    let mut born = facts.births.iter().flat_map(|it| &it.children);
    let born_on = born
        .find(|it| it.id == child)
        .map(|it| it.born_on)
        .or_else(|| Some(facts.persons.iter().find(|it| it.id == child)?.born_on));
    let Some(born_on) = born_on else {
        form.refuse(
            "family.child",
            "deliveries和persons中没有此孩子",
            "is no child of `deliveries` or `persons`",
        );
        form.finish()?;
        return Err(refusal::invalid(vec![required("family.child")]).into());
    };
    facts.enrolments = family::stays(form, family, &child, born_on);
    let asked = contradictions::Asked {
        applicant: &applicant,
        child: &child,
        lodged_on,
    };
    contradictions::check(form, &facts, &asked);
    form.finish()?;
    let gap_days = pack.parameters.hukou_gap_days;
    Ok(Told {
        home: facts.hukou_on(&child, lodged_on, gap_days),
        claimant: applicant,
        subject: child,
        facts,
    })
}

fn institution(form: &mut Form, ask: &pb::PreCheckRequest) -> Result<Told> {
    let Some(situation) = &ask.institution else {
        return Err(refusal::invalid(vec![required("institution")]).into());
    };
    if ask.family.is_some() {
        not_asked(form, "family");
    }
    let facts = institution::facts(form, situation);
    form.finish()?;
    let home = facts.institutions.first();
    let label = home.map(|it| it.id.clone()).unwrap_or_default();
    Ok(Told {
        claimant: label.clone(),
        subject: label,
        home: home.map(|it| it.county),
        facts,
    })
}

fn not_asked(form: &mut Form, field: &str) {
    form.refuse(
        field,
        "不属于该补贴项目",
        "does not belong to this programme",
    );
}

fn county_of_claim(form: &mut Form, county: Option<DivisionCode>) -> DivisionCode {
    county.unwrap_or_else(|| {
        form.refuse(
            "county",
            "孩子当日没有户籍，请指明拟申请的旗县区",
            "the child has no hukou on the day: name the county of the claim",
        );
        yuhui_kernel::city()
    })
}

/// A claim lodged before: open, paid, or sent on to another county.
fn earlier(
    form: &mut Form,
    field: &str,
    it: &pb::EarlierClaim,
    claim: &Claim,
) -> Option<OtherClaim> {
    let claimant = read::label_or_none(form, &format!("{field}.claimant"), &it.claimant);
    let county = read::county(form, &format!("{field}.county"), &it.county);
    let lodged_on = form.date(&format!("{field}.lodged_on"), &it.lodged_on)?;
    if lodged_on > claim.lodged_on {
        form.refuse(
            format!("{field}.lodged_on"),
            "晚于本次申请",
            "is after the claim asked about",
        );
    }
    if it.paid_fen < 0 {
        form.refuse(
            format!("{field}.paid_fen"),
            "不得为负数",
            "must not be negative",
        );
    }
    if it.paid_fen > 0 && !YEARS.contains(&it.round) {
        form.refuse(
            format!("{field}.round"),
            "已发放的须注明发放年度",
            "must name the round that paid",
        );
    }
    let outcome = if it.wrong_county {
        OtherOutcome::Refused {
            decision: Decision::NotAccepted,
            reason: Some(Reason::WrongCounty),
        }
    } else if it.paid_fen > 0 {
        OtherOutcome::Paid {
            amount: Money::from_fen(it.paid_fen),
            round: it.round,
            confirmed_on: None,
        }
    } else {
        OtherOutcome::Open
    };
    Some(OtherClaim {
        id: field.to_owned(),
        programme: claim.programme,
        subject: claim.subject.clone(),
        claimant: claimant?.unwrap_or_else(|| claim.claimant.clone()),
        county: county?,
        lodged_on,
        earlier: true,
        subsidy_year: match it.subsidy_year {
            0 => claim.subsidy_year,
            year => Some(year),
        },
        outcome,
    })
}
