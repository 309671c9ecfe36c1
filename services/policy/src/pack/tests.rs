use serde_json::json;
use time::macros::date;
use yuhui_kernel::Money;

use super::*;

const TEXT: &str = include_str!("../../packs/baotou-2024-126.toml");

fn overrides(value: Value) -> Map<String, Value> {
    value.as_object().expect("an object").clone()
}

#[test]
fn the_embedded_pack_has_every_parameter() {
    let pack = PolicyPack::baotou();
    assert_eq!(pack.parameters.to_map().len(), Parameters::NAMES.len());
    assert_eq!(pack.legal_basis(), "包府办发〔2024〕126号");
    assert_eq!(pack.parameters.p1_amount.third, Money::from_fen(500_000));
    assert!(pack.in_force_on(date!(2025 - 03 - 31)));
}

#[test]
fn errors_name_the_parameter() {
    let cases = [
        (
            "first_round = 2025",
            "first_rnd = 2025",
            "`policy.first_rnd` is no parameter",
        ),
        ("first_round = 2025", "", "`policy.first_round` is missing"),
        (
            "first_round = 2025",
            "first_round = \"x\"",
            "`policy.first_round` must be a whole number, not negative, not `x`",
        ),
        (
            "period_to = \"2025-12-31\"",
            "period_to = \"2025-02-30\"",
            "`policy.period_to`: `2025-02-30` is not a date written YYYY-MM-DD",
        ),
        (
            "legal_basis = \"包府办发〔2024〕126号\"",
            "legal_basis = \" \"",
            "`pack.legal_basis` is missing",
        ),
        (
            "upgrade = \"TOP_UP\"",
            "upgrade = \"SOME\"",
            "`p4.upgrade` must be TOP_UP or NONE or FULL, not `SOME`",
        ),
        (
            "approver = \"包头市财政局\"",
            "approver = \"包头市卫生健康委员会\"",
            "`pack.approver` cannot hold: a proposer cannot approve his own pack",
        ),
        (
            "THIRD = 500000",
            "FOURTH = 500000",
            "`p1.amount_fen.FOURTH` is no parameter",
        ),
    ];
    for (from, to, message) in cases {
        assert!(TEXT.contains(from), "{from}");
        let error = PolicyPack::from_toml(&TEXT.replace(from, to)).expect_err(message);
        assert_eq!(error.to_string(), message);
    }
    assert!(matches!(
        PolicyPack::from_toml("[pack"),
        Err(PackError::Unreadable(_))
    ));
}

#[test]
fn overrides_change_the_version_stably() {
    let pack = PolicyPack::baotou();
    let same = pack.with_overrides(&Map::new()).expect("nothing to refuse");
    assert_eq!(same.version(), pack.version());
    let one = overrides(json!({"p4.upgrade": "FULL", "p1.amount_fen": {"THIRD": 1}}));
    let changed = pack.with_overrides(&one).expect("known parameters");
    assert_eq!(changed.parameters.p4_upgrade, Upgrade::Full);
    assert_eq!(
        changed.parameters.p1_amount.second,
        Money::from_fen(500_000)
    );
    assert_eq!(changed.parameters.p1_amount.third, Money::from_fen(1));
    assert_ne!(changed.version(), pack.version());
    let again = pack.with_overrides(&one).expect("known parameters");
    assert_eq!(changed.version(), again.version());
}

#[test]
fn the_national_scheme_closes_from_a_day() {
    let expected = NationalScheme::CloseFrom(date!(2025 - 01 - 01));
    for value in [
        json!({"CLOSE_FROM": "2025-01-01"}),
        json!("CLOSE_FROM(2025-01-01)"),
    ] {
        let map = overrides(json!({"national_scheme.interaction": value}));
        let pack = PolicyPack::baotou()
            .with_overrides(&map)
            .expect("known parameter");
        assert_eq!(pack.parameters.national_scheme_interaction, expected);
    }
    for value in [json!("CLOSE_FROM"), json!({"CLOSE_FROM": "x"}), json!(1)] {
        let map = overrides(json!({"national_scheme.interaction": value}));
        assert!(PolicyPack::baotou().with_overrides(&map).is_err());
    }
}

#[test]
fn what_is_written_is_read() {
    let map = overrides(json!({"national_scheme.interaction": {"CLOSE_FROM": "2025-01-01"}}));
    let changed = PolicyPack::baotou().with_overrides(&map).expect("known");
    for pack in [PolicyPack::baotou(), &changed] {
        let again = PolicyPack::from_toml(&pack.to_toml());
        assert_eq!(again.as_ref(), Ok(pack), "{}", pack.to_toml());
    }
    let ended = TEXT.replace("proposer =", "effective_to = \"2025-12-31\"\nproposer =");
    let ended = PolicyPack::from_toml(&ended).expect("a pack");
    assert_eq!(ended.effective_to(), Some(date!(2025 - 12 - 31)));
    assert_eq!(PolicyPack::from_toml(&ended.to_toml()), Ok(ended));
}

#[test]
fn overrides_are_refused_by_name() {
    let unknown = overrides(json!({"p5.amount_fen": 1}));
    assert_eq!(
        PolicyPack::baotou().with_overrides(&unknown),
        Err(PackError::Unknown {
            name: "p5.amount_fen".to_owned()
        })
    );
}

#[test]
fn values_that_contradict_one_another_are_refused_by_name() {
    let refused = |value: Value| {
        let read = PolicyPack::baotou().with_overrides(&overrides(value));
        read.expect_err("a contradiction").to_string()
    };
    let told = refused(json!({"policy.period_to": "2023-12-31"}));
    assert!(told.contains("policy.period_to"), "{told}");
    let told = refused(json!({"p4.honour_to": "2023-12-31"}));
    assert!(told.contains("p4.honour_to"), "{told}");
    let text = TEXT.replace("period_to = \"2025-12-31\"", "period_to = \"2023-12-31\"");
    assert!(PolicyPack::from_toml(&text).is_err());
}

#[test]
fn a_version_older_than_a_parameter_reads_as_it_decided() {
    let older = TEXT.replace("[parameters.hukou]\ngap_days = 30\n", "");
    assert_ne!(older, TEXT);
    assert_eq!(
        PolicyPack::from_toml(&older),
        Err(PackError::missing("hukou.gap_days")),
        "a new version says what it means"
    );
    let read = PolicyPack::from_stored_toml(&older).expect("it decided already");
    assert_eq!(read.parameters.hukou_gap_days, 0);
    assert_eq!(PolicyPack::from_toml(&read.to_toml()), Ok(read));
    let named = PolicyPack::from_stored_toml(TEXT).expect("a pack");
    assert_eq!(named.parameters.hukou_gap_days, 30);
    let any = AnyPack::from_stored_toml(&older).expect("it decided already");
    assert_eq!(any.policy(), crate::Policy::Baotou126);
    let other = TEXT.replace("gap_days = 30", "gap_day = 30");
    assert!(PolicyPack::from_stored_toml(&other).is_err());
}
