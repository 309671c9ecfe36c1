//! One case written again for other families: the rows of a case that went the whole way, with other
//! people in them. What a copy has not is what only the way leaves behind: transitions and evidence.

use sea_orm::{
    ConnectionTrait as _, QueryResult, Statement, Value,
    sea_query::{Alias, Expr, Query},
};
use serde_json::json;
use yuhui_kernel::Tenant;
use yuhui_platform::{
    Caller, audit, clock,
    db::{Database, Tx},
    vault::{Row, Sealed},
};

use super::{Many, family::Family};

/// Personal data of a case.
const PRIVATE: Sealed = Sealed {
    table: "cases",
    column: "sealed",
    tenant: "tenant",
    row: Row::Text("id"),
};
/// Cases of a statement, and of a transaction.
const PER_STATEMENT: usize = 500;
const PER_TRANSACTION: usize = 2_500;

/// What stands in a column.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Number,
    /// Sealed for its row.
    Sealed,
}
use Kind::{Number, Text};

/// A table with one row of each case.
struct Table {
    name: &'static str,
    /// Column of the case.
    case: &'static str,
    columns: &'static [(&'static str, Kind)],
}

const TABLES: [Table; 4] = [
    Table {
        name: "cases",
        case: "id",
        columns: &[
            ("tenant", Text),
            ("id", Text),
            ("revision", Number),
            ("state", Text),
            ("programme", Text),
            ("round", Number),
            ("unit", Text),
            ("claimant_ref", Text),
            ("notice", Text),
            ("roster", Text),
            ("cleared_on", Text),
            ("body", Text),
            ("sealed", Kind::Sealed),
        ],
    },
    Table {
        name: "case_list",
        case: "id",
        columns: &[
            ("tenant", Text),
            ("id", Text),
            ("state", Text),
            ("programme", Text),
            ("round", Number),
            ("unit", Text),
            ("claimant_ref", Text),
            ("subject_ref", Text),
            ("name_ref", Text),
            ("receipt_number", Text),
            ("decision", Text),
            ("reason", Text),
            ("proposal", Text),
            ("flags", Number),
            ("rank_on", Text),
            ("changed_at", Number),
            ("lodged_on", Text),
            ("decided_on", Text),
        ],
    },
    Table {
        name: "claim_index",
        case: "case_id",
        columns: &[
            ("county", Text),
            ("case_id", Text),
            ("programme", Text),
            ("subject_ref", Text),
            ("claimant_ref", Text),
            ("subsidy_year", Number),
            ("lodged_on", Text),
            ("lodged_order", Number),
            ("standing", Text),
            ("reason", Text),
            ("amount_fen", Number),
            ("round", Number),
            ("queued_on", Text),
            ("confirmed_on", Text),
        ],
    },
    Table {
        name: "stated_accounts",
        case: "case_id",
        columns: &[
            ("county", Text),
            ("case_id", Text),
            ("account_ref", Text),
            ("claimant_ref", Text),
            ("related", Text),
            ("stated_on", Text),
            ("flagged_on", Text),
        ],
    },
];

/// What waits on a case: its rows go when that is done.
const ITEMS: Table = Table {
    name: "work_items",
    case: "object",
    columns: &[
        ("tenant", Text),
        ("object", Text),
        ("id", Text),
        ("turn", Text),
        ("unit", Text),
        ("rank_on", Text),
        ("since_on", Text),
        ("act", Text),
        ("programme", Text),
        ("round", Number),
        ("decision", Text),
        ("village", Text),
        ("flags", Number),
        ("collection", Text),
        ("state", Text),
        ("due_on", Text),
        ("post_by_on", Text),
        ("not_before_on", Text),
    ],
};

/// Everything that is written again.
fn tables() -> impl Iterator<Item = &'static Table> {
    TABLES.iter().chain([&ITEMS])
}

/// A text in which what is a case's own is left open.
struct Template(Vec<Piece>);

enum Piece {
    Same(String),
    /// The place of what stands here among what is a case's own.
    Own(usize),
}

impl Template {
    /// `text` with those places open at which something of `own` stands.
    fn of(text: &str, own: &[String]) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((at, which)) = first(rest, own) {
            let (same, found) = rest.split_at(at);
            pieces.push(Piece::Same(same.to_owned()));
            pieces.push(Piece::Own(which));
            rest = &found[own[which].len()..];
        }
        pieces.push(Piece::Same(rest.to_owned()));
        Self(pieces)
    }

    fn filled(&self, own: &[String]) -> String {
        let pieces = self.0.iter().map(|it| match it {
            Piece::Same(text) => text.as_str(),
            Piece::Own(which) => own[*which].as_str(),
        });
        pieces.collect()
    }
}

/// Where the first of `own` begins in `text`; of two that begin there the longer.
fn first(text: &str, own: &[String]) -> Option<(usize, usize)> {
    let found = own.iter().enumerate();
    let found = found.filter_map(|(which, it)| Some((text.find(it.as_str())?, which)));
    found.min_by_key(|(at, which)| (*at, std::cmp::Reverse(own[*which].len())))
}

/// A column of the row that is copied.
enum Cell {
    Number(i64),
    Text(Template),
    Sealed(Template),
}

/// A case to be copied.
pub(super) struct Model {
    /// Receipt number up to what is the case's own.
    receipt: String,
    /// By table.
    rows: Vec<Vec<Cell>>,
}

