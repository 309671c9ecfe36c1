//! A claim of a family and one of a nursery from draft to payment.

use tonic::Code;
use yuhui_kernel::{LinesDigest, Money};
use yuhui_proto::{
    eligibility::v1::{self as pb, case::State},
    internal::v1::event::Payload,
    types::v1::{BirthClass, Decision, Programme},
};

use yuhui_proto::eligibility::v1::PendingProposal;

use crate::{
    books::{self, Family},
    harness::{Office, PARENT, World, on_every_world},
    walk::act,
};

async fn steps(office: &Office, name: &str) -> Vec<pb::Transition> {
    let ask = pb::ListTransitionsRequest {
        parent: name.into(),
        ..Default::default()
    };
    let answer = office.cases().list_transitions(ask).await.expect("steps");
    answer.into_inner().transitions
}

async fn determination(world: &World, name: &str) -> pb::GetDeterminationResponse {
    let ask = pb::GetDeterminationRequest { name: name.into() };
    let answer = world.maker().cases().get_determination(ask).await;
    answer.expect("a determination").into_inner()
}

#[tokio::test]
async fn a_second_child_is_paid() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let applicant = world.applicant(&family.mother);
        let claim = family.register(&world).claim();
        let lodged = world.lodge(&applicant, claim).await.expect("lodged");
        assert_eq!(lodged.state(), State::Lodged);
        assert_eq!(
            (lodged.lodged_on.as_str(), lodged.round),
            ("2025-03-10", 2025)
        );
        assert!(
            lodged.receipt_number.starts_with("150203P120250310"),
            "{lodged:?}"
        );
        let told = lodged.determination.clone().expect("a determination");
        assert_eq!((told.decision(), told.amount_fen), (Decision::Pay, 500_000));
        assert_eq!(told.birth_class(), BirthClass::Second);
        let shown = lodged.claim.clone().expect("a claim");
        assert!(shown.claimant_number.contains("********"), "{shown:?}");
        assert!(!format!("{lodged:?}").contains("6217000010001234569"));

        let name = lodged.name.as_str();
        let confirmed = world.bring(name, Programme::P1, State::Confirmed).await;
        assert_eq!(
            confirmed.confirmed_on, "2025-04-03",
            "three notices of seven days"
        );
        let decided = determination(&world, name).await;
        assert!(decided.letter.contains("5,000.00元"), "{}", decided.letter);
        assert!(decided.determination.expect("it").findings.len() > 10);

        let rostered = world.bring(name, Programme::P1, State::Rostered).await;
        let [Payload::RosterSealed(sealed)] = &world.to_ledger().await[..] else {
            panic!("one roster");
        };
        assert_eq!((sealed.total_fen, sealed.line_count), (500_000, 1));
        let [Payload::RosterSealed(sealed)] = &world.to_disbursement().await[..] else {
            panic!("one roster");
        };
        assert_eq!(sealed.roster, rostered.roster);
        assert!(!format!("{sealed:?}").contains("6217000010001234569"));
        let lines = world.sealed_lines("funding-ledger", &sealed.roster).await;
        let lines = lines.expect("the ledger may ask");
        assert_eq!((lines.len(), &lines[0].case), (1, &rostered.name));
        let mut digest = LinesDigest::of(&sealed.roster);
        digest.add(&lines[0].case, Money::from_fen(lines[0].amount_fen));
        assert_eq!(digest.hex(), sealed.lines_digest);
        let payees = world.payees("disbursement", &[&rostered.name]).await;
        let payees = payees.expect("disbursement may ask");
        assert_eq!(payees[0].account_number, "6217000010001234569");
        assert_eq!(payees[0].payee_ref, world.vault.person(&family.mother));
        let curious = world.payees("funding-ledger", &[&rostered.name]).await;
        let refused = curious.expect_err("the ledger pays nobody");
        assert_eq!(refused.code(), Code::Unauthenticated);

        let paid = world.bring(name, Programme::P1, State::Paid).await;
        assert_eq!(paid.paid_on, "2025-10-28");
        let ledger = world.to_ledger().await;
        assert!(matches!(&ledger[..], [Payload::RosterRecorded(it)] if it.total_fen == 500_000));

        let maker = world.maker();
        let closed = act!(
            world,
            maker,
            close_case,
            CloseCaseRequest { name: name.into() }
        );
        assert_eq!(closed.expect("archived").state(), State::Closed);
        let steps = steps(&maker, name).await;
        let actions: Vec<&str> = steps.iter().map(|it| it.action.as_str()).collect();
        assert_eq!(
            actions,
            [
                "case.create",
                "case.lodge",
                "case.accept",
                "case.report",
                "case.sign",
                "case.post",
                "case.notice_over",
                "case.report",
                "case.sign",
                "case.post",
                "case.notice_over",
                "case.review",
                "case.post",
                "case.notice_over",
                "case.confirm",
                "case.roster",
                "case.record",
                "case.fund",
                "case.clear",
                "case.send",
                "case.credit",
                "case.close",
            ]
        );
        assert_eq!(steps[18].actor, "ROLE_COUNTY_HEALTH_REVIEWER@150203");
        assert_eq!(steps[19].actor, "service:disbursement");
        let entries = world.audited().await;
        assert!(
            entries
                .iter()
                .any(|it| it.action == "roster.seal" && it.object == rostered.roster)
        );
        let text = format!("{entries:?}");
        for secret in [&family.mother, &family.second, "6217000010001234569"] {
            assert!(!text.contains(secret), "the chain holds no personal data");
        }
    })
    .await;
}

