//! What an account is shown with is what the acts do.

use std::collections::{BTreeMap, BTreeSet};

use tonic::{Code, Status};
use yuhui_platform::refusal::{name_of, reason_of};
use yuhui_proto::{
    authz::v1::Role,
    identity::v1::{self as pb, Account, account_service_client::AccountServiceClient},
    types::v1::{Action, action::Verdict},
};
use yuhui_stage::Dice;

use crate::system::{PASSWORD, Session, System, citizen, told};

/// Steps of the walk.
const STEPS: usize = 70;
const VILLAGE: &str = "150203004001";

type Office = AccountServiceClient<Session>;

fn fresh() -> String {
    yuhui_platform::clock::fresh_id().to_string()
}

/// An account that waits: of a village with a head, of an office without one, or of supervision.
async fn propose(by: &mut Office, step: usize) -> Result<Account, Status> {
    let (role, unit) = [
        (Role::VillageClerk, VILLAGE),
        (Role::CountyFinanceMaker, "150203"),
        (Role::CountyAuditor, "150203"),
    ][step % 3];
    let ask = pb::CreateAccountRequest {
        account: Some(Account {
            login: format!("login-{}", step % 7),
            display_name: "某人".into(),
            role: role.into(),
            unit: unit.into(),
            ..Account::default()
        }),
        password: PASSWORD.into(),
        identity_number: citizen(100 + u16::try_from(step).expect("few")),
        request_id: fresh(),
    };
    let answer = by.create_account(ask).await?.into_inner();
    Ok(answer.account.expect("account"))
}

async fn offered(office: &mut Office, name: &str) -> Option<(Account, Vec<Action>)> {
    let ask = pb::GetAccountRequest { name: name.into() };
    let answer = office.get_account(ask).await.ok()?.into_inner();
    Some((answer.account?, answer.actions))
}

async fn attempt(office: &mut Office, method: &str, of: &Account) -> Result<(), Status> {
    let (name, etag, request_id) = (of.name.clone(), of.etag.clone(), fresh());
    let reason = "岗位有误".to_owned();
    macro_rules! call {
        ($act:ident, $ask:ident { $($more:ident),* }) => {{
            let ask = pb::$ask { name, request_id, $($more),* };
            office.$act(ask).await.map(|_| ())
        }};
    }
    match method {
        "ApproveAccount" => call!(approve_account, ApproveAccountRequest { etag }),
        "ActivateAccount" => call!(activate_account, ActivateAccountRequest { etag }),
        "DeclineAccount" => call!(decline_account, DeclineAccountRequest { etag, reason }),
        "WithdrawAccount" => call!(withdraw_account, WithdrawAccountRequest {}),
        "SuspendAccount" => call!(suspend_account, SuspendAccountRequest { reason }),
        other => panic!("nobody knows how to call {other}"),
    }
}

fn short(action: &Action) -> &str {
    action.method.rsplit('/').next().unwrap_or_default()
}

