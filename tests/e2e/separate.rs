//! Each service as a process of its own, over TCP: the same system, and no
//! service trusts the network.

use tonic::Code;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{GetCaseRequest, case::State, case_service_client::CaseServiceClient},
};

use crate::harness::{
    cases,
    gateway::Gateway,
    people,
    system::{SERVICES, System, free_address},
};

#[tokio::test(flavor = "multi_thread")]
async fn six_processes_are_one_system() {
    let folder = tempfile::tempdir().expect("folder");
    let places = SERVICES.map(|service| (service, free_address()));
    System::keys(folder.path());
    let mut running = Vec::new();
    for (service, listen) in &places {
        let others = places.iter().filter(|(other, _)| other != service);
        let peers: Vec<_> = others
            .map(|(other, address)| format!("{other}=http://{address}"))
            .collect();
        let peers = peers.join(",");
        running.push(System::start_one(folder.path(), service, listen, &peers).await);
    }
    let gateway = running.last().expect("the gateway").gateway();

    // A claim goes in through the gateway, and eligibility asks the registers.
    let county = people::county("150203");
    let login = people::login(Role::VillageClerk, people::village_of(county));
    let clerk = gateway.sign_in(&login).await.expect("signed in");
    let case = cases::lodged(&clerk, county, 7).await;
    assert_eq!(case.state(), State::Lodged);
    let get = GetCaseRequest {
        name: case.name.clone(),
    };
    let read = CaseServiceClient::new(clerk.call())
        .get_case(get.clone())
        .await;
    assert_eq!(read.expect("read").into_inner().case.expect("it"), case);

    // Behind the gateway, nobody is let in: without a token, or with one that was
    // made for the gateway.
    let eligibility = &running[4];
    let session = gateway
        .tokens(&login)
        .await
        .expect("signed in")
        .access_token;
    let nobody = Gateway::to(&eligibility.url);
    for caller in [nobody.clone(), nobody.with_token(&session)] {
        let answer = CaseServiceClient::new(caller.call())
            .get_case(get.clone())
            .await;
        let status = answer.expect_err("behind the gateway");
        assert_eq!(status.code(), Code::Unauthenticated, "{status}");
    }

    // Without the registers a claim is lodged and waits for them; nothing is guessed.
    let mut running = running.into_iter();
    running.next().expect("the registers").kill();
    let mut client = CaseServiceClient::new(clerk.call());
    let draft = cases::create(county, cases::claim(people::village_of(county), 8));
    let draft = client.create_case(draft).await.expect("a draft");
    let draft = draft.into_inner().case.expect("a draft");
    let lodged = client.lodge_case(cases::lodge(&draft)).await;
    let lodged = lodged.expect("lodged").into_inner().case.expect("it");
    assert_eq!(lodged.state(), State::Lodged);
    assert!(!lodged.waiting_for.is_empty());
    let read = client.get_case(get).await.expect("read").into_inner();
    assert_eq!(read.case.expect("it"), case);
}
