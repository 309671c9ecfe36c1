//! What a form states beside its claim: kept sealed, shown masked, read by no rule; and the form itself (annexes 1 to 4).

use sea_orm::{ConnectionTrait as _, Statement};
use tonic::{Code, Status};
use yuhui_platform::db::Tenancy;
use yuhui_proto::{
    authz::v1::{Level, Role},
    documents::v1::DocumentKind,
    eligibility::v1::{
        self as pb, ChildRelation, Claim, FamilyParticulars, GrantPortion, InstitutionForm,
        InstitutionParticulars, MaritalStatus, Sex,
        case::State,
        case_form::Form,
        case_view::Kind as View,
        family_particulars::{Agent, Applicant, Child, ClaimedChild, Marriage, OtherParent},
        form_opinion::Kind as Opinion,
        institution_particulars::{Conditions, Record},
    },
    types::v1::Programme,
};

use crate::{
    books::{self, Family},
    harness::{COUNTY, OTHER_COUNTY, Office, World, at_fault, on_every_world, refused},
};

/// What is changed of what a family states.
type Change = fn(&mut FamilyParticulars);

pub const PHONE: &str = "139 0472 0001";
const CERTIFICATE: &str = "J150203-2018-000123";

/// What the mother of a family states.
pub fn stated(family: &Family) -> FamilyParticulars {
    FamilyParticulars {
        applicant: Some(Applicant {
            sex: Sex::Female.into(),
            relation: ChildRelation::Mother.into(),
            hukou_address: "昆都仑区某街道某社区".into(),
            current_address: "昆都仑区某路1号".into(),
            phone: PHONE.into(),
        }),
        other_parent: Some(OtherParent {
            display_name: "某男".into(),
            identity_number: family.father.clone(),
            ..OtherParent::default()
        }),
        marriage: Some(Marriage {
            status: MaritalStatus::FirstMarriage.into(),
            certificate_number: CERTIFICATE.into(),
            registered_on: "2018-05-06".into(),
            ..Marriage::default()
        }),
        children: vec![
            Child {
                display_name: "某大".into(),
                born_on: "2020-06-07".into(),
                delivery: 1,
                birth_order: 1,
                identity_number: family.first.clone(),
                ..Child::default()
            },
            Child {
                display_name: "某二".into(),
                sex: Sex::Male.into(),
                born_on: "2024-06-15".into(),
                delivery: 2,
                birth_order: 2,
                identity_number: family.second.clone(),
                ..Child::default()
            },
        ],
        claimed_child: Some(ClaimedChild {
            display_name: "某二".into(),
            ..ClaimedChild::default()
        }),
        agent: Some(Agent {
            display_name: "某代".into(),
            identity_number: family.father.clone(),
            phone: PHONE.into(),
        }),
        claimed_portion: GrantPortion::Whole.into(),
        signed_on: "2025-03-09".into(),
        ..FamilyParticulars::default()
    }
}

/// The mother's claim with all that.
pub fn stating(family: &Family) -> Claim {
    Claim {
        family: Some(stated(family)),
        ..family.claim()
    }
}

pub async fn form(office: &Office, case: &str) -> Result<pb::CaseForm, Status> {
    let ask = pb::GetCaseFormRequest { name: case.into() };
    let answer = office.forms().get_case_form(ask).await?;
    Ok(answer.into_inner().form.expect("a form"))
}

fn masked(number: &str) -> String {
    format!("{}********{}", &number[..6], &number[14..])
}

