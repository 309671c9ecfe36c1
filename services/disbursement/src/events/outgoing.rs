//! What ledger and eligibility are told: what was released, and what became of it.

use std::collections::BTreeMap;

use time::Date;
use yuhui_kernel::dates;
use yuhui_platform::{Result, db::Tx, outbox};
use yuhui_proto::internal::v1::{BatchReleased, Event, LineSettled, LinesSettled, event::Payload};

use crate::{
    DESTINATIONS,
    domain::name,
    store::{batches, lines},
};

/// Lines told of in one event, as many as the contract allows.
const TOLD_TOGETHER: usize = 500;

/// The batch that lines leave with.
pub struct Leaving<'a> {
    /// Its resource name.
    pub batch: &'a str,
    /// Round.
    pub round: i32,
    /// Its lines go to corrected accounts; else they are first payments.
    pub corrected: bool,
    /// Day of release.
    pub on: Date,
}

/// Tells ledger and eligibility of lines that leave with a batch, in parts.
pub fn batch_released(tx: &Tx, leaving: &Leaving<'_>, rows: &[lines::Model]) -> Result<()> {
    let mut cases: BTreeMap<&String, i64> = BTreeMap::new();
    for row in rows {
        *cases.entry(&row.case_name).or_default() += row.amount_fen;
    }
    let cases: Vec<_> = cases.into_iter().collect();
    for part in cases.chunks(TOLD_TOGETHER) {
        let sum = part.iter().map(|(_, fen)| fen).sum();
        let (first_fen, reissue_fen) = if leaving.corrected {
            (0, sum)
        } else {
            (sum, 0)
        };
        let payload = Payload::BatchReleased(BatchReleased {
            batch: leaving.batch.into(),
            round: leaving.round,
            first_fen,
            reissue_fen,
            cases: part.iter().map(|(case, _)| (*case).clone()).collect(),
        });
        let event = Event {
            effective_on: dates::format(leaving.on),
            payload: Some(payload),
            ..Event::default()
        };
        for destination in DESTINATIONS {
            outbox::publish(tx, destination, event.clone())?;
        }
    }
    Ok(())
}

/// Tells ledger and eligibility of the results.
pub fn lines_settled(
    tx: &Tx,
    batch: &batches::Model,
    today: Date,
    settled: &[LineSettled],
) -> Result<()> {
    for lines in settled.chunks(TOLD_TOGETHER) {
        let event = Event {
            effective_on: dates::format(today),
            payload: Some(Payload::LinesSettled(LinesSettled {
                batch: name::of_batch(&batch.tenant, batch.id),
                round: batch.round,
                lines: lines.to_vec(),
            })),
            ..Event::default()
        };
        for destination in DESTINATIONS {
            outbox::publish(tx, destination, event.clone())?;
        }
    }
    Ok(())
}
