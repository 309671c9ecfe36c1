//! R-FRD, R-TER-3: fraud established by an inquiry.

use time::Date;
use yuhui_kernel::{Money, dates::format_chinese};

use super::{case::Case, clauses};
use crate::{
    Reason,
    facts::{FactKind, FraudFinding, Unknown},
    pack::{CancelScope, RecoveryScope},
    record::{Draft, Register, Sink, Verdict},
};

/// What a finding of fraud does to the claim.
#[derive(Clone, Copy)]
struct Taint<'a> {
    reason: Reason,
    finding: &'a FraudFinding,
}

/// R-FRD-1, R-FRD-2 steps 15 and 9 (五(三)3b). “骗取奖励补贴资金的，一经发现，立即取消享受的一切奖励补贴待遇”:
/// known by confirmation, or before it by today, the claim is refused.
pub(crate) fn no_fraud_by_confirmation(case: &Case<'_>, sink: &mut impl Sink) -> Verdict {
    let by = case.progress.confirmed_on.unwrap_or(case.progress.known_on);
    let taint = known(case, None, by);
    let missing = missing(case, taint, by);
    report(taint, missing, by, false, sink)
}

/// R-TER-3, R-FRD-1, R-FRD-2 step 17 (六2, 五(三)3b). “经调查认定属于申请人伪造材料、冒领骗取补贴或工作人员违规
/// 发放补贴”: established after confirmation and known by payment, terminate.
pub(crate) fn no_fraud_by_payment(
    case: &Case<'_>,
    confirmed_on: Date,
    sink: &mut impl Sink,
) -> Verdict {
    let progress = case.progress;
    let by = match progress.paid_on {
        Some(paid_on) if progress.paid => paid_on,
        _ => progress.known_on,
    };
    let taint = known(case, Some(confirmed_on), by);
    let missing = missing(case, taint, by);
    report(taint, missing, by, true, sink)
}

/// R-FRD-1 step 19: whether fraud was found after payment is known. There is no finding unless it is
/// not.
pub(crate) fn later_fraud_is_known(case: &Case<'_>, sink: &mut impl Sink) -> Verdict {
    let missing = missing(case, None, case.progress.known_on);
    let Some(unknown) = missing else {
        return Verdict::NotApplicable;
    };
    let verdict = Verdict::Unknown(unknown);
    sink.finding(verdict, || Draft::new("R-FRD-1", clauses::FRAUD, ""));
    verdict
}

/// What is missing of findings that could be graver than the one that is known.
fn missing(case: &Case<'_>, taint: Option<Taint<'_>>, by: Date) -> Option<Unknown> {
    let own = taint.is_some_and(|it| it.reason == Reason::Fraud);
    let claimant = &case.claim.claimant;
    let missing = case.facts.missing_by(FactKind::Fraud, claimant, by);
    missing.filter(|_| !own)
}

/// R-FRD-1, R-FRD-2, R-TER-4 step 19 (五(三)3b). “并追回已领取的奖励补贴金”: established after payment,
/// everything paid on the tainted claim is recovered; under ALL_PAID everything paid to the claimant.
pub(crate) fn to_recover(
    case: &Case<'_>,
    paid_on: Date,
    amount: Money,
    sink: &mut impl Sink,
) -> Option<(Reason, Money)> {
    let taint = taints(case)
        .filter(|taint| taint.finding.found_on > paid_on)
        .filter(|taint| taint.finding.found_on <= case.progress.known_on)
        .filter(|taint| match taint.reason {
            Reason::Fraud => true,
            _ => case.p().fraud_recovery_scope == RecoveryScope::AllPaid,
        })
        .min_by_key(priority);
    let Some(taint) = taint else {
        let until = case.progress.known_on;
        sink.finding(Verdict::NotApplicable, || {
            let until = format_chinese(until);
            let note = format!("发放后至{until}无骗取补贴的认定；发放后的户籍变动不追回。");
            Draft::new("R-TER-4", clauses::TERMINATION, note)
        });
        return None;
    };
    sink.finding(Verdict::Fail(taint.reason), || {
        draft(
            taint,
            format!(
                "发放后于{}认定骗取补贴，追回{amount}元。",
                format_chinese(taint.finding.found_on)
            ),
        )
    });
    Some((taint.reason, amount))
}

/// The gravest finding known after `after` and by `by`.
fn known<'a>(case: &Case<'a>, after: Option<Date>, by: Date) -> Option<Taint<'a>> {
    let cancels = case.p().fraud_cancel_scope == CancelScope::AllOfClaimant;
    taints(case)
        .filter(|taint| taint.finding.found_on <= by)
        .filter(|taint| after.is_none_or(|after| taint.finding.found_on > after))
        .filter(|taint| taint.reason == Reason::Fraud || cancels)
        .min_by_key(priority)
}

/// Findings on this claim and, of the same claimant, on others.
fn taints<'a>(case: &Case<'a>) -> impl Iterator<Item = Taint<'a>> {
    let claim = case.claim;
    case.facts.frauds.iter().filter_map(move |finding| {
        let reason = if finding.claim == claim.id {
            Reason::Fraud
        } else if finding.claimant != claim.claimant {
            return None;
        } else if finding.found_on <= claim.lodged_on {
            Reason::FraudBarred
        } else {
            Reason::FraudCancelled
        };
        Some(Taint { reason, finding })
    })
}

/// The claim's own fraud before that of others, a bar before a cancellation, the earlier first.
fn priority<'a>(taint: &Taint<'a>) -> (Gravity, Date, &'a str) {
    let rank = match taint.reason {
        Reason::Fraud => Gravity::Own,
        Reason::FraudBarred => Gravity::Barred,
        _ => Gravity::Cancelled,
    };
    (rank, taint.finding.found_on, &taint.finding.claim)
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Gravity {
    Own,
    Barred,
    Cancelled,
}

fn report(
    taint: Option<Taint<'_>>,
    missing: Option<Unknown>,
    by: Date,
    confirmed: bool,
    sink: &mut impl Sink,
) -> Verdict {
    let verdict = match (missing, taint) {
        (Some(unknown), _) => Verdict::Unknown(unknown),
        (None, None) => Verdict::NotApplicable,
        (None, Some(taint)) => Verdict::Fail(taint.reason),
    };
    sink.finding(verdict, || match taint {
        None => Draft::new(
            if confirmed { "R-TER-3" } else { "R-FRD-1" },
            if confirmed {
                clauses::IRREGULAR
            } else {
                clauses::FRAUD
            },
            format!("至{}无骗取补贴的认定。", format_chinese(by)),
        )
        .fact("fraud.found_on", "-", Register::ClaimIndex),
        Some(taint) => {
            let found = format_chinese(taint.finding.found_on);
            let note = match taint.reason {
                Reason::Fraud => format!("{found}认定本申请骗取补贴。"),
                Reason::FraudBarred => format!("申请人于{found}被认定骗取补贴，不再受理。"),
                _ => format!("申请人于{found}因其他申请被认定骗取补贴，取消其他待遇。"),
            };
            draft(taint, note).also_if(confirmed, &[clauses::IRREGULAR, clauses::TERMINATION])
        }
    });
    verdict
}

fn draft(taint: Taint<'_>, note: String) -> Draft {
    let own = taint.reason == Reason::Fraud;
    Draft::new(
        if own { "R-FRD-1" } else { "R-FRD-2" },
        clauses::FRAUD,
        note,
    )
    .day(
        "fraud.found_on",
        Some(taint.finding.found_on),
        Register::ClaimIndex,
    )
    .fact("fraud.claim", &taint.finding.claim, Register::ClaimIndex)
}
