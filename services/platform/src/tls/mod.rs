//! Who is at the other end of a connection: certificates of the services' own authority, each with
//! one name, `SERVICE.yuhui.internal`, whatever the address. The files are read again while the
//! process runs, by content, since links to them may be swapped unseen; a connection is made and
//! taken on with what was right last.

mod connect;
mod identity;
mod material;

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock, Weak},
    time::Duration,
};

use anyhow::{Context as _, bail};
use time::OffsetDateTime;
use tokio_rustls::rustls::{ClientConfig, ServerConfig, pki_types::CertificateDer};

pub(crate) use connect::Connector;
pub use identity::{DOMAIN, Serial, host};

use self::{
    identity::Identity,
    material::{Material, Read},
};
use crate::clock;

/// What begins the name of a bank below [`DOMAIN`].
const BANK: &str = "bank.";

/// Where the certificates of a process are (PEM), `[tls]` in the configuration.
#[derive(Clone, Debug)]
pub struct Files {
    /// Own certificate, and those between it and the authority.
    pub cert: PathBuf,
    /// Own private key.
    pub key: PathBuf,
    /// The authority of the services; while it is replaced, the old and the new one.
    pub ca: PathBuf,
    /// The authority of the bank.
    pub bank_ca: Option<PathBuf>,
    /// Certificates that are refused though they are valid.
    pub denied: Vec<Serial>,
    /// How often the files are read again.
    pub reload: Duration,
}

/// The certificates of a process as they are now. Cheap to clone.
#[derive(Clone)]
pub struct Tls(Arc<Inner>);

struct Inner {
    files: Files,
    me: String,
    current: RwLock<Arc<Current>>,
}

struct Current {
    material: Material,
    digest: [u8; 32],
}

/// Whose certificates a listener asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// None: people have none.
    Nobody,
    /// Those of the other services.
    Services,
    /// The bank's.
    Bank,
}

impl Tls {
    /// Reads `files`, which must make `me` known, and goes on reading them as long as this lives.
    pub fn open(files: Files, me: &str) -> anyhow::Result<Self> {
        let current = Current::read(&files, me)?;
        let (every, inner) = (
            files.reload,
            Inner {
                files,
                me: me.to_owned(),
                current: RwLock::new(Arc::new(current)),
            },
        );
        let tls = Self(Arc::new(inner));
        tokio::spawn(keep_reading(Arc::downgrade(&tls.0), every));
        Ok(tls)
    }

    /// Reads the files again; whether there was something new. If it is not right, the old stays.
    pub fn reload(&self) -> anyhow::Result<bool> {
        let old = self.current();
        let read = Read::from(&self.0.files)?;
        if read.digest() == old.digest {
            return Ok(false);
        }
        let new = Current::of(&read, &self.0.me)?;
        *self
            .0
            .current
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
        Ok(true)
    }

    /// When the own certificate ends.
    #[must_use]
    pub fn ends(&self) -> OffsetDateTime {
        self.current().material.identity.ends
    }

    fn current(&self) -> Arc<Current> {
        let current = self.0.current.read();
        current.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the next connection is made with.
    fn client(&self) -> Arc<ClientConfig> {
        self.current().material.client.clone()
    }

    /// What the next connection is taken on with.
    pub(crate) fn server(&self, asks: Asks) -> anyhow::Result<Arc<ServerConfig>> {
        let current = self.current();
        let material = &current.material;
        match asks {
            Asks::Nobody => Ok(material.anybody.clone()),
            Asks::Services => Ok(material.services.clone()),
            Asks::Bank => material.bank.clone().context("tls.bank_ca is not set"),
        }
    }

    /// The name in the certificate that the other end has shown, if it may be admitted at all.
    pub(crate) fn admit(
        &self,
        asks: Asks,
        shown: Option<&[CertificateDer<'_>]>,
    ) -> anyhow::Result<Option<String>> {
        if asks == Asks::Nobody {
            return Ok(None);
        }
        let leaf = shown.and_then(<[_]>::first).context("no certificate")?;
        let identity = self.not_denied(leaf)?;
        let name = match (asks, identity.service()) {
            // The authority of the bank may be that of the services, and must not make the bank of
            // one of them.
            (Asks::Bank, Some(name)) if !name.starts_with(BANK) => {
                bail!("`{name}` is no bank");
            }
            (Asks::Bank, None) => identity.names.first().map(String::as_str),
            (_, name) => name,
        };
        let name = name.with_context(|| format!("not one name: {:?}", identity.names))?;
        Ok(Some(name.to_owned()))
    }

    fn not_denied(&self, leaf: &CertificateDer<'_>) -> anyhow::Result<Identity> {
        let identity = Identity::of(leaf)?;
        if self.0.files.denied.contains(&identity.serial) {
            bail!(
                "certificate {} of {:?} is denied",
                identity.serial,
                identity.names
            );
        }
        Ok(identity)
    }
}

impl Current {
    fn read(files: &Files, me: &str) -> anyhow::Result<Self> {
        Self::of(&Read::from(files)?, me)
    }

    fn of(read: &Read, me: &str) -> anyhow::Result<Self> {
        Ok(Self {
            material: Material::of(read, me)?,
            digest: read.digest(),
        })
    }

    /// Whether so little of its life is left that somebody should have renewed it.
    fn is_late(&self) -> bool {
        let identity = &self.material.identity;
        let life = identity.ends - identity.begins;
        identity.ends - clock::real_now() < life / 3
    }
}

async fn keep_reading(inner: Weak<Inner>, every: Duration) {
    let mut was_late = false;
    loop {
        tokio::time::sleep(every).await;
        let Some(inner) = inner.upgrade() else {
            return;
        };
        let tls = Tls(inner);
        match tls.reload() {
            Ok(true) => tracing::info!(ends = %tls.ends(), "a new certificate is in use"),
            Ok(false) => {}
            Err(error) => {
                let error = format!("{error:#}");
                tracing::error!(error, ends = %tls.ends(), "the old certificate stays in use");
            }
        }
        let is_late = tls.current().is_late();
        if is_late && !was_late {
            tracing::warn!(ends = %tls.ends(), "less than a third of the certificate's life is left");
        }
        was_late = is_late;
    }
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
