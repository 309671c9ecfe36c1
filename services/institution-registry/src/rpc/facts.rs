//! Facts for decisions, across counties, as known by today. Children are
//! named by blind reference, and of other institutions only the stays of the
//! same children are told.

use yuhui_kernel::dates;
use yuhui_platform::{Result, db::Tenancy, form::Form, refusal};
use yuhui_proto::institution::v1 as pb;

use super::shown;
use crate::{
    Deps,
    domain::Span,
    store::facts::{self, Dossier},
};

/// Subsidy years that may be asked for.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

/// An institution, the children there, and their stays elsewhere (R-P3-5).
pub async fn of_institution(
    deps: &Deps,
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
    let enrolments = facts::stays_in(&tx, &institution, span, today).await?;
    // A model nursery is rewarded whatever its children do elsewhere (P4).
    let elsewhere = if ask.subsidy_year == 0 || enrolments.is_empty() {
        Vec::new()
    } else {
        facts::elsewhere(&tx, &institution, span, today).await?
    };
    let dossier = Dossier {
        institution,
        enrolments,
    };
    Ok(pb::GatherInstitutionFactsResponse {
        dossier: Some(shown::dossier(dossier)),
        elsewhere: elsewhere.into_iter().map(shown::dossier).collect(),
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
    form.finish()?;

    let today = deps.clock.today();
    let tx = deps.db.read(Tenancy::All).await?;
    let dossiers = facts::stays_of(&tx, &ask.child_ref, today).await?;
    Ok(pb::GatherEnrolmentFactsResponse {
        dossiers: dossiers.into_iter().map(shown::dossier).collect(),
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
