//! Safe as installed: production is the default, nothing is made that an operator did not make, and
//! what is unsafe does not start.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use tonic::Code;
use yuhui_platform::refusal::reason_of;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{GetCaseRequest, case_service_client::CaseServiceClient},
    identity::v1::{
        Account, ActivateAccountRequest, CreateAccountRequest,
        account_service_client::AccountServiceClient,
    },
};

use crate::harness::{
    cases,
    cluster::Cluster,
    people,
    program::{self, run, run_with},
    system::System,
};

/// What an operator has installed in a folder.
struct Installation {
    folder: tempfile::TempDir,
}

impl Installation {
    /// Tables, keys and vault.
    fn make() -> Self {
        let it = Self {
            folder: tempfile::tempdir().expect("folder"),
        };
        for command in [&["migrate"][..], &["keys", "init"], &["vault", "init"]] {
            it.must(command);
        }
        it
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn arguments<'a>(command: &[&'a str], data: &'a str) -> Vec<&'a str> {
        [command, &["--data", data]].concat()
    }

    fn run(&self, command: &[&str]) -> (Option<i32>, String) {
        let data = self.data();
        run(&Self::arguments(command, data.to_str().expect("text")))
    }

    fn must(&self, command: &[&str]) -> String {
        let (status, said) = self.run(command);
        assert_eq!(status, Some(0), "{command:?}: {said}");
        said
    }

