//! The worklist of an office: notices to close, rosters, reports to answer, then cases.

use std::{collections::HashMap, sync::Arc};

use yuhui_kernel::dates;
use yuhui_platform::{Result, caller::Caller, db::Tx, paging::Page, refusal::not_found};
use yuhui_policy::PolicyPack;
use yuhui_proto::{authz::v1::Reach, eligibility::v1 as pb};

use super::deadlines::office;
use super::due::{WATCHED, on_cases, on_roster, unanswered};
use crate::{
    context::Context,
    convert::deadlines,
    domain::{
        State,
        deadline::{Obligation, Office, Year},
    },
    names::{self, tenancy},
    store::{self, cases::Filter},
};

/// The parts of the list, in order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Notices,
    Rosters,
    Reports,
    Cases,
}

impl Part {
    const ALL: [Self; 4] = [Self::Notices, Self::Rosters, Self::Reports, Self::Cases];

    const fn letter(self) -> char {
        match self {
            Self::Notices => 'n',
            Self::Rosters => 'r',
            Self::Reports => 's',
            Self::Cases => 'z',
        }
    }
}

/// Something that was looked at, and what is due on it.
struct Seen {
    key: String,
    due: Vec<Obligation>,
}

/// What the caller's office has to do.
pub(crate) async fn list(
    context: &Context,
    caller: &Caller,
    ask: pb::ListDutiesRequest,
) -> Result<pb::ListDutiesResponse> {
    let tenancy = tenancy(caller, &ask.parent)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let me = office(caller).ok_or_else(|| not_found(&ask.parent))?;
    let today = context.today();
    let (from, after) = match page.key(start)? {
        Some((part, id)) => (part, Some(id)),
        None => (Part::Notices, None),
    };
    let worklist = Worklist {
        pack: context.pack_on(today).await?,
        tx: context.db.read(tenancy).await?,
        context,
        caller,
        me,
    };
    let mut seen = Vec::new();
    for part in Part::ALL.into_iter().filter(|it| *it >= from) {
        let after = after.filter(|_| part == from);
        let room = page.limit() - u64::try_from(seen.len()).unwrap_or_default();
        if room == 0 {
            break;
        }
        seen.extend(worklist.part(part, after, room).await?);
    }
    let (seen, next_page_token) = page.cut(seen, |it| it.key.clone());
    let mine = |it: &Obligation| !it.paused && me.bears(it.office);
    let due = seen.into_iter().flat_map(|it| it.due).filter(mine);
    let duties = due.map(|it| pb::DutyDue {
        duty: deadlines::duty(it.duty).into(),
        office: deadlines::office(it.office).into(),
        unit: it.unit.to_string(),
        round: it.round,
        due_on: dates::format(it.due_on),
        post_by_on: it.post_by.map(dates::format).unwrap_or_default(),
        days_left: it.days_left(today),
        subject: it.subject,
    });
    Ok(pb::ListDutiesResponse {
        duties: duties.collect(),
        next_page_token,
    })
}

/// Where a page begins.
fn start(key: &str) -> Option<(Part, &str)> {
    let (letter, id) = key.split_at_checked(1)?;
    let named = |part: &Part| letter.starts_with(part.letter());
    let part = Part::ALL.into_iter().find(named)?;
    Some((part, id))
}

struct Worklist<'a> {
    pack: Arc<PolicyPack>,
    tx: Tx,
    context: &'a Context,
    caller: &'a Caller,
    me: Office,
}

impl Worklist<'_> {
    async fn part(&self, part: Part, after: Option<&str>, limit: u64) -> Result<Vec<Seen>> {
        let health = matches!(self.me, Office::Village | Office::Township | Office::County);
        let money = matches!(
            self.me,
            Office::City | Office::CountyFinance | Office::CityFinance | Office::Bank
        );
        match part {
            Part::Notices if health => self.notices(after, limit).await,
            Part::Rosters if money => self.rosters(after, limit).await,
            Part::Reports if health => self.reports(after, limit).await,
            Part::Cases if health || self.me == Office::Claimant => self.cases(after, limit).await,
            _ => Ok(Vec::new()),
        }
    }

    fn year(&self) -> Year<'_> {
        Year {
            pack: &self.pack,
            calendar: self.context.calendar,
        }
    }

    async fn notices(&self, after: Option<&str>, limit: u64) -> Result<Vec<Seen>> {
        let prefix = names::unit_prefix(self.caller);
        let today = self.context.today();
        let found = store::notices::unclosed(&self.tx, &prefix, today, after, Some(limit)).await?;
        let seen = found.iter().map(|it| Seen {
            key: key(Part::Notices, it.id),
            due: self.year().of_notice(it).into_iter().collect(),
        });
        Ok(seen.collect())
    }

    async fn rosters(&self, after: Option<&str>, limit: u64) -> Result<Vec<Seen>> {
        let found = store::rosters::in_states(&self.tx, WATCHED, after, Some(limit)).await?;
        let mut seen = Vec::with_capacity(found.len());
        for roster in found {
            let due = on_roster(&self.tx, &self.year(), &roster).await?;
            seen.push(Seen {
                key: key(Part::Rosters, roster.id),
                due: due.into_iter().collect(),
            });
        }
        Ok(seen)
    }

    async fn reports(&self, after: Option<&str>, limit: u64) -> Result<Vec<Seen>> {
        let prefix = names::unit_prefix(self.caller);
        let found = store::reports::list(&self.tx, &unanswered(&prefix, after), limit).await?;
        let seen = found.iter().map(|it| Seen {
            key: key(Part::Reports, it.id),
            due: self.year().of_report(it).into_iter().collect(),
        });
        Ok(seen.collect())
    }

    async fn cases(&self, after: Option<&str>, limit: u64) -> Result<Vec<Seen>> {
        let own = self.caller.reach == Reach::OwnRecords;
        let nobody = || "nobody".to_owned();
        let filter = Filter {
            states: states(self.me).to_vec(),
            unit_prefix: names::unit_prefix(self.caller),
            claimant_ref: own.then(|| self.caller.person.clone().unwrap_or_else(nobody)),
            after: after.map(ToOwned::to_owned),
            ..Filter::default()
        };
        let found = store::cases::list(&self.tx, &filter, Some(limit)).await?;
        let mut due: HashMap<String, Vec<Obligation>> = HashMap::new();
        for it in on_cases(&self.tx, &self.year(), &found).await? {
            due.entry(it.subject.clone()).or_default().push(it);
        }
        let seen = found.iter().map(|it| Seen {
            key: key(Part::Cases, it.case.id),
            due: due.remove(&it.case.name()).unwrap_or_default(),
        });
        Ok(seen.collect())
    }
}

/// States in which a case may be the office's turn.
const fn states(office: Office) -> &'static [State] {
    match office {
        Office::Village => &[State::Lodged, State::VReview, State::VNotice],
        Office::Township => &[State::TReview, State::TNotice],
        Office::Claimant => &[State::Returned],
        _ => &[
            State::Lodged,
            State::CReview,
            State::CNotice,
            State::Confirmed,
            State::Inquiry,
            State::Referred,
        ],
    }
}

fn key(part: Part, id: uuid::Uuid) -> String {
    format!("{}{id}", part.letter())
}
