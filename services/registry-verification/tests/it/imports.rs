//! Departments bring their registers up to date, and are told what is wrong
//! field by field.

use tonic::Code;
use yuhui_platform::{audit, refusal::reason_of, vault::Sealed};
use yuhui_proto::{authz::v1::Role, registry::v1 as pb};

use crate::harness::{
    COUNTY, OTHER, System, delivery, fields, fresh, hukou, marriage, number, person,
};

fn couple() -> [String; 2] {
    [number("1992-03-08", 2), number("1990-11-02", 1)]
}

#[tokio::test]
async fn every_fault_of_an_import_is_told_with_its_field() {
    let system = System::start().await;
    let [mother, father] = couple();
    let mut wrong_day = person(&mother);
    wrong_day.born_on = "1992-03-09".into();
    let mut dead_before_birth = person(&father);
    dead_before_birth.died_on = "1990-11-01".into();
    let forged = pb::PersonRecord {
        identity_number: "150299199203080021".into(),
        ..person(&mother)
    };
    let records = vec![
        hukou("x", "150203", "2012-01-01", ""),
        hukou(&mother, "1502", "+2012-02-03", ""),
    ];
    let refused = system
        .import_population(vec![forged], records)
        .await
        .expect_err("malformed");
    assert_eq!(refused.code(), Code::InvalidArgument);
    let expected = [
        "persons[0].identity_number",
        "hukou[0].person",
        "hukou[1].division",
        "hukou[1].from_on",
    ];
    assert_eq!(fields(&refused), expected);

    let records = vec![hukou(&father, "150200", "2012-01-01", "2011-12-31")];
    let refused = system
        .import_population(vec![wrong_day], records)
        .await
        .expect_err("contradictory");
    let expected = ["persons[0].born_on", "hukou[0].division", "hukou[0].to_on"];
    assert_eq!(fields(&refused), expected);
    let refused = system.import_population(vec![dead_before_birth], vec![]);
    let refused = refused.await.expect_err("implausible");
    assert_eq!(fields(&refused), ["persons[0].died_on"]);
}

#[tokio::test]
async fn nobody_has_two_birth_dates() {
    let system = System::start().await;
    let [mother, father] = couple();
    let newborn = |born_on: &str| pb::PersonRecord {
        identity_number: "U150012345".into(),
        born_on: born_on.into(),
        ..person(&mother)
    };
    let twice = vec![newborn("2024-06-06"), newborn("2024-06-07")];
    let refused = system.import_population(twice, vec![]).await;
    assert_eq!(
        fields(&refused.expect_err("two dates")),
        ["persons[1].born_on"]
    );

    let all = vec![person(&mother), person(&father), newborn("2024-06-06")];
    assert_eq!(
        system.import_population(all, vec![]).await.expect("taken"),
        3
    );
    let later = vec![newborn("2024-06-07")];
    let refused = system.import_population(later, vec![]).await;
    assert_eq!(
        fields(&refused.expect_err("another date")),
        ["persons[0].born_on"]
    );

    let born = [("U150012345", "2024-06-08")];
    let refused = system
        .import_births(vec![delivery("d1", &mother, &father, &born)])
        .await;
    let field = "deliveries[0].children[0].born_on";
    assert_eq!(fields(&refused.expect_err("another date")), [field]);
}

#[tokio::test]
async fn facts_are_taken_of_known_persons_only() {
    let system = System::start().await;
    let [mother, father] = couple();
    let lone = vec![hukou(&mother, "150203004001", "2012-01-01", "")];
    let refused = system.import_population(vec![], lone).await;
    assert_eq!(fields(&refused.expect_err("unknown")), ["hukou[0].person"]);

    let people = vec![person(&mother)];
    system
        .import_population(people, vec![])
        .await
        .expect("taken");
    let civil = pb::ImportCivilAffairsRequest {
        marriages: vec![marriage(&mother, &father, "2017-05-20", "")],
        guardianships: vec![pb::GuardianshipRecord {
            child: "U150012345".into(),
            guardian: mother.clone(),
            from_on: "2024-01-01".into(),
            to_on: String::new(),
        }],
        ..pb::ImportCivilAffairsRequest::default()
    };
    let refused = system
        .import_civil_affairs(civil)
        .await
        .expect_err("unknown");
    assert_eq!(
        fields(&refused),
        ["marriages[0].spouses", "guardianships[0].child"]
    );

    let born = [("U150012345", "2024-06-08")];
    let unknown_father = vec![delivery("d1", &mother, &father, &born)];
    let refused = system.import_births(unknown_father).await;
    assert_eq!(
        fields(&refused.expect_err("unknown")),
        ["deliveries[0].father"]
    );
    let fatherless = vec![delivery("d1", &mother, "", &born)];
    system
        .import_births(fatherless)
        .await
        .expect("birth comes before hukou");
}

