//! Another city than Baotou, and counties that join later: data, not another program.

use std::{fs, path::Path};

use yuhui_proto::identity::v1::{
    GetSessionRequest, identity_service_client::IdentityServiceClient,
};

use crate::harness::{program, system::System};

const HOHHOT: &str = "code,name,level,parent
150100,呼和浩特市,prefecture,150000
150104,玉泉区,county,150100
150104001,小召前街街道,subdistrict,150104
";
const SAIHAN: &str = "code,name,level,parent
150105,赛罕区,county,150100
150105001,人民路街道,subdistrict,150105
";

/// The unit of the holder of `login`, as the gateway knows it; none if he cannot sign in.
async fn unit_of(system: &System, login: &str) -> Option<String> {
    let gateway = system.gateway().sign_in(login).await.ok()?;
    let session = IdentityServiceClient::new(gateway.call())
        .get_session(GetSessionRequest {})
        .await;
    let account = session.expect("a session").into_inner().account;
    Some(account.expect("an account").unit)
}

/// What a command of `yuhui` said of the data in `data`, and whether it succeeded.
fn tenant(arguments: &[&str], data: &Path) -> (bool, String) {
    let data = data.to_str().expect("text");
    let (status, said) = program::run(&[&["tenant"], arguments, &["--data", data]].concat());
    (status == Some(0), said)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_city_is_a_table_and_a_county_more_is_two_lines() {
    let folder = tempfile::tempdir().expect("folder");
    let (data, table) = (folder.path().join("data"), folder.path().join("city.csv"));
    let more = folder.path().join("more.csv");
    fs::write(&table, HOHHOT).expect("written");
    fs::write(&more, SAIHAN).expect("written");
    let of = [("YUHUI__DATABASE__DIVISIONS", table.to_str().expect("text"))];

    let system = System::start_in(&data, &of).await;
    let clerk = "village-clerk.150104001001";
    assert_eq!(
        unit_of(&system, clerk).await.as_deref(),
        Some("150104001001")
    );
    let city = "city-auditor.150100";
    assert_eq!(unit_of(&system, city).await.as_deref(), Some("150100"));
    for elsewhere in ["village-clerk.150203001001", "city-auditor.150200"] {
        assert_eq!(unit_of(&system, elsewhere).await, None, "{elsewhere}");
    }
    let county = "county-health-reviewer.150105";
    assert_eq!(unit_of(&system, county).await, None);
    assert!(system.stop().success());

    let (done, said) = tenant(&["list"], &data);
    assert!(done && said.contains("150104 玉泉区 (1)"), "{said}");
    assert!(!said.contains("150105"), "{said}");
    let (done, said) = tenant(&["add", more.to_str().expect("text")], &data);
    assert!(done && said.contains("eligibility: 2 added"), "{said}");
    let (done, said) = tenant(&["add", more.to_str().expect("text")], &data);
    assert!(done && said.contains("eligibility: 0 added"), "{said}");
    fs::write(&more, SAIHAN.replace("150105", "150203")).expect("written");
    let (done, said) = tenant(&["add", more.to_str().expect("text")], &data);
    let told = "line 2: 150203 does not lie in 150100";
    assert!(!done && said.contains(told), "{said}");
    let (_, said) = tenant(&["list"], &data);
    assert!(said.contains("150105 赛罕区 (1)"), "{said}");

    // The database says whom it serves, whatever new tables would be filled with.
    let system = System::start_in(&data, &[]).await;
    assert_eq!(
        unit_of(&system, clerk).await.as_deref(),
        Some("150104001001")
    );
    assert_eq!(unit_of(&system, county).await.as_deref(), Some("150105"));
}
