//! Rounds from the sealed roster to the last remittance.

use yuhui_proto::{
    funding::v1 as pb,
    internal::v1::{RecoveryDecided, RecoverySettled, RoundFunded, event::Payload},
    types::v1::Programme,
};

use crate::harness::{CITY, COUNTY, ROUND, World, case, on_every_world, refused, roster_name};

/// Balances that are not nought, from yuan.
fn yuan(balances: &[(&str, i64)]) -> std::collections::BTreeMap<String, i64> {
    let of = |(account, yuan): &(&str, i64)| ((*account).to_owned(), yuan * 100);
    balances.iter().map(of).collect()
}

async fn assert_balanced(world: &World) {
    let figures = world.reconciliation().await;
    assert!(figures.balanced, "{figures:?}");
}

/// The worked round of Kundulun District (POLICY F.4), with the totals of P2 to P4 on one line
/// each.
#[tokio::test]
async fn the_worked_round_of_kundulun() {
    on_every_world(async |world| {
        let p1 = [
            ("moved", 500_000),
            ("returned", 500_000),
            ("rest", 5_500_000),
        ];
        world.seal("p1", Programme::P1, &p1).await;
        let p2 = [("lapses", 50_000), ("paid", 1_450_000)];
        world.seal("p2", Programme::P2, &p2).await;
        world.seal("p3", Programme::P3, &[("p3", 4_560_000)]).await;
        world.seal("p4", Programme::P4, &[("p4", 5_000_000)]).await;
        assert_balanced(&world).await;
        for (roster, total) in [
            ("p1", 6_500_000),
            ("p2", 1_500_000),
            ("p3", 4_560_000),
            ("p4", 5_000_000),
        ] {
            world.record(roster, total).await;
        }
        assert_eq!(
            world.balances(CITY).await,
            yuan(&[("2901", -87_800), ("5901", 87_800)])
        );

        world.county_pays(8_780_000).await.expect("county");
        assert_balanced(&world).await;
        world.relay().await;
        assert!(world.to_eligibility.heard().is_empty());
        world.city_pays(8_780_000).await.expect("city");
        world.relay().await;
        let rosters = ["p1", "p2", "p3", "p4"].map(roster_name).to_vec();
        let funded = [Payload::RoundFunded(RoundFunded {
            round: ROUND,
            rosters,
        })];
        assert_eq!(world.to_eligibility.heard(), funded);
        assert_eq!(world.to_disbursement.heard(), funded);

        world.terminate("p1", "moved", 500_000).await;
        let cases = ["returned", "rest", "lapses", "paid", "p3", "p4"];
        world.send(17_060_000, 0, &cases).await;
        let paid = [
            ("rest", 5_500_000, true),
            ("paid", 1_450_000, true),
            ("p3", 4_560_000, true),
            ("p4", 5_000_000, true),
        ];
        world.settle(&paid).await;
        let figures = world.reconciliation().await;
        assert_eq!((figures.unknown_fen, figures.balanced), (550_000, true));
        world
            .settle(&[("returned", 500_000, false), ("lapses", 50_000, false)])
            .await;
        world.send(0, 500_000, &["returned"]).await;
        world.settle(&[("returned", 500_000, true)]).await;
        let figures = world.reconciliation().await;
        assert_eq!((figures.returned_fen, figures.balanced), (50_000, true));

        let paid = [
            ("PROGRAMME_P1", 2, 6_000_000),
            ("PROGRAMME_P2", 1, 1_450_000),
            ("PROGRAMME_P3", 1, 4_560_000),
            ("PROGRAMME_P4", 1, 5_000_000),
        ];
        let paid = paid.map(|(programme, lines, fen)| (programme.to_owned(), lines, fen));
        assert_eq!(world.paid("150203").await.expect("paid"), paid);
        let elsewhere = refused(world.paid("150204").await);
        assert_eq!(elsewhere.0, tonic::Code::NotFound);

        world.terminate("p2", "lapses", 50_000).await;
        let decided = RecoveryDecided {
            case: case("returned"),
            round: ROUND,
            amount_fen: 500_000,
        };
        world.eligibility(Payload::RecoveryDecided(decided)).await;
        world.recover("returned", 500_000).await.expect("recovered");
        let remitted = world.remit().await.expect("remitted");
        assert_eq!(remitted.amount_fen, 1_050_000);

        let end = [
            ("3001", -82_550),
            ("3002", -82_550),
            ("5001", 60_000),
            ("5002", 14_500),
            ("5003", 45_600),
            ("5004", 50_000),
            ("5101", -5_000),
        ];
        assert_eq!(world.balances(COUNTY).await, yuan(&end));
        assert_eq!(
            world.balances(CITY).await,
            yuan(&[("1901", -82_550), ("5901", 82_550)])
        );
        let figures = world.reconciliation().await;
        let all = [
            figures.approved_fen,
            figures.funded_fen,
            figures.instructed_fen,
            figures.credited_fen,
        ];
        assert_eq!((all, figures.balanced), ([17_010_000; 4], true));
        world.relay().await;
        let settled = RecoverySettled {
            case: case("returned"),
            recovered: true,
        };
        assert_eq!(
            world.to_eligibility.heard(),
            [Payload::RecoverySettled(settled)]
        );
        world.assert_whole().await;
    })
    .await;
}

