//! A sealed roster becomes payment lines.

use std::collections::{HashMap, HashSet};

use yuhui_kernel::{Money, Tenant};
use yuhui_platform::{Result, audit, clock::fresh_id, db::Tx};
use yuhui_proto::events::v1::{RosterLineData, RosterSealed};

use crate::{
    Deps,
    domain::{
        line::{LineState, payment_key, tail},
        name,
        placement::{Earlier, Placement, place},
    },
    refusal::Refused,
    store::{lines, standing},
};

/// Makes the lines of a roster: waiting, or cancelled for cases struck off it
/// already. A later roster replaces lines that nobody sent (F18); a case whose
/// money went out is passed over.
pub async fn sealed(
    deps: &Deps,
    tx: &Tx,
    tenant: Tenant,
    roster: RosterSealed,
) -> Result<audit::Entry> {
    check(&roster, tenant)?;
    let mut cases: Vec<String> = roster.lines.iter().map(|line| line.case.clone()).collect();
    cases.sort_unstable();
    cases.dedup();
    let earlier = earlier(tx, &cases).await?;
    let standing = Standing {
        struck: standing::terminated(tx, &roster.roster).await?,
        held: standing::held(tx, &cases).await?,
    };

    let (mut new, mut replaced, mut passed_over) = (Vec::new(), HashSet::new(), Vec::new());
    for line in &roster.lines {
        let earlier = earlier.get(&line.case).map_or(&[][..], Vec::as_slice);
        match place(&roster.roster, &line.payee_ref, earlier) {
            Placement::Known => {}
            Placement::AlreadyOut => passed_over.push(line.case.as_str()),
            Placement::Place { attempt, replaces } => {
                replaced.extend(replaces);
                new.push(row(deps, tenant, &roster, line, attempt, &standing)?);
            }
        }
    }
    let entry = audit::Entry::new("disbursement.roster.receive", &roster.roster).after(
        &serde_json::json!({
            "round": roster.round,
            "lines": new.len(),
            "replaced": replaced.len(),
            "passed_over": passed_over,
            "total_fen": roster.total_fen,
            "hash": roster.roster_hash,
        }),
    );
    lines::cancel(tx, &replaced.into_iter().collect::<Vec<_>>()).await?;
    lines::insert_all(tx, new).await?;
    Ok(entry)
}

/// How the cases of a roster stand.
struct Standing {
    struck: HashSet<String>,
    held: HashSet<String>,
}

/// The roster must be of the county, and its total the sum of its lines.
fn check(roster: &RosterSealed, tenant: Tenant) -> Result<(), Refused> {
    let own = |it: &str| name::lies_in(it, tenant);
    if !own(&roster.roster) || !roster.lines.iter().all(|line| own(&line.case)) {
        return Err(Refused::BadEvent("a roster or case of another county"));
    }
    if roster.lines.iter().any(|line| line.amount_fen <= 0) {
        return Err(Refused::BadEvent("an amount that is not above zero"));
    }
    let total = Money::total(
        roster
            .lines
            .iter()
            .map(|line| Money::from_fen(line.amount_fen)),
    );
    if total != Some(Money::from_fen(roster.total_fen)) {
        return Err(Refused::BadEvent(
            "a total that is not the sum of the lines",
        ));
    }
    let payees: HashSet<_> = roster
        .lines
        .iter()
        .map(|it| (&it.case, &it.payee_ref))
        .collect();
    if payees.len() != roster.lines.len() {
        return Err(Refused::BadEvent("a payee twice for one case"));
    }
    Ok(())
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
    line: &RosterLineData,
    attempt: i32,
    standing: &Standing,
) -> Result<lines::Model> {
    let state = match standing.struck.contains(&line.case) {
        true => LineState::Cancelled,
        false => LineState::Ready,
    };
    let id = fresh_id();
    let account = lines::ACCOUNT.at(tenant, id);
    Ok(lines::Model {
        tenant: tenant.to_string(),
        id,
        payment_key: payment_key(roster.round, &line.case, &line.payee_ref, attempt),
        case_name: line.case.clone(),
        roster: roster.roster.clone(),
        programme: roster.programme,
        round: roster.round,
        attempt,
        payee_ref: line.payee_ref.clone(),
        payee_name: line.payee_name.clone(),
        account_sealed: deps.vault.seal(&account, &line.account_number)?,
        account_tail: tail(&line.account_number).into(),
        bank_name: line.bank_name.clone(),
        corporate: line.corporate,
        amount_fen: line.amount_fen,
        state: state.as_str().into(),
        held: standing.held.contains(&line.case),
        order_id: None,
        batch_id: None,
        return_code: String::new(),
        settled_on: None,
    })
}
