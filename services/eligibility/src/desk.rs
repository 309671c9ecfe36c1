//! The desk every handler works at, and a *sitting*: one act on one case in one transaction —
//! reach, etag, state, dynamic rules, change, transition, audit, answer.

use std::sync::Arc;

use prost::Message;
use serde_json::json;
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use yuhui_kernel::{Calendar, DivisionCode, Tenant};
use yuhui_platform::{
    Result, audit,
    caller::Caller,
    clock::Clock,
    db::{Database, Tx},
    idempotency::Key,
    peers::Peers,
    refusal::{self, not_found},
    vault::Vault,
};
use yuhui_policy::PolicyPack;
use yuhui_proto::{
    authz::v1::{Level, Power, Reach},
    eligibility::v1 as pb,
};

use crate::{
    domain::{Case, Proposal, ProposalKind, State, Step, case::Private},
    evaluation::Verdict,
    refusal::Refused,
    rpc::convert,
    store::{self, cases::Stored},
};

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) db: Database,
    pub(crate) clock: Clock,
    pub(crate) peers: Peers,
    pub(crate) vault: Arc<Vault>,
    pub(crate) pack: Arc<PolicyPack>,
    pub(crate) calendar: &'static Calendar,
}

/// A case name taken apart.
pub(crate) struct CaseName {
    pub(crate) tenant: Tenant,
    pub(crate) id: Uuid,
}

/// How a sitting begins.
pub(crate) enum Seat {
    /// The command is a repetition: this was the first answer.
    Answered(Box<pb::Case>),
    /// The case, in a write transaction.
    Taken(Box<Sitting>),
}

/// One act on one case.
pub(crate) struct Sitting {
    desk: Desk,
    caller: Caller,
    key: Key,
    pub(crate) tx: Tx,
    pub(crate) case: Case,
    pub(crate) private: Private,
    before: Case,
    verdict: Option<Verdict>,
}

impl Desk {
    /// Reads a case name; what the caller does not reach does not exist.
    pub(crate) fn case_name(&self, caller: &Caller, name: &str) -> Result<CaseName> {
        let (tenant, id) = parse_name(name, "cases").ok_or_else(|| not_found(name))?;
        Ok(CaseName {
            tenant: caller.tenant_for(&tenant)?,
            id,
        })
    }

    /// Reads a case without changing it.
    pub(crate) async fn look(&self, caller: &Caller, name: &str) -> Result<Stored> {
        let named = self.case_name(caller, name)?;
        let tx = self.db.read(named.tenant).await?;
        let stored = store::cases::get(&tx, named.id).await?;
        stored
            .filter(|it| reaches(caller, &it.case))
            .ok_or_else(|| not_found(name).into())
    }

    /// Takes a seat for one act on a case.
    pub(crate) async fn sit<M: Message>(
        &self,
        caller: &Caller,
        name: &str,
        etag: &str,
        request_id: &str,
        request: &M,
    ) -> Result<Seat> {
        let named = self.case_name(caller, name)?;
        let key = Key::new(caller, request_id, request)?;
        let tx = self.db.begin(named.tenant).await?;
        if let Some(answer) = key.answered::<pb::Case>(&tx).await? {
            return Ok(Seat::Answered(Box::new(answer)));
        }
        let stored = store::cases::get(&tx, named.id)
            .await?
            .filter(|it| reaches(caller, &it.case))
            .ok_or_else(|| not_found(name))?;
        let case = stored.case;
        if !etag.is_empty() && etag != convert::etag(&case) {
            return Err(refusal::aborted().into());
        }
        not_a_relative(caller, &case)?;
        let private = self.unseal(case.tenant, &stored.sealed)?;
        Ok(Seat::Taken(Box::new(Sitting {
            desk: self.clone(),
            caller: caller.clone(),
            key,
            tx,
            before: case.clone(),
            case,
            private,
            verdict: None,
        })))
    }

    pub(crate) fn today(&self) -> Date {
        self.clock.today()
    }

    pub(crate) fn seal(&self, tenant: Tenant, private: &Private) -> Result<Vec<u8>> {
        let text = serde_json::to_string(private)?;
        self.vault
            .seal(&tenant, "case", &text)
            .map_err(|it| yuhui_platform::Error::fault(it.to_string()))
    }

