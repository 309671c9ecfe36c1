//! The commands as their users see them: what they print and how they exit.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use prost::Message as _;
use prost_reflect::{DynamicMessage, Value};
use sea_orm::ConnectionTrait as _;
use yuhui_platform::db::{Database, DbConfig};

fn yuhui(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_yuhui"))
        .args(words)
        .output()
        .expect("the executable runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn powers_prints_every_method_and_finds_nothing_wrong() {
    let done = yuhui(&["powers"]);
    let printed = text(&done.stdout);
    assert_eq!(done.status.code(), Some(0), "{printed}");
    assert!(printed.contains("/yuhui.eligibility.v1.CaseService/ConfirmCase"));
    assert!(printed.contains("no role reaches two powers"));
}

#[test]
fn powers_as_json_says_who_may_confirm_a_case() {
    let done = yuhui(&["powers", "--json"]);
    let printed: serde_json::Value = serde_json::from_slice(&done.stdout).expect("JSON");
    let methods = printed["methods"].as_array().expect("methods");
    let confirm = methods
        .iter()
        .find(|it| it["method"] == "/yuhui.eligibility.v1.CaseService/ConfirmCase")
        .expect("the method");
    let expected = serde_json::json!({ "ROLE_COUNTY_HEALTH_APPROVER": "REACH_OWN_TENANT" });
    assert_eq!(confirm["roles"], expected);
    assert_eq!(printed["violations"], serde_json::json!([]));
}

#[test]
fn powers_fails_on_a_contract_in_which_finance_confirms_cases() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("bad.bin");
    fs::write(&file, contract_with_finance_confirming()).expect("written");
    let done = yuhui(&["powers", "--descriptors", file.to_str().expect("path")]);
    let printed = text(&done.stdout);
    assert_eq!(done.status.code(), Some(1), "{printed}");
    assert!(printed.contains("violation:"), "{printed}");
    assert!(
        printed.contains("POWER_ELIGIBILITY and POWER_FUNDS"),
        "{printed}"
    );
}

/// The contract, but for one grant too many: funds may confirm eligibility.
fn contract_with_finance_confirming() -> Vec<u8> {
    let pool = yuhui_proto::descriptor_pool();
    let set = pool
        .get_message_by_name("google.protobuf.FileDescriptorSet")
        .expect("descriptors describe themselves");
    let rule = pool
        .get_extension_by_name("yuhui.authz.v1.rule")
        .expect("the option");
    let mut files =
        DynamicMessage::decode(set, yuhui_proto::FILE_DESCRIPTOR_SET).expect("descriptors");
    let method = methods(&mut files)
        .into_iter()
        .find(|it| it.get_field_by_name("name").expect("name").as_str() == Some("ConfirmCase"))
        .expect("the method");
    let options = method.get_field_by_name_mut("options").expect("options");
    let options = options.as_message_mut().expect("a message");
    let mut changed = options.get_extension(&rule).into_owned();
    let grants = changed
        .as_message_mut()
        .and_then(|it| it.get_field_by_name_mut("allow"))
        .and_then(Value::as_list_mut)
        .expect("grants");
    let mut funds = grants.first().cloned().expect("a grant");
    let finance = yuhui_proto::authz::v1::Power::Funds as i32;
    funds
        .as_message_mut()
        .expect("a message")
        .set_field_by_name("power", Value::EnumNumber(finance));
    grants.push(funds);
    options.set_extension(&rule, changed);
    files.encode_to_vec()
}

fn methods(files: &mut DynamicMessage) -> Vec<&mut DynamicMessage> {
    let mut found = vec![files];
    for name in ["file", "service", "method"] {
        found = found
            .into_iter()
            .filter_map(|it| it.get_field_by_name_mut(name)?.as_list_mut())
            .flatten()
            .filter_map(Value::as_message_mut)
            .collect();
    }
    found
}

