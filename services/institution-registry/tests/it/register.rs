//! Registration, reading, and the open list.

use tonic::Code;
use yuhui_platform::refusal::reason_of;
use yuhui_proto::{authz::v1::Role, institution::v1 as pb};

use crate::harness::{COUNTY, OTHER, System, code, fields, fresh, registration};

#[tokio::test]
async fn an_institution_is_registered_and_nothing_more() {
    let system = System::start().await;
    let nursery = system.nursery(COUNTY, &code(1)).await;
    assert!(nursery.name.starts_with("counties/150203/institutions/"));
    assert_eq!(
        nursery.institution_ref,
        system.vault.blind("credit-code", &code(1))
    );
    assert!(!nursery.credit_code_doubtful);
    assert_eq!(nursery.filed_on, "", "filing is decided by two persons");
    let ask = pb::GetInstitutionRequest {
        name: nursery.name.clone(),
    };
    let mut county = system.call(Role::CountyHealthReviewer, COUNTY);
    let answer = county.get_institution(ask.clone()).await.expect("found");
    assert_eq!(answer.into_inner().institution, Some(nursery));
    // Villages and townships have no business with the record (D.2).
    for (role, unit) in [
        (Role::VillageClerk, "150203004001"),
        (Role::TownshipLead, "150203004"),
    ] {
        let refused = system.call(role, unit).get_institution(ask.clone()).await;
        let refused = refused.expect_err(role.as_str_name());
        assert_eq!(refused.code(), Code::PermissionDenied);
    }
}

#[tokio::test]
async fn a_failing_check_digit_warns_and_a_broken_code_is_refused() {
    let system = System::start().await;
    let valid = code(1);
    let other = if valid.ends_with('0') { "1" } else { "0" };
    let doubtful = format!("{}{other}", &valid[..17]);
    let nursery = system.nursery(COUNTY, &doubtful).await;
    assert!(nursery.credit_code_doubtful);

    let mut line = system.call(Role::CivilAffairsLiaison, COUNTY);
    let broken = registration(COUNTY, "52150203MJ0000I001");
    let refused = line
        .register_institution(broken)
        .await
        .expect_err("letter I");
    assert_eq!(fields(&refused), ["institution.credit_code"]);
}

#[tokio::test]
async fn every_field_at_fault_is_told() {
    let system = System::start().await;
    let mut line = system.call(Role::CivilAffairsLiaison, COUNTY);
    let stated = pb::Institution {
        credit_code: code(1),
        registered_with: pb::Registrar::MarketRegulation.into(),
        township: "150204001".into(),
        licensed_places: -1,
        ..pb::Institution::default()
    };
    let ask = |stated| pb::RegisterInstitutionRequest {
        institution: Some(stated),
        request_id: fresh(),
    };
    let refused = line.register_institution(ask(stated.clone())).await;
    let expected = [
        "institution.display_name",
        "institution.kind",
        "institution.registered_on",
        "institution.licensed_places",
    ];
    assert_eq!(fields(&refused.expect_err("malformed")), expected);
    let stated = pb::Institution {
        display_name: "某托育园".into(),
        kind: pb::InstitutionKind::Nursery.into(),
        registered_on: "2022-01-10".into(),
        licensed_places: 60,
        ..stated
    };
    let refused = line.register_institution(ask(stated)).await;
    let expected = ["institution.credit_code", "institution.township"];
    assert_eq!(fields(&refused.expect_err("not its own")), expected);
}

#[tokio::test]
async fn an_institution_outside_the_city_is_known_but_on_no_open_list() {
    let system = System::start().await;
    let mut line = system.call(Role::CivilAffairsLiaison, COUNTY);
    let at = |township: &str, serial| {
        let mut ask = registration(COUNTY, &code(serial));
        township.clone_into(&mut ask.institution.get_or_insert_default().township);
        ask
    };
    let answer = line.register_institution(at("150102001", 1)).await;
    let kept = answer.expect("registered").into_inner().institution;
    assert_eq!(kept.expect("it").township, "150102001");
    for township in ["150102", "150204001"] {
        let refused = line.register_institution(at(township, 2)).await;
        let refused = refused.expect_err("no township, or another county's");
        assert_eq!(fields(&refused), ["institution.township"]);
    }
    let own = system.nursery(COUNTY, &code(3)).await;
    let ask = pb::ListInstitutionsRequest {
        parent: format!("counties/{COUNTY}"),
        ..pb::ListInstitutionsRequest::default()
    };
    let answer = system.public().list_institutions(ask).await;
    let open = pb::Institution {
        institution_ref: String::new(),
        ..own
    };
    assert_eq!(answer.expect("listed").into_inner().institutions, [open]);
}

