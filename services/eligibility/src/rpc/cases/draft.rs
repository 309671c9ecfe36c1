//! Drafting and lodging: F1, I1.

use time::Date;
use yuhui_platform::{
    Result, caller::Caller, clock, idempotency::Key, refusal, relatives::Relatives,
};
use yuhui_policy::rules::dates as rounds;
use yuhui_proto::{authz::v1::Power, eligibility::v1 as pb};

use super::{
    form::{self, Filling},
    look, seat,
};
use crate::{
    desk::{self, Command, Desk},
    domain::{Case, Step, private::Private},
    evaluation::{self, Moment},
    record::{Act, Change},
    refusal::required,
    rpc::{convert, facts},
    separation::{conflict, own_counter},
    sitting::Seat,
};

/// Opens a draft.
pub(super) async fn create(
    desk: &Desk,
    caller: &Caller,
    ask: pb::CreateCaseRequest,
) -> Result<pb::Case> {
    let tenant = desk::parse_parent(caller, &ask.parent)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let claim = ask.claim.unwrap_or_default();
    let programme = convert::domain_programme(claim.programme())
        .ok_or_else(|| refusal::invalid(vec![required("claim.programme")]))?;
    let relatives = desk.relatives(caller, tenant).await;
    let tx = desk.db.begin(tenant).await?;
    if let Some(answer) = key.answered::<pb::Case>(&tx).await? {
        return Ok(answer);
    }
    // A draft is before nobody yet. Where the registers are silent it is kept, and whose relative
    // the clerk is keeps him from lodging it.
    let relatives = match relatives {
        Err(error) if error.is_silence() => Relatives::default(),
        other => other?,
    };
    let now = desk.clock.now();
    let unit = caller.unit.unwrap_or_else(|| tenant.code());
    let mut case = Case::draft(clock::fresh_id(), tenant, unit, programme, now);
    let mut private = Private::default();
    fill(desk, caller, &mut case, &mut private, (&claim, &[]))?;
    conflict(caller, &relatives, &case)?;
    let sealed = desk.seal(&case, &private)?;
    let change = Change {
        sealed: Some(sealed),
        ..Change::of(case)
    };
    let act = Act {
        tx: &tx,
        caller,
        now,
        action: "case.create",
    };
    let case = act.write_one(change, Vec::new()).await?;
    let answer = convert::case(&case, &private);
    key.remember(&tx, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Changes a draft, or a case returned for correction.
pub(super) async fn update(
    desk: &Desk,
    caller: &Caller,
    ask: pb::UpdateCaseRequest,
) -> Result<pb::Case> {
    let asked = ask.case.clone().unwrap_or_default();
    let command = Command::new(caller, &asked.name, &asked.etag, &ask.request_id, &ask)?;
    let mut sitting = seat!(desk, command);
    sitting.step(Step::Update)?;
    sitting.own_counter()?;
    let claim = asked.claim.unwrap_or_default();
    let paths = ask.update_mask.map(|it| it.paths).unwrap_or_default();
    fill(
        desk,
        caller,
        &mut sitting.case,
        &mut sitting.private,
        (&claim, &paths),
    )?;
    conflict(caller, sitting.relatives(), &sitting.case)?;
    sitting.finish("case.update", paths.join(" ")).await
}

/// Fills in a claim. It stays the caller's to bring forward, whatever is filled in.
fn fill(
    desk: &Desk,
    caller: &Caller,
    case: &mut Case,
    private: &mut Private,
    (claim, paths): (&pb::Claim, &[String]),
) -> Result<()> {
    let by_claimant = caller.power() == Power::Claimant;
    Filling {
        desk,
        by_claimant,
        case,
        private,
    }
    .fill(claim, paths)?;
    Ok(own_counter(caller, case)?)
}

/// Lodges a draft: everything must be there; the registers are asked, the rules say what they
/// think.
pub(super) async fn lodge(
    desk: &Desk,
    caller: &Caller,
    ask: pb::LodgeCaseRequest,
) -> Result<pb::Case> {
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let looked = look!(desk, command, Step::Lodge);
    own_counter(caller, &looked.case)?;
    let registered = facts::registered_name(desk, caller, &looked.case).await?;
    let private = desk.open(&looked)?;
    form::complete(&looked.case, &private, registered.as_deref())?;
    let pack = desk.pack_of(&looked.case).await?;
    let verdict = desk.judge(caller, &looked, Moment::default()).await?;
    let revision = looked.case.revision;
    let mut sitting = match desk.sit_to_lodge(command, revision).await? {
        Seat::Answered(case) => return Ok(*case),
        Seat::Taken(sitting) => *sitting,
    };
    sitting.step(Step::Lodge)?;
    let outcome = sitting.attach(verdict).await?;
    let today = sitting.today();
    // Judged before midnight and lodged after it, the version might be another's.
    if outcome.evaluated_on != today || outcome.found.pack_version != pack.version() {
        return Err(refusal::aborted().into());
    }
    let found = outcome.found.round;
    let place = sitting.place_in_line().await?;
    let contradicted = outcome.found.reason.filter(|_| outcome.is_contradicted());
    let case = &mut sitting.case;
    case.outcome = Some(outcome);
    case.round = found.unwrap_or_else(|| {
        let claim = evaluation::claim(case, today);
        rounds::round_of(&pack, desk.calendar, &claim)
    });
    pack.version().clone_into(&mut case.pack_version);
    case.lodged_on = Some(today);
    case.lodged_order = place;
    case.receipt_number = receipt(case, today);
    sitting.state_account().await?;
    let Some(contradicted) = contradicted else {
        return sitting.finish("case.lodge", "").await;
    };
    // R-PRC-7: lodged with its day and receipt, and looked into before anybody takes it up.
    sitting.step(Step::Object)?;
    sitting.finish("case.lodge", contradicted.code()).await
}

/// Receipt number (R-PRC-1): county, programme, day, and a part of the id nobody can guess.
fn receipt(case: &Case, today: Date) -> String {
    let tail: String = case.id.simple().to_string().chars().skip(20).collect();
    format!(
        "{}{}{:04}{:02}{:02}{}",
        case.tenant.as_str(),
        case.programme.code(),
        today.year(),
        u8::from(today.month()),
        today.day(),
        tail.to_uppercase()
    )
}
