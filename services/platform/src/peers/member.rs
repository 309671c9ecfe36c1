//! One replica of a service.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::{Request, Response};
use tokio::time::{sleep, timeout};
use tonic::{
    Status,
    body::Body,
    transport::{Channel, Endpoint, Error, Uri},
};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use tower::{Service as _, ServiceExt as _};

use super::{HEADERS, replicas::Wire};
use crate::tls::{Connector, host};

/// How often a replica is asked whether it serves.
const EVERY: Duration = Duration::from_secs(1);
/// How long it may take to say so.
const PATIENCE: Duration = Duration::from_secs(2);

/// A replica: its address, a channel that connects when it is used, and what is known of it.
pub(super) struct Member {
    pub(super) address: SocketAddr,
    service: String,
    channel: Channel,
    calls: AtomicUsize,
    is_up: AtomicBool,
}

/// A call in flight.
struct Call<'a>(&'a AtomicUsize);

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Member {
    /// Regarded as serving until it is known better; asked from now on as long as it lives.
    pub(super) fn new(
        service: &str,
        address: SocketAddr,
        wire: &Wire,
    ) -> anyhow::Result<Arc<Self>> {
        let authority: Uri = format!("http://{}", host(service)).parse()?;
        let connector = Connector {
            service: service.to_owned(),
            address,
            tls: wire.tls.clone(),
            patience: wire.connect,
        };
        let mut endpoint = Endpoint::from(authority)
            .http2_keep_alive_interval(Duration::from_secs(30))
            .keep_alive_while_idle(true)
            .http2_max_header_list_size(HEADERS);
        if wire.tls.is_some() {
            // tonic would add TLS of its own to what it connects to by that name.
            endpoint = endpoint.origin(format!("https://{}", host(service)).parse()?);
        }
        let member = Arc::new(Self {
            address,
            service: service.to_owned(),
            channel: endpoint.connect_with_connector_lazy(connector),
            calls: AtomicUsize::new(0),
            is_up: AtomicBool::new(true),
        });
        tokio::spawn(keep_asking(Arc::downgrade(&member)));
        Ok(member)
    }

    /// Calls that have no answer yet.
    pub(super) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    pub(super) fn is_up(&self) -> bool {
        self.is_up.load(Ordering::Relaxed)
    }

    /// It gets no calls until it says that it serves.
    pub(super) fn leave_out(&self, why: &str) {
        self.note(false, why);
    }

    fn note(&self, is_up: bool, why: &str) {
        if self.is_up.swap(is_up, Ordering::Relaxed) != is_up {
            let (service, address) = (&self.service, self.address);
            if is_up {
                tracing::info!(service, %address, "a replica is back");
            } else {
                tracing::warn!(service, %address, why, "a replica gets no calls");
            }
        }
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Result<Response<Body>, Error> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let _call = Call(&self.calls);
        let mut channel = self.channel.clone();
        channel.ready().await?.call(request).await
    }

    async fn ask(&self) {
        let asked = async {
            match self.check().await {
                // A connection that ends at its age takes the question with it, and says nothing
                // of the replica: the next one does.
                Err(_) => self.check().await,
                answer => answer,
            }
        };
        match timeout(PATIENCE, asked).await {
            Ok(Ok(status)) => self.note(status == ServingStatus::Serving, "it does not serve"),
            Ok(Err(status)) => self.note(false, &status.to_string()),
            Err(_) => self.note(false, "it does not answer"),
        }
    }

    async fn check(&self) -> Result<ServingStatus, Status> {
        let ask = HealthCheckRequest {
            service: self.service.clone(),
        };
        let answer = HealthClient::new(self.channel.clone()).check(ask).await?;
        Ok(answer.into_inner().status())
    }
}

async fn keep_asking(member: Weak<Member>) {
    while let Some(member) = member.upgrade() {
        member.ask().await;
        drop(member);
        sleep(EVERY).await;
    }
}
