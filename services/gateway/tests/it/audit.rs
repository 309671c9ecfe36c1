//! The audit record as supervision reads it.

use std::{collections::BTreeMap, time::Duration};

use sea_orm::{ConnectionTrait as _, DbBackend};
use tokio::time::timeout;
use tonic::{Code, Status};
use yuhui_proto::{
    audit::v1::{
        Entry, ListEntriesRequest, VerifyChainRequest, VerifyChainResponse,
        audit_service_client::AuditServiceClient,
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
    assert!(record.iter().any(|it| it.action == "audit.read"));
    assert_eq!((opened.chain, refused.sequence), (0, 1));
    assert!(refused.chain > 0, "kept aside");

    let whole = verified(&mut reader).await;
    assert!(whole.whole && whole.entries > 4);
    let chains: Vec<_> = whole.chains.iter().map(|it| it.chain).collect();
    assert_eq!(chains, [0, refused.chain]);
    assert_eq!(whole.chains[0].head_hash, whole.head_hash);

    // The same in pages of one entry. That it is looked at is recorded once.
    let mut ask = VerifyChainRequest {
        parent: "counties/-".into(),
        service: "gateway".into(),
        page_size: 1,
        ..VerifyChainRequest::default()
    };
    let (mut entries, mut last) = (0, BTreeMap::new());
    loop {
        let page = reader.verify_chain(ask.clone()).await.expect("verified");
        let page = page.into_inner();
        assert!(page.whole && page.entries <= 1, "{page:?}");
        entries += page.entries;
        last.extend(page.chains.into_iter().map(|it| (it.chain, it)));
        ask.page_token = page.next_page_token;
        if ask.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(entries, whole.entries + 1);
    assert!(last.keys().eq([&0, &refused.chain]));
    assert_eq!(last[&refused.chain], whole.chains[1]);
    assert_eq!(last.values().map(|it| it.entries).sum::<i64>(), entries);

    // One is missing at the end of what is kept aside.
    let tx = system.deps.db.begin_global().await.expect("begun");
    let lose = "UPDATE audit_head SET seq = seq + 1 WHERE chain > 0";
    tx.execute_unprepared(lose).await.expect("lost");
    tx.commit().await.expect("committed");
    let broken = verified(&mut reader).await;
    assert!(!broken.whole);
    assert_eq!(broken.first_broken_sequence, 2);
    let found: Vec<_> = broken.chains.iter().map(|it| it.whole).collect();
    assert_eq!(found, [true, false]);
}

async fn verified(by: &mut AuditServiceClient<Session>) -> VerifyChainResponse {
    let ask = VerifyChainRequest {
        parent: "counties/-".into(),
        service: "gateway".into(),
        ..VerifyChainRequest::default()
    };
    by.verify_chain(ask).await.expect("verified").into_inner()
}

/// On SQLite every writer waits for every other, for as long as each writes.
#[tokio::test]
async fn a_sign_in_that_fails_waits_for_no_act_of_the_city() {
    let system = System::start().await;
    let db = &system.deps.db;
    system
        .account("clerk", Role::VillageClerk, "150203004001", 1)
        .await;
    if db.backend() != DbBackend::Postgres {
        return;
    }
    let act = db.begin_global().await.expect("begun");
    let held = act.execute_unprepared("SELECT * FROM audit_head FOR UPDATE");
    held.await.expect("held");
    for login in ["clerk", "nobody"] {
        let failed = system.try_sign_in(login, "not the password");
        let failed = timeout(Duration::from_secs(2), failed).await;
        assert_eq!(told(failed.expect("at once")).0, Code::Unauthenticated);
    }
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
        ..VerifyChainRequest::default()
    };
    let report = reader.verify_chain(ask.clone()).await.expect("verified");
    assert!(report.into_inner().whole);
    let page_token = "elsewhere".to_owned();
    let unsaid = reader
        .verify_chain(VerifyChainRequest { page_token, ..ask })
        .await;
    assert_eq!(told(unsaid).0, Code::InvalidArgument);
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
