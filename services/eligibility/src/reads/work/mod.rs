//! The work queue of the caller's desk.

mod bars;

use std::collections::{BTreeMap, HashMap};

use prost::Message as _;
use uuid::Uuid;
use yuhui_kernel::Tenant;
use yuhui_platform::{
    Result,
    caller::Caller,
    db::{Tenancy, Tx},
    paging::Page,
    refusal::not_found,
    relatives::Relatives,
};
use yuhui_proto::{
    authz::v1::{Duty, Level, Power},
    work::v1 as pb,
};

use crate::{
    context::Context,
    convert,
    domain::{
        deadline::Office,
        review_request::ReviewRequest,
        roster::Roster,
        sampling::Sampled,
        turn::{Collection, Desk, Item},
    },
    gate::Seen,
    names::tenancy,
    store::{
        self,
        cases::Stored,
        work::{Found, Order, Queue},
    },
};

/// Most units that are counted one by one: of more nobody chooses from a list.
const MOST_UNITS: usize = 200;
/// Digits of a township's code, and of a village's.
const TOWNSHIP: i32 = 9;
const VILLAGE: i32 = 12;

/// What waits for the caller.
pub(crate) async fn list(
    context: &Context,
    caller: &Caller,
    ask: pb::ListWorkItemsRequest,
) -> Result<pb::ListWorkItemsResponse> {
    let tenancy = tenancy(caller, &ask.parent)?;
    let order = match ask.order() {
        pb::WorkOrder::Newest => Order::Newest,
        pb::WorkOrder::Due | pb::WorkOrder::Unspecified => Order::Due,
    };
    let queue = queue(context, caller, &ask.parent, ask.filter.as_ref())?;
    let filter = ask.filter.as_ref().map(|it| it.encode_to_vec());
    let parts = [
        ask.parent.as_bytes(),
        &filter.unwrap_or_default(),
        if order == Order::Due {
            b"due"
        } else {
            b"newest"
        },
        queue.desk.as_str().as_bytes(),
        queue.whose.as_bytes(),
    ];
    let page = Page::of(ask.page_size, &ask.page_token, &parts)?;
    let after = page.key(|it| it.split_once(' '))?;
    // Asked before the transaction; what only the city does concerns no family.
    let relatives = match tenancy {
        Tenancy::One(county) if queue.desk.office() != Office::City => {
            context.relatives(caller, county).await
        }
        _ => Ok(Relatives::default()),
    };
    let (relatives, relatives_unknown) = match relatives {
        Err(error) if error.is_silence() => (Relatives::default(), true),
        other => (other?, false),
    };
    let tx = context.db.read(tenancy).await?;
    let found = store::work::list(&tx, &queue, order, after, page.limit()).await?;
    let (found, next_page_token) = page.cut(found, |it| it.key.clone());
    let about = About::read(&tx, &found).await?;
    drop(tx);
    let items = found.iter().map(|it| {
        let item = &it.item;
        let mut told = convert::work::item(item, queue.today);
        told.bar = about.bar(context, caller, &relatives, item);
        if let Some(stored) = about.case(item) {
            told.title = context.open(stored)?.claimant_name;
        }
        Ok(told)
    });
    Ok(pb::ListWorkItemsResponse {
        items: items.collect::<Result<_>>()?,
        next_page_token,
        relatives_unknown,
    })
}

