//! The forms claimants fill in (annexes 1–4), with the documents of C.3.

use tonic::Status;
use yuhui_proto::{
    eligibility::v1::{BankAccount, Claim as Form, Document},
    types::v1::Programme,
};

use super::plot::{Claim, Claimant, Plot, is_family};

/// Bank of every account.
const BANK: &str = "包头农商银行";

const FAMILY: &[&str] = &[
    "APPLICATION_FORM",
    "IDENTITY_CARD",
    "HUKOU_BOOK",
    "MARRIAGE_CERTIFICATE",
    "BIRTH_CERTIFICATE",
    "BIRTH_SERVICE_REGISTRATION",
    "BANK_CARD",
    "TRUTH_STATEMENT",
];
const NURSERY_YEAR: &[&str] = &["FEE_RECEIPT", "ENROLMENT_AGREEMENT"];
const INSTITUTION: &[&str] = &[
    "APPLICATION_FORM",
    "IDENTITY_CARD",
    "REGISTRATION_CERTIFICATE",
    "PREMISES_TITLE",
    "HEAD_RESUME",
    "PLACES_AND_INVESTMENT",
    "ENROLMENT_ROSTER",
    "CORPORATE_ACCOUNT",
];
const HONOUR: &[&str] = &["HONOUR_CERTIFICATE"];

/// The claim as it is handed in.
pub(crate) fn fill_in(plot: &Plot, claim: &Claim) -> Result<Form, Status> {
    let family = is_family(claim.programme);
    let form = Form {
        programme: claim.programme.into(),
        subsidy_year: claim.subsidy_year,
        documents: documents(claim.programme),
        truth_signed: true,
        ..Form::default()
    };
    let form = match &claim.claimant {
        Claimant::Family {
            number,
            name,
            child,
        } => Form {
            claimant_number: number.clone(),
            child_number: child.clone(),
            claimant_name: name.clone(),
            village: claim.unit.to_string(),
            ..form
        },
        Claimant::Nursery(index) => {
            let nursery = plot.nurseries.get(*index);
            let nursery = nursery.ok_or_else(|| Status::internal("no such nursery"))?;
            Form {
                credit_code: nursery.institution.credit_code.clone(),
                claimant_name: nursery.institution.display_name.clone(),
                township: claim.unit.to_string(),
                ..form
            }
        }
    };
    Ok(Form {
        account: Some(account(&form.claimant_name, &claim.account, !family)),
        ..form
    })
}

/// An account of the payee's own (五(二)4).
pub(crate) fn account(holder: &str, number: &str, corporate: bool) -> BankAccount {
    BankAccount {
        holder_name: holder.into(),
        account_number: number.into(),
        bank_name: BANK.into(),
        corporate,
    }
}

fn documents(programme: Programme) -> Vec<Document> {
    let lists: &[&[&str]] = match programme {
        Programme::P1 | Programme::Unspecified => &[FAMILY],
        Programme::P2 => &[FAMILY, NURSERY_YEAR],
        Programme::P3 => &[INSTITUTION, NURSERY_YEAR],
        Programme::P4 => &[INSTITUTION, HONOUR],
    };
    let document = |kind: &&str| Document {
        kind: (*kind).to_owned(),
        digest: String::new(),
        original_seen: true,
    };
    lists.iter().copied().flatten().map(document).collect()
}
