//! Contents too large for a table: a folder beside the database, or a store that speaks S3. What is put there is
//! sealed before; a store sees names that say nothing, sizes and times.

use std::{
    fs,
    path::{Path as FilePath, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, bail};
use futures::TryStreamExt as _;
use object_store::{
    BackoffConfig, Certificate, ClientOptions, Error as StoreError, ObjectStore,
    ObjectStoreExt as _, RetryConfig, aws::AmazonS3Builder, local::LocalFileSystem, path::Path,
    prefix::PrefixStore,
};
use tokio_rustls::rustls::crypto::ring;

use crate::{
    Error, Result,
    db::{MIN_FREE, disk::Disk},
    private_file,
    refusal::unavailable,
};

/// What a caller is told is away, and the folder in a data folder.
const DOCUMENTS: &str = "documents";
/// How long a store is waited for: shorter than a call may take.
const CONNECT: Duration = Duration::from_secs(2);
const ANSWER: Duration = Duration::from_secs(5);
const TRIED_FOR: Duration = Duration::from_secs(6);
/// How often a request is sent again that failed on the way.
const AGAIN: usize = 2;

/// Where contents are kept.
#[derive(Clone, Debug)]
pub enum Place {
    /// In files of a folder.
    Folder {
        /// The folder; made if it is missing.
        path: PathBuf,
        /// Bytes of its disk that are left free.
        min_free: u64,
    },
    /// In a bucket.
    Bucket(Bucket),
}

/// A bucket of a store that speaks S3.
#[derive(Clone, Debug, Default)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// What every name in it begins with; empty: nothing.
    pub prefix: String,
    /// URL of the store; empty: Amazon's of the region.
    pub endpoint: String,
    /// Region.
    pub region: String,
    /// Id of the access key.
    pub access_id: String,
    /// File with the secret of the access key.
    pub secret_key_file: PathBuf,
    /// File (PEM) of the authority of the store's certificate, beside those of the system; empty: none.
    pub ca: PathBuf,
}

/// Contents, by name. Without a place, nothing is there and nothing can be put.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    store: Option<Arc<dyn ObjectStore>>,
    disk: Option<Disk>,
}

impl Place {
    /// The folder of documents in a data folder, with as much left free on its disk as is usual.
    #[must_use]
    pub fn beside(data: &FilePath) -> Self {
        Self::Folder {
            path: data.join(DOCUMENTS),
            min_free: MIN_FREE,
        }
    }

    /// The same, with that much left free on the disk of a folder.
    #[must_use]
    pub fn leaving_free(self, min_free: u64) -> Self {
        match self {
            Self::Folder { path, .. } => Self::Folder { path, min_free },
            bucket @ Self::Bucket(_) => bucket,
        }
    }

    /// What stands against keeping contents there, as far as that is seen without keeping any.
    pub fn check(&self) -> anyhow::Result<()> {
        match self {
            Self::Folder { path, .. } => {
                let folder = path.parent().filter(|_| !path.exists()).unwrap_or(path);
                if !folder.is_dir() {
                    bail!("documents.folder: {} is no folder", folder.display());
                }
                Ok(())
            }
            Self::Bucket(bucket) => bucket.open().map(drop),
        }
    }
}

impl Objects {
    /// Those at `place`.
    pub fn open(place: &Place) -> anyhow::Result<Self> {
        match place {
            Place::Folder { path, min_free } => {
                let named = || format!("documents.folder: {}", path.display());
                private_file::folder(path).with_context(named)?;
                let store = LocalFileSystem::new_with_prefix(path).with_context(named)?;
                Ok(Self {
                    store: Some(Arc::new(store.with_fsync(true))),
                    disk: Some(Disk::below(path.clone(), *min_free)),
                })
            }
            Place::Bucket(bucket) => Ok(Self {
                store: Some(bucket.open()?),
                disk: None,
            }),
        }
    }

