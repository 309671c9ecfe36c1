//! One person under several numbers.

use tonic::Code;
use yuhui_proto::{
    internal::v1 as internal,
    registry::v1::{self as pb, alias_record::Ground},
};

use crate::harness::{System, alias, delivery, fields, hukou, marriage, number, person};

const CERTIFICATE: &str = "U150012345";
const BORN: &str = "2024-06-06";

struct Family {
    mother: String,
    father: String,
    /// The citizen number that the child gets later.
    child: String,
}

/// A couple and its child, known to the hospital by its birth certificate.
async fn settle(system: &System) -> Family {
    let it = Family {
        mother: number("1992-03-08", 2),
        father: number("1990-11-02", 1),
        child: number(BORN, 8),
    };
    let home = [&it.mother, &it.father].map(|it| hukou(it, "150203004001", "2012-01-01", ""));
    let persons = vec![person(&it.mother), person(&it.father)];
    system
        .import_population(persons, home.to_vec())
        .await
        .expect("population");
    let birth = delivery("d1", &it.mother, &it.father, &[(CERTIFICATE, BORN)]);
    system.import_births(vec![birth]).await.expect("births");
    let civil = pb::ImportCivilAffairsRequest {
        marriages: vec![marriage(&it.mother, &it.father, "2017-05-20", "")],
        ..pb::ImportCivilAffairsRequest::default()
    };
    system.import_civil_affairs(civil).await.expect("married");
    it
}

/// Public security enters the child under its citizen number.
async fn registered(system: &System, it: &Family) {
    let home = vec![hukou(&it.child, "150203004001", "2024-07-01", "")];
    system
        .import_population(vec![person(&it.child)], home)
        .await
        .expect("the child");
}

fn of_certificate(it: &Family) -> pb::AliasRecord {
    alias(&it.child, CERTIFICATE, Ground::BirthCertificate)
}

/// What of the facts names the child, by the name it is given.
fn about(facts: &pb::FamilyFacts, child: &str) -> (bool, bool, bool) {
    let persons = &mut facts.persons.iter();
    let born = facts.deliveries.iter().flat_map(|it| &it.children);
    (
        persons.any(|it| it.identity_number == child),
        born.into_iter().any(|it| it.child == child),
        facts.hukou.iter().any(|it| it.person == child),
    )
}

#[tokio::test]
async fn a_newborn_is_the_citizen_it_becomes_under_either_number() {
    let system = System::start().await;
    let it = settle(&system).await;
    registered(&system, &it).await;
    let (newborn, citizen) = (system.blind(CERTIFICATE), system.blind(&it.child));

    // Two children, as long as nobody says that they are one.
    let facts = system.gather(CERTIFICATE, &it.mother).await.expect("facts");
    assert_eq!(about(&facts, &newborn), (false, true, false));
    let facts = system.gather(&it.child, &it.mother).await.expect("facts");
    assert_eq!(about(&facts, &citizen), (true, false, true));

    system
        .import_aliases(vec![of_certificate(&it)])
        .await
        .expect("one child");
    for (number, named, other) in [
        (CERTIFICATE, &newborn, &citizen),
        (it.child.as_str(), &citizen, &newborn),
    ] {
        let facts = system.gather(number, &it.mother).await.expect("facts");
        assert_eq!(about(&facts, named), (true, true, true), "{number}");
        assert_eq!(about(&facts, other), (false, false, false), "{number}");
        let alias = pb::PersonAlias {
            person_ref: named.clone(),
            alias_ref: other.clone(),
        };
        assert_eq!(facts.aliases, [alias], "{number}");
        assert_eq!(facts.marriages.len(), 1, "the parents' own facts are there");
    }
}

#[tokio::test]
async fn what_is_entered_later_under_any_number_is_the_same_childs() {
    let system = System::start().await;
    let it = settle(&system).await;
    system
        .import_aliases(vec![of_certificate(&it)])
        .await
        .expect("known before the number is used");
    registered(&system, &it).await;
    let corrected = number(BORN, 10);
    system
        .import_aliases(vec![alias(&corrected, &it.child, Ground::Correction)])
        .await
        .expect("corrected");
    let moved = vec![
        hukou(&corrected, "150203004001", "2024-07-01", "2025-03-01"),
        hukou(CERTIFICATE, "110105", "2025-03-02", ""),
    ];
    system
        .import_population(vec![], moved)
        .await
        .expect("two numbers of one child");
    let payment = pb::NationalPaymentRecord {
        child: it.child.clone(),
        paid_on: "2025-03-05".into(),
        amount_fen: 360_000,
        for_year: 0,
    };
    system.import_payments(vec![payment]).await.expect("paid");

    let facts = system.gather(&corrected, &it.mother).await.expect("facts");
    let named = system.blind(&corrected);
    assert_eq!(about(&facts, &named), (true, true, true));
    let periods = facts.hukou.iter().filter(|it| it.person == named);
    let places: Vec<_> = periods.map(|it| it.division.as_str()).collect();
    assert_eq!(places, ["150203004001", "110105"]);
    assert_eq!(facts.national_payments[0].child, named);
    let mut others: Vec<_> = facts.aliases.iter().map(|it| &it.alias_ref).collect();
    others.sort();
    let mut expected = [CERTIFICATE, it.child.as_str()].map(|it| system.blind(it));
    expected.sort();
    assert_eq!(others, expected.iter().collect::<Vec<_>>());
    // Counted once, and no longer in Kundulun.
    let counted = system.census("150203").await.expect("counted");
    assert!(counted.is_empty(), "{counted:?}");
}

