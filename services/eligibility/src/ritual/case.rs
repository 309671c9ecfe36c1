//! One act on one case in one transaction: reach, etag, dynamic rules, change, transition, audit, answer.

use std::{collections::BTreeSet, sync::Arc};

use prost::Message;
use serde_json::json;
use time::Date;
use yuhui_kernel::Calendar;
use yuhui_platform::{
    Result,
    act::{Begun, OpenAct},
    audit,
    caller::Caller,
    clock, refusal,
    relatives::Relatives,
};
use yuhui_policy::{PolicyPack, Reason};
use yuhui_proto::{eligibility::v1 as pb, internal::v1::event::Payload};

use super::{Change, Command, OutgoingEvent, Writer};
use crate::{
    context::Context,
    convert,
    domain::{
        Case, Hand, Outcome, Proposal, ProposalKind, Step, deadline::Year, private::Private,
        waiting,
    },
    evaluation::Verdict,
    events::outgoing::{contestable, event},
    names::LEDGER,
    refusal::{Refused, fits},
    separation::{conflict, hand},
    store,
};

/// One act on one case.
pub(crate) struct CaseAct<'a> {
    context: &'a Context,
    pack: Arc<PolicyPack>,
    relatives: Relatives,
    /// Who acts, and the transaction.
    pub(crate) open: OpenAct<'a>,
    pub(crate) case: Case,
    pub(crate) private: Private,
    before: Case,
    private_before: Private,
    verdict: Option<Verdict>,
    events: Vec<OutgoingEvent>,
    others: Vec<Other>,
}

/// What the same act does to another case.
pub(crate) struct Other {
    pub(crate) action: &'static str,
    pub(crate) change: Change,
    pub(crate) events: Vec<OutgoingEvent>,
}

impl Context {
    /// Begins an act on a case.
    pub(crate) async fn begin<'a>(
        &'a self,
        command: Command<'a>,
    ) -> Result<Begun<pb::Case, CaseAct<'a>>> {
        self.begin_answering(command).await
    }

    /// The same of one that answers with another message than the case.
    pub(crate) async fn begin_answering<'a, Answer: Message + Default>(
        &'a self,
        command: Command<'a>,
    ) -> Result<Begun<Answer, CaseAct<'a>>> {
        let relatives = self.relatives(command.caller, command.tenant).await;
        self.begin_with(command, None, relatives).await
    }

    /// The same of a case that was read at that revision; one that has moved since is a lost race.
    pub(crate) async fn begin_at<'a>(
        &'a self,
        command: Command<'a>,
        revision: i64,
    ) -> Result<Begun<pb::Case, CaseAct<'a>>> {
        let relatives = self.relatives(command.caller, command.tenant).await;
        self.begin_with(command, Some(revision), relatives).await
    }

    /// The same for lodging, which no silence keeps up: it decides nothing, and whose relatives keep away is
    /// asked again at every act that follows.
    pub(crate) async fn begin_lodging<'a>(
        &'a self,
        command: Command<'a>,
        revision: i64,
    ) -> Result<Begun<pb::LodgeCaseResponse, CaseAct<'a>>> {
        let relatives = match self.relatives(command.caller, command.tenant).await {
            Err(error) if error.is_silence() => Ok(Relatives::default()),
            other => other,
        };
        self.begin_with(command, Some(revision), relatives).await
    }

    async fn begin_with<'a, Answer: Message + Default>(
        &'a self,
        command: Command<'a>,
        revision: Option<i64>,
        relatives: Result<Relatives>,
    ) -> Result<Begun<Answer, CaseAct<'a>>> {
        let pack = self.pack_on(self.today()).await?;
        let (caller, key) = (command.caller, command.key.clone());
        let open = match self.open_act(caller, command.tenant, key).await? {
            Begun::Open(open) => open,
            Begun::Answered(answer) => return Ok(Begun::Answered(answer)),
        };
        let stored = command.find_locked(self, &open.tx, revision).await?;
        let relatives = relatives?;
        conflict(caller, &relatives, &stored.case)?;
        let private = self.open(&stored)?;
        let case = stored.case;
        Ok(Begun::Open(CaseAct {
            context: self,
            pack,
            relatives,
            open,
            before: case.clone(),
            case,
            private_before: private.clone(),
            private,
            verdict: None,
            events: Vec::new(),
            others: Vec::new(),
        }))
    }
}

impl<'a> CaseAct<'a> {
    pub(crate) fn caller(&self) -> &Caller {
        self.open.caller
    }

    /// Whose cases the caller does not act on, as asked for this act.
    pub(crate) fn relatives(&self) -> &Relatives {
        &self.relatives
    }

    /// The caller as a hand.
    pub(crate) fn hand(&self) -> Hand {
        hand(self.caller())
    }

    pub(crate) fn today(&self) -> Date {
        self.context.today()
    }

