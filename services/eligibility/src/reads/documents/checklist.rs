//! How the documents of a claim are there (C.3).

use yuhui_platform::{Result, caller::Caller, refusal::not_found};
use yuhui_policy::Facts;
use yuhui_proto::documents::v1 as pb;

use super::{File, file};
use crate::{
    context::Context,
    convert,
    domain::documents::{Circumstances, checklist::checklist, filed::Filed, upload::Parent},
    evaluation, names, proof, store,
};

/// What is known of the family is what the case rests on; a draft rests on nothing yet.
pub(crate) async fn get(
    context: &Context,
    caller: &Caller,
    ask: pb::GetChecklistRequest,
) -> Result<pb::GetChecklistResponse> {
    let (tenant, parent) = names::parse_file(caller, &ask.parent)?;
    let tx = context.db.read(tenant).await?;
    let (File::Case(stored), Parent::Case(id)) =
        (file(&tx, caller, parent, &ask.parent).await?, parent)
    else {
        return Err(not_found(&ask.parent).into());
    };
    let case = &stored.case;
    let facts = match &case.outcome {
        Some(outcome) => {
            let evidence = store::evidence::find(&tx, id, &outcome.evidence_hash).await?;
            proof::whole(&evidence)?.facts
        }
        None => Facts::default(),
    };
    let filed = store::documents::list(&tx, parent, (false, &[]), None, None).await?;
    let filed: Vec<Filed> = filed.into_iter().map(|it| it.filed).collect();
    let claim = evaluation::claim(case, context.today());
    let circumstances = Circumstances::of(&facts, &claim);
    let items = checklist(
        case.programme,
        circumstances,
        &filed,
        &case.documents,
        &facts,
    );
    Ok(pb::GetChecklistResponse {
        items: items.iter().map(convert::documents::item).collect(),
    })
}
