//! How a claim stands, to whoever holds its receipt, and to nobody else (R-PRC-1).

use std::{
    fs,
    time::{Duration, Instant},
};

use time::macros::date;
use tonic::{Code, Status};
use yuhui_eligibility::Migrator;
use yuhui_kernel::Calendar;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as eligibility, case::State},
    portal::v1::{self as pb, PublicStage},
    types::v1::Programme,
};

use crate::{
    books::Family,
    harness::{COUNTY, Office, VILLAGE, World, on_every_world, refused},
    stores::on_every_store,
};

/// A receipt.
pub struct Receipt {
    pub case: String,
    pub number: String,
    pub code: String,
}

impl World {
    /// A family's claim, lodged at its village.
    pub async fn receipt(&self, serial: u32) -> Receipt {
        let claim = Family::of(serial).register(self).claim();
        let draft = self.draft(&self.clerk(), claim).await.expect("a draft");
        let ask = eligibility::LodgeCaseRequest {
            name: draft.name,
            request_id: self.fresh(),
            ..Default::default()
        };
        let lodged = self.clerk().cases().lodge_case(ask).await.expect("lodged");
        let lodged = lodged.into_inner();
        let case = lodged.case.expect("a case");
        Receipt {
            case: case.name,
            number: case.receipt_number,
            code: lodged.status_code,
        }
    }

    pub async fn status(&self, number: &str, code: &str) -> Result<pb::PublicStatus, Status> {
        let ask = pb::GetStatusRequest {
            receipt_number: number.into(),
            code: code.into(),
        };
        let answer = self.anybody().statuses().get_status(ask).await?;
        Ok(answer.into_inner().status.expect("a status"))
    }

    async fn issue(
        &self,
        office: &Office,
        case: &str,
    ) -> Result<pb::IssueStatusCodeResponse, Status> {
        let ask = pb::IssueStatusCodeRequest {
            name: case.into(),
            request_id: self.fresh(),
        };
        Ok(office.statuses().issue_status_code(ask).await?.into_inner())
    }
}

