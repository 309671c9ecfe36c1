//! What the gateway tells anybody over plain HTTP: its public keys, and that
//! it is alive.

use std::{sync::Arc, time::Duration};

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use serde_json::Value;
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};
use yuhui_platform::{
    db::{Database, Tenancy},
    token::Keyring,
};

/// How long an answer about the database is given again.
const FRESH: Duration = Duration::from_secs(1);
/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// The open pages.
pub(crate) fn pages(keyring: &Keyring, db: Database) -> Router {
    let keyring = keyring.clone();
    let health = Arc::new(Health {
        db,
        last: Mutex::default(),
    });
    Router::new()
        .route("/.well-known/jwks.json", get(move || jwks(keyring.jwks())))
        .route("/healthz", get(is_alive).with_state(health))
}

async fn jwks(keys: Value) -> Json<Value> {
    Json(keys)
}

/// Whether the gateway is alive and its database answers. Anybody may ask as
/// often as he likes: the database is asked once at a time, and once a second.
struct Health {
    db: Database,
    last: Mutex<Option<(Instant, bool)>>,
}

impl Health {
    async fn ask(&self) -> bool {
        let mut last = self.last.lock().await;
        if let Some((at, answers)) = *last
            && at.elapsed() < FRESH
        {
            return answers;
        }
        let answers = match timeout(PATIENCE, self.db.read(Tenancy::City)).await {
            Ok(Ok(_)) => true,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the database does not answer");
                false
            }
            Err(_) => {
                tracing::warn!("the database does not answer in time");
                false
            }
        };
        *last = Some((Instant::now(), answers));
        answers
    }
}

async fn is_alive(State(health): State<Arc<Health>>) -> (StatusCode, &'static str) {
    match health.ask().await {
        true => (StatusCode::OK, "ok\n"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "unavailable\n"),
    }
}
