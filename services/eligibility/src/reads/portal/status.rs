//! How a claim stands, told to whoever holds its receipt.

use yuhui_platform::{Result, caller::Caller, db::Tx};
use yuhui_proto::portal::v1 as pb;

use super::by_code::{no_sooner, open};
use crate::{
    context::Context,
    convert::{self, day},
    domain::{deadline::Stage, public_stage::PublicStage},
    reads::due::on_cases,
    refusal::portal::NotHeard,
    store::{self, cases::Stored},
};

/// How a claim stands.
pub(crate) async fn get(
    context: &Context,
    _: &Caller,
    ask: pb::GetStatusRequest,
) -> Result<pb::GetStatusResponse> {
    no_sooner(async {
        let (county, id) = open(context, &ask.receipt_number, &ask.code).await?;
        context.pack_on(context.today()).await?;
        let tx = context.db.read(county).await?;
        let stored = store::cases::get(&tx, id).await?;
        // A number may be a report's.
        let stored = stored.ok_or(NotHeard::NumberAndCode)?;
        Ok(pb::GetStatusResponse {
            status: Some(told(context, &tx, stored).await?),
        })
    })
    .await
}

async fn told(context: &Context, tx: &Tx, stored: Stored) -> Result<pb::PublicStatus> {
    let stage = PublicStage::of(&stored.case);
    let law = context.law();
    let due_on = match stage {
        PublicStage::Confirmed | PublicStage::InPayment => {
            Some(law.year().end(Stage::Bank, stored.case.round))
        }
        PublicStage::OnNotice => match stored.case.notice {
            Some(id) => store::notices::ends(tx, &[id]).await?.remove(&id),
            None => None,
        },
        PublicStage::Paid
        | PublicStage::Ended
        | PublicStage::Withdrawn
        | PublicStage::AccountNeeded => None,
        _ => {
            let due = on_cases(tx, &law.year(), std::slice::from_ref(&stored)).await?;
            let due = due.into_iter().filter(|it| !it.paused);
            due.map(|it| it.due_on).min()
        }
    };
    let case = stored.case;
    let ((stage_zh, stage_en), (next_zh, next_en)) = (stage.words(), stage.next());
    let corrections = match stage {
        PublicStage::Correction => i32::try_from(case.defects.len()).unwrap_or(i32::MAX),
        _ => 0,
    };
    let amount = case.rostered.unwrap_or_else(|| case.amount());
    Ok(pb::PublicStatus {
        programme: convert::programme(case.programme).into(),
        lodged_on: day(case.lodged_on),
        round: case.round,
        stage: convert::portal::stage(stage).into(),
        stage_zh: stage_zh.into(),
        stage_en: stage_en.into(),
        next_zh: next_zh.into(),
        next_en: next_en.into(),
        due_on: day(due_on),
        corrections,
        amount_fen: stage.has_amount().then(|| amount.fen()),
    })
}
