//! R-N-13: fraud established by an inquiry, claim by claim.

use time::Date;
use yuhui_kernel::{Money, dates::format_chinese};

use super::child::Child;
use crate::{
    Reason,
    facts::{FactKind, Unknown},
    record::{Draft, Register, Sink, Verdict},
    rules::clauses,
};

/// R-N-13 (管理规范 第二十九条): known by confirmation, or before it by today, the claim is refused.
pub(super) fn none_by_confirmation(child: &Child<'_>, sink: &mut impl Sink) -> Verdict {
    let progress = child.progress;
    let by = progress.confirmed_on.unwrap_or(progress.known_on);
    report(child, found(child, None, by), by, sink)
}

/// R-N-13 (管理规范 第二十九条): established after confirmation and known by payment, terminate.
pub(super) fn none_by_payment(
    child: &Child<'_>,
    confirmed_on: Date,
    sink: &mut impl Sink,
) -> Verdict {
    let progress = child.progress;
    let by = match progress.paid_on {
        Some(paid_on) if progress.paid => paid_on,
        _ => progress.known_on,
    };
    report(child, found(child, Some(confirmed_on), by), by, sink)
}

/// R-N-13 (管理规范 第二十九条). “对骗取、冒领补贴资金的，由县级卫生健康部门负责追回”: what was paid on the
/// claim.
pub(super) fn to_recover(
    child: &Child<'_>,
    paid_on: Date,
    amount: Money,
    sink: &mut impl Sink,
) -> Option<Money> {
    let by = child.progress.known_on;
    let found_on = found(child, Some(paid_on), by);
    report(child, found_on, by, sink);
    found_on.map(|_| amount)
}

/// Day of the first finding on the claim after `after` and by `by`.
fn found(child: &Child<'_>, after: Option<Date>, by: Date) -> Option<Date> {
    let findings = child.facts.frauds.iter();
    findings
        .filter(|finding| finding.claim == child.claim.id)
        .map(|finding| finding.found_on)
        .filter(|on| *on <= by && after.is_none_or(|after| *on > after))
        .min()
}

/// R-N-13: whether fraud was found after payment is known. There is no finding unless it is not.
pub(super) fn later_fraud_is_known(child: &Child<'_>, sink: &mut impl Sink) -> Verdict {
    let Some(unknown) = missing(child, child.progress.known_on) else {
        return Verdict::NotApplicable;
    };
    let verdict = Verdict::Unknown(unknown);
    sink.finding(verdict, || Draft::new("R-N-13", clauses::N_RECOVERY, ""));
    verdict
}

/// Whether a finding may be missing.
fn missing(child: &Child<'_>, by: Date) -> Option<Unknown> {
    let claimant = &child.claim.claimant;
    child.facts.missing_by(FactKind::Fraud, claimant, by)
}

fn report(child: &Child<'_>, found_on: Option<Date>, by: Date, sink: &mut impl Sink) -> Verdict {
    let verdict = match found_on {
        None => Verdict::NotApplicable.or_unknown(missing(child, by)),
        Some(_) => Verdict::Fail(Reason::Fraud),
    };
    sink.finding(verdict, || {
        let note = found_on.map_or_else(
            || format!("至{}无骗取补贴的认定。", format_chinese(by)),
            |on| format!("{}认定本申请骗取补贴。", format_chinese(on)),
        );
        Draft::new("R-N-13", clauses::N_RECOVERY, note).day(
            "fraud.found_on",
            found_on,
            Register::ClaimIndex,
        )
    });
    verdict
}