#[tokio::test]
async fn what_a_form_states_is_sealed_masked_and_decides_nothing() {
    on_every_world(async |world| {
        let (family, silent) = (Family::of(1), Family::of(2));
        family.register(&world);
        silent.register(&world);
        let clerk = world.clerk();
        let case = world.lodge(&clerk, stating(&family)).await.expect("lodged");
        let told = case.claim.expect("a claim").family.expect("stated");
        let applicant = told.applicant.expect("stated");
        assert_eq!(applicant.sex(), Sex::Female);
        assert_eq!(applicant.phone, "139******0001");
        let other = told.other_parent.expect("stated");
        assert_eq!(other.identity_number, masked(&family.father));
        assert_eq!(told.children[0].identity_number, masked(&family.first));
        let agent = told.agent.expect("stated");
        assert_eq!(agent.phone, "139******0001");
        assert_eq!(
            told.marriage.expect("stated").certificate_number,
            CERTIFICATE
        );

        let other = world.lodge(&clerk, silent.claim()).await.expect("lodged");
        assert_eq!(other.claim.expect("a claim").family, None);
        let result = |it: Option<yuhui_proto::types::v1::Determination>| {
            let it = it.expect("decided");
            (
                it.decision,
                it.amount_fen,
                it.birth_class,
                it.round,
                it.cites,
            )
        };
        assert_eq!(result(case.determination), result(other.determination));

        let tx = world.db.read(Tenancy::All).await.expect("read");
        let all = Statement::from_string(
            tx.get_database_backend(),
            "SELECT body, sealed FROM cases".to_owned(),
        );
        let rows = tx.query_all_raw(all).await.expect("rows");
        assert_eq!(rows.len(), 2);
        let kept: String = rows
            .iter()
            .map(|row| {
                let sealed: Vec<u8> = row.try_get_by_index(1).expect("bytes");
                let body: String = row.try_get_by_index(0).expect("text");
                body + &String::from_utf8_lossy(&sealed)
            })
            .collect();
        for secret in [PHONE, CERTIFICATE, "某路1号", &family.father] {
            assert!(!kept.contains(secret), "{secret} is kept in clear");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_stated_is_held_to_its_rules_and_changed_as_a_whole() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let clerk = world.clerk();
        let draft = world
            .draft(&clerk, stating(&family))
            .await
            .expect("drafted");
        let with = |change: Change| {
            let mut stated = stated(&family);
            change(&mut stated);
            Claim {
                family: Some(stated),
                ..Claim::default()
            }
        };
        let cases: [(Change, &str); 4] = [
            (
                |it| it.applicant.as_mut().expect("one").phone = "139****0001".into(),
                "claim.family.applicant.phone",
            ),
            (
                |it| it.marriage.as_mut().expect("one").registered_on = "2018-02-30".into(),
                "case.claim.family.marriage.registered_on",
            ),
            (
                |it| it.children[1].identity_number = "1502031".into(),
                "case.claim.family.children[1].identity_number",
            ),
            (
                |it| it.children = vec![Child::default(); 21],
                "case.claim.family.children",
            ),
        ];
        for (change, field) in cases {
            let asked = world.update(&clerk, &draft.name, with(change), "claim.family");
            assert_eq!(at_fault(asked.await), [field]);
        }
        let bare = Claim::default();
        let changed = world
            .update(&clerk, &draft.name, bare, "claim.family")
            .await;
        let claim = changed.expect("changed").claim.expect("a claim");
        assert_eq!(claim.family, None, "nothing is stated any more");
        assert_eq!(claim.claimant_name, "某女", "the rest stands");
    })
    .await;
}

#[tokio::test]
async fn annex_1_shows_what_was_claimed_and_whose_hands_it_went_through() {
    on_every_world(async |world| {
        let family = Family::of(1);
        family.register(&world);
        let clerk = world.clerk();
        let draft = world
            .draft(&clerk, stating(&family))
            .await
            .expect("drafted");
        let empty = form(&clerk, &draft.name).await.expect("a draft is a form");
        assert_eq!((empty.receipt_number.as_str(), empty.form), ("", None));
        assert!(empty.opinions.is_empty() && empty.determination.is_none());

        let name = draft.name;
        crate::walk::act!(
            world,
            clerk,
            lodge_case,
            LodgeCaseRequest { name: name.clone() }
        )
        .expect("lodged");
        world.bring(&name, Programme::P1, State::Rostered).await;
        let shown = form(&world.maker(), &name).await.expect("shown");
        let header = shown.header.clone().expect("a header");
        assert_eq!((header.annex, header.round), (1, 2025));
        assert_eq!(header.title, "包头市二孩、三孩家庭一次性育儿补贴申请表");
        assert_eq!(
            (header.county.as_str(), &*header.county_name),
            (COUNTY, "昆都仑区")
        );
        let case = world.look(&name).await;
        let ask = pb::GetRosterRequest { name: case.roster };
        let roster = world.maker().rosters().get_roster(ask).await.expect("it");
        let hash = roster.into_inner().roster.expect("a roster").hash;
        assert_eq!(header.versions, [&hash[..8]]);
        assert_eq!(shown.receipt_number, case.receipt_number);
        assert_eq!(shown.lodged_on, case.lodged_on);
        assert!(!shown.accepted_on.is_empty());
        assert_eq!(shown.amount_capitals, "人民币伍仟元整");
        let Some(Form::Family(found)) = &shown.form else {
            panic!("{shown:?}")
        };
        assert_eq!(found.child_born_on, "2024-06-15");
        assert_eq!(
            (found.portion(), found.multiple_birth),
            (GrantPortion::Whole, false)
        );
        let kinds: Vec<_> = shown
            .opinions
            .iter()
            .map(|it| (it.level(), it.kind()))
            .collect();
        assert_eq!(
            kinds,
            [
                (Level::Village, Opinion::Acceptance),
                (Level::Village, Opinion::Report),
                (Level::Village, Opinion::Signature),
                (Level::Township, Opinion::Report),
                (Level::Township, Opinion::Signature),
                (Level::County, Opinion::Review),
                (Level::County, Opinion::Confirmation),
            ]
        );
        let hands: std::collections::BTreeSet<_> =
            shown.opinions.iter().map(|it| &it.account).collect();
        assert!(hands.len() > 5, "{hands:?}");
        let posted: Vec<_> = shown.notices.iter().map(|it| it.level()).collect();
        assert_eq!(posted, [Level::Village, Level::Township, Level::County]);
        assert!(shown.notices.iter().all(|it| !it.closed_on.is_empty()));
        let marriage = DocumentKind::MarriageCertificate;
        let item = shown.materials.iter().find(|it| it.kind() == marriage);
        let item = item.expect("a married couple's");
        assert!(item.copies > 0);
        let text = format!("{shown:?}");
        for secret in [&family.mother, &family.father, &family.second, PHONE] {
            assert!(!text.contains(secret), "{secret}");
        }

        let own = form(&world.applicant(&family.mother), &name).await;
        assert_eq!(own.expect("own").opinions.len(), 7);
        let city = form(&world.registrar(), &name).await.expect("every case");
        assert!(
            city.materials.is_empty(),
            "DYN-9: papers of the sample only"
        );
        let elsewhere = world.at(Role::CountyHealthReviewer, OTHER_COUNTY);
        assert_eq!(refused(form(&elsewhere, &name).await).0, Code::NotFound);
        let ask = pb::ListCaseViewsRequest {
            parent: name.clone(),
            ..pb::ListCaseViewsRequest::default()
        };
        let auditor = world.at(Role::CountyAuditor, COUNTY);
        let views = auditor.views().list_case_views(ask).await.expect("listed");
        let views = views.into_inner().views;
        assert!(views.iter().any(|it| it.kind() == View::Form));
    })
    .await;
}

/// A claim for the year of a nursery that states its papers.
pub fn nursery_stating(code: &str, representative: &str) -> Claim {
    Claim {
        institution: Some(InstitutionParticulars {
            record: Some(Record {
                filing_number: "托备150203-001".into(),
                representative_name: "某园长".into(),
                representative_number: representative.into(),
                phone: PHONE.into(),
                ..Record::default()
            }),
            conditions: Some(Conditions {
                places: 90,
                classes: 5,
                investment_fen: 200_000_000,
                ..Conditions::default()
            }),
            ..InstitutionParticulars::default()
        }),
        ..books::nursery_claim(code)
    }
}

/// The case of a nursery with three children, of whom the stays of one have no receipts and another came in December.
pub async fn nursery_case(world: &World, serial: u32) -> String {
    let code = books::nursery(world, serial, 5);
    let institution = world.vault.institution(&code);
    if let Some(dossier) = world.registers.known().institutions.get_mut(&institution) {
        dossier.enrolments[0].fee_receipts = false;
        dossier.enrolments[1].from_on = "2024-12-02".into();
    }
    let own = world.institution(&code);
    let claim = nursery_stating(&code, &Family::of(9).mother);
    world.lodge(&own, claim).await.expect("lodged").name
}

#[tokio::test]
async fn annex_3_shows_who_is_counted_and_annex_9_why() {
    on_every_world(async |world| {
        let case = nursery_case(&world, 1).await;
        let shown = form(&world.maker(), &case).await.expect("shown");
        assert_eq!(shown.header.as_ref().expect("one").annex, 3);
        let Some(Form::Operating(found)) = &shown.form else {
            panic!("{shown:?}")
        };
        assert_eq!((found.enrolled, found.headcount, found.excluded), (5, 3, 2));
        assert_eq!((found.certified, found.rate_fen), (Some(100), 60_000));
        let record = found.record.as_ref().expect("registered");
        assert_eq!(record.filed_on, "2022-06-01");
        assert_ne!(record.form(), InstitutionForm::Unspecified);
        let claim = shown.claim.expect("a claim").institution.expect("stated");
        let papers = claim.record.expect("stated");
        assert_eq!(papers.representative_number, masked(&Family::of(9).mother));
        assert_eq!(papers.phone, "139******0001");
        assert_eq!(claim.conditions.expect("stated").places, 90);

        let page = async |page_token: String| {
            let ask = pb::ListCountedChildrenRequest {
                parent: case.clone(),
                page_size: 3,
                page_token,
            };
            let reviewer = world.reviewer();
            let answer = reviewer.forms().list_counted_children(ask).await;
            answer.expect("listed").into_inner()
        };
        let first = page(String::new()).await;
        let second = page(first.next_page_token.clone()).await;
        assert_eq!((first.counted, first.headcount), (3, 3));
        assert_eq!(second.next_page_token, "");
        let children: Vec<_> = first.children.into_iter().chain(second.children).collect();
        let numbers: Vec<_> = children.iter().map(|it| it.number).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
        use pb::counted_child::Standing;
        let of = |standing| children.iter().filter(move |it| it.standing() == standing);
        assert_eq!(of(Standing::Counted).count(), 3);
        assert_eq!(of(Standing::NoReceipts).count(), 1);
        let late = of(Standing::TooShort).next().expect("one came in December");
        assert_eq!((late.months, &*late.stays[0].from_on), (0, "2024-12-02"));

        let family = world.family_at(&Family::of(1), State::Lodged).await;
        let ask = pb::ListCountedChildrenRequest {
            parent: family.name,
            ..pb::ListCountedChildrenRequest::default()
        };
        let asked = world.maker().forms().list_counted_children(ask).await;
        assert_eq!(at_fault(asked), ["parent"]);
    })
    .await;
}
