//! Who acts for whom (DYN-7), and what nobody gets that way.

use time::macros::date;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{
        GetNoticeRequest, Notice, PostNoticeRequest, notice_service_client::NoticeServiceClient,
    },
    identity::v1::{
        Account, ApproveAccountRequest, CreateAccountRequest, Delegation, GetSessionRequest,
        GetSessionResponse, GrantDelegationRequest, ListDelegationsRequest,
        OpenGrantedSessionRequest, RefreshSessionRequest, RevokeDelegationRequest,
        SuspendAccountRequest, TokenPair, account_service_client::AccountServiceClient,
        delegation::State, delegation_service_client::DelegationServiceClient,
        identity_service_client::IdentityServiceClient,
    },
};

use crate::system::{PASSWORD, Session, System, citizen, told};

const VILLAGE: &str = "150203004001";
const NEXT: &str = "150203004002";
const TOWNSHIP: &str = "150203004";
const KUNDULUN: &str = "150203";

/// A township with two villages.
struct Town(System);

impl Town {
    async fn start() -> Self {
        let system = System::start().await;
        for (login, role, unit, holder) in [
            ("head", Role::VillageHead, VILLAGE, 1),
            ("clerk", Role::VillageClerk, VILLAGE, 2),
            ("neighbour", Role::VillageHead, NEXT, 3),
            ("lead", Role::TownshipLead, TOWNSHIP, 4),
            ("other-lead", Role::TownshipLead, "150203005", 5),
            ("treasurer", Role::CountyFinanceApprover, KUNDULUN, 6),
            ("parent", Role::Applicant, KUNDULUN, 7),
            ("auditor", Role::CountyAuditor, KUNDULUN, 8),
        ] {
            system.account(login, role, unit, holder).await;
        }
        Self(system)
    }

    async fn name(&self, login: &str) -> String {
        self.session_of(login).await.account.expect("account").name
    }

    async fn session_of(&self, login: &str) -> GetSessionResponse {
        let mut identity = IdentityServiceClient::new(self.0.session(login).await);
        let answer = identity.get_session(GetSessionRequest {}).await;
        answer.expect("a session").into_inner()
    }

    async fn by(&self, login: &str) -> DelegationServiceClient<Session> {
        DelegationServiceClient::new(self.0.session(login).await)
    }

    async fn ask(&self, principal: &str, deputy: &str, to_on: &str) -> GrantDelegationRequest {
        GrantDelegationRequest {
            principal: self.name(principal).await,
            deputy: self.name(deputy).await,
            from_on: "2025-07-01".into(),
            to_on: to_on.into(),
            document: "昆委〔2025〕7号".into(),
            request_id: format!("{principal}-{deputy}-{to_on}"),
        }
    }

    async fn grant(
        &self,
        by: &str,
        (principal, deputy): (&str, &str),
        to_on: &str,
    ) -> Result<Delegation, Status> {
        let ask = self.ask(principal, deputy, to_on).await;
        let answer = self.by(by).await.grant_delegation(ask).await?;
        Ok(answer.into_inner().delegation.expect("one"))
    }

    async fn act(&self, session: Session, name: &str) -> Result<TokenPair, Status> {
        let mut identity = IdentityServiceClient::new(session);
        let ask = OpenGrantedSessionRequest { name: name.into() };
        let answer = identity.open_granted_session(ask).await?;
        Ok(answer.into_inner().tokens.expect("tokens"))
    }

    /// What the service behind sees of a caller.
    async fn seen(&self, tokens: &TokenPair) -> Result<Notice, Status> {
        let session = self.0.bearing(tokens.access_token.clone());
        let ask = GetNoticeRequest { name: "any".into() };
        let answer = NoticeServiceClient::new(session).get_notice(ask).await?;
        Ok(answer.into_inner().notice.expect("a notice"))
    }

    async fn listed(&self, login: &str) -> Vec<Delegation> {
        let ask = ListDelegationsRequest::default();
        let answer = self.by(login).await.list_delegations(ask).await;
        answer.expect("listed").into_inner().delegations
    }
}

/// The rule of separation a refusal names.
fn rule<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    let status = answer.expect_err("refused");
    assert_eq!(status.code(), Code::PermissionDenied, "{status:?}");
    let info = status.get_details_error_info().expect("error info");
    info.metadata["rule"].clone()
}

