//! Deadlines, red flags, what the next round needs; matters and findings of supervision; who opened a case.

use yuhui_proto::eligibility::v1::{
    deadline_service_server::DeadlineService, finding_service_server::FindingService,
    forecast_service_server::ForecastService, matter_service_server::MatterService,
    red_flag_service_server::RedFlagService, statistics_service_server::StatisticsService,
    view_service_server::ViewService,
};

use super::{Handlers, answers};
use crate::{acts::supervision, jobs::deadlines::operation, reads};

impl DeadlineService for Handlers {
    answers! {
        run_deadlines: RunDeadlinesRequest => RunDeadlinesResponse by operation::run;
        list_overdue: ListOverdueRequest => ListOverdueResponse by reads::deadlines::overdue;
        list_duties: ListDutiesRequest => ListDutiesResponse by reads::duties::list;
    }
}

impl RedFlagService for Handlers {
    answers! {
        list_shared_accounts: ListSharedAccountsRequest => ListSharedAccountsResponse by reads::red_flags::list;
    }
}

impl ForecastService for Handlers {
    answers! {
        forecast_round: ForecastRoundRequest => ForecastRoundResponse by reads::forecast::round;
    }
}

impl MatterService for Handlers {
    answers! {
        open_matter: OpenMatterRequest => OpenMatterResponse by supervision::open_matter;
        close_matter: CloseMatterRequest => CloseMatterResponse by supervision::close_matter;
        list_matters: ListMattersRequest => ListMattersResponse by reads::supervision::matters;
    }
}

impl FindingService for Handlers {
    answers! {
        record_finding: RecordFindingRequest => RecordFindingResponse by supervision::record_finding;
        list_findings: ListFindingsRequest => ListFindingsResponse by reads::supervision::findings;
    }
}

impl ViewService for Handlers {
    answers! {
        list_case_views: ListCaseViewsRequest => ListCaseViewsResponse by reads::views::list;
    }
}

impl StatisticsService for Handlers {
    answers! {
        count_cases: CountCasesRequest => CountCasesResponse by reads::statistics::count_cases;
    }
}