#[tokio::test]
async fn family_law_has_its_own_faults() {
    let system = System::start().await;
    let [mother, father] = couple();
    let people = vec![person(&mother), person(&father)];
    system
        .import_population(people, vec![])
        .await
        .expect("taken");
    let endless = pb::MarriageRecord {
        ended_by: pb::marriage_record::Ending::Death.into(),
        ..marriage(&mother, &father, "2017-05-20", "")
    };
    let ask = pb::ImportCivilAffairsRequest {
        marriages: vec![
            marriage(&mother, &father, "2017-05-20", "2017-05-19"),
            marriage(&mother, &mother, "2017-05-20", ""),
            endless,
        ],
        ..pb::ImportCivilAffairsRequest::default()
    };
    let refused = system
        .import_civil_affairs(ask)
        .await
        .expect_err("contradictory");
    let expected = [
        "marriages[0].to_on",
        "marriages[1].spouses",
        "marriages[2].ended_by",
    ];
    assert_eq!(fields(&refused), expected);

    let incomplete = pb::ImportCivilAffairsRequest {
        adoptions: vec![pb::AdoptionRecord {
            child: mother.clone(),
            adopters: vec![],
            adopted_on: "2024-01-01".into(),
        }],
        custody: vec![pb::CustodyRecord {
            child: mother.clone(),
            from_on: "2024-01-01".into(),
            ..pb::CustodyRecord::default()
        }],
        ..pb::ImportCivilAffairsRequest::default()
    };
    let refused = system.import_civil_affairs(incomplete).await;
    let expected = ["adoptions[0].adopters", "custody[0].basis"];
    assert_eq!(fields(&refused.expect_err("incomplete")), expected);
}

#[tokio::test]
async fn a_move_closes_one_hukou_and_opens_the_next() {
    let system = System::start().await;
    let [mother, _] = couple();
    let first = vec![hukou(&mother, "150203004001", "2012-01-01", "")];
    system
        .import_population(vec![person(&mother)], first)
        .await
        .expect("taken");
    let second = hukou(&mother, "110105", "2024-05-01", "");
    let refused = system.import_population(vec![], vec![second.clone()]).await;
    assert_eq!(
        fields(&refused.expect_err("two at once")),
        ["hukou[0].from_on"]
    );
    let before_birth = hukou(&mother, "110105", "1990-01-01", "1991-01-01");
    let refused = system.import_population(vec![], vec![before_birth]).await;
    assert_eq!(
        fields(&refused.expect_err("not born")),
        ["hukou[0].from_on"]
    );
    let closed = hukou(&mother, "150203004001", "2012-01-01", "2024-04-30");
    let written = system.import_population(vec![], vec![closed, second]).await;
    assert_eq!(written.expect("taken"), 2);
}

#[tokio::test]
async fn a_delivery_is_replaced_by_number_but_never_becomes_another() {
    let system = System::start().await;
    let [mother, father] = couple();
    let stranger = number("1991-01-01", 4);
    let people = [&mother, &father, &stranger].map(|it| person(it));
    system
        .import_population(people.to_vec(), vec![])
        .await
        .expect("taken");
    let (c1, c2) = (("U150000001", "2024-06-06"), ("U150000002", "2024-06-06"));
    let first = vec![delivery("d1", &mother, "", &[c1])];
    system.import_births(first).await.expect("taken");
    let corrected = vec![delivery("d1", &mother, &father, &[c1, c2])];
    system.import_births(corrected).await.expect("replaced");

    let other = vec![delivery(
        "d1",
        &stranger,
        "",
        &[("U150000003", "2024-07-07")],
    )];
    let refused = system
        .import_births(other)
        .await
        .expect_err("another mother");
    assert_eq!(fields(&refused), ["deliveries[0].delivery"]);
    let again = vec![delivery("d2", &mother, &father, &[c2])];
    let refused = system.import_births(again).await.expect_err("born twice");
    let twice = ["deliveries[0].children[0].child", "deliveries[0].mother"];
    assert_eq!(fields(&refused), twice, "and two deliveries on one day");
    let mut gap = delivery("d3", &mother, &father, &[("U150000004", "2025-03-30")]);
    gap.children[0].birth_order = 2;
    let refused = system.import_births(vec![gap]).await.expect_err("no first");
    assert_eq!(fields(&refused), ["deliveries[0].children"]);

    let facts = system.gather("U150000001", &mother).await.expect("facts");
    assert_eq!(facts.deliveries.len(), 1);
    assert_eq!(facts.deliveries[0].children.len(), 2);
}