impl Model {
    /// The case of `family`, by id.
    pub(super) async fn read(many: &Many, id: &str, family: &Family) -> Self {
        let tx = many.db.read(many.county).await.expect("read");
        let sql = "SELECT body FROM cases WHERE id = $1";
        let body = one(&tx, sql, id).await;
        let body: String = body.try_get("", "body").expect("text");
        let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        let receipt = body["receipt_number"].as_str().expect("a receipt");
        let (receipt, _) = receipt.split_at(receipt.len() - tail(id).len());
        let receipt = receipt.to_owned();
        let own = many.own(&receipt, id, family);
        let mut rows = Vec::new();
        for table in tables() {
            let columns: Vec<_> = table.columns.iter().map(|it| it.0).collect();
            let (columns, name, case) = (columns.join(", "), table.name, table.case);
            let sql = format!("SELECT {columns} FROM {name} WHERE {case} = $1");
            let row = one(&tx, &sql, id).await;
            let cells = table.columns.iter().map(|(column, kind)| match kind {
                Number => Cell::Number(row.try_get("", column).expect("a number")),
                Text => {
                    let text: String = row.try_get("", column).expect("text");
                    Cell::Text(Template::of(&text, &own))
                }
                Kind::Sealed => {
                    let sealed: Vec<u8> = row.try_get("", column).expect("bytes");
                    let place = PRIVATE.at(many.county, id);
                    let text = many.vault.unseal(&place, &sealed).expect("opened");
                    Cell::Sealed(Template::of(&text, &own))
                }
            });
            rows.push(cells.collect());
        }
        Self { receipt, rows }
    }
}

async fn one(tx: &Tx, sql: &str, id: &str) -> QueryResult {
    let backend = tx.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, [id.into()]);
    let row = tx.query_one_raw(statement).await.expect(sql);
    row.expect("the case is there")
}

/// What of the id stands in the receipt number.
fn tail(id: &str) -> String {
    let digits = id.chars().filter(|it| *it != '-');
    digits.skip(20).collect::<String>().to_uppercase()
}

impl Many {
    /// What is one case's own, always in this order.
    fn own(&self, receipt: &str, id: &str, family: &Family) -> Vec<String> {
        let mut own = vec![id.to_owned(), format!("{receipt}{}", tail(id))];
        own.extend(family.persons().map(|it| self.vault.person(&it.number)));
        own.extend(family.persons().map(|it| it.number.clone()));
        own.push(family.mother.name.clone());
        let name_of = format!("claimant-name {}", self.county);
        own.push(self.vault.blind(&name_of, &family.mother.name));
        own.push(family.account());
        own.push(family.account_masked());
        own.push(self.vault.blind("bank-account", &family.account()));
        own.push(family.village(self.village()).to_string());
        own
    }

    /// Writes the model's case again for the families from `first` on, before `end`.
    pub(super) async fn copy(&self, model: &Model, first: u32, end: u32) {
        let families: Vec<u32> = (first..end).collect();
        for part in families.chunks(PER_TRANSACTION) {
            let tx = self.db.begin(self.county).await.expect("begun");
            for part in part.chunks(PER_STATEMENT) {
                self.write(&tx, model, part).await;
            }
            tx.commit().await.expect("committed");
        }
    }

    async fn write(&self, tx: &Tx, model: &Model, families: &[u32]) {
        let caller = Caller::service("eligibility", Some(self.county));
        let mut own_of = Vec::with_capacity(families.len());
        for serial in families {
            let id = clock::fresh_id().to_string();
            let name = format!("{}/cases/{id}", self.parent());
            // As the confirmation of a case is told.
            let state = |state: &str, revision: u32| {
                json!({
                    "state": state, "revision": revision, "decision": "PAY", "reason": null,
                    "amount_fen": 200_000, "evidence": "0".repeat(64),
                })
            };
            let entry = audit::Entry::new("case.confirm", name)
                .before(&state("C_NOTICE", 9))
                .after(&state("CONFIRMED", 10));
            let told = audit::record(tx, &caller, self.clock.now(), entry).await;
            told.expect("recorded");
            own_of.push(self.own(&model.receipt, &id, &Family::of(*serial)));
        }
        for (table, cells) in tables().zip(&model.rows) {
            let mut insert = Query::insert();
            insert.into_table(Alias::new(table.name));
            insert.columns(table.columns.iter().map(|it| Alias::new(it.0)));
            for own in &own_of {
                let values = cells.iter().map(|it| Expr::value(self.value(it, own)));
                insert.values_panic(values);
            }
            tx.execute(&insert).await.expect(table.name);
        }
    }

    fn value(&self, cell: &Cell, own: &[String]) -> Value {
        match cell {
            Cell::Number(number) => (*number).into(),
            Cell::Text(template) => template.filled(own).into(),
            Cell::Sealed(template) => {
                let place = PRIVATE.at(self.county, &own[0]);
                let sealed = self.vault.seal(&place, &template.filled(own));
                sealed.expect("sealed").into()
            }
        }
    }
}

/// How many rows the tables of cases have.
pub(super) async fn counted(db: &Database, county: Tenant) -> Vec<i64> {
    let tx = db.read(county).await.expect("read");
    let mut counts = Vec::new();
    for table in &TABLES {
        let sql = format!("SELECT count(*) AS n FROM {}", table.name);
        let statement = Statement::from_string(tx.get_database_backend(), sql);
        let row = tx.query_one_raw(statement).await.expect(table.name);
        counts.push(row.expect("a row").try_get("", "n").expect("a number"));
    }
    counts
}

/// Id of the case of the county that was opened last.
pub(super) async fn last(db: &Database, county: Tenant) -> String {
    let tx = db.read(county).await.expect("read");
    let sql = "SELECT max(id) AS id FROM cases WHERE tenant = $1";
    let row = one(&tx, sql, county.as_str()).await;
    row.try_get("", "id").expect("an id")
}
