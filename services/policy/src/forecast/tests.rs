use proptest::prelude::*;
use serde_json::json;
use yuhui_kernel::divisions;

use super::*;

fn county(place: usize) -> DivisionCode {
    divisions::counties().get(place).expect("ten counties").code
}

/// A county of 10,000 births a year, counted by hukou, without a round before.
fn figures() -> CountyFigures {
    CountyFigures {
        county: county(0),
        births: (2020..=2025).map(|year| (year, 10_000)).collect(),
        counted: Counted::ByHukou,
        last_round: None,
        honours_pending: HonoursPending::default(),
    }
}

fn paid(count: u64, yuan: i64) -> Paid {
    Paid {
        count,
        amount: Money::from_yuan(yuan).expect("small"),
    }
}

fn need(round: i32, through: i32, figures: &CountyFigures) -> Forecast {
    let assumptions = Assumptions::default();
    let pack = PolicyPack::baotou();
    let one = std::slice::from_ref(figures);
    forecast(pack, round, through, one, &assumptions).expect("a forecast")
}

fn of(forecast: &Forecast, programme: Programme) -> [(u64, i64); 3] {
    let cell = forecast.of_programme(programme).expect("it fits");
    [cell.low, cell.middle, cell.high].map(|need| (need.count, need.amount.fen() / 100))
}

#[test]
fn without_a_round_before_the_shares_assumed_decide() {
    let forecast = need(2026, 2025, &figures());
    // 10,000 × 40 %, 45 %, 50 % × 90 %; each 5,000 yuan whatever its class.
    let p1 = [
        (3_600, 18_000_000),
        (4_050, 20_250_000),
        (4_500, 22_500_000),
    ];
    assert_eq!(of(&forecast, Programme::P1), p1);
    // 30,000 under three × 6 % × 88 %, 9 % × 92.5 %, 12 % × 98.5 %; 500 yuan each.
    let p2 = [(1_584, 792_000), (2_498, 1_249_000), (3_546, 1_773_000)];
    assert_eq!(of(&forecast, Programme::P2), p2);
    assert_eq!(of(&forecast, Programme::P3), [(0, 0); 3]);
    assert_eq!(of(&forecast, Programme::P4), [(0, 0); 3]);
    let total = forecast.total().expect("it fits");
    assert_eq!(total.low.amount, Money::from_fen(1_879_200_000));
    assert_eq!(total.low.count, 3_600 + 1_584);
    assert_eq!(forecast.of_county(county(0)), Ok(total));
    assert_eq!(forecast.of_county(county(1)), Ok(Scenarios::NONE));
    assert_eq!(forecast.pack_version, "baotou-2024-126/1");
}

#[test]
fn the_volumes_of_the_city_come_out() {
    // Births of 2025 estimated as 12,100 (low) and 14,600 (high), counted by hospitals: 3,700 to
    // 6,300 payable children; of 40,000 under three 1,800, 3,000, 4,500 with P2.
    let city = |births: u64| CountyFigures {
        births: [(2025, births)].into(),
        counted: Counted::ByBirth,
        ..figures()
    };
    let low = of(&need(2026, 2025, &city(12_100)), Programme::P1)[0].0;
    let high = of(&need(2026, 2025, &city(14_600)), Programme::P1)[2].0;
    assert_eq!((low, high), (3_703, 6_242));
    let p2 = of(&need(2026, 2025, &city(40_000)), Programme::P2);
    assert_eq!(p2.map(|(count, _)| count), [1_795, 2_997, 4_492]);
}

#[test]
fn a_year_not_counted_yet_follows_the_trend() {
    let forecast = need(2026, 2024, &figures());
    // 10,000 × 83 %, 94.5 %, 106 %.
    let p1 = of(&forecast, Programme::P1).map(|(count, _)| count);
    assert_eq!(p1, [2_988, 3_827, 4_770]);
    // Only the youngest of the three cohorts is estimated: 28,300, 29,450, 30,600.
    let p2 = of(&forecast, Programme::P2).map(|(count, _)| count);
    assert_eq!(p2, [1_494, 2_452, 3_617]);
    // Two years missing: the trend twice.
    let p1 = of(&need(2026, 2023, &figures()), Programme::P1);
    assert_eq!(p1.map(|(count, _)| count), [2_480, 3_617, 5_056]);
}

