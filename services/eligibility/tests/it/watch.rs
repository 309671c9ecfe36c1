//! The deadlines are looked at on each business day without being asked for (R-PRC-3).

use std::time::Duration;

use time::macros::date;
use yuhui_eligibility::Migrator;
use yuhui_kernel::Tenant;
use yuhui_proto::{eligibility::v1::case::State, operations::v1 as operations};

use crate::{
    books::Family,
    deadlines::steps,
    harness::{COUNTY, Office, World, on_every_world, refused},
    stores::on_every_store,
};

/// Operations of a county, the latest first.
pub async fn operations_of(world: &World, county: &str) -> Vec<operations::Operation> {
    let ask = operations::ListOperationsRequest {
        parent: format!("counties/{county}/services/eligibility"),
        ..operations::ListOperationsRequest::default()
    };
    let found = world.registrar().operations().list_operations(ask).await;
    found.expect("a list").into_inner().operations
}

#[tokio::test]
async fn every_county_is_looked_at_once_on_a_business_day_whoever_comes_first() {
    on_every_world(async |world| {
        world.family_at(&Family::of(1), State::VReview).await;
        world.on(date!(2025 - 05 - 10));
        let on_a_saturday = world.watch();
        tokio::time::sleep(Duration::from_millis(300)).await;
        on_a_saturday.stop().await;
        assert_eq!(operations_of(&world, COUNTY).await, []);

        world.on(date!(2025 - 05 - 12));
        for replica in 0..2 {
            let watch = world.watch();
            let begun = async {
                for county in Tenant::all() {
                    while operations_of(&world, county.as_str()).await.is_empty() {
                        tokio::time::sleep(Duration::from_millis(10)).await;
                    }
                }
            };
            let begun = tokio::time::timeout(Duration::from_secs(30), begun).await;
            begun.expect("of every county");
            // The second finds everything begun, and begins nothing.
            tokio::time::sleep(Duration::from_millis(300)).await;
            watch.stop().await;
            for county in Tenant::all() {
                let found = operations_of(&world, county.as_str()).await;
                assert_eq!(found.len(), 1, "{county} after {replica}");
                assert_eq!(
                    (&*found[0].method, &*found[0].asked_by),
                    ("RunDeadlines", "eligibility")
                );
            }
        }
        assert_eq!(steps(&world.inspector()).await, [0, 1, 2]);
    })
    .await;
}

#[tokio::test]
async fn what_the_service_asked_for_only_the_city_ends() {
    on_every_store::<Migrator>(async |db, _| {
        let world = World::in_slices(db, 1);
        for serial in 1..=2 {
            world.on(date!(2025 - 03 - 10));
            world.family_at(&Family::of(serial), State::VReview).await;
        }
        world.on(date!(2025 - 05 - 12));
        let watch = world.watch();
        while operations_of(&world, COUNTY).await.is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        watch.stop().await;
        let name = operations_of(&world, COUNTY).await.remove(0).name;
        let cancel = async |office: &Office| {
            let ask = operations::CancelOperationRequest {
                name: name.clone(),
                request_id: world.fresh(),
            };
            office.operations().cancel_operation(ask).await
        };
        assert_eq!(
            refused(cancel(&world.maker()).await).0,
            tonic::Code::NotFound
        );
        let ended = cancel(&world.registrar()).await.expect("the city's");
        let ended = ended.into_inner().operation.expect("it");
        assert_eq!(ended.state(), operations::operation::State::Cancelling);
    })
    .await;
}
