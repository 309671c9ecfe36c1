//! Inquiries take two investigators, and the county decides (F27).

use tonic::{Code, Status};
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as pb, case::State, resolve_inquiry_request::Outcome},
    types::v1::Programme,
};

use crate::{
    books::Family,
    harness::{COUNTY, Office, TOWNSHIP, World, at_fault, denied, on_every_world, refused},
    walk::act,
};

impl World {
    /// Two of the county who look into an objection that neither of them recorded.
    pub fn investigators(&self) -> [Office; 2] {
        ["one", "two"].map(|who| {
            let account = format!("investigator-{who}");
            self.known_as(Role::CountyHealthReviewer, COUNTY, &account, None)
        })
    }

    /// What an investigator found; the case stays under inquiry.
    pub async fn report_inquiry(&self, office: &Office, name: &str) -> Result<State, Status> {
        self.report_finding(office, name, false).await
    }

    pub async fn report_finding(
        &self,
        office: &Office,
        name: &str,
        founded: bool,
    ) -> Result<State, Status> {
        let ask = pb::ReportInquiryRequest {
            case: name.into(),
            founded,
            finding: "走访核实".into(),
            request_id: self.fresh(),
        };
        let answer = office.inquiries().report_inquiry(ask).await?;
        Ok(answer.into_inner().case.expect("a case").state())
    }
}

#[tokio::test]
async fn an_inquiry_takes_two_investigators_and_a_third_decides() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::TNotice).await;
        let name = case.name.as_str();
        let early = world.report_inquiry(&world.reviewer(), name).await;
        assert_eq!(refused(early).1, "WRONG_STATE");
        world
            .object(&world.reviewer(), name)
            .await
            .expect("recorded");
        let early = world.decide_inquiry(name, Outcome::Resume).await;
        assert_eq!(
            refused(early),
            (Code::FailedPrecondition, "NOT_INVESTIGATED".into())
        );

        let village = world.report_inquiry(&world.clerk(), name).await;
        assert_eq!(denied(village), "STAGE", "the case is at the township");
        let recorder = world.report_inquiry(&world.reviewer(), name).await;
        assert_eq!(
            denied(recorder),
            "DYN-1",
            "who recorded it looks not into it"
        );
        let reviewer = world.second(Role::TownshipReviewer, TOWNSHIP);
        for said in ["one", "again"] {
            let stays = world.report_inquiry(&reviewer, name).await;
            assert_eq!(stays.expect(said), State::Inquiry);
        }
        let alone = world.decide_inquiry(name, Outcome::Resume).await;
        assert_eq!(refused(alone).1, "NOT_INVESTIGATED");
        let nothing = pb::ReportInquiryRequest {
            case: name.into(),
            request_id: world.fresh(),
            ..Default::default()
        };
        let nothing = world.maker().inquiries().report_inquiry(nothing).await;
        assert_eq!(at_fault(nothing), ["finding"]);
        assert_eq!(
            world
                .report_inquiry(&world.maker(), name)
                .await
                .expect("two"),
            State::Inquiry
        );

        let person = "person-of-ROLE_COUNTY_HEALTH_REVIEWER@150203";
        let himself = world.known_as(Role::CountyHealthApprover, COUNTY, "other", Some(person));
        let (asked, finding) = (name.to_owned(), "不属实".to_owned());
        let outcome = Outcome::Resume.into();
        let decided = act!(
            world,
            himself,
            resolve_inquiry,
            ResolveInquiryRequest {
                name: asked,
                finding,
                outcome
            }
        );
        assert_eq!(denied(decided), "DYN-1", "who investigated does not decide");
        let back = world
            .decide_inquiry(name, Outcome::Resume)
            .await
            .expect("decided");
        assert_eq!(back.state(), State::TNotice);

        let own = world.applicant(&family.mother);
        let ask = pb::ListTransitionsRequest {
            parent: name.into(),
            ..Default::default()
        };
        let steps = own
            .cases()
            .list_transitions(ask)
            .await
            .expect("steps")
            .into_inner();
        let told = steps
            .transitions
            .iter()
            .filter(|it| it.action == "case.report_inquiry");
        assert!(told.clone().count() == 3 && told.clone().all(|it| it.reason.is_empty()));
        // The next inquiry begins anew.
        world
            .object(&world.reviewer(), name)
            .await
            .expect("recorded");
        let early = world.decide_inquiry(name, Outcome::Resume).await;
        assert_eq!(refused(early).1, "NOT_INVESTIGATED");
        world.audited().await;
    })
    .await;
}

#[tokio::test]
async fn a_checker_may_investigate_and_another_decides() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::CReview).await;
        let name = case.name.as_str();
        world.object(&world.maker(), name).await.expect("recorded");
        world
            .report_inquiry(&world.fresh_maker(), name)
            .await
            .expect("one");
        world
            .report_inquiry(&world.fresh_checker(), name)
            .await
            .expect("two");
        let back = world.decide_inquiry(name, Outcome::Resume).await;
        assert_eq!(back.expect("decided").state(), State::CReview);
        world.bring(name, Programme::P1, State::Confirmed).await;
    })
    .await;
}

#[tokio::test]
async fn nothing_is_refused_on_an_objection_that_nobody_found_true() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::TReview).await;
        let name = case.name.as_str();
        world.object(&world.maker(), name).await.expect("recorded");
        let [one, other] = world.investigators();
        world.report_inquiry(&one, name).await.expect("one");
        world.report_inquiry(&other, name).await.expect("two");
        let refusal = world.decide_inquiry(name, Outcome::Refuse).await;
        assert_eq!(
            refused(refusal),
            (Code::FailedPrecondition, "OBJECTION_UNFOUNDED".into())
        );
        world
            .report_finding(&other, name, true)
            .await
            .expect("anew");
        let refusal = world.decide_inquiry(name, Outcome::Refuse).await;
        assert_eq!(refusal.expect("refused").state(), State::Rejected);
    })
    .await;
}
