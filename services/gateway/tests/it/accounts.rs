//! Accounts, their makers and their limits.

use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use yuhui_gateway::{Founder, SeedAccount, bootstrap, seed_accounts};
use yuhui_platform::clock;
use yuhui_proto::{
    authz::v1::Role,
    identity::v1::{
        Account, ActivateAccountRequest, ApproveAccountRequest, CreateAccountRequest,
        GetAccountRequest, ListAccountsRequest, ListAccountsToApproveRequest, SignInRequest,
        SuspendAccountRequest, account::State, account_service_client::AccountServiceClient,
    },
};

use crate::system::{PASSWORD, Session, System, citizen, told};

const KUNDULUN: &str = "150203";

fn creation(login: &str, role: Role, unit: &str, holder: u16) -> CreateAccountRequest {
    CreateAccountRequest {
        account: Some(Account {
            login: login.into(),
            display_name: login.into(),
            role: role.into(),
            unit: unit.into(),
            ..Account::default()
        }),
        password: PASSWORD.into(),
        identity_number: citizen(holder),
        request_id: format!("create-{login}"),
    }
}

async fn create(
    by: &mut AccountServiceClient<Session>,
    ask: CreateAccountRequest,
) -> Result<Account, Status> {
    let answer = by.create_account(ask).await?.into_inner();
    Ok(answer.account.expect("account"))
}

/// The etag of an account as `by` sees it; who cannot see it states something.
async fn seen(by: &mut AccountServiceClient<Session>, name: &str) -> String {
    let ask = GetAccountRequest { name: name.into() };
    let answer = by.get_account(ask).await.ok();
    let account = answer.and_then(|it| it.into_inner().account);
    account.map_or_else(|| "0".into(), |it| it.etag)
}

async fn activate(
    by: &mut AccountServiceClient<Session>,
    name: &str,
    request_id: &str,
) -> Result<Account, Status> {
    let ask = ActivateAccountRequest {
        name: name.into(),
        etag: seen(by, name).await,
        request_id: request_id.into(),
    };
    let answer = by.activate_account(ask).await?.into_inner();
    Ok(answer.account.expect("account"))
}

async fn suspend(
    by: &mut AccountServiceClient<Session>,
    name: &str,
    reason: &str,
) -> Result<Account, Status> {
    let ask = SuspendAccountRequest {
        name: name.into(),
        reason: reason.into(),
        request_id: "suspend".into(),
    };
    let answer = by.suspend_account(ask).await?.into_inner();
    Ok(answer.account.expect("account"))
}

/// The separation rule a refusal names.
fn rule<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    let status = answer.expect_err("refused");
    assert_eq!(status.code(), Code::PermissionDenied);
    let info = status.get_details_error_info().expect("error info");
    info.metadata["rule"].clone()
}

#[tokio::test]
async fn one_administrator_makes_an_account_and_another_activates_it() {
    let system = System::start().await;
    let mut first = system.administrator("admin1", 1).await;
    let mut second = system.administrator("admin2", 2).await;
    let ask = creation("reviewer", Role::CountyHealthReviewer, KUNDULUN, 3);
    let made = create(&mut first, ask).await.expect("made");
    assert_eq!(made.state(), State::Pending);
    let early = system.try_sign_in("reviewer", PASSWORD).await;
    assert_eq!(
        told(early),
        (Code::FailedPrecondition, "ACCOUNT_NOT_ACTIVE".into())
    );

    assert_eq!(rule(activate(&mut first, &made.name, "a").await), "DYN-1");
    let active = activate(&mut second, &made.name, "a")
        .await
        .expect("active");
    assert_eq!(active.state(), State::Active);
    let again = activate(&mut second, &made.name, "b").await;
    let status = again.expect_err("twice");
    let details = status.get_error_details();
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert!(details.precondition_failure().is_some());
}

