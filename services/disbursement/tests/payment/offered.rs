//! What an order, a batch or a report is shown with is what the acts do.

use std::collections::BTreeSet;

use tonic::Status;
use yuhui_platform::refusal::{name_of, reason_of};
use yuhui_proto::{
    authz::v1::Role,
    disbursement::v1::{
        self as pb, bank_agent_service_client::BankAgentServiceClient,
        payment_order_service_client::PaymentOrderServiceClient,
    },
    types::v1::{Action, action::Verdict},
};

use crate::{
    bank::{credited, received, report, returned},
    harness::{Wire, World},
};

/// What is looked at and acted on.
#[derive(Clone)]
enum Object {
    Order(pb::PaymentOrder),
    Batch(pb::Batch),
    Report(pb::ResultReport),
}

/// Somebody under one role.
struct Office {
    who: (&'static str, Role),
    orders: PaymentOrderServiceClient<Wire>,
    bank: BankAgentServiceClient<Wire>,
}

impl Office {
    /// The object as he sees it, and what he is told he may do; nothing if he may not look.
    async fn offered(&mut self, of: &Object) -> Option<(Object, Vec<Action>)> {
        Some(match of {
            Object::Order(it) => {
                let name = it.name.clone();
                let answer = self
                    .orders
                    .get_payment_order(pb::GetPaymentOrderRequest { name });
                let seen = answer.await.ok()?.into_inner();
                (Object::Order(seen.order?), seen.actions)
            }
            Object::Batch(it) => {
                let name = it.name.clone();
                let answer = self.bank.get_batch(pb::GetBatchRequest { name });
                let seen = answer.await.ok()?.into_inner();
                (Object::Batch(seen.batch?), seen.actions)
            }
            Object::Report(it) => {
                let name = it.name.clone();
                let answer = self
                    .bank
                    .get_result_report(pb::GetResultReportRequest { name });
                let seen = answer.await.ok()?.into_inner();
                (Object::Report(seen.report?), seen.actions)
            }
        })
    }

