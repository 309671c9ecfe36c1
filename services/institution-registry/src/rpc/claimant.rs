//! What an institution says of itself: the stays of its children, and how the
//! money was used.

use std::collections::BTreeMap;

use prost::Message;
use sha2::{Digest as _, Sha256};
use time::Date;
use yuhui_kernel::Money;
use yuhui_platform::{Caller, Result, audit, form::Form, idempotency};
use yuhui_proto::institution::v1 as pb;

use super::names;
use crate::{
    Deps,
    domain::{Enrolment, UseReport},
    store::{
        enrolments::{self, Stays},
        use_reports,
    },
};

/// Most stays in one report.
const STAYS: usize = 1000;
/// Longest explanation, in characters.
const NOTE: usize = 2000;
/// Rounds money is paid in.
const ROUNDS: std::ops::RangeInclusive<i32> = 2025..=2100;

/// Takes a report of stays; they count once the county has checked them.
pub async fn report_enrolments(
    deps: &Deps,
    caller: &Caller,
    ask: pb::ReportEnrolmentsRequest,
) -> Result<pb::ReportEnrolmentsResponse> {
    let (named, id) = names::read_institution("parent", &ask.parent)?;
    let tenant = caller.tenant_for(&named)?;
    let key = idempotency::Key::new(caller, &ask.request_id, &ask)?;
    let mut form = Form::default();
    form.limit("enrolments", &ask.enrolments, STAYS);
    form.finish()?;
    let fields = read(&mut form, deps, &ask.enrolments);
    form.finish()?;

    let tx = deps.db.begin(tenant).await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    let stored = names::reach_locked(&tx, caller, id, &ask.parent).await?;
    let children = fields.keys().map(|(child, _)| child.as_str()).collect();
    let known = enrolments::of_children(&tx, id, children).await?;
    check_birth_dates(&mut form, &known, &fields);
    form.finish()?;
    let stays = fields.into_iter().map(|(key, (_, stay))| (key, stay));
    let written = enrolments::report(&tx, id, &known, stays.collect()).await?;
    // Proves what was sent, without naming the children.
    let after = serde_json::json!({
        "written": written,
        "sha256": hex::encode(Sha256::digest(ask.encode_to_vec())),
    });
    let object = names::institution(&stored.institution);
    let entry = audit::Entry::new("institution.enrolments.report", object).after(&after);
    audit::record(&tx, caller, deps.clock.now(), entry).await?;
    let answer = pb::ReportEnrolmentsResponse {
        written: i32::try_from(written).unwrap_or(i32::MAX),
    };
    key.remember(&tx, &answer).await?;
    tx.commit().await?;
    Ok(answer)
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

/// Takes a report on the use of the money (三(三)2(5)).
pub async fn submit_use_report(
    deps: &Deps,
    caller: &Caller,
    ask: pb::SubmitUseReportRequest,
) -> Result<pb::SubmitUseReportResponse> {
    let (named, id) = names::read_institution("parent", &ask.parent)?;
    let tenant = caller.tenant_for(&named)?;
    let key = idempotency::Key::new(caller, &ask.request_id, &ask)?;
    let report = read_use_report(&ask)?;

    let tx = deps.db.begin(tenant).await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    let stored = names::reach_locked(&tx, caller, id, &ask.parent).await?;
    let earlier = use_reports::submit(&tx, id, deps.clock.today(), &report).await?;
    let parent = names::institution(&stored.institution);
    let name = format!("{parent}/useReports/{}", ask.round);
    let mut entry = audit::Entry::new("institution.use-report.submit", &name).after(&report);
    if let Some(earlier) = earlier {
        entry = entry.before(&earlier);
    }
    audit::record(&tx, caller, deps.clock.now(), entry).await?;
    let answer = pb::SubmitUseReportResponse { name };
    key.remember(&tx, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

fn read_use_report(ask: &pb::SubmitUseReportRequest) -> Result<UseReport> {
    let mut form = Form::default();
    if !ROUNDS.contains(&ask.round) {
        form.refuse("round", "不是有效的发放年度", "is no round");
    }
    let amounts = [
        ("operating_fen", ask.operating_fen),
        ("other_fen", ask.other_fen),
    ];
    for (field, fen) in amounts {
        if fen < 0 {
            form.refuse(field, "不得为负数", "must not be negative");
        }
    }
    if ask.note.chars().count() > NOTE {
        form.refuse(
            "note",
            format!("最多{NOTE}个字符"),
            format!("has more than {NOTE} characters"),
        );
    }
    form.finish()?;
    Ok(UseReport {
        round: ask.round,
        operating: Money::from_fen(ask.operating_fen),
        other: Money::from_fen(ask.other_fen),
        note: ask.note.clone(),
    })
}
