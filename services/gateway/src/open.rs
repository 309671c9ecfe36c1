//! What the gateway tells anybody over plain HTTP: its public keys, and that
//! it is alive.

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use serde_json::Value;
use yuhui_platform::{
    db::{Database, Tenancy},
    token::Keyring,
};

/// The open pages.
pub(crate) fn pages(keyring: &Keyring, db: Database) -> Router {
    let keys = keyring.jwks();
    Router::new()
        .route("/.well-known/jwks.json", get(move || jwks(keys.clone())))
        .route("/healthz", get(health).with_state(db))
}

async fn jwks(keys: Value) -> Json<Value> {
    Json(keys)
}

/// Alive, and its database answers.
async fn health(State(db): State<Database>) -> (StatusCode, &'static str) {
    match db.read(Tenancy::City).await {
        Ok(_) => (StatusCode::OK, "ok\n"),
        Err(error) => {
            tracing::warn!(%error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "unavailable\n")
        }
    }
}
