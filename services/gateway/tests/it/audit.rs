//! The audit record as supervision reads it.

use tonic::{Code, Status};
use yuhui_proto::{
    audit::v1::{
        Entry, ListEntriesRequest, VerifyChainRequest, audit_service_client::AuditServiceClient,
    },
    authz::v1::Role,
};

use crate::system::{Session, System, told};

async fn entries(
    by: &mut AuditServiceClient<Session>,
    parent: &str,
    service: &str,
) -> Result<Vec<Entry>, Status> {
    let ask = ListEntriesRequest {
        parent: parent.into(),
        service: service.into(),
        ..ListEntriesRequest::default()
    };
    Ok(by.list_entries(ask).await?.into_inner().entries)
}

async fn reader(system: &System, role: Role, unit: &str) -> AuditServiceClient<Session> {
    system.account("reader", role, unit, 9).await;
    AuditServiceClient::new(system.session("reader").await)
}

#[tokio::test]
async fn who_signed_in_and_who_failed_is_on_record_and_the_chain_is_whole() {
    let system = System::start().await;
    system
        .account("clerk", Role::VillageClerk, "150203004001", 1)
        .await;
    let name = system
        .try_sign_in("clerk", crate::system::PASSWORD)
        .await
        .expect("in")
        .account
        .expect("account")
        .name;
    assert!(
        system
            .try_sign_in("clerk", "not the password")
            .await
            .is_err()
    );
    let mut reader = reader(&system, Role::AuditAdministrator, "").await;
    let record = entries(&mut reader, "counties/-", "gateway")
        .await
        .expect("read");
    let opened = record.iter().find(|it| it.action == "session.open");
    let opened = opened.expect("signing in is recorded");
    assert_eq!((&opened.actor, &opened.object), (&name, &name));
    assert_eq!(opened.role, "ROLE_VILLAGE_CLERK");
    assert_eq!(opened.remote, "127.0.0.1");
    let refused = record.iter().find(|it| it.action == "session.refuse");
    let refused = refused.expect("failing is recorded");
    assert!(
        !refused.object.contains("clerk"),
        "but not whose login it was"
    );
    assert_eq!(record.last().expect("entries").action, "audit.read");

    let ask = VerifyChainRequest {
        parent: "counties/-".into(),
        service: "gateway".into(),
    };
    let whole = reader
        .verify_chain(ask)
        .await
        .expect("verified")
        .into_inner();
    assert!(whole.whole && whole.entries > 4);
}

#[tokio::test]
async fn another_services_chain_is_read_through_the_gateway() {
    let system = System::start().await;
    let mut reader = reader(&system, Role::CityAuditor, "150200").await;
    let record = entries(&mut reader, "counties/150203", "eligibility").await;
    assert_eq!(record.expect("read"), []);
    let ask = VerifyChainRequest {
        parent: "counties/150203".into(),
        service: "eligibility".into(),
    };
    let report = reader.verify_chain(ask).await.expect("verified");
    assert!(report.into_inner().whole);
    let dead = entries(&mut reader, "counties/150203", "institution-registry").await;
    assert_eq!(told(dead).0, Code::Unavailable);
}

#[tokio::test]
async fn a_county_sees_its_own_record_only() {
    let system = System::start().await;
    let mut reader = reader(&system, Role::CountyAuditor, "150203").await;
    for service in ["eligibility", "gateway"] {
        let own = entries(&mut reader, "counties/150203", service).await;
        own.expect("its own");
        for parent in ["counties/150202", "counties/-", "counties/150102"] {
            let other = entries(&mut reader, parent, service).await;
            assert_eq!(told(other).0, Code::NotFound, "{parent}");
        }
        let unsaid = entries(&mut reader, "", service).await;
        assert_eq!(told(unsaid).0, Code::InvalidArgument);
    }
    let nobody = entries(&mut reader, "counties/150203", "nobody").await;
    assert_eq!(told(nobody).0, Code::NotFound);
}

#[tokio::test]
async fn only_supervision_reads_the_record() {
    let system = System::start().await;
    let mut clerk = reader(&system, Role::VillageClerk, "150203004001").await;
    let answer = entries(&mut clerk, "counties/150203", "gateway").await;
    assert_eq!(told(answer).0, Code::PermissionDenied);
}