#[tokio::test]
async fn a_nursery_is_paid_by_its_children() {
    on_every_world(async |world| {
        let code = books::nursery(&world, 1, 3);
        let own = world.institution(&code);
        let lodged = world
            .lodge(&own, books::nursery_claim(&code))
            .await
            .expect("lodged");
        let told = lodged.determination.clone().expect("a determination");
        assert_eq!((told.decision(), told.reason.as_str()), (Decision::Pay, ""));
        assert_eq!((told.headcount, told.amount_fen), (3, 180_000));
        let name = lodged.name.as_str();

        let accepted = world.accept(&world.maker(), name).await.expect("accepted");
        assert_eq!(accepted.state(), State::TReview, "no village stage (I2)");
        let reviewer = world.reviewer();
        let ask = (name.into(), "现场核实".into());
        let reported = act!(
            world,
            reviewer,
            report_case,
            ReportCaseRequest {
                name: ask.0,
                note: ask.1,
                agree: true,
                children_present: 3,
            }
        );
        assert_eq!(reported.expect("reported").state(), State::TReview);
        let signed = world.sign(&world.lead(), name, true).await.expect("signed");
        assert_eq!(
            signed.state(),
            State::CReview,
            "one notice, by the county (C.5)"
        );
        let paid = world.bring(name, Programme::P3, State::Paid).await;
        assert_eq!(paid.determination.expect("it").amount_fen, 180_000);
        let seen = steps(&own, name).await;
        assert!(
            seen.iter().any(|it| it.reason.contains("现场在托 3 人")),
            "{seen:?}"
        );
        world.audited().await;
    })
    .await;
}

#[tokio::test]
async fn a_returned_payment_goes_to_a_corrected_account() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(2), State::InPayment).await;
        world.settled(&case.name, false).await;
        let failed = world.look(&case.name).await;
        assert_eq!(
            (failed.state(), failed.return_code.as_str()),
            (State::PayFailed, "AC01")
        );
        world.to_disbursement().await;

        let (name, maker) = (case.name.clone(), world.maker());
        let account = Some(books::account("某女", "6222021234567890128", false));
        let proposed = act!(
            world,
            maker,
            propose_account_correction,
            ProposeAccountCorrectionRequest { name, account }
        );
        assert_eq!(
            proposed.expect("proposed").pending_proposal(),
            PendingProposal::AccountCorrection
        );
        let other = world.second(yuhui_proto::authz::v1::Role::CountyHealthApprover, "150203");
        let name = case.name.clone();
        let corrected = act!(
            world,
            other,
            approve_account_correction,
            ApproveAccountCorrectionRequest { name }
        );
        let shown = corrected
            .expect("corrected")
            .claim
            .expect("it")
            .account
            .expect("it");
        assert_eq!(shown.account_number, "622202*********0128");
        let told = world.to_disbursement().await;
        assert!(matches!(&told[..], [Payload::AccountCorrected(it)]
                if it.case == case.name));
        let payees = world.payees("disbursement", &[&case.name]).await;
        let payees = payees.expect("disbursement may ask");
        assert_eq!(payees[0].account_number, "6222021234567890128");
        // Lodged, sealed, sent, returned, corrected: no number is left where events and answers lie.
        let kept = world.kept_bytes().await;
        let family = Family::of(2);
        for number in ["6222021234567890128", "6217000010001234569", &family.mother] {
            let found = kept.windows(number.len()).any(|it| it == number.as_bytes());
            assert!(!found, "{number} is kept in clear");
        }
        world.sent(&case.name).await;
        world.settled(&case.name, true).await;
        let paid = world.look(&case.name).await;
        assert_eq!((paid.state(), paid.return_code.as_str()), (State::Paid, ""));
    })
    .await;
}

#[tokio::test]
async fn a_notice_names_no_numbers_and_loses_its_names_when_it_is_taken_down() {
    on_every_world(async |world| {
        let family = Family::of(3);
        let case = world.family_at(&family, State::VNotice).await;
        let notice = world.post(&world.clerk(), &[]).await.expect("posted");
        assert_eq!(
            (notice.posted_on.as_str(), notice.last_on.as_str()),
            ("2025-03-10", "2025-03-17")
        );
        let line = &notice.lines[0];
        assert_eq!(
            (line.claimant.as_str(), line.grounds.as_str()),
            ("某女", "二孩")
        );
        for secret in [&family.mother, &family.second, "6217"] {
            assert!(!format!("{notice:?}").contains(secret));
        }
        let anybody = world.at(yuhui_proto::authz::v1::Role::Applicant, "150204");
        let ask = pb::ListNoticesRequest {
            parent: PARENT.into(),
            ..Default::default()
        };
        let listed = anybody
            .notices()
            .list_notices(ask)
            .await
            .expect("listed")
            .into_inner();
        assert_eq!(listed.notices.len(), 1);
        world.on(time::macros::date!(2025 - 03 - 18));
        world
            .close(&world.clerk(), &notice.name)
            .await
            .expect("closed");
        let ask = pb::GetNoticeRequest {
            name: notice.name.clone(),
        };
        let seen = anybody
            .notices()
            .get_notice(ask.clone())
            .await
            .expect("it")
            .into_inner();
        assert!(seen.notice.expect("it").lines.is_empty());
        let seen = world
            .maker()
            .notices()
            .get_notice(ask)
            .await
            .expect("it")
            .into_inner();
        assert_eq!(seen.notice.expect("it").lines[0].case, case.name);
    })
    .await;
}
