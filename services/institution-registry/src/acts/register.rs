//! Registration by the registrars (R-ID-2).

use yuhui_kernel::{CreditCode, DivisionCode, DivisionLevel, Registrar, Tenant, city, divisions};
use yuhui_platform::{
    Caller, Result, act::OpenAct, audit, clock, form::Form, idempotency, unless_answered,
};
use yuhui_proto::{authz::v1::Desk, institution::v1 as pb};

use crate::{
    Deps, convert,
    domain::{Institution, Kind, LegalPerson, Record},
    refusal::Refused,
    separation::none_heads,
    store::{credit_codes, institutions},
};

/// Longest name of an institution, in characters.
const NAME: usize = 200;
/// Most places of one institution.
const PLACES: i32 = 10_000;

/// Registers an institution.
pub async fn register(
    deps: &Deps,
    caller: &Caller,
    ask: pb::RegisterInstitutionRequest,
) -> Result<pb::RegisterInstitutionResponse> {
    let tenant = caller.tenant()?;
    let key = idempotency::Key::new(caller, &ask.request_id, &ask)?;
    let mut form = Form::default();
    let stated = ask.institution.unwrap_or_default();
    let read = read(&mut form, deps, tenant, &stated);
    form.finish()?;
    let institution = read.ok_or_else(|| yuhui_platform::Error::fault("no fault was told"))?;
    if !may_register(caller.desk(), institution.registered_with) {
        return Err(Refused::OtherRegistrar.into());
    }

    let relatives = deps
        .peers
        .relatives(caller, tenant, deps.clock.today())
        .await;
    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, tenant, key));
    let tx = &act.tx;
    none_heads(&relatives?, &institution.record, institution.registered_on)?;
    credit_codes::take(tx, &institution.institution_ref).await?;
    institutions::add(tx, &institution).await?;
    let after = serde_json::json!({
        "credit_code": institution.credit_code,
        "credit_code_doubtful": !institution.credit_code.check_digit_valid(),
        "display_name": institution.display_name,
        "kind": institution.kind,
        "registered_with": institution.registered_with,
    });
    let entry = audit::Entry::new("institution.register", convert::name_of(&institution));
    act.record(entry.after(&after)).await?;
    act.finish(pb::RegisterInstitutionResponse {
        institution: Some(convert::institution(institution)),
    })
    .await
}

/// Civil affairs registers private non-enterprise units (52); the registrars'
/// desk stands for 编办 and 市场监管 (12, 91, 92).
fn may_register(desk: Desk, registrar: Registrar) -> bool {
    match registrar {
        Registrar::CivilAffairs => desk == Desk::CivilAffairs,
        Registrar::MarketRegulation | Registrar::PublicInstitutionRegistry => {
            desk == Desk::Registrar
        }
    }
}

fn read(
    form: &mut Form,
    deps: &Deps,
    tenant: Tenant,
    stated: &pb::Institution,
) -> Option<Institution> {
    let kind = match stated.kind() {
        pb::InstitutionKind::Nursery => Some(Kind::Nursery),
        pb::InstitutionKind::Kindergarten => Some(Kind::Kindergarten),
        pb::InstitutionKind::Unspecified => {
            form.refuse("institution.kind", "须填写机构类型", "must be stated");
            None
        }
    };
    let credit_code = read_credit_code(form, stated);
    let display_name = form.text("institution.display_name", &stated.display_name, NAME);
    let registered_on = form.date("institution.registered_on", &stated.registered_on);
    let township = read_township(form, tenant, &stated.township);
    let legal_person = read_legal_person(form, deps, &stated.legal_person);
    if !(0..=PLACES).contains(&stated.licensed_places) {
        form.refuse(
            "institution.licensed_places",
            format!("须为0至{PLACES}"),
            format!("must be 0 to {PLACES}"),
        );
    }
    let (credit_code, registered_with) = credit_code?;
    let (registered_on, legal_person) = (registered_on?, legal_person?);
    let legal_person = legal_person.map(|person_ref| LegalPerson {
        from_on: registered_on,
        person_ref,
    });
    let code = credit_code.to_string();
    Some(Institution {
        tenant,
        id: clock::fresh_id(),
        institution_ref: deps.vault.blind("credit-code", &code),
        credit_code,
        display_name: display_name?.to_owned(),
        kind: kind?,
        registered_with,
        registered_on,
        township: township?,
        licensed_places: stated.licensed_places,
        record: Record {
            legal_persons: legal_person.into_iter().collect(),
            ..Record::default()
        },
    })
}

/// The code, whose first two characters must name the registrar. A failing
/// check digit refuses nothing: early pilot codes break the standard.
fn read_credit_code(form: &mut Form, stated: &pb::Institution) -> Option<(CreditCode, Registrar)> {
    let field = "institution.credit_code";
    let registrar = match stated.registered_with() {
        pb::Registrar::CivilAffairs => Some(Registrar::CivilAffairs),
        pb::Registrar::MarketRegulation => Some(Registrar::MarketRegulation),
        pb::Registrar::PublicInstitution => Some(Registrar::PublicInstitutionRegistry),
        pb::Registrar::Unspecified => {
            form.refuse(
                "institution.registered_with",
                "须填写登记机关",
                "must be stated",
            );
            None
        }
    };
    let code = match CreditCode::parse(&stated.credit_code) {
        Ok(code) => code,
        Err(error) => {
            form.refuse(field, "不是有效的统一社会信用代码", error.to_string());
            return None;
        }
    };
    let registrar = registrar?;
    if code.registrar() != Some(registrar) {
        form.refuse(
            field,
            "前两位与登记机关不符",
            "the first two characters do not name the registrar stated",
        );
        return None;
    }
    Some((code, registrar))
}

/// The legal person or head, of whom the register keeps a reference; an early entry may name none.
fn read_legal_person(form: &mut Form, deps: &Deps, text: &str) -> Option<Option<String>> {
    if text.is_empty() {
        return Some(None);
    }
    let number = form.identity_number("institution.legal_person", text)?;
    Some(Some(deps.vault.person(&number.expose())))
}

/// A township of the county; or one outside the city, of an institution that children of the county
/// attend: it counts nowhere (R-P2-3), and what counts nowhere is known as that.
fn read_township(form: &mut Form, tenant: Tenant, text: &str) -> Option<DivisionCode> {
    let township = text.parse::<DivisionCode>().ok().filter(|code| {
        let mut own = divisions::townships_of(tenant.code());
        let elsewhere = code.level() == DivisionLevel::Township && !city().contains(code);
        elsewhere || own.any(|it| it.code == *code)
    });
    if township.is_none() {
        form.refuse(
            "institution.township",
            "须为本旗县区（或本市外）的苏木乡镇（街道）代码",
            "must be a township of the county, or outside the city",
        );
    }
    township
}
