//! The bank acknowledges that a batch reached it as it was released.

use yuhui_kernel::Money;
use yuhui_platform::{
    Caller, Result, act::OpenAct, audit, idempotency::Key, refusal::not_found, unless_answered,
};
use yuhui_proto::disbursement::v1 as pb;

use crate::{
    Deps, convert,
    domain::{batch::Seal, name},
    gate::OnBatch,
    refusal::Refused,
    store::batches,
};

/// The bank has a batch; once acknowledged its results can be reported.
pub async fn acknowledge(
    deps: &Deps,
    caller: &Caller,
    ask: pb::AcknowledgeBatchRequest,
) -> Result<pb::AcknowledgeBatchResponse> {
    let batch = convert::named(name::batch, &ask.name)?;
    let tenant = caller.tenant_for(&batch.tenant)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, tenant, key));
    let tx = &act.tx;
    let row = batches::get(tx, batch.id).await?;
    let mut row = row.ok_or_else(|| not_found(&ask.name))?;
    let ordered = batches::ordered_by(tx, &row).await?;
    OnBatch::Acknowledge.may((&row, &ask.name), &ordered, &caller.hand())?;
    let received = Seal {
        line_count: ask.line_count,
        total: Money::from_fen(ask.total_fen),
        hash: ask.hash.to_ascii_lowercase(),
    };
    let differences = row.seal().differences(&received);
    if !differences.is_empty() {
        return Err(Refused::BatchDiffers(differences).into());
    }
    if !row.acknowledged {
        row = batches::advance(tx, &row, row.open_count).await?;
        let entry = audit::Entry::new("disbursement.batch.acknowledge", &ask.name);
        act.record(entry).await?;
    }
    act.finish(pb::AcknowledgeBatchResponse {
        batch: Some(convert::batch(&row)),
    })
    .await
}