#[tokio::test]
async fn the_first_sign_in_replaces_the_password_that_the_administrator_knows() {
    let system = System::start().await;
    let mut first = system.administrator("admin1", 1).await;
    let mut second = system.administrator("admin2", 2).await;
    let ask = creation("reviewer", Role::CountyHealthReviewer, KUNDULUN, 3);
    let made = create(&mut first, ask).await.expect("made");
    activate(&mut second, &made.name, "a")
        .await
        .expect("active");
    let sign_in = async |password: &str, new: &str| {
        let ask = SignInRequest {
            login: "reviewer".into(),
            password: password.into(),
            new_password: new.into(),
            ..SignInRequest::default()
        };
        system.identity().sign_in(ask).await
    };
    let required = (Code::FailedPrecondition, "PASSWORD_CHANGE_REQUIRED".into());
    assert_eq!(told(sign_in(PASSWORD, "").await), required);
    let same = sign_in(PASSWORD, PASSWORD).await;
    assert_eq!(told(same).0, Code::InvalidArgument);

    let own = "my own long password";
    sign_in(PASSWORD, own).await.expect("signed in");
    assert_eq!(told(sign_in(PASSWORD, "").await).1, "WRONG_CREDENTIALS");
    sign_in(own, "").await.expect("the new one is in force");
    // Only then: a stolen password does not change itself.
    let later = sign_in(own, "yet another password").await;
    assert_eq!(told(later).0, Code::InvalidArgument);
}

#[tokio::test]
async fn a_first_password_ends() {
    let system = System::start().await;
    let deps = &system.deps;
    let prepare = async |login: &str, holder| {
        Founder::prepare(
            &deps.rules,
            &deps.config.password,
            login,
            "安全管理员",
            &citizen(holder),
        )
        .await
    };
    let (one, secret) = prepare("founder.one", 1).await.expect("one");
    let (two, _) = prepare("founder.two", 2).await.expect("two");
    let founders = [one, two];
    let days_ago = clock::real_now() - time::Duration::days(30);
    bootstrap(deps, &founders, days_ago)
        .await
        .expect("two administrators");
    let ask = SignInRequest {
        login: "founder.one".into(),
        password: secret,
        new_password: "my own long password".into(),
        ..SignInRequest::default()
    };
    let ended = (Code::FailedPrecondition, "FIRST_PASSWORD_ENDED".into());
    assert_eq!(told(system.identity().sign_in(ask).await), ended);
}

#[tokio::test]
async fn where_a_unit_has_a_head_nobody_grants_past_him() {
    let system = System::start().await;
    let mut first = system.administrator("admin1", 1).await;
    let mut second = system.administrator("admin2", 2).await;
    let village = "150203004001";
    system.account("head", Role::VillageHead, village, 3).await;
    system
        .account("other", Role::VillageHead, "150203004002", 4)
        .await;
    let ask = creation("clerk", Role::VillageClerk, village, 5);
    let made = create(&mut first, ask).await.expect("made");
    let past = activate(&mut second, &made.name, "a").await;
    assert_eq!(
        told(past),
        (Code::FailedPrecondition, "HEAD_APPROVES".into())
    );

    let approve = async |by: &str, name: &str| {
        let mut client = AccountServiceClient::new(system.session(by).await);
        let ask = ApproveAccountRequest {
            name: name.into(),
            etag: seen(&mut client, name).await,
            request_id: format!("approve-{by}"),
        };
        let answer = client.approve_account(ask).await;
        answer.map(|it| it.into_inner().account.expect("account"))
    };
    let waiting = async |by: &str| {
        let mut client = AccountServiceClient::new(system.session(by).await);
        let ask = ListAccountsToApproveRequest::default();
        let answer = client.list_accounts_to_approve(ask).await.expect("listed");
        answer.into_inner().accounts
    };
    assert_eq!(waiting("head").await, std::slice::from_ref(&made));
    assert_eq!(waiting("other").await, []);
    assert_eq!(told(approve("other", &made.name).await).0, Code::NotFound);
    let active = approve("head", &made.name).await.expect("approved");
    assert_eq!(active.state(), State::Active);
    assert_eq!(waiting("head").await, []);
}

