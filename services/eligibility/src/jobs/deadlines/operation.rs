//! The run over the deadlines as an operation of each county (R-PRC-3), asked for by a person or by the
//! day.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::Date;
use yuhui_kernel::{Tenant, dates};
use yuhui_platform::{
    Result, audit,
    caller::Caller,
    db::{Tenancy, Tx},
    form::Form,
    idempotency::Key,
    operations::{At, Next, Slice, Work},
    unless_answered,
};
use yuhui_policy::PolicyPack;
use yuhui_proto::{authz::v1::Level, eligibility::v1 as pb};

use super::{Looked, Place, Run, county_name};
use crate::{context::Context, domain::deadline::Year, names::tenancy};

/// Runs for a date that has come. What it does, it does in nobody's name; that it was run is the
/// caller's. A county whose run cannot begin keeps none of the others.
pub(crate) async fn run(
    context: &Context,
    caller: &Caller,
    ask: pb::RunDeadlinesRequest,
) -> Result<pb::RunDeadlinesResponse> {
    let counties = match tenancy(caller, &ask.parent)? {
        Tenancy::One(county) => vec![county],
        Tenancy::All | Tenancy::City => Tenant::all().to_vec(),
    };
    let on = business_date(context, &ask.on)?;
    let (mut operations, mut refused) = (Vec::new(), None);
    for county in counties {
        match begin(context, (caller, county), &ask, on).await {
            Ok(begun) => operations.extend(begun.operations),
            Err(error) => refused = Some(error),
        }
    }
    match refused {
        Some(error) => Err(error),
        None => Ok(pb::RunDeadlinesResponse {
            on: dates::format(on),
            operations,
        }),
    }
}

/// Begins the run of one county, unless it was asked for before.
pub(crate) async fn begin(
    context: &Context,
    (caller, county): (&Caller, Tenant),
    ask: &pb::RunDeadlinesRequest,
    on: Date,
) -> Result<pb::RunDeadlinesResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    // SOD-7: the city acts in no county's case. Its run flags; holds end by the county's, or by the day's.
    let moves = caller.level() != Level::Municipal;
    let object = county_name(county);
    let work = RunDeadlines(context.clone());
    let begun = unless_answered!(context.operations.begin(
        &work,
        (caller, county),
        key,
        Asked { on, moves },
        object.clone()
    ));
    let entry = audit::Entry::new("deadline.run", object).reason(dates::format(on));
    begun.act.record(entry).await?;
    let answer = pb::RunDeadlinesResponse {
        on: dates::format(on),
        operations: vec![begun.operation.clone()],
    };
    begun.finish(answer).await
}

fn business_date(context: &Context, text: &str) -> Result<Date> {
    let today = context.today();
    let mut form = Form::default();
    let on = form.date_or_none("on", text).flatten().unwrap_or(today);
    if on > today {
        form.refuse("on", "不得晚于今日", "is after today");
    }
    form.finish()?;
    Ok(on)
}

/// The work of [`run`].
pub(crate) struct RunDeadlines(pub(crate) Context);

#[derive(Serialize, Deserialize)]
pub(crate) struct Asked {
    /// Business date.
    on: Date,
    /// Whether cases are moved; a run that was begun before there were others moves them.
    #[serde(default = "yes")]
    moves: bool,
}

const fn yes() -> bool {
    true
}

impl RunDeadlines {
    fn run<'a>(&'a self, at: &At<'a, Self>, pack: &'a PolicyPack) -> Run<'a> {
        Run {
            clock: &self.0.clock,
            year: Year {
                pack,
                calendar: self.0.calendar,
            },
            on: at.ask.on,
            moves: at.ask.moves,
            operation: at.operation,
        }
    }
}

#[async_trait::async_trait]
impl Work for RunDeadlines {
    type Ask = Asked;
    type Place = Place;
    /// The parameters of the date, and what is to be done; none if it is to end.
    type Ready = Option<(Arc<PolicyPack>, Looked)>;
    const METHOD: &'static str = "RunDeadlines";

    async fn prepare(&self, at: &At<'_, Self>) -> Result<Self::Ready> {
        if at.is_cancelling {
            return Ok(None);
        }
        let pack = self.0.pack_on(at.ask.on).await?;
        let tx = self.0.db.read(at.tenant).await?;
        let looked = self.run(at, &pack).look(&tx, at.place, at.slice).await?;
        drop(tx);
        Ok(Some((pack, looked)))
    }

    async fn apply(&self, at: &At<'_, Self>, tx: &Tx, ready: Self::Ready) -> Result<Slice<Place>> {
        let Some((pack, mut looked)) = ready else {
            return Ok(Next::Cancelled.into());
        };
        let done = i64::try_from(looked.count).unwrap_or(i64::MAX);
        let next = looked.next.take();
        let found = self.run(at, &pack).write(tx, looked).await?;
        Ok(Slice {
            total: None,
            done,
            items: found.items(),
            next: next.map_or(Next::Done, Next::More),
        })
    }
}