    pub(crate) fn calendar(&self) -> &'static Calendar {
        self.context.calendar
    }

    /// Deadlines of the offices.
    pub(crate) fn year(&self) -> Year<'_> {
        Year {
            pack: &self.pack,
            calendar: self.context.calendar,
        }
    }

    /// Takes a step of the life-cycle, or says what the state allows instead.
    pub(crate) fn step(&mut self, step: Step) -> Result<()> {
        let by = self.hand();
        Ok(fits(self.case.step(step, &by), &self.case)?)
    }

    /// Keeps what a verdict rests on, and answers what it says now. The family may be known only
    /// now.
    pub(crate) async fn attach(&mut self, verdict: Verdict) -> Result<Outcome> {
        let judged = self.before.clone();
        self.attach_as(&judged, verdict).await
    }

    /// The same of a verdict on the case as it would be.
    pub(crate) async fn attach_as(&mut self, judged: &Case, verdict: Verdict) -> Result<Outcome> {
        let verdict = self
            .context
            .judge_again(&self.open.tx, judged, verdict)
            .await?;
        self.case.related.clone_from(&verdict.related);
        self.case.parties.clone_from(&verdict.parties);
        self.case.wait_for(verdict.waiting.clone());
        conflict(self.caller(), &self.relatives, &self.case)?;
        let outcome = verdict.outcome.clone();
        self.verdict = Some(verdict);
        Ok(outcome)
    }

    /// Makes a verdict the case's own.
    pub(crate) async fn adopt(&mut self, verdict: Verdict) -> Result<()> {
        self.case.outcome = Some(self.attach(verdict).await?);
        Ok(())
    }

    /// The place in line behind every claim for the same child or institution, which must be
    /// locked.
    pub(crate) async fn place_in_line(&self) -> Result<i64> {
        let own = self.case.subject_ref.as_str();
        let all = self.verdict.as_ref().map(|it| it.all_numbers_of(own));
        let all = all.unwrap_or_else(|| vec![own]);
        let last = store::index::last_in_line(&self.open.tx, &all).await?;
        Ok(behind(last))
    }

    /// The finding of fraud stands against the claimant, whatever number he goes by.
    pub(crate) async fn put_fraud(&self) -> Result<()> {
        let own = self.case.claimant_ref.as_str();
        let all = self.verdict.as_ref().map(|it| it.all_numbers_of(own));
        let all = all.unwrap_or_else(|| vec![own]);
        store::index::put_fraud(&self.open.tx, &self.case, &all, self.today()).await
    }

    /// The verdict waits for something: the act does not come about, and the case stays where it is. What
    /// it waits for, and since when, is kept; what was decided before stands until it can be decided anew.
    pub(crate) async fn wait(mut self, verdict: Verdict) -> Result<pb::Case> {
        let outcome = self.attach(verdict).await?;
        if !outcome.waits() {
            // Another claim has changed what is found since.
            return Err(refusal::aborted().into());
        }
        let refused = Refused::waiting(&self.case, &outcome);
        if self.case.outcome.as_ref().is_none_or(Outcome::waits) {
            self.case.outcome = Some(outcome);
        }
        let awaited = waiting::told(&self.case.waiting_for);
        let (_, open) = self.write("case.wait", awaited).await?;
        // Not the answer to the command: given again, it asks again.
        open.tx.commit().await?;
        Err(refused.into())
    }

    /// R-PRC-7: the verdict says that a name is not its number's (冒领), or that registers contradict one
    /// another. The case leaves its stage for an inquiry, whatever was about to be done to it.
    pub(crate) async fn inquire(mut self, verdict: Verdict) -> Result<pb::Case> {
        self.adopt(verdict).await?;
        let found = self.case.outcome.as_ref();
        let found = found.filter(|it| it.is_contradicted());
        let Some(reason) = found.and_then(|it| it.found.reason) else {
            // Another claim has changed what is found since.
            return Err(refusal::aborted().into());
        };
        self.step(Step::Object)?;
        self.case.cleared_on = None;
        self.finish("case.object", reason.code()).await
    }

    /// What the case was decided as.
    pub(crate) fn decide(&mut self, how: impl FnOnce(&mut Outcome)) {
        if let Some(outcome) = &mut self.case.outcome {
            how(outcome);
        }
        self.case.decided_on = Some(self.today());
    }

    /// Puts a proposal before the checker. Until it is settled nothing is cleared for payment.
    pub(crate) fn propose(
        &mut self,
        kind: ProposalKind,
        reason: Option<Reason>,
        note: &str,
        outcome: Option<Outcome>,
    ) {
        self.case.cleared_on = None;
        self.case.proposal = Some(Proposal {
            kind,
            by: self.hand(),
            reason,
            note: note.into(),
            outcome,
            on: Some(self.today()),
        });
    }

    /// Takes what waits for approval.
    pub(crate) fn take_proposal(&mut self) -> Result<Proposal> {
        let taken = self.case.proposal.take();
        taken.ok_or_else(|| Refused::nothing_waits(self.case.name()).into())
    }

    /// Drops what waits, whatever it is, and answers it: it has no effect.
    pub(crate) fn drop_proposal(&mut self) -> Result<Proposal> {
        self.private.corrected = None;
        self.private.successor = None;
        self.take_proposal()
    }

    /// What the rules said when something was proposed they must still say at its approval: decision
    /// and reason. Without a verdict it rests on a ground of the county's own, and what the rules said
    /// then is kept with it.
    pub(crate) async fn must_still_hold(
        &mut self,
        proposal: &Proposal,
        verdict: Option<Verdict>,
    ) -> Result<()> {
        let Some(verdict) = verdict else {
            if proposal.outcome.is_some() {
                self.case.outcome.clone_from(&proposal.outcome);
            }
            return Ok(());
        };
        let outcome = self.attach(verdict).await?;
        if !proposal.repeats(&outcome) {
            return Err(Refused::proposal_outdated(&self.case.name(), &outcome).into());
        }
        self.case.outcome = Some(outcome);
        Ok(())
    }

    /// Tells another service, when the act is written.
    pub(crate) fn publish(&mut self, destination: &'static str, payload: Payload) {
        self.events
            .push((destination, event(self.today(), payload)));
    }

    /// C.8: how long the money of the case stays reserved; without a day until the ledger hears of one.
    pub(crate) fn reserve(&mut self, until: Option<Date>) {
        if let Some(payload) = contestable(&self.case, until) {
            self.publish(LEDGER, payload);
        }
    }

    /// Changes another case by the same act: written before this one, with an entry of its own.
    pub(crate) fn also(&mut self, other: Other) {
        self.others.push(other);
    }

    /// Keeps which account the case states. One that claimants of other families state too is a red
    /// flag, on record and for whoever watches (五(三)3); it refuses nothing.
    pub(crate) async fn state_account(&self) -> Result<()> {
        let (case, number) = (&self.case, &self.private.account.number);
        let account_ref = self.context.vault.blind("bank-account", number);
        let today = self.today();
        let others = store::accounts::state(&self.open.tx, case, &account_ref, today).await?;
        if others.is_empty() {
            return Ok(());
        }
        let counties: BTreeSet<&str> = others.iter().map(|it| it.county.as_str()).collect();
        let entry = audit::Entry::new("case.shared_account", case.name())
            .after(&json!({ "others": others.len(), "counties": counties }));
        self.open.record(entry).await
    }

    /// Writes the case, its transition, evidence and audit entry, and remembers the answer.
    pub(crate) async fn finish(self, action: &str, reason: impl Into<String>) -> Result<pb::Case> {
        self.finish_with(action, reason, |case| case).await
    }

    /// The same, answering with what `answer` makes of the case.
    pub(crate) async fn finish_with<Answer: Message>(
        self,
        action: &str,
        reason: impl Into<String>,
        answer: impl FnOnce(pb::Case) -> Answer,
    ) -> Result<Answer> {
        let (case, open) = self.write(action, reason).await?;
        open.finish(answer(case)).await
    }

    /// Writes the case, its transition, evidence and audit entry.
    async fn write(
        self,
        action: &str,
        reason: impl Into<String>,
    ) -> Result<(pb::Case, OpenAct<'a>)> {
        let resealed = self.private != self.private_before;
        let sealed = resealed
            .then(|| self.context.seal(&self.case, &self.private))
            .transpose()?;
        let change = Change {
            before: self.before,
            after: self.case,
            sealed,
            verdict: self.verdict,
            reason: reason.into(),
        };
        let others = self.others.iter().map(|it| &it.change);
        let told = std::iter::once(&change)
            .chain(others)
            .filter(|it| store::index::concerns_others(&it.before, &it.after))
            .map(|it| it.after.subject_ref.as_str());
        store::index::lock(&self.open.tx, told.collect()).await?;
        let year = Year {
            pack: &self.pack,
            calendar: self.context.calendar,
        };
        let writer = |action| Writer::within(&self.open, year, action);
        for other in self.others {
            writer(other.action)
                .write_one(other.change, other.events)
                .await?;
        }
        let case = writer(action).write_one(change, self.events).await?;
        let answer = convert::case(self.open.caller, &case, &self.private)?;
        Ok((answer, self.open))
    }
}

/// Order of lodging inside a day, also of a sandbox, whose time of day goes round: the part of a
/// time-ordered id that is its time, and always behind the `last` in line, for the clocks of two
/// machines differ. Equal ones are told apart by the id of the case.
pub(crate) fn behind(last: Option<i64>) -> i64 {
    let (time, _) = clock::fresh_id().as_u64_pair();
    let now = i64::try_from(time).unwrap_or(i64::MAX);
    last.map_or(now, |it| now.max(it.saturating_add(1)))
}

/// Whether the case is the same as when it was read.
pub(crate) fn unmoved(case: &Case, revision: i64) -> Result<()> {
    if case.revision == revision {
        Ok(())
    } else {
        Err(refusal::aborted().into())
    }
}
