//! The claim as it is filled in: field by field, everything that is wrong told at once.

use yuhui_kernel::{
    CreditCode, DivisionCode, DivisionLevel, IdentityNumber,
    account::{AccountPart, Payee, StatedAccount},
    same_name,
};
use yuhui_platform::{Result, form::Form};
use yuhui_policy::Programme;
use yuhui_proto::eligibility::v1 as pb;

use crate::{
    context::Context,
    convert::particulars,
    domain::{
        Case, Kind,
        case::Document,
        private::{Account, Private},
    },
};

/// Subsidy years a form can name; whether one is payable is for the rules.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;
/// Longest name, in characters.
const LONGEST_NAME: usize = 100;
/// Most documents of a claim.
const MOST_DOCUMENTS: usize = 50;
/// Longest kind of a document, in characters.
const LONGEST_KIND: usize = 64;
/// Length of a SHA-256 digest in hex.
const DIGEST: usize = 64;

/// Fields of a claim that may change.
const FIELDS: &[&str] = &[
    "claim.claimant_number",
    "claim.child_number",
    "claim.credit_code",
    "claim.claimant_name",
    "claim.village",
    "claim.township",
    "claim.subsidy_year",
    "claim.account",
    "claim.documents",
    "claim.truth_signed",
    "claim.family",
    "claim.institution",
];

/// A form that is being filled in.
pub(super) struct Filling<'a> {
    pub(super) context: &'a Context,
    /// Claimants do not certify their own originals.
    pub(super) by_claimant: bool,
    pub(super) case: &'a mut Case,
    pub(super) private: &'a mut Private,
}

