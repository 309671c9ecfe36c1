//! `deploy/local`: the whole topology on one machine, from nothing and back to nothing.

use std::{
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
};

use tempfile::TempDir;
use tokio::net::TcpStream;
use tonic::transport::{Certificate, ClientTlsConfig};
use yuhui_proto::identity::v1::{
    GetSessionRequest, identity_service_client::IdentityServiceClient,
};
use yuhui_stage::setting;

use super::some_of;
use crate::harness::{ROOT, gateway::Gateway, program, system::free_address};

/// Port of the gateway, before what is added to every port.
const GATEWAY: u16 = 7300;

/// Runs a script of `deploy/local`; what it said.
fn script(name: &str, arguments: &[&str], ports: u16, answers: &str) -> String {
    let mut child = Command::new(format!("{ROOT}/deploy/local/{name}"))
        .args(arguments)
        .env("YUHUI_BIN", program::path())
        .env("YUHUI_PORTS", ports.to_string())
        .env("RUST_LOG", "warn")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("it runs");
    let mut asked = child.stdin.take().expect("its input");
    asked.write_all(answers.as_bytes()).expect("told");
    drop(asked);
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{name}: {said}");
    said
}

/// A folder to be made, and what is added to every port.
fn place() -> (TempDir, PathBuf, u16) {
    let parent = tempfile::tempdir().expect("folder");
    // The server's own user goes through here to its folder.
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o711);
    std::fs::set_permissions(parent.path(), open).expect("set");
    let folder = parent.path().join("city");
    let free = free_address();
    let (_, port) = free.rsplit_once(':').expect("a port");
    // Room for the second replicas above, whatever is free.
    (parent, folder, port.parse::<u16>().expect("a port") / 2)
}

/// Requests go to either replica of every service, and come out as on one.
#[test]
fn a_year_and_worked_cases_are_played_on_two_replicas_of_every_service() {
    if setting("YUHUI_TEST_PG").is_none() {
        return;
    }
    let (parent, folder, ports) = place();
    let at = folder.to_str().expect("text");
    script("up", &["--sandbox", at], ports, "");
    let file = folder.join("year.toml");
    let file = file.to_str().expect("text");
    let round = ["year", "--scale", "0.004", "--in-flight", "4"];
    let (status, said) = program::run(&[&round[..], &["--against", file]].concat());
    // All of them take minutes.
    let cases = "services/policy/tests/data/cases_law.json";
    let (cases, many) = some_of(cases, 20, parent.path());
    let cases = cases.to_str().expect("text");
    let played = program::run(&["year", "--cases", cases, "--against", file]);
    script("down", &[at], ports, "");
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("everything reconciles"), "{said}");
    let (status, said) = played;
    assert_eq!(status, Some(0), "{said}");
    let all_of_them = format!("{many} cases, {many} as expected");
    assert!(said.contains(&all_of_them), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_topology_comes_up_from_nothing_and_leaves_nothing() {
    if setting("YUHUI_TEST_PG").is_none() {
        return;
    }
    let (_parent, folder, ports) = place();
    let at = folder.to_str().expect("text");
    let said = script("up", &[at], ports, program::FOUNDERS);
    let secret = |login: &str| program::secret_of(login, &said);

    let ca = std::fs::read(folder.join("tls/ca.pem")).expect("the authority");
    let gateway = |replica: u16| {
        let tls = ClientTlsConfig::new()
            .ca_certificate(Certificate::from_pem(&ca))
            .domain_name("gateway.yuhui.internal");
        Gateway::secure(&format!("127.0.0.1:{}", GATEWAY + ports + replica), tls)
    };
    let one = gateway(0)
        .sign_in_with("sec.one", &secret("sec.one"), "correct horse battery")
        .await;
    let one = one.expect("signed in");
    // What one replica knows the other knows: passwords, sessions and their end.
    let elsewhere = gateway(100)
        .sign_in_with("sec.one", "correct horse battery", "")
        .await;
    elsewhere.expect("signed in at the other gateway");
    let session = IdentityServiceClient::new(one.call())
        .get_session(GetSessionRequest {})
        .await;
    let account = session.expect("a session").into_inner().account;
    assert_eq!(account.expect("an account").login, "sec.one");

    script("down", &[at], ports, "");
    assert!(!folder.exists());
    for replica in [0, 100] {
        let gone = TcpStream::connect(("127.0.0.1", GATEWAY + ports + replica)).await;
        assert!(gone.is_err(), "somebody still listens");
    }
}