    async fn attempt(&mut self, world: &World, method: &str, of: &Object) -> Result<(), Status> {
        let (request_id, reason) = (world.fresh(), "名单有误".to_owned());
        match of.clone() {
            Object::Order(pb::PaymentOrder { name, etag, .. }) => {
                let orders = &mut self.orders;
                macro_rules! call {
                    ($act:ident, $ask:ident { $($more:ident),* }) => {{
                        let ask = pb::$ask { name, request_id, $($more),* };
                        orders.$act(ask).await.map(|_| ())
                    }};
                }
                match method {
                    "ApprovePaymentOrder" => {
                        call!(approve_payment_order, ApprovePaymentOrderRequest { etag })
                    }
                    "DeclinePaymentOrder" => call!(
                        decline_payment_order,
                        DeclinePaymentOrderRequest { etag, reason }
                    ),
                    "WithdrawPaymentOrder" => {
                        call!(withdraw_payment_order, WithdrawPaymentOrderRequest {})
                    }
                    "ReleasePaymentOrder" => {
                        call!(release_payment_order, ReleasePaymentOrderRequest { etag })
                    }
                    "DeclineRelease" => {
                        call!(decline_release, DeclineReleaseRequest { etag, reason })
                    }
                    other => panic!("nobody knows how to call {other}"),
                }
            }
            Object::Batch(batch) if method == "AcknowledgeBatch" => {
                let ask = pb::AcknowledgeBatchRequest {
                    name: batch.name,
                    line_count: batch.line_count,
                    total_fen: batch.total_fen,
                    hash: batch.hash,
                    request_id,
                };
                self.bank.acknowledge_batch(ask).await.map(|_| ())
            }
            Object::Batch(batch) => {
                let lines = received(world, &batch.name).await;
                let ask = pb::ReportResultsRequest {
                    results: vec![returned(&lines[1], "AC01")],
                    parent: batch.name,
                    request_id,
                };
                self.bank.report_results(ask).await.map(|_| ())
            }
            Object::Report(pb::ResultReport { name, digest, .. }) => {
                let bank = &mut self.bank;
                macro_rules! call {
                    ($act:ident, $ask:ident { $($more:ident),* }) => {{
                        let ask = pb::$ask { name, request_id, $($more),* };
                        bank.$act(ask).await.map(|_| ())
                    }};
                }
                match method {
                    "AuthoriseResults" => {
                        call!(authorise_results, AuthoriseResultsRequest { digest })
                    }
                    "DeclineResults" => {
                        call!(decline_results, DeclineResultsRequest { digest, reason })
                    }
                    "WithdrawResults" => call!(withdraw_results, WithdrawResultsRequest {}),
                    other => panic!("nobody knows how to call {other}"),
                }
            }
        }
    }
}

fn short(action: &Action) -> &str {
    action.method.rsplit('/').next().unwrap_or_default()
}

/// Everybody tries what he is told he may not do and is told the same; answers who may do what, and keeps why not.
async fn looked_at(
    world: &World,
    everybody: &mut [Office],
    of: &Object,
    refused: &mut BTreeSet<(String, String)>,
) -> Vec<(usize, String)> {
    let mut allowed = Vec::new();
    for (at, office) in everybody.iter_mut().enumerate() {
        let Some((seen, actions)) = office.offered(of).await else {
            continue;
        };
        for action in actions {
            let method = short(&action).to_owned();
            let who = office.who;
            assert!(!action.who_may.is_empty(), "{method}");
            if action.verdict() == Verdict::Allowed {
                allowed.push((at, method));
                continue;
            }
            let told = office.attempt(world, &method, &seen).await;
            let told = told.expect_err(&format!("{who:?} was refused {method}"));
            assert_eq!(
                (reason_of(&told).unwrap_or_default(), told.message()),
                (name_of(action.reason()).to_owned(), action.en.as_str()),
                "{who:?} {method}"
            );
            refused.insert((name_of(action.reason()).to_owned(), action.rule));
        }
    }
    allowed
}

/// Does it, as the first who may.
async fn done(
    world: &World,
    everybody: &mut [Office],
    of: &Object,
    method: &str,
    refused: &mut BTreeSet<(String, String)>,
) {
    let allowed = looked_at(world, everybody, of, refused).await;
    let by = allowed.iter().find(|it| it.1 == method);
    let (at, _) = by.unwrap_or_else(|| panic!("nobody may {method}: {allowed:?}"));
    let office = &mut everybody[*at];
    let (seen, _) = office.offered(of).await.expect("he sees it");
    let answer = office.attempt(world, method, &seen).await;
    answer.unwrap_or_else(|told| panic!("{:?} was allowed {method}: {told}", office.who));
}

#[tokio::test]
async fn what_is_offered_is_what_the_acts_do() {
    let world = World::funded().await;
    let mut everybody: Vec<Office> = [
        ("maker", Role::CountyHealthReviewer),
        ("second", Role::CountyHealthReviewer),
        // One person under every role.
        ("maker", Role::CountyHealthApprover),
        ("checker", Role::CountyHealthApprover),
        ("checker", Role::CountyFinanceApprover),
        ("finance", Role::CountyFinanceApprover),
        ("finance", Role::BankOperator),
        ("operator", Role::BankOperator),
        ("colleague", Role::BankOperator),
        ("operator", Role::BankAuthoriser),
        ("authoriser", Role::BankAuthoriser),
    ]
    .map(|who| Office {
        who,
        orders: world.orders(who.0, who.1),
        bank: world.bank(who.0, who.1),
    })
    .into();
    let mut refused = BTreeSet::new();
    for way in ["Decline", "Withdraw", "DeclineRelease", "Pay"] {
        let order = Object::Order(world.propose(false).await.expect("proposed"));
        let mut does = async |method: &str, of: &Object| {
            done(&world, &mut everybody, of, method, &mut refused).await;
        };
        match way {
            "Decline" => does("DeclinePaymentOrder", &order).await,
            "Withdraw" => does("WithdrawPaymentOrder", &order).await,
            "DeclineRelease" => {
                does("ApprovePaymentOrder", &order).await;
                does("DeclineRelease", &order).await;
            }
            _ => {
                does("ApprovePaymentOrder", &order).await;
                does("ReleasePaymentOrder", &order).await;
            }
        }
        let left = looked_at(&world, &mut everybody, &order, &mut refused).await;
        assert!(left.is_empty(), "{way}: {left:?}");
    }
    let ask = pb::ListBatchesRequest {
        parent: "counties/-".into(),
        open_only: true,
        ..pb::ListBatchesRequest::default()
    };
    let open = world.operator().list_batches(ask).await.expect("batches");
    let batch = open.into_inner().batches.remove(0);
    let lines = received(&world, &batch.name).await;
    let batch = Object::Batch(batch);
    done(
        &world,
        &mut everybody,
        &batch,
        "AcknowledgeBatch",
        &mut refused,
    )
    .await;
    let Object::Batch(pb::Batch { name, .. }) = &batch else {
        panic!("a batch");
    };
    for way in ["DeclineResults", "WithdrawResults", "AuthoriseResults"] {
        let said = vec![credited(&lines[0])];
        let made = Object::Report(report(&world, name, said).await.expect("reported"));
        done(&world, &mut everybody, &made, way, &mut refused).await;
        let left = looked_at(&world, &mut everybody, &made, &mut refused).await;
        assert!(left.is_empty(), "{way}: {left:?}");
    }
    done(
        &world,
        &mut everybody,
        &batch,
        "ReportResults",
        &mut refused,
    )
    .await;
    for (reason, rule) in [
        ("ORDER_STATE", ""),
        ("NOT_THE_MAKER", ""),
        ("SEPARATION_OF_DUTIES", "DYN-1"),
        ("SEPARATION_OF_DUTIES", "DYN-4"),
        ("BATCH_NOT_ACKNOWLEDGED", ""),
        ("REPORT_AUTHORISED", ""),
        ("REPORT_STATE", ""),
    ] {
        let key = (reason.to_owned(), rule.to_owned());
        assert!(refused.contains(&key), "{key:?}: {refused:?}");
    }
}

#[tokio::test]
async fn what_lines_say_is_told_beside_it() {
    let world = World::funded().await;
    let order = world.propose(false).await.expect("proposed");
    // Nothing is cleared any more.
    world.clear(&[]);
    let mut checker = Office {
        who: ("checker", Role::CountyHealthApprover),
        orders: world.checker(),
        bank: world.authoriser("checker"),
    };
    let of = Object::Order(order);
    let (seen, actions) = checker.offered(&of).await.expect("it");
    let approval = actions.iter().find(|it| short(it) == "ApprovePaymentOrder");
    let approval = approval.expect("his");
    assert_eq!(approval.verdict(), Verdict::Allowed);
    let told = checker.attempt(&world, "ApprovePaymentOrder", &seen).await;
    let told = reason_of(&told.expect_err("not cleared")).expect("a reason");
    assert!(
        approval.may_still_fail().any(|it| name_of(it) == told),
        "{told}"
    );
}