#[tokio::test]
async fn a_department_writes_its_own_register_only() {
    let system = System::start().await;
    let ask = pb::ImportBirthsRequest {
        deliveries: vec![],
        request_id: fresh(),
    };
    let mut police = system.registers(Role::PublicSecurityLiaison);
    let refused = police
        .import_births(ask.clone())
        .await
        .expect_err("not theirs");
    assert_eq!(refused.code(), Code::PermissionDenied);
    let mut clerk = system.registers_of(Role::VillageClerk, "150203004001");
    let refused = clerk.import_births(ask).await.expect_err("not theirs");
    assert_eq!(refused.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_repeated_import_gets_the_first_answer_and_another_body_is_refused() {
    let system = System::start().await;
    let [mother, father] = couple();
    let ask = pb::ImportPopulationRequest {
        persons: vec![person(&mother)],
        request_id: "import-1".into(),
        ..pb::ImportPopulationRequest::default()
    };
    let mut police = system.registers(Role::PublicSecurityLiaison);
    for _ in 0..2 {
        let answer = police.import_population(ask.clone()).await.expect("taken");
        assert_eq!(answer.into_inner().written, 1);
    }
    let other = pb::ImportPopulationRequest {
        persons: vec![person(&mother), person(&father)],
        ..ask.clone()
    };
    let refused = police
        .import_population(other)
        .await
        .expect_err("other body");
    assert_eq!(refused.code(), Code::AlreadyExists);
    assert_eq!(reason_of(&refused).as_deref(), Some("REQUEST_ID_REUSED"));

    // Another county's key is another key.
    let mut other = system.registers_of(Role::PublicSecurityLiaison, OTHER);
    other.import_population(ask).await.expect("taken");

    let county = yuhui_kernel::Tenant::parse(COUNTY).expect("county");
    let tx = system.db.read(county).await.expect("read");
    let entries = audit::list(&tx, None, 10).await.expect("entries");
    assert_eq!(entries.len(), 1);
    assert_eq!(
        entries[0].object,
        "counties/150203/registers/public-security"
    );
    let shown = format!("{entries:?}");
    assert!(
        !shown.contains(&mother) && !shown.contains("某某"),
        "{shown}"
    );
}

#[tokio::test]
async fn numbers_and_names_are_sealed_on_the_disk() {
    use sea_orm::ConnectionTrait as _;
    let system = System::start().await;
    let [mother, _] = couple();
    system
        .import_population(vec![person(&mother)], vec![])
        .await
        .expect("taken");
    let county = yuhui_kernel::Tenant::parse(COUNTY).expect("county");
    let tx = system.db.read(county).await.expect("read");
    let sql = "SELECT person_ref, sealed_number, sealed_name FROM persons";
    let row = tx
        .connection()
        .query_one_raw(sea_orm::Statement::from_string(
            sea_orm::DbBackend::Sqlite,
            sql,
        ));
    let row = row.await.expect("queried").expect("a row");
    let person: String = row.try_get("", "person_ref").expect("a reference");
    let open = |column: &Sealed| {
        let sealed: Vec<u8> = row.try_get("", column.column).expect("bytes");
        assert!(!sealed.windows(6).any(|it| it == b"150299"));
        let place = column.at(county, &person);
        system.vault.unseal(&place, &sealed).expect("opened")
    };
    let [number, name, _] = yuhui_registry_verification::SEALED else {
        panic!("two columns are sealed, and the answers")
    };
    assert_eq!(open(number), mother);
    assert_eq!(open(name), "某某");
}

#[tokio::test]
async fn imports_have_a_size() {
    let system = System::start().await;
    let [mother, _] = couple();
    let refused = system
        .import_population(vec![person(&mother); 1001], vec![])
        .await
        .expect_err("too many");
    assert_eq!(fields(&refused), ["persons"]);
}