impl Filling<'_> {
    /// Takes over the fields that `paths` name; none means all. What is malformed is refused, and
    /// nothing is taken over.
    pub(super) fn fill(mut self, claim: &pb::Claim, paths: &[String]) -> Result<()> {
        let mut form = Form::default();
        let whole = paths.is_empty() || paths.iter().any(|it| it == "claim");
        if whole {
            for path in FIELDS {
                self.one(&mut form, claim, path)?;
            }
        } else {
            for path in paths {
                self.one(&mut form, claim, path)?;
            }
        }
        form.finish()?;
        Ok(())
    }

    fn one(&mut self, form: &mut Form, claim: &pb::Claim, path: &str) -> Result<()> {
        let family = self.case.kind() == Kind::Family;
        match path {
            "claim.claimant_number" if family => {
                let Some(number) = person(form, path, &claim.claimant_number) else {
                    return Ok(());
                };
                let reference = self.reference(&number, |vault| vault.person(&number));
                if self.keeps(form, path, &self.case.claimant_ref, &reference) {
                    self.case.claimant_ref = reference;
                    self.private.claimant_number = number;
                }
            }
            "claim.child_number" if family => {
                let Some(number) = person(form, path, &claim.child_number) else {
                    return Ok(());
                };
                let reference = self.reference(&number, |vault| vault.person(&number));
                if self.keeps(form, path, &self.case.subject_ref, &reference) {
                    self.case.subject_ref = reference;
                    self.private.child_number = number;
                }
            }
            "claim.credit_code" if !family => {
                let Some(code) = credit_code(form, path, &claim.credit_code) else {
                    return Ok(());
                };
                let reference = self.reference(&code, |vault| vault.institution(&code));
                if self.keeps(form, path, &self.case.subject_ref, &reference) {
                    self.case.claimant_ref.clone_from(&reference);
                    self.case.subject_ref = reference;
                    self.private.credit_code = code;
                }
            }
            "claim.village" if family => {
                self.unit(form, path, &claim.village, DivisionLevel::Village);
            }
            "claim.township" if !family => {
                self.unit(form, path, &claim.township, DivisionLevel::Township);
            }
            "claim.family" if family => {
                let stated = claim.family.as_ref();
                family_phones(form, path, stated);
                self.private.particulars = particulars::kept(stated)?;
            }
            "claim.institution" if !family => {
                let stated = claim.institution.as_ref();
                let record = stated.and_then(|it| it.record.as_ref());
                let number = record.map_or("", |it| it.phone.as_str());
                phone(form, &format!("{path}.record.phone"), number);
                self.private.particulars = particulars::kept(stated)?;
            }
            // Fields of the other kind of claim.
            "claim.claimant_number"
            | "claim.child_number"
            | "claim.credit_code"
            | "claim.village"
            | "claim.township"
            | "claim.family"
            | "claim.institution" => {}
            "claim.claimant_name" => {
                if let Some(name) = name(form, path, &claim.claimant_name) {
                    self.private.claimant_name = name;
                }
            }
            "claim.subsidy_year" => self.year(form, path, claim.subsidy_year),
            "claim.account" => {
                let stated = claim.account.as_ref();
                let account = drafted_account(form, path, stated, self.case.kind());
                self.case.account_masked = account.masked();
                self.private.account = account;
            }
            "claim.documents" => self.documents(form, path, &claim.documents),
            "claim.truth_signed" => self.case.truth_signed = claim.truth_signed,
            _ => form.refuse(
                "update_mask",
                format!("没有字段 {path}"),
                format!("names no field of the claim: {path}"),
            ),
        }
        Ok(())
    }

    fn reference(
        &self,
        number: &str,
        blind: impl FnOnce(&yuhui_platform::vault::Vault) -> String,
    ) -> String {
        if number.is_empty() {
            String::new()
        } else {
            blind(&self.context.vault)
        }
    }

    /// Who claims what for whom is fixed by lodging: the lodging date is theirs (R-PRC-4).
    fn keeps<T: PartialEq>(&self, form: &mut Form, path: &str, known: &T, new: &T) -> bool {
        let may = self.case.lodged_on.is_none() || known == new;
        if !may {
            form.refuse(
                path,
                "受理后不得更改，须撤回后重新申报",
                "cannot change once lodged",
            );
        }
        may
    }

    fn unit(&mut self, form: &mut Form, path: &str, text: &str, level: DivisionLevel) {
        if text.is_empty() {
            return;
        }
        let unit = text.parse::<DivisionCode>().ok();
        let own = |it: &DivisionCode| it.level() == level && it.county() == self.case.tenant.code();
        match unit.filter(own) {
            Some(unit) => {
                if self.keeps(form, path, &self.case.unit, &unit) {
                    self.case.unit = unit;
                }
            }
            None => form.refuse(
                path,
                "不是本旗县区的嘎查村（居）或苏木乡镇（街道）代码",
                "is no unit of that level in this county",
            ),
        }
    }

    fn year(&mut self, form: &mut Form, path: &str, year: i32) {
        if year == 0 || (is_yearly(self.case.programme) && YEARS.contains(&year)) {
            if self.keeps(form, path, &self.case.subsidy_year, &year) {
                self.case.subsidy_year = year;
            }
        } else if is_yearly(self.case.programme) {
            form.refuse(
                path,
                format!("须为{}至{}年", YEARS.start(), YEARS.end()),
                format!("must be a year from {} to {}", YEARS.start(), YEARS.end()),
            );
        } else {
            form.refuse(
                path,
                "此项目不分年度",
                "belongs to claims of P2 and P3 only",
            );
        }
    }

    fn documents(&mut self, form: &mut Form, path: &str, documents: &[pb::Document]) {
        form.limit(path, documents, MOST_DOCUMENTS);
        let mut kept = Vec::with_capacity(documents.len().min(MOST_DOCUMENTS));
        for (index, document) in documents.iter().take(MOST_DOCUMENTS).enumerate() {
            let kind = form.text(
                &format!("{path}[{index}].kind"),
                &document.kind,
                LONGEST_KIND,
            );
            let digest = &document.digest;
            let hex = digest.len() == DIGEST && digest.bytes().all(|it| it.is_ascii_hexdigit());
            if !digest.is_empty() && !hex {
                form.refuse(
                    format!("{path}[{index}].digest"),
                    "须为SHA-256十六进制摘要",
                    "must be a SHA-256 digest in hex",
                );
            }
            kept.push(Document {
                kind: kind.unwrap_or_default().into(),
                digest: digest.clone(),
                original_seen: document.original_seen && !self.by_claimant,
            });
        }
        self.case.documents = kept;
    }
}

fn family_phones(form: &mut Form, path: &str, stated: Option<&pb::FamilyParticulars>) {
    let applicant = stated.and_then(|it| it.applicant.as_ref());
    let agent = stated.and_then(|it| it.agent.as_ref());
    let numbers = [
        ("applicant", applicant.map(|it| &it.phone)),
        ("agent", agent.map(|it| &it.phone)),
    ];
    for (of, number) in numbers {
        let number = number.map_or("", String::as_str);
        phone(form, &format!("{path}.{of}.phone"), number);
    }
}

/// Digits, with what people write between them. A number as it is shown, masked, is not taken for one.
fn phone(form: &mut Form, path: &str, number: &str) {
    if !number
        .chars()
        .all(|it| it.is_ascii_digit() || "+- ".contains(it))
    {
        form.refuse(
            path,
            "只能包含数字、“+”、“-”和空格",
            "has other characters than digits, +, - and spaces",
        );
    }
}

/// R-ID-1; empty in a draft.
fn person(form: &mut Form, path: &str, text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        return Some(String::new());
    }
    form.identity_number(path, text)
        .map(|it: IdentityNumber| it.expose())
}

