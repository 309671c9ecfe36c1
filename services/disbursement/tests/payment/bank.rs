//! The bank: batches, acknowledgement, results and their authorisation.

use tonic::Code;
use tonic_types::StatusExt as _;
use yuhui_platform::refusal::reason_of;
use yuhui_proto::{
    disbursement::v1::{self as pb, LineResult, line_result::Outcome, payment_line::State as Line},
    internal::v1::{LineTerminated, event::Payload},
};

use crate::harness::{ROSTER, World, case, refused};

/// The lines of a batch as the bank gets them.
pub async fn received(world: &World, batch: &str) -> Vec<pb::PaymentLine> {
    let ask = pb::ListBatchLinesRequest {
        parent: batch.into(),
        ..Default::default()
    };
    let answer = world.operator().list_batch_lines(ask).await.expect("lines");
    answer.into_inner().lines
}

async fn open(world: &World) -> Vec<pb::Batch> {
    let ask = pb::ListBatchesRequest {
        parent: "counties/-".into(),
        open_only: true,
        ..Default::default()
    };
    let answer = world.operator().list_batches(ask).await.expect("batches");
    answer.into_inner().batches
}

fn acknowledgement(world: &World, batch: &pb::Batch) -> pb::AcknowledgeBatchRequest {
    pb::AcknowledgeBatchRequest {
        name: batch.name.clone(),
        line_count: batch.line_count,
        total_fen: batch.total_fen,
        hash: batch.hash.clone(),
        request_id: world.fresh(),
    }
}

/// A released and acknowledged batch.
pub async fn acknowledged(world: &World, corrected: bool) -> String {
    let name = world.pay(corrected).await;
    let open = open(world).await;
    let batch = open.iter().find(|it| it.name == name).expect("open");
    let ask = acknowledgement(world, batch);
    world
        .operator()
        .acknowledge_batch(ask)
        .await
        .expect("acknowledged");
    name
}

pub fn credited(line: &pb::PaymentLine) -> LineResult {
    LineResult {
        payment_key: line.payment_key.clone(),
        outcome: Outcome::Credited.into(),
        return_code: String::new(),
        bank_reference: "B1".into(),
    }
}

pub fn returned(line: &pb::PaymentLine, code: &str) -> LineResult {
    LineResult {
        outcome: Outcome::Returned.into(),
        return_code: code.into(),
        ..credited(line)
    }
}

pub async fn report(
    world: &World,
    batch: &str,
    results: Vec<LineResult>,
) -> Result<pb::ResultReport, tonic::Status> {
    let ask = pb::ReportResultsRequest {
        parent: batch.into(),
        results,
        request_id: world.fresh(),
    };
    let answer = world.operator().report_results(ask).await?;
    Ok(answer.into_inner().report.expect("a report"))
}

pub async fn authorise(world: &World, report: &str) -> Result<pb::ResultReport, tonic::Status> {
    let ask = pb::AuthoriseResultsRequest {
        name: report.into(),
        request_id: world.fresh(),
        digest: world.report_digest(report).await,
    };
    let answer = world
        .authoriser("authoriser")
        .authorise_results(ask)
        .await?;
    Ok(answer.into_inner().report.expect("a report"))
}

#[tokio::test]
async fn the_bank_gets_full_accounts_and_acknowledges_what_it_received() {
    let world = World::funded().await;
    let name = world.pay(false).await;
    for line in received(&world, &name).await {
        assert_eq!(line.account_number, "6217000010001234569");
    }
    let batches = open(&world).await;
    let [batch] = batches.as_slice() else {
        panic!("one batch, not {batches:?}")
    };
    assert_eq!((batch.line_count, batch.open_count), (2, 2));
    assert_eq!(batch.released_on, "2025-10-20");

    let wrong = pb::AcknowledgeBatchRequest {
        total_fen: 1,
        hash: "00".into(),
        ..acknowledgement(&world, batch)
    };
    let status = world
        .operator()
        .acknowledge_batch(wrong)
        .await
        .expect_err("wrong");
    let request = status.get_details_bad_request().expect("violations");
    let fields: Vec<_> = request
        .field_violations
        .iter()
        .map(|it| it.field.as_str())
        .collect();
    assert_eq!(fields, ["total_fen", "hash"]);
    assert_eq!(reason_of(&status).as_deref(), Some("BATCH_DIFFERS"));

    let ask = acknowledgement(&world, batch);
    let answer = world
        .operator()
        .acknowledge_batch(ask)
        .await
        .expect("right");
    let batch = answer.into_inner().batch.expect("a batch");
    assert_eq!(batch.state(), pb::batch::State::Acknowledged);
}

