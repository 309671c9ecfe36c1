//! Versions of the parameters: proposed by health, approved by finance, kept by every case.

use time::macros::date;
use tonic::{Code, Status};
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as pb, PolicyPack, case::State, policy_pack::State as Version},
};

use crate::{
    books::Family,
    harness::{CITY, COUNTY, Office, VILLAGE, World, at_fault, denied, on_every_world, refused},
};

const PUBLISHED: &str = include_str!("../../../policy/packs/baotou-2024-126.toml");

/// The published version under another name, from another day, with another amount of P1.
pub fn text(version: &str, from: &str, second_fen: i64) -> String {
    PUBLISHED
        .replace("baotou-2024-126/1", version)
        .replace(
            "effective_from = \"2024-12-20\"",
            &format!("effective_from = \"{from}\""),
        )
        .replace("SECOND = 500000", &format!("SECOND = {second_fen}"))
}

async fn propose(world: &World, office: &Office, toml: &str) -> Result<PolicyPack, Status> {
    let ask = pb::ProposePolicyPackRequest {
        toml: toml.into(),
        note: "市政府常务会议决定".into(),
        request_id: world.fresh(),
    };
    let answer = office.packs().propose_policy_pack(ask).await?;
    Ok(answer.into_inner().policy_pack.expect("a version"))
}

async fn approve(world: &World, office: &Office, pack: &PolicyPack) -> Result<PolicyPack, Status> {
    let ask = pb::ApprovePolicyPackRequest {
        name: pack.name.clone(),
        digest: pack.digest.clone(),
        note: String::new(),
        request_id: world.fresh(),
    };
    let answer = office.packs().approve_policy_pack(ask).await?;
    Ok(answer.into_inner().policy_pack.expect("a version"))
}

async fn endorse(world: &World, pack: &PolicyPack) -> Result<PolicyPack, Status> {
    let ask = pb::EndorsePolicyPackRequest {
        name: pack.name.clone(),
        digest: pack.digest.clone(),
        request_id: world.fresh(),
    };
    let answer = world.recorder().packs().endorse_policy_pack(ask).await?;
    Ok(answer.into_inner().policy_pack.expect("a version"))
}

async fn reject(world: &World, pack: &PolicyPack) -> Result<PolicyPack, Status> {
    let ask = pb::RejectPolicyPackRequest {
        name: pack.name.clone(),
        digest: pack.digest.clone(),
        reason: "资金测算不足".into(),
        request_id: world.fresh(),
    };
    let answer = world.treasurer().packs().reject_policy_pack(ask).await?;
    Ok(answer.into_inner().policy_pack.expect("a version"))
}

/// Proposed, endorsed and approved.
pub async fn in_force(world: &World, toml: &str) -> PolicyPack {
    let pack = propose(world, &world.registrar(), toml)
        .await
        .expect("proposed");
    endorse(world, &pack).await.expect("endorsed");
    approve(world, &world.treasurer(), &pack)
        .await
        .expect("approved")
}

fn message<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    use tonic_types::StatusExt as _;
    let status = answer.expect_err("a refusal");
    let details = status.get_details_bad_request().expect("details");
    let told = details
        .field_violations
        .into_iter()
        .map(|it| it.description);
    told.collect::<Vec<_>>().join("; ")
}

