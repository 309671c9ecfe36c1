//! What the services that pay ask for: lines and payees, and what may be paid today.

use yuhui_proto::internal::v1::{
    clearance_service_server::ClearanceService, payout_service_server::PayoutService,
};

use super::{Handlers, answers};
use crate::reads;

impl PayoutService for Handlers {
    answers! {
        package internal;
        list_sealed_roster_lines: ListSealedRosterLinesRequest => ListSealedRosterLinesResponse by reads::payouts::lines;
        list_payees: ListPayeesRequest => ListPayeesResponse by reads::payouts::payees;
    }
}

impl ClearanceService for Handlers {
    answers! {
        package internal;
        list_cleared_cases: ListClearedCasesRequest => ListClearedCasesResponse by reads::clearance::cleared;
    }
}
