//! What a list of cases is narrowed to, and what is looked for by a text.

use time::{Date, OffsetDateTime};
use yuhui_kernel::{CreditCode, IdentityNumber, Tenant};
use yuhui_platform::{Result, form::Form, vault::Vault};
use yuhui_proto::eligibility::v1 as pb;

use super::{domain_decision, domain_programme, domain_state, pending_name};
use crate::store::case_list::{Filter, Order, Sought, moment, name_ref};

/// Digits with which a receipt number begins: those of the county.
const COUNTY_DIGITS: usize = 6;

pub(crate) fn order(order: pb::CaseOrder) -> Order {
    match order {
        pb::CaseOrder::Unspecified | pb::CaseOrder::Name => Order::Name,
        pb::CaseOrder::Newest => Order::Newest,
        pb::CaseOrder::Due => Order::Due,
        pb::CaseOrder::Lodged => Order::Lodged,
    }
}

/// What a list of the cases of a county is narrowed to. Numbers and names leave here as keyed hashes.
pub(crate) fn filter(
    vault: &Vault,
    county: Tenant,
    ask: &pb::CaseFilter,
    today: Date,
) -> Result<Filter> {
    let mut form = Form::default();
    let due_from = form.date_or_none("filter.due_from_on", &ask.due_from_on);
    let due_to = form.date_or_none("filter.due_to_on", &ask.due_to_on);
    let sought = sought(vault, county, &ask.text);
    if sought.is_none() && !ask.text.trim().is_empty() {
        form.refuse(
            "filter.text",
            "不是受理编号、证件号码或姓名",
            "is no receipt number, identity number, credit code or name",
        );
    }
    form.finish()?;
    let stands_out = |flag| ask.flags().any(|it| it == flag);
    Ok(Filter {
        within: String::new(),
        claimant: None,
        states: ask.states().filter_map(domain_state).collect(),
        programmes: ask.programmes().filter_map(domain_programme).collect(),
        rounds: ask.rounds.clone(),
        units: ask.units.clone(),
        decisions: ask.decisions().filter_map(domain_decision).collect(),
        reasons: ask.reasons.clone(),
        proposals: ask
            .proposals()
            .map(|it| pending_name(it).to_owned())
            .collect(),
        due_from: due_from.flatten(),
        due_to: due_to.flatten(),
        overdue: stands_out(pb::CaseFlag::Overdue).then_some(today),
        waits: stands_out(pb::CaseFlag::Waiting),
        kept_back: stands_out(pb::CaseFlag::KeptBack),
        changed_since: ask.changed_since.as_ref().map(since),
        sought,
    })
}

fn since(at: &prost_types::Timestamp) -> i64 {
    let nanos = i128::from(at.seconds) * 1_000_000_000 + i128::from(at.nanos);
    let at = OffsetDateTime::from_unix_timestamp_nanos(nanos);
    at.map_or(i64::MAX, moment)
}

/// What a text is. A number may be both a person's and an institution's: then both are looked for.
fn sought(vault: &Vault, county: Tenant, text: &str) -> Option<Sought> {
    let text = text.trim();
    let upper = text.to_uppercase();
    let person = IdentityNumber::parse(&upper).ok();
    let institution = CreditCode::parse(&upper).ok();
    let numbers = person.map(|it| vault.person(&it.expose()));
    let numbers = numbers
        .into_iter()
        .chain(institution.map(|it| vault.institution(&it.to_string())));
    let numbers: Vec<String> = numbers.collect();
    if !numbers.is_empty() {
        return Some(Sought::Number(numbers));
    }
    if is_receipt(&upper) {
        return Some(Sought::Receipt(upper));
    }
    // What is written like a number and is none was mistyped.
    let mistyped = text.is_ascii() && text.bytes().any(|it| it.is_ascii_digit());
    let is_name = !mistyped && text.chars().any(char::is_alphabetic);
    let name = is_name.then(|| name_ref(vault, county, text));
    name.filter(|it| !it.is_empty()).map(Sought::Name)
}

/// County, programme, day and a part of an id (R-PRC-1).
fn is_receipt(text: &str) -> bool {
    let mut parts = text.chars();
    let county = parts.by_ref().take(COUNTY_DIGITS);
    let digits = county.filter(char::is_ascii_digit).count();
    let rest = parts.as_str();
    digits == COUNTY_DIGITS
        && rest.starts_with(['P', 'N'])
        && rest.chars().all(|it| it.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use yuhui_platform::vault::Key;

    use super::*;

    fn vault() -> Vault {
        let key = |byte: &str| Key::from_hex(&byte.repeat(32)).expect("a key");
        Vault::with_first_key("eligibility", &key("06"), key("07")).expect("a vault")
    }

    fn county(code: &str) -> Tenant {
        Tenant::parse(code).expect("a county")
    }

    #[test]
    fn a_text_is_what_it_looks_like() {
        let (vault, own) = (vault(), county("150203"));
        let found = |text: &str| sought(&vault, own, text);
        let receipt = "150203P120250310A1B2C3D4E5F6";
        assert_eq!(found(receipt), Some(Sought::Receipt(receipt.into())));
        assert_eq!(found(&receipt.to_lowercase()), found(receipt));
        let number = "11010519491231002X";
        // Written like a credit code, too.
        let both = vec![vault.person(number), vault.institution(number)];
        assert_eq!(found("11010519491231002x"), Some(Sought::Number(both)));
        let code = "91350100M000100Y43";
        let institution = Sought::Number(vec![vault.institution(code)]);
        assert_eq!(found(code), Some(institution));
        // Names compare as everywhere.
        assert_eq!(found("阿依古丽·买买提"), found(" 阿依古丽・买买提 "));
        assert!(matches!(found("张某"), Some(Sought::Name(_))));
        assert_ne!(found("张某"), sought(&vault, county("150204"), "张某"));
        for nothing in ["", "  ", "12345", "11010519491231", "A12"] {
            assert_eq!(found(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn every_proposal_can_be_asked_for() {
        use super::super::pending;
        use crate::domain::ProposalKind as Kind;
        // Every kind, so that a new one is not forgotten.
        let asked = |kind| match kind {
            Kind::Rejection => pb::PendingProposal::Rejection,
            Kind::Termination => pb::PendingProposal::Termination,
            Kind::FraudFinding => pb::PendingProposal::FraudFinding,
            Kind::Recovery => pb::PendingProposal::Recovery,
            Kind::AccountCorrection => pb::PendingProposal::AccountCorrection,
            Kind::Takeover => pb::PendingProposal::Takeover,
        };
        for kind in [
            Kind::Rejection,
            Kind::Termination,
            Kind::FraudFinding,
            Kind::Recovery,
            Kind::AccountCorrection,
            Kind::Takeover,
        ] {
            assert_eq!(pending_name(asked(kind)), kind.as_str());
            assert_eq!(pending(kind.as_str()), asked(kind));
        }
        assert_eq!(
            pending_name(pb::PendingProposal::ReferralProceed),
            "REFERRAL_PROCEED"
        );
        assert_eq!(
            pending_name(pb::PendingProposal::ReferralRefusal),
            "REFERRAL_REFUSAL"
        );
    }
}
