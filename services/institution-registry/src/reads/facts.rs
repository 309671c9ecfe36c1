//! Facts for decisions, across counties, as known by today. Children are
//! named by blind reference, and of other institutions only the stays of the
//! same children are told.

use yuhui_kernel::dates;
use yuhui_platform::{Caller, Result, db::Tenancy, form::Form, refusal};
use yuhui_proto::internal::v1 as pb;

use crate::{
    Deps,
    clients::registers::OneChild,
    convert,
    domain::Span,
    store::facts::{self, Dossier},
};

/// Most further numbers of one child.
const ALIASES: usize = 10;
/// Subsidy years that may be asked for.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

/// An institution, the children there, and their stays elsewhere (R-P3-5).
pub async fn of_institution(
    deps: &Deps,
    caller: &Caller,
    ask: pb::GatherInstitutionFactsRequest,
) -> Result<pb::GatherInstitutionFactsResponse> {
    let mut form = Form::default();
    read_reference(&mut form, "institution_ref", &ask.institution_ref);
    if ask.subsidy_year != 0 && !YEARS.contains(&ask.subsidy_year) {
        form.refuse("subsidy_year", "不是有效年度", "is no subsidy year");
    }
    form.finish()?;

    let today = deps.clock.today();
    let span = Span::of_year(ask.subsidy_year, today);
    let tx = deps.db.read(Tenancy::All).await?;
    let institution = facts::institution(&tx, &ask.institution_ref, today).await?;
    let institution = institution.ok_or_else(|| refusal::not_found(&ask.institution_ref))?;
    let mut enrolments = facts::stays_in(&tx, &institution, span, today).await?;
    drop(tx);
    // A model nursery is rewarded whatever its children do elsewhere (P4).
    let elsewhere = if ask.subsidy_year == 0 || enrolments.is_empty() {
        Vec::new()
    } else {
        let children = enrolments.iter().map(|it| it.child_ref.as_str()).collect();
        let one_child = OneChild::of(deps, caller, institution.tenant, &children).await?;
        enrolments = one_child.rename(enrolments);
        let tx = deps.db.read(Tenancy::All).await?;
        let others: Vec<_> = one_child.others().collect();
        let mut elsewhere = facts::elsewhere(&tx, &institution, &others, span, today).await?;
        for dossier in &mut elsewhere {
            dossier.enrolments = one_child.rename(std::mem::take(&mut dossier.enrolments));
        }
        elsewhere
    };
    let dossier = Dossier {
        institution,
        enrolments,
    };
    Ok(pb::GatherInstitutionFactsResponse {
        dossier: Some(convert::dossier(dossier)),
        elsewhere: elsewhere.into_iter().map(convert::dossier).collect(),
        answered_on: dates::format(today),
    })
}

/// A child's stays anywhere in the city (R-P2-3, R-P2-4).
pub async fn of_child(
    deps: &Deps,
    ask: pb::GatherEnrolmentFactsRequest,
) -> Result<pb::GatherEnrolmentFactsResponse> {
    let mut form = Form::default();
    read_reference(&mut form, "child_ref", &ask.child_ref);
    form.limit("alias_refs", &ask.alias_refs, ALIASES);
    for (i, alias) in ask.alias_refs.iter().take(ALIASES).enumerate() {
        read_reference(&mut form, &format!("alias_refs[{i}]"), alias);
    }
    form.finish()?;

    let today = deps.clock.today();
    let tx = deps.db.read(Tenancy::All).await?;
    let dossiers = facts::stays_of(&tx, &ask.child_ref, &ask.alias_refs, today).await?;
    let unchecked = facts::unchecked_of(&tx, &ask.child_ref, &ask.alias_refs, today).await?;
    let unchecked = unchecked.into_iter().map(convert::dossier);
    Ok(pb::GatherEnrolmentFactsResponse {
        unchecked: unchecked.flat_map(|it| it.enrolments).collect(),
        dossiers: dossiers.into_iter().map(convert::dossier).collect(),
        answered_on: dates::format(today),
    })
}

fn read_reference(form: &mut Form, field: &str, text: &str) {
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        form.refuse(
            field,
            "须为64位十六进制标识",
            "must be a blind reference of 64 hex digits",
        );
    }
}
