//! How an institution used the money, and what the county finds of it.

use yuhui_kernel::Money;
use yuhui_platform::{
    Caller, Result,
    act::OpenAct,
    audit,
    form::Form,
    idempotency,
    refusal::{not_found, seen},
    unless_answered,
};
use yuhui_proto::institution::v1 as pb;

use crate::{
    Deps, convert,
    domain::{Review, UseReport, Verdict},
    separation::none_heads,
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

/// The county says whether the money was spent as it must be (I6). Money that was diverted is an inquiry's,
/// then 五(三)3.
pub async fn review(
    deps: &Deps,
    caller: &Caller,
    ask: pb::ReviewUseReportRequest,
) -> Result<pb::ReviewUseReportResponse> {
    let (named, id, round) = convert::use_report_named("name", &ask.name)?;
    let tenant = caller.tenant_for(&named)?;
    let key = idempotency::Key::new(caller, &ask.request_id, &ask)?;
    let today = deps.clock.today();
    let relatives = deps.peers.relatives(caller, tenant, today).await;

    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, tenant, key));
    let tx = &act.tx;
    let stored = institutions::reach_locked(tx, caller, id, &ask.name).await?;
    none_heads(&relatives?, &stored.institution.record, today)?;
    let found = use_reports::find(tx, id, round).await?;
    let mut kept = found.ok_or_else(|| not_found(&ask.name))?;
    seen(&ask.etag, &kept.report.digest()?)?;
    let review = Review {
        verdict: match ask.verdict() {
            pb::use_report::Verdict::Diverted => Verdict::Diverted,
            _ => Verdict::Proper,
        },
        words: ask.words.trim().to_owned(),
        by: caller.account.clone(),
    };
    use_reports::review(tx, id, round, today, &review).await?;
    let mut entry = audit::Entry::new("institution.use-report.review", &ask.name);
    if let Some((earlier, _)) = &kept.review {
        entry = entry.before(earlier);
    }
    act.record(entry.after(&review).reason(&review.words))
        .await?;
    kept.review = Some((review, today));
    let parent = convert::name_of(&stored.institution);
    act.finish(pb::ReviewUseReportResponse {
        use_report: Some(convert::use_report(&parent, &kept)?),
    })
    .await
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