    /// Runs a command until it succeeds, for ten seconds.
    async fn eventually(&self, command: &[&str]) {
        for _ in 0..100 {
            if self.run(command).0 == Some(0) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("{command:?}: {}", self.refused(command));
    }

    /// What a start is refused with.
    fn refused(&self, command: &[&str]) -> String {
        let (status, said) = self.run(command);
        assert_eq!(status, Some(1), "{command:?}: {said}");
        said
    }

    /// Prepares the administrators; answers the file and their one-time secrets.
    fn prepare(&self) -> (PathBuf, [String; 2]) {
        let file = self.folder.path().join("founders.json");
        let path = file.to_str().expect("text");
        let (status, said) = run_with(&["bootstrap", "prepare", "--out", path], program::FOUNDERS);
        assert_eq!(status, Some(0), "{said}");
        let secret = |login: &str| program::secret_of(login, &said);
        let secrets = [secret("sec.one"), secret("sec.two")];
        let written = fs::read_to_string(&file).expect("the file");
        assert!(secrets.iter().all(|it| !written.contains(it.as_str())));
        (file, secrets)
    }
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set");
}

#[test]
fn a_start_without_further_words_is_refused_with_all_that_is_missing() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().to_str().expect("text");
    let gateway = [
        "serve",
        "gateway",
        "--postgres",
        "postgres://yuhui_gateway@127.0.0.1:1/yuhui_gateway",
        "--listen",
        "0.0.0.0:7300",
        "--peers",
        "eligibility=foo,disbursement=http://10.0.0.1:7315",
        "--data",
        data,
    ];
    let (status, said) = run(&gateway);
    assert_eq!(status, Some(1), "{said}");
    for sentence in [
        "0.0.0.0:7300 without TLS: set tls.cert, or listen on loopback",
        "peers.eligibility: `foo` is no https URL",
        "peers.disbursement: `http://10.0.0.1:7315` is no https URL",
        "peers.registry_verification: gateway calls it",
        "gateways need redis.url; a lone one says listen.single",
        "signing.pem: No such file",
    ] {
        assert!(said.contains(sentence), "{sentence}: {said}");
    }
    let (status, said) = run(&["serve", "--data", data, "--sandbox-date", "2025-09-10"]);
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("--development"), "{said}");
    // Nothing was made.
    assert_eq!(fs::read_dir(folder.path()).expect("folder").count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_administrators_make_everybody_else() {
    let it = Installation::make();
    let said = it.refused(&["serve"]);
    assert!(
        said.contains("no administrator yet: yuhui bootstrap"),
        "{said}"
    );

    let (file, secrets) = it.prepare();
    let file = file.to_str().expect("text");
    it.must(&["bootstrap", "apply", file]);
    let again = it.refused(&["bootstrap", "apply", file]);
    assert!(again.contains("security administrators already"), "{again}");
    let said = it.refused(&["serve", "--development"]);
    assert!(
        said.contains("this database is in production: no --development"),
        "{said}"
    );
    it.must(&["config", "check"]);

    let system = System::produce(&it.data(), &[]).await;
    let gateway = system.gateway();
    // Nothing else was seeded.
    let clerk = people::login(
        Role::VillageClerk,
        people::village_of(people::county("150203")),
    );
    let nobody = gateway
        .sign_in(&clerk)
        .await
        .map(|_| ())
        .expect_err("nobody");
    assert_eq!(nobody.code(), Code::Unauthenticated);
    // A one-time secret opens nothing but its own replacement.
    let first = gateway
        .sign_in_with("sec.one", &secrets[0], "")
        .await
        .map(|_| ());
    let status = first.expect_err("a first password");
    assert_eq!(
        reason_of(&status).as_deref(),
        Some("PASSWORD_CHANGE_REQUIRED")
    );
    let one = gateway
        .sign_in_with("sec.one", &secrets[0], "correct horse battery")
        .await;
    let one = one.expect("signed in");
    let two = gateway
        .sign_in_with("sec.two", &secrets[1], "staple battery horse")
        .await;
    let two = two.expect("signed in");
    let spent = gateway
        .sign_in_with("sec.one", &secrets[0], "")
        .await
        .map(|_| ());
    assert_eq!(spent.expect_err("spent").code(), Code::Unauthenticated);

    // One makes, the other activates.
    let ask = CreateAccountRequest {
        account: Some(Account {
            login: "audit.one".into(),
            display_name: "王五".into(),
            role: Role::AuditAdministrator.into(),
            unit: "150200".into(),
            ..Account::default()
        }),
        identity_number: people::citizen((1980, time::Month::May, 4), 7),
        password: "a first password".into(),
        request_id: "one".into(),
    };
    let made = AccountServiceClient::new(one.call())
        .create_account(ask)
        .await;
    let made = made.expect("made").into_inner().account.expect("it");
    let activate = |request_id: &str| ActivateAccountRequest {
        name: made.name.clone(),
        etag: made.etag.clone(),
        request_id: request_id.into(),
    };
    let himself = AccountServiceClient::new(one.call())
        .activate_account(activate("two"))
        .await;
    assert_eq!(himself.expect_err("DYN-1").code(), Code::PermissionDenied);
    let other = AccountServiceClient::new(two.call())
        .activate_account(activate("three"))
        .await;
    other.expect("activated");

    // Who is locked out gets another one-time secret, on record, and loses his sessions.
    let said = it.must(&["bootstrap", "recover", "sec.one", "--why", "forgotten"]);
    let secret = said.rsplit(' ').next().expect("a secret").trim();
    let old = gateway
        .sign_in_with("sec.one", "correct horse battery", "")
        .await;
    assert_eq!(
        old.map(|_| ()).expect_err("replaced").code(),
        Code::Unauthenticated
    );
    gateway
        .sign_in_with("sec.one", secret, "another horse battery")
        .await
        .expect("let in again");
    assert!(!system.said().contains(secret) && !system.said().contains("horse battery"));
    let nobody = it.refused(&["bootstrap", "recover", "audit.one", "--why", "forgotten"]);
    assert!(
        nobody.contains("no active security administrator"),
        "{nobody}"
    );
    drop(system);
    it.must(&["audit", "verify"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_works_with_the_keys_of_its_database_or_not_at_all() {
    let it = Installation::make();
    let service = ["serve", "registry-verification"];
    let keys = it.data().join("keys/registry-verification");
    let seal = keys.join("seal/1.key");
    let key = fs::read_to_string(&seal).expect("a key");

    fs::remove_file(&seal).expect("removed");
    let said = it.refused(&service);
    assert!(said.contains("seal key 1 is missing"), "{said}");
    assert!(!seal.exists(), "a key was made");

    fs::write(&seal, "08".repeat(32)).expect("written");
    chmod(&seal, 0o600);
    let said = it.refused(&service);
    let other = "seal key 1 is not the one this database was written with";
    assert!(said.contains(other), "{said}");

    fs::write(&seal, key).expect("written");
    chmod(&seal, 0o640);
    let said = it.refused(&service);
    assert!(
        said.contains("1.key may be read by others (0640)"),
        "{said}"
    );
    chmod(&seal, 0o600);
    chmod(&keys, 0o750);
    let said = it.refused(&service);
    assert!(said.contains("(0750): chmod 0700"), "{said}");
    chmod(&keys, 0o700);
    let database = it.data().join("registry-verification.db");
    chmod(&database, 0o644);
    let said = it.refused(&service);
    assert!(
        said.contains("registry-verification.db may be read by others"),
        "{said}"
    );
    chmod(&database, 0o600);
    it.must(&["config", "check", "registry-verification"]);

    // And nothing of it was ever initialised by serving.
    let empty = tempfile::tempdir().expect("folder");
    let data = empty.path().to_str().expect("text");
    let (status, _) = run(&["migrate", "--data", data]);
    assert_eq!(status, Some(0));
    let (status, said) = run(&["serve", "registry-verification", "--data", data]);
    assert_eq!(status, Some(1));
    assert!(said.contains("no vault yet: yuhui vault init"), "{said}");
    assert!(!empty.path().join("keys").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn seal_keys_are_replaced_while_the_system_runs() {
    let folder = tempfile::tempdir().expect("folder");
    let it = Installation { folder };
    let often = [("YUHUI__KEYS__RELOAD", "200ms")];
    let system = System::start_in(&it.data(), &often).await;
    let county = people::county("150203");
    let login = people::login(Role::VillageClerk, people::village_of(county));
    let clerk = system.gateway().sign_in(&login).await.expect("signed in");
    let case = cases::lodged(&clerk, county, 7).await;
    for service in ["eligibility", "registry-verification", "disbursement"] {
        it.must(&["vault", "add", service]);
        // Until every replica has noticed the key it is not used.
        it.eventually(&["vault", "activate", service, "2"]).await;
        let said = it.must(&["vault", "rotate", service]);
        if service == "eligibility" {
            assert!(
                !said.contains("\n0 sealed") && !said.starts_with("0 sealed"),
                "{said}"
            );
        }
        it.eventually(&["vault", "retire", service, "1"]).await;
        let listed = it.must(&["vault", "list", service]);
        assert!(
            listed.contains("RETIRED") && listed.contains("ACTIVE"),
            "{listed}"
        );
    }
    // Neither the running system nor the next needs the old key.
    let old = it.data().join("keys/eligibility/seal/1.key");
    fs::remove_file(old).expect("removed");
    let get = GetCaseRequest {
        name: case.name.clone(),
    };
    let read = CaseServiceClient::new(clerk.call())
        .get_case(get.clone())
        .await;
    assert_eq!(read.expect("read").into_inner().case.as_ref(), Some(&case));
    drop(system);
    let system = System::start_in(&it.data(), &often).await;
    let clerk = system.gateway().sign_in(&login).await.expect("signed in");
    let read = CaseServiceClient::new(clerk.call()).get_case(get).await;
    assert_eq!(read.expect("read").into_inner().case, Some(case));
}

#[test]
fn a_role_that_could_step_around_the_rules_is_refused() {
    let Some(cluster) = Cluster::start(None) else {
        return;
    };
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().to_str().expect("text");
    let [postgres, url, owner, owner_url] = cluster.arguments();
    let with = |command: &[&str], url: &str| {
        let command = [command, &["--data", data, &postgres, url]].concat();
        run(&command)
    };
    let (status, said) = run(&[
        "migrate", "--data", data, &postgres, &url, &owner, &owner_url,
    ]);
    assert_eq!(status, Some(0), "{said}");
    let (status, said) = run(&["keys", "init", "--data", data]);
    assert_eq!(status, Some(0), "{said}");
    let (status, said) = with(&["vault", "init"], &url);
    assert_eq!(status, Some(0), "{said}");
    let check = ["config", "check", "registry-verification"];
    let (status, said) = with(&check, &url);
    assert_eq!(status, Some(0), "{said}");

    let superuser = url.replace("yuhui_{service}@", "postgres@");
    for (url, sentence) in [
        (owner_url, "yuhui_owner owns tables"),
        (superuser, "postgres is a superuser"),
    ] {
        let (status, said) = with(&check, &url);
        assert_eq!(status, Some(1), "{said}");
        assert!(said.contains(sentence), "{said}");
    }
    // Tables of another version.
    let registers = |sql: &str| cluster.psql("yuhui_registry_verification", &["-c", sql]);
    registers("INSERT INTO seaql_migrations VALUES ('m9999_of_tomorrow', 0)");
    let (_, said) = with(&check, &url);
    assert!(
        said.contains("m9999_of_tomorrow, which this version does not know"),
        "{said}"
    );
    registers("DELETE FROM seaql_migrations WHERE version ~ 'm9999|aliases'");
    let (_, said) = with(&check, &url);
    assert!(said.contains(": yuhui migrate"), "{said}");
}
