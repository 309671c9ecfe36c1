//! Operations of whichever service is named, through the gateway.

use std::time::Duration;

use futures::TryStreamExt as _;
use tonic::{Code, Request, Status};
use yuhui_kernel::Tenant;
use yuhui_platform::{
    Caller, Result,
    act::Begun,
    db::Tx,
    idempotency::Key,
    operations::{At, Next, Slice, Work},
    refusal::reason_of,
};
use yuhui_proto::{
    authz::v1::Role,
    operations::v1::{
        self as pb, operation::State, operation_service_client::OperationServiceClient,
    },
};

use crate::system::{Session, System, operations};

/// Work that goes on as long as anybody does it.
struct Endless;

#[tonic::async_trait]
impl Work for Endless {
    type Ask = ();
    type Place = ();
    type Ready = ();
    const METHOD: &'static str = "Endless";

    async fn prepare(&self, _: &At<'_, Self>) -> Result<()> {
        Ok(())
    }

    async fn apply(&self, _: &At<'_, Self>, _: &Tx, (): ()) -> Result<Slice<()>> {
        Ok(Next::More(()).into())
    }
}

/// An operation of the service behind, asked for by itself; its name.
async fn begun(system: &System) -> String {
    let tenant = Tenant::parse("150203").expect("a county");
    let caller = Caller::service("eligibility", Some(tenant));
    let ask = pb::GetOperationRequest::default();
    let key = Key::new(&caller, "begun", &ask).expect("a key");
    let behind = system.behind.clone().keyed(system.deps.vault.clone());
    let operations = operations(&behind);
    let begun = operations.begin(
        &Endless,
        (&caller, tenant),
        key,
        (),
        "counties/150203".into(),
    );
    let begun: Begun<pb::GetOperationResponse, _> = begun.await.expect("begun");
    let Begun::Open(begun) = begun else {
        panic!("asked before")
    };
    let operation = Some(begun.operation.clone());
    let answer = begun.finish(pb::GetOperationResponse { operation }).await;
    answer.expect("kept").operation.expect("it").name
}

async fn of(system: &System, login: &str, role: Role) -> OperationServiceClient<Session> {
    system.account(login, role, "150203", 1).await;
    OperationServiceClient::new(system.session(login).await)
}

async fn get(
    client: &mut OperationServiceClient<Session>,
    name: &str,
) -> Result<pb::Operation, Status> {
    let ask = pb::GetOperationRequest { name: name.into() };
    let answer = client.get_operation(ask).await?;
    Ok(answer.into_inner().operation.expect("an operation"))
}

#[tokio::test]
async fn the_name_says_whose_an_operation_is() {
    let system = System::start().await;
    let name = begun(&system).await;
    let mut client = of(&system, "health", Role::CountyHealthReviewer).await;
    let found = get(&mut client, &name).await.expect("there");
    assert_eq!(
        (found.state(), found.name.clone()),
        (State::Running, name.clone())
    );
    let ask = pb::ListOperationsRequest {
        parent: "counties/150203/services/eligibility".into(),
        ..pb::ListOperationsRequest::default()
    };
    let listed = client.list_operations(ask).await.expect("listed");
    assert_eq!(listed.into_inner().operations, [found]);

    let id = name.rsplit('/').next().expect("an id");
    for nobodys in [
        format!("counties/150203/services/funding-ledger/operations/{id}"),
        format!("counties/150204/services/eligibility/operations/{id}"),
        format!("counties/-/services/eligibility/operations/{id}"),
        format!("a/b/c/eligibility/operations/{id}"),
        "counties/150203/services/eligibility".into(),
        "counties/150203/services/eligibility/operations/x".into(),
    ] {
        let status = get(&mut client, &nobodys).await.expect_err(&nobodys);
        assert_eq!(status.code(), Code::NotFound, "{nobodys}: {status:?}");
    }
    let silent = format!("counties/150203/services/disbursement/operations/{id}");
    let status = get(&mut client, &silent)
        .await
        .expect_err("nobody is there");
    let told = (status.code(), reason_of(&status).unwrap_or_default());
    assert_eq!(
        told,
        (Code::Unavailable, "UNAVAILABLE".into()),
        "{status:?}"
    );
}

#[tokio::test]
async fn finance_sees_nothing_of_what_health_is_at_work_on() {
    let system = System::start().await;
    let name = begun(&system).await;
    let mut client = of(&system, "finance", Role::CountyFinanceApprover).await;
    let status = get(&mut client, &name).await.expect_err("health's");
    assert_eq!(status.code(), Code::NotFound);
    let ask = pb::ListOperationItemsRequest {
        parent: name,
        ..pb::ListOperationItemsRequest::default()
    };
    let answer = client.list_operation_items(ask).await;
    assert_eq!(answer.expect_err("health's").code(), Code::NotFound);
}

#[tokio::test]
async fn a_watch_ends_in_time_and_the_next_begins_where_it_was() {
    let system = System::start().await;
    let name = begun(&system).await;
    let mut client = of(&system, "health", Role::CountyHealthReviewer).await;
    let watch = |revision| {
        let name = name.clone();
        let mut ask = Request::new(pb::WatchOperationRequest { name, revision });
        ask.set_timeout(Duration::from_millis(1_500));
        ask
    };
    let told = client.watch_operation(watch(0)).await.expect("watched");
    let told: Vec<_> = told.into_inner().try_collect().await.expect("ended well");
    assert_eq!(told.len(), 1, "nothing has changed: {told:?}");
    let operation = told[0].operation.as_ref().expect("it");
    assert_eq!(operation.state(), State::Running);
    let next = client.watch_operation(watch(operation.revision)).await;
    let next = next.expect("watched").into_inner();
    let next: Vec<_> = next.try_collect().await.expect("ended well");
    assert!(next.is_empty(), "{next:?}");

    let missing = pb::WatchOperationRequest {
        name: name.replace("150203", "150204"),
        revision: 0,
    };
    let answer = client.watch_operation(missing).await;
    assert_eq!(answer.expect_err("another county's").code(), Code::NotFound);
}
