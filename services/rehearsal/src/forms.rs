//! The forms claimants fill in (annexes 1–4), with the documents of C.3.

use tonic::Status;
use yuhui_proto::{
    eligibility::v1::{
        BankAccount, Claim as Form, Document, FamilyParticulars, GrantPortion,
        InstitutionParticulars, MaritalStatus,
        family_particulars::{Applicant, Marriage},
        institution_particulars::Record,
    },
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
            family: Some(family_stating(&claim.account)),
            ..form
        },
        Claimant::Nursery(index) => {
            let nursery = plot.nurseries.get(*index);
            let nursery = nursery.ok_or_else(|| Status::internal("no such nursery"))?;
            Form {
                credit_code: nursery.institution.credit_code.clone(),
                claimant_name: nursery.institution.display_name.clone(),
                township: claim.unit.to_string(),
                institution: Some(institution_stating(&claim.account)),
                ..form
            }
        }
    };
    Ok(Form {
        account: Some(account(&form.claimant_name, &claim.account, !family)),
        ..form
    })
}

/// What the form of a family states beside.
fn family_stating(account: &str) -> FamilyParticulars {
    FamilyParticulars {
        applicant: Some(Applicant {
            current_address: "幸福路1号".into(),
            phone: telephone(account),
            ..Applicant::default()
        }),
        marriage: Some(Marriage {
            status: MaritalStatus::FirstMarriage.into(),
            ..Marriage::default()
        }),
        claimed_portion: GrantPortion::Whole.into(),
        ..FamilyParticulars::default()
    }
}

/// What the form of an institution states beside.
fn institution_stating(account: &str) -> InstitutionParticulars {
    InstitutionParticulars {
        record: Some(Record {
            address: "幸福路2号".into(),
            phone: telephone(account),
            ..Record::default()
        }),
        ..InstitutionParticulars::default()
    }
}

/// A mobile number, another for every account.
fn telephone(account: &str) -> String {
    let last = account.len().saturating_sub(8);
    format!("139{}", account.get(last..).unwrap_or_default())
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
