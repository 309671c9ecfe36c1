//! Each department says how its register stands for its county.

use std::collections::BTreeSet;

use serde_json::json;
use yuhui_kernel::dates;
use yuhui_platform::{
    Caller, Result, act::OpenAct, audit, form::Form, idempotency, refusal, unless_answered,
};
use yuhui_proto::{authz::v1::Desk, registry::v1 as pb};

use crate::{
    Deps, convert,
    domain::{FactKind, Register, Standing},
    store::states,
};

/// A department says how its register stands for its county.
pub async fn set(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::SetRegisterStateRequest,
) -> Result<pb::SetRegisterStateResponse> {
    let tenant = caller.tenant()?;
    let today = deps.clock.today();
    let key = idempotency::Key::new(caller, &ask.request_id, ask)?;
    let asked = ask.state.clone().unwrap_or_default();
    let mut form = Form::default();
    let register = read_register(&mut form, &asked);
    let as_of = form
        .date_or_none("state.as_of_on", &asked.as_of_on)
        .flatten();
    if as_of.is_some_and(|it| it > today) {
        form.refuse("state.as_of_on", "不得晚于今日", "is after today");
    }
    if asked.unavailable && asked.reason.trim().is_empty() {
        form.refuse(
            "state.reason",
            "停止答复须说明原因",
            "says why it does not answer",
        );
    }
    let partial = read_kinds(&mut form, &asked, register);
    form.finish()?;
    let Some(register) = register else {
        return Err(refusal::not_found("state.register").into());
    };
    if desk_of(register) != caller.desk() {
        return Err(refusal::denied(
            "OWN_REGISTER",
            "只能说明本部门登记的情况",
            "speaks of the register of another department",
        )
        .into());
    }

    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, tenant, key));
    let tx = &act.tx;
    let before = states::locked(tx, register).await?;
    let after = Standing {
        register,
        unavailable: asked.unavailable,
        reason: asked.reason.trim().to_owned(),
        as_of,
        partial,
        // Who goes on being silent has been so since he began.
        since: before
            .since
            .filter(|_| before.unavailable && asked.unavailable)
            .or(Some(today)),
    };
    states::put(tx, &after, today).await?;
    let object = format!("counties/{tenant}/registers/{}", register.as_str());
    let entry = audit::Entry::new("registry.set_state", object)
        .before(&told(&before))
        .after(&told(&after))
        .reason(&*after.reason);
    act.record(entry).await?;
    act.finish(pb::SetRegisterStateResponse {
        state: Some(convert::state(tenant, after)),
    })
    .await
}

fn read_register(form: &mut Form, asked: &pb::RegisterState) -> Option<Register> {
    let register = Register::ALL
        .into_iter()
        .find(|it| convert::register(*it) == asked.register());
    if register.is_none() {
        form.refuse("state.register", "须指明登记部门", "names a register");
    }
    register
}

fn read_kinds(
    form: &mut Form,
    asked: &pb::RegisterState,
    register: Option<Register>,
) -> BTreeSet<FactKind> {
    let mut kinds = BTreeSet::new();
    for (i, kind) in asked.partial().enumerate() {
        let own = FactKind::ALL
            .into_iter()
            .find(|it| convert::kind(*it) == kind);
        match own.filter(|it| Some(it.register()) == register) {
            Some(kind) => {
                kinds.insert(kind);
            }
            None => form.refuse(
                format!("state.partial[{i}]"),
                "不属于该登记部门",
                "is no fact of this register",
            ),
        }
    }
    kinds
}

/// The desk that answers for a register.
const fn desk_of(register: Register) -> Desk {
    match register {
        Register::PublicSecurity => Desk::PublicSecurity,
        Register::CivilAffairs => Desk::CivilAffairs,
        Register::Maternity => Desk::Maternity,
    }
}

fn told(standing: &Standing) -> serde_json::Value {
    json!({
        "unavailable": standing.unavailable,
        "as_of_on": standing.as_of.map(dates::format),
        "partial": standing.partial.iter().map(|it| it.as_str()).collect::<Vec<_>>(),
    })
}
