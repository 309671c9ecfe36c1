//! Confirmation, rosters, recording by the city, and the archive.

use std::collections::BTreeSet;

use time::Month;
use tokio::sync::Mutex;
use tonic::Status;
use yuhui_kernel::{Money, Tenant, city, dates};
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{
        ApproveRecordingRequest, BuildRosterRequest, Case, CaseFilter, CloseCaseRequest,
        CloseCasesRequest, ConfirmCaseRequest, DrawSampleRequest, ListCasesRequest,
        ProposeRecordingRequest, PublishSeedRequest, RecordSampleResultRequest, Roster,
        SealRosterRequest, case::State, case_service_client::CaseServiceClient,
        roster_service_client::RosterServiceClient, sampled_line,
        sampling_service_client::SamplingServiceClient,
    },
    types::v1::Programme,
};

use super::{
    agenda::{Act, recorded_on},
    intake::parent,
    offices::{Desk, at, key},
    operations::{ended, items},
    play::{Cohort, CountyRound, Play},
    review::{disagrees, has_changed},
    seen::roster_etag,
};

/// Cases listed at a time.
const PAGE: i32 = 500;

impl Play<'_> {
    /// Confirms what is ready and seals the rosters, cohort after cohort, so
    /// that each gets rosters of its own.
    pub(super) async fn confirm(&mut self, cohorts: Vec<usize>) {
        for place in cohorts {
            let ready = |standing: &super::play::Standing| {
                standing.cohort == Some(place)
                    && standing.state() == State::CNotice
                    && standing.notice_over
                    && standing.trouble.is_none()
            };
            let claims: Vec<usize> = (0..self.standing.len())
                .filter(|index| self.standing.get(*index).is_some_and(ready))
                .collect();
            self.times.more(claims.len());
            self.look_at_waiting(place).await;
            let changed = Mutex::new(Vec::new());
            self.each(claims.clone(), async |play, index| {
                match play.confirm_one(index).await {
                    Err(status) if has_changed(&status) => {
                        changed.lock().await.push(index);
                        Ok(None)
                    }
                    confirmed => confirmed,
                }
            })
            .await;
            for index in changed.into_inner() {
                self.review_again(index).await;
            }
            self.seal_rosters(place, &claims).await;
        }
    }

    async fn confirm_one(&self, index: usize) -> Result<Option<Case>, Status> {
        let approver = self.approver(self.claim(index)?.county).await?;
        let ask = ConfirmCaseRequest {
            etag: self.etag(index),
            name: self.name(index),
            note: String::new(),
            request_id: key(),
        };
        match at!(approver, CaseServiceClient.confirm_case, ask) {
            Ok(reply) => Ok(reply.case),
            Err(status) if disagrees(&status) => self.reject(index).await,
            Err(status) => Err(status),
        }
    }

    /// What the case was when it was last looked at.
    fn etag(&self, index: usize) -> String {
        let case = self.standing.get(index).and_then(|it| it.case.as_ref());
        case.map_or_else(String::new, |it| it.etag.clone())
    }

    async fn seal_rosters(&mut self, place: usize, claims: &[usize]) {
        let round = self.open_round(place);
        let Some(cohort) = self.cohorts.get_mut(place) else {
            return;
        };
        cohort.round = round.unwrap_or(cohort.round);
        let cohort = cohort.clone();
        let confirmed = self.in_state(claims.to_vec(), State::Confirmed);
        let (confirmed, nothing_due) = { confirmed.into_iter() }.partition(|it| self.is_due(*it));
        self.close(nothing_due).await;
        let programmes: BTreeSet<Programme> = confirmed
            .iter()
            .filter_map(|index| self.plot.claims.get(*index))
            .map(|claim| claim.programme)
            .collect();
        if programmes.is_empty() {
            return;
        }
        let budget = self.county_half(&confirmed);
        let pair = CountyRound {
            county: cohort.county,
            round: cohort.round,
        };
        self.all(vec![pair], async |play, pair| {
            play.appropriate(pair, budget).await
        })
        .await;
        self.seed_is_public(cohort.round).await;
        let sealed = self
            .all(programmes.into_iter().collect(), async |play, programme| {
                play.seal_roster(&cohort, programme).await
            })
            .await;
        let names = sealed.into_iter().map(|roster| roster.name).collect();
        if let Some(cohort) = self.cohorts.get_mut(place) {
            cohort.rosters = names;
        }
        let on = self.record_day(&cohort);
        self.agenda.add(on, Act::Record, place);
        self.rostered(confirmed);
    }

    /// R-PRC-3: what is confirmed after the last day of its round, with the batch gone out, joins
    /// the next round.
    fn open_round(&self, place: usize) -> Option<i32> {
        let own = self.cohorts.get(place)?;
        let last_day = dates::month_day(own.round, Month::October, 31);
        let same = |it: &&Cohort| (it.county, it.round) == (own.county, own.round);
        let mut paid = self.cohorts.iter().filter(same);
        let is_released = paid.any(|it| it.paid_on < self.today && !it.rosters.is_empty());
        (is_released && self.today > last_day).then_some(own.round + 1)
    }

    /// The city publishes the seed of a round before anything of it is sealed (DYN-9).
    async fn seed_is_public(&mut self, round: i32) {
        if !self.seeded.insert(round) {
            return;
        }
        let city = city().to_string();
        self.all(vec![round], async |play, round| {
            let registrar = play.offices.of(Role::CityHealthRegistrar, &city).await?;
            let ask = PublishSeedRequest {
                round,
                seed: format!("{round}年度抽查：公开摇号结果 07 12 23 31"),
                request_id: key(),
            };
            at!(registrar, SamplingServiceClient.publish_seed, ask)
        })
        .await;
    }

    /// The county's half of what these claims come to (R-MON-2), in fen.
    fn county_half(&self, claims: &[usize]) -> i64 {
        let standing = claims.iter().filter_map(|index| self.standing.get(*index));
        let told = standing.filter_map(|it| it.case.as_ref()?.determination.as_ref());
        let total = Money::from_fen(told.map(|told| told.amount_fen).sum());
        total.city_county_shares().1.fen()
    }

    /// Takes note that these are on a sealed roster, and with how much.
    fn rostered(&mut self, claims: Vec<usize>) {
        for index in claims {
            if let Some(standing) = self.standing.get_mut(index) {
                let told = standing
                    .case
                    .as_ref()
                    .and_then(|case| case.determination.as_ref());
                standing.rostered_fen = told.map(|told| told.amount_fen);
            }
        }
    }

    async fn seal_roster(&self, cohort: &Cohort, programme: Programme) -> Result<Roster, Status> {
        let maker = self.reviewer(cohort.county).await?;
        let checker = self.approver(cohort.county).await?;
        let ask = BuildRosterRequest {
            parent: parent(cohort.county),
            programme: programme.into(),
            round: cohort.round,
            request_id: key(),
        };
        let built = at!(maker, RosterServiceClient.build_roster, ask)?;
        ended(&maker, built.operation).await?;
        let name = built.roster.unwrap_or_default().name;
        let ask = SealRosterRequest {
            etag: roster_etag(&checker, &name).await?,
            name,
            request_id: key(),
        };
        let sealed = at!(checker, RosterServiceClient.seal_roster, ask)?;
        ended(&checker, sealed.operation).await?;
        Ok(sealed.roster.unwrap_or_default())
    }

    /// The usual day, but not before a cohort of the same county and round
    /// that is paid earlier: what is recorded and funded is paid together.
    fn record_day(&self, own: &Cohort) -> time::Date {
        let earlier = self
            .cohorts
            .iter()
            .filter(|it| (it.county, it.round) == (own.county, own.round))
            .filter(|it| it.paid_on < own.paid_on)
            .map(|it| dates::add_days(it.paid_on, 1))
            .max();
        let usual = recorded_on(own.round).max(self.today);
        earlier
            .map_or(usual, |day| day.max(usual))
            .min(own.paid_on)
            .max(self.today)
    }

    /// The city records rosters: registrar, then approver (F17).
    pub(super) async fn record(&mut self, cohorts: Vec<usize>) {
        let city = city().to_string();
        let rosters: Vec<String> = cohorts
            .iter()
            .filter_map(|place| self.cohorts.get(*place))
            .flat_map(|cohort| cohort.rosters.clone())
            .collect();
        self.times.more(rosters.len().saturating_sub(cohorts.len()));
        self.all(rosters, async |play, name| {
            let registrar = play.offices.of(Role::CityHealthRegistrar, &city).await?;
            let approver = play.offices.of(Role::CityHealthApprover, &city).await?;
            sample(&registrar, &name).await?;
            let ask = ProposeRecordingRequest {
                name: name.clone(),
                note: "形式审查通过，抽查2%无误".into(),
                request_id: key(),
            };
            let checked = at!(registrar, RosterServiceClient.propose_recording, ask)?;
            ended(&registrar, checked.operation).await?;
            let ask = ApproveRecordingRequest {
                etag: roster_etag(&approver, &name).await?,
                name,
                request_id: key(),
            };
            let recorded = at!(approver, RosterServiceClient.approve_recording, ask)?;
            ended(&approver, recorded.operation).await
        })
        .await;
        for place in cohorts {
            let Some(cohort) = self.cohorts.get(place).cloned() else {
                continue;
            };
            let pair = self.county_round(cohort.county, cohort.round);
            let usual = super::agenda::funded_on(cohort.round).max(self.today);
            self.agenda
                .add(usual.min(cohort.paid_on).max(self.today), Act::Fund, pair);
            self.agenda
                .add(cohort.paid_on.max(self.today), Act::Pay, pair);
        }
    }

    /// Reads again how the cases of these counties and rounds stand.
    pub(super) async fn refresh(&mut self, rounds: &[CountyRound]) {
        let cases = self
            .all(rounds.to_vec(), async |play, pair| {
                let of_round = CaseFilter {
                    rounds: vec![pair.round],
                    ..CaseFilter::default()
                };
                let reviewer = play.reviewer(pair.county).await?;
                list_cases(&reviewer, pair.county, of_round).await
            })
            .await;
        self.now_stand(cases.into_iter().flatten());
    }

    /// Reads what waits to be confirmed in a cohort's county: what is confirmed is what was looked at.
    async fn look_at_waiting(&mut self, place: usize) {
        let county = self.cohorts.get(place).map(|it| it.county);
        let cases = self
            .all(county.into_iter().collect(), async |play, county| {
                let waiting = CaseFilter {
                    states: vec![State::CNotice.into()],
                    ..CaseFilter::default()
                };
                list_cases(&*play.approver(county).await?, county, waiting).await
            })
            .await;
        self.now_stand(cases.into_iter().flatten());
    }

    fn now_stand(&mut self, cases: impl Iterator<Item = Case>) {
        for case in cases {
            let Some(index) = self.by_name.get(&case.name).copied() else {
                continue;
            };
            if let Some(standing) = self.standing.get_mut(index) {
                standing.case = Some(case);
            }
        }
    }

    /// Reads every case again, once nothing more happens.
    pub async fn look_again(&mut self) {
        let pairs = self.county_rounds();
        self.refresh(&pairs).await;
    }

    /// Every round of a county that a case of the play is of.
    pub(super) fn county_rounds(&self) -> Vec<CountyRound> {
        let pairs: BTreeSet<CountyRound> = self
            .plot
            .claims
            .iter()
            .zip(&self.standing)
            .filter_map(|(claim, standing)| {
                let case = standing.case.as_ref()?;
                Some(CountyRound {
                    county: claim.county,
                    round: case.round,
                })
            })
            .collect();
        pairs.into_iter().collect()
    }

    /// Archives finished cases (F31); what they ended as is kept for the report.
    pub(super) async fn archive(&mut self) {
        let pairs = self.county_rounds();
        self.all(pairs, async |play, pair| {
            let reviewer = play.reviewer(pair.county).await?;
            let ask = CloseCasesRequest {
                parent: parent(pair.county),
                round: pair.round,
                request_id: key(),
            };
            let closed = at!(reviewer, CaseServiceClient.close_cases, ask)?;
            let closed = ended(&reviewer, closed.operation).await?;
            match items(&reviewer, &closed).await?.first() {
                None => Ok(()),
                Some(left) => Err(Status::aborted(format!(
                    "{} is not archived: {}",
                    left.name, left.reason
                ))),
            }
        })
        .await;
    }

    /// Whether anything is to be paid; the national subsidy may have covered it all (八e).
    fn is_due(&self, index: usize) -> bool {
        let standing = self.standing.get(index);
        let case = standing.and_then(|it| it.case.as_ref());
        let told = case.and_then(|it| it.determination.as_ref());
        told.is_none_or(|it| it.amount_fen > 0)
    }

    async fn close(&mut self, claims: Vec<usize>) {
        self.each(claims, async |play, index| {
            let reviewer = play.reviewer(play.claim(index)?.county).await?;
            let ask = CloseCaseRequest {
                name: play.name(index),
                etag: String::new(),
                request_id: key(),
            };
            at!(reviewer, CaseServiceClient.close_case, ask)?;
            Ok(None)
        })
        .await;
    }
}

/// The registrar draws the sample of a roster and looks at every line of it (F17).
async fn sample(registrar: &Desk, roster: &str) -> Result<(), Status> {
    let ask = DrawSampleRequest {
        roster: roster.into(),
        request_id: key(),
    };
    let drawn = at!(registrar, SamplingServiceClient.draw_sample, ask)?;
    for line in drawn.sample.unwrap_or_default().lines {
        let ask = RecordSampleResultRequest {
            roster: roster.into(),
            case: line.case,
            result: sampled_line::Result::Passed.into(),
            note: String::new(),
            request_id: key(),
        };
        at!(registrar, SamplingServiceClient.record_sample_result, ask)?;
    }
    Ok(())
}

async fn list_cases(desk: &Desk, county: Tenant, filter: CaseFilter) -> Result<Vec<Case>, Status> {
    let mut cases = Vec::new();
    let mut page_token = String::new();
    loop {
        let ask = ListCasesRequest {
            parent: parent(county),
            page_size: PAGE,
            page_token,
            filter: Some(filter.clone()),
            ..ListCasesRequest::default()
        };
        let page = at!(desk, CaseServiceClient.list_cases, ask)?;
        cases.extend(page.cases);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(cases);
        }
    }
}