#[tokio::test]
async fn a_supplementary_roster_is_announced_by_itself() {
    on_every_world(async |world| {
        world.fund(&[("one", 33_333)]).await;
        world.relay().await;
        world.to_disbursement.heard();
        let lines = [("two", 33_333), ("three", 33_333)];
        world.seal("extra", Programme::P2, &lines).await;
        world.record("extra", 66_666).await;
        assert_balanced(&world).await;
        // The first roster is covered; what came later is not.
        world.send(33_333, 0, &["one"]).await;
        // 16,666 of 33,333 came from the city, so 33,333 of 66,666 are missing there.
        world.city_pays(33_333).await.expect("city");
        world.county_pays(33_333).await.expect("county");
        world.relay().await;
        let rosters = vec![roster_name("extra")];
        let funded = RoundFunded {
            round: ROUND,
            rosters,
        };
        assert_eq!(
            world.to_disbursement.heard(),
            [Payload::RoundFunded(funded)]
        );
        world.assert_whole().await;
    })
    .await;
}

#[tokio::test]
async fn what_was_terminated_before_the_money_came_need_not_be_sent() {
    on_every_world(async |world| {
        world
            .seal("main", Programme::P1, &[("one", 500_000), ("two", 500_000)])
            .await;
        world.terminate("main", "one", 500_000).await;
        let sealed = world.balances(COUNTY).await;
        assert_eq!(sealed, yuan(&[("2001", -5_000), ("5001", 5_000)]));
        world.record("main", 1_000_000).await;
        world
            .city_pays(250_000)
            .await
            .expect("the city's half of one line");
        world.county_pays(100_000).await.expect("in part");
        world.terminate("main", "two", 500_000).await;
        let after = world.balances(COUNTY).await;
        let surplus = [("1001", 3_500), ("2101", -2_500), ("2102", -1_000)];
        assert_eq!(after, yuan(&surplus));
        let remitted = world.remit().await.expect("remitted");
        assert_eq!(remitted.amount_fen, 350_000);
        assert!(world.balances(COUNTY).await.is_empty());
        assert!(world.balances(CITY).await.is_empty());
        assert_balanced(&world).await;
        world.assert_whole().await;
    })
    .await;
}

#[tokio::test]
async fn shares_are_shown_to_the_county_and_to_the_city() {
    on_every_world(async |world| {
        world.seal("main", Programme::P1, &[("one", 500_001)]).await;
        world.record("main", 500_001).await;
        world.county_pays(100_000).await.expect("in part");
        let ask = |parent: &str| pb::ListSharesRequest {
            parent: parent.into(),
            round: ROUND,
        };
        let share = pb::Share {
            county: "150203".into(),
            round: ROUND,
            payable_fen: 500_001,
            city_due_fen: 250_000,
            county_due_fen: 150_001,
            city_received_fen: 0,
            county_received_fen: 100_000,
            funded: false,
        };
        let own = world.maker().list_shares(ask(COUNTY)).await.expect("own");
        assert_eq!(own.into_inner().shares, std::slice::from_ref(&share));
        let all = world.city_maker().list_shares(ask("counties/-")).await;
        assert_eq!(all.expect("all").into_inner().shares, [share]);
        assert!(world.maker().list_shares(ask("counties/-")).await.is_err());
    })
    .await;
}
