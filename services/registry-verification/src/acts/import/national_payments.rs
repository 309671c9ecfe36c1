//! Health: payments of the national childcare subsidy.

use std::collections::BTreeSet;

use yuhui_kernel::Money;
use yuhui_platform::{Caller, Result, act::OpenAct, form::Form, idempotency, unless_answered};
use yuhui_proto::registry::v1 as pb;

use super::{
    Mentions, count, last_of_each,
    people::{RECORDS, person},
    plausible::{Known, Told},
    record,
};
use crate::{
    Deps,
    domain::{NationalPayment, Register},
    store::Registers,
};

/// The national subsidy begins with 2025.
const FIRST_YEAR: i32 = 2025;

/// Takes the import.
pub async fn import(
    deps: &Deps,
    caller: &Caller,
    ask: pb::ImportNationalPaymentsRequest,
) -> Result<pb::ImportNationalPaymentsResponse> {
    let tenant = caller.tenant()?;
    let key = idempotency::Key::new(caller, &ask.request_id, &ask)?;
    let mut form = Form::default();
    form.limit("payments", &ask.payments, RECORDS);
    form.finish()?;
    let mut mentions = Mentions::default();
    let payments = read(&mut form, &mut mentions, deps, &ask.payments);
    form.finish()?;

    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, tenant, key));
    let registers = Registers::of(&act.tx)?;
    registers.lock_registers().await?;
    let ids = mentions.check(&mut form, &registers).await?;
    let payments: Vec<_> = payments.into_iter().map(|it| ids.rename(it)).collect();
    let children = payments.iter().map(|it| it.child.clone()).collect();
    let known = Known::of(&registers, &children).await?;
    let told = Told {
        payments: { payments.iter().enumerate() }
            .map(|(i, it)| (format!("payments[{i}]"), it))
            .collect(),
        ..Told::default()
    };
    let warnings = told.check(&known, deps.clock.today(), &mut form);
    form.finish()?;
    let payments = last_of_each(&ids, payments, |it| {
        (it.child.clone(), it.paid_on, it.for_year)
    });

    let answer = pb::ImportNationalPaymentsResponse {
        written: count(payments.len()),
        warnings,
    };
    registers.put_national_payments(payments).await?;
    record(&act, Register::Maternity, &ask, answer.written).await?;
    act.finish(answer).await
}

/// Reads the payments; if nothing is wrong there is one for each record.
fn read(
    form: &mut Form,
    mentions: &mut Mentions,
    deps: &Deps,
    records: &[pb::NationalPaymentRecord],
) -> Vec<NationalPayment> {
    let mut seen = BTreeSet::new();
    let mut payments = Vec::with_capacity(records.len());
    for (i, record) in records.iter().enumerate() {
        let field = format!("payments[{i}]");
        let child_at = format!("{field}.child");
        let child = person(form, &deps.vault, &child_at, &record.child);
        let paid_on = form.date(&format!("{field}.paid_on"), &record.paid_on);
        if record.amount_fen <= 0 {
            form.refuse(
                format!("{field}.amount_fen"),
                "须为正数（分）",
                "must be a positive number of fen",
            );
        }
        let (Some(child), Some(paid_on)) = (child, paid_on) else {
            continue;
        };
        mentions.add(child_at, &child);
        let for_year = match record.for_year {
            0 => paid_on.year(),
            year => year,
        };
        if !(FIRST_YEAR..=paid_on.year()).contains(&for_year) {
            form.refuse(
                format!("{field}.for_year"),
                "须为2025年至发放当年的年份",
                "must be a year from 2025 to that of the payment",
            );
        }
        if !seen.insert((child.clone(), paid_on, for_year)) {
            form.refuse(
                format!("{field}.paid_on"),
                "同一孩子同一日同一年度出现两次",
                "names a child, day and year that stand in the import already",
            );
        }
        payments.push(NationalPayment {
            child,
            paid_on,
            for_year,
            amount: Money::from_fen(record.amount_fen),
        });
    }
    payments
}