/// How much waits for the caller. All of it is counted in one state of the database.
pub(crate) async fn count(
    context: &Context,
    caller: &Caller,
    ask: pb::CountWorkItemsRequest,
) -> Result<pb::CountWorkItemsResponse> {
    let tenancy = tenancy(caller, &ask.parent)?;
    let queue = queue(context, caller, &ask.parent, ask.filter.as_ref())?;
    let tx = context.db.read(tenancy).await?;
    let combined = store::work::combined(&tx, &queue).await?;
    let digits = match queue.desk.office() {
        Office::County | Office::City => Some(TOWNSHIP),
        Office::Township => Some(VILLAGE),
        _ => None,
    };
    let mut units = match digits {
        Some(digits) => store::work::by_unit(&tx, &queue, digits).await?,
        None => Vec::new(),
    };
    drop(tx);
    if units.len() > MOST_UNITS {
        units.clear();
    }
    units.sort();
    let (mut acts, mut programmes, mut rounds) =
        (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let mut days = Vec::with_capacity(combined.len());
    for it in combined {
        days.push((it.on, it.count));
        *acts.entry(it.act).or_default() += it.count;
        *programmes.entry(it.programme).or_default() += it.count;
        *rounds.entry(it.round).or_default() += it.count;
    }
    let by_act = acts.into_iter().map(|(act, count)| pb::ActCount {
        act: convert::work::act(act).into(),
        count,
    });
    let by_programme = programmes
        .into_iter()
        .map(|(it, count)| pb::ProgrammeCount {
            programme: it.map(convert::programme).unwrap_or_default().into(),
            count,
        });
    let by_round = rounds
        .into_iter()
        .map(|(round, count)| pb::RoundCount { round, count });
    let by_unit = units
        .into_iter()
        .map(|(unit, count)| pb::UnitCount { unit, count });
    Ok(pb::CountWorkItemsResponse {
        buckets: Some(convert::work::buckets(&days, queue.today)),
        by_act: by_act.collect(),
        by_programme: by_programme.collect(),
        by_round: by_round.collect(),
        by_unit: by_unit.collect(),
    })
}

/// The queue of the caller's desk.
fn queue(
    context: &Context,
    caller: &Caller,
    parent: &str,
    filter: Option<&pb::WorkFilter>,
) -> Result<Queue> {
    let nobody = || not_found(parent);
    let desk = desk(caller).ok_or_else(nobody)?;
    let whose = match desk {
        Desk::Claimant => caller.person.clone(),
        _ => caller.unit.map(|it| it.to_string()),
    };
    let filter = filter.map(convert::work::filter).transpose()?;
    Ok(Queue {
        desk,
        whose: whose.ok_or_else(nobody)?,
        filter: filter.unwrap_or_default(),
        today: context.today(),
    })
}

/// The desk at which the caller sits, if anything ever waits there.
fn desk(caller: &Caller) -> Option<Desk> {
    let maker = caller.duty() == Duty::Maker;
    Some(match (caller.power(), caller.level()) {
        (Power::Claimant, _) => Desk::Claimant,
        (Power::Eligibility, Level::Village) if maker => Desk::VillageClerk,
        (Power::Eligibility, Level::Village) => Desk::VillageHead,
        (Power::Eligibility, Level::Township) if maker => Desk::TownshipReviewer,
        (Power::Eligibility, Level::Township) => Desk::TownshipLead,
        (Power::Eligibility, Level::County) if maker => Desk::CountyReviewer,
        (Power::Eligibility, Level::County) => Desk::CountyApprover,
        (Power::Eligibility, Level::Municipal) if maker => Desk::CityRegistrar,
        (Power::Eligibility, Level::Municipal) => Desk::CityApprover,
        _ => return None,
    })
}

/// What the items of a page are about, as it stands in the same state of the database.
///
/// Names are opened from the cases themselves, and who is barred is asked of them: the hands, relatives and
/// makers that bar somebody change with every act, and differ from caller to caller, so that rows kept of them
/// would have to be written for people who never look. A page reads its fifty cases by their key instead.
struct About {
    cases: HashMap<Uuid, Stored>,
    /// With the samples drawn from them.
    rosters: HashMap<Uuid, (Roster, Vec<Sampled>)>,
    reviews: HashMap<Uuid, ReviewRequest>,
}

impl About {
    async fn read(tx: &Tx, found: &[Found]) -> Result<Self> {
        let of = |collection| {
            let items = found.iter().map(|it| &it.item);
            let own = items.filter(move |it| it.collection == collection);
            let mut own: Vec<(Tenant, Uuid)> = own.map(|it| (it.tenant, it.object)).collect();
            own.sort_unstable();
            own.dedup();
            own
        };
        let ids = |of: Vec<(Tenant, Uuid)>| of.into_iter().map(|it| it.1).collect::<Vec<_>>();
        let reviews = store::review_requests::named(tx, &ids(of(Collection::Reviews))).await?;
        let mut cases = ids(of(Collection::Cases));
        cases.extend(reviews.iter().map(|it| it.case));
        cases.sort_unstable();
        cases.dedup();
        let cases = store::cases::named(tx, &cases).await?;
        let mut rosters = HashMap::new();
        for id in ids(of(Collection::Rosters)) {
            if let Some(roster) = store::rosters::get(tx, id).await? {
                rosters.insert(id, (roster, store::samples::of(tx, id).await?));
            }
        }
        Ok(Self {
            cases: cases.into_iter().map(|it| (it.case.id, it)).collect(),
            rosters,
            reviews: reviews.into_iter().map(|it| (it.id, it)).collect(),
        })
    }

    /// The case it is about.
    fn case(&self, item: &Item) -> Option<&Stored> {
        let id = match item.collection {
            Collection::Cases => item.object,
            Collection::Reviews => self.reviews.get(&item.object)?.case,
            Collection::Notices | Collection::Rosters | Collection::Reports => return None,
        };
        self.cases.get(&id)
    }

    fn bar(
        &self,
        context: &Context,
        caller: &Caller,
        relatives: &Relatives,
        item: &Item,
    ) -> Option<pb::WorkBar> {
        let case = self.case(item).map(|it| &it.case);
        let free = match item.collection {
            Collection::Cases => {
                // What a review bars is no item.
                let seen = Seen::of(context, (caller, case?), &[]);
                bars::on_case(&seen, relatives, item.act)
            }
            Collection::Reviews => {
                let review = self.reviews.get(&item.object)?;
                bars::on_review((caller, relatives), case?, review, item.act)
            }
            Collection::Rosters => {
                let (roster, sample) = self.rosters.get(&item.object)?;
                bars::on_roster(caller, roster, sample, item.act)
            }
            // Whose cases are on it, or whose it is about, is asked when something is done with it.
            Collection::Notices | Collection::Reports => Ok(()),
        };
        bars::told(free)
    }
}
