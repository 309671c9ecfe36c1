//! Drafting and lodging: F1, I1.

use time::Date;
use yuhui_kernel::{CitizenNumber, DivisionCode, DivisionLevel, Tenant};
use yuhui_platform::{
    Result,
    caller::Caller,
    clock,
    idempotency::Key,
    refusal::{self, Violation, not_found},
};
use yuhui_policy::{Programme, rules::dates as rounds};
use yuhui_proto::{
    authz::v1::{Level, Power},
    eligibility::v1 as pb,
};

use super::seat;
use crate::{
    desk::{self, Desk},
    domain::{
        Case, State, Step,
        case::{Account, Private},
        life::Kind,
    },
    evaluation::Moment,
    refusal::required,
    rpc::convert,
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
    let tx = desk.db.begin(tenant).await?;
    if let Some(answer) = key.answered::<pb::Case>(&tx).await? {
        return Ok(answer);
    }
    let now = desk.clock.now();
    let mut case = blank(tenant, programme, caller, now);
    let mut private = Private::default();
    fill(desk, &mut case, &mut private, &claim)?;
    own_desk(caller, &case)?;
    let before = Case {
        revision: 0,
        ..case.clone()
    };
    let sealed = desk.seal(tenant, &private)?;
    desk::save(
        &tx,
        caller,
        &before,
        &mut case,
        sealed,
        None,
        now,
        "case.create",
        "",
    )
    .await?;
    let answer = convert::case(&case, &private);
    key.remember(&tx, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Changes a draft, or a case returned for correction. The programme never changes.
pub(super) async fn update(
    desk: &Desk,
    caller: &Caller,
    ask: pb::UpdateCaseRequest,
) -> Result<pb::Case> {
    let asked = ask.case.clone().unwrap_or_default();
    let named = pb::GetCaseRequest {
        name: asked.name.clone(),
    };
    let mut sitting = match desk
        .sit(caller, &named.name, &asked.etag, &ask.request_id, &ask)
        .await?
    {
        desk::Seat::Answered(case) => return Ok(*case),
        desk::Seat::Taken(sitting) => *sitting,
    };
    sitting.step(Step::Update)?;
    own_desk(caller, &sitting.case)?;
    let claim = asked.claim.unwrap_or_default();
    let paths = ask.update_mask.map(|it| it.paths).unwrap_or_default();
    if paths.is_empty() {
        fill(desk, &mut sitting.case, &mut sitting.private, &claim)?;
    }
    for path in &paths {
        fill_one(desk, &mut sitting.case, &mut sitting.private, &claim, path)?;
    }
    sitting.finish("case.update", "").await
}

/// Lodges a draft: everything must be there; the registers are asked, the rules say what they think.
pub(super) async fn lodge(
    desk: &Desk,
    caller: &Caller,
    ask: pb::LodgeCaseRequest,
) -> Result<pb::Case> {
    let looked = desk.look(caller, &ask.name).await?;
    let private = desk.unseal(looked.case.tenant, &looked.sealed)?;
    if looked.case.state == State::Draft {
        complete(&looked.case, &private)?;
    }
    let verdict = desk.judge(caller, &looked.case, Moment::default()).await?;
    let mut sitting = seat!(desk, caller, ask);
    sitting.step(Step::Lodge)?;
    own_desk(caller, &sitting.case)?;
    let today = sitting.today();
    let round = verdict
        .determination
        .round
        .unwrap_or_else(|| fallback_round(desk, &sitting.case, today));
    sitting.adopt(verdict)?;
    sitting.case.lodged_on = Some(today);
    sitting.case.lodged_order = micros(desk);
    sitting.case.round = round;
    sitting.case.receipt_number = receipt(&sitting.case, today);
    sitting.finish("case.lodge", "").await
}

fn blank(tenant: Tenant, programme: Programme, caller: &Caller, now: time::OffsetDateTime) -> Case {
    Case {
        id: clock::fresh_id(),
        tenant,
        revision: 0,
        state: State::Draft,
        resume: None,
        programme,
        unit: caller.unit.unwrap_or_else(|| tenant.code()),
        claimant_ref: String::new(),
        subject_ref: String::new(),
        claimant_name: String::new(),
        subsidy_year: 0,
        documents: Vec::new(),
        truth_signed: false,
        account_masked: String::new(),
        stopped_by: String::new(),
        opened_by: caller.account.clone(),
        receipt_number: String::new(),
        lodged_on: None,
        lodged_order: 0,
        round: 0,
        outcome: None,
        related: Vec::new(),
        report: None,
        notice: None,
        notice_over: false,
        roster: None,
        proposal: None,
        defects: Vec::new(),
        return_due_on: None,
        return_code: String::new(),
        cleared_on: None,
        confirmed_on: None,
        county_hands: Vec::new(),
        paid_on: None,
        created_at: now,
        updated_at: now,
    }
}

const FIELDS: &[&str] = &[
    "claimant_number",
    "child_number",
    "credit_code",
    "claimant_name",
    "village",
    "township",
    "subsidy_year",
    "account",
    "documents",
    "truth_signed",
];

fn fill(desk: &Desk, case: &mut Case, private: &mut Private, claim: &pb::Claim) -> Result<()> {
    for field in FIELDS {
        fill_one(desk, case, private, claim, &format!("claim.{field}"))?;
    }
    Ok(())
}

/// Takes one field over; what is malformed is refused at once and nothing is lost.
fn fill_one(
    desk: &Desk,
    case: &mut Case,
    private: &mut Private,
    claim: &pb::Claim,
    path: &str,
) -> Result<()> {
    match path {
        "claim.claimant_number" if case.kind() == Kind::Family => {
            private.claimant_number = identity_number(&claim.claimant_number, path)?;
            case.claimant_ref = reference(desk, "identity-number", &private.claimant_number);
        }
        "claim.child_number" if case.kind() == Kind::Family => {
            private.child_number = identity_number(&claim.child_number, path)?;
            case.subject_ref = reference(desk, "identity-number", &private.child_number);
        }
        "claim.credit_code" if case.kind() == Kind::Institution => {
            private.credit_code = claim.credit_code.trim().to_uppercase();
            case.subject_ref = reference(desk, "credit-code", &private.credit_code);
            case.claimant_ref.clone_from(&case.subject_ref);
        }
        "claim.claimant_number" | "claim.child_number" | "claim.credit_code" => {}
        "claim.claimant_name" => case.claimant_name = claim.claimant_name.trim().into(),
        "claim.village" if case.kind() == Kind::Family => {
            set_unit(case, &claim.village, path, DivisionLevel::Village)?;
        }
        "claim.township" if case.kind() == Kind::Institution => {
            set_unit(case, &claim.township, path, DivisionLevel::Township)?;
        }
        "claim.village" | "claim.township" => {}
        "claim.subsidy_year" => case.subsidy_year = claim.subsidy_year,
        "claim.account" => {
            private.account = claim
                .account
                .as_ref()
                .map(convert::account)
                .unwrap_or_default();
            case.account_masked = private.account.masked();
        }
        "claim.documents" => case.documents = convert::documents(&claim.documents),
        "claim.truth_signed" => case.truth_signed = claim.truth_signed,
        _ => {
            let what = Violation::new(
                "update_mask",
                format!("没有字段 {path}"),
                format!("names no field of the claim: {path}"),
            );
            return Err(refusal::invalid(vec![what]).into());
        }
    }
    Ok(())
}

fn reference(desk: &Desk, domain: &str, number: &str) -> String {
    if number.is_empty() {
        String::new()
    } else {
        desk.vault.blind(domain, number)
    }
}

/// A citizen number (GB 11643, R-ID-1), or the number of a birth certificate; empty in a draft.
fn identity_number(text: &str, field: &str) -> Result<String> {
    let text = text.trim().to_uppercase();
    let certificate = text.len() == 10
        && text.starts_with(|it: char| it.is_ascii_uppercase())
        && text.chars().skip(1).all(|it| it.is_ascii_digit());
    if text.is_empty() || certificate {
        return Ok(text);
    }
    match CitizenNumber::parse(&text) {
        Ok(_) => Ok(text),
        Err(error) => {
            let what = Violation::new(
                field,
                "公民身份号码或出生医学证明编号有误",
                error.to_string(),
            );
            Err(refusal::invalid(vec![what]).into())
        }
    }
}

fn set_unit(case: &mut Case, text: &str, field: &str, level: DivisionLevel) -> Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let unit = text
        .parse::<DivisionCode>()
        .ok()
        .filter(|it| it.level() == level);
    match unit {
        Some(unit) if unit.county() == case.tenant.code() => {
            case.unit = unit;
            Ok(())
        }
        _ => {
            let what = Violation::new(
                field,
                "不是本旗县区的嘎查村（居）或苏木乡镇（街道）代码",
                "is no unit of that level in this county",
            );
            Err(refusal::invalid(vec![what]).into())
        }
    }
}

/// Families are drafted by themselves or the village, institutions by themselves or the county.
fn own_desk(caller: &Caller, case: &Case) -> Result<()> {
    let fits = match (caller.power(), caller.level()) {
        (Power::Claimant, _) => caller.person.as_ref() == Some(&case.claimant_ref),
        (_, Level::Village) => case.kind() == Kind::Family && caller.covers(&case.unit),
        (_, Level::County) => case.kind() == Kind::Institution,
        _ => false,
    };
    if fits {
        Ok(())
    } else {
        Err(not_found(case.name()).into())
    }
}

/// Everything a lodged claim needs (form complete, identity proven, truth signed).
fn complete(case: &Case, private: &Private) -> Result<()> {
    let mut missing = Vec::new();
    let mut need = |ok: bool, field: &str| {
        if !ok {
            missing.push(required(field));
        }
    };
    match case.kind() {
        Kind::Family => {
            need(!private.claimant_number.is_empty(), "claim.claimant_number");
            need(!private.child_number.is_empty(), "claim.child_number");
            need(case.unit.level() == DivisionLevel::Village, "claim.village");
        }
        Kind::Institution => {
            need(!private.credit_code.is_empty(), "claim.credit_code");
            need(
                case.unit.level() == DivisionLevel::Township,
                "claim.township",
            );
        }
    }
    need(!case.claimant_name.is_empty(), "claim.claimant_name");
    let yearly = matches!(case.programme, Programme::P2 | Programme::P3);
    need(!yearly || case.subsidy_year != 0, "claim.subsidy_year");
    account_complete(&private.account, &mut need);
    need(case.truth_signed, "claim.truth_signed");
    if case.kind() == Kind::Institution && !private.account.corporate {
        missing.push(Violation::new(
            "claim.account.corporate",
            "机构补贴须划入对公账户",
            "institutions are paid to a corporate account (五(二)4)",
        ));
    }
    if missing.is_empty() {
        Ok(())
    } else {
        Err(refusal::invalid(missing).into())
    }
}

fn account_complete(account: &Account, need: &mut impl FnMut(bool, &str)) {
    need(!account.holder_name.is_empty(), "claim.account.holder_name");
    need(!account.number.is_empty(), "claim.account.account_number");
    need(!account.bank_name.is_empty(), "claim.account.bank_name");
}

fn fallback_round(desk: &Desk, case: &Case, today: Date) -> i32 {
    match case.kind() {
        Kind::Family => rounds::family_round(&desk.pack, desk.calendar, today),
        Kind::Institution => rounds::institution_round(&desk.pack, desk.calendar, today),
    }
}

fn micros(desk: &Desk) -> i64 {
    i64::try_from(desk.clock.now().unix_timestamp_nanos() / 1000).unwrap_or(i64::MAX)
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
