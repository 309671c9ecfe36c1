//! A client that shares no code with the system: Python, with stubs generated
//! from the contracts.

use std::process::Command;

use yuhui_stage::setting;

use crate::harness::{
    ROOT,
    system::System,
    topology::{Twins, for_two},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_python_client_gets_what_the_contracts_promise() {
    let Some(python) = setting("YUHUI_TEST_PYTHON") else {
        return;
    };
    let gets = |urls: &[&str]| {
        let places = urls.iter().map(|it| it.trim_start_matches("http://"));
        let places: Vec<_> = places.collect();
        let client = Command::new(&python)
            .arg(format!("{ROOT}/tests/python/client.py"))
            .arg(places.join(","))
            .output()
            .expect("python runs");
        let said = String::from_utf8_lossy(&client.stdout);
        let complained = String::from_utf8_lossy(&client.stderr);
        assert!(client.status.success(), "{said}{complained}");
    };
    let folder = tempfile::tempdir().expect("folder");
    let system = System::start(folder.path()).await;
    gets(&[&system.url]);
    if let Some(cluster) = for_two() {
        let folder = tempfile::tempdir().expect("folder");
        let twins = Twins::start(&cluster, folder.path()).await;
        gets(&twins.urls());
        twins.stop();
    }
}
