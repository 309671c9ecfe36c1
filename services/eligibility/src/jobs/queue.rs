//! Arranges the work queue and the list of cases: what waits on everything there is, and how cases are found, where
//! something else is written. What was written by a version that had neither, or told another turn, is found when the
//! service starts; what an older replica wrote meanwhile, or what a new version of the parameters gives another day,
//! within a day.
//! An operation of each county, slice by slice.

use serde::{Deserialize, Serialize};
use time::{Date, macros::date};
use uuid::Uuid;
use yuhui_kernel::{Tenant, dates};
use yuhui_platform::{
    Result,
    caller::Caller,
    db::Tx,
    idempotency::Key,
    operations::{At, Next, Slice, Work, next_after},
    unless_answered,
};

use super::deadlines::county_name;
use crate::{
    context::{Context, Law},
    domain::{
        Case, State,
        deadline::watch::OPEN,
        roster::RosterState,
        turn::{Collection, Item, of_report, of_review},
    },
    names::NAME,
    reads::due::unanswered,
    store::{
        self,
        cases::{self, Stored},
        review_requests,
    },
};

/// Goes up when a turn is told otherwise than before, so that an upgrade does not wait for the next day.
const EDITION: u32 = 2;
/// States of cases, besides those that are open, on which something may wait.
const OVER: [State; 9] = [
    State::PayFailed,
    State::Paid,
    State::Rejected,
    State::NotAccepted,
    State::Terminated,
    State::Withdrawn,
    State::Recovered,
    State::WrittenOff,
    State::Recovering,
];
const ROSTERS: [RosterState; 4] = [
    RosterState::Building,
    RosterState::Sealed,
    RosterState::Checked,
    RosterState::Recorded,
];
/// After the last day of any notice.
const EVER: Date = date!(9999 - 12 - 31);

/// Begins the arranging of every county, unless it was begun today; fails if it did for any.
pub(super) async fn begin(context: &Context, today: Date) -> Result<()> {
    let law = context.pack_on(today).await?;
    let (on, version) = (dates::format(today), law.version());
    let request_id = format!("work items {EDITION} of {on} by {version}");
    let mut refused = None;
    for county in Tenant::all() {
        let caller = Caller::service(NAME, Some(*county));
        if let Err(error) = begin_in(context, &caller, *county, &request_id).await {
            tracing::error!(%county, %error, "the work queue of a county was not arranged");
            refused = Some(error);
        }
    }
    refused.map_or(Ok(()), Err)
}

async fn begin_in(
    context: &Context,
    caller: &Caller,
    county: Tenant,
    request_id: &str,
) -> Result<()> {
    // What is asked is in its name.
    let key = Key::new(caller, request_id, &())?;
    let work = ArrangeQueue(context.clone());
    let (operations, object) = (&context.operations, county_name(county));
    let begun = unless_answered!(operations.begin(&work, (caller, county), key, (), object));
    begun.finish(()).await
}

/// The work of [`begin`].
pub(crate) struct ArrangeQueue(pub(crate) Context);

/// After which object the next slice begins.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Place {
    Cases(String),
    Notices(String),
    Rosters(String),
    Reviews(String),
    Reports(String),
    /// What is written of things on which nothing waits any more.
    Written(String),
    /// Cases that nothing was written of in the list since there is one.
    Unlisted(String),
}

impl Default for Place {
    fn default() -> Self {
        Self::Cases(String::new())
    }
}

/// Objects of a slice on which something else is written than what waits.
pub(crate) struct Looked {
    count: usize,
    differ: Vec<(Collection, Uuid)>,
    next: Option<Place>,
}

#[async_trait::async_trait]
impl Work for ArrangeQueue {
    type Ask = ();
    type Place = Place;
    type Ready = Looked;
    const METHOD: &'static str = "ArrangeQueue";

    async fn prepare(&self, at: &At<'_, Self>) -> Result<Looked> {
        let Self(context) = self;
        context.pack_on(context.today()).await?;
        let tx = context.db.read(at.tenant).await?;
        let law = context.law();
        let (objects, next) = slice(&tx, at.place, at.slice).await?;
        let mut differ = Vec::new();
        for collection in Collection::ALL {
            let ids = of(&objects, *collection);
            let Waiting { items, cases } = waiting(&tx, &law, *collection, &ids, false).await?;
            let mut found = store::work::differing(&tx, &ids, &items).await?;
            found.extend(store::case_list::differing(&tx, &cases, &items).await?);
            found.sort_unstable();
            found.dedup();
            differ.extend(found.into_iter().map(|id| (*collection, id)));
        }
        Ok(Looked {
            count: objects.len(),
            differ,
            next,
        })
    }

    async fn apply(&self, _: &At<'_, Self>, tx: &Tx, looked: Looked) -> Result<Slice<Place>> {
        let law = self.0.law();
        for collection in Collection::ALL {
            let ids = of(&looked.differ, *collection);
            if !ids.is_empty() {
                // Looked at again, as it is now that nobody changes it.
                let Waiting { items, cases } = waiting(tx, &law, *collection, &ids, true).await?;
                store::work::replace(tx, &ids, &items).await?;
                store::case_list::replace(tx, &cases, &items).await?;
            }
        }
        Ok(Slice {
            total: None,
            done: i64::try_from(looked.count).unwrap_or(i64::MAX),
            items: Vec::new(),
            next: looked.next.map_or(Next::Done, Next::More),
        })
    }
}

