//! What may be paid today, for the disbursement service.

use std::collections::HashSet;

use yuhui_platform::{Result, caller::Caller, form::Form, outbox};
use yuhui_policy::pack::CancelScope;
use yuhui_proto::internal::v1::{self as pb, AccountCorrected, event::Payload};

use crate::{
    context::Context,
    domain::case::name as case_name,
    names::{self, DISBURSEMENT},
    store,
};

/// A proposal, a hold or a finding of fraud takes the clearance away, so that what is cleared may be
/// paid. Fraud on another claim of the claimant does where the parameters cancel everything of his
/// (AMB-43). A case whose corrected account disbursement has not been told of waits: what is cleared
/// is paid to the account it knows.
pub(crate) async fn cleared(
    context: &Context,
    caller: &Caller,
    ask: pb::ListClearedCasesRequest,
) -> Result<pb::ListClearedCasesResponse> {
    let tenant = names::parse_parent(caller, &ask.parent)?;
    let mut form = Form::default();
    let since = form.date_or_none("since_on", &ask.since_on).flatten();
    form.finish()?;
    let since = since.unwrap_or_else(|| context.today());
    let mut asked = Vec::with_capacity(ask.cases.len());
    for name in &ask.cases {
        asked.push(names::own_case(tenant, name)?);
    }
    let tx = context.db.read(tenant).await?;
    let cleared = store::cases::cleared(&tx, ask.round, since, &asked).await?;
    let doubtful: Vec<_> = cleared.iter().filter(|it| it.claimant_found_out).collect();
    let doubtful: Vec<_> = doubtful.iter().map(|it| it.id).collect();
    let doubtful = store::cases::named(&tx, &doubtful).await?;
    let corrected = Payload::AccountCorrected(AccountCorrected::default());
    let on_the_way = outbox::on_the_way(&tx, DISBURSEMENT, corrected.kind()).await?;
    let on_the_way: HashSet<String> = on_the_way.into_iter().collect();
    drop(tx);
    let mut tainted = HashSet::new();
    for stored in doubtful {
        let pack = context.pack_of(&stored.case).await?;
        if pack.parameters.fraud_cancel_scope == CancelScope::AllOfClaimant {
            tainted.insert(stored.case.id);
        }
    }
    let cases = cleared.iter().filter(|it| !tainted.contains(&it.id));
    let name = |it: &store::cases::Cleared| case_name(tenant, it.id);
    Ok(pb::ListClearedCasesResponse {
        cases: cases
            .map(name)
            .filter(|it| !on_the_way.contains(it))
            .collect(),
    })
}