#[tokio::test]
async fn the_supervising_body_grants_supervision() {
    let system = System::start().await;
    let mut first = system.administrator("admin1", 1).await;
    let mut second = system.administrator("admin2", 2).await;
    system
        .account("county", Role::CountyAuditor, KUNDULUN, 3)
        .await;
    system
        .account("approver", Role::CountyHealthApprover, KUNDULUN, 4)
        .await;
    system.account("city", Role::CityAuditor, "150200", 5).await;
    let ask = creation("auditor", Role::CountyAuditor, KUNDULUN, 6);
    let made = create(&mut first, ask).await.expect("made");
    assert_eq!(
        told(activate(&mut second, &made.name, "a").await).1,
        "HEAD_APPROVES"
    );
    let approve = async |by: &str| {
        let mut client = AccountServiceClient::new(system.session(by).await);
        let ask = ApproveAccountRequest {
            name: made.name.clone(),
            etag: seen(&mut client, &made.name).await,
            request_id: format!("approve-{by}"),
        };
        client.approve_account(ask).await
    };
    for supervised in ["county", "approver"] {
        let answer = approve(supervised).await;
        assert_eq!(told(answer).0, Code::NotFound, "{supervised}");
    }
    approve("city").await.expect("the supervising body");
}

#[tokio::test]
async fn suspension_ends_the_sessions_and_is_final() {
    let system = System::start().await;
    let mut admin = system.administrator("admin1", 1).await;
    let mut officer = {
        let role = Role::SecurityAdministrator;
        system.account("admin2", role, "", 2).await;
        let answer = system.try_sign_in("admin2", PASSWORD).await.expect("in");
        let name = answer.account.expect("account").name;
        let session = system.bearing(answer.tokens.expect("tokens").access_token);
        let client = AccountServiceClient::new(session);
        let none = suspend(&mut admin, &name, " ").await;
        assert_eq!(told(none).0, Code::InvalidArgument, "a reason is needed");
        let done = suspend(&mut admin, &name, "调离").await.expect("suspended");
        assert_eq!(done.state(), State::Suspended);
        let again = suspend(&mut admin, &name, "调离")
            .await
            .expect("same answer");
        assert_eq!(done, again);
        client
    };
    let list = officer.list_accounts(ListAccountsRequest::default()).await;
    assert_eq!(told(list).0, Code::Unauthenticated);
    let late = system.try_sign_in("admin2", PASSWORD).await;
    assert_eq!(told(late).1, "ACCOUNT_NOT_ACTIVE");
}

#[tokio::test]
async fn one_person_does_not_hold_two_powers() {
    let system = System::start().await;
    let mut admin = system.administrator("admin1", 1).await;
    let health = creation("health", Role::CountyHealthReviewer, KUNDULUN, 3);
    let health = create(&mut admin, health).await.expect("made");
    let ask = |login: &str, role, unit: &str| {
        let (mut admin, ask) = (admin.clone(), creation(login, role, unit, 3));
        async move { create(&mut admin, ask).await }
    };
    let finance = ask("finance", Role::CountyFinanceMaker, "150202").await;
    assert_eq!(rule(finance), "SOD-1");
    assert_eq!(rule(ask("bank", Role::BankOperator, "").await), "SOD-2");
    let checker = ask("checker", Role::CountyHealthApprover, KUNDULUN).await;
    assert_eq!(rule(checker), "SOD-3");
    let platform = ask("platform", Role::AuditAdministrator, "").await;
    assert_eq!(rule(platform), "SOD-4");
    let liaison = ask("liaison", Role::CivilAffairsLiaison, KUNDULUN).await;
    assert_eq!(rule(liaison), "SOD-5");
    ask("parent", Role::Applicant, KUNDULUN)
        .await
        .expect("a claim of one's own");

    suspend(&mut admin, &health.name, "调离")
        .await
        .expect("suspended");
    let after = creation("finance2", Role::CountyFinanceMaker, KUNDULUN, 3);
    create(&mut admin, after)
        .await
        .expect("the old role is over");
}