#[tokio::test]
async fn a_receipt_tells_how_its_claim_stands_and_nothing_of_anybody() {
    on_every_world(async |world| {
        let receipt = world.receipt(1).await;
        let family = Family::of(1);
        let stands = async || {
            let status = world.status(&receipt.number, &receipt.code).await;
            status.expect("told")
        };
        let lodged = stands().await;
        assert_eq!(lodged.stage(), PublicStage::Lodged);
        assert_eq!(lodged.programme(), Programme::P1);
        assert_eq!((&*lodged.lodged_on, lodged.round), ("2025-03-10", 2025));
        assert_eq!(lodged.due_on, "2025-04-30");
        assert_eq!(lodged.amount_fen, None);
        let typed = receipt.code.to_lowercase().replace('-', " ");
        let again = world.status(&format!(" {} ", receipt.number), &typed).await;
        assert_eq!(again.expect("told"), lodged);

        for (state, stage) in [
            (State::VReview, PublicStage::InReview),
            (State::VNotice, PublicStage::InReview),
        ] {
            world.bring(&receipt.case, Programme::P1, state).await;
            assert_eq!(stands().await.stage(), stage);
        }
        world.post(&world.clerk(), &[]).await.expect("posted");
        let on_notice = stands().await;
        assert_eq!(on_notice.stage(), PublicStage::OnNotice);
        assert_eq!(on_notice.due_on, "2025-03-17");
        let other = world.receipt(2).await;
        world
            .bring(&other.case, Programme::P1, State::Confirmed)
            .await;
        let confirmed = world.status(&other.number, &other.code).await;
        let confirmed = confirmed.expect("told");
        assert_eq!(confirmed.stage(), PublicStage::Confirmed);
        assert_eq!(confirmed.amount_fen, Some(500_000));
        assert_eq!(confirmed.due_on, "2025-10-31");
        for told in [lodged, stands().await, confirmed] {
            assert!(!told.stage_zh.is_empty() && !told.next_en.is_empty());
            let told = format!("{told:?}");
            for secret in ["某", &family.mother, &family.second, "6217", VILLAGE] {
                assert!(!told.contains(secret), "{secret} in {told}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_asked_of_a_claimant_is_counted_and_not_told() {
    on_every_world(async |world| {
        let receipt = world.receipt(1).await;
        world
            .bring(&receipt.case, Programme::P1, State::VReview)
            .await;
        let ask = eligibility::ReturnCaseRequest {
            name: receipt.case.clone(),
            defects: vec!["缺张三离婚判决书".into(), "照片不清".into()],
            request_id: world.fresh(),
            ..Default::default()
        };
        world.clerk().cases().return_case(ask).await.expect("back");
        let told = world.status(&receipt.number, &receipt.code).await;
        let told = told.expect("told");
        assert_eq!(
            (told.stage(), told.corrections, &*told.due_on),
            (PublicStage::Correction, 2, "2025-03-24")
        );
        assert!(!format!("{told:?}").contains("张三"));
    })
    .await;
}

#[tokio::test]
async fn who_guesses_learns_nothing_and_soon_gets_nowhere() {
    on_every_world(async |world| {
        let receipt = world.receipt(1).await;
        let (number, code) = (receipt.number.as_str(), receipt.code.as_str());
        let other = world.receipt(2).await;
        let unknown = number.replace("150203P1", "150203P2");
        let elsewhere = number.replacen("150203", "150204", 1);
        let mut answers = Vec::new();
        for (number, code) in [
            (number, "0000-0000"),
            (number, &*other.code),
            (&*unknown, code),
            (&*elsewhere, code),
            ("nonsense", code),
            ("15", "x"),
        ] {
            let asked = Instant::now();
            let status = world.status(number, code).await.expect_err("nothing");
            assert!(asked.elapsed() >= Duration::from_millis(50));
            answers.push((
                status.code(),
                status.message().to_owned(),
                status.details().to_vec(),
            ));
        }
        assert_eq!(answers[0].0, Code::NotFound);
        assert!(answers.iter().all(|it| *it == answers[0]), "{answers:?}");

        world.status(number, code).await.expect("two misses so far");
        for _ in 2..10 {
            world.status(number, "0000-0000").await.expect_err("wrong");
        }
        let shut = world.status(number, code).await.expect_err("shut");
        assert_eq!(
            (shut.code(), shut.message(), shut.details()),
            (answers[0].0, &*answers[0].1, &*answers[0].2)
        );
        world
            .status(&other.number, &other.code)
            .await
            .expect("its own");
        world.on(date!(2025 - 03 - 11));
        world.status(number, code).await.expect("another day");
    })
    .await;
}

#[tokio::test]
async fn a_new_code_replaces_the_one_that_was_lost() {
    on_every_world(async |world| {
        let receipt = world.receipt(1).await;
        let mother = world.applicant(&Family::of(1).mother);
        let mut codes = vec![receipt.code.clone()];
        for office in [world.clerk(), world.maker(), mother] {
            let issued = world.issue(&office, &receipt.case).await.expect("issued");
            assert_eq!(issued.receipt_number, receipt.number);
            let last = codes.last().expect("one");
            let lost = world.status(&receipt.number, last).await;
            assert_eq!(refused(lost).1, "NO_SUCH_NUMBER_AND_CODE");
            let told = world.status(&receipt.number, &issued.code).await;
            told.expect("told");
            codes.push(issued.code);
        }
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), 4);

        let ask = pb::IssueStatusCodeRequest {
            name: receipt.case.clone(),
            request_id: world.fresh(),
        };
        let first = world
            .clerk()
            .statuses()
            .issue_status_code(ask.clone())
            .await;
        let again = world.clerk().statuses().issue_status_code(ask).await;
        assert_eq!(
            first.expect("issued").into_inner(),
            again.expect("the same").into_inner()
        );
        let strangers = [
            world.at(Role::VillageClerk, "150203002002"),
            world.applicant(&Family::of(2).mother),
        ];
        for stranger in strangers {
            let nothing = world.issue(&stranger, &receipt.case).await;
            assert_eq!(refused(nothing).1, "NOT_FOUND");
        }
        for other in [world.head(), world.checker(), world.inspector()] {
            let nothing = world.issue(&other, &receipt.case).await;
            assert_eq!(refused(nothing).1, "PERMISSION_DENIED");
        }
        let relative = Family::of(1).mother;
        let relative = world.vault.person(&relative);
        let own = world.known_as(Role::CountyHealthReviewer, COUNTY, "own", Some(&relative));
        let own = world.issue(&own, &receipt.case).await;
        assert_eq!(crate::harness::denied(own), "DYN-3");
        let claim = Family::of(3).register(&world).claim();
        let draft = world.draft(&world.clerk(), claim).await.expect("a draft");
        let early = world.issue(&world.clerk(), &draft.name).await;
        assert_eq!(refused(early).1, "NOT_LODGED");
        let issued = world.audited().await;
        let issued = issued.iter().filter(|it| it.action == "case.issue_code");
        assert_eq!(issued.count(), 4);
    })
    .await;
}

/// In SQLite's file nothing can hide.
#[tokio::test]
async fn neither_a_code_nor_a_report_is_kept_in_clear() {
    on_every_store::<Migrator>(async |db, file| {
        let world = World::by(db, Calendar::china());
        let receipt = world.receipt(1).await;
        let (words, contact) = ("村干部亲属冒领补贴", "李四 13800138000");
        let report = world
            .submit(pb::SubmitReportRequest {
                kind: pb::ReportKind::Report.into(),
                words: words.into(),
                contact: contact.into(),
                ..Default::default()
            })
            .await
            .expect("taken");
        world
            .status(&receipt.number, &receipt.code)
            .await
            .expect("told");
        let Some(file) = file else { return };
        let folder = file.parent().expect("a folder");
        let mut looked_at = 0;
        for entry in fs::read_dir(folder).expect("files") {
            let bytes = fs::read(entry.expect("a file").path()).expect("bytes");
            looked_at += bytes.len();
            for code in [&receipt.code, &report.code] {
                for text in [code.clone(), code.replace('-', "")] {
                    let text = text.as_bytes();
                    assert!(!bytes.windows(text.len()).any(|it| it == text));
                }
            }
            for text in [words, contact, "13800138000"] {
                let text = text.as_bytes();
                assert!(!bytes.windows(text.len()).any(|it| it == text));
            }
        }
        assert!(looked_at > 100_000, "{looked_at} bytes");
    })
    .await;
}
