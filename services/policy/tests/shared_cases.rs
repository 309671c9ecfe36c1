//! Every case of the shared set, decided by the rules.

use yuhui_kernel::Calendar;
use yuhui_policy::{
    PolicyPack,
    case_file::{CaseFile, CheckOutcome, Kind, check},
};

const SHARED: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/data/cases_shared.json"
));

#[test]
fn every_case_is_decided_as_expected() {
    let file = CaseFile::parse(SHARED).expect("the shared set is readable");
    let mut differences = Vec::new();
    for case in &file.cases {
        match check(case, PolicyPack::baotou(), Calendar::china()) {
            CheckOutcome::Checked(found) => differences.extend(found),
            CheckOutcome::NotHere => assert_eq!(case.kind, Kind::Funding, "{}", case.id),
        }
    }
    let lines: Vec<String> = differences.iter().map(ToString::to_string).collect();
    assert!(
        lines.is_empty(),
        "{} differences\n{}",
        lines.len(),
        lines.join("\n")
    );
}

#[test]
fn the_whole_set_is_read() {
    let file = CaseFile::parse(SHARED).expect("the shared set is readable");
    let of = |kind: Kind| file.cases.iter().filter(|case| case.kind == kind).count();
    assert_eq!(file.cases.len(), 135);
    assert_eq!((of(Kind::Family), of(Kind::Institution)), (99, 27));
    assert_eq!(
        (of(Kind::Funding), of(Kind::Calendar), of(Kind::Identifier)),
        (7, 1, 1)
    );
}