#[tokio::test]
async fn two_accounts_for_one_person_made_at_once_do_not_slip_past_each_other() {
    let system = System::start().await;
    let admin = system.administrator("admin1", 1).await;
    let make = |login: &str, role| {
        let (mut admin, ask) = (admin.clone(), creation(login, role, KUNDULUN, 3));
        async move { create(&mut admin, ask).await.is_ok() }
    };
    let (a, b) = tokio::join!(
        make("health", Role::CountyHealthReviewer),
        make("finance", Role::CountyFinanceMaker),
    );
    assert!(a ^ b, "exactly one of them is made");
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_answer_and_another_body_is_refused() {
    let system = System::start().await;
    let mut admin = system.administrator("admin1", 1).await;
    let ask = creation("reviewer", Role::CountyHealthReviewer, KUNDULUN, 3);
    let first = create(&mut admin, ask.clone()).await.expect("made");
    let second = create(&mut admin, ask.clone()).await.expect("repeated");
    assert_eq!(first, second);
    let other = CreateAccountRequest {
        password: "another password".into(),
        ..ask.clone()
    };
    let reused = (Code::AlreadyExists, "REQUEST_ID_REUSED".to_owned());
    assert_eq!(told(create(&mut admin, other).await), reused);
    let taken = CreateAccountRequest {
        request_id: "another".into(),
        ..ask
    };
    assert_eq!(told(create(&mut admin, taken).await).1, "LOGIN_TAKEN");
}

#[tokio::test]
async fn a_malformed_account_is_refused_field_by_field() {
    let system = System::start().await;
    let mut admin = system.administrator("admin1", 1).await;
    let ask = CreateAccountRequest {
        identity_number: "150203198001010009".into(),
        ..creation("village", Role::VillageClerk, KUNDULUN, 3)
    };
    let status = create(&mut admin, ask).await.expect_err("malformed");
    assert_eq!(status.code(), Code::InvalidArgument);
    let details = status.get_error_details();
    let faults = &details.bad_request().expect("violations").field_violations;
    let fields: Vec<_> = faults.iter().map(|it| it.field.as_str()).collect();
    assert_eq!(fields, ["account.unit", "identity_number"]);
    let nobody = creation("nobody", Role::Unspecified, KUNDULUN, 3);
    assert_eq!(
        told(create(&mut admin, nobody).await).0,
        Code::InvalidArgument
    );
    let unknown = activate(&mut admin, "accounts/none", "a").await;
    assert_eq!(told(unknown).0, Code::NotFound);
}

#[tokio::test]
async fn accounts_are_listed_by_unit_and_only_to_their_keepers() {
    let system = System::start().await;
    let mut admin = system.administrator("admin1", 1).await;
    system
        .account("bbb", Role::VillageClerk, "150203004001", 2)
        .await;
    system
        .account("aaa", Role::CountyHealthReviewer, KUNDULUN, 3)
        .await;
    system
        .account("ccc", Role::CountyHealthReviewer, "150202", 4)
        .await;
    let ask = |token: String| ListAccountsRequest {
        page_size: 1,
        page_token: token,
        unit: KUNDULUN.into(),
    };
    let page = admin.list_accounts(ask(String::new())).await.expect("page");
    let page = page.into_inner();
    assert_eq!(page.accounts[0].login, "aaa");
    let next = admin.list_accounts(ask(page.next_page_token)).await;
    let next = next.expect("page").into_inner();
    assert_eq!(next.accounts[0].login, "bbb");
    assert_eq!(next.next_page_token, "");

    let mut clerk = AccountServiceClient::new(system.session("bbb").await);
    let denied = clerk.list_accounts(ListAccountsRequest::default()).await;
    assert_eq!(told(denied).0, Code::PermissionDenied);
}

#[tokio::test]
async fn seeds_are_made_once_and_held_to_the_rules() {
    let system = System::start().await;
    let seed = |login: &str, role, holder| SeedAccount {
        login: login.into(),
        display_name: login.into(),
        role,
        unit: KUNDULUN.into(),
        identity_number: citizen(holder),
        password: PASSWORD.into(),
    };
    let seeds: Vec<_> = (10..60)
        .map(|n| seed(&format!("seed{n}"), Role::CountyHealthReviewer, n))
        .collect();
    let made = seed_accounts(&system.deps, seeds.clone()).await;
    assert_eq!(made.expect("seeded"), 50);
    let again = seed_accounts(&system.deps, seeds).await;
    assert_eq!(again.expect("nothing to do"), 0);
    system.sign_in("seed59").await;
    let two_powers = vec![seed("treasurer", Role::CountyFinanceMaker, 10)];
    let refused = seed_accounts(&system.deps, two_powers).await;
    assert_eq!(refused.expect_err("SOD-1").code(), Code::PermissionDenied);
}
