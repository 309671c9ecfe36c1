//! The file of a whole case, and to whom it is given.

use serde_json::Value;
use tonic::{Code, Status};
use yuhui_platform::audit::Record;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as pb, case::State, case_view::Kind},
};

use crate::{
    books::Family,
    harness::{COUNTY, OTHER_COUNTY, Office, World, denied, on_every_world, refused},
};

async fn exported(office: &Office, case: &str) -> Result<String, Status> {
    let ask = pb::ExportCaseFileRequest { name: case.into() };
    let mut pieces = office.evidence().export_case_file(ask).await?.into_inner();
    let mut file = Vec::new();
    while let Some(piece) = pieces.message().await? {
        assert!(piece.data.len() <= 512 << 10);
        file.extend(piece.data);
    }
    Ok(String::from_utf8(file).expect("text"))
}

/// The records of one kind.
fn records(file: &str, kind: &str) -> Vec<Value> {
    let lines = file
        .lines()
        .map(|it| serde_json::from_str::<Value>(it).expect("JSON"));
    lines.filter_map(|it| it.get(kind).cloned()).collect()
}

async fn auditor(world: &World) -> Office {
    world.at(Role::CountyAuditor, COUNTY)
}

#[tokio::test]
async fn a_file_has_what_there_is_of_the_case() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::Rostered).await;
        let file = exported(&auditor(&world).await, &case.name)
            .await
            .expect("exported");
        let of = |kind: &str| records(&file, kind);
        assert_eq!(of("case_file")[0]["case"], case.name.as_str());
        let claim = &of("claim")[0];
        assert_eq!(claim["claimant_name"], "某女");
        let mask = format!("{}********{}", &family.mother[..6], &family.mother[14..]);
        assert_eq!(claim["claimant_number"], mask.as_str());
        assert!(!file.contains(&family.mother) && !file.contains(&family.second));
        assert!(!file.contains("6217000010001234569"), "no account");
        assert_eq!(of("case")[0]["place"]["state"], "ROSTERED");
        assert_eq!(of("notice").len(), 3, "village, township and county");
        let steps = of("transition");
        assert!(steps.iter().any(|it| it["action"] == "case.report"));
        assert!(of("decision").len() > 2 && of("pack").len() == 1);
        assert!(
            of("letter")[0]
                .as_str()
                .is_some_and(|it| it.contains("某女"))
        );
        let roster = &of("roster")[0];
        assert_eq!(
            roster["line"]["receipt_number"],
            case.receipt_number.as_str()
        );
        let entries: Vec<Record> = of("audit_entry")
            .into_iter()
            .map(|it| serde_json::from_value(it).expect("an entry"))
            .collect();
        assert!(entries.len() > 8, "{entries:#?}");
        assert!(entries.iter().all(|it| it.hash == it.computed_hash()));
        assert_eq!(of("audit_head").len(), 1);
        assert_eq!(of("seal").len(), 1);
        assert!(file.trim_end().ends_with("}}"), "the seal comes last");
    })
    .await;
}

#[tokio::test]
async fn a_file_is_for_who_answers_for_the_case_or_looks_into_it() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::CReview).await;
        let name = case.name.as_str();
        let checker = exported(&world.checker(), name).await.expect("exported");
        assert!(
            records(&checker, "audit_entry").is_empty(),
            "the record is supervision's"
        );
        assert!(!records(&checker, "transition").is_empty());
        let inspector = world.at(Role::CountyDisciplineInspector, COUNTY);
        assert_eq!(denied(exported(&inspector, name).await), "D.2");
        world.open_matter(&inspector, name).await.expect("opened");
        exported(&inspector, name).await.expect("a matter is open");
        for (role, unit) in [
            (Role::CountyHealthReviewer, COUNTY),
            (Role::VillageClerk, crate::harness::VILLAGE),
            (Role::CityHealthApprover, crate::harness::CITY),
        ] {
            let closed = exported(&world.at(role, unit), name).await;
            assert_eq!(refused(closed).0, Code::PermissionDenied, "{role:?}");
        }
        let own = exported(&world.applicant(&Family::of(1).mother), name).await;
        assert_eq!(refused(own).0, Code::PermissionDenied);
        let elsewhere = world.at(Role::CountyHealthApprover, OTHER_COUNTY);
        assert_eq!(refused(exported(&elsewhere, name).await).0, Code::NotFound);
        let seen = pb::ListCaseViewsRequest {
            parent: name.into(),
            ..Default::default()
        };
        let seen = inspector.views().list_case_views(seen).await.expect("told");
        let seen = seen.into_inner().views;
        let files = seen.iter().filter(|it| it.kind() == Kind::CaseFile);
        assert_eq!(files.count(), 2, "{seen:?}");
    })
    .await;
}
