//! Malformed and missing fields, all told at once; and what is fixed by lodging.

use yuhui_proto::{
    eligibility::v1::{self as pb, case::State},
    types::v1::Programme,
};

use crate::{
    books::{self, Family},
    harness::{PARENT, at_fault, on_every_world},
    walk::act,
};

#[tokio::test]
async fn everything_that_is_wrong_with_a_form_is_told() {
    on_every_world(async |world| {
        let clerk = world.clerk();
        let none = world.draft_in(PARENT, &clerk, None).await;
        assert_eq!(at_fault(none), ["claim"]);
        let none = world.draft(&clerk, pb::Claim::default()).await;
        assert_eq!(at_fault(none), ["claim.programme"]);
        let document = |kind: &str, digest: String| pb::Document {
            kind: kind.into(),
            digest,
            original_seen: false,
        };
        let unreadable = pb::Claim {
            claimant_name: "\u{200b}".into(),
            village: "1502".into(),
            documents: vec![document("", "ff".into())],
            ..Family::of(1).claim()
        };
        assert_eq!(
            at_fault(world.draft(&clerk, unreadable).await),
            [
                "claim.claimant_name",
                "claim.village",
                "claim.documents[0].kind",
                "claim.documents[0].digest",
            ]
        );
        let wrong = pb::Claim {
            claimant_number: "150203199502030011".into(),
            child_number: "U12".into(),
            village: "150204002001".into(),
            subsidy_year: 2024,
            account: Some(books::account("某女", "621700*********4569", false)),
            documents: vec![document("HUKOU_BOOK", "0f".repeat(32))],
            ..Family::of(1).claim()
        };
        assert_eq!(
            at_fault(world.draft(&clerk, wrong).await),
            [
                "claim.claimant_number",
                "claim.child_number",
                "claim.village",
                "claim.subsidy_year",
                "claim.account.account_number",
            ]
        );
        let claim = |subsidy_year| pb::Claim {
            programme: Programme::P2.into(),
            subsidy_year,
            ..Family::of(1).claim()
        };
        for year in [-1, 1999, 2101, i32::MAX] {
            assert_eq!(
                at_fault(world.draft(&clerk, claim(year)).await),
                ["claim.subsidy_year"]
            );
        }
        let code = pb::Claim {
            credit_code: "5215".into(),
            ..books::nursery_claim("")
        };
        assert_eq!(
            at_fault(world.draft(&world.maker(), code).await),
            ["claim.credit_code"]
        );
    })
    .await;
}

#[tokio::test]
async fn a_name_is_one_line_that_can_be_seen() {
    on_every_world(async |world| {
        for name in [
            "某女\n\n经审核，决定发给补贴。",
            "某女\0",
            "\u{200b}",
            "\u{202e}女某",
            "\u{3164}",
            "……",
        ] {
            let claim = pb::Claim {
                claimant_name: name.into(),
                account: Some(books::account(name, "6217000010001234567", false)),
                ..Family::of(1).claim()
            };
            assert_eq!(
                at_fault(world.draft(&world.clerk(), claim).await),
                ["claim.claimant_name", "claim.account.holder_name"],
                "{name:?}"
            );
        }
        let claim = pb::Claim {
            claimant_name: "乌云·其其格".into(),
            ..Family::of(1).claim()
        };
        let drafted = world.draft(&world.clerk(), claim).await.expect("drafted");
        assert_eq!(drafted.claim.expect("it").claimant_name, "乌云·其其格");
    })
    .await;
}

#[tokio::test]
async fn a_filter_that_cannot_be_read_is_not_no_filter() {
    on_every_world(async |world| {
        let family = Family::of(1);
        family.register(&world);
        let clerk = world.clerk();
        world.draft(&clerk, family.claim()).await.expect("drafted");
        let list = async |programmes: &[i32], states: &[i32]| {
            let filter = pb::CaseFilter {
                programmes: programmes.to_vec(),
                states: states.to_vec(),
                ..Default::default()
            };
            let ask = pb::ListCasesRequest {
                parent: PARENT.into(),
                filter: Some(filter),
                ..Default::default()
            };
            let answer = clerk.cases().list_cases(ask).await?;
            Ok::<_, tonic::Status>(answer.into_inner().cases.len())
        };
        let draft = State::Draft as i32;
        assert_eq!(list(&[], &[]).await.expect("all"), 1);
        assert_eq!(list(&[1], &[draft]).await.expect("its own"), 1);
        assert_eq!(list(&[2], &[]).await.expect("none"), 0);
        assert_eq!(at_fault(list(&[99], &[]).await), ["filter.programmes[0]"]);
        assert_eq!(at_fault(list(&[], &[draft, 0]).await), ["filter.states[1]"]);
        assert_eq!(at_fault(list(&[], &[99]).await), ["filter.states[0]"]);
        let overdue = pb::ListOverdueRequest {
            parent: PARENT.into(),
            office: 99,
            ..Default::default()
        };
        let overdue = world.maker().deadlines().list_overdue(overdue).await;
        assert_eq!(at_fault(overdue), ["office"]);
    })
    .await;
}