#[tokio::test]
async fn one_proposes_and_another_power_approves() {
    on_every_world(async |world| {
        let toml = text("baotou-2024-126/2", "2025-04-01", 600_000);
        let pack = propose(&world, &world.registrar(), &toml)
            .await
            .expect("proposed");
        assert_eq!(pack.state(), Version::Proposed);
        assert_eq!(
            (pack.toml.as_str(), pack.proposed_on.as_str()),
            (&*toml, "2025-03-10")
        );
        let [change] = &pack.changes[..] else {
            panic!("{:?}", pack.changes);
        };
        assert_eq!(change.parameter, "p1.amount_fen");
        assert!(change.before.contains("500000") && change.after.contains("600000"));

        // No other power, and no other duty of the same one.
        for (role, unit) in [
            (Role::CityHealthRegistrar, CITY),
            (Role::CityHealthApprover, CITY),
            (Role::CityFinanceMaker, CITY),
            (Role::CountyFinanceApprover, COUNTY),
            (Role::CityAuditor, CITY),
            (Role::VillageClerk, VILLAGE),
        ] {
            let answer = approve(&world, &world.at(role, unit), &pack).await;
            assert_eq!(
                answer.expect_err("refused").code(),
                Code::PermissionDenied,
                "{}",
                role.as_str_name()
            );
        }
        for role in [Role::CityHealthApprover, Role::CityFinanceApprover] {
            let answer = propose(&world, &world.at(role, CITY), &toml).await;
            assert_eq!(answer.expect_err("refused").code(), Code::PermissionDenied);
        }
        // Nor the same person at the other desk.
        let one = world.known_as(
            Role::CityHealthRegistrar,
            CITY,
            "health",
            Some("one-person"),
        );
        let other = world.known_as(
            Role::CityFinanceApprover,
            CITY,
            "finance",
            Some("one-person"),
        );
        let own = text("own", "2025-05-01", 700_000);
        let own = propose(&world, &one, &own).await.expect("proposed");
        assert_eq!(denied(approve(&world, &other, &own).await), "DYN-1");

        // What it means for families is health's to answer for, before what it costs is finance's (D.2).
        let early = approve(&world, &world.treasurer(), &pack).await;
        assert_eq!(refused(early).1, "PACK_NOT_ENDORSED");
        let endorsed = endorse(&world, &pack).await.expect("endorsed");
        assert_eq!(endorsed.state(), Version::Proposed);
        assert!(endorsed.endorsed_by.contains("CITY_HEALTH_APPROVER"));
        assert_eq!(endorsed.endorsed_on, "2025-03-10");
        assert_eq!(refused(endorse(&world, &pack).await).1, "PACK_ENDORSED");
        let approved = approve(&world, &world.treasurer(), &pack)
            .await
            .expect("approved");
        assert_eq!(approved.state(), Version::Approved);
        assert!(
            approved.decided_by.contains("CITY_FINANCE_APPROVER"),
            "{approved:?}"
        );
        assert_eq!(approved.decided_on, "2025-03-10");
        let again = approve(&world, &world.treasurer(), &pack).await;
        assert_eq!(refused(again).1, "PACK_DECIDED");
        assert_eq!(refused(reject(&world, &pack).await).1, "PACK_DECIDED");
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_the_parameter() {
    on_every_world(async |world| {
        let good = text("v2", "2025-04-01", 600_000);
        for (from, to, named) in [
            ("days = 7", "days = 7\nnights = 7", "notice.nights"),
            ("days = 7", "days = \"seven\"", "notice.days"),
            ("days = 7\n", "", "notice.days"),
            (
                "legal_basis = \"包府办发〔2024〕126号\"",
                "",
                "pack.legal_basis",
            ),
            ("2025-04-01", "2025-04-31", "pack.effective_from"),
            (
                "approver = \"包头市财政局\"",
                "approver = \"包头市卫生健康委员会\"",
                "pack.approver",
            ),
            ("[pack]", "[pack", "TOML"),
            // Today is too late, and so is any day before.
            ("2025-04-01", "2025-03-10", "pack.effective_from"),
        ] {
            let bad = good.replace(from, to);
            assert_ne!(bad, good, "{from}");
            let answer = propose(&world, &world.registrar(), &bad).await;
            assert_eq!(at_fault(answer.clone()), ["toml"], "{named}");
            let told = message(answer);
            assert!(told.contains(named) || named == "TOML", "{named}: {told}");
        }
        let ask = pb::ProposePolicyPackRequest {
            toml: good,
            request_id: world.fresh(),
            ..pb::ProposePolicyPackRequest::default()
        };
        let unexplained = world.registrar().packs().propose_policy_pack(ask).await;
        assert_eq!(at_fault(unexplained), ["note"]);
    })
    .await;
}

#[tokio::test]
async fn two_versions_for_one_day_are_refused_by_name() {
    on_every_world(async |world| {
        let second = text("v2", "2025-04-01", 600_000);
        let third = text("v3", "2025-04-01", 700_000);
        // Both may be proposed and endorsed; only one can be approved.
        let one = propose(&world, &world.registrar(), &second)
            .await
            .expect("proposed");
        let other = propose(&world, &world.registrar(), &third)
            .await
            .expect("proposed");
        endorse(&world, &one).await.expect("endorsed");
        endorse(&world, &other).await.expect("endorsed");
        let answer = approve(&world, &world.treasurer(), &one).await;
        assert_eq!(answer.expect("approved").state(), Version::Approved);
        let answer = approve(&world, &world.treasurer(), &other).await;
        let status = answer.expect_err("overlap");
        assert!(
            status.message().contains("v2") && status.message().contains("v3"),
            "{status}"
        );
        assert_eq!(
            refused::<()>(Err(status)),
            (Code::FailedPrecondition, "PACK_DOES_NOT_FIT".into())
        );
        let told = message(propose(&world, &world.registrar(), &third).await);
        assert!(told.contains("v2") && told.contains("v3"), "{told}");
        let told = message(propose(&world, &world.registrar(), &text("v2", "2025-05-01", 1)).await);
        assert!(told.contains("v2"), "{told}");
        let rejected = reject(&world, &other).await.expect("rejected");
        assert_eq!(
            (rejected.state(), &*rejected.reason),
            (Version::Rejected, "资金测算不足")
        );
        // What is rejected is in nobody's way.
        propose(
            &world,
            &world.registrar(),
            &text("v3", "2025-05-01", 700_000),
        )
        .await
        .expect("proposed");
    })
    .await;
}

#[tokio::test]
async fn an_approval_never_reaches_back_and_names_what_was_read() {
    on_every_world(async |world| {
        let toml = text("v2", "2025-03-20", 600_000);
        let pack = propose(&world, &world.registrar(), &toml)
            .await
            .expect("proposed");
        let unread = PolicyPack {
            digest: "00".repeat(32),
            ..pack.clone()
        };
        let changed = (Code::Aborted, "CHANGED_SINCE_SEEN".to_owned());
        let answer = approve(&world, &world.treasurer(), &unread).await;
        assert_eq!(refused(answer), changed);
        assert_eq!(refused(endorse(&world, &unread).await), changed);
        assert_eq!(refused(reject(&world, &unread).await), changed);
        endorse(&world, &pack).await.expect("read");
        world.on(date!(2025 - 03 - 20));
        let answer = approve(&world, &world.treasurer(), &pack).await;
        assert_eq!(
            refused(answer),
            (Code::FailedPrecondition, "PACK_REACHES_BACK".into())
        );
        world.on(date!(2025 - 03 - 19));
        approve(&world, &world.treasurer(), &pack)
            .await
            .expect("in time");
    })
    .await;
}

#[tokio::test]
async fn a_case_keeps_the_version_of_its_lodging_day() {
    on_every_world(async |world| {
        // Amounts are known before anything is approved: nothing stale stays.
        let before = Family::of(1);
        before.register(&world);
        world.on(date!(2025 - 03 - 19));
        let eve = world
            .lodge(&world.clerk(), before.claim())
            .await
            .expect("lodged");
        in_force(&world, &text("v2", "2025-03-20", 600_000)).await;
        world.on(date!(2025 - 03 - 20));
        let after = Family::of(2);
        after.register(&world);
        let day = world
            .lodge(&world.clerk(), after.claim())
            .await
            .expect("lodged");

        let amount = |case: &pb::Case| {
            let found = case.determination.as_ref().expect("a determination");
            (found.amount_fen, found.pack_version.clone())
        };
        assert_eq!(amount(&eve), (500_000, "baotou-2024-126/1".into()));
        assert_eq!(amount(&day), (600_000, "v2".into()));

        // The rules run again later, by the version of the lodging day.
        for (name, fen) in [(&eve.name, 500_000), (&day.name, 600_000)] {
            world.on(date!(2025 - 03 - 21));
            let accepted = world.accept(&world.clerk(), name).await.expect("accepted");
            world
                .report(&world.clerk(), &accepted.name, true)
                .await
                .expect("reported");
            assert_eq!(amount(&world.look(name).await).0, fen);
        }

        // Years of law later, and after a restart, both are proven by the same bytes.
        in_force(&world, &text("v3", "2025-06-01", 900_000)).await;
        let world = world.restarted();
        world.on(date!(2025 - 06 - 02));
        for (name, fen, version) in [
            (&eve.name, 500_000, "baotou-2024-126/1"),
            (&day.name, 600_000, "v2"),
        ] {
            let ask = pb::GetDeterminationRequest { name: name.clone() };
            let told = world.maker().cases().get_determination(ask).await;
            let told = told
                .expect("replayed")
                .into_inner()
                .determination
                .expect("it");
            assert_eq!((told.amount_fen, &*told.pack_version), (fen, version));
            assert!(told.findings.len() > 10);
            let kept = world.look(name).await.determination.expect("it");
            assert_eq!(kept.evidence_hash, told.evidence_hash);
        }
    })
    .await;
}

#[tokio::test]
async fn the_whole_way_of_a_case_is_of_one_version() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::VReview).await;
        in_force(&world, &text("v2", "2025-04-15", 600_000)).await;
        let paid = world
            .bring(
                &case.name,
                yuhui_proto::types::v1::Programme::P1,
                State::Funded,
            )
            .await;
        let found = paid.determination.expect("it");
        assert_eq!(
            (found.amount_fen, &*found.pack_version),
            (500_000, "baotou-2024-126/1")
        );
    })
    .await;
}

