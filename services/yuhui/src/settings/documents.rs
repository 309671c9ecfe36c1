//! `[documents]`: where contents of documents are kept.

use std::path::PathBuf;

use anyhow::bail;
use serde::Deserialize;
use url::{Host, Url};
use yuhui_platform::objects::{Bucket, Place};

use super::{Stored, set};

/// `[documents]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    folder: PathBuf,
    bucket: String,
    prefix: String,
    region: String,
    endpoint: String,
    access_id: String,
    secret_key_file: PathBuf,
    ca: PathBuf,
}

impl Kept {
    /// The place that is set; beside files there is always one.
    pub(super) fn place(&self, database: &Stored) -> anyhow::Result<Option<Place>> {
        let folder = set(&self.folder);
        if self.bucket.is_empty() {
            let min_free = database.min_free.as_u64();
            let beside = || (!database.is_postgres()).then(|| Place::beside(&database.folder));
            let place = folder.map(|path| Place::Folder { path, min_free });
            return Ok(place.or_else(beside).map(|it| it.leaving_free(min_free)));
        }
        if folder.is_some() {
            bail!("documents.folder and documents.bucket: set one of them");
        }
        for (key, is_empty) in [
            ("region", self.region.is_empty()),
            ("access_id", self.access_id.is_empty()),
            (
                "secret_key_file",
                self.secret_key_file.as_os_str().is_empty(),
            ),
        ] {
            if is_empty {
                bail!("documents.bucket without documents.{key}: set it");
            }
        }
        let endpoint = self.endpoint.as_str();
        if !endpoint.is_empty() && !is_private(endpoint) {
            bail!("documents.endpoint: `{endpoint}` is no https URL");
        }
        Ok(Some(Place::Bucket(Bucket {
            name: self.bucket.clone(),
            prefix: self.prefix.clone(),
            endpoint: self.endpoint.clone(),
            region: self.region.clone(),
            access_id: self.access_id.clone(),
            secret_key_file: self.secret_key_file.clone(),
            ca: self.ca.clone(),
        })))
    }
}

/// Whether nobody between here and the store can listen.
fn is_private(endpoint: &str) -> bool {
    let Ok(url) = Url::parse(endpoint) else {
        return false;
    };
    let is_near = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_near)
}
