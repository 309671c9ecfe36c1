//! Every call under an emergency access is on record before it is answered (DYN-8).

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use yuhui_platform::{
    Caller, Result,
    audit::{self, Entry},
};

use crate::{context::Context, proxy, store::break_glass};

/// The layer in front of every route: what cannot be recorded is not read.
pub(crate) async fn record(
    State(context): State<Arc<Context>>,
    request: Request,
    next: Next,
) -> Response {
    let caller = request.extensions().get::<Caller>();
    let caller = caller.filter(|it| it.glass.is_some()).cloned();
    if let Some(caller) = caller
        && let Err(error) = note(&context, &caller).await
    {
        return proxy::answer(error.into());
    }
    next.run(request).await
}

async fn note(context: &Context, caller: &Caller) -> Result<()> {
    let id = caller.glass.as_deref().unwrap_or_default();
    let tx = context.db.begin_global().await?;
    break_glass::count(&tx, id).await?;
    let county = caller.unit.map(|it| it.to_string()).unwrap_or_default();
    let object = format!("counties/{county}/breakGlass/{id}");
    let entry = Entry::new("break_glass.call", object).reason(&caller.method);
    audit::record(&tx, caller, context.clock.now(), entry).await?;
    tx.commit().await
}
