//! Evidence as it is kept: facts once per content, the determination packed, the rest as text; and
//! put together again to be replayed.

use std::{
    io::{Read as _, Write as _},
    mem,
};

use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use yuhui_kernel::{Calendar, Tenant};
use yuhui_platform::{Error, Result};
use yuhui_policy::{
    Claim, Determination, Facts, Progress,
    evidence::{
        self, Evidence,
        file::{Replayer, Taken},
    },
    facts::Answer,
};

use crate::{
    context::Context,
    domain,
    store::{self, evidence::Stored},
};

/// The part of the evidence that is not shared between evaluations, as it is written.
#[derive(Serialize)]
struct Written<'a> {
    claim: &'a Claim,
    progress: &'a Progress,
    answers: &'a [Answer],
    pack_version: &'a str,
    calendar: &'a str,
}

/// The same, as it is read.
#[derive(Deserialize)]
struct Read {
    claim: Claim,
    progress: Progress,
    answers: Vec<Answer>,
    pack_version: String,
    #[serde(default)]
    calendar: Option<String>,
}

/// The working days a decision rests on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Days {
    pub(crate) table: &'static Calendar,
    /// Whether the database has the table already.
    pub(crate) is_kept: bool,
}

/// The evidence to be stored. The digest is over the stored bytes of the facts: a replay needs
/// exactly these, whatever order they came in.
pub(crate) fn kept(
    case: Uuid,
    mut facts: Facts,
    claim: &Claim,
    progress: &Progress,
    days: Days,
    found: &Determination,
) -> Result<Stored> {
    let calendar = days.table.digest();
    let hash = evidence::hash(&facts, claim, progress, Some(calendar), found);
    let answers = mem::take(&mut facts.answers);
    let body = Written {
        claim,
        progress,
        answers: &answers,
        pack_version: &found.pack_version,
        calendar,
    };
    let facts = serde_json::to_string(&facts)?;
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
    packed
        .write_all(&found.canonical_bytes())
        .map_err(unpackable)?;
    Ok(Stored {
        case,
        sequence: 0,
        digest: hex::encode(Sha256::digest(facts.as_bytes())),
        body: serde_json::to_string(&body)?,
        facts,
        determination: packed.finish().map_err(unpackable)?,
        hash,
        calendar: (!days.is_kept).then_some(days.table),
    })
}

/// The evidence that was stored.
pub(crate) fn whole(stored: &Stored) -> Result<Evidence> {
    let read: Read = serde_json::from_str(&stored.body)?;
    let mut facts: Facts = serde_json::from_str(&stored.facts)?;
    facts.answers = read.answers;
    let mut text = Vec::new();
    ZlibDecoder::new(stored.determination.as_slice())
        .read_to_end(&mut text)
        .map_err(unpackable)?;
    Ok(Evidence {
        facts,
        claim: read.claim,
        progress: read.progress,
        pack_version: read.pack_version,
        calendar: read.calendar,
        determination: serde_json::from_slice(&text)?,
    })
}

/// The evidence of one evaluation, as it is exported.
pub(crate) fn taken(tenant: Tenant, stored: &Stored) -> Result<Taken> {
    Ok(Taken {
        case: domain::case::name(tenant, stored.case),
        sequence: stored.sequence,
        hash: stored.hash.clone(),
        evidence: whole(stored)?,
    })
}

impl Context {
    /// The evidence, once it has been replayed byte for byte: what is shown is what is proven.
    pub(crate) async fn proven(&self, tenant: Tenant, stored: &Stored) -> Result<Taken> {
        let taken = taken(tenant, stored)?;
        let mut replayer = Replayer::default();
        let pack = self.pack_version(&taken.evidence.pack_version).await?;
        replayer.learn((*pack).clone());
        if let Some(calendar) = self.calendar_of(tenant, &taken).await? {
            replayer.learn_calendar(calendar);
        }
        replayer.replay(&taken).map_err(|broken| {
            let Taken { case, sequence, .. } = &taken;
            Error::fault(format!(
                "evaluation {sequence} of {case} does not replay: {broken}"
            ))
        })?;
        Ok(taken)
    }
}

impl Context {
    /// The table of working days that a decision rests on, if it names one.
    pub(crate) async fn calendar_of(
        &self,
        tenant: Tenant,
        taken: &Taken,
    ) -> Result<Option<Calendar>> {
        let Some(digest) = &taken.evidence.calendar else {
            return Ok(None);
        };
        if self.calendar.digest() == digest {
            return Ok(Some(self.calendar.clone()));
        }
        let tx = self.db.read(tenant).await?;
        store::calendars::get(&tx, digest).await
    }
}

fn unpackable(error: std::io::Error) -> Error {
    Error::fault(format!("packed determination: {error}"))
}