    pub(crate) fn unseal(&self, tenant: Tenant, sealed: &[u8]) -> Result<Private> {
        let text = self
            .vault
            .unseal(&tenant, "case", sealed)
            .map_err(|it| yuhui_platform::Error::fault(it.to_string()))?;
        Ok(serde_json::from_str(&text)?)
    }
}

impl Sitting {
    /// Takes a step of the life-cycle, or says what the state allows instead.
    pub(crate) fn step(&mut self, step: Step) -> Result<()> {
        let case = self.case.name();
        self.case
            .step(step)
            .map_err(|refused| Refused::WrongState { case, refused })?;
        Ok(())
    }

    /// Uses a verdict reached before the transaction; if the case has moved since, the race is lost.
    pub(crate) fn adopt(&mut self, verdict: Verdict) -> Result<()> {
        if verdict.revision != self.before.revision {
            return Err(refusal::aborted().into());
        }
        self.case.outcome = Some(verdict.outcome.clone());
        self.case.related.clone_from(&verdict.related);
        self.verdict = Some(verdict);
        Ok(())
    }

    /// DYN-2: nobody reviews the same case at two levels.
    pub(crate) async fn one_level_only(&self) -> Result<()> {
        let own = i64::from(i32::from(self.caller.level()));
        let acted = store::transitions::list(&self.tx, self.case.id).await?;
        if acted
            .iter()
            .any(|it| it.actor == self.caller.account && it.level != own)
        {
            return Err(refusal::denied(
                "DYN-2",
                "同一案件不得由同一人在两级审核",
                "nobody acts on the same case at two levels",
            )
            .into());
        }
        Ok(())
    }

    /// The stage of the case must be the caller's level.
    pub(crate) fn own_stage(&self) -> Result<()> {
        let fits = match self.case.state {
            State::VReview | State::VNotice => self.caller.level() == Level::Village,
            State::TReview | State::TNotice => self.caller.level() == Level::Township,
            State::CReview | State::CNotice => self.caller.level() == Level::County,
            _ => true,
        };
        if fits {
            return Ok(());
        }
        Err(refusal::denied(
            "STAGE",
            "案件当前不在本级审核阶段",
            "the case is not at the stage of the caller's level",
        )
        .into())
    }

    /// DYN-1: who made a thing cannot approve it.
    pub(crate) fn not_the_maker(&self, maker: &str) -> Result<()> {
        not_the_maker(&self.caller, maker)
    }

    /// Puts a proposal before the checker.
    pub(crate) fn propose(&mut self, kind: ProposalKind, reason: &str, note: &str) -> Result<()> {
        if let Some(waiting) = &self.case.proposal
            && waiting.kind != kind
        {
            let kind = waiting.kind.as_str();
            return Err(Refused::ProposalWaiting {
                case: self.case.name(),
                kind,
            }
            .into());
        }
        self.case.proposal = Some(Proposal {
            kind,
            by: self.caller.account.clone(),
            reason: reason.into(),
            note: note.into(),
        });
        Ok(())
    }

    /// Takes the proposal of that kind for approval by somebody else.
    pub(crate) fn approve(&mut self, kind: ProposalKind) -> Result<Proposal> {
        match self.case.proposal.take() {
            Some(proposal) if proposal.kind == kind => {
                self.not_the_maker(&proposal.by)?;
                Ok(proposal)
            }
            _ => Err(Refused::NoProposal {
                case: self.case.name(),
                kind: kind.as_str(),
            }
            .into()),
        }
    }

    pub(crate) fn caller(&self) -> &Caller {
        &self.caller
    }

    pub(crate) fn today(&self) -> Date {
        self.desk.today()
    }

    pub(crate) fn calendar(&self) -> &'static Calendar {
        self.desk.calendar
    }

    /// Writes the case, its transition, evidence and audit entry, and remembers the answer.
    pub(crate) async fn finish(mut self, action: &str, reason: &str) -> Result<pb::Case> {
        let now = self.desk.clock.now();
        let sealed = self.desk.seal(self.case.tenant, &self.private)?;
        save(
            &self.tx,
            &self.caller,
            &self.before,
            &mut self.case,
            sealed,
            self.verdict.as_ref(),
            now,
            action,
            reason,
        )
        .await?;
        let answer = convert::case(&self.case, &self.private);
        self.key.remember(&self.tx, &answer).await?;
        self.tx.commit().await?;
        Ok(answer)
    }
}

