//! What stands before an event on its object.

use super::rows::{self, Letter};
use crate::{Error, Result, bounds, db::Tx};

/// Why an event is parked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The service refused it.
    Refused,
    /// An earlier one on the same object waits.
    Predecessor,
    /// An earlier one on the same object never came.
    Gap,
    /// Another one came as the same revision of the object.
    Conflict,
    /// It cannot be decoded, or is of a kind that this version does not know.
    NotUnderstood,
}

impl Why {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "REFUSED",
            Self::Predecessor => "PREDECESSOR",
            Self::Gap => "GAP",
            Self::Conflict => "CONFLICT",
            Self::NotUnderstood => "NOT_UNDERSTOOD",
        }
    }
}

/// What keeps an event from being applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) why: Why,
    pub(super) detail: String,
}

impl Held {
    pub(super) fn new(why: Why, detail: impl AsRef<str>) -> Self {
        let detail = bounds::cut(detail.as_ref(), bounds::ERROR).into_owned();
        Self { why, detail }
    }

    pub(super) fn refused(error: &Error) -> Self {
        let detail = match error.reason() {
            Some(reason) => format!("{reason}: {error}"),
            None => error.to_string(),
        };
        Self::new(Why::Refused, detail)
    }
}

/// Where an event stands among those on its object.
pub(super) enum Place {
    /// It is the next one.
    Next,
    /// It was applied before, and forgotten since.
    Past,
    /// Not now.
    Held(Held),
}

/// The place of an event that is not settled.
pub(super) async fn place(tx: &Tx, letter: &Letter) -> Result<Place> {
    if letter.object.is_empty() || letter.revision == 0 {
        return Ok(Place::Next);
    }
    if let Some(before) = rows::predecessor(tx, letter).await? {
        let detail = format!("{} on the same object waits", before.event_id);
        return Ok(Place::Held(Held::new(Why::Predecessor, detail)));
    }
    let applied = rows::applied(tx, &letter.source, &letter.object).await?;
    if letter.revision <= applied {
        let same = rows::of_revision(tx, letter, letter.revision).await?;
        let other = same.iter().find(|it| it.event_id != letter.event_id);
        return Ok(match other {
            None => Place::Past,
            Some(other) => {
                let detail = format!("{} came as the same revision", other.event_id);
                Place::Held(Held::new(Why::Conflict, detail))
            }
        });
    }
    if letter.revision > applied + 1 {
        let missing = applied + 1;
        let detail = format!("revision {missing} of the object never came");
        return Ok(Place::Held(Held::new(Why::Gap, detail)));
    }
    Ok(Place::Next)
}

/// Writes down that the event is settled, and with it those after it that were
/// given up.
pub(super) async fn advance(tx: &Tx, letter: &Letter) -> Result<()> {
    if letter.object.is_empty() {
        return Ok(());
    }
    let mut applied = rows::applied(tx, &letter.source, &letter.object).await?;
    if letter.revision == applied + 1 {
        applied = letter.revision;
    }
    loop {
        let next = rows::of_revision(tx, letter, applied + 1).await?;
        if applied == 0 || !next.iter().any(|it| it.state == rows::DROPPED) {
            break;
        }
        applied += 1;
    }
    rows::set_object(tx, letter, applied, "").await
}
