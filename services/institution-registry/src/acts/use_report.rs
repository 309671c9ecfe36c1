//! How an institution used the money.

use yuhui_kernel::Money;
use yuhui_platform::{
    Caller, Result, act::OpenAct, audit, form::Form, idempotency, unless_answered,
};
use yuhui_proto::institution::v1 as pb;

use crate::{
    Deps, convert,
    domain::UseReport,
    store::{institutions, use_reports},
};

/// Longest explanation, in characters.
const NOTE: usize = 2000;
/// Rounds money is paid in.
const ROUNDS: std::ops::RangeInclusive<i32> = 2025..=2100;

/// Takes a report on the use of the money (三(三)2(5)).
pub async fn submit(
    deps: &Deps,
    caller: &Caller,
    ask: pb::SubmitUseReportRequest,
) -> Result<pb::SubmitUseReportResponse> {
    let (named, id) = convert::institution_named("parent", &ask.parent)?;
    let tenant = caller.tenant_for(&named)?;
    let key = idempotency::Key::new(caller, &ask.request_id, &ask)?;
    let report = read_use_report(&ask)?;

    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, tenant, key));
    let tx = &act.tx;
    let stored = institutions::reach_locked(tx, caller, id, &ask.parent).await?;
    let earlier = use_reports::submit(tx, id, deps.clock.today(), &report).await?;
    let parent = convert::name_of(&stored.institution);
    let name = format!("{parent}/useReports/{}", ask.round);
    let mut entry = audit::Entry::new("institution.use-report.submit", &name).after(&report);
    if let Some(earlier) = earlier {
        entry = entry.before(&earlier);
    }
    act.record(entry).await?;
    act.finish(pb::SubmitUseReportResponse { name }).await
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