/// Writes a changed case with its transition, evidence, index and audit entry.
#[expect(
    clippy::too_many_arguments,
    reason = "the parts of one record, all needed"
)]
pub(crate) async fn save(
    tx: &Tx,
    caller: &Caller,
    before: &Case,
    case: &mut Case,
    sealed: Vec<u8>,
    verdict: Option<&Verdict>,
    now: OffsetDateTime,
    action: &str,
    reason: &str,
) -> Result<()> {
    case.revision = before.revision + 1;
    case.updated_at = now;
    let stored = Stored {
        case: case.clone(),
        sealed,
    };
    if before.revision == 0 {
        store::cases::insert(tx, &stored).await?;
    } else {
        store::cases::update(tx, &stored).await?;
    }
    store::transitions::append(tx, caller, case, before.state, action, now, reason).await?;
    if let Some(verdict) = verdict {
        let (sheet, evidence) = verdict.stored()?;
        store::evidence::append(tx, case.id, case.revision, &sheet, &evidence).await?;
    }
    store::index::put(tx, case).await?;
    let entry = audit::Entry::new(action, &case.name())
        .before(&snapshot(before))
        .after(&snapshot(case))
        .reason(reason);
    audit::record(tx, caller, now, entry).await?;
    Ok(())
}

/// What an audit entry keeps of a case.
fn snapshot(case: &Case) -> serde_json::Value {
    json!({
        "state": case.state.as_str(),
        "revision": case.revision,
        "decision": case.outcome.as_ref().map(|it| &it.decision),
        "reason": case.outcome.as_ref().map(|it| &it.reason),
        "amount_fen": case.amount().fen(),
        "evidence": case.outcome.as_ref().map(|it| &it.evidence_hash),
    })
}

/// DYN-1 for anything made by one account and approved by another.
pub(crate) fn not_the_maker(caller: &Caller, maker: &str) -> Result<()> {
    if caller.account == maker {
        return Err(refusal::denied(
            "DYN-1",
            "经办人不得审批本人经办事项",
            "who made a thing cannot approve it",
        )
        .into());
    }
    Ok(())
}

/// DYN-3 回避: claimant, parents and child are known by blind reference, so is the caller.
/// Claimants act on their own cases by right.
fn not_a_relative(caller: &Caller, case: &Case) -> Result<()> {
    let involved = caller
        .person
        .as_ref()
        .is_some_and(|it| case.related.contains(it));
    if involved && caller.power() != Power::Claimant {
        return Err(refusal::denied(
            "DYN-3",
            "本人或近亲属案件须回避",
            "nobody acts on a case of his own or of a relative",
        )
        .into());
    }
    Ok(())
}

/// Whether the caller's reach covers the case.
pub(crate) fn reaches(caller: &Caller, case: &Case) -> bool {
    match caller.reach {
        Reach::OwnRecords => caller.person.as_ref() == Some(&case.claimant_ref),
        Reach::OwnUnit => caller.covers(&case.unit),
        Reach::OwnTenant | Reach::AllTenants => true,
        Reach::NoTenant | Reach::Unspecified => false,
    }
}

/// `counties/{county}/{collection}/{uuid}` taken apart.
pub(crate) fn parse_name(name: &str, collection: &str) -> Option<(Tenant, Uuid)> {
    let mut parts = name.split('/');
    let (Some("counties"), Some(county), Some(kind), Some(id), None) = (
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
    ) else {
        return None;
    };
    if kind != collection {
        return None;
    }
    Some((Tenant::parse(county).ok()?, Uuid::parse_str(id).ok()?))
}

/// `counties/{county}` taken apart.
pub(crate) fn parse_parent(caller: &Caller, parent: &str) -> Result<Tenant> {
    let tenant = parent
        .strip_prefix("counties/")
        .and_then(|it| Tenant::parse(it).ok())
        .ok_or_else(|| not_found(parent))?;
    Ok(caller.tenant_for(&tenant)?)
}

/// Digits that every unit within the caller's reach begins with.
pub(crate) fn unit_prefix(caller: &Caller) -> String {
    let unit = caller.unit.map(|it: DivisionCode| it.to_string());
    match caller.reach {
        Reach::OwnUnit => unit.unwrap_or_default(),
        _ => String::new(),
    }
}
