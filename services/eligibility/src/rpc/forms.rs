//! What is printed.

use yuhui_proto::eligibility::v1::form_service_server::FormService;

use super::{Handlers, answers};
use crate::reads::forms::{case_form, children, summary};

impl FormService for Handlers {
    answers! {
        get_case_form: GetCaseFormRequest => GetCaseFormResponse by case_form::get, in form;
        list_counted_children: ListCountedChildrenRequest => ListCountedChildrenResponse by children::list;
        get_roster_summary: GetRosterSummaryRequest => GetRosterSummaryResponse by summary::get;
    }
}