#[tokio::test]
async fn a_pre_check_looks_ahead() {
    on_every_world(async |world| {
        let amounts = async |day: &str| {
            let family = crate::pre_check::family();
            let ask = pb::PreCheckRequest {
                lodging_on: day.into(),
                ..crate::pre_check::about(family)
            };
            let told = world.anybody().pre_checks().pre_check(ask).await;
            let told = told.expect("told").into_inner();
            (told.amount_fen, told.pack_version)
        };
        let first = (500_000, "baotou-2024-126/1".to_owned());
        assert_eq!(amounts("2025-04-01").await, first);
        in_force(&world, &text("v2", "2025-04-01", 600_000)).await;
        assert_eq!(amounts("2025-04-01").await, (600_000, "v2".to_owned()));
        assert_eq!(amounts("2025-03-31").await, first);
    })
    .await;
}

#[tokio::test]
async fn everybody_reads_what_is_in_force_and_those_who_decide_what_is_to_come() {
    on_every_world(async |world| {
        let toml = text("v2", "2025-04-01", 600_000);
        let pack = in_force(&world, &toml).await;
        let coming = text("v3", "2026-04-01", 700_000);
        let registrar = world.registrar();
        let coming = propose(&world, &registrar, &coming).await.expect("one");
        let list = |office: Office, page_size, page_token: String| async move {
            let ask = pb::ListPolicyPacksRequest {
                page_size,
                page_token,
            };
            office
                .packs()
                .list_policy_packs(ask)
                .await
                .map(|it| it.into_inner())
        };
        let person = || world.applicant(&Family::of(1).mother);
        for (office, seen) in [
            (world.anybody(), 2),
            (person(), 2),
            (world.clerk(), 2),
            (world.maker(), 2),
            (world.inspector(), 3),
            (world.treasurer(), 3),
            (world.registrar(), 3),
        ] {
            let all = list(office, 0, String::new()).await.expect("listed");
            let versions: Vec<_> = all
                .policy_packs
                .iter()
                .map(|it| it.version.as_str())
                .collect();
            assert_eq!(versions, ["baotou-2024-126/1", "v2", "v3"][..seen]);
            assert!(all.policy_packs.iter().all(|it| it.toml.is_empty()));
        }
        let first = list(world.clerk(), 1, String::new()).await.expect("a page");
        assert_eq!(first.policy_packs.len(), 1);
        let rest = list(world.clerk(), 1, first.next_page_token)
            .await
            .expect("a page");
        assert_eq!(rest.policy_packs.first().map(|it| &*it.version), Some("v2"));
        assert_eq!(rest.next_page_token, "");

        let get = |office: Office, name: String| async move {
            let ask = pb::GetPolicyPackRequest { name };
            let answer = office.packs().get_policy_pack(ask).await?;
            Ok::<_, Status>(answer.into_inner().policy_pack.expect("a version"))
        };
        let told = get(world.clerk(), pack.name.clone()).await.expect("told");
        assert_eq!((told.toml, told.changes.len()), (toml, 1));
        let built_in = get(world.clerk(), "policyPacks/built-in".into())
            .await
            .expect("told");
        assert!(built_in.toml.contains("baotou-2024-126/1") && built_in.proposed_by.is_empty());
        let missing = get(world.clerk(), "policyPacks/none".into()).await;
        assert_eq!(missing.expect_err("none").code(), Code::NotFound);
        for office in [world.anybody(), person(), world.clerk()] {
            let open = get(office, pack.name.clone()).await.expect("in force");
            let hands = [open.proposed_by, open.endorsed_by, open.decided_by];
            assert_eq!(hands, ["", "", ""], "who wrote what is no one's business");
            assert!(open.note.is_empty() && !open.toml.is_empty());
        }
        let hidden = get(world.anybody(), coming.name.clone()).await;
        assert_eq!(hidden.expect_err("to come").code(), Code::NotFound);
        let seen = get(world.inspector(), coming.name).await.expect("told");
        assert!(!seen.proposed_by.is_empty());
    })
    .await;
}

#[tokio::test]
async fn repetitions_get_the_first_answer() {
    on_every_world(async |world| {
        let ask = pb::ProposePolicyPackRequest {
            toml: text("v2", "2025-04-01", 600_000),
            note: "市政府常务会议决定".into(),
            request_id: world.fresh(),
        };
        let registrar = world.registrar();
        let first = registrar.packs().propose_policy_pack(ask.clone()).await;
        let again = registrar.packs().propose_policy_pack(ask.clone()).await;
        assert_eq!(
            first.expect("proposed").into_inner(),
            again.expect("answered").into_inner()
        );
        let other = pb::ProposePolicyPackRequest {
            note: "别的理由".into(),
            ..ask
        };
        let answer = registrar.packs().propose_policy_pack(other).await;
        assert_eq!(refused(answer).1, "REQUEST_ID_REUSED");
    })
    .await;
}
