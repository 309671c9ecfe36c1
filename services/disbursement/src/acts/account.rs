//! The account of a payee was corrected: what was returned is tried once more.

use std::collections::BTreeMap;

use yuhui_kernel::Tenant;
use yuhui_platform::{Error, Result, audit, clock::fresh_id, db::Tx, vault::Sealed};
use yuhui_proto::{eligibility::v1::Payee, internal::v1::AccountCorrected};

use crate::{
    Deps,
    domain::{
        line::{LineState, payment_key, tail},
        name,
        placement::{Correction, correct},
    },
    store::{lines, orders, standing},
};

/// A corrected account (F23): a new attempt for a returned line; a line
/// that was not sent yet goes to the new account. Where another took the case
/// over (C.7), the lines of the claimant before are his from now on.
pub async fn correct_account(
    deps: &Deps,
    tx: &Tx,
    tenant: Tenant,
    event: &AccountCorrected,
    payee: Payee,
) -> Result<audit::Entry> {
    let account = |line| {
        let seal = |column: Sealed, text| deps.vault.seal(&column.at(tenant, line), text);
        Ok::<_, Error>(lines::Account {
            payee_sealed: seal(lines::PAYEE, &payee.payee_name)?,
            sealed: seal(lines::ACCOUNT, &payee.account_number)?,
            tail: tail(&payee.account_number).into(),
            bank_name: payee.bank_name.clone(),
        })
    };
    let cases = [event.case.clone()];
    let held = !standing::held(tx, &cases).await?.is_empty();
    let mut last: BTreeMap<i32, lines::Model> = BTreeMap::new();
    for row in lines::of_cases(tx, &cases).await? {
        let newer = last
            .get(&row.round)
            .is_none_or(|it| row.attempt > it.attempt);
        let theirs = [&event.payee_ref, &event.former_payee_ref].contains(&&row.payee_ref);
        if theirs && newer {
            last.insert(row.round, row);
        }
    }
    let (mut done, mut left) = (Vec::new(), Vec::new());
    for row in last.values() {
        if row.state()? == LineState::Sent && row.payee_ref != event.payee_ref {
            lines::hand_over(tx, row.id, &event.payee_ref).await?;
        }
        let row = &lines::Model {
            payee_ref: event.payee_ref.clone(),
            ..row.clone()
        };
        let key = match correct(row.state()?) {
            Correction::Nothing => continue,
            Correction::ChangeAccount => {
                let key = payment_key(row.round, &row.case_name, &row.payee_ref, row.attempt);
                let line = lines::Model {
                    payment_key: key.clone(),
                    ..row.clone()
                };
                lines::change_account(tx, &line, account(row.id)?).await?;
                if let Some(order) = row.order_id {
                    orders::shrink(tx, order, std::slice::from_ref(row)).await?;
                    left.push(name::of_order(&row.tenant, order));
                }
                key
            }
            Correction::NextAttempt if struck(tx, row).await? => continue,
            Correction::NextAttempt => {
                let attempt = row.attempt + 1;
                let key = payment_key(row.round, &row.case_name, &row.payee_ref, attempt);
                let id = fresh_id();
                let new = (id, key.clone());
                lines::insert_next_attempt(tx, row, new, account(id)?, held).await?;
                key
            }
        };
        done.push(key);
    }
    let entry = audit::Entry::new("disbursement.account.correct", &event.case).after(&done);
    Ok(match left.is_empty() {
        true => entry,
        false => entry.note(format!("taken out of {}", left.join(", "))),
    })
}

/// Whether the case of a line was struck off its roster.
async fn struck(tx: &Tx, line: &lines::Model) -> Result<bool> {
    let struck = standing::terminated(tx, &line.roster).await?;
    Ok(struck.contains(&line.case_name))
}