#[test]
fn the_middle_follows_the_round_before() {
    let mut known = figures();
    known.last_round = Some(LastRound {
        second: paid(3_750, 18_750_000),
        third: paid(1_250, 6_250_000),
        p2: paid(2_000, 1_000_000),
        p3: paid(1_001, 600_600),
        p4: paid(1, 50_000),
    });
    let forecast = need(2026, 2025, &known);
    // The first round paid 5,000 of fifteen months of births: 4,000 of twelve.
    assert_eq!(of(&forecast, Programme::P1)[1].0, 4_000);
    assert_eq!(of(&forecast, Programme::P2)[1].0, 2_000);
    // 62.5 %, all, half as many again; 600 yuan each; half a child is one.
    let p3 = [(626, 375_600), (1_001, 600_600), (1_502, 901_200)];
    assert_eq!(of(&forecast, Programme::P3), p3);
    // Honours of 2025 can be granted still: 30 %, all, three times.
    assert_eq!(
        of(&forecast, Programme::P4),
        [(0, 15_000), (1, 50_000), (3, 150_000)]
    );
}

#[test]
fn the_middle_stays_between_low_and_high() {
    let with = |count: u64| {
        let mut known = figures();
        known.last_round = Some(LastRound {
            second: paid(count, 0),
            p2: paid(count, 0),
            ..LastRound::default()
        });
        let forecast = need(2026, 2025, &known);
        let middle = |programme| of(&forecast, programme)[1].0;
        (middle(Programme::P1), middle(Programme::P2))
    };
    assert_eq!(with(0), (3_600, 1_584));
    assert_eq!(with(9_000), (4_500, 3_546));
}

#[test]
fn classes_are_paid_by_their_own_amounts() {
    let overrides = json!({"p1.amount_fen": {"SECOND": 300_000, "THIRD": 700_000}});
    let pack = PolicyPack::baotou()
        .with_overrides(overrides.as_object().expect("an object"))
        .expect("known");
    let assumptions = Assumptions::default();
    let middle = |figures: CountyFigures| {
        let forecast = forecast(&pack, 2026, 2025, &[figures], &assumptions).expect("one");
        of(&forecast, Programme::P1)[1]
    };
    // Of 4,050 27.8 %, rounded 1,126, are third children.
    let assumed = 2_924 * 3_000 + 1_126 * 7_000;
    assert_eq!(middle(figures()), (4_050, assumed));
    let mut known = figures();
    known.last_round = Some(LastRound {
        second: paid(3_750, 0),
        third: paid(1_250, 0),
        ..LastRound::default()
    });
    assert_eq!(middle(known), (4_000, 3_000 * 3_000 + 1_000 * 7_000));
}

#[test]
fn the_policy_years_bound_the_need() {
    let mut known = figures();
    known.last_round = Some(LastRound {
        second: paid(4_000, 0),
        p3: paid(100, 60_000),
        p4: paid(2, 100_000),
        ..LastRound::default()
    });
    known.honours_pending = HonoursPending {
        national: 1,
        regional: 2,
        municipal: 10,
    };
    // Births of 2025 claimed late: 5 %, 10 %, 25 % of what a year brings; nothing for nurseries.
    let run_off = need(2027, 2026, &known);
    let p1 = of(&run_off, Programme::P1).map(|(count, _)| count);
    assert_eq!(p1, [180, 405, 1_125]);
    assert_eq!(of(&run_off, Programme::P2), [(0, 0); 3]);
    assert_eq!(of(&run_off, Programme::P3), [(0, 0); 3]);
    // One, two and nine (90 % of ten), then all: no new honours any more.
    let pending = 100_000 + 2 * 80_000 + 9 * 50_000;
    let all = pending + 50_000;
    assert_eq!(
        of(&run_off, Programme::P4),
        [(12, pending), (12, pending), (13, all)]
    );
    let over = need(2028, 2027, &known);
    assert_eq!(of(&over, Programme::P1), [(0, 0); 3]);
    let before = need(2024, 2023, &known);
    assert_eq!(of(&before, Programme::P1), [(0, 0); 3]);
    let first = need(2025, 2024, &known);
    assert!(of(&first, Programme::P1)[0].0 > 0);
}

