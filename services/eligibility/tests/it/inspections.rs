//! A report on a nursery's case cites the inspection that it rests on (I3).

use tonic::{Code, Status};
use yuhui_proto::{
    eligibility::v1::{Case, case::State},
    types::v1::Programme,
};

use crate::{
    books,
    harness::{PARENT, World, on_every_world},
    walk::act,
};

impl World {
    async fn report_by(&self, name: &str, inspection: &str) -> Result<Case, Status> {
        let reviewer = self.reviewer();
        let (name, inspection) = (name.to_owned(), inspection.to_owned());
        act!(
            self,
            reviewer,
            report_case,
            ReportCaseRequest {
                name,
                inspection,
                agree: true
            }
        )
    }
}

#[tokio::test]
async fn a_report_rests_on_a_signed_inspection_of_its_own_nursery() {
    on_every_world(async |world| {
        let code = books::nursery(&world, 1, 3);
        let own = world.institution(&code);
        let case = world.lodge(&own, books::nursery_claim(&code)).await;
        let name = case.expect("lodged").name;
        world.bring(&name, Programme::P3, State::TReview).await;
        let inspection = |of: &str| format!("{PARENT}/institutions/{of}/inspections/1");
        {
            let mut known = world.registers.known();
            for (of, reference) in [
                ("1", world.vault.institution(&code)),
                ("2", "another".into()),
            ] {
                let found = (reference, "2025-03-05".into(), 31);
                known.inspections.insert(inspection(of), found);
            }
        }
        for other in ["2", "3"] {
            let refused = world.report_by(&name, &inspection(other)).await;
            assert_eq!(refused.expect_err("none").code(), Code::NotFound);
        }
        world
            .report_by(&name, &inspection("1"))
            .await
            .expect("reported");
        let ask = yuhui_proto::eligibility::v1::ListTransitionsRequest {
            parent: name.clone(),
            ..Default::default()
        };
        let steps = world.maker().cases().list_transitions(ask).await;
        let last = steps.expect("steps").into_inner().transitions.pop();
        let reason = last.expect("one").reason;
        assert!(reason.contains("现场在托 31 人"), "{reason}");
        assert!(reason.contains(&inspection("1")), "{reason}");
        world.bring(&name, Programme::P3, State::Confirmed).await;
    })
    .await;
}
