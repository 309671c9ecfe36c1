//! 应急访问 (DYN-8): opened with a reason, closed, and reviewed by discipline inspection.

use yuhui_kernel::{Tenant, resource_name};
use yuhui_platform::{
    Caller, Result,
    act::OpenAct,
    audit::Entry,
    clock,
    db::{Tenancy, Tx},
    idempotency::Key,
    refusal::not_found,
    unless_answered,
};
use yuhui_proto::identity::v1::{self as pb, break_glass::Verdict};

use crate::{
    context::Context,
    convert,
    domain::break_glass::{LIFE, State},
    refusal::Refused,
    sessions::micros,
    store::{
        break_glass::{self, Model},
        holders,
    },
};

/// The system administrator opens a county.
pub async fn open(
    context: &Context,
    caller: &Caller,
    ask: pb::OpenBreakGlassRequest,
) -> Result<pb::OpenBreakGlassResponse> {
    let county = resource_name::county(&ask.parent).and_then(|it| Tenant::parse(it).ok());
    let county = county.ok_or_else(|| not_found(&ask.parent))?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let act = unless_answered!(OpenAct::begin(
        &context.db,
        &context.clock,
        caller,
        Tenancy::City,
        key
    ));
    let tx = &act.tx;
    let now = clock::real_now();
    if let Some(person) = &caller.person {
        holders::take_turn(tx, person).await?;
    }
    if let Some(other) = break_glass::open_of(tx, &caller.account, micros(now)).await? {
        return Err(Refused::BreakGlassOpen { name: other.name() }.into());
    }
    let access = Model {
        id: clock::fresh_id().to_string(),
        county: county.to_string(),
        opened_by: caller.account.clone(),
        reason: ask.reason.trim().to_owned(),
        opened_us: micros(now),
        ends_us: micros(now + LIFE),
        calls: 0,
        closed_by: String::new(),
        verdict: String::new(),
        words: String::new(),
        reviewed_by: String::new(),
    };
    break_glass::insert(tx, access.clone()).await?;
    let entry = Entry::new("break_glass.open", access.name()).after(&access);
    act.record(entry.reason(&access.reason)).await?;
    tracing::warn!(
        county = access.county,
        access = access.id,
        "emergency access opened"
    );
    act.finish(pb::OpenBreakGlassResponse {
        break_glass: Some(convert::break_glass(&access)),
    })
    .await
}

/// Whoever opened it closes it.
pub async fn close(
    context: &Context,
    caller: &Caller,
    ask: pb::CloseBreakGlassRequest,
) -> Result<pb::CloseBreakGlassResponse> {
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let act = unless_answered!(OpenAct::begin(
        &context.db,
        &context.clock,
        caller,
        Tenancy::City,
        key
    ));
    let before = by_name(&act.tx, &ask.name).await?;
    if before.opened_by != caller.account {
        return Err(not_found(&ask.name).into());
    }
    if before.state(micros(clock::real_now())) != State::Open {
        let name = ask.name.clone();
        return Err(Refused::BreakGlassOver { name }.into());
    }
    let after = shut(context, &act, &before).await?;
    let entry = Entry::new("break_glass.close", after.name());
    act.record(entry.before(&before).after(&after)).await?;
    act.finish(pb::CloseBreakGlassResponse {
        break_glass: Some(convert::break_glass(&after)),
    })
    .await
}

/// Discipline inspection says whether it was justified; one that is still open ends by it.
pub async fn review(
    context: &Context,
    caller: &Caller,
    ask: pb::ReviewBreakGlassRequest,
) -> Result<pb::ReviewBreakGlassResponse> {
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let act = unless_answered!(OpenAct::begin(
        &context.db,
        &context.clock,
        caller,
        Tenancy::City,
        key
    ));
    let before = by_name(&act.tx, &ask.name).await?;
    let county = Tenant::parse(&before.county).map_err(|_| not_found(&ask.name))?;
    caller
        .tenant_for(&county)
        .map_err(|_| not_found(&ask.name))?;
    let ended = match before.state(micros(clock::real_now())) {
        State::Open => shut(context, &act, &before).await?,
        State::Ended => before.clone(),
        State::Reviewed => {
            let name = ask.name.clone();
            return Err(Refused::AlreadyReviewed { name }.into());
        }
    };
    let verdict = ask.verdict();
    let found = (verdict.as_str_name(), ask.words.trim());
    break_glass::review(&act.tx, &before.id, &caller.account, found).await?;
    let after = Model {
        verdict: found.0.to_owned(),
        words: found.1.to_owned(),
        reviewed_by: caller.account.clone(),
        ..ended
    };
    if verdict == Verdict::NotJustified {
        tracing::warn!(
            county = after.county,
            access = after.id,
            "emergency access not justified"
        );
    }
    let entry = Entry::new("break_glass.review", after.name());
    act.record(entry.before(&before).after(&after).reason(found.1))
        .await?;
    act.finish(pb::ReviewBreakGlassResponse {
        break_glass: Some(convert::break_glass(&after)),
    })
    .await
}

/// Ends it now, with every session under it.
async fn shut(context: &Context, act: &OpenAct<'_>, before: &Model) -> Result<Model> {
    let (tx, now_us) = (&act.tx, micros(clock::real_now()));
    break_glass::close(tx, &before.id, &act.caller.account, now_us).await?;
    let under = [before.name()];
    let sessions = &context.sessions;
    sessions
        .end_under(tx, &under, "emergency access closed")
        .await?;
    Ok(Model {
        closed_by: act.caller.account.clone(),
        ends_us: now_us,
        ..before.clone()
    })
}

/// The emergency access of that name.
pub async fn by_name(tx: &Tx, name: &str) -> Result<Model> {
    let found = match resource_name::child(name, "breakGlass") {
        Some((county, id)) => {
            let found = break_glass::by_id(tx, id).await?;
            found.filter(|it| it.county == county)
        }
        None => None,
    };
    found.ok_or_else(|| not_found(name).into())
}