#[test]
fn what_cannot_be_is_refused() {
    let pack = PolicyPack::baotou();
    let mut assumptions = Assumptions::default();
    let twice = [figures(), figures()];
    let refused = forecast(pack, 2026, 2025, &twice, &assumptions);
    assert_eq!(refused, Err(ForecastError::Twice(county(0))));
    let mut many = figures();
    many.births = [(2025, u64::MAX)].into();
    let refused = forecast(pack, 2026, 2025, &[many], &assumptions);
    assert_eq!(refused, Err(ForecastError::TooMuch));
    assumptions.in_nursery.low = 91;
    let refused = forecast(pack, 2026, 2025, &[figures()], &assumptions);
    let error = refused.expect_err("out of order");
    assert_eq!(
        error.to_string(),
        "the assumption `in_nursery` is not in order, low to high"
    );
    assumptions.in_nursery.low = 90;
    assert!(forecast(pack, 2026, 2025, &[figures()], &assumptions).is_ok());
    assumptions.in_nursery.high = 89;
    assert!(forecast(pack, 2026, 2025, &[figures()], &assumptions).is_err());
}

#[test]
fn assumptions_are_named_in_both_languages() {
    let list = need(2026, 2025, &figures()).assumptions;
    assert_eq!(list.len(), 11);
    let keys: std::collections::BTreeSet<&str> = list.iter().map(|it| it.key).collect();
    assert_eq!(keys.len(), list.len());
    for it in list {
        assert!(!it.zh.is_ascii() && it.en.is_ascii(), "{}", it.key);
    }
}

proptest! {
    /// Low, middle and high are in order for every county and programme, and counties add up.
    #[test]
    fn scenarios_are_in_order(
        births in prop::collection::vec(0_u64..50_000, 6),
        rounds in prop::collection::vec((0_u64..9_000, 0_u64..9_000, 0_u64..900), 2),
        round in 2024_i32..2029,
        gap in 0_i32..3,
        by_hukou in any::<bool>(),
    ) {
        let counties: Vec<CountyFigures> = { rounds.iter().enumerate() }
            .map(|(place, (p1, p2, rest))| CountyFigures {
                county: county(place),
                births: (2020..=2025).zip(births.iter().copied()).collect(),
                counted: if by_hukou { Counted::ByHukou } else { Counted::ByBirth },
                last_round: (p1 % 3 != 0).then(|| LastRound {
                    second: paid(*p1, 1),
                    third: paid(p1 / 3, 1),
                    p2: paid(*p2, 1),
                    p3: paid(*p2, 1),
                    p4: paid(*rest, 100),
                }),
                honours_pending: HonoursPending { national: *rest, regional: 1, municipal: 7 },
            })
            .collect();
        let assumptions = Assumptions::default();
        let pack = PolicyPack::baotou();
        let forecast = forecast(pack, round, round - 1 - gap, &counties, &assumptions)
            .expect("small figures");
        for ((_, programme), cell) in &forecast.cells {
            prop_assert!(cell.low.count <= cell.middle.count, "{programme:?}");
            prop_assert!(cell.middle.count <= cell.high.count, "{programme:?}");
            prop_assert!(cell.low.amount <= cell.middle.amount, "{programme:?}");
            prop_assert!(cell.middle.amount <= cell.high.amount, "{programme:?}");
        }
        let parts = counties.iter().try_fold(Scenarios::NONE, |sum, figures| {
            sum.plus(&forecast.of_county(figures.county).ok()?)
        });
        prop_assert_eq!(parts, forecast.total().ok());
    }
}
