//! What is printed (附件1 to 12): application forms, the children of a nursery, summaries of rosters.

pub(crate) mod case_form;
pub(crate) mod children;
pub(crate) mod summary;

use yuhui_kernel::Calendar;
use yuhui_platform::Result;
use yuhui_policy::{PolicyPack, evidence::Evidence};

use crate::{
    context::Context,
    domain::{Case, Outcome},
    store,
};

/// The evaluation that stands, proven, with the parameters and the working days that it rests on.
struct Standing {
    evidence: Evidence,
    pack: std::sync::Arc<PolicyPack>,
    calendar: Calendar,
}

impl Standing {
    async fn of(context: &Context, case: &Case, outcome: &Outcome) -> Result<Self> {
        let tx = context.db.read(case.tenant).await?;
        let stored = store::evidence::find(&tx, case.id, &outcome.evidence_hash).await?;
        drop(tx);
        let taken = context.proven(case.tenant, &stored).await?;
        let calendar = context.calendar_of(case.tenant, &taken).await?;
        Ok(Self {
            pack: context.pack_version(&taken.evidence.pack_version).await?,
            calendar: calendar.unwrap_or_else(|| context.calendar.clone()),
            evidence: taken.evidence,
        })
    }
}
