//! Six processes that prove to each other who they are, with certificates of `yuhui ca`.

use std::{path::Path, time::Duration};

use tokio::time::{Instant, sleep};
use tonic::{
    Code,
    transport::{Certificate, ClientTlsConfig, Identity},
};
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{GetCaseRequest, case::State, case_service_client::CaseServiceClient},
};

use crate::harness::{
    cases,
    gateway::Gateway,
    people, program,
    system::{SERVICES, System, free_address},
};

const HEALTH: &str = "/grpc.health.v1.Health/Check";
const BANKS: &str = "/yuhui.disbursement.v1.BankAgentService/ListBatches";
const CASES: &str = "/yuhui.eligibility.v1.CaseService/ListCases";

/// Runs `yuhui` with these words, which must succeed.
fn must(words: &str) {
    let words: Vec<_> = words.split(' ').collect();
    let (code, said) = program::run(&words);
    assert_eq!(code, Some(0), "{words:?}: {said}");
}

/// How whoever has the certificate `name` in `own` calls `service`.
fn shows(folder: &Path, service: &str, own: Option<(&str, &str)>) -> ClientTlsConfig {
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect(name);
    let config = ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(read("tls/ca.pem")))
        .domain_name(format!("{service}.yuhui.internal"));
    match own {
        Some((place, name)) => config.identity(Identity::from_pem(
            read(&format!("{place}/{name}.pem")),
            read(&format!("{place}/{name}.key")),
        )),
        None => config,
    }
}

async fn code(gateway: &Gateway, path: &str) -> Code {
    let answer = gateway.call_empty(path).await;
    answer.map_or_else(|status| status.code(), |()| Code::Ok)
}

#[tokio::test(flavor = "multi_thread")]
async fn services_that_prove_who_they_are_are_one_system() {
    let folder = tempfile::tempdir().expect("folder");
    System::keys(folder.path());
    let at = folder.path().display();
    must(&format!("ca init --folder {at}/ca"));
    must(&format!("ca init --folder {at}/bank-ca"));
    must(&format!(
        "ca issue bank.icbc --folder {at}/bank-ca --out {at}/bank"
    ));
    let issue = |service: &str, more: &str| {
        must(&format!(
            "ca issue {service} --folder {at}/ca --out {at}/tls{more}"
        ));
    };
    for service in SERVICES {
        issue(service, "");
    }

    let places = SERVICES.map(|service| (service, free_address()));
    let banks = free_address();
    let mut running = Vec::new();
    for (service, listen) in &places {
        let others = places
            .iter()
            .filter(|(it, _)| it != service && *it != "gateway");
        let peers: Vec<_> = others
            .map(|(it, at)| format!("{it}=https://{at}"))
            .collect();
        let mut words = format!(
            "{service} --tls-cert {at}/tls/{service}.pem --tls-key {at}/tls/{service}.key \
             --tls-ca {at}/tls/ca.pem --tls-reload 1s --health-socket {at}/{service}.sock \
             --peers {}",
            peers.join(",")
        );
        if *service == "gateway" {
            words += &format!(" --bank-listen {banks} --tls-bank-ca {at}/bank/ca.pem");
        }
        let words: Vec<_> = words.split_whitespace().collect();
        running.push(System::start_replica(folder.path(), service, listen, &words).await);
    }
    for service in SERVICES {
        is_ready(folder.path(), service).await;
    }
    let address = |service: &str| {
        let place = places.iter().find(|(it, _)| *it == service);
        place.expect("a service").1.as_str()
    };
    let gateway = Gateway::secure(address("gateway"), shows(folder.path(), "gateway", None));

    // A claim goes in through the gateway, and eligibility asks the registers.
    let county = people::county("150203");
    let login = people::login(Role::VillageClerk, people::village_of(county));
    let clerk = gateway.sign_in(&login).await.expect("signed in");
    let case = cases::lodged(&clerk, county, 7).await;
    assert_eq!(case.state(), State::Lodged);

    // Behind the gateway nobody gets a word without a certificate, or with one of a service that has
    // nothing to ask here, or of the bank.
    let ask = async |own: Option<(&str, &str)>| {
        let service = "registry-verification";
        let tls = shows(folder.path(), service, own);
        code(&Gateway::secure(address(service), tls), HEALTH).await
    };
    assert_eq!(ask(Some(("tls", "eligibility"))).await, Code::Ok);
    assert_eq!(
        ask(Some(("tls", "disbursement"))).await,
        Code::PermissionDenied
    );
    for own in [None, Some(("bank", "bank.icbc"))] {
        assert!(!matches!(ask(own).await, Code::Ok | Code::PermissionDenied));
    }

    // The bank has an entrance of its own, for its certificate and its methods.
    let bank = |own| Gateway::secure(&banks, shows(folder.path(), "gateway", own));
    let its = bank(Some(("bank", "bank.icbc")));
    let operator = people::login(Role::BankOperator, "150200");
    let operator = its.sign_in(&operator).await.expect("signed in");
    let answer = code(&operator, BANKS).await;
    assert!(
        matches!(answer, Code::Ok | Code::InvalidArgument),
        "{answer:?}"
    );
    assert_eq!(code(&operator, CASES).await, Code::Unimplemented);
    assert_eq!(code(&operator, HEALTH).await, Code::Unimplemented);
    assert_eq!(code(&gateway, BANKS).await, Code::Unimplemented);
    for own in [None, Some(("tls", "eligibility"))] {
        assert!(bank(own).sign_in(&login).await.is_err());
    }

    // Every certificate is replaced while there are calls, and none of them fails.
    let load = tokio::spawn({
        let (clerk, name) = (clerk.clone(), case.name.clone());
        async move {
            let (mut calls, end) = (0, Instant::now() + Duration::from_secs(6));
            while Instant::now() < end {
                let get = GetCaseRequest { name: name.clone() };
                let read = CaseServiceClient::new(clerk.call()).get_case(get).await;
                read.expect("while certificates are replaced");
                calls += 1;
            }
            calls
        }
    });
    for service in SERVICES {
        issue(service, " --days 7 --replace");
    }
    assert!(load.await.expect("no call failed") > 10);
    for (system, service) in running.iter().zip(SERVICES) {
        let said = system.said();
        assert!(
            said.contains("a new certificate is in use"),
            "{service}: {said}"
        );
        is_ready(folder.path(), service).await;
    }
}

/// Waits until a service says of itself that it is ready.
async fn is_ready(folder: &Path, service: &str) {
    let socket = folder.join(format!("{service}.sock"));
    let socket = socket.to_str().expect("text");
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let (code, said) = program::run(&["health", "ready", "--socket", socket]);
        if code == Some(0) {
            assert!(said.contains(&format!("{service} is ready")), "{said}");
            return;
        }
        assert!(Instant::now() < deadline, "{said}");
        sleep(Duration::from_millis(200)).await;
    }
}