#[tokio::test]
async fn of_many_children_the_other_numbers_are_listed() {
    let system = System::start().await;
    let it = settle(&system).await;
    let corrected = number(BORN, 10);
    let numbers = [
        of_certificate(&it),
        alias(&corrected, &it.child, Ground::Correction),
    ];
    system
        .import_aliases(numbers.to_vec())
        .await
        .expect("one child");
    let asked = [CERTIFICATE, &corrected, &it.mother];
    let ask = internal::ListAliasesRequest {
        parent: "counties/150203".into(),
        person_refs: asked.map(|it| system.blind(it)).into(),
    };
    let answer = system.nurseries().list_aliases(ask.clone()).await;
    let listed = answer.expect("listed").into_inner().aliases;
    let mut listed: Vec<_> = listed
        .into_iter()
        .map(|it| (it.person_ref, it.alias_ref))
        .collect();
    listed.sort();
    let pair = |one: &str, other: &str| (system.blind(one), system.blind(other));
    let mut expected = [
        pair(CERTIFICATE, &it.child),
        pair(CERTIFICATE, &corrected),
        pair(&corrected, &it.child),
        pair(&corrected, CERTIFICATE),
    ];
    expected.sort();
    assert_eq!(listed, expected);

    let mut reviewer = system.answers(yuhui_proto::authz::v1::Role::CountyHealthReviewer, "150203");
    let refused = reviewer.list_aliases(ask).await.expect_err("a person");
    assert_eq!(refused.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_parent_with_a_new_number_is_the_parent() {
    let system = System::start().await;
    let it = settle(&system).await;
    let reissued = number("1992-03-08", 4);
    let abroad = vec![hukou(&reissued, "150203004001", "2012-01-01", "2025-02-28")];
    system
        .import_population(vec![person(&reissued)], abroad)
        .await
        .expect("entered under the new number first");
    let custody = pb::ImportCivilAffairsRequest {
        custody: vec![pb::CustodyRecord {
            child: CERTIFICATE.into(),
            holders: vec![it.father.clone(), reissued.clone()],
            actual_carers: vec![reissued.clone()],
            from_on: "2025-01-01".into(),
            to_on: String::new(),
            basis: "DIVORCE_AGREEMENT".into(),
        }],
        ..pb::ImportCivilAffairsRequest::default()
    };
    system.import_civil_affairs(custody).await.expect("custody");
    let joined = alias(&reissued, &it.mother, Ground::Reissue);
    system
        .import_aliases(vec![joined.clone()])
        .await
        .expect("one mother");

    let facts = system.gather(CERTIFICATE, &reissued).await.expect("facts");
    let named = system.blind(&reissued);
    assert_eq!(facts.deliveries[0].mother, named);
    assert!(facts.marriages[0].spouses.contains(&named));
    assert_eq!(facts.custody[0].actual_carers, std::slice::from_ref(&named));
    let own: Vec<_> = facts.hukou.iter().filter(|it| it.person == named).collect();
    assert_eq!(
        own.len(),
        1,
        "the later number's record replaced the earlier"
    );
    assert_eq!(own[0].to_on, "2025-02-28");
    let told = format!("{facts:?}");
    let earlier = system.blind(&it.mother);
    assert_eq!(told.matches(&earlier).count(), 1, "as an alias only");

    // Said twice, it changes nothing.
    assert_eq!(system.import_aliases(vec![joined]).await.expect("known"), 1);
}

#[tokio::test]
async fn two_persons_are_not_joined() {
    let system = System::start().await;
    let it = settle(&system).await;
    let refused = async |record: pb::AliasRecord| {
        let refused = system.import_aliases(vec![record]).await;
        let refused = refused.expect_err("refused");
        assert_eq!(refused.code(), Code::InvalidArgument, "{refused}");
        fields(&refused)
    };
    let certificate = Ground::BirthCertificate;

    let other_day = number("2024-06-07", 8);
    let at_number = ["aliases[0].identity_number"];
    let at_earlier = ["aliases[0].earlier_number"];
    let persons = vec![person(&other_day), person(&it.child)];
    system
        .import_population(persons, vec![])
        .await
        .expect("known");
    let born_later = alias(&other_day, CERTIFICATE, certificate);
    assert_eq!(refused(born_later).await, at_number);
    let stranger = alias(&number("2001-01-01", 2), "U150099999", certificate);
    assert_eq!(refused(stranger).await, at_earlier);
    let itself = alias(CERTIFICATE, CERTIFICATE, Ground::Correction);
    assert_eq!(refused(itself).await, at_number);
    let backwards = alias(CERTIFICATE, &it.child, Ground::Correction);
    assert_eq!(refused(backwards).await, at_number);
    let no_certificate = alias(&it.child, &number(BORN, 10), certificate);
    assert_eq!(refused(no_certificate).await, at_earlier);
    let groundless = pb::AliasRecord {
        ground: 0,
        ..of_certificate(&it)
    };
    assert_eq!(refused(groundless).await, ["aliases[0].ground"]);

    // Twins are two children.
    let twins = [("U150012346", BORN), ("U150012347", BORN)];
    let other = number("1991-01-01", 2);
    system
        .import_population(vec![person(&other)], vec![])
        .await
        .expect("another mother");
    let delivery = delivery("d2", &other, "", &twins);
    system.import_births(vec![delivery]).await.expect("twins");
    let one = alias("U150012347", "U150012346", Ground::Correction);
    assert_eq!(refused(one).await, at_number);

    // One newborn becomes one citizen.
    system
        .import_aliases(vec![of_certificate(&it)])
        .await
        .expect("one child");
    let second = number(BORN, 10);
    system
        .import_population(vec![person(&second)], vec![])
        .await
        .expect("known");
    let again = alias(&second, CERTIFICATE, certificate);
    assert_eq!(refused(again).await, at_earlier);

    // Nobody lives in two places, under two numbers either.
    let homes = vec![
        hukou(&it.child, "150203004001", "2024-07-01", ""),
        hukou(&second, "150204001001", "2024-08-01", ""),
    ];
    system.import_population(vec![], homes).await.expect("two");
    let joined = alias(&second, &it.child, Ground::Correction);
    assert_eq!(refused(joined).await, ["aliases[0]"]);
    let facts = system.gather(CERTIFICATE, &it.mother).await.expect("facts");
    let own = system.blind(CERTIFICATE);
    let places = facts.hukou.iter().filter(|it| it.person == own);
    assert_eq!(places.count(), 1, "a refused import changed nothing");
}

#[tokio::test]
async fn nobody_is_born_twice_under_two_numbers() {
    let system = System::start().await;
    let it = settle(&system).await;
    registered(&system, &it).await;
    system
        .import_aliases(vec![of_certificate(&it)])
        .await
        .expect("one child");
    let again = delivery("d9", &it.mother, &it.father, &[(&it.child, BORN)]);
    let refused = system.import_births(vec![again]).await.expect_err("again");
    assert!(fields(&refused).contains(&"deliveries[0].children[0].child".into()));
    // The same delivery, told again with the number that came later.
    let corrected = delivery("d1", &it.mother, &it.father, &[(&it.child, BORN)]);
    system.import_births(vec![corrected]).await.expect("same");
    let facts = system.gather(CERTIFICATE, &it.mother).await.expect("facts");
    assert_eq!(
        about(&facts, &system.blind(CERTIFICATE)),
        (true, true, true)
    );
}

/// On PostgreSQL: what is entered under a number while it is joined to another is found under both.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn numbers_are_joined_while_others_enter_facts() {
    let system = System::start().await;
    for serial in 0..8_u32 {
        let certificate = format!("U1500{serial:05}");
        let mother = number("1990-01-01", 2 + serial * 2);
        let child = number(BORN, 20 + serial);
        let persons = vec![person(&mother)];
        system
            .import_population(persons, vec![])
            .await
            .expect("mother");
        let name = format!("r{serial}");
        let birth = delivery(&name, &mother, "", &[(&certificate, BORN)]);
        system.import_births(vec![birth]).await.expect("born");
        let home = vec![hukou(&child, "150203004001", "2024-07-01", "")];
        let entered = system.import_population(vec![person(&child)], home);
        let joined =
            system.import_aliases(vec![alias(&child, &certificate, Ground::BirthCertificate)]);
        let (entered, joined) = tokio::join!(entered, joined);
        entered.expect("entered");
        joined.expect("joined");
        let facts = system.gather(&certificate, &mother).await.expect("facts");
        let named = system.blind(&certificate);
        assert_eq!(about(&facts, &named), (true, true, true), "{serial}");
    }
}

#[tokio::test]
async fn what_a_number_itself_tells_is_held_against_what_is_known() {
    let system = System::start().await;
    let it = settle(&system).await;
    registered(&system, &it).await;
    let refused = async |number: &str, earlier: &str, ground| {
        let told = system.import_aliases(vec![alias(number, earlier, ground)]);
        let told = told.await.expect_err("refused");
        assert_eq!(told.code(), Code::InvalidArgument);
        fields(&told)
    };
    // Nobody has registered these numbers yet.
    let born_elsewhen = number("2023-01-01", 8);
    let told = refused(&born_elsewhen, CERTIFICATE, Ground::BirthCertificate).await;
    assert_eq!(told, ["aliases[0].identity_number"]);
    let of_the_other_sex = number(BORN, 9);
    let told = refused(&of_the_other_sex, &it.child, Ground::Reissue).await;
    assert_eq!(told, ["aliases[0].identity_number"]);
    // What is corrected may have been the birth date.
    let corrected = alias(&number("2024-06-07", 8), &it.child, Ground::Correction);
    system
        .import_aliases(vec![corrected])
        .await
        .expect("corrected");
}
