//! The answer to probes that run beside the service: `yuhui health` over a Unix socket. Whoever
//! connects is told how the service is, in JSON, and nothing is read from him.

use std::{fs, io::ErrorKind, path::Path, time::Duration};

use anyhow::{Context as _, bail};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{UnixListener, UnixStream},
    time::timeout,
};

use super::{Health, Report};

/// Longest it may take to ask or to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Answers at `path` until dropped. A socket that a process left behind is replaced, another file is
/// not.
pub async fn listen(health: Health, path: &Path) -> anyhow::Result<()> {
    let at = || format!("listen.health: {}", path.display());
    if UnixStream::connect(path).await.is_ok() {
        bail!("{}: another process answers there", at());
    }
    match fs::symlink_metadata(path) {
        Ok(it) if std::os::unix::fs::FileTypeExt::is_socket(&it.file_type()) => {
            fs::remove_file(path).with_context(at)?;
        }
        Ok(_) => bail!("{}: there is a file that is no socket", at()),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(at),
    }
    let listener = UnixListener::bind(path).with_context(at)?;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                if let Ok(Err(error)) = timeout(PATIENCE, answer(stream, &health.report())).await {
                    tracing::debug!(%error, "a probe did not wait for its answer");
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a probe was not taken on");
                tokio::time::sleep(PATIENCE).await;
            }
        }
    }
}

async fn answer(mut stream: UnixStream, report: &Report) -> anyhow::Result<()> {
    stream.write_all(&serde_json::to_vec(report)?).await?;
    Ok(stream.shutdown().await?)
}

/// How the service that answers at `path` is.
pub async fn ask(path: &Path) -> anyhow::Result<Report> {
    let asked = async {
        let mut text = Vec::new();
        let mut stream = UnixStream::connect(path).await?;
        stream.read_to_end(&mut text).await?;
        Ok(serde_json::from_slice(&text)?)
    };
    match timeout(PATIENCE, asked).await {
        Ok(report) => report,
        Err(_) => bail!("no answer within {} s", PATIENCE.as_secs()),
    }
}
