//! How the documents of a claim are there (C.3).

use time::Date;
use yuhui_platform::{Result, caller::Caller, db::Tx, refusal::not_found};
use yuhui_policy::Facts;
use yuhui_proto::documents::v1 as pb;

use super::{File, file};
use crate::{
    context::Context,
    convert,
    domain::{
        Case,
        documents::{Circumstances, checklist::checklist, filed::Filed, upload::Parent},
    },
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
    let File::Case(stored) = file(&tx, caller, parent, &ask.parent).await? else {
        return Err(not_found(&ask.parent).into());
    };
    let items = items(&tx, &stored.case, context.today()).await?;
    Ok(pb::GetChecklistResponse { items })
}

/// The list of a case.
pub(crate) async fn items(tx: &Tx, case: &Case, today: Date) -> Result<Vec<pb::ChecklistItem>> {
    let facts = match &case.outcome {
        Some(outcome) => {
            let evidence = store::evidence::find(tx, case.id, &outcome.evidence_hash).await?;
            proof::whole(&evidence)?.facts
        }
        None => Facts::default(),
    };
    let parent = Parent::Case(case.id);
    let filed = store::documents::list(tx, parent, (false, &[]), None, None).await?;
    let filed: Vec<Filed> = filed.into_iter().map(|it| it.filed).collect();
    let claim = evaluation::claim(case, today);
    let circumstances = Circumstances::of(&facts, &claim);
    let items = checklist(
        case.programme,
        circumstances,
        &filed,
        &case.documents,
        &facts,
    );
    Ok(items.iter().map(convert::documents::item).collect())
}