#[tokio::test]
async fn a_deputy_acts_in_the_role_and_under_both_names_until_the_last_day() {
    let town = Town::start().await;
    let granted = town
        .grant("lead", ("head", "neighbour"), "2025-07-10")
        .await;
    let granted = granted.expect("granted");
    assert_eq!(granted.state(), State::InForce);
    assert_eq!(
        (granted.role(), granted.unit.as_str()),
        (Role::VillageHead, VILLAGE)
    );
    let names = (
        granted.principal_name.as_str(),
        granted.deputy_name.as_str(),
    );
    assert_eq!(names, ("head", "neighbour"));

    let own = town.0.session("neighbour").await;
    let tokens = town
        .act(own.clone(), &granted.name)
        .await
        .expect("as deputy");
    let seen = town.seen(&tokens).await.expect("seen");
    let account = town.name("neighbour").await;
    let account = account.trim_start_matches("accounts/");
    assert_eq!(seen.name, format!("{account} as ROLE_VILLAGE_HEAD"));
    assert_eq!(seen.unit, VILLAGE);
    assert_eq!(seen.objections_to, "neighbour（代head） with 2");
    let deputy = town.0.bearing(tokens.access_token.clone());
    let mut identity = IdentityServiceClient::new(deputy);
    let session = identity.get_session(GetSessionRequest {}).await;
    assert_eq!(session.expect("a session").into_inner().under, granted.name);
    assert_eq!(town.session_of("neighbour").await.under, "");

    for (login, count) in [
        ("head", 1),
        ("lead", 1),
        ("auditor", 1),
        ("clerk", 0),
        ("other-lead", 0),
    ] {
        assert_eq!(town.listed(login).await.len(), count, "{login}");
    }
    town.0
        .deps
        .clock
        .set(date!(2025 - 07 - 10))
        .expect("a sandbox");
    let refresh = async |tokens: &TokenPair| {
        let refresh_token = tokens.refresh_token.clone();
        let ask = RefreshSessionRequest { refresh_token };
        let answer = town.0.identity().refresh_session(ask).await;
        answer.map(|it| it.into_inner().tokens.expect("tokens"))
    };
    let tokens = refresh(&tokens).await.expect("the last day");
    town.seen(&tokens).await.expect("the last day");

    town.0
        .deps
        .clock
        .set(date!(2025 - 07 - 11))
        .expect("a sandbox");
    assert_eq!(told(town.seen(&tokens).await).0, Code::Unauthenticated);
    assert_eq!(told(refresh(&tokens).await).1, "SESSION_ENDED");
    let late = town.act(own, &granted.name).await;
    assert_eq!(told(late).1, "DELEGATION_NOT_IN_FORCE");
    assert_eq!(town.listed("lead").await[0].state(), State::Ended);
}

#[tokio::test]
async fn nobody_gets_by_delegation_what_he_could_not_hold() {
    let town = Town::start().await;
    let grant = async |by, pair| town.grant(by, pair, "2025-07-10").await;
    // The head decides, and no other.
    for by in [
        "head",
        "clerk",
        "neighbour",
        "other-lead",
        "treasurer",
        "auditor",
    ] {
        let refused = told(grant(by, ("head", "neighbour")).await);
        assert_eq!(refused.0, Code::NotFound, "{by}");
    }
    // Not to himself, nor to whom it is about.
    assert_eq!(rule(grant("lead", ("head", "lead")).await), "DYN-1");
    assert_eq!(rule(grant("lead", ("head", "head")).await), "DYN-1");
    // Another power, the maker beside the checker, another level, no official at all.
    assert_eq!(rule(grant("lead", ("head", "treasurer")).await), "SOD-1");
    assert_eq!(rule(grant("lead", ("head", "clerk")).await), "SOD-3");
    assert_eq!(rule(grant("lead", ("head", "other-lead")).await), "DYN-2");
    assert_eq!(rule(grant("lead", ("head", "auditor")).await), "SOD-1");
    let outsider = told(grant("lead", ("head", "parent")).await);
    assert_eq!(outsider.1, "NOT_DELEGABLE");
    // Written, dated, at most thirty days.
    for to_on in ["2025-07-31", "2025-06-30"] {
        let refused = told(town.grant("lead", ("head", "neighbour"), to_on).await);
        assert_eq!(refused.0, Code::InvalidArgument, "{to_on}");
    }
    let mut unwritten = town.ask("head", "neighbour", "2025-07-10").await;
    unwritten.document = String::new();
    let refused = town.by("lead").await.grant_delegation(unwritten).await;
    assert_eq!(told(refused).0, Code::InvalidArgument);

    let granted = grant("lead", ("head", "neighbour")).await.expect("granted");
    let twice = town
        .grant("lead", ("head", "neighbour"), "2025-07-05")
        .await;
    assert_eq!(told(twice).1, "ALREADY_DELEGATED");
    for login in ["clerk", "head", "lead"] {
        let session = town.0.session(login).await;
        let refused = told(town.act(session, &granted.name).await);
        assert_eq!(refused.0, Code::NotFound, "{login}");
    }
}

