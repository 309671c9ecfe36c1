//! What health brings in besides births, and what it counts.

use time::macros::date;
use tonic::Code;
use yuhui_proto::{authz::v1::Role, registry::v1 as pb};

use crate::harness::{COUNTY, OTHER, System, fields, fresh, hukou, number, person};

fn payment(child: &str, paid_on: &str, amount_fen: i64) -> pb::NationalPaymentRecord {
    pb::NationalPaymentRecord {
        child: child.into(),
        paid_on: paid_on.into(),
        for_year: 2025,
        amount_fen,
    }
}

#[tokio::test]
async fn a_national_payment_is_known_from_its_day() {
    let system = System::start().await;
    let child = number("2024-06-06", 8);
    system
        .import_population(vec![person(&child)], vec![])
        .await
        .expect("population");
    let payments = vec![
        payment(&child, "2025-03-01", 300_000),
        payment(&child, "2025-08-01", 360_000),
    ];
    assert_eq!(system.import_payments(payments).await.expect("taken"), 2);
    let corrected = vec![payment(&child, "2025-03-01", 360_000)];
    assert_eq!(system.import_payments(corrected).await.expect("taken"), 1);

    let known = || async {
        let facts = system.gather(&child, &child).await.expect("facts");
        facts.national_payments
    };
    let named = system.blind(&child);
    assert_eq!(known().await, [payment(&named, "2025-03-01", 360_000)]);
    system.clock.set(date!(2025 - 08 - 01)).expect("sandbox");
    assert_eq!(known().await.len(), 2);
}

#[tokio::test]
async fn a_wrong_payment_names_its_field_and_nothing_is_taken() {
    let system = System::start().await;
    let child = number("2024-06-06", 8);
    system
        .import_population(vec![person(&child)], vec![])
        .await
        .expect("population");
    let stranger = number("2024-07-07", 8);
    let early = pb::NationalPaymentRecord {
        for_year: 2024,
        ..payment(&child, "2025-02-02", 1)
    };
    let cases = [
        (early, "payments[1].for_year"),
        (payment(&child, "2025-02-30", 1), "payments[1].paid_on"),
        (payment(&child, "2025-02-02", 0), "payments[1].amount_fen"),
        (payment("1502", "2025-02-02", 1), "payments[1].child"),
        (payment(&stranger, "2025-02-02", 1), "payments[1].child"),
        (payment(&child, "2025-01-01", 1), "payments[1].paid_on"),
    ];
    for (wrong, field) in cases {
        let payments = vec![payment(&child, "2025-01-01", 100), wrong];
        let refused = system.import_payments(payments).await.expect_err(field);
        assert_eq!(fields(&refused), [field]);
    }
    let facts = system.gather(&child, &child).await.expect("facts");
    assert_eq!(facts.national_payments, []);

    let ask = pb::ImportNationalPaymentsRequest {
        payments: vec![payment(&child, "2025-01-01", 100)],
        request_id: fresh(),
    };
    let mut police = system.registers(Role::PublicSecurityLiaison);
    let refused = police.import_national_payments(ask).await;
    assert_eq!(
        refused.expect_err("not theirs").code(),
        Code::PermissionDenied
    );
}

#[tokio::test]
async fn children_are_counted_where_they_live_while_they_live() {
    let system = System::start().await;
    let children = [
        ("2023-05-05", 2, "150203004001"),
        ("2024-06-06", 2, "150203004001"),
        ("2024-06-07", 2, "150203004001"),
        ("2024-06-08", 2, "150222100001"),
        ("2021-06-08", 2, "150203004001"),
        ("2025-06-08", 2, "150203004001"),
    ]
    .map(|(born_on, serial, village)| (number(born_on, serial), village));
    let mut persons: Vec<_> = children.iter().map(|(child, _)| person(child)).collect();
    let mut homes: Vec<_> = { children.iter() }
        .map(|(child, village)| hukou(child, village, &person(child).born_on, ""))
        .collect();
    persons[2].died_on = "2025-03-31".into();
    homes[2].to_on = "2025-03-31".into();
    // The youngest is yet to be born.
    let youngest = (persons.split_off(5), homes.split_off(5));
    system
        .import_population(persons, homes)
        .await
        .expect("population");
    let counted = system.census(COUNTY).await.expect("counted");
    assert_eq!(counted, [(2023, 1), (2024, 1)]);
    system.clock.set(date!(2025 - 06 - 08)).expect("sandbox");
    system
        .import_population(youngest.0, youngest.1)
        .await
        .expect("population");
    let counted = system.census(COUNTY).await.expect("counted");
    assert_eq!(counted, [(2023, 1), (2024, 1), (2025, 1)]);
    let other = system.census(OTHER).await;
    assert_eq!(other.expect_err("not its county").code(), Code::NotFound);
}
