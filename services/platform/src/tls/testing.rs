//! Authorities and certificates for tests.

use std::{fs, path::Path, time::Duration};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose,
    SerialNumber,
};
use tempfile::TempDir;
use tonic::transport::{Certificate, ClientTlsConfig, Identity};

use super::{Files, Serial, host};
use crate::clock;

/// An authority.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, in PEM.
#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) cert: String,
    pub(crate) key: String,
    pub(crate) serial: Serial,
}

/// A folder with the files of a service.
pub(crate) struct Place(TempDir);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("an authority"))
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for a name, that is valid today.
    pub(crate) fn issue(&self, name: &str) -> Pair {
        self.issue_until(&host(name), time::Duration::days(1))
    }

    /// A certificate for a host, that was valid yesterday and is valid for `left` from now.
    pub(crate) fn issue_until(&self, host: &str, left: time::Duration) -> Pair {
        let mut params = CertificateParams::new([host.to_owned()]).expect("a name");
        let number: [u8; 8] = rand::random();
        params.serial_number = Some(SerialNumber::from_slice(&number));
        params.not_before = clock::real_now() - time::Duration::days(2);
        params.not_after = clock::real_now() + left;
        let key = KeyPair::generate().expect("a key");
        let made = params.signed_by(&key, &self.0).expect("a certificate");
        Pair {
            cert: made.pem(),
            key: key.serialize_pem(),
            serial: Serial::new(&number),
        }
    }

    /// The files of a service with a certificate of this authority.
    pub(crate) fn place(&self, name: &str) -> Place {
        let place = Place(tempfile::tempdir().expect("a folder"));
        place.put(&self.issue(name), &self.pem());
        place
    }

    /// How a client that has `pair` calls `service`, checking nothing of its own certificate.
    pub(crate) fn client(&self, service: &str, pair: Option<&Pair>) -> ClientTlsConfig {
        let config = ClientTlsConfig::new()
            .ca_certificate(Certificate::from_pem(self.pem()))
            .domain_name(host(service));
        match pair {
            Some(pair) => config.identity(Identity::from_pem(&pair.cert, &pair.key)),
            None => config,
        }
    }
}

impl Place {
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn put(&self, pair: &Pair, ca: &str) {
        let write = |name: &str, text: &str| fs::write(self.path().join(name), text);
        write("key.pem", &pair.key).expect("written");
        write("cert.pem", &pair.cert).expect("written");
        write("ca.pem", ca).expect("written");
    }

    /// Files that are read again when the test says so.
    pub(crate) fn files(&self) -> Files {
        Files {
            cert: self.path().join("cert.pem"),
            key: self.path().join("key.pem"),
            ca: self.path().join("ca.pem"),
            bank_ca: None,
            denied: Vec::new(),
            reload: Duration::from_secs(3600),
        }
    }
}
