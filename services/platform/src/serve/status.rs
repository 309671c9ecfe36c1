//! What is told of the health of a server (`grpc.health.v1`): `""` lives, `SERVICE` takes calls,
//! `SERVICE/deep` has all that it depends on.

use tonic_health::{ServingStatus, server::HealthReporter};

use crate::health::{Health, Report};

/// Passes on how a service is.
pub(super) struct Status {
    name: &'static str,
    deep: String,
    reporter: HealthReporter,
    health: Option<Health>,
}

impl Status {
    pub(super) async fn new(
        name: &'static str,
        reporter: HealthReporter,
        health: Option<Health>,
    ) -> Self {
        let status = Self {
            name,
            deep: format!("{name}/deep"),
            reporter,
            health,
        };
        let report = status.health.as_ref().map(Health::report);
        status.tell(report.as_ref()).await;
        status
    }

    /// Passes on every change; never ready.
    pub(super) async fn follow(&mut self) {
        while let Some(health) = &mut self.health {
            if health.report.changed().await.is_err() {
                break;
            }
            let report = health.report.borrow_and_update().clone();
            self.tell(Some(&report)).await;
        }
        std::future::pending().await
    }

    /// No more calls.
    pub(super) async fn end(&self) {
        for name in ["", self.name, &self.deep] {
            self.set(name, false).await;
        }
    }

    /// Without a report nothing is looked at, and all is well.
    async fn tell(&self, report: Option<&Report>) {
        self.set(self.name, report.is_none_or(Report::is_ready))
            .await;
        self.set(&self.deep, report.is_none_or(Report::is_well))
            .await;
    }

    async fn set(&self, name: &str, serves: bool) {
        let status = match serves {
            true => ServingStatus::Serving,
            false => ServingStatus::NotServing,
        };
        self.reporter.set_service_status(name, status).await;
    }
}
