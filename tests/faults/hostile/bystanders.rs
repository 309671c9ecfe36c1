//! Those who only want to work.

use std::time::{Duration, Instant};

use tonic::{Code, Status};
use yuhui_proto::eligibility::v1::{
    GetNoticeRequest, ListCasesRequest, case_service_client::CaseServiceClient,
    notice_service_client::NoticeServiceClient,
};

use super::CLERK;
use crate::harness::gateway::Gateway;

const SESSION: &str = "/yuhui.identity.v1.IdentityService/GetSession";
/// Pause between two calls of one bystander.
const PACE: Duration = Duration::from_millis(15);
/// Pause between two sign-ins: hashing is slow on purpose.
const SIGN_INS: Duration = Duration::from_secs(1);

/// An officer with a session, the public, and somebody who signs in.
pub(super) struct Bystanders {
    url: String,
    clerk: Gateway,
    public: Gateway,
}

/// What they saw.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) times: Vec<Duration>,
    pub(super) failed: Vec<String>,
}

impl Bystanders {
    pub(super) fn new(url: &str, clerk: Gateway) -> Self {
        Self {
            url: url.into(),
            clerk,
            public: Gateway::to(url),
        }
    }

    /// The officer alone works for `time`: what he saw.
    pub(super) async fn office(&self, time: Duration) -> Seen {
        let until = Instant::now() + time;
        repeat(until, PACE, || list_cases(&self.clerk, "150203")).await
    }

    /// Works for `time`, each call after the other.
    pub(super) async fn work(&self, time: Duration) -> Seen {
        let until = Instant::now() + time;
        let cases = repeat(until, PACE, || list_cases(&self.clerk, "150203"));
        let sessions = repeat(until, PACE, || self.clerk.call_empty(SESSION));
        let notices = repeat(until, PACE, || get_notice(&self.public));
        // A connection of its own each time: new callers get in, too.
        let sign_ins = repeat(until, SIGN_INS, || async {
            Gateway::to(&self.url).sign_in(CLERK).await.map(|_| ())
        });
        let (cases, sessions, notices, sign_ins) = tokio::join!(cases, sessions, notices, sign_ins);
        let mut seen = Seen::default();
        for one in [cases, sessions, notices] {
            seen.times.extend(one.times);
            seen.failed.extend(one.failed);
        }
        seen.failed.extend(sign_ins.failed);
        seen
    }
}

async fn repeat<F>(until: Instant, pace: Duration, call: impl Fn() -> F) -> Seen
where
    F: Future<Output = Result<(), Status>>,
{
    let mut seen = Seen::default();
    while Instant::now() < until {
        let begun = Instant::now();
        match call().await {
            Ok(()) => seen.times.push(begun.elapsed()),
            Err(status) => seen.failed.push(status.to_string()),
        }
        tokio::time::sleep(pace).await;
    }
    seen
}

/// A county at a hundred times its load: a hundred officers who each work as fast as one bystander.
/// What they waited.
pub(super) async fn crowd(clerk: Gateway, county: &'static str, time: Duration) -> Vec<Duration> {
    let until = Instant::now() + time;
    let mut officers = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let clerk = clerk.clone();
        officers.spawn(async move {
            let seen = repeat(until, PACE, || list_cases(&clerk, county)).await;
            seen.times
        });
    }
    officers.join_all().await.concat()
}

async fn list_cases(gateway: &Gateway, county: &str) -> Result<(), Status> {
    let ask = ListCasesRequest {
        parent: format!("counties/{county}"),
        page_size: 10,
        ..ListCasesRequest::default()
    };
    CaseServiceClient::new(gateway.call())
        .list_cases(ask)
        .await?;
    Ok(())
}

/// A notice that does not exist: that is the answer.
async fn get_notice(gateway: &Gateway) -> Result<(), Status> {
    let ask = GetNoticeRequest {
        name: "counties/150203/notices/00000000-0000-7000-8000-000000000000".into(),
    };
    match NoticeServiceClient::new(gateway.call())
        .get_notice(ask)
        .await
    {
        Err(status) if status.code() != Code::NotFound => Err(status),
        _ => Ok(()),
    }
}

/// The 99th percentile.
pub(super) fn percentile(times: &[Duration]) -> Duration {
    of_hundred(times, 99)
}

/// The time that half of the calls took at most.
pub(super) fn median(times: &[Duration]) -> Duration {
    of_hundred(times, 50)
}

fn of_hundred(times: &[Duration], part: usize) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    let at = times.len() * part / 100;
    times.get(at).or(times.last()).copied().unwrap_or_default()
}
