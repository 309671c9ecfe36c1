//! Certificates as the command makes them, and as services use them.

use std::{os::unix::fs::PermissionsExt as _, time::Duration as Pause};

use clap::Parser;
use yuhui_platform::tls::{Files, Tls};

use super::*;

#[derive(Parser)]
struct Command {
    #[command(subcommand)]
    ca: Ca,
}

fn ca(words: &str) -> anyhow::Result<ExitCode> {
    let words = std::iter::once("ca").chain(words.split(' '));
    run(&Command::try_parse_from(words)?.ca)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path)
        .expect("it is there")
        .permissions()
        .mode()
        & 0o777
}

#[tokio::test]
async fn what_it_issues_is_what_a_service_takes() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path().display();
    ca(&format!("init --folder {at}/ca")).expect("made");
    let issue = format!("issue eligibility --folder {at}/ca --out {at}/out");
    ca(&issue).expect("issued");
    for (path, rights) in [
        ("ca", 0o700),
        ("ca/ca.key", 0o600),
        ("out", 0o700),
        ("out/eligibility.key", 0o600),
    ] {
        assert_eq!(mode(&folder.path().join(path)), rights, "{path}");
    }
    let out = folder.path().join("out");
    let files = Files {
        cert: out.join("eligibility.pem"),
        key: out.join("eligibility.key"),
        ca: out.join("ca.pem"),
        bank_ca: None,
        denied: Vec::new(),
        reload: Pause::from_secs(3600),
    };
    let tls = Tls::open(files.clone(), "eligibility").expect("it fits");
    let left = tls.ends() - clock::real_now();
    assert!((29..=30).contains(&left.whole_days()), "{left}");
    assert!(Tls::open(files, "gateway").is_err());

    // No key is overwritten unless that is asked for; then the service takes the new one up.
    let before = fs::read(out.join("eligibility.key")).expect("a key");
    for again in [issue.clone(), format!("init --folder {at}/ca")] {
        ca(&again).expect_err("there is a key");
    }
    assert_eq!(
        fs::read(out.join("eligibility.key")).expect("a key"),
        before
    );
    ca(&format!("{issue} --days 7 --replace")).expect("issued");
    assert_ne!(
        fs::read(out.join("eligibility.key")).expect("a key"),
        before
    );
    assert!(tls.reload().expect("it fits"));
    assert!((tls.ends() - clock::real_now()).whole_days() < 8);
    let left_over = fs::read_dir(&out).expect("a folder").count();
    assert_eq!(left_over, 3, "certificate, key, authority");
}

#[test]
fn a_name_is_one_of_dns() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path().display();
    ca(&format!("init --folder {at}/ca")).expect("made");
    ca(&format!("issue bank.icbc --folder {at}/ca --out {at}/out")).expect("a bank");
    for name in ["Eligibility", "a..b", "-a", "a_b", "*", "../a", "ca", ""] {
        let issue = format!("issue {name} --folder {at}/ca --out {at}/out");
        ca(&issue).expect_err(name);
    }
}
