//! Matters, findings and views, as they are shown.

use yuhui_kernel::dates;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as pb, case_view::Kind},
};

use crate::{
    domain::supervision::{Finding, Matter},
    store::views::View,
};

/// A matter.
pub(crate) fn matter(matter: &Matter) -> pb::Matter {
    let closed = matter.closed.as_ref();
    pb::Matter {
        name: matter.name(),
        case: matter.case_name(),
        ground: matter.ground.clone(),
        opened_by: matter.opened_by.account.clone(),
        opened_on: dates::format(matter.opened_on),
        closed_by: closed.map(|it| it.by.account.clone()).unwrap_or_default(),
        closed_on: closed.map(|it| dates::format(it.on)).unwrap_or_default(),
        conclusion: closed.map(|it| it.words.clone()).unwrap_or_default(),
    }
}

/// A finding.
pub(crate) fn finding(finding: &Finding) -> pb::Finding {
    pb::Finding {
        name: finding.name(),
        subject: finding.subject.clone(),
        words: finding.words.clone(),
        clause: finding.clause.clone(),
        asks_for_hold: finding.asks_for_hold,
        recorded_by: finding.by.account.clone(),
        role: role(&finding.role),
        recorded_on: dates::format(finding.on),
    }
}

/// A view; the account is told to supervision alone.
pub(crate) fn view(view: View, with_account: bool) -> pb::CaseView {
    let kind = Kind::from_str_name(&format!("KIND_{}", view.kind));
    pb::CaseView {
        viewed_on: dates::format(view.on),
        role: role(&view.role),
        unit: view.unit,
        account: if with_account {
            view.account
        } else {
            String::new()
        },
        kind: kind.unwrap_or_default().into(),
    }
}

fn role(name: &str) -> i32 {
    Role::from_str_name(name).unwrap_or_default().into()
}
