//! DeadlineService: worklists, missed duties, and the run that finds them (C.6, R-PRC-3).

mod duties;

use time::Date;
use tonic::{Request, Response, Status};
use yuhui_kernel::{Tenant, dates};
use yuhui_platform::{
    Result, audit,
    caller::{self, Caller},
    db::Tenancy,
    form::Form,
    idempotency::Key,
    paging::Page,
    refusal::not_found,
};
use yuhui_proto::{
    authz::v1::{Level, Power, Reach},
    eligibility::v1::{self as pb, deadline_service_server::DeadlineService},
};

use crate::{
    deadlines::Run,
    desk::{self, Desk},
    domain::deadline::{Duty, Flag, Office},
    store::{self, deadlines::Filter},
};

/// Every county at once.
const ALL: &str = "counties/-";
/// New flags told by the answer of a run.
const TOLD: usize = 100;

/// The service.
pub(crate) struct Deadlines(pub(crate) Desk);

#[tonic::async_trait]
impl DeadlineService for Deadlines {
    async fn list_overdue(
        &self,
        request: Request<pb::ListOverdueRequest>,
    ) -> Result<Response<pb::ListOverdueResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(overdue(&self.0, &caller, &ask).await?))
    }

    async fn list_duties(
        &self,
        request: Request<pb::ListDutiesRequest>,
    ) -> Result<Response<pb::ListDutiesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(duties::list(&self.0, &caller, &ask).await?))
    }

    async fn run_deadlines(
        &self,
        request: Request<pb::RunDeadlinesRequest>,
    ) -> Result<Response<pb::RunDeadlinesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(run(&self.0, &caller, ask).await?))
    }
}

/// What the caller is to the deadlines.
fn office(caller: &Caller) -> Option<Office> {
    Some(match (caller.power(), caller.level()) {
        (Power::Eligibility, Level::Village) => Office::Village,
        (Power::Eligibility, Level::Township) => Office::Township,
        (Power::Eligibility, Level::County) => Office::County,
        (Power::Eligibility, Level::Municipal) => Office::City,
        (Power::Funds, Level::County) => Office::CountyFinance,
        (Power::Funds, Level::Municipal) => Office::CityFinance,
        (Power::Disbursement, _) => Office::Bank,
        (Power::Supervision, _) => Office::Supervision,
        (Power::Claimant, _) => Office::Claimant,
        _ => return None,
    })
}

/// The counties that a request names.
fn tenancy(caller: &Caller, parent: &str) -> Result<Tenancy> {
    if parent != ALL {
        return Ok(Tenancy::One(desk::parse_parent(caller, parent)?));
    }
    match caller.reach {
        Reach::AllTenants => Ok(Tenancy::All),
        _ => Err(not_found(parent).into()),
    }
}

/// An office sees what it was told, supervision everything.
async fn overdue(
    desk: &Desk,
    caller: &Caller,
    ask: &pb::ListOverdueRequest,
) -> Result<pb::ListOverdueResponse> {
    let tenancy = tenancy(caller, &ask.parent)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let me = office(caller).ok_or_else(|| not_found(&ask.parent))?;
    let only = domain_office(ask.office());
    let bearers = Duty::ALL
        .iter()
        .flat_map(|duty| duty.bearers().iter().map(|bearer| (*duty, *bearer)));
    let seen = bearers
        .filter(|(_, bearer)| only.is_none_or(|it| it.bears(*bearer)))
        .filter_map(|(duty, bearer)| {
            let from = duty.seen_from(bearer, me)?;
            Some((duty, bearer, from.max(ask.min_step)))
        });
    let filter = Filter {
        seen: seen.collect(),
        unit_prefix: desk::unit_prefix(caller),
        round: ask.round,
        include_settled: ask.include_settled,
        after: page.after().map(ToOwned::to_owned),
    };
    let tx = desk.db.read(tenancy).await?;
    let rows = store::deadlines::list(&tx, &filter, page.limit()).await?;
    let (rows, next_page_token) = page.cut(rows, |it| it.flag.key());
    let flags = rows.iter().map(|it| flag(&it.flag, it.settled_on));
    Ok(pb::ListOverdueResponse {
        flags: flags.collect(),
        next_page_token,
    })
}

