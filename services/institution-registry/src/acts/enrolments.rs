//! The stays of an institution's children: it reports them, and they count once the county has checked
//! them.

use std::collections::BTreeMap;

use prost::Message;
use sha2::{Digest as _, Sha256};
use time::Date;
use yuhui_platform::{
    Caller, Result, act::OpenAct, audit, form::Form, idempotency, refusal, unless_answered,
};
use yuhui_proto::institution::v1 as pb;

use crate::{
    Deps, convert,
    domain::{Enrolment, digest},
    separation::none_heads,
    store::{
        enrolments::{self, Stays},
        institutions,
    },
};

/// Most stays in one report.
const STAYS: usize = 1000;
/// Longest note of a check, in characters.
const NOTE: usize = 2000;

/// Takes a report of stays; they count once the county has checked them.
pub async fn report(
    deps: &Deps,
    caller: &Caller,
    ask: pb::ReportEnrolmentsRequest,
) -> Result<pb::ReportEnrolmentsResponse> {
    let (named, id) = convert::institution_named("parent", &ask.parent)?;
    let tenant = caller.tenant_for(&named)?;
    let key = idempotency::Key::new(caller, &ask.request_id, &ask)?;
    let mut form = Form::default();
    form.limit("enrolments", &ask.enrolments, STAYS);
    form.finish()?;
    let fields = read(&mut form, deps, &ask.enrolments);
    form.finish()?;

    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, tenant, key));
    let tx = &act.tx;
    let stored = institutions::reach_locked(tx, caller, id, &ask.parent).await?;
    let children = fields.keys().map(|(child, _)| child.as_str()).collect();
    let known = enrolments::of_children(tx, id, children).await?;
    check_birth_dates(&mut form, &known, &fields);
    form.finish()?;
    let stays = fields.into_iter().map(|(key, (_, stay))| (key, stay));
    let written = enrolments::report(tx, id, &known, stays.collect()).await?;
    // Proves what was sent, without naming the children.
    let after = serde_json::json!({
        "written": written,
        "sha256": hex::encode(Sha256::digest(ask.encode_to_vec())),
    });
    let object = convert::name_of(&stored.institution);
    let entry = audit::Entry::new("institution.enrolments.report", object).after(&after);
    act.record(entry).await?;
    act.finish(pb::ReportEnrolmentsResponse {
        written: i32::try_from(written).unwrap_or(i32::MAX),
    })
    .await
}

/// Stays by child and first day, each with the place where it stands; of two
/// with the same key the later counts.
type Stated = BTreeMap<(String, Date), (String, Enrolment)>;

fn read(form: &mut Form, deps: &Deps, records: &[pb::Enrolment]) -> Stated {
    let mut stays = Stated::new();
    for (i, record) in records.iter().enumerate() {
        let field = format!("enrolments[{i}]");
        if let Some(stay) = read_stay(form, deps, &field, record) {
            stays.insert((stay.child_ref.clone(), stay.from_on), (field, stay));
        }
    }
    stays
}

fn read_stay(
    form: &mut Form,
    deps: &Deps,
    field: &str,
    record: &pb::Enrolment,
) -> Option<Enrolment> {
    let number = form.identity_number(&format!("{field}.child"), &record.child);
    let born_on = form.date(&format!("{field}.child_born_on"), &record.child_born_on);
    let period = form.period(field, &record.from_on, &record.to_on);
    let (number, child_born_on, (from_on, to_on)) = (number?, born_on?, period?);
    if number
        .birth_date()
        .is_some_and(|told| told != child_born_on)
    {
        form.refuse(
            format!("{field}.child_born_on"),
            "与公民身份号码中的出生日期不符",
            "is not the birth date the citizen number tells",
        );
    }
    if from_on < child_born_on {
        form.refuse(
            format!("{field}.from_on"),
            "早于出生日期",
            "is before the birth date",
        );
    }
    Some(Enrolment {
        child_ref: deps.vault.blind("identity-number", &number.expose()),
        from_on,
        to_on,
        child_born_on,
        fee_receipts: record.fee_receipts,
    })
}

/// All stays of a child, once this report is taken, must agree on its birth
/// date; a wrong one is corrected by reporting them all.
fn check_birth_dates(form: &mut Form, known: &Stays, stated: &Stated) {
    let mut told: BTreeMap<&str, Date> = known
        .iter()
        .filter(|(key, _)| !stated.contains_key(*key))
        .map(|((child, _), stay)| (child.as_str(), stay.child_born_on))
        .collect();
    for ((child, _), (field, stay)) in stated {
        let first = told.entry(child).or_insert(stay.child_born_on);
        if *first != stay.child_born_on {
            form.refuse(
                format!("{field}.child_born_on"),
                "与同一孩子的另一记录不一致",
                "is another than that of the child's other stays",
            );
        }
    }
}

/// Marks what was reported so far as checked (I4): what the checker saw, and nothing that was
/// reported since.
pub async fn check(
    deps: &Deps,
    caller: &Caller,
    ask: pb::CheckEnrolmentsRequest,
) -> Result<pb::CheckEnrolmentsResponse> {
    let (named, id) = convert::institution_named("parent", &ask.parent)?;
    let tenant = caller.tenant_for(&named)?;
    let key = idempotency::Key::new(caller, &ask.request_id, &ask)?;
    let mut form = Form::default();
    if ask.note.chars().count() > NOTE {
        form.refuse(
            "note",
            format!("最多{NOTE}个字符"),
            format!("has more than {NOTE} characters"),
        );
    }
    form.finish()?;
    let relatives = deps
        .peers
        .relatives(caller, tenant, deps.clock.today())
        .await;

    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, tenant, key));
    let tx = &act.tx;
    let stored = institutions::reach_locked(tx, caller, id, &ask.parent).await?;
    let today = deps.clock.today();
    none_heads(&relatives?, &stored.institution.record, today)?;
    refusal::seen(&ask.digest, &digest(enrolments::waiting(tx, id).await?))?;
    let checked = enrolments::check(tx, caller, id, today).await?;
    let object = convert::name_of(&stored.institution);
    let entry = audit::Entry::new("institution.enrolments.check", object)
        .after(&serde_json::json!({ "checked": checked, "digest": ask.digest }))
        .note(&ask.note);
    act.record(entry).await?;
    act.finish(pb::CheckEnrolmentsResponse {
        checked: i32::try_from(checked).unwrap_or(i32::MAX),
    })
    .await
}
