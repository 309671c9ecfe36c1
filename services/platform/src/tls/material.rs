//! From files to the settings of rustls: what is not right as a whole is not used at all.

use std::{fs, path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, bail, ensure};
use sha2::{Digest as _, Sha256};
use tokio_rustls::rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier as _},
    crypto::{CryptoProvider, ring::default_provider},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject as _},
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
    version::TLS13,
};

use super::{
    Files,
    identity::{Identity, host},
};
use crate::clock;

/// The contents of the files.
pub(super) struct Read {
    cert: Vec<u8>,
    key: Vec<u8>,
    ca: Vec<u8>,
    bank_ca: Option<Vec<u8>>,
}

impl Read {
    pub(super) fn from(files: &Files) -> anyhow::Result<Self> {
        Ok(Self {
            cert: read("tls.cert", &files.cert)?,
            key: read("tls.key", &files.key)?,
            ca: read("tls.ca", &files.ca)?,
            bank_ca: match &files.bank_ca {
                Some(path) => Some(read("tls.bank_ca", path)?),
                None => None,
            },
        })
    }

    /// The same for the same contents.
    pub(super) fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        for part in [&self.cert, &self.key, &self.ca]
            .into_iter()
            .chain(&self.bank_ca)
        {
            digest.update(part.len().to_be_bytes());
            digest.update(part);
        }
        digest.finalize().into()
    }
}

fn read(what: &str, path: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("{what}: read {}", path.display()))
}

/// What connections are made and taken on with.
pub(super) struct Material {
    pub(super) client: Arc<ClientConfig>,
    /// Asks for no certificate.
    pub(super) anybody: Arc<ServerConfig>,
    /// Asks for a certificate of the services' authority.
    pub(super) services: Arc<ServerConfig>,
    /// Asks for a certificate of the bank's.
    pub(super) bank: Option<Arc<ServerConfig>>,
    pub(super) identity: Identity,
}

impl Material {
    /// Key, chain, dates and name must fit.
    pub(super) fn of(read: &Read, me: &str) -> anyhow::Result<Self> {
        let provider = Arc::new(default_provider());
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&read.cert)
            .collect::<Result<_, _>>()
            .context("tls.cert is no PEM")?;
        let (leaf, between) = chain.split_first().context("tls.cert has no certificate")?;
        let identity = Identity::of(leaf).context("tls.cert")?;
        match identity.service() {
            Some(name) if name == me => {}
            Some(name) => bail!("the certificate names {name}, this is {me}"),
            None => bail!(
                "the certificate has not one name {}, but {:?}",
                host(me),
                identity.names
            ),
        }
        let roots = roots("tls.ca", &read.ca)?;
        let services = clients(&roots, &provider)?;
        let now = UnixTime::since_unix_epoch(Duration::from_secs(
            u64::try_from(clock::real_now().unix_timestamp()).unwrap_or_default(),
        ));
        let name = ServerName::try_from(host(me))?;
        let servers = WebPkiServerVerifier::builder_with_provider(roots.clone(), provider.clone());
        let fits = servers
            .build()?
            .verify_server_cert(leaf, between, &name, &[], now);
        fits.context("tls.cert is no server's by tls.ca")?;
        let fits = services.verify_client_cert(leaf, between, now);
        fits.context("tls.cert is no client's by tls.ca")?;

        let key =
            || PrivateKeyDer::from_pem_slice(&read.key).context("tls.key is no private key in PEM");
        let client = ClientConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(&[&TLS13])?
            .with_root_certificates(roots)
            .with_client_auth_cert(chain.clone(), key()?);
        let mut client = client.context("tls.key is not the key of tls.cert")?;
        client.alpn_protocols = vec![b"h2".to_vec()];
        let server = |verifier: Option<Arc<dyn ClientCertVerifier>>, alpn: &[&[u8]]| {
            let builder = ServerConfig::builder_with_provider(provider.clone())
                .with_safe_default_protocol_versions()?;
            let builder = match verifier {
                Some(verifier) => builder.with_client_cert_verifier(verifier),
                None => builder.with_no_client_auth(),
            };
            // Each has a store of sessions of its own: nothing is resumed past a rotation.
            let mut config = builder.with_single_cert(chain.clone(), key()?)?;
            config.alpn_protocols = alpn.iter().map(|it| it.to_vec()).collect();
            anyhow::Ok(Arc::new(config))
        };
        let bank = match &read.bank_ca {
            None => None,
            Some(ca) => {
                let verifier = clients(&self::roots("tls.bank_ca", ca)?, &provider)?;
                Some(server(Some(verifier), &[b"h2"])?)
            }
        };
        Ok(Self {
            client: Arc::new(client),
            anybody: server(None, &[b"h2", b"http/1.1"])?,
            services: server(Some(services), &[b"h2"])?,
            bank,
            identity,
        })
    }
}

/// The authorities in a file; while one replaces another, both.
fn roots(what: &str, pem: &[u8]) -> anyhow::Result<Arc<RootCertStore>> {
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_slice_iter(pem) {
        let root = root.with_context(|| format!("{what} is no PEM"))?;
        roots
            .add(root)
            .with_context(|| format!("{what} holds no authority"))?;
    }
    ensure!(!roots.is_empty(), "{what} has no certificate");
    Ok(Arc::new(roots))
}

fn clients(
    roots: &Arc<RootCertStore>,
    provider: &Arc<CryptoProvider>,
) -> anyhow::Result<Arc<dyn ClientCertVerifier>> {
    let verifier = WebPkiClientVerifier::builder_with_provider(roots.clone(), provider.clone());
    Ok(verifier.build()?)
}