impl World {
    /// Both payments go out, and the one of that case comes back.
    pub async fn return_one(&self, id: &str) {
        let batch = acknowledged(self, false).await;
        let lines = received(self, &batch).await;
        let keys = self.lines(&[Line::Sent]).await;
        let own = keys.iter().find(|it| it.case == case(id)).expect("sent");
        let results = lines
            .iter()
            .map(|it| match it.payment_key == own.payment_key {
                true => returned(it, "AC01"),
                false => credited(it),
            });
        let reported = report(self, &batch, results.collect()).await;
        let reported = reported.expect("reported").name;
        authorise(self, &reported).await.expect("authorised");
    }
}

#[tokio::test]
async fn whoever_ordered_or_released_neither_acknowledges_nor_reports_nor_authorises() {
    let world = World::funded().await;
    let name = world.pay(false).await;
    let batch = open(&world).await.pop().expect("open");
    let barred = |status: tonic::Status| {
        assert_eq!(status.code(), Code::PermissionDenied, "{status:?}");
        assert!(format!("{status:?}").contains("DYN-4"), "{status:?}");
    };
    for hand in ["maker", "checker", "finance"] {
        let ask = acknowledgement(&world, &batch);
        let mut desk = world.operator_named(hand);
        barred(desk.acknowledge_batch(ask).await.expect_err("DYN-4"));
    }
    let ask = acknowledgement(&world, &batch);
    let mut operator = world.operator();
    operator.acknowledge_batch(ask).await.expect("acknowledged");
    let lines = received(&world, &name).await;
    for hand in ["maker", "checker", "finance"] {
        let ask = pb::ReportResultsRequest {
            parent: name.clone(),
            results: vec![credited(&lines[0])],
            request_id: world.fresh(),
        };
        let mut desk = world.operator_named(hand);
        barred(desk.report_results(ask).await.expect_err("DYN-4"));
    }
    let reported = report(&world, &name, vec![credited(&lines[0])]).await;
    let reported = reported.expect("reported").name;
    for hand in ["maker", "checker", "finance"] {
        let ask = pb::AuthoriseResultsRequest {
            name: reported.clone(),
            request_id: world.fresh(),
            digest: world.report_digest(&reported).await,
        };
        let mut desk = world.authoriser(hand);
        barred(desk.authorise_results(ask).await.expect_err("DYN-4"));
    }
    authorise(&world, &reported).await.expect("authorised");
}

#[tokio::test]
async fn results_take_effect_when_another_person_authorises_them() {
    let world = World::funded().await;
    let batch = acknowledged(&world, false).await;
    let lines = received(&world, &batch).await;
    let results = vec![credited(&lines[0]), returned(&lines[1], "AC01")];
    let reported = report(&world, &batch, results).await.expect("reported");
    assert_eq!(
        (reported.result_count, reported.state()),
        (2, pb::result_report::State::Submitted)
    );
    assert_eq!(world.lines(&[Line::Sent]).await.len(), 2);

    let own = pb::AuthoriseResultsRequest {
        name: reported.name.clone(),
        request_id: world.fresh(),
        digest: world.report_digest(&reported.name).await,
    };
    let own = world.authoriser("operator").authorise_results(own).await;
    assert_eq!(
        refused(own),
        (Code::PermissionDenied, "SEPARATION_OF_DUTIES".into())
    );

    let done = authorise(&world, &reported.name).await.expect("authorised");
    assert_eq!(done.state(), pb::result_report::State::Authorised);
    let again = refused(authorise(&world, &reported.name).await);
    assert_eq!(
        again,
        (Code::FailedPrecondition, "REPORT_AUTHORISED".into())
    );
    assert_eq!(world.lines(&[Line::Credited]).await.len(), 1);
    let back = world.lines(&[Line::Returned]).await;
    assert_eq!(
        (back[0].return_code.as_str(), back[0].settled_on.as_str()),
        ("AC01", "2025-10-20")
    );
    assert!(open(&world).await.is_empty());

    let told = world.delivered().await.settled();
    let settled = &told.first().expect("told").lines;
    assert_eq!(settled.len(), 2);
    let paid: i64 = settled
        .iter()
        .filter(|it| it.credited)
        .map(|it| it.amount_fen)
        .sum();
    assert_eq!(paid, lines[0].amount_fen);
}

#[tokio::test]
async fn results_before_the_acknowledgement_are_refused() {
    let world = World::funded().await;
    let batch = world.pay(false).await;
    let lines = received(&world, &batch).await;
    let early = refused(report(&world, &batch, vec![credited(&lines[0])]).await);
    assert_eq!(
        early,
        (Code::FailedPrecondition, "BATCH_NOT_ACKNOWLEDGED".into())
    );
}

