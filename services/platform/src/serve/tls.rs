//! TLS of a server, on one provider of cryptography.

use std::sync::Arc;

use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        RootCertStore, ServerConfig,
        crypto::ring::default_provider,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
        server::WebPkiClientVerifier,
    },
};

use super::ServerTls;

/// What takes TLS on. With `http1` browsers may choose HTTP/1.1.
pub(super) fn acceptor(tls: &ServerTls, http1: bool) -> anyhow::Result<TlsAcceptor> {
    let provider = Arc::new(default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()?;
    let builder = match &tls.client_ca {
        None => builder.with_no_client_auth(),
        Some(ca) => {
            let mut roots = RootCertStore::empty();
            for root in CertificateDer::pem_slice_iter(ca.as_bytes()) {
                roots.add(root?)?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
            builder.with_client_cert_verifier(verifier.build()?)
        }
    };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(tls.cert.as_bytes()).collect();
    let key = PrivateKeyDer::from_pem_slice(tls.key.as_bytes())?;
    let mut config = builder.with_single_cert(chain?, key)?;
    config.alpn_protocols.push(b"h2".to_vec());
    if http1 {
        config.alpn_protocols.push(b"http/1.1".to_vec());
    }
    Ok(TlsAcceptor::from(Arc::new(config)))
}
