//! The replicas of a service, and which of them gets a call. tonic's own balancing regards dead
//! endpoints as ready, all loads as equal, and waits for ever where there is none.

use std::{
    net::SocketAddr,
    sync::{Arc, Weak},
    time::Duration,
};

use anyhow::{Context as _, ensure};
use http::{Request, Response, request::Parts};
use http_body_util::{BodyExt as _, Full};
use tokio::{
    net::lookup_host,
    sync::watch,
    time::{sleep, timeout},
};
use tonic::{Status, body::Body, codegen::Bytes, transport::Uri};
use tower::BoxError;

use super::{member::Member, unsent::Failed};
use crate::{
    refusal::{self, unavailable},
    tls::Tls,
};

/// How addresses are found and connected to.
#[derive(Clone)]
pub struct Wire {
    /// Certificates; without them nothing is encrypted.
    pub tls: Option<Tls>,
    /// How often names are looked up again.
    pub resolve: Duration,
    /// Longest a connection may take to be made.
    pub connect: Duration,
}

impl Wire {
    /// Connections with these certificates, or plain ones, and the default times.
    #[must_use]
    pub fn new(tls: Option<Tls>) -> Self {
        Self {
            tls,
            resolve: Duration::from_secs(5),
            connect: Duration::from_secs(3),
        }
    }
}

/// The replicas of one service. Cheap to clone.
#[derive(Clone)]
pub struct Replicas(Arc<Inner>);

struct Inner {
    service: String,
    /// Host and port.
    places: Vec<String>,
    wire: Wire,
    /// Nothing until names have been looked up for the first time.
    members: watch::Sender<Option<Vec<Arc<Member>>>>,
}

impl Replicas {
    pub(super) fn new(service: &str, urls: &[String], wire: &Wire) -> anyhow::Result<Self> {
        ensure!(!urls.is_empty(), "peers.{service}: no address");
        let places = urls
            .iter()
            .map(|url| place(url, wire.tls.is_some()).with_context(|| format!("peers.{service}")));
        let replicas = Self(Arc::new(Inner {
            service: service.to_owned(),
            places: places.collect::<Result<_, _>>()?,
            wire: wire.clone(),
            members: watch::Sender::new(None),
        }));
        tokio::spawn(keep_looking(Arc::downgrade(&replicas.0), wire.resolve));
        Ok(replicas)
    }

    /// Whether there is one to call.
    pub(super) fn is_there(&self) -> bool {
        let members = self.0.members.borrow();
        members.iter().flatten().any(|it| it.is_up())
    }

    /// Calls the replica with fewer calls in flight of two that are there; if it turns out that this
    /// one never saw the call, another, once.
    pub(super) async fn call(&self, request: Request<Body>) -> Result<Response<Body>, BoxError> {
        let members = self.members().await;
        let (parts, body) = request.into_parts();
        // No call of ours is a stream: it is here as a whole already.
        let body = body.collect().await?.to_bytes();
        let first = pick(&members, None).ok_or_else(|| self.nobody())?;
        let error = match first.send(again(&parts, &body)).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let failed = Failed::of(&error);
        if failed == Failed::ToConnect {
            first.leave_out("there is no connection");
        }
        let second = match failed {
            Failed::Unknown => None,
            Failed::ToConnect => pick(&members, Some(&first)),
            Failed::Unseen => pick(&members, Some(&first)).or(Some(first)),
        };
        match second {
            Some(second) => Ok(second.send(again(&parts, &body)).await?),
            None => Err(error.into()),
        }
    }

    /// The replicas; at the beginning their names must be looked up first.
    async fn members(&self) -> Vec<Arc<Member>> {
        let mut known = self.0.members.subscribe();
        let looked_up = known.wait_for(Option::is_some);
        match timeout(self.0.wire.connect, looked_up).await {
            Ok(Ok(members)) => members.clone().unwrap_or_default(),
            Ok(Err(_)) | Err(_) => Vec::new(),
        }
    }

    fn nobody(&self) -> Status {
        refusal::status(&unavailable(&self.0.service))
    }
}

impl Inner {
    /// Looks every place up; `found` is what each stood for last.
    async fn look_up(&self, found: &mut [Vec<SocketAddr>]) {
        for (place, found) in self.places.iter().zip(found.iter_mut()) {
            match lookup_host(place).await {
                Ok(addresses) => *found = addresses.collect(),
                // What was known stays: better a replica that may be gone than none.
                Err(error) => {
                    tracing::warn!(service = self.service, place, %error, "a name is not found");
                }
            }
        }
        let mut addresses = found.concat();
        addresses.sort_unstable();
        addresses.dedup();
        let known = self.members.borrow().clone();
        let same =
            |it: &Vec<Arc<Member>>| it.iter().map(|it| it.address).eq(addresses.iter().copied());
        if known.as_ref().is_some_and(same) {
            return;
        }
        let known = known.unwrap_or_default();
        let members =
            addresses.iter().map(
                |address| match known.iter().find(|it| it.address == *address) {
                    Some(member) => Ok(member.clone()),
                    None => Member::new(&self.service, *address, &self.wire),
                },
            );
        match members.collect::<anyhow::Result<Vec<_>>>() {
            Ok(members) => _ = self.members.send_replace(Some(members)),
            Err(error) => tracing::error!(service = self.service, %error, "no channel"),
        }
    }
}

async fn keep_looking(inner: Weak<Inner>, every: Duration) {
    let mut found = Vec::new();
    while let Some(inner) = inner.upgrade() {
        found.resize(inner.places.len(), Vec::new());
        inner.look_up(&mut found).await;
        drop(inner);
        sleep(every).await;
    }
}

/// Host and port of a URL, `https` where the process shows a certificate and `http` elsewhere.
pub fn place(url: &str, is_secure: bool) -> anyhow::Result<String> {
    let scheme = if is_secure { "https" } else { "http" };
    let refused = || format!("`{url}` is no {scheme} URL with host and port");
    let uri: Uri = url.parse().with_context(refused)?;
    ensure!(uri.scheme_str() == Some(scheme), refused());
    let host = uri.host().with_context(refused)?;
    let port = uri.port_u16().with_context(refused)?;
    Ok(format!("{host}:{port}"))
}

/// The one with fewer calls of two that are there, whichever two.
fn pick(members: &[Arc<Member>], but: Option<&Arc<Member>>) -> Option<Arc<Member>> {
    let is_other = |it: &&Arc<Member>| but.is_none_or(|but| !Arc::ptr_eq(but, it));
    let up: Vec<_> = members
        .iter()
        .filter(|it| it.is_up())
        .filter(is_other)
        .collect();
    let count = up.len();
    let one = up.get(rand::random_range(0..count.max(1)))?;
    let other = match count {
        1 => one,
        // Any but the first.
        _ => {
            let at = up.iter().position(|it| Arc::ptr_eq(it, one))?;
            up.get((at + rand::random_range(1..count)) % count)?
        }
    };
    let fewer = if other.calls() < one.calls() {
        other
    } else {
        one
    };
    Some(Arc::clone(fewer))
}

fn again(parts: &Parts, body: &Bytes) -> Request<Body> {
    Request::from_parts(parts.clone(), Body::new(Full::new(body.clone())))
}
