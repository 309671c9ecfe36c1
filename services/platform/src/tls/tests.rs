//! Certificates as files: what is used, and what is not.

use super::{testing::Authority, *};

fn why(result: anyhow::Result<impl Sized>) -> String {
    match result {
        Ok(_) => "nothing".to_owned(),
        Err(error) => format!("{error:#}"),
    }
}

#[tokio::test]
async fn only_a_pair_that_fits_is_used() {
    let (authority, other) = (Authority::new(), Authority::new());
    let place = authority.place("eligibility");
    let tls = Tls::open(place.files(), "eligibility").expect("right");
    let ends = tls.ends();
    assert!(!tls.reload().expect("the same"), "nothing is new");
    assert_eq!(
        why(Tls::open(place.files(), "gateway")),
        "the certificate names eligibility, this is gateway"
    );

    let right = authority.issue("eligibility");
    let mut mixed = right.clone();
    mixed.key = authority.issue("eligibility").key;
    let day = time::Duration::DAY;
    let expired = authority.issue_until("eligibility.yuhui.internal", -day);
    let elsewhere = authority.issue_until("eligibility.example.org", day);
    let mut empty = right.clone();
    empty.cert.clear();
    for (pair, ca, said) in [
        (&mixed, authority.pem(), "is not the key of tls.cert"),
        (&expired, authority.pem(), "is no server's by tls.ca"),
        (
            &elsewhere,
            authority.pem(),
            "has not one name eligibility.yuhui.internal",
        ),
        (
            &other.issue("eligibility"),
            authority.pem(),
            "is no server's by tls.ca",
        ),
        (
            &authority.issue("gateway"),
            authority.pem(),
            "names gateway",
        ),
        (&empty, authority.pem(), "tls.cert has no certificate"),
        (&right, String::new(), "tls.ca has no certificate"),
    ] {
        place.put(pair, &ca);
        let said_now = why(tls.reload());
        assert!(said_now.contains(said), "{said_now}");
        assert_eq!(tls.ends(), ends, "the old stays");
    }
    std::fs::remove_file(place.path().join("key.pem")).expect("removed");
    assert!(why(tls.reload()).contains("tls.key: read"));
    assert_eq!(tls.ends(), ends);

    // Two authorities overlap, and the new one takes over.
    let both = format!("{}{}", authority.pem(), other.pem());
    for pair in [&right, &other.issue("eligibility")] {
        place.put(pair, &both);
        assert!(tls.reload().expect("right"));
    }
}

#[tokio::test]
async fn the_files_are_read_again_by_themselves() {
    let authority = Authority::new();
    let place = authority.place("eligibility");
    let files = Files {
        reload: Duration::from_millis(20),
        ..place.files()
    };
    let tls = Tls::open(files, "eligibility").expect("right");
    let day = time::Duration::DAY;
    let next = authority.issue_until("eligibility.yuhui.internal", 9 * day);
    let before = tls.ends();
    place.put(&next, &authority.pem());
    let taken = async {
        while tls.ends() == before {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(10), taken).await;
    waited.expect("taken up");
}

#[tokio::test]
async fn a_service_is_no_bank_though_one_authority_made_both() {
    let authority = Authority::new();
    let place = authority.place("gateway");
    let tls = Tls::open(place.files(), "gateway").expect("right");
    let shown = |host: &str| {
        let pair = authority.issue_until(host, time::Duration::DAY);
        let chain = vec![pem(&pair.cert)];
        tls.admit(Asks::Bank, Some(&chain)).ok().flatten()
    };
    assert_eq!(
        shown("bank.icbc.yuhui.internal").as_deref(),
        Some("bank.icbc")
    );
    assert_eq!(
        shown("agent.icbc.com.cn").as_deref(),
        Some("agent.icbc.com.cn")
    );
    assert_eq!(shown("eligibility.yuhui.internal"), None);
    assert!(tls.admit(Asks::Services, None).is_err());
    assert!(
        tls.server(Asks::Bank).is_err(),
        "no authority of a bank is set"
    );
}

fn pem(text: &str) -> CertificateDer<'static> {
    use tokio_rustls::rustls::pki_types::pem::PemObject as _;
    CertificateDer::from_pem_slice(text.as_bytes()).expect("a certificate")
}
