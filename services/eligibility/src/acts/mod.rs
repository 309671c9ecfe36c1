//! One file per act of a person, or close group of acts. An act takes the request of the contract as
//! its command and answers with the message of the contract.

pub(crate) mod account;
pub(crate) mod batches;
pub(crate) mod close;
pub(crate) mod close_cases;
pub(crate) mod correction;
pub(crate) mod documents;
pub(crate) mod draft;
mod form;
pub(crate) mod fraud;
pub(crate) mod hold;
pub(crate) mod inquiry;
pub(crate) mod intake;
pub(crate) mod lodge;
pub(crate) mod notices;
pub(crate) mod payment_check;
pub(crate) mod policy_packs;
pub(crate) mod proposals;
pub(crate) mod public_codes;
pub(crate) mod recovery;
pub(crate) mod referral;
pub(crate) mod rejection;
pub(crate) mod reports;
pub(crate) mod review;
pub(crate) mod review_requests;
pub(crate) mod rosters;
pub(crate) mod sampling;
pub(crate) mod supervision;
pub(crate) mod takeover;
pub(crate) mod termination;

use uuid::Uuid;
use yuhui_platform::{Result, caller::Caller, db::Tx, operations::Worker, relatives::Relatives};

use crate::{
    context::Context,
    evaluation::{Moment, Verdict},
    separation::conflict,
    store::{self, cases::Stored},
};

/// Has `worker` do the work of those acts that are operations.
pub(crate) fn works(worker: Worker, context: &Context) -> Worker {
    worker
        .with(rosters::build::Build(context.clone()))
        .with(rosters::seal::Seal(context.clone()))
        .with(rosters::propose_recording::ProposeRecording(
            context.clone(),
        ))
        .with(rosters::record::Record(context.clone()))
        .with(rosters::propose_return::ProposeReturn(context.clone()))
        .with(rosters::take_back::TakeBack(context.clone()))
        .with(payment_check::Check(context.clone()))
        .with(close_cases::CloseCases(context.clone()))
}

/// Runs the rules again for a proposal that rests on them, before it is approved.
async fn judge_anew(
    context: &Context,
    caller: &Caller,
    stored: &Stored,
    moment: Moment<'_>,
) -> Result<Option<Verdict>> {
    let waiting = stored.case.proposal.as_ref();
    match waiting.filter(|it| it.rests_on_the_rules()) {
        Some(_) => Ok(Some(context.judge(caller, stored, moment).await?)),
        None => Ok(None),
    }
}

/// DYN-2, DYN-3: nobody looks into a case of his own family, or into one he acted on elsewhere. Answers whether there
/// is such a case.
async fn own_is_left_alone(
    tx: &Tx,
    caller: &Caller,
    relatives: &Relatives,
    case: Uuid,
) -> Result<bool> {
    let Some(stored) = store::cases::get(tx, case).await? else {
        return Ok(false);
    };
    conflict(caller, relatives, &stored.case)?;
    Ok(true)
}

/// A reason code or opinion, and what somebody wrote about it.
fn because(code: &str, note: &str) -> String {
    match (code, note) {
        ("", note) => note.into(),
        (code, "") => code.into(),
        (code, note) => format!("{code}：{note}"),
    }
}
