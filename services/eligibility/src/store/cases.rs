//! Cases.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, OnConflict},
};
use time::Date;
use uuid::Uuid;
use yuhui_kernel::dates;
use yuhui_platform::{
    Error, Result,
    db::Tx,
    refusal,
    vault::{Row, Sealed, Vault},
};
use yuhui_policy::Programme;

use super::{CHUNK, case_list, entity::cases, index, one_row, work};
use crate::domain::{Case, State, deadline::Year, private::Private};

/// Personal data of a case.
pub(crate) const PRIVATE: Sealed = Sealed {
    table: "cases",
    column: "sealed",
    tenant: "tenant",
    row: Row::Text("id"),
};

/// Rows that may be read in vain for a page of cases in several states. Who reads more goes through all cases
/// anyway, page by page, and looks at each once.
const STATE_BY_STATE: u64 = 2_000;

/// Digits of a village's code.
const VILLAGE_DIGITS: usize = 12;

/// A case with its sealed personal data.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) case: Case,
    pub(crate) sealed: Vec<u8>,
}

/// Which cases a list is about; empty parts mean all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) states: Vec<State>,
    pub(crate) programme: Option<Programme>,
    pub(crate) round: i32,
    /// Digits every unit must begin with.
    pub(crate) unit_prefix: String,
    pub(crate) claimant_ref: Option<String>,
    pub(crate) after: Option<String>,
}

/// One case, if this tenant has it.
pub(crate) async fn get(tx: &Tx, id: Uuid) -> Result<Option<Stored>> {
    let row = tx
        .find::<cases::Entity>()
        .filter(cases::Column::Id.eq(id.to_string()))
        .one(tx.connection())
        .await?;
    row.map(read).transpose()
}

/// The same, locked until the transaction ends: two acts on it meet here.
pub(crate) async fn locked(tx: &Tx, id: Uuid) -> Result<Option<Stored>> {
    let row = tx
        .find::<cases::Entity>()
        .filter(cases::Column::Id.eq(id.to_string()))
        .lock_exclusive()
        .one(tx.connection())
        .await?;
    row.map(read).transpose()
}

/// Locks cases of the tenant until the transaction ends, in the order of their ids.
pub(crate) async fn lock_all(tx: &Tx, mut ids: Vec<Uuid>) -> Result<()> {
    ids.sort_unstable();
    for chunk in ids.chunks(CHUNK) {
        let ids = chunk.iter().map(Uuid::to_string);
        let rows = tx
            .find::<cases::Entity>()
            .filter(cases::Column::Id.is_in(ids))
            .order_by_asc(cases::Column::Id)
            .select_only()
            .column(cases::Column::Revision)
            .lock_exclusive();
        let _: Vec<i64> = rows.into_tuple().all(tx.connection()).await?;
    }
    Ok(())
}

/// Cases by id, at most `limit` if there is one.
pub(crate) async fn list(tx: &Tx, filter: &Filter, limit: Option<u64>) -> Result<Vec<Stored>> {
    let mut query = tx.find::<cases::Entity>();
    if let Some(programme) = filter.programme {
        query = query.filter(cases::Column::Programme.eq(programme.code()));
    }
    if filter.round != 0 {
        query = query.filter(cases::Column::Round.eq(i64::from(filter.round)));
    }
    if !filter.unit_prefix.is_empty() {
        query = query.filter(within(&filter.unit_prefix));
    }
    if let Some(claimant) = &filter.claimant_ref {
        query = query.filter(cases::Column::ClaimantRef.eq(claimant));
    }
    if let Some(after) = &filter.after {
        query = query.filter(cases::Column::Id.gt(after));
    }
    let states = filter.states.len();
    let rows = limit.and_then(|it| it.checked_mul(u64::try_from(states).ok()?));
    match states {
        0 => all(tx, query.limit(limit)).await,
        2.. if rows.is_none_or(|it| it > STATE_BY_STATE) => {
            let states = filter.states.iter().map(|it| it.as_str());
            let query = query.filter(cases::Column::State.is_in(states));
            all(tx, query.limit(limit)).await
        }
        _ => in_states(tx, &query.limit(limit), &filter.states, limit).await,
    }
}

/// The unit itself, or it and those below.
fn within(unit: &str) -> Expr {
    match unit.len() {
        // Nothing lies below a village, and an index finds what is equal.
        VILLAGE_DIGITS => cases::Column::Unit.eq(unit),
        _ => cases::Column::Unit.starts_with(unit),
    }
}

/// Cases in any of those states, by id. They are asked for state by state: an index has those of one state
/// in the order of their ids, none has those of several.
async fn in_states(
    tx: &Tx,
    query: &Select<cases::Entity>,
    states: &[State],
    limit: Option<u64>,
) -> Result<Vec<Stored>> {
    let states: BTreeSet<&str> = states.iter().map(|it| it.as_str()).collect();
    let mut found = Vec::new();
    for state in &states {
        let one = query.clone().filter(cases::Column::State.eq(*state));
        found.extend(all(tx, one).await?);
    }
    if states.len() > 1 {
        found.sort_by_key(|it| it.case.id);
    }
    if let Some(limit) = limit.and_then(|it| usize::try_from(it).ok()) {
        found.truncate(limit);
    }
    Ok(found)
}

