//! What the next round needs (五(二)6): the law's forecast over what the registers count, the ledger
//! paid and the county decided.

use yuhui_kernel::{Money, Tenant};
use yuhui_platform::{Error, Result, caller::Caller, form::Form, refusal::not_found};
use yuhui_policy::{
    Class, Programme,
    forecast::{self, Assumptions, Counted, CountyFigures, HonoursPending, LastRound, Paid},
};
use yuhui_proto::{authz::v1::Reach, eligibility::v1 as pb};

use crate::{
    clients::counts,
    context::Context,
    convert,
    domain::State,
    names::{self, ALL_COUNTIES},
    store::{self, cases::Filter},
};

/// Birth years before the round whose children may still be paid for.
const YEARS: i32 = 4;
/// Rounds ahead of this year's that can be forecast.
const AHEAD: i32 = 2;

pub(crate) async fn round(
    context: &Context,
    caller: &Caller,
    ask: pb::ForecastRoundRequest,
) -> Result<pb::ForecastRoundResponse> {
    let counties = match ask.parent.as_str() {
        ALL_COUNTIES if caller.reach == Reach::AllTenants => Tenant::all().to_vec(),
        ALL_COUNTIES => return Err(not_found(ALL_COUNTIES).into()),
        parent => vec![names::parse_parent(caller, parent)?],
    };
    let today = context.today();
    let round = match ask.round {
        0 => today.year() + 1,
        round => round,
    };
    let mut form = Form::default();
    if !(today.year()..=today.year() + AHEAD).contains(&round) {
        form.refuse(
            "round",
            "只能预测本年度及其后两年",
            "must be this year's round or one of the next two",
        );
    }
    form.finish()?;
    let mut figures = Vec::with_capacity(counties.len());
    for county in counties {
        figures.push(county_figures(context, county, round).await?);
    }
    let pack = context.pack_on(today).await?;
    let found = forecast::forecast(
        &pack,
        round,
        today.year() - 1,
        &figures,
        &Assumptions::default(),
    );
    let found = found.map_err(|error| Error::fault(error.to_string()))?;
    let total = found
        .total()
        .map_err(|error| Error::fault(error.to_string()))?;
    Ok(pb::ForecastRoundResponse {
        round,
        pack_version: found.pack_version,
        needs: found
            .cells
            .iter()
            .map(|((county, programme), cell)| pb::ForecastNeed {
                county: county.to_string(),
                programme: convert::programme(*programme).into(),
                ..need(cell)
            })
            .collect(),
        total: Some(need(&total)),
        assumptions: found.assumptions.iter().map(assumption).collect(),
    })
}

/// What a county knows of its children, and of the round before.
async fn county_figures(context: &Context, county: Tenant, round: i32) -> Result<CountyFigures> {
    Ok(CountyFigures {
        county: county.code(),
        births: counts::births(context, county, round - YEARS).await?,
        counted: Counted::ByHukou,
        last_round: last_round(context, county, round - 1).await?,
        // The registry tells honours by institution only: awards follow the round before.
        honours_pending: HonoursPending::default(),
    })
}

/// Amounts as the ledger paid them; class and head-count, which it does not know, as decided.
async fn last_round(context: &Context, county: Tenant, round: i32) -> Result<Option<LastRound>> {
    let ledger = counts::paid(context, county, round).await?;
    if ledger.is_empty() {
        return Ok(None);
    }
    let paid = |programme: Programme| {
        let wanted = convert::programme(programme);
        let found = ledger.iter().find(|it| it.programme() == wanted);
        found.map_or(Paid::default(), |it| Paid {
            count: u64::try_from(it.lines).unwrap_or_default(),
            amount: Money::from_fen(it.amount_fen),
        })
    };
    let (second, children) = decided(context, county, round).await?;
    let p1 = paid(Programme::P1);
    Ok(Some(LastRound {
        second,
        third: Paid {
            count: p1.count.saturating_sub(second.count),
            amount: p1.amount.less_down_to_zero(second.amount),
        },
        p2: paid(Programme::P2),
        p3: Paid {
            count: children,
            amount: paid(Programme::P3).amount,
        },
        p4: paid(Programme::P4),
    }))
}

/// Second children paid for, and children counted for nurseries, in a round.
async fn decided(context: &Context, county: Tenant, round: i32) -> Result<(Paid, u64)> {
    let filter = Filter {
        states: vec![State::Paid, State::Closed],
        round,
        ..Filter::default()
    };
    let tx = context.db.read(county).await?;
    let cases = store::cases::list(&tx, &filter, None).await?;
    let (mut second, mut children) = (Paid::default(), 0_u64);
    for case in cases
        .iter()
        .map(|it| &it.case)
        .filter(|it| it.paid_on.is_some())
    {
        let found = case.outcome.as_ref().map(|it| &it.found);
        if found.and_then(|it| it.class) == Some(Class::Second) {
            second.count += 1;
            second.amount = second
                .amount
                .checked_add(case.amount())
                .ok_or_else(|| Error::fault("the round's amounts do not fit"))?;
        }
        children += u64::from(found.and_then(|it| it.headcount).unwrap_or_default());
    }
    Ok((second, children))
}

fn need(cell: &forecast::Scenarios) -> pb::ForecastNeed {
    let scenario = |it: &forecast::Need| pb::ForecastScenario {
        count: i64::try_from(it.count).unwrap_or(i64::MAX),
        amount_fen: it.amount.fen(),
    };
    pb::ForecastNeed {
        low: Some(scenario(&cell.low)),
        middle: Some(scenario(&cell.middle)),
        high: Some(scenario(&cell.high)),
        ..pb::ForecastNeed::default()
    }
}

fn assumption(it: &forecast::Assumption) -> pb::ForecastAssumption {
    let permille = |it: u32| i32::try_from(it).unwrap_or(i32::MAX);
    pb::ForecastAssumption {
        key: it.key.into(),
        zh: it.zh.into(),
        en: it.en.into(),
        low_permille: permille(it.permille.low),
        middle_permille: permille(it.permille.middle),
        high_permille: permille(it.permille.high),
    }
}