/// R-ID-2; empty in a draft. A failing check digit is the institution registry's to doubt.
fn credit_code(form: &mut Form, path: &str, text: &str) -> Option<String> {
    let text = text.trim().to_uppercase();
    if !text.is_empty()
        && let Err(error) = CreditCode::parse(&text)
    {
        form.refuse(path, "统一社会信用代码有误", error.to_string());
        return None;
    }
    Some(text)
}

fn name(form: &mut Form, path: &str, text: &str) -> Option<String> {
    if text.trim().is_empty() {
        return Some(String::new());
    }
    form.text(path, text, LONGEST_NAME).map(ToOwned::to_owned)
}

/// An account; its parts may be empty in a draft, and its holder another than whoever is named yet.
fn drafted_account(
    form: &mut Form,
    path: &str,
    stated: Option<&pb::BankAccount>,
    kind: Kind,
) -> Account {
    let account = account(form, path, stated);
    if !account.number.is_empty() {
        may_be_paid_to(form, path, &account, kind, &account.holder_name);
    }
    account
}

/// An account as it is stated.
pub(super) fn account(form: &mut Form, path: &str, stated: Option<&pb::BankAccount>) -> Account {
    let Some(stated) = stated else {
        return Account::default();
    };
    let holder_name = name(form, &format!("{path}.holder_name"), &stated.holder_name);
    let bank_name = name(form, &format!("{path}.bank_name"), &stated.bank_name);
    Account {
        holder_name: holder_name.unwrap_or_default(),
        number: stated.account_number.trim().into(),
        bank_name: bank_name.unwrap_or_default(),
        corporate: stated.corporate,
    }
}

/// What an account to be paid to needs: it is there, and the payee's own (五(二)4, AMB-48, I7).
/// `payee` is the claimant, or an institution as it is named in its register.
pub(super) fn account_complete(
    form: &mut Form,
    path: &str,
    account: &Account,
    kind: Kind,
    payee: &str,
) {
    let parts = [
        ("holder_name", &account.holder_name),
        ("account_number", &account.number),
        ("bank_name", &account.bank_name),
    ];
    for (part, text) in parts {
        need(form, !text.is_empty(), &format!("{path}.{part}"));
    }
    if parts.iter().all(|(_, text)| !text.is_empty()) {
        may_be_paid_to(form, path, account, kind, payee);
    }
}

fn may_be_paid_to(form: &mut Form, path: &str, account: &Account, kind: Kind, payee: &str) {
    let stated = StatedAccount {
        holder_name: &account.holder_name,
        number: &account.number,
        corporate: account.corporate,
    };
    let kind = match kind {
        Kind::Family => Payee::Person,
        Kind::Institution => Payee::Institution,
    };
    for fault in yuhui_kernel::account::check(stated, kind, payee) {
        let part = match fault.part() {
            AccountPart::HolderName => "holder_name",
            AccountPart::Number => "account_number",
            AccountPart::Corporate => "corporate",
        };
        form.refuse(format!("{path}.{part}"), fault.zh(), fault.to_string());
    }
}

/// Everything a lodged claim needs (F1: form complete, identity proven, truth signed). `registered`
/// is the name of an institution in its register.
pub(super) fn complete(case: &Case, private: &Private, registered: Option<&str>) -> Result<()> {
    let mut form = Form::default();
    let form = &mut form;
    match case.kind() {
        Kind::Family => {
            need(
                form,
                !private.claimant_number.is_empty(),
                "claim.claimant_number",
            );
            need(form, !private.child_number.is_empty(), "claim.child_number");
            need(
                form,
                case.unit.level() == DivisionLevel::Village,
                "claim.village",
            );
            if !private.child_number.is_empty() && case.claimant_ref == case.subject_ref {
                form.refuse(
                    "claim.child_number",
                    "不得与申请人相同",
                    "is the claimant's own",
                );
            }
        }
        Kind::Institution => {
            need(form, !private.credit_code.is_empty(), "claim.credit_code");
            need(
                form,
                case.unit.level() == DivisionLevel::Township,
                "claim.township",
            );
        }
    }
    let name = &private.claimant_name;
    need(form, !name.is_empty(), "claim.claimant_name");
    if registered.is_some_and(|it| !same_name(it, name)) {
        form.refuse(
            "claim.claimant_name",
            "须与机构登记名称一致",
            "must be the name the institution is registered under",
        );
    }
    let yearly = is_yearly(case.programme);
    need(
        form,
        !yearly || case.subsidy_year != 0,
        "claim.subsidy_year",
    );
    let payee = registered.unwrap_or(name);
    account_complete(form, "claim.account", &private.account, case.kind(), payee);
    need(form, case.truth_signed, "claim.truth_signed");
    form.finish()?;
    Ok(())
}

fn need(form: &mut Form, is_there: bool, field: &str) {
    if !is_there {
        form.refuse(field, "必填", "is required");
    }
}

const fn is_yearly(programme: Programme) -> bool {
    matches!(programme, Programme::P2 | Programme::P3)
}
