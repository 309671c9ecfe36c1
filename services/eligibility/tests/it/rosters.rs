//! Rosters: numbers, lines, returns and who reads them.

use std::collections::BTreeMap;

use sea_orm::ConnectionTrait as _;
use time::macros::date;
use tonic::Code;
use yuhui_kernel::Tenant;
use yuhui_platform::{
    db::Tenancy,
    vault::{Key, Vault, rotate},
};
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as pb, case::State, roster},
    internal::v1::event::Payload,
    types::v1::Programme,
};

use crate::{
    books::Family,
    harness::{CITY, COUNTY, OTHER_COUNTY, PARENT, ROUND, on_every_world, refused},
};

#[tokio::test]
async fn a_returned_roster_is_superseded_by_one_of_the_same_number() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::Rostered).await;
        world.relay().await;
        world.ledger.heard();
        world.disbursement.heard();
        world.check_roster(&case.roster).await.expect("checked");
        let returned = world.give_back(&case.roster).await.expect("returned");
        assert_eq!(returned.state(), roster::State::Superseded);
        for told in [world.to_ledger().await, world.to_disbursement().await] {
            let [Payload::LineTerminated(line)] = &told[..] else {
                panic!("{told:?}")
            };
            assert_eq!(
                (line.amount_fen, line.reason.as_str()),
                (500_000, "ROSTER_RETURNED")
            );
            assert_eq!(
                (line.roster.as_str(), line.case.as_str()),
                (&*case.roster, &*case.name)
            );
        }
        let back = world.look(&case.name).await;
        assert_eq!((back.state(), back.roster.as_str()), (State::CReview, ""));
        assert_eq!(
            back.confirmed_on, "",
            "review, notice and confirmation begin anew"
        );

        let again = world
            .bring(&case.name, Programme::P1, State::Recorded)
            .await;
        assert_ne!(again.roster, case.roster);
        let told = world.to_ledger().await;
        assert!(matches!(
            &told[..],
            [Payload::RosterSealed(one), Payload::RosterRecorded(other)]
                if one.roster == again.roster && other.record_number.ends_with("150203-P1-0-2")
        ));
        let late = world.give_back(&again.roster).await;
        assert_eq!(
            refused(late).1,
            "ROSTER_STATE",
            "what is recorded is not returned"
        );
    })
    .await;
}

#[tokio::test]
async fn who_comes_late_is_on_a_supplementary_roster() {
    on_every_world(async |world| {
        world.family_at(&Family::of(1), State::Rostered).await;
        world.on(date!(2025 - 03 - 20));
        let late = world.family_at(&Family::of(2), State::Rostered).await;
        let ask = pb::ListRostersRequest {
            parent: PARENT.into(),
            round: ROUND,
            ..Default::default()
        };
        let listed = world
            .maker()
            .rosters()
            .list_rosters(ask)
            .await
            .expect("it")
            .into_inner();
        let numbers: Vec<i32> = listed.rosters.iter().map(|it| it.supplement).collect();
        assert_eq!(numbers, [0, 1]);
        let ask = pb::ListRosterLinesRequest {
            parent: late.roster.clone(),
            ..Default::default()
        };
        let finance = world.at(Role::CountyFinanceMaker, COUNTY);
        let lines = finance
            .rosters()
            .list_roster_lines(ask)
            .await
            .expect("it")
            .into_inner()
            .lines;
        assert_eq!(lines.len(), 1);
        assert_eq!(
            (lines[0].amount_fen, lines[0].payee_name.as_str()),
            (500_000, "某女")
        );
        assert_eq!(lines[0].account_masked, "621700*********4569");
    })
    .await;
}

#[tokio::test]
async fn the_city_reads_every_countys_rosters_and_a_county_its_own() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::Rostered).await;
        let all = |parent: &str| pb::ListRostersRequest {
            parent: parent.into(),
            ..Default::default()
        };
        let city = world.registrar();
        let listed = city
            .rosters()
            .list_rosters(all("counties/-"))
            .await
            .expect("it");
        assert_eq!(listed.into_inner().rosters.len(), 1);
        let stranger = world.at(Role::CountyHealthReviewer, OTHER_COUNTY);
        let listed = stranger
            .rosters()
            .list_rosters(all("counties/-"))
            .await
            .expect("it");
        assert!(listed.into_inner().rosters.is_empty());
        let listed = stranger.rosters().list_rosters(all(PARENT)).await;
        assert_eq!(refused(listed).0, Code::NotFound);
        let ask = pb::GetRosterRequest {
            name: case.roster.clone(),
        };
        assert_eq!(
            refused(stranger.rosters().get_roster(ask).await).0,
            Code::NotFound
        );
        let ask = pb::ListRosterLinesRequest {
            parent: case.roster.replace(COUNTY, OTHER_COUNTY),
            ..Default::default()
        };
        assert_eq!(
            refused(stranger.rosters().list_roster_lines(ask).await).0,
            Code::NotFound
        );
        let ask = pb::ListRosterLinesRequest {
            parent: case.roster,
            ..Default::default()
        };
        let lines = city.rosters().list_roster_lines(ask.clone()).await;
        assert_eq!(
            lines
                .expect("it draws its sample of them")
                .into_inner()
                .lines
                .len(),
            1
        );
        let treasurer = world.at(Role::CityFinanceApprover, CITY);
        assert_eq!(
            refused(treasurer.rosters().list_roster_lines(ask).await).0,
            Code::PermissionDenied,
            "totals are enough for the city's money"
        );
    })
    .await;
}

#[tokio::test]
async fn names_that_are_frozen_and_posted_are_sealed_anew_and_nothing_else_is() {
    on_every_world(async |world| {
        world.family_at(&Family::of(1), State::Rostered).await;
        let key = |digits: &str| Key::from_hex(&digits.repeat(32)).expect("key");
        let seals = BTreeMap::from([(1, key("07")), (2, key("08"))]);
        let newer = Vault::new(yuhui_eligibility::NAME, &key("06"), &seals, 2).expect("vault");
        let owners = [Tenancy::One(Tenant::parse(COUNTY).expect("a county"))];
        for (table, rows) in [("notices", 3), ("roster_lines", 1)] {
            let sealed: Vec<_> = yuhui_eligibility::SEALED
                .iter()
                .filter(|it| it.table == table)
                .copied()
                .collect();
            let done = rotate(&world.db, &newer, &sealed, &owners).await;
            let done = done.expect("rotated");
            assert_eq!((done.resealed, done.broken), (rows, vec![]), "{table}");
            let again = rotate(&world.db, &newer, &sealed, &owners).await;
            assert_eq!(again.expect("rotated").resealed, 0, "{table}");
        }
        for change in [
            "UPDATE roster_lines SET body = '{}'",
            "DELETE FROM roster_lines",
        ] {
            let tx = world.db.begin(owners[0]).await.expect("begun");
            let refused = tx.connection().execute_unprepared(change).await;
            let refused = refused.expect_err(change).to_string();
            assert!(refused.contains("append-only"), "{refused}");
        }
    })
    .await;
}
