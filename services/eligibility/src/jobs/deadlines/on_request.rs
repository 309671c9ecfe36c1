//! The run over the deadlines, asked for by a person (R-PRC-3).

use time::Date;
use yuhui_kernel::{Tenant, dates};
use yuhui_platform::{
    Result, act, audit, caller::Caller, db::Tenancy, form::Form, idempotency::Key, unless_answered,
};
use yuhui_proto::eligibility::v1 as pb;

use super::Run;
use crate::{
    context::Context, convert::deadlines::flag, names::ALL_COUNTIES, reads::deadlines::tenancy,
};

/// New flags told by the answer of a run.
const TOLD: usize = 100;

/// Runs for a date that has come. What it does, it does in nobody's name; that it was run is the
/// caller's.
pub(crate) async fn run(
    context: &Context,
    caller: &Caller,
    ask: pb::RunDeadlinesRequest,
) -> Result<pb::RunDeadlinesResponse> {
    let counties = match tenancy(caller, &ask.parent)? {
        Tenancy::One(county) => vec![county],
        Tenancy::All | Tenancy::City => Tenant::all().to_vec(),
    };
    let on = business_date(context, &ask.on)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let scope = match (ask.parent.as_str(), &counties[..]) {
        (ALL_COUNTIES, _) | (_, []) => Tenancy::City,
        (_, [county, ..]) => Tenancy::One(*county),
    };
    drop(unless_answered!(act::look(&context.db, scope, &key)));
    let mut answer = pb::RunDeadlinesResponse {
        on: dates::format(on),
        ..pb::RunDeadlinesResponse::default()
    };
    let pack = context.pack_on(on).await?;
    let run = Run::new(&context.db, &context.clock, &pack, context.calendar, on);
    for county in counties {
        let found = run.county(county).await?;
        answer.flagged += i32::try_from(found.flags.len()).unwrap_or(i32::MAX);
        answer.settled += i32::try_from(found.settled).unwrap_or(i32::MAX);
        answer.lapsed_holds.extend(found.lapsed);
        let room = TOLD.saturating_sub(answer.flags.len());
        let told = found.flags.iter().take(room).map(|it| flag(it, None));
        answer.flags.extend(told);
    }
    let act = unless_answered!(context.open_act(caller, scope, key));
    let entry = audit::Entry::new("deadline.run", &ask.parent)
        .reason(dates::format(on))
        .after(&[answer.flagged, answer.settled]);
    act.record(entry).await?;
    act.finish(answer).await
}

fn business_date(context: &Context, text: &str) -> Result<Date> {
    let today = context.today();
    let mut form = Form::default();
    let on = form.date_or_none("on", text).flatten().unwrap_or(today);
    if on > today {
        form.refuse("on", "不得晚于今日", "is after today");
    }
    form.finish()?;
    Ok(on)
}
