//! The last step before a handler: the body is read, then a place is taken.

use std::{panic, pin::pin, time::Duration};

use axum::{body::Body, extract::Request, middleware::Next, response::Response};
use http_body_util::Limited;
use tokio::time::{Instant, timeout, timeout_at};
use tonic::Status;
use tracing::Instrument as _;

use super::{
    ClientAddress, Limits,
    body::{self, Answer, Patience},
    layers::{RESERVE, readable},
    places::{Class, Permit, Places, Room},
    watches::{Watch, Watches},
};
use crate::{
    caller::Caller,
    context::{self, Context},
    error,
    refusal::{self, busy, unavailable},
};

/// How much longer than its caller waits a call may be worked on. Services
/// behind know the same deadline, and end by themselves.
const OVERTIME: Duration = Duration::from_secs(1);
/// Behind what takes longer, other calls of the county do not wait.
const LONG: Duration = Duration::from_millis(500);

const HEALTH: &str = "/grpc.health.v1.Health/";
const WATCH: &str = "/grpc.health.v1.Health/Watch";
const REFLECTION: &str = "/grpc.reflection.";
/// Tells of work as it goes on, for as long as a call may last.
const WATCH_OPERATION: &str = "/yuhui.operations.v1.OperationService/WatchOperation";

/// Lets calls in as there is room for them.
#[derive(Debug)]
pub(super) struct Admission {
    places: Places,
    watches: Watches,
    limits: Limits,
    /// Paths of the methods that prove a password; none before a server that
    /// only other services reach.
    sign_in: &'static [&'static str],
}

impl Admission {
    pub(super) fn new(limits: Limits, sign_in: &'static [&'static str]) -> Self {
        Self {
            places: Places::new(&limits),
            watches: Watches::default(),
            limits,
            sign_in,
        }
    }

    /// Longest a call may take.
    pub(super) fn longest(&self) -> Duration {
        self.limits.deadline
    }

    fn is_public(&self) -> bool {
        !self.sign_in.is_empty()
    }

    fn class(&self, request: &Request) -> Class {
        let path = request.uri().path();
        let wire = request.extensions();
        let address = wire.get::<ClientAddress>().and_then(|it| it.0);
        let caller = wire.get::<Caller>();
        let known = caller.is_some_and(|it| it.is_signed_in() || it.via.is_some());
        let tenant = caller.and_then(|it| it.tenant().ok());
        match address {
            Some(address) if path.starts_with(REFLECTION) => {
                Class::Anonymous(Room::Reflection, address)
            }
            Some(address) if self.is_public() && !known => {
                let signs_in = self.sign_in.contains(&path);
                let room = if signs_in { Room::SignIn } else { Room::Public };
                Class::Anonymous(room, address)
            }
            _ => Class::Known(tenant.map(yuhui_kernel::Tenant::as_str)),
        }
    }

    /// Answers the call when its body is here and it has a place.
    pub(super) async fn pass(&self, request: Request, next: Next) -> Result<Response, Status> {
        let path = request.uri().path();
        if self.is_public() && path == WATCH {
            return Err(Status::unimplemented("health is watched from inside only"));
        }
        let (class, now) = (self.class(&request), Instant::now());
        let (longest, most) = match class {
            Class::Known(_) => (self.limits.deadline, self.limits.message),
            Class::Anonymous(..) => (
                self.limits.anonymous_deadline,
                self.limits.anonymous_message,
            ),
        };
        let due = now + longest.saturating_sub(RESERVE);
        let due = Context::current()
            .and_then(|it| it.deadline)
            .map_or(due, |it| it.min(due));
        if path.starts_with(REFLECTION) {
            return self.stream(class, request, next).await;
        }
        let needs_place = !path.starts_with(HEALTH);
        let watch = match path == WATCH_OPERATION {
            true => Some(self.watch(&request)?),
            false => None,
        };
        let mut budget = self.places.body(class);
        let patience = Patience {
            most: most.as_u64(),
            pause: self.limits.body_pause,
            due: due.min(now + self.limits.body),
        };
        let request = body::whole(request, patience, &mut budget).await?;
        let mut place = match needs_place {
            true => Some(until(due, self.places.take(class)).await?),
            false => None,
        };
        let context = Context {
            request_id: context::request_id(),
            deadline: Some(due),
        };
        let work = async move {
            let run = timeout_at(due + OVERTIME, context.scope(next.run(request)));
            let mut run = pin!(run);
            let prompt = timeout(LONG, &mut run).await;
            place.iter_mut().for_each(Permit::make_way);
            let answer = match prompt {
                Ok(answer) => answer,
                Err(_) => run.await,
            };
            drop(budget);
            (answer.map(readable), place)
        };
        // The work goes on though its caller hangs up or is told that it is
        // late: it keeps its place until it is over, and the connection to the
        // service behind, which is everybody's, is spared a storm of resets.
        let work = tokio::spawn(work.in_current_span());
        match timeout_at(due, work).await {
            Ok(Ok((Ok(response), place))) => Ok(match watch {
                Some(watch) => response.map(|it| Body::new(Answer::new(it, watch).until(due))),
                None => response.map(|it| Body::new(Answer::new(it, place))),
            }),
            Ok(Ok((Err(_), _))) | Err(_) => Err(error::late()),
            Ok(Err(broken)) => match broken.try_into_panic() {
                Ok(cause) => panic::resume_unwind(cause),
                Err(_) => Err(refusal::status(&unavailable("service"))),
            },
        }
    }

    /// Room for one more watch.
    fn watch(&self, request: &Request) -> Result<Watch, Status> {
        let caller = request.extensions().get::<Caller>();
        let account = caller.map_or("", |it| it.account.as_str());
        let watch = self.watches.take(account);
        watch.ok_or_else(|| refusal::status(&busy("watches")))
    }

    /// A stream in both directions: it has its place from the beginning, and
    /// its end.
    async fn stream(&self, class: Class, request: Request, next: Next) -> Result<Response, Status> {
        let due = Instant::now() + self.limits.deadline;
        let place = until(due, self.places.take(class)).await?;
        let most = usize::try_from(self.limits.anonymous_message.as_u64());
        let most = most.unwrap_or(usize::MAX);
        let request = request.map(|it| Body::new(Limited::new(it, most)));
        let response = readable(next.run(request).await);
        Ok(response.map(|it| Body::new(Answer::new(it, place).until(due))))
    }
}

async fn until<T>(
    due: Instant,
    work: impl Future<Output = Result<T, Status>>,
) -> Result<T, Status> {
    match timeout_at(due, work).await {
        Ok(done) => done,
        Err(_) => Err(error::late()),
    }
}
