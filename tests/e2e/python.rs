//! A client that shares no code with the system: Python, with stubs generated
//! from the contracts.

use std::process::Command;

use yuhui_stage::setting;

use crate::harness::{ROOT, cluster::Cluster, system::System, topology::Twins};

#[tokio::test(flavor = "multi_thread")]
async fn a_python_client_gets_what_the_contracts_promise() {
    let Some(python) = setting("YUHUI_TEST_PYTHON") else {
        return;
    };
    let gets = |url: &str| {
        let client = Command::new(&python)
            .arg(format!("{ROOT}/tests/python/client.py"))
            .arg(url.trim_start_matches("http://"))
            .output()
            .expect("python runs");
        let said = String::from_utf8_lossy(&client.stdout);
        let complained = String::from_utf8_lossy(&client.stderr);
        assert!(client.status.success(), "{said}{complained}");
    };
    let folder = tempfile::tempdir().expect("folder");
    gets(&System::start(folder.path()).await.url);
    if let Some(cluster) = Cluster::start(None) {
        let folder = tempfile::tempdir().expect("folder");
        let twins = Twins::start(&cluster, folder.path()).await;
        gets(twins.other());
        twins.stop();
    }
}
