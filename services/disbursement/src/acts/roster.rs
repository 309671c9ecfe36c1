//! A sealed roster becomes payment lines, slice by slice; they wait for an order once all have come.

use std::collections::{HashMap, HashSet};

use yuhui_kernel::{Money, Tenant, resource_name};
use yuhui_platform::{
    Result, audit,
    clock::fresh_id,
    db::Tx,
    inbox::{Progress, Told, slices},
};
use yuhui_proto::{eligibility::v1::Payee, internal::v1::RosterSealed};

use crate::{
    Deps,
    clients::eligibility::Slice,
    domain::{
        line::{LineState, payment_key, tail},
        placement::{Earlier, Placement, next_attempt, place},
    },
    refusal::Refused,
    store::{lines, standing},
};

/// Takes in a slice of a roster. With the last one its lines wait, but for those of cases struck
/// off it already. They replace lines of earlier rosters that nobody sent (F18); a case whose money
/// went out is passed over.
pub async fn receive(
    deps: &Deps,
    tx: &Tx,
    told: &Told<'_>,
    roster: &RosterSealed,
    slice: Slice,
) -> Result<Progress> {
    let mut arrival = slices::arrival(&roster.roster, told.cursor)?;
    must_be_of(&roster.roster, told.tenant)?;
    let cases: Vec<String> = slice.lines.iter().map(|(it, _)| it.case.clone()).collect();
    let earlier = earlier(tx, &cases).await?;
    let standing = Standing {
        struck: standing::terminated(tx, &roster.roster).await?,
        held: standing::held(tx, &cases).await?,
    };
    let mut new = Vec::new();
    for (line, payee) in &slice.lines {
        must_be_of(&line.case, told.tenant)?;
        let amount = Money::from_fen(line.amount_fen);
        if amount <= Money::ZERO {
            return Err(Refused::BadEvent("an amount that is not above zero").into());
        }
        let counted = arrival.with(&line.case, amount);
        arrival = counted.ok_or(Refused::BadEvent("a total that cannot be counted"))?;
        let earlier = earlier.get(&line.case).map_or(&[][..], Vec::as_slice);
        if place(&roster.roster, &payee.payee_ref, earlier) != Placement::Known {
            let attempt = next_attempt(&payee.payee_ref, earlier);
            let made = (line.amount_fen, attempt);
            new.push(row(deps, told.tenant, roster, payee, made, &standing)?);
        }
    }
    lines::insert_all(tx, new).await?;
    arrival.next = slice.next;
    if let Some(more) = slices::more(&arrival)? {
        return Ok(more);
    }
    let total = Money::from_fen(roster.total_fen);
    if !arrival.is(roster.line_count, total, &roster.lines_digest) {
        return Err(Refused::BadEvent("other lines than were sealed").into());
    }
    let entry = arrived(tx, roster).await?;
    audit::record(tx, told.caller, deps.clock.now(), entry).await?;
    Ok(Progress::Done)
}

/// Lines of earlier rosters give way, or stand; the new ones wait.
async fn arrived(tx: &Tx, roster: &RosterSealed) -> Result<audit::Entry> {
    let cases = lines::cases_elsewhere(tx, &roster.roster).await?;
    let (mut replaced, mut out, mut passed_over) = (HashSet::new(), Vec::new(), Vec::new());
    for (case, known) in earlier(tx, &cases).await? {
        let (own, others): (Vec<_>, Vec<_>) =
            known.into_iter().partition(|it| it.roster == roster.roster);
        let arriving = |it: &&Earlier| it.state == LineState::Arriving;
        for line in own.iter().filter(arriving) {
            match place(&roster.roster, &line.payee_ref, &others) {
                Placement::Known => {}
                Placement::AlreadyOut => {
                    out.push(line.id);
                    passed_over.push(case.clone());
                }
                Placement::Place { replaces, .. } => replaced.extend(replaces),
            }
        }
    }
    let replaced: Vec<_> = replaced.into_iter().collect();
    lines::cancel(tx, &replaced).await?;
    lines::turn_away(tx, &roster.roster, Some(&out)).await?;
    let new = lines::arrived(tx, &roster.roster).await?;
    passed_over.sort_unstable();
    let entry = audit::Entry::new("disbursement.roster.receive", &roster.roster);
    Ok(entry.after(&serde_json::json!({
        "round": roster.round,
        "lines": new,
        "replaced": replaced.len(),
        "passed_over": passed_over,
        "total_fen": roster.total_fen,
        "hash": roster.roster_hash,
    })))
}

/// How the cases of a roster stand.
struct Standing {
    struck: HashSet<String>,
    held: HashSet<String>,
}

/// Rosters and cases must be the county's.
fn must_be_of(name: &str, tenant: Tenant) -> Result<(), Refused> {
    if resource_name::is_of(name, tenant.as_str()) {
        Ok(())
    } else {
        Err(Refused::BadEvent("a roster or case of another county"))
    }
}

/// Lines that exist already, by case: of whatever round, for a case that was reopened joins a later
/// one, and money that went out in the earlier must not go out again.
async fn earlier(tx: &Tx, cases: &[String]) -> Result<HashMap<String, Vec<Earlier>>> {
    let mut found: HashMap<String, Vec<Earlier>> = HashMap::new();
    for row in lines::of_cases(tx, cases).await? {
        let state = row.state()?;
        let struck = state == LineState::Returned
            && standing::terminated(tx, &row.roster)
                .await?
                .contains(&row.case_name);
        found.entry(row.case_name).or_default().push(Earlier {
            id: row.id,
            roster: row.roster,
            payee_ref: row.payee_ref,
            attempt: row.attempt,
            state,
            struck,
        });
    }
    Ok(found)
}

fn row(
    deps: &Deps,
    tenant: Tenant,
    roster: &RosterSealed,
    payee: &Payee,
    (amount_fen, attempt): (i64, i32),
    standing: &Standing,
) -> Result<lines::Model> {
    let state = match standing.struck.contains(&payee.case) {
        true => LineState::Cancelled,
        false => LineState::Arriving,
    };
    let id = fresh_id();
    let account = lines::ACCOUNT.at(tenant, id);
    Ok(lines::Model {
        tenant: tenant.to_string(),
        id,
        payment_key: payment_key(roster.round, &payee.case, &payee.payee_ref, attempt),
        case_name: payee.case.clone(),
        roster: roster.roster.clone(),
        programme: roster.programme,
        round: roster.round,
        attempt,
        payee_ref: payee.payee_ref.clone(),
        payee_sealed: deps
            .vault
            .seal(&lines::PAYEE.at(tenant, id), &payee.payee_name)?,
        account_sealed: deps.vault.seal(&account, &payee.account_number)?,
        account_tail: tail(&payee.account_number).into(),
        bank_name: payee.bank_name.clone(),
        corporate: payee.corporate,
        amount_fen,
        state: state.as_str().into(),
        held: standing.held.contains(&payee.case),
        order_id: None,
        batch_id: None,
        return_code: String::new(),
        settled_on: None,
    })
}
