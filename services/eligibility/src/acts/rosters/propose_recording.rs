//! A city registrar has checked the form of a roster and proposes to record it (F17); again, if lines were
//! struck off since. What he himself proposed to return he finds in order now; what another did is the
//! approver's to decide.

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use yuhui_platform::{
    Result,
    caller::Caller,
    db::Tx,
    idempotency::Key,
    operations::{At, Next, Slice, Work},
};
use yuhui_proto::eligibility::v1 as pb;

use super::{Asked, at_work, begin, begun, count, look_on, page, set_operation, write};
use crate::{
    context::Context,
    convert::text,
    domain::roster::{RosterState, Standing},
    gate::roster::RosterDeed,
    names,
    separation::hand,
};

pub(crate) async fn propose(
    context: &Context,
    caller: &Caller,
    ask: pb::ProposeRecordingRequest,
) -> Result<pb::ProposeRecordingResponse> {
    let words = text::remark("note", &ask.note)?;
    let (tenant, id) = names::parse_own(caller, &ask.name, "rosters")?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let asked = Asked {
        name: ask.name,
        id,
        words,
        etag: String::new(),
    };
    let answer = |roster, operation| pb::ProposeRecordingResponse { roster, operation };
    let work = ProposeRecording(context.clone());
    begin(context, work, (caller, tenant, id), (key, asked), answer).await
}

/// The work of [`propose`].
pub(crate) struct ProposeRecording(pub(crate) Context);

/// The lines that stand, so far.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Looked {
    after: Option<Uuid>,
    standing: Standing,
}

#[async_trait::async_trait]
impl Work for ProposeRecording {
    type Ask = Asked;
    type Place = Looked;
    type Ready = ();
    const METHOD: &'static str = "ProposeRecording";

    async fn prepare(&self, _: &At<'_, Self>) -> Result<()> {
        Ok(())
    }

    async fn apply(&self, at: &At<'_, Self>, tx: &Tx, (): ()) -> Result<Slice<Looked>> {
        let is_first = at.place.after.is_none();
        let mut roster = match is_first {
            true => begun(tx, at.caller, RosterDeed::ProposeRecording, at.ask).await?,
            false => at_work(tx, at.ask.id, at.operation).await?,
        };
        let mut standing = at.place.standing.clone();
        let (cases, more) = page(tx, roster.id, at.place.after, at.slice).await?;
        cases.iter().for_each(|it| standing.add(&it.case));
        if more.is_some() || at.is_cancelling {
            let next = match at.is_cancelling {
                true => Next::Cancelled,
                false => Next::More(Looked {
                    after: more,
                    standing,
                }),
            };
            return look_on((&self.0, tx), &mut roster, (is_first, at.operation), next).await;
        }
        roster.return_proposal = None;
        roster.state = RosterState::Checked;
        roster.checked_by = Some(hand(at.caller));
        roster.checked_lines = standing.hex().into();
        set_operation((&self.0, tx), &mut roster, "").await?;
        let told = ("roster.check", "", &*at.ask.words);
        write((&self.0, at, tx), &roster, told, Vec::new(), Vec::new()).await?;
        Ok(Slice {
            done: count(&cases),
            ..Next::Done.into()
        })
    }
}