/// Runs for a date that has come. What it does, it does in nobody's name; that it was run is the
/// caller's.
async fn run(
    desk: &Desk,
    caller: &Caller,
    ask: pb::RunDeadlinesRequest,
) -> Result<pb::RunDeadlinesResponse> {
    let counties = match tenancy(caller, &ask.parent)? {
        Tenancy::One(county) => vec![county],
        Tenancy::All | Tenancy::City => Tenant::all().to_vec(),
    };
    let on = business_date(desk, &ask.on)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let scope = match (ask.parent.as_str(), &counties[..]) {
        (ALL, _) | (_, []) => Tenancy::City,
        (_, [county, ..]) => Tenancy::One(*county),
    };
    let tx = desk.db.read(scope).await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    drop(tx);
    let mut answer = pb::RunDeadlinesResponse {
        on: dates::format(on),
        ..pb::RunDeadlinesResponse::default()
    };
    let pack = desk.pack_on(on).await?;
    let run = Run::new(&desk.db, &desk.clock, &pack, desk.calendar, on);
    for county in counties {
        let found = run.county(county).await?;
        answer.flagged += i32::try_from(found.flags.len()).unwrap_or(i32::MAX);
        answer.settled += i32::try_from(found.settled).unwrap_or(i32::MAX);
        answer.lapsed_holds.extend(found.lapsed);
        let room = TOLD.saturating_sub(answer.flags.len());
        let told = found.flags.iter().take(room).map(|it| flag(it, None));
        answer.flags.extend(told);
    }
    let tx = desk.db.begin(scope).await?;
    if let Some(first) = key.answered(&tx).await? {
        return Ok(first);
    }
    let entry = audit::Entry::new("deadline.run", &ask.parent)
        .reason(dates::format(on))
        .after(&[answer.flagged, answer.settled]);
    audit::record(&tx, caller, desk.clock.now(), entry).await?;
    key.remember(&tx, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

fn business_date(desk: &Desk, text: &str) -> Result<Date> {
    let today = desk.today();
    let mut form = Form::default();
    let on = form.date_or_none("on", text).flatten().unwrap_or(today);
    if on > today {
        form.refuse("on", "不得晚于今日", "is after today");
    }
    form.finish()?;
    Ok(on)
}

fn flag(it: &Flag, settled_on: Option<Date>) -> pb::OverdueFlag {
    let told = it.duty.told(it.office, it.step).into_iter();
    pb::OverdueFlag {
        subject: it.subject.clone(),
        duty: pb_duty(it.duty).into(),
        office: pb_office(it.office).into(),
        unit: it.unit.to_string(),
        round: it.round,
        due_on: dates::format(it.due_on),
        step: it.step,
        told: told.map(|it| pb_office(it).into()).collect(),
        reached_on: dates::format(it.reached_on),
        flagged_on: dates::format(it.flagged_on),
        settled_on: settled_on.map(dates::format).unwrap_or_default(),
    }
}

fn pb_duty(duty: Duty) -> pb::DeadlineDuty {
    pb::DeadlineDuty::from_str_name(&format!("DEADLINE_DUTY_{}", duty.as_str())).unwrap_or_default()
}

fn pb_office(office: Office) -> pb::DeadlineOffice {
    pb::DeadlineOffice::from_str_name(&format!("DEADLINE_OFFICE_{}", office.as_str()))
        .unwrap_or_default()
}

fn domain_office(office: pb::DeadlineOffice) -> Option<Office> {
    Office::parse(office.as_str_name().strip_prefix("DEADLINE_OFFICE_")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duty_and_office_has_its_place_in_the_contract() {
        for duty in Duty::ALL {
            assert_ne!(pb_duty(*duty), pb::DeadlineDuty::Unspecified, "{duty:?}");
        }
        for office in Office::ALL {
            assert_eq!(domain_office(pb_office(*office)), Some(*office));
        }
        assert_eq!(domain_office(pb::DeadlineOffice::Unspecified), None);
    }
}