/// The rounds that confirmed cases of a programme are in.
pub(crate) async fn confirmed_rounds(tx: &Tx, programme: Programme) -> Result<Vec<i32>> {
    let rounds = tx
        .find::<cases::Entity>()
        .filter(cases::Column::State.eq(State::Confirmed.as_str()))
        .filter(cases::Column::Programme.eq(programme.code()))
        .select_only()
        .column(cases::Column::Round)
        .distinct();
    let rounds: Vec<i64> = rounds.into_tuple().all(tx.connection()).await?;
    Ok(rounds
        .into_iter()
        .filter_map(|it| it.try_into().ok())
        .collect())
}

/// Cases of those ids, by id.
pub(crate) async fn named(tx: &Tx, ids: &[Uuid]) -> Result<Vec<Stored>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let ids = chunk.iter().map(Uuid::to_string);
        let query = tx
            .find::<cases::Entity>()
            .filter(cases::Column::Id.is_in(ids));
        found.extend(all(tx, query).await?);
    }
    Ok(found)
}

/// Those of these cases whose unit begins with these digits.
pub(crate) async fn of_unit(tx: &Tx, ids: &[Uuid], prefix: &str) -> Result<BTreeSet<Uuid>> {
    let found: Vec<String> = tx
        .find::<cases::Entity>()
        .select_only()
        .column(cases::Column::Id)
        .filter(cases::Column::Id.is_in(ids.iter().map(Uuid::to_string)))
        .filter(cases::Column::Unit.starts_with(prefix))
        .into_tuple()
        .all(tx.connection())
        .await?;
    let ids = found.iter().map(|it| Uuid::parse_str(it));
    ids.collect::<Result<_, _>>()
        .map_err(|_| Error::fault("a case has an unreadable id"))
}

/// Cases on a notice, by id.
pub(crate) async fn on_notice(tx: &Tx, notice: Uuid) -> Result<Vec<Stored>> {
    let query = tx.find::<cases::Entity>();
    all(
        tx,
        query.filter(cases::Column::Notice.eq(notice.to_string())),
    )
    .await
}

/// Cases in a state without a notice, in a unit and below, by id.
pub(crate) async fn unposted(tx: &Tx, state: State, unit: &str, limit: u64) -> Result<Vec<Stored>> {
    let query = tx
        .find::<cases::Entity>()
        .filter(cases::Column::State.eq(state.as_str()))
        .filter(within(unit))
        .filter(cases::Column::Notice.eq(""));
    all(tx, query.limit(limit)).await
}

/// Cases on a roster after that one, by id.
pub(crate) async fn on_roster_after(
    tx: &Tx,
    roster: Uuid,
    after: &str,
    limit: u64,
) -> Result<Vec<Stored>> {
    let query = tx
        .find::<cases::Entity>()
        .filter(cases::Column::Roster.eq(roster.to_string()))
        .filter(cases::Column::Id.gt(after));
    all(tx, query.limit(limit)).await
}

/// The first case on a roster, by id, that stands in one of those states.
pub(crate) async fn first_on_roster(
    tx: &Tx,
    roster: Uuid,
    states: &[State],
) -> Result<Option<Case>> {
    let query = tx
        .find::<cases::Entity>()
        .filter(cases::Column::Roster.eq(roster.to_string()))
        .limit(1);
    let found = in_states(tx, &query, states, Some(1)).await?;
    Ok(found.into_iter().next().map(|it| it.case))
}

/// A case that was cleared and waits to be paid.
pub(crate) struct Cleared {
    pub(crate) id: Uuid,
    /// Fraud was found on another claim of the claimant since, or earlier on the same day.
    pub(crate) claimant_found_out: bool,
}

/// Those of some cases of a round that were cleared on that day or later and wait to be paid, for the
/// first time or to a corrected account.
pub(crate) async fn cleared(
    tx: &Tx,
    round: i32,
    since: Date,
    among: &[Uuid],
) -> Result<Vec<Cleared>> {
    let found = tx
        .find::<cases::Entity>()
        .filter(cases::Column::Id.is_in(among.iter().map(Uuid::to_string)))
        .filter(cases::Column::Round.eq(i64::from(round)))
        .filter(cases::Column::State.is_in([State::Funded, State::PayFailed].map(State::as_str)))
        .filter(cases::Column::ClearedOn.gte(dates::format(since)))
        .order_by_asc(cases::Column::Id)
        .select_only()
        .column(cases::Column::Id)
        .column(cases::Column::ClaimantRef)
        .column(cases::Column::ClearedOn);
    let rows: Vec<(String, String, String)> = found.into_tuple().all(tx.connection()).await?;
    let claimants: Vec<&str> = rows
        .iter()
        .map(|(_, claimant, _)| claimant.as_str())
        .collect();
    let mut found_on: HashMap<String, String> = HashMap::new();
    for fraud in index::frauds_of_each(tx, &claimants).await? {
        let last = found_on.entry(fraud.claimant_ref).or_default();
        *last = fraud.found_on.max(std::mem::take(last));
    }
    rows.into_iter()
        .map(|(id, claimant, cleared_on)| {
            Ok(Cleared {
                id: Uuid::parse_str(&id).map_err(|_| Error::fault("a case without a name"))?,
                // A finding of the same day may be younger than the clearance.
                claimant_found_out: found_on.get(&claimant).is_some_and(|on| *on >= cleared_on),
            })
        })
        .collect()
}

