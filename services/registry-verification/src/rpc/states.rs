//! `RegisterStateService`: each department says how its register stands for its county.

use std::collections::BTreeSet;

use serde_json::json;
use tonic::{Request, Response, Status};
use yuhui_kernel::{Tenant, dates};
use yuhui_platform::{Caller, Result, audit, caller, form::Form, idempotency, refusal};
use yuhui_proto::{
    authz::v1::Desk,
    registry::v1::{self as pb, register_state_service_server::RegisterStateService},
};

use super::{answer::read_county, facts};
use crate::{
    Deps,
    domain::{FactKind, Register, Standing},
    store::states,
};

/// Serves the states.
pub struct States(pub Deps);

#[tonic::async_trait]
impl RegisterStateService for States {
    async fn set_register_state(
        &self,
        request: Request<pb::SetRegisterStateRequest>,
    ) -> Result<Response<pb::SetRegisterStateResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.set(&caller, &ask).await?))
    }

    async fn list_register_states(
        &self,
        request: Request<pb::ListRegisterStatesRequest>,
    ) -> Result<Response<pb::ListRegisterStatesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.list(&caller, &ask).await?))
    }
}

impl States {
    async fn list(
        &self,
        caller: &Caller,
        ask: &pb::ListRegisterStatesRequest,
    ) -> Result<pb::ListRegisterStatesResponse> {
        let tenant = read_county(caller, &ask.parent)?;
        let tx = self.0.db.read(tenant).await?;
        let standings = states::all(&tx).await?;
        let states = Register::ALL.map(|it| shown(tenant, standings.of(it)));
        Ok(pb::ListRegisterStatesResponse {
            states: states.into(),
        })
    }

    async fn set(
        &self,
        caller: &Caller,
        ask: &pb::SetRegisterStateRequest,
    ) -> Result<pb::SetRegisterStateResponse> {
        let tenant = caller.tenant()?;
        let today = self.0.clock.today();
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

        let tx = self.0.db.begin(tenant).await?;
        if let Some(answer) = key.answered(&tx).await? {
            return Ok(answer);
        }
        let before = states::locked(&tx, register).await?;
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
        states::put(&tx, &after, today).await?;
        let object = format!("counties/{tenant}/registers/{}", register.as_str());
        let entry = audit::Entry::new("registry.set_state", object)
            .before(&told(&before))
            .after(&told(&after))
            .reason(&*after.reason);
        audit::record(&tx, caller, self.0.clock.now(), entry).await?;
        let answer = pb::SetRegisterStateResponse {
            state: Some(shown(tenant, after)),
        };
        key.remember(&tx, &answer).await?;
        tx.commit().await?;
        Ok(answer)
    }
}

fn read_register(form: &mut Form, asked: &pb::RegisterState) -> Option<Register> {
    let register = Register::ALL
        .into_iter()
        .find(|it| facts::register(*it) == asked.register());
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
            .find(|it| facts::kind(*it) == kind);
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

fn shown(tenant: Tenant, it: Standing) -> pb::RegisterState {
    let day = |date: Option<time::Date>| date.map(dates::format).unwrap_or_default();
    pb::RegisterState {
        name: format!("counties/{tenant}/registers/{}", it.register.as_str()),
        register: facts::register(it.register).into(),
        unavailable: it.unavailable,
        reason: it.reason,
        as_of_on: day(it.as_of),
        partial: it
            .partial
            .iter()
            .map(|it| facts::kind(*it).into())
            .collect(),
        since_on: day(it.since),
    }
}
