//! A whole case leaves by the gateway as one file, and is verified on a machine that has nothing but that file and
//! the public keys.

use std::{fs, path::Path, process::Command};

use time::macros::date;
use tonic::Status;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{ExportCaseFileRequest, evidence_service_client::EvidenceServiceClient},
};

use town::{Town, at, call};

#[expect(dead_code, reason = "one file needs little of the town")]
mod town;

impl Town {
    async fn case_file(&self, role: Role, name: &str) -> Result<String, Status> {
        let ask = ExportCaseFileRequest { name: name.into() };
        let mut pieces = call!(self, at(role), EvidenceServiceClient.export_case_file, ask)?;
        let mut file = Vec::new();
        while let Some(piece) = pieces.message().await? {
            file.extend(piece.data);
        }
        Ok(String::from_utf8(file).expect("text"))
    }
}

/// Exit code and output of a verification.
fn verify(file: &Path, keys: &Path) -> (Option<i32>, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_yuhui"))
        .args(["evidence", "verify", "--keys"])
        .args([keys, file])
        .output()
        .expect("the executable runs");
    let mut told = String::from_utf8_lossy(&done.stdout).into_owned();
    told.push_str(&String::from_utf8_lossy(&done.stderr));
    (done.status.code(), told)
}

#[tokio::test]
async fn a_case_leaves_as_a_file_that_is_verified_without_the_system() {
    let town = Town::start(date!(2025 - 03 - 10)).await;
    let case = town.lodge(&town.family(1).await).await;
    town.confirm(std::slice::from_ref(&case)).await;
    let file = town
        .case_file(Role::CountyAuditor, &case)
        .await
        .expect("exported");
    let keys = town.as_ref().join("keys/jwks.json");
    let elsewhere = tempfile::tempdir().expect("folder");
    let (path, public) = (
        elsewhere.path().join("case.jsonl"),
        elsewhere.path().join("jwks.json"),
    );
    fs::copy(keys, &public).expect("copied");
    let told = |text: &str| {
        fs::write(&path, text).expect("written");
        verify(&path, &public)
    };
    let (code, said) = told(&file);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains(&case) && !said.contains(" 0 audit"), "{said}");

    let line = |kind: &str| {
        let start = format!("{{\"{kind}\"");
        let found = file.lines().find(|it| it.starts_with(&start));
        found.unwrap_or_else(|| panic!("{kind}"))
    };
    let amount = file.replacen("\"amount\":500000", "\"amount\":500001", 1);
    let without_entry = file.replacen(&format!("{}\n", line("audit_entry")), "", 1);
    let without_seal = file.replacen(&format!("{}\n", line("seal")), "", 1);
    for (what, forged) in [
        ("another amount", amount),
        ("an entry less", without_entry),
        ("no seal", without_seal),
        ("cut off", file[..file.len() / 2].to_owned()),
    ] {
        assert_ne!(forged, file, "{what}");
        let (code, said) = told(&forged);
        assert_eq!(code, Some(1), "{what}: {said}");
        assert!(said.contains("NOT TO BE BELIEVED"), "{what}: {said}");
    }
    // What others seal is not the service's.
    let other = Town::start(date!(2025 - 03 - 10)).await;
    fs::write(&path, &file).expect("written");
    let (code, said) = verify(&path, &other.as_ref().join("keys/jwks.json"));
    assert_eq!(code, Some(1), "{said}");
}