/// A new case, what waits on it, and its row in the list.
pub(crate) async fn insert(tx: &Tx, year: &Year<'_>, case: &Case, sealed: Vec<u8>) -> Result<()> {
    let items = work::of_cases(tx, year, &[case]).await?;
    case_list::write_one(tx, case, &items, &sealed).await?;
    tx.insert_all(vec![row(case, Some(sealed))?]).await?;
    work::add(tx, &items).await
}

/// The case as changed, what waits on it, and its row in the list; its revision has gone up by one. Lost races abort. What is not
/// sealed anew stays.
pub(crate) async fn update(
    tx: &Tx,
    year: &Year<'_>,
    case: &Case,
    sealed: Option<Vec<u8>>,
) -> Result<()> {
    let result = tx
        .update_where::<cases::Entity>()
        .set(row(case, sealed.clone())?)
        .filter(cases::Column::Id.eq(case.id.to_string()))
        .filter(cases::Column::Revision.eq(case.revision - 1))
        .exec(tx.connection())
        .await?;
    one_row(result.rows_affected)?;
    let items = work::follow_cases(tx, year, &[case]).await?;
    match sealed {
        Some(sealed) => case_list::write_one(tx, case, &items, &sealed).await,
        None => case_list::follow(tx, &[case], &items).await,
    }
}

/// The same for many of the tenant's cases, whose personal data stay: in one statement, as rows that are
/// there already.
pub(crate) async fn update_all(tx: &Tx, year: &Year<'_>, changed: &[&Case]) -> Result<()> {
    use cases::Column;
    let rows = changed.iter().map(|case| row(case, Some(Vec::new())));
    let rows: Vec<_> = rows.collect::<Result<_>>()?;
    let changing = [
        Column::Revision,
        Column::State,
        Column::Programme,
        Column::Round,
        Column::Unit,
        Column::ClaimantRef,
        Column::Notice,
        Column::Roster,
        Column::ClearedOn,
        Column::Body,
    ];
    let unmoved = Expr::cust("cases.revision = excluded.revision - 1");
    let there = OnConflict::columns([Column::Tenant, Column::Id])
        .update_columns(changing)
        .action_and_where(unmoved)
        .to_owned();
    match tx.write_all(rows, &there).await? {
        written if usize::try_from(written) == Ok(changed.len()) => {
            let items = work::follow_cases(tx, year, changed).await?;
            case_list::follow(tx, changed, &items).await
        }
        _ => Err(refusal::aborted().into()),
    }
}

async fn all(tx: &Tx, query: Select<cases::Entity>) -> Result<Vec<Stored>> {
    let rows = query
        .order_by_asc(cases::Column::Id)
        .all(tx.connection())
        .await?;
    rows.into_iter().map(read).collect()
}

/// The personal data of a case.
pub(crate) fn open(vault: &Vault, case: &Case, sealed: &[u8]) -> Result<Private> {
    let text = vault.unseal(&PRIVATE.at(case.tenant, case.id), sealed)?;
    Ok(serde_json::from_str(&text)?)
}

fn read(row: cases::Model) -> Result<Stored> {
    Ok(Stored {
        case: serde_json::from_str(&row.body)?,
        sealed: row.sealed,
    })
}

fn row(case: &Case, sealed: Option<Vec<u8>>) -> Result<cases::ActiveModel> {
    let reference = |id: Option<Uuid>| id.map(|it| it.to_string()).unwrap_or_default();
    Ok(cases::ActiveModel {
        tenant: Set(case.tenant.as_str().into()),
        id: Set(case.id.to_string()),
        revision: Set(case.revision),
        state: Set(case.state().as_str().into()),
        programme: Set(case.programme.code().into()),
        round: Set(case.round.into()),
        unit: Set(case.unit.to_string()),
        claimant_ref: Set(case.claimant_ref.clone()),
        notice: Set(reference(case.notice)),
        roster: Set(reference(case.roster)),
        cleared_on: Set(case.cleared_on.map(dates::format).unwrap_or_default()),
        body: Set(serde_json::to_string(case)?),
        sealed: sealed.map_or(NotSet, Set),
    })
}