#[tokio::test]
async fn what_is_offered_is_what_the_acts_do() {
    let system = System::start().await;
    let mut first = system.administrator("admin1", 1).await;
    let second = system.administrator("admin2", 2).await;
    system.account("head", Role::VillageHead, VILLAGE, 3).await;
    system
        .account("other", Role::VillageHead, "150203004002", 4)
        .await;
    system.account("city", Role::CityAuditor, "150200", 5).await;
    system
        .account("keeper", Role::AuditAdministrator, "", 6)
        .await;
    let mut everybody = vec![first.clone(), second];
    for login in ["head", "other", "city", "keeper"] {
        everybody.push(AccountServiceClient::new(system.session(login).await));
    }
    let (mut done, mut refused) = (BTreeMap::<String, usize>::new(), BTreeSet::new());
    let mut names: Vec<String> = Vec::new();
    let mut dice = Dice::of(7);
    let mut roll = |sides| dice.roll(sides);
    for step in 0..STEPS {
        if names.len() < 3 || roll(3) == 0 {
            if let Ok(made) = propose(&mut first, step).await {
                names.push(made.name);
            }
            continue;
        }
        let name = &names[names.len() - 1 - roll(names.len().min(4))];
        let mut allowed = Vec::new();
        for (who, office) in everybody.iter_mut().enumerate() {
            let Some((account, actions)) = offered(office, name).await else {
                continue;
            };
            for action in actions {
                let method = short(&action).to_owned();
                assert!(!action.who_may.is_empty(), "{method}");
                if action.verdict() == Verdict::Allowed {
                    allowed.push((who, method));
                    continue;
                }
                let answer = attempt(office, &method, &account).await;
                let answer = answer.expect_err(&format!("{who} was refused {method}"));
                assert_eq!(
                    (reason_of(&answer).unwrap_or_default(), answer.message()),
                    (name_of(action.reason()).to_owned(), action.en.as_str()),
                    "{who} {method}"
                );
                refused.insert(name_of(action.reason()).to_owned());
            }
        }
        let often = |it: &&(usize, String)| done.get(&it.1).copied().unwrap_or_default();
        let Some((who, method)) = allowed.iter().min_by_key(often) else {
            continue;
        };
        let office = &mut everybody[*who];
        let (account, _) = offered(office, name).await.expect("it");
        let answer = attempt(office, method, &account).await;
        answer.unwrap_or_else(|told| panic!("{who} was allowed {method}: {told}"));
        *done.entry(method.clone()).or_default() += 1;
    }
    assert_eq!(done.len(), 5, "every act was done: {done:?}");
    for reason in [
        "SEPARATION_OF_DUTIES",
        "HEAD_APPROVES",
        "WRONG_STATE",
        "NOT_THE_MAKER",
    ] {
        assert!(refused.contains(reason), "{reason}: {refused:?}");
    }
}

#[tokio::test]
async fn what_is_declined_or_withdrawn_was_never_in_force_and_frees_its_login() {
    let system = System::start().await;
    let mut first = system.administrator("admin1", 1).await;
    let mut second = system.administrator("admin2", 2).await;
    let made = propose(&mut first, 1).await.expect("made");
    assert!(made.created_by.starts_with("accounts/"), "{made:?}");
    let decline = |account: &Account, etag: &str| pb::DeclineAccountRequest {
        name: account.name.clone(),
        etag: etag.into(),
        reason: "岗位有误".into(),
        request_id: fresh(),
    };
    let stale = second.decline_account(decline(&made, "0")).await;
    assert_eq!(told(stale), (Code::Aborted, "CHANGED_SINCE_SEEN".into()));
    let answer = second.decline_account(decline(&made, &made.etag)).await;
    let declined = answer.expect("declined").into_inner().account.expect("it");
    assert_eq!(declined.state(), pb::account::State::Declined);
    assert_eq!(
        (declined.login.as_str(), declined.reason.as_str()),
        (made.login.as_str(), "岗位有误")
    );
    let (seen, _) = offered(&mut first, &made.name).await.expect("there");
    assert_eq!(seen, declined);
    assert_eq!(
        told(system.try_sign_in(&made.login, PASSWORD).await).1,
        "WRONG_CREDENTIALS"
    );

    // The same person, the same login, said anew.
    let again = propose(&mut first, 1).await.expect("free again");
    assert_eq!(again.login, made.login);
    let activate = |etag: &str| pb::ActivateAccountRequest {
        name: again.name.clone(),
        etag: etag.into(),
        request_id: fresh(),
    };
    let stale = second.activate_account(activate(&made.etag)).await;
    assert_eq!(told(stale), (Code::Aborted, "CHANGED_SINCE_SEEN".into()));
    let ask = pb::WithdrawAccountRequest {
        name: again.name.clone(),
        request_id: fresh(),
    };
    let not_his = second.withdraw_account(ask.clone()).await;
    assert_eq!(
        told(not_his),
        (Code::PermissionDenied, "NOT_THE_MAKER".into())
    );
    let answer = first.withdraw_account(ask).await.expect("his own");
    let withdrawn = answer.into_inner().account.expect("it");
    assert_eq!(withdrawn.state(), pb::account::State::Withdrawn);

    let last = propose(&mut first, 1).await.expect("once more");
    let activate = pb::ActivateAccountRequest {
        name: last.name.clone(),
        etag: last.etag.clone(),
        request_id: fresh(),
    };
    let active = second.activate_account(activate).await.expect("activated");
    let active = active.into_inner().account.expect("it");
    assert_eq!(active.state(), pb::account::State::Active);
}
