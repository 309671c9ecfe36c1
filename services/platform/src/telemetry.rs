//! Logs, traces and metrics. Nothing personal goes into any of them.

use std::{sync::LazyLock, time::Duration};

use opentelemetry::{
    KeyValue, global,
    metrics::Histogram,
    propagation::{Extractor, Injector},
    trace::TracerProvider as _,
};
use opentelemetry_otlp::{MetricExporter, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::{
    Resource, metrics::SdkMeterProvider, propagation::TraceContextPropagator,
    trace::SdkTracerProvider,
};
use tonic::metadata::{MetadataKey, MetadataMap};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::{
    EnvFilter, Layer as _, filter::LevelFilter, layer::SubscriberExt, util::SubscriberInitExt,
};

/// Sends what is left when it is dropped; hold it until the end.
#[must_use]
pub struct Flush(Option<(SdkTracerProvider, SdkMeterProvider)>);

impl Drop for Flush {
    fn drop(&mut self) {
        if let Some((traces, metrics)) = &self.0
            && let Err(error) = traces.shutdown().and(metrics.shutdown())
        {
            eprintln!("the last traces and metrics were not sent: {error}");
        }
    }
}

/// Starts logging to standard error (filter: `RUST_LOG`, default `level`) and,
/// when `otlp` names a collector (`http://host:4317`), sending traces and
/// metrics to it.
pub fn init(
    service: &'static str,
    otlp: Option<&str>,
    level: tracing::Level,
) -> anyhow::Result<Flush> {
    let filter = EnvFilter::builder()
        .with_default_directive(level.into())
        .from_env_lossy();
    let log = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_filter(filter);
    let providers = otlp.map(|url| providers(service, url)).transpose()?;
    let traces = providers.as_ref().map(|(traces, _)| {
        tracing_opentelemetry::layer()
            .with_tracer(traces.tracer("yuhui"))
            .with_filter(LevelFilter::INFO)
    });
    tracing_subscriber::registry()
        .with(log)
        .with(traces)
        .try_init()?;
    if let Some((_, metrics)) = &providers {
        global::set_meter_provider(metrics.clone());
        global::set_text_map_propagator(TraceContextPropagator::new());
    }
    Ok(Flush(providers))
}

fn providers(
    service: &'static str,
    url: &str,
) -> anyhow::Result<(SdkTracerProvider, SdkMeterProvider)> {
    let resource = Resource::builder().with_service_name(service).build();
    let spans = SpanExporter::builder()
        .with_tonic()
        .with_endpoint(url)
        .build()?;
    let traces = SdkTracerProvider::builder()
        .with_batch_exporter(spans)
        .with_resource(resource.clone())
        .build();
    let values = MetricExporter::builder()
        .with_tonic()
        .with_endpoint(url)
        .build()?;
    let metrics = SdkMeterProvider::builder()
        .with_periodic_exporter(values)
        .with_resource(resource)
        .build();
    Ok((traces, metrics))
}

/// Duration of every call served, by the conventions for RPC.
static CALLS: LazyLock<Histogram<f64>> = LazyLock::new(|| {
    global::meter("yuhui")
        .f64_histogram("rpc.server.call.duration")
        .with_unit("s")
        .with_description("duration of calls served")
        .build()
});

/// Counts a call that was served.
pub(crate) fn call_served(method: String, code: &str, took: Duration) {
    let attributes = [
        KeyValue::new("rpc.system.name", "grpc"),
        KeyValue::new("rpc.method", method),
        KeyValue::new("rpc.response.status_code", code.to_owned()),
    ];
    CALLS.record(took.as_secs_f64(), &attributes);
}

/// Makes `span` part of the trace the request belongs to, if it names one.
pub(crate) fn continue_trace(span: &tracing::Span, headers: &http::HeaderMap) {
    let parent = global::get_text_map_propagator(|it| it.extract(&Headers(headers)));
    // Fails only where no collector is set, and then there is no trace.
    let _ = span.set_parent(parent);
}

/// Tells the service called which trace the call belongs to.
pub(crate) fn pass_trace_on(metadata: &mut MetadataMap) {
    let context = tracing::Span::current().context();
    global::get_text_map_propagator(|it| it.inject_context(&context, &mut Metadata(metadata)));
}

struct Headers<'a>(&'a http::HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}

struct Metadata<'a>(&'a mut MetadataMap);

impl Injector for Metadata<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(key), Ok(value)) = (MetadataKey::from_bytes(key.as_bytes()), value.parse()) {
            self.0.insert(key, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::{io::AsyncReadExt as _, net::TcpListener};

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn traces_are_on_their_way_to_the_collector_before_the_end() {
        let collector = TcpListener::bind("127.0.0.1:0").await.expect("port");
        let url = format!("http://{}", collector.local_addr().expect("address"));
        let heard = tokio::spawn(async move {
            let (mut wire, _) = collector.accept().await.expect("a connection");
            let mut preface = [0; 14];
            wire.read_exact(&mut preface).await.expect("bytes");
            preface
        });
        let flush = init("test", Some(&url), tracing::Level::INFO).expect("telemetry");
        tracing::info_span!("rpc").in_scope(|| tracing::info!("served"));
        let ended = tokio::task::spawn_blocking(move || drop(flush));
        assert_eq!(&heard.await.expect("heard"), b"PRI * HTTP/2.0");
        ended.await.expect("ended");
    }
}