    fn store(&self) -> Result<&Arc<dyn ObjectStore>> {
        self.store
            .as_ref()
            .ok_or_else(|| unavailable(DOCUMENTS).into())
    }

    /// Keeps a content under `name`, in place of what was there.
    pub async fn put(&self, name: &str, content: Vec<u8>) -> Result<()> {
        if let Some(disk) = &self.disk {
            disk.has_room(DOCUMENTS)?;
        }
        let put = self.store()?.put(&path(name)?, content.into()).await;
        put.map(|_| ()).map_err(|error| away(name, &error))
    }

    /// The content of that name, if it is there.
    pub async fn get(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let read = async {
            let found = self.store()?.get(&path(name)?).await;
            Ok::<_, Error>(match found {
                Ok(found) => found.bytes().await,
                Err(error) => Err(error),
            })
        };
        match read.await? {
            Ok(content) => Ok(Some(content.to_vec())),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(away(name, &error)),
        }
    }

    /// Removes everything below `name`; answers how much that was.
    pub async fn remove_below(&self, name: &str) -> Result<u64> {
        let (store, below) = (self.store()?, path(name)?);
        let mut removed = 0;
        let found: Vec<_> = store
            .list(Some(&below))
            .try_collect()
            .await
            .map_err(|error| away(name, &error))?;
        for object in found {
            match store.delete(&object.location).await {
                Ok(()) => removed += 1,
                // Somebody else did so.
                Err(StoreError::NotFound { .. }) => {}
                Err(error) => return Err(away(name, &error)),
            }
        }
        Ok(removed)
    }
}

impl Bucket {
    fn open(&self) -> anyhow::Result<Arc<dyn ObjectStore>> {
        // The client of the store takes the cryptography of the process, which has no other; whoever came first
        // chose the same.
        drop(ring::default_provider().install_default());
        let named = |key: &'static str| move || format!("documents.{key}");
        let secret = fs::read_to_string(&self.secret_key_file)
            .with_context(|| format!("read {}", self.secret_key_file.display()))
            .with_context(named("secret_key_file"))?;
        let mut client = ClientOptions::new()
            .with_connect_timeout(CONNECT)
            .with_timeout(ANSWER)
            .with_allow_http(self.endpoint.starts_with("http://"));
        if !self.ca.as_os_str().is_empty() {
            let pem = fs::read(&self.ca).with_context(|| format!("read {}", self.ca.display()));
            let pem = pem.with_context(named("ca"))?;
            client = client
                .with_root_certificate(Certificate::from_pem(&pem).with_context(named("ca"))?);
        }
        let mut bucket = AmazonS3Builder::new()
            .with_bucket_name(&self.name)
            .with_region(&self.region)
            .with_access_key_id(&self.access_id)
            .with_secret_access_key(secret.trim())
            // Few at a time are removed, and not every store has the call for many.
            .with_disable_bulk_delete(true)
            .with_client_options(client)
            .with_retry(RetryConfig {
                backoff: BackoffConfig::default(),
                max_retries: AGAIN,
                retry_timeout: TRIED_FOR,
            });
        if !self.endpoint.is_empty() {
            bucket = bucket.with_endpoint(&self.endpoint);
        }
        let store = bucket.build().with_context(named("bucket"))?;
        Ok(match self.prefix.is_empty() {
            true => Arc::new(store),
            false => Arc::new(PrefixStore::new(store, path_of(&self.prefix)?)),
        })
    }
}

fn path_of(name: &str) -> anyhow::Result<Path> {
    Path::parse(name).with_context(|| format!("`{name}` names no object"))
}

fn path(name: &str) -> Result<Path> {
    path_of(name).map_err(Error::Fault)
}

/// The store does not do what it should; what it said may name its address, and is for the log.
fn away(name: &str, error: &StoreError) -> Error {
    tracing::error!(name, %error, "the store of documents does not answer");
    unavailable(DOCUMENTS).into()
}

#[cfg(test)]
mod tests;
