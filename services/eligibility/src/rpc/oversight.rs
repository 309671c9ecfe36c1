//! Deadlines, red flags, and what the next round needs.

use yuhui_proto::eligibility::v1::{
    deadline_service_server::DeadlineService, forecast_service_server::ForecastService,
    red_flag_service_server::RedFlagService,
};

use super::{Handlers, answers};
use crate::{jobs::deadlines::operation, reads};

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
