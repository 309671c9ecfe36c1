//! Redis goes away: nobody is let through on a guess, and nothing is lost.

use std::time::Duration;

use tonic::Code;
use yuhui_stage::setting;

use crate::harness::{
    gateway::Gateway,
    redis::Redis,
    system::{System, free_address},
};

const CLERK: &str = "village-clerk.150203001001";
const OTHER: &str = "village-head.150203001001";
const SESSION: &str = "/yuhui.identity.v1.IdentityService/GetSession";
const SIGN_OUT: &str = "/yuhui.identity.v1.IdentityService/SignOut";

async fn code(gateway: &Gateway) -> Code {
    match gateway.call_empty(SESSION).await {
        Ok(()) => Code::Ok,
        Err(status) => status.code(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_nobody_is_let_through_and_with_an_empty_one_nothing_is_forgotten() {
    if setting("YUHUI_TEST_REDIS").is_none() {
        return;
    }
    let folder = tempfile::tempdir().expect("folder");
    let address = free_address();
    let redis = Redis::start(&address).await;
    let url = format!("redis://{address}");
    let system = System::start_with(folder.path(), &["--redis", &url]).await;

    // Given one session that lasts and one that was ended,
    let (lasting, ended) = (system.gateway(), system.gateway());
    let lasting = lasting.sign_in(CLERK).await.expect("signed in");
    let ended = ended.sign_in(OTHER).await.expect("signed in");
    ended.call_empty(SIGN_OUT).await.expect("signed out");
    assert_eq!(code(&lasting).await, Code::Ok);
    assert_eq!(code(&ended).await, Code::Unauthenticated);

    // when Redis is gone, then nobody is let through: not even those who were.
    drop(redis);
    assert_eq!(code(&lasting).await, Code::Unavailable);
    assert_eq!(code(&ended).await, Code::Unavailable);

    // When it is back with nothing in it, then who was in is in, who was out is out.
    let _redis = Redis::start(&address).await;
    let back = async {
        while code(&lasting).await != Code::Ok {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let back = tokio::time::timeout(Duration::from_secs(30), back).await;
    assert!(back.is_ok(), "{}", system.said());
    assert_eq!(code(&ended).await, Code::Unauthenticated);
}
