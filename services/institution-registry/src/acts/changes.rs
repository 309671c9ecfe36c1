//! Changes of an institution's record: proposed by one person, approved by
//! another of the same office (DYN-1).

use yuhui_platform::{
    Caller, Error, Result,
    act::OpenAct,
    audit, clock,
    form::Form,
    idempotency,
    refusal::{self, Common, Violation},
    unless_answered,
};
use yuhui_proto::institution::v1 as pb;

use crate::{
    Deps, convert,
    domain::{Change, Honour, HonourLevel, LegalPerson, Misfit, Office, Suspension},
    gate::{self, Deed},
    separation::none_heads,
    store::{changes, institutions},
};

/// Longest document number, in characters.
const DOCUMENT: usize = 100;
/// Years for which head-counts are certified.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;
/// Most children of one institution.
const CHILDREN: std::ops::RangeInclusive<i32> = 0..=100_000;

/// The health office proposes a change.
pub async fn propose(
    deps: &Deps,
    caller: &Caller,
    ask: pb::ProposeChangeRequest,
) -> Result<pb::ProposeChangeResponse> {
    propose_for(deps, caller, ask, Office::Health).await
}

/// The health office approves a change.
pub async fn approve(
    deps: &Deps,
    caller: &Caller,
    ask: pb::ApproveChangeRequest,
) -> Result<pb::ApproveChangeResponse> {
    approve_for(deps, caller, ask, Office::Health).await
}

/// The education bureau proposes a change.
pub async fn propose_education(
    deps: &Deps,
    caller: &Caller,
    ask: pb::ProposeEducationChangeRequest,
) -> Result<pb::ProposeEducationChangeResponse> {
    let ask = pb::ProposeChangeRequest {
        parent: ask.parent,
        change: ask.change,
        request_id: ask.request_id,
    };
    let answer = propose_for(deps, caller, ask, Office::Education).await?;
    Ok(pb::ProposeEducationChangeResponse {
        change: answer.change,
    })
}

/// The education bureau approves a change.
pub async fn approve_education(
    deps: &Deps,
    caller: &Caller,
    ask: pb::ApproveEducationChangeRequest,
) -> Result<pb::ApproveEducationChangeResponse> {
    let ask = pb::ApproveChangeRequest {
        name: ask.name,
        etag: ask.etag,
        request_id: ask.request_id,
    };
    let answer = approve_for(deps, caller, ask, Office::Education).await?;
    Ok(pb::ApproveEducationChangeResponse {
        institution: answer.institution,
    })
}

/// The city proposes an honour of its own.
pub async fn propose_honour(
    deps: &Deps,
    caller: &Caller,
    ask: pb::ProposeMunicipalHonourRequest,
) -> Result<pb::ProposeMunicipalHonourResponse> {
    let ask = pb::ProposeChangeRequest {
        parent: ask.parent,
        change: ask.change,
        request_id: ask.request_id,
    };
    let answer = propose_for(deps, caller, ask, Office::City).await?;
    Ok(pb::ProposeMunicipalHonourResponse {
        change: answer.change,
    })
}

/// The city approves an honour of its own.
pub async fn approve_honour(
    deps: &Deps,
    caller: &Caller,
    ask: pb::ApproveMunicipalHonourRequest,
) -> Result<pb::ApproveMunicipalHonourResponse> {
    let ask = pb::ApproveChangeRequest {
        name: ask.name,
        etag: ask.etag,
        request_id: ask.request_id,
    };
    let answer = approve_for(deps, caller, ask, Office::City).await?;
    Ok(pb::ApproveMunicipalHonourResponse {
        institution: answer.institution,
    })
}

/// Keeps a proposal of `office`.
async fn propose_for(
    deps: &Deps,
    caller: &Caller,
    ask: pb::ProposeChangeRequest,
    office: Office,
) -> Result<pb::ProposeChangeResponse> {
    let (named, id) = convert::institution_named("parent", &ask.parent)?;
    let tenant = caller.tenant_for(&named)?;
    let key = idempotency::Key::new(caller, &ask.request_id, &ask)?;
    let change = read(deps, ask.change.and_then(|it| it.change), office)?;
    let relatives = deps
        .peers
        .relatives(caller, tenant, deps.clock.today())
        .await;

    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, tenant, key));
    let tx = &act.tx;
    let stored = institutions::reach_locked(tx, caller, id, &ask.parent).await?;
    let relatives = relatives?;
    let today = deps.clock.today();
    none_heads(&relatives, &stored.institution.record, today)?;
    let changed = change.applied_to(&stored.institution).map_err(misfit)?;
    none_heads(&relatives, &changed, today)?;
    let proposal = clock::fresh_id();
    let replaces = change.replaces(&stored.institution.record);
    let kept = (&change, replaces.as_ref());
    changes::propose(tx, caller, today, proposal, id, kept).await?;
    let of = convert::name_of(&stored.institution);
    let kept = changes::find(tx, id, proposal).await?;
    let kept = kept.ok_or_else(|| Error::fault("a proposal that was not kept"))?;
    let shown = convert::proposal(&of, &kept)?;
    let entry = audit::Entry::new("institution.change.propose", &shown.name).after(&change);
    act.record(entry).await?;
    act.finish(pb::ProposeChangeResponse {
        change: Some(shown),
    })
    .await
}

