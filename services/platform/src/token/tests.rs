//! Who is believed, where, and for how long.

use secrecy::ExposeSecret as _;

use super::{keyring::LEEWAY_SECONDS, *};

const MINUTE: Duration = Duration::from_secs(60);

fn signer(name: &str) -> Signer {
    Signer::generate(name).expect("key")
}

fn claims() -> Claims {
    let claims = Claims {
        sub: "acct-1".into(),
        role: "ROLE_VILLAGE_CLERK".into(),
        ..Claims::default()
    };
    claims.lasting("eligibility", MINUTE)
}

#[test]
fn a_token_is_believed_by_its_audience_only() {
    let gateway = signer("gateway");
    let ring = Keyring::new().trust(&gateway);
    let token = gateway.mint(&claims()).expect("token");
    for _first_then_cached in 0..2 {
        let read = ring
            .verify(&token, "eligibility", &["gateway"])
            .expect("valid");
        assert_eq!(
            (read.iss.as_str(), read.sub.as_str()),
            ("gateway", "acct-1")
        );
        assert!(ring.verify(&token, "disbursement", &["gateway"]).is_err());
        assert_eq!(
            ring.verify(&token, "eligibility", &["disbursement"]),
            Err(TokenError::WrongIssuer)
        );
    }
}

#[test]
fn an_expired_token_is_refused_even_when_it_was_seen_before() {
    let gateway = signer("gateway");
    let ring = Keyring::new().trust(&gateway);
    let mut old = claims();
    old.exp = old.iat - LEEWAY_SECONDS;
    let token = gateway.mint(&old).expect("token");
    for _ in 0..2 {
        assert_eq!(
            ring.verify(&token, "eligibility", &["gateway"]),
            Err(TokenError::Expired)
        );
    }
}

#[test]
fn a_stranger_and_a_changed_token_are_refused() {
    let gateway = signer("gateway");
    let ring = Keyring::new().trust(&gateway);
    let forged = signer("gateway").mint(&claims()).expect("token");
    assert_eq!(
        ring.verify(&forged, "eligibility", &["gateway"]),
        Err(TokenError::UnknownKey)
    );
    let token = gateway.mint(&claims()).expect("token");
    let other = gateway
        .mint(&Claims {
            sub: "acct-2".into(),
            ..claims()
        })
        .expect("token");
    let (head, _) = token.rsplit_once('.').expect("three parts");
    let (_, signature) = other.rsplit_once('.').expect("three parts");
    assert!(
        ring.verify(&format!("{head}.{signature}"), "eligibility", &["gateway"])
            .is_err()
    );
}

#[test]
fn keys_survive_pem_and_jwks() {
    let first = signer("gateway");
    let again = Signer::from_pem("gateway", first.to_pem().expose_secret()).expect("pem");
    assert_eq!(first.kid(), again.kid());
    let ring = Keyring::from_jwks(&Keyring::new().trust(&first).jwks()).expect("jwks");
    let token = again.mint(&claims()).expect("token");
    assert!(ring.verify(&token, "eligibility", &["gateway"]).is_ok());
    assert!(Signer::from_pem("gateway", "nonsense").is_err());
}
