//! A change of the policy, from its proposal to what anybody is told.

use tonic::Code;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{
        ApprovePolicyPackRequest, EndorsePolicyPackRequest, FamilySituation, PreCheckRequest,
        ProposePolicyPackRequest,
        family_situation::{Child, Delivery, Hukou, Marriage},
        policy_pack_service_client::PolicyPackServiceClient,
        pre_check_service_client::PreCheckServiceClient,
    },
    types::v1::{Decision, Programme},
};

use crate::harness::{cases, gateway::Gateway, people, topology::on_one_and_on_two};

const PUBLISHED: &str = include_str!("../../services/policy/packs/baotou-2024-126.toml");

/// A couple of Kundulun with a second child of March 2025.
fn family() -> FamilySituation {
    let text = |text: &str| text.to_owned();
    let hukou = ["mother", "c2"].map(|person| Hukou {
        person: text(person),
        division: text("150203"),
        from_on: text("2025-03-10"),
        to_on: String::new(),
    });
    let delivery = |label: &str, born_on: &str| Delivery {
        mother: text("mother"),
        father: text("father"),
        birth_service_registered_on: text("2025-03-01"),
        children: vec![Child {
            label: text(label),
            born_on: text(born_on),
            stillborn: false,
        }],
    };
    FamilySituation {
        child: text("c2"),
        applicant: text("mother"),
        hukou: hukou.into(),
        marriages: vec![Marriage {
            spouses: vec![text("mother"), text("father")],
            from_on: text("2020-05-20"),
            to_on: String::new(),
        }],
        deliveries: vec![delivery("c1", "2021-02-03"), delivery("c2", "2025-03-05")],
        ..FamilySituation::default()
    }
}

/// What somebody who is not signed in is told of a claim lodged on a day.
async fn told(anybody: &Gateway, lodging_on: &str) -> (Decision, i64, String) {
    let ask = PreCheckRequest {
        programme: Programme::P1.into(),
        lodging_on: lodging_on.into(),
        family: Some(family()),
        ..PreCheckRequest::default()
    };
    let answer = PreCheckServiceClient::new(anybody.call())
        .pre_check(ask)
        .await;
    let answer = answer.expect("an answer").into_inner();
    (answer.decision(), answer.amount_fen, answer.pack_version)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_is_proposed_approved_and_told_to_anybody() {
    on_one_and_on_two(async |anybody| {
        let published = (Decision::Pay, 500_000, "baotou-2024-126/1".to_owned());
        assert_eq!(told(&anybody, "").await, published);

        let desk = async |role| {
            let login = people::login(role, "150200");
            anybody.sign_in(&login).await.expect("signed in")
        };
        let (health, head, finance) = (
            desk(Role::CityHealthRegistrar).await,
            desk(Role::CityHealthApprover).await,
            desk(Role::CityFinanceApprover).await,
        );
        let toml = PUBLISHED
            .replace("baotou-2024-126/1", "baotou-2025/1")
            .replace("\"2024-12-20\"\nproposer", "\"2025-10-01\"\nproposer")
            .replace("SECOND = 500000", "SECOND = 600000");
        let ask = ProposePolicyPackRequest {
            toml,
            note: "市政府常务会议决定".into(),
            request_id: cases::key(),
        };
        let proposed = PolicyPackServiceClient::new(health.call())
            .propose_policy_pack(ask)
            .await;
        let proposed = proposed.expect("proposed").into_inner().policy_pack;
        let proposed = proposed.expect("a version");
        assert_eq!(told(&anybody, "2025-10-01").await, published);

        let ask = EndorsePolicyPackRequest {
            name: proposed.name.clone(),
            digest: proposed.digest.clone(),
            request_id: cases::key(),
        };
        PolicyPackServiceClient::new(head.call())
            .endorse_policy_pack(ask)
            .await
            .expect("endorsed");
        let ask = ApprovePolicyPackRequest {
            name: proposed.name,
            digest: proposed.digest,
            note: String::new(),
            request_id: cases::key(),
        };
        let own = PolicyPackServiceClient::new(health.call())
            .approve_policy_pack(ask.clone())
            .await;
        assert_eq!(own.expect_err("health").code(), Code::PermissionDenied);
        PolicyPackServiceClient::new(finance.call())
            .approve_policy_pack(ask)
            .await
            .expect("approved");
        assert_eq!(told(&anybody, "2025-09-30").await, published);
        let changed = (Decision::Pay, 600_000, "baotou-2025/1".to_owned());
        assert_eq!(told(&anybody, "2025-10-01").await, changed);
    })
    .await;
}