#[tokio::test]
async fn a_key_has_one_result_and_a_repeat_changes_nothing() {
    let world = World::funded().await;
    let batch = acknowledged(&world, false).await;
    let lines = received(&world, &batch).await;
    let first = report(&world, &batch, vec![credited(&lines[0])])
        .await
        .expect("reported");
    let again = report(&world, &batch, vec![credited(&lines[0])])
        .await
        .expect("repeated");
    assert_eq!(first, again);

    let stranger = LineResult {
        payment_key: "2025/nobody/0/1".into(),
        ..credited(&lines[0])
    };
    let wrong = vec![returned(&lines[0], "AC04"), stranger];
    let status = report(&world, &batch, wrong).await.expect_err("wrong");
    let request = status.get_details_bad_request().expect("violations");
    let fields: Vec<_> = request
        .field_violations
        .iter()
        .map(|it| it.field.as_str())
        .collect();
    assert_eq!(fields, ["results[0].outcome", "results[1].payment_key"]);

    authorise(&world, &first.name).await.expect("authorised");
    let late = refused(report(&world, &batch, vec![returned(&lines[0], "AC04")]).await);
    assert_eq!(late, (Code::InvalidArgument, "RESULTS_NOT_ACCEPTED".into()));
    let empty = refused(report(&world, &batch, Vec::new()).await);
    assert_eq!(
        empty,
        (Code::InvalidArgument, "RESULTS_NOT_ACCEPTED".into())
    );
    // What is not answered stays unknown.
    assert_eq!(world.lines(&[Line::Sent]).await.len(), 1);
    assert_eq!(open(&world).await[0].open_count, 1);
}

#[tokio::test]
async fn a_returned_payment_goes_to_the_corrected_account_as_a_new_attempt() {
    let world = World::funded().await;
    let batch = acknowledged(&world, false).await;
    let lines = received(&world, &batch).await;
    let results = vec![returned(&lines[0], "AC01"), credited(&lines[1])];
    let reported = report(&world, &batch, results).await.expect("reported");
    authorise(&world, &reported.name).await.expect("authorised");

    for (payee, account) in [
        ("one", "6217000099990000115"),
        ("two", "6217000099990000222"),
    ] {
        world.hear(world.corrected(payee, account)).await;
    }
    let corrected = world.lines(&[Line::Corrected]).await;
    assert_eq!(corrected.len(), 1, "only what was returned is tried again");
    assert_eq!(
        (corrected[0].attempt, corrected[0].account_number.as_str()),
        (2, "****0115")
    );

    world
        .clock
        .set(time::macros::date!(2025 - 10 - 28))
        .expect("sandbox");
    world.clear(&[&case("one")]);
    let again = acknowledged(&world, true).await;
    let lines = received(&world, &again).await;
    assert_eq!(lines[0].account_number, "6217000099990000115");
    let told = world.delivered().await.batches();
    let reissue = told.last().expect("told");
    assert_eq!(
        (reissue.first_fen, reissue.reissue_fen),
        (0, lines[0].amount_fen)
    );
    let reported = report(&world, &again, vec![credited(&lines[0])])
        .await
        .expect("reported");
    authorise(&world, &reported.name).await.expect("authorised");
    let states = world.states().await;
    assert!(states.contains(&(case("one"), 1, Line::Returned)));
    assert!(states.contains(&(case("one"), 2, Line::Credited)));
    assert!(open(&world).await.is_empty());
}

#[tokio::test]
async fn a_returned_payment_of_a_case_that_was_struck_off_is_not_tried_again() {
    let world = World::funded().await;
    let batch = acknowledged(&world, false).await;
    let lines = received(&world, &batch).await;
    let results = vec![returned(&lines[0], "AC01"), credited(&lines[1])];
    let reported = report(&world, &batch, results).await.expect("reported");
    authorise(&world, &reported.name).await.expect("authorised");
    let struck = LineTerminated {
        case: case("one"),
        roster: ROSTER.into(),
        programme: yuhui_proto::types::v1::Programme::P1.into(),
        ..LineTerminated::default()
    };
    world.hear(Payload::LineTerminated(struck)).await;
    world
        .hear(world.corrected("one", "6217000099990000115"))
        .await;
    assert!(world.lines(&[Line::Corrected]).await.is_empty());
    assert_eq!(world.lines(&[Line::Returned]).await.len(), 1);

    // Reopened and confirmed again (F32) it stands on a roster of its own, and is paid from there.
    let later = "counties/150203/rosters/later";
    world.seal(later, &[("one", 500_000)]).await;
    let ready = world.lines(&[Line::Ready]).await;
    let ready: Vec<_> = ready.iter().map(|it| (&it.case, it.attempt)).collect();
    assert_eq!(ready, [(&case("one"), 2)]);
}
