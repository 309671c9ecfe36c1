//! What leaves the service replays without it.

use tonic::Code;
use yuhui_policy::evidence::file::{Record, Replayer};
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as pb, case::State},
};

use crate::{
    books::Family,
    harness::{OTHER_COUNTY, on_every_world, refused},
};

#[tokio::test]
async fn a_case_is_one_file_that_replays_anywhere() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::Confirmed).await;
        let ask = || pb::ExportEvidenceRequest {
            name: case.name.clone(),
        };
        let answer = world.maker().evidence().export_evidence(ask()).await;
        let file = answer.expect("exported").into_inner().file;

        let mut replayer = Replayer::default();
        let decisions: Vec<_> = file
            .lines()
            .filter_map(|line| replayer.take(line).expect("readable"))
            .collect();
        assert!(decisions.len() > 2, "at lodging and at every stage");
        for decision in &decisions {
            assert_eq!(decision.result, Ok(()));
            assert_eq!(decision.taken.case, case.name);
            let findings = &decision.taken.evidence.determination.findings;
            assert!(findings.len() > 10, "the explanation is part of it");
        }
        let first = Record::from_line(file.lines().next().expect("a line"));
        assert!(
            matches!(first, Ok(Record::Pack { .. })),
            "the law it rests on"
        );
        assert!(!file.contains(&family.mother), "nobody is named");

        let elsewhere = world.at(Role::CountyHealthReviewer, OTHER_COUNTY);
        let answer = elsewhere.evidence().export_evidence(ask()).await;
        assert_eq!(refused(answer).0, Code::NotFound);
    })
    .await;
}