/// Approves a proposal of `office`.
async fn approve_for(
    deps: &Deps,
    caller: &Caller,
    ask: pb::ApproveChangeRequest,
    office: Office,
) -> Result<pb::ApproveChangeResponse> {
    let (named, id, change) = convert::change_named("name", &ask.name)?;
    let tenant = caller.tenant_for(&named)?;
    let key = idempotency::Key::new(caller, &ask.request_id, &ask)?;
    let relatives = deps
        .peers
        .relatives(caller, tenant, deps.clock.today())
        .await;

    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, tenant, key));
    let tx = &act.tx;
    let not_found = || Error::from(refusal::not_found(&ask.name));
    let mut stored = institutions::locked(tx, id).await?.ok_or_else(not_found)?;
    let proposal = changes::find(tx, id, change).await?.ok_or_else(not_found)?;
    let state = gate::ends(Deed::Approve(office), caller, &proposal, &ask.name)?;
    let (relatives, today) = (relatives?, deps.clock.today());
    let of = (&relatives, today);
    let record = gate::approved(&proposal, &ask.name, &stored.institution, of)?;
    refusal::seen(&ask.etag, &proposal.etag()?)?;
    changes::end(tx, caller, today, &proposal, (state, "")).await?;
    institutions::replace_record(tx, &stored, &record).await?;
    let entry = audit::Entry::new("institution.change.approve", &ask.name)
        .before(&stored.institution.record)
        .after(&record);
    act.record(entry).await?;
    stored.institution.record = record;
    act.finish(pb::ApproveChangeResponse {
        institution: Some(convert::institution(stored.institution)),
    })
    .await
}

fn misfit(misfit: Misfit) -> Common {
    refusal::invalid(vec![Violation::new("change", misfit.zh(), misfit.en())])
}

/// The change, which must be one that `office` decides.
fn read(deps: &Deps, stated: Option<pb::change::Change>, office: Office) -> Result<Change, Common> {
    let mut form = Form::default();
    let change = stated.and_then(|it| read_change(&mut form, deps, it));
    form.finish()?;
    change
        .filter(|it| it.office() == office)
        .ok_or_else(|| match office {
            Office::Health => refusal::invalid(vec![Violation::new(
                "change",
                "须为备案、普惠认定、停业、国家或自治区荣誉、法定代表人变更；市级荣誉由市卫生健康委登记",
                "must be a filing, recognition, suspension, honour of the region or the nation, or another \
                 legal person; an honour of the city is entered by the city",
            )]),
            Office::City => refusal::invalid(vec![Violation::new(
                "change",
                "须为市级荣誉",
                "must be an honour of municipal level",
            )]),
            Office::Education => refusal::invalid(vec![Violation::new(
                "change",
                "须为教育部门批准或人数证明",
                "must be an education approval or a head-count certificate",
            )]),
        })
}

fn read_change(form: &mut Form, deps: &Deps, stated: pb::change::Change) -> Option<Change> {
    use pb::change::Change as Stated;
    let change = match stated {
        Stated::FiledOn(on) => Change::Filed {
            on: form.date("change.filed_on", &on)?,
        },
        Stated::InclusiveRecognisedOn(on) => Change::InclusiveRecognised {
            on: form.date("change.inclusive_recognised_on", &on)?,
        },
        Stated::EducationApprovedOn(on) => Change::EducationApproved {
            on: form.date("change.education_approved_on", &on)?,
        },
        Stated::Suspension(it) => {
            let (from_on, to_on) = form.period("change.suspension", &it.from_on, &it.to_on)?;
            Change::Suspended(Suspension { from_on, to_on })
        }
        Stated::Honour(it) => Change::Honoured(read_honour(form, &it)?),
        Stated::LegalPerson(it) => {
            let number = form.identity_number("change.legal_person.person", &it.person);
            let from_on = form.date("change.legal_person.from_on", &it.from_on);
            Change::Headed(LegalPerson {
                from_on: from_on?,
                person_ref: deps.vault.person(&number?.expose()),
            })
        }
        Stated::Certificate(it) => {
            if !YEARS.contains(&it.subsidy_year) {
                form.refuse(
                    "change.certificate.subsidy_year",
                    "不是有效年度",
                    "is no subsidy year",
                );
            }
            if !CHILDREN.contains(&it.headcount) {
                form.refuse(
                    "change.certificate.headcount",
                    "不是有效人数",
                    "is no number of children",
                );
            }
            Change::Certified {
                subsidy_year: it.subsidy_year,
                headcount: it.headcount,
            }
        }
    };
    Some(change)
}

fn read_honour(form: &mut Form, stated: &pb::Honour) -> Option<Honour> {
    let granted_on = form.date("change.honour.granted_on", &stated.granted_on);
    let number = &stated.document_number;
    let number = form.text("change.honour.document_number", number, DOCUMENT);
    let level = match stated.level() {
        pb::HonourLevel::Municipal => HonourLevel::Municipal,
        pb::HonourLevel::Regional => HonourLevel::Regional,
        pb::HonourLevel::National => HonourLevel::National,
        pb::HonourLevel::Unspecified => {
            form.refuse("change.honour.level", "须填写荣誉级别", "must be stated");
            return None;
        }
    };
    Some(Honour {
        granted_on: granted_on?,
        level,
        document_number: number?.to_owned(),
    })
}
