//! Part D of the law's analysis as it was written down by hand: `tests/data/powers.tsv` says what a role may do
//! with what, `tests/data/rpc_cells.tsv` which of it a method is. Nothing here is read from the contract.

use std::collections::{BTreeMap, BTreeSet};

use yuhui_proto::authz::v1::{Level, Reach, Role, RoleSpec};

/// What everybody has, signed in or not.
const PUBLIC: &str = "public";

/// A right of a role on something, and how far it was said to reach.
struct Right {
    code: String,
    far: Option<char>,
}

/// The tables.
pub(crate) struct PartD {
    /// By role in lower case, then by column.
    rights: BTreeMap<String, BTreeMap<String, Vec<Right>>>,
    /// By method: column, right and offices.
    cells: BTreeMap<String, Vec<Cell>>,
}

/// One line of the table of methods.
struct Cell {
    column: String,
    right: String,
    offices: String,
}

impl PartD {
    pub(crate) fn read() -> Self {
        let mut powers = lines(include_str!("../data/powers.tsv"));
        let columns: Vec<&str> = powers.next().expect("a heading").split('\t').collect();
        let rights = powers.map(|line| {
            let (role, cells) = line.split_once('\t').expect("cells");
            let cells: Vec<&str> = cells.split('\t').collect();
            assert_eq!(cells.len() + 1, columns.len(), "{role}");
            let of = columns[1..].iter().zip(cells);
            let of = of.map(|(column, cell)| ((*column).to_owned(), self::rights(cell)));
            (role.to_owned(), of.collect())
        });
        let mut cells: BTreeMap<String, Vec<Cell>> = BTreeMap::new();
        for line in lines(include_str!("../data/rpc_cells.tsv")).skip(1) {
            let [method, column, right, offices] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("four columns: {line}");
            };
            let (package, rest) = method.split_once('.').expect("a package");
            let path = format!("/yuhui.{package}.v1.{rest}");
            cells.entry(path).or_default().push(Cell {
                column: column.to_owned(),
                right: right.to_owned(),
                offices: offices.to_owned(),
            });
        }
        let rights = rights.collect();
        Self { rights, cells }
    }

    /// Roles that have a row, without the public.
    pub(crate) fn roles(&self) -> impl Iterator<Item = &str> {
        self.rights
            .keys()
            .map(String::as_str)
            .filter(|it| *it != PUBLIC)
    }

    /// Methods that have a cell.
    pub(crate) fn methods(&self) -> impl Iterator<Item = &str> {
        self.cells.keys().map(String::as_str)
    }

    /// Rights to make, sign or approve something that no method takes, with their columns.
    pub(crate) fn untaken(&self) -> BTreeSet<(&str, &str)> {
        let rows = self.rights.values().flatten();
        let rights = rows.flat_map(|(column, all)| all.iter().map(move |it| (column, it)));
        let acts = rights.filter(|(_, it)| !it.code.starts_with('R'));
        let named: BTreeSet<_> = acts
            .map(|(column, it)| (column.as_str(), it.code.as_str()))
            .collect();
        let cells = self.cells.values().flatten();
        let taken: BTreeSet<_> = cells
            .map(|it| (it.column.as_str(), it.right.as_str()))
            .collect();
        named.difference(&taken).copied().collect()
    }

    /// The services that alone call a method.
    pub(crate) fn services(&self, path: &str) -> Vec<String> {
        let cells = self.cells[path].iter().filter(|it| it.column == "service");
        let named = cells.flat_map(|it| it.right.split(' '));
        named.map(ToOwned::to_owned).collect()
    }

    /// Whether everybody may call a method, and how far.
    pub(crate) fn is_public(&self, path: &str) -> bool {
        let nobody = &self.rights[PUBLIC];
        let mut cells = self.cells[path].iter();
        cells.any(|cell| has(nobody, cell).is_some())
    }

    /// How far a role may call a method: all that part D grants it.
    pub(crate) fn reach(&self, path: &str, role: Role, spec: &RoleSpec) -> Option<Reach> {
        let name = role
            .as_str_name()
            .trim_start_matches("ROLE_")
            .to_lowercase();
        let own = self
            .rights
            .get(&name)
            .unwrap_or_else(|| panic!("no row of {name}"));
        self.cells[path]
            .iter()
            .filter(|cell| cell.offices.is_empty() || cell.offices.contains(office(spec)))
            .find_map(|cell| has(own, cell))
            .map(|far| match (far, spec.level()) {
                (Some('o'), _) => Reach::OwnRecords,
                (Some('u'), _) => Reach::OwnUnit,
                (_, Level::Municipal | Level::Bank | Level::Platform) => Reach::AllTenants,
                _ => Reach::OwnTenant,
            })
    }
}

/// Whether one who has these rights has what the cell asks for, and how far. To make, sign or approve a thing is
/// to read it; a right with a number stands for itself.
fn has(own: &BTreeMap<String, Vec<Right>>, cell: &Cell) -> Option<Option<char>> {
    let reads = cell.right == "R";
    own.get(&cell.column)?
        .iter()
        .find(|it| it.code == cell.right || reads && matches!(it.code.as_str(), "W" | "S" | "A"))
        .map(|it| it.far)
}

fn rights(cell: &str) -> Vec<Right> {
    let each = cell.split(' ').filter(|it| *it != "-");
    let read = each.map(|it| match it.split_once(':') {
        Some((code, far)) => Right {
            code: code.to_owned(),
            far: far.chars().next(),
        },
        None => Right {
            code: it.to_owned(),
            far: None,
        },
    });
    read.collect()
}

fn office(spec: &RoleSpec) -> char {
    match spec.level() {
        Level::Village => 'V',
        Level::Township => 'T',
        Level::County => 'C',
        Level::Municipal => 'M',
        Level::Bank => 'B',
        Level::Public => 'P',
        Level::Platform => 'X',
        Level::Unspecified => '?',
    }
}

fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    table
        .lines()
        .filter(|it| !it.starts_with('#') && !it.is_empty())
}