#[tokio::test]
async fn registrars_register_their_own_kind_only() {
    let system = System::start().await;
    let mut registrar = system.call(Role::Registrar, COUNTY);
    let refused = registrar
        .register_institution(registration(COUNTY, &code(1)))
        .await;
    let refused = refused.expect_err("52 is civil affairs'");
    assert_eq!(refused.code(), Code::PermissionDenied);
    assert_eq!(reason_of(&refused).as_deref(), Some("OTHER_REGISTRAR"));
    let mut maker = system.call(Role::CountyHealthReviewer, COUNTY);
    let refused = maker
        .register_institution(registration(COUNTY, &code(1)))
        .await;
    assert_eq!(
        refused.expect_err("no registrar").code(),
        Code::PermissionDenied
    );
}

#[tokio::test]
async fn a_code_is_registered_once_in_the_city_and_nobody_is_told_where() {
    let system = System::start().await;
    let nursery = system.nursery(COUNTY, &code(1)).await;
    for county in [COUNTY, OTHER] {
        let mut line = system.call(Role::CivilAffairsLiaison, county);
        let refused = line
            .register_institution(registration(county, &code(1)))
            .await;
        let refused = refused.expect_err("taken");
        assert_eq!(refused.code(), Code::AlreadyExists);
        assert_eq!(reason_of(&refused).as_deref(), Some("CREDIT_CODE_TAKEN"));
        let told = format!("{refused:?}");
        assert!(
            !told.contains(COUNTY) && !told.contains(&nursery.institution_ref),
            "{told}"
        );
    }
}

#[tokio::test]
async fn a_repeated_registration_gets_the_first_answer() {
    let system = System::start().await;
    let mut line = system.call(Role::CivilAffairsLiaison, COUNTY);
    let ask = registration(COUNTY, &code(1));
    let first = line
        .register_institution(ask.clone())
        .await
        .expect("registered");
    let again = line
        .register_institution(ask.clone())
        .await
        .expect("the same");
    assert_eq!(first.into_inner(), again.into_inner());
    let other = pb::RegisterInstitutionRequest {
        request_id: ask.request_id,
        ..registration(COUNTY, &code(2))
    };
    let refused = line
        .register_institution(other)
        .await
        .expect_err("other body");
    assert_eq!(reason_of(&refused).as_deref(), Some("REQUEST_ID_REUSED"));
}

#[tokio::test]
async fn others_do_not_see_a_county_s_institution_by_name() {
    let system = System::start().await;
    let (one, two) = (
        system.nursery(COUNTY, &code(1)).await,
        system.nursery(COUNTY, &code(2)).await,
    );
    let ask = pb::GetInstitutionRequest {
        name: one.name.clone(),
    };
    system
        .own(&one)
        .get_institution(ask.clone())
        .await
        .expect("itself");
    let strangers = [
        system.own(&two),
        system.call(Role::CountyHealthReviewer, OTHER),
    ];
    for mut stranger in strangers {
        let refused = stranger.get_institution(ask.clone()).await;
        assert_eq!(refused.expect_err("not theirs").code(), Code::NotFound);
    }
    let mut city = system.call(Role::CityHealthRegistrar, "150200");
    city.get_institution(ask.clone())
        .await
        .expect("the city sees all");
    let mut finance = system.call(Role::CountyFinanceMaker, COUNTY);
    let refused = finance.get_institution(ask).await.expect_err("no business");
    assert_eq!(refused.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn the_open_list_is_for_everybody_page_by_page_and_as_of_today() {
    let system = System::start().await;
    let mut names = Vec::new();
    for serial in 1..=5 {
        names.push(system.nursery(COUNTY, &code(serial)).await.name);
    }
    system.nursery(OTHER, &code(6)).await;
    let mut later = registration(COUNTY, &code(7));
    if let Some(institution) = &mut later.institution {
        institution.registered_on = "2025-06-01".into();
    }
    let mut line = system.call(Role::CivilAffairsLiaison, COUNTY);
    line.register_institution(later)
        .await
        .expect("entered ahead");

    let (mut listed, mut page_token) = (Vec::new(), String::new());
    loop {
        let ask = pb::ListInstitutionsRequest {
            parent: "counties/150203".into(),
            page_size: 2,
            page_token,
        };
        let page = system.public().list_institutions(ask).await.expect("open");
        let page = page.into_inner();
        listed.extend(page.institutions.into_iter().map(|it| it.name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(listed, names);
}
