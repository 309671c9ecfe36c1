//! Paper beside register beside rule.

use yuhui_policy::facts::GapState;
use yuhui_proto::eligibility::v1 as pb;

use super::day;
use crate::domain::comparison::{Agreement, Changed, Compared};

/// A fact, with the day as of which its register answered.
pub(crate) fn fact(it: Compared<'_>, as_of_on: String) -> pb::ComparedFact {
    let documents = it.documents.iter().map(|it| pb::ProvingDocument {
        kind: it.kind.clone(),
        original_seen: it.original_seen,
    });
    let rules = it.rules.iter().map(|it| pb::RuleResult {
        rule: it.rule.to_string(),
        clause: it.clause.as_str().into(),
        outcome: it.outcome.code().into(),
        note: it.note.to_string(),
    });
    pb::ComparedFact {
        fact: it.fact.into(),
        documents: documents.collect(),
        rules: rules.collect(),
        register: it.register.into(),
        fetched_on: day(it.fetched_on),
        as_of_on,
        unknown: it.unknown.map_or("", GapState::code).into(),
        agreement: it.agreement.map(agreement).unwrap_or_default().into(),
        stated: it.stated,
        answered: it.answered,
    }
}

fn agreement(of: Agreement) -> pb::Agreement {
    match of {
        Agreement::Agrees => pb::Agreement::Agrees,
        Agreement::Differs => pb::Agreement::Differs,
        Agreement::NotStated => pb::Agreement::NotStated,
        Agreement::NotKnown => pb::Agreement::NotKnown,
        Agreement::Contradicted => pb::Agreement::Contradicted,
    }
}

pub(crate) fn changed(all: Vec<Changed>) -> Vec<pb::Changed> {
    let all = all.into_iter();
    all.map(|(what, before, after)| pb::Changed {
        what,
        before,
        after,
    })
    .collect()
}