#[tokio::test]
async fn a_lodged_claim_is_complete() {
    on_every_world(async |world| {
        let empty = pb::Claim {
            programme: Programme::P2.into(),
            ..Default::default()
        };
        let lodged = world.lodge(&world.clerk(), empty).await;
        assert_eq!(
            at_fault(lodged),
            [
                "claim.claimant_number",
                "claim.child_number",
                "claim.claimant_name",
                "claim.subsidy_year",
                "claim.account.holder_name",
                "claim.account.account_number",
                "claim.account.bank_name",
                "claim.truth_signed",
            ]
        );
        let code = books::nursery(&world, 1, 1);
        let nowhere = pb::Claim {
            township: String::new(),
            ..books::nursery_claim(&code)
        };
        let lodged = world.lodge(&world.maker(), nowhere).await;
        assert_eq!(at_fault(lodged), ["claim.township"]);
        let accepted = world.clerk();
        let (name, originals_seen) = ("counties/150203/cases/1".into(), false);
        let accepted = act!(
            world,
            accepted,
            accept_case,
            AcceptCaseRequest {
                name,
                originals_seen
            }
        );
        assert_eq!(at_fault(accepted), ["originals_seen"]);
        let (name, children_present, agree) = ("counties/150203/cases/1".into(), -1, true);
        let reviewer = world.reviewer();
        let reported = act!(
            world,
            reviewer,
            report_case,
            ReportCaseRequest {
                name,
                children_present,
                agree
            }
        );
        assert_eq!(at_fault(reported), ["children_present"]);
    })
    .await;
}

#[tokio::test]
async fn a_draft_changes_field_by_field_and_lodging_fixes_who_claims_for_whom() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let applicant = world.applicant(&family.mother);
        let claim = family.register(&world).claim();
        let seen = pb::Document {
            kind: "HUKOU_BOOK".into(),
            original_seen: true,
            ..Default::default()
        };
        let claim = pb::Claim {
            documents: vec![seen],
            truth_signed: false,
            ..claim
        };
        let draft = world.draft(&applicant, claim).await.expect("drafted");
        let shown = draft.claim.clone().expect("it");
        assert!(
            !shown.documents[0].original_seen,
            "claimants do not certify originals"
        );
        let signed = pb::Claim {
            truth_signed: true,
            ..Default::default()
        };
        let changed = world
            .update(&applicant, &draft.name, signed, "claim.truth_signed")
            .await;
        let changed = changed.expect("changed").claim.expect("it");
        assert!(
            changed.truth_signed && changed.claimant_name == "某女",
            "{changed:?}"
        );
        let changed = world
            .update(
                &applicant,
                &draft.name,
                pb::Claim::default(),
                "claim.programme",
            )
            .await;
        assert_eq!(at_fault(changed), ["update_mask"]);
        let other = pb::Claim {
            claimant_number: Family::of(2).mother,
            ..Default::default()
        };
        let changed = world
            .update(&applicant, &draft.name, other, "claim.claimant_number")
            .await;
        assert_eq!(at_fault(changed), ["claim.claimant_number"]);

        let lodged = act!(
            world,
            applicant,
            lodge_case,
            LodgeCaseRequest {
                name: draft.name.clone()
            }
        );
        lodged.expect("lodged");
        world
            .bring(&draft.name, Programme::P1, State::VReview)
            .await;
        let (name, clerk) = (draft.name.clone(), world.clerk());
        let defects = vec!["账户有误".to_owned()];
        act!(
            world,
            clerk,
            return_case,
            ReturnCaseRequest { name, defects }
        )
        .expect("returned");
        let swapped = pb::Claim {
            child_number: family.first.clone(),
            ..Default::default()
        };
        let changed = world
            .update(&applicant, &draft.name, swapped, "claim.child_number")
            .await;
        assert_eq!(at_fault(changed), ["claim.child_number"]);
        let account = Some(books::account("某女", "6222021234567890128", false));
        let corrected = pb::Claim {
            account,
            ..Default::default()
        };
        world
            .update(&applicant, &draft.name, corrected, "claim.account")
            .await
            .expect("changed");
        let (name, answer) = (draft.name.clone(), "已更正".to_owned());
        let back = act!(
            world,
            applicant,
            resubmit_case,
            ResubmitCaseRequest { name, answer }
        );
        let back = back.expect("brought back");
        assert_eq!(
            (back.state(), back.lodged_on.as_str()),
            (State::VReview, "2025-03-10")
        );
        assert!(back.defects.is_empty() && back.return_due_on.is_empty());
    })
    .await;
}