#[test]
fn an_unreadable_case_file_names_line_and_key_and_loads_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("cases.json");
    let cases = "{\n \"schema\": \"baotou-policy-cases/1\",\n \"policy\": \"包府办发〔2024〕126号\",\n \
                 \"set\": \"t\", \"currency\": \"CNY\", \"amount_unit\": \"fen\",\n \"cases\": [{\"id\": 7}]\n}";
    fs::write(&file, cases).expect("written");
    let done = yuhui(&["year", "--cases", file.to_str().expect("path")]);
    let told = text(&done.stderr);
    assert_eq!(done.status.code(), Some(2), "{told}");
    assert!(
        told.contains("line 5") && told.contains("case 7, `7`, field `id`"),
        "{told}"
    );
    assert!(done.stdout.is_empty());
}

/// A few claims of every programme, from lodging to the archive; then the
/// record is verified offline, and one changed byte of it is found.
#[tokio::test]
async fn a_small_round_reconciles_and_its_record_cannot_be_changed_unnoticed() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().to_str().expect("path");
    let done = yuhui(&["year", "--scale", "0.003", "--seed", "7", "--data", data]);
    let printed = text(&done.stdout);
    assert_eq!(
        done.status.code(),
        Some(0),
        "{printed}{}",
        text(&done.stderr)
    );
    assert!(printed.contains("everything reconciles"), "{printed}");

    let verified = yuhui(&["audit", "verify", "--data", data]);
    assert_eq!(
        verified.status.code(),
        Some(0),
        "{}",
        text(&verified.stdout)
    );

    // A county that lost a case it had told of, and a service that lost what it had taken.
    let eligibility = ["DELETE FROM cases WHERE id = (SELECT min(id) FROM cases)"];
    by_hand(folder.path(), "eligibility", &eligibility).await;
    let forgets = ["DELETE FROM inbox", "DELETE FROM inbox_object"];
    by_hand(folder.path(), "disbursement", &forgets).await;
    let verified = yuhui(&["audit", "verify", "--data", data]);
    assert_eq!(verified.status.code(), Some(1));
    let printed = text(&verified.stdout);
    assert!(!printed.contains("BROKEN"), "{printed}");
    for lost in ["/cases/", "disbursement: event"] {
        let told = printed.lines().find(|line| line.contains(lost));
        let told = told.unwrap_or_else(|| panic!("nothing of {lost}: {printed}"));
        assert!(
            told.ends_with("was acknowledged and is not there"),
            "{told}"
        );
    }

    forge(folder.path()).await;
    let verified = yuhui(&["audit", "verify", "--data", data]);
    assert_eq!(verified.status.code(), Some(1));
    let printed = text(&verified.stdout);
    for (service, chain) in [("eligibility", "150203 "), ("gateway", "150200/3 ")] {
        let mut broken = printed.lines().filter(|line| line.contains("BROKEN"));
        let told = |line: &str| line.starts_with(service) && line.contains(chain);
        assert!(broken.any(told), "nothing of {service}: {printed}");
    }
}

/// Changes one entry, and loses another that was kept aside, as somebody could
/// who owns the database.
async fn forge(folder: &Path) {
    let sql = [
        "DROP TRIGGER \"audit_no_UPDATE\"",
        "UPDATE audit SET reason = 'another' WHERE seq = 5",
    ];
    by_hand(folder, "eligibility", &sql).await;
    let sql = ["INSERT INTO audit_head (tenant, chain, seq, hash) VALUES ('150200', 3, 1, 'lost')"];
    by_hand(folder, "gateway", &sql).await;
}

/// Executes `statements` on the file of a service.
async fn by_hand(folder: &Path, service: &str, statements: &[&str]) {
    let config = DbConfig::sqlite(&folder.join(format!("{service}.db")));
    let db = Database::connect(&config).await.expect("the database");
    let tx = db.begin_global().await.expect("a transaction");
    for sql in statements {
        tx.connection()
            .execute_unprepared(sql)
            .await
            .expect("executed");
    }
    tx.commit().await.expect("committed");
}