#[tokio::test]
async fn a_deputy_grants_nothing_and_passes_nothing_on() {
    let town = Town::start().await;
    // The lead of the next township acts for the lead, whose villages these are.
    town.0
        .account("county", Role::CountyHealthApprover, KUNDULUN, 9)
        .await;
    let granted = town
        .grant("county", ("lead", "other-lead"), "2025-07-10")
        .await;
    let granted = granted.expect("granted");
    let own = town.0.session("other-lead").await;
    let tokens = town.act(own, &granted.name).await.expect("as deputy");
    let deputy = town.0.bearing(tokens.access_token);
    let further = town.act(deputy.clone(), &granted.name).await;
    assert_eq!(told(further).1, "NOT_OWN_SESSION");
    let ask = town.ask("head", "neighbour", "2025-07-10").await;
    let refused = DelegationServiceClient::new(deputy.clone())
        .grant_delegation(ask)
        .await;
    assert_eq!(told(refused).1, "NOT_OWN_SESSION");
    let ask = RevokeDelegationRequest {
        name: granted.name.clone(),
        reason: "x".into(),
        request_id: "r".into(),
    };
    let refused = DelegationServiceClient::new(deputy.clone())
        .revoke_delegation(ask)
        .await;
    assert_eq!(told(refused).1, "NOT_OWN_SESSION");
    let ask = ApproveAccountRequest {
        name: town.name("head").await,
        etag: "0".into(),
        request_id: "a".into(),
    };
    let refused = AccountServiceClient::new(deputy).approve_account(ask).await;
    assert_eq!(told(refused).1, "NOT_OWN_SESSION");
    // What he holds as deputy counts against what he may hold himself.
    let mut admin = town.0.administrator("admin", 10).await;
    let ask = CreateAccountRequest {
        account: Some(Account {
            login: "second".into(),
            display_name: "second".into(),
            role: Role::TownshipLead.into(),
            unit: TOWNSHIP.into(),
            ..Account::default()
        }),
        password: PASSWORD.into(),
        identity_number: citizen(5),
        request_id: "create".into(),
    };
    assert_eq!(rule(admin.create_account(ask).await), "SOD-1");
}

#[tokio::test]
async fn a_revoked_delegation_ends_at_once_and_so_does_that_of_one_who_may_not_act() {
    let town = Town::start().await;
    let granted = town
        .grant("lead", ("head", "neighbour"), "2025-07-10")
        .await;
    let granted = granted.expect("granted");
    let tokens = town
        .act(town.0.session("neighbour").await, &granted.name)
        .await;
    let tokens = tokens.expect("as deputy");
    let revoke = async |by: &str| {
        let ask = RevokeDelegationRequest {
            name: granted.name.clone(),
            reason: "提前返岗".into(),
            request_id: format!("revoke-{by}"),
        };
        let answer = town.by(by).await.revoke_delegation(ask).await?;
        Ok::<_, Status>(answer.into_inner().delegation.expect("one"))
    };
    assert_eq!(told(revoke("neighbour").await).0, Code::NotFound);
    town.seen(&tokens).await.expect("still in force");
    let revoked = revoke("head").await.expect("who is acted for");
    assert_eq!(revoked.state(), State::Revoked);
    assert_eq!(told(town.seen(&tokens).await).0, Code::Unauthenticated);
    assert_eq!(told(revoke("lead").await).1, "DELEGATION_NOT_IN_FORCE");

    let again = town
        .grant("lead", ("head", "neighbour"), "2025-07-20")
        .await;
    let again = again.expect("anew");
    let tokens = town
        .act(town.0.session("neighbour").await, &again.name)
        .await;
    let tokens = tokens.expect("as deputy");
    let mut admin = town.0.administrator("admin", 10).await;
    let ask = SuspendAccountRequest {
        name: again.principal.clone(),
        reason: "调离".into(),
        request_id: "suspend".into(),
    };
    admin.suspend_account(ask).await.expect("suspended");
    assert_eq!(told(town.seen(&tokens).await).0, Code::Unauthenticated);
    let session = town.0.bearing(tokens.access_token);
    let mut notices = NoticeServiceClient::new(session);
    let post = notices.post_notice(PostNoticeRequest::default()).await;
    assert_eq!(told(post).0, Code::Unauthenticated);
}