fn of(objects: &[(Collection, Uuid)], collection: Collection) -> Vec<Uuid> {
    let own = objects.iter().filter(|it| it.0 == collection);
    let mut own: Vec<Uuid> = own.map(|it| it.1).collect();
    own.sort_unstable();
    own
}

/// What is looked at next, and where it goes on.
async fn slice(
    tx: &Tx,
    place: &Place,
    size: u64,
) -> Result<(Vec<(Collection, Uuid)>, Option<Place>)> {
    let start = String::new;
    let (objects, more, then): (Vec<_>, fn(String) -> Place, _) = match place {
        Place::Cases(after) => {
            let filter = cases::Filter {
                states: [OPEN, &OVER].concat(),
                after: Some(after.clone()),
                ..cases::Filter::default()
            };
            let found = cases::list(tx, &filter, Some(size)).await?;
            let found = found.iter().map(|it| (Collection::Cases, it.case.id));
            (found.collect(), Place::Cases, Some(Place::Notices(start())))
        }
        Place::Notices(after) => {
            let found = store::notices::unclosed(tx, "", EVER, Some(after), Some(size)).await?;
            let found = found.iter().map(|it| (Collection::Notices, it.id));
            let then = Some(Place::Rosters(start()));
            (found.collect(), Place::Notices, then)
        }
        Place::Rosters(after) => {
            let found = store::rosters::in_states(tx, &ROSTERS, Some(after), Some(size)).await?;
            let found = found.iter().map(|it| (Collection::Rosters, it.id));
            let then = Some(Place::Reviews(start()));
            (found.collect(), Place::Rosters, then)
        }
        Place::Reviews(after) => {
            let filter = review_requests::Filter {
                pending: true,
                after: Some(after.clone()),
                ..review_requests::Filter::default()
            };
            let found = review_requests::list(tx, &filter, Some(size)).await?;
            let found = found.iter().map(|it| (Collection::Reviews, it.id));
            let then = Some(Place::Reports(start()));
            (found.collect(), Place::Reviews, then)
        }
        Place::Reports(after) => {
            let found = store::reports::list(tx, &unanswered("", Some(after)), size).await?;
            let found = found.iter().map(|it| (Collection::Reports, it.id));
            let then = Some(Place::Written(start()));
            (found.collect(), Place::Reports, then)
        }
        Place::Written(after) => {
            let found = store::work::objects(tx, after, size).await?;
            (found, Place::Written, Some(Place::Unlisted(start())))
        }
        Place::Unlisted(after) => {
            let found = store::case_list::unwritten(tx, after, size).await?;
            let found = found.into_iter().map(|it| (Collection::Cases, it));
            (found.collect(), Place::Unlisted, None)
        }
    };
    let next = next_after(&objects, size, |it| more(it.1.to_string()));
    Ok((objects, next.or(then)))
}

/// What waits on some objects, and those of them that are cases.
#[derive(Default)]
struct Waiting {
    items: Vec<Item>,
    cases: Vec<Stored>,
}

/// What waits on those of one collection.
async fn waiting(
    tx: &Tx,
    law: &Law,
    collection: Collection,
    ids: &[Uuid],
    lock: bool,
) -> Result<Waiting> {
    let year = law.year();
    let Waiting {
        mut items,
        mut cases,
    } = Waiting::default();
    match collection {
        Collection::Cases => {
            if lock {
                store::cases::lock_all(tx, ids.to_vec()).await?;
            }
            cases = store::cases::named(tx, ids).await?;
            let found: Vec<&Case> = cases.iter().map(|it| &it.case).collect();
            items = store::work::of_cases(tx, &year, &found).await?;
        }
        Collection::Notices => {
            for id in ids {
                let notice = match lock {
                    true => store::notices::locked(tx, *id).await?,
                    false => store::notices::get(tx, *id).await?,
                };
                items.extend(notice.and_then(|it| year.item_of_notice(&it)));
            }
        }
        Collection::Rosters => {
            for id in ids {
                let roster = match lock {
                    true => store::rosters::locked(tx, *id).await?,
                    false => store::rosters::get(tx, *id).await?,
                };
                items.extend(roster.and_then(|it| year.item_of_roster(&it)));
            }
        }
        Collection::Reviews => {
            let found = match lock {
                true => review_requests::locked(tx, ids).await?,
                false => review_requests::named(tx, ids).await?,
            };
            items.extend(found.iter().filter_map(of_review));
        }
        Collection::Reports => {
            for id in ids {
                let report = match lock {
                    true => store::reports::locked(tx, *id).await?,
                    false => store::reports::get(tx, *id).await?,
                };
                items.extend(report.and_then(|(it, _)| of_report(&it)));
            }
        }
    }
    Ok(Waiting { items, cases })
}
