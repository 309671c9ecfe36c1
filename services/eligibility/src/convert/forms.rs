//! What is printed of a claim beside its decision (附件1 to 12): forms, columns of rosters, summaries.

use yuhui_kernel::{Calendar, DivisionCode, Money, divisions};
use yuhui_platform::{Error, Result};
use yuhui_policy::{
    PolicyPack, Programme,
    evidence::Evidence,
    facts::{HonourLevel, Institution, InstitutionKind},
    letter::chinese_capitals,
    printed::{self, OfFamily, OfInstitution},
};
use yuhui_proto::{
    eligibility::v1::{self as pb, GrantPortion, InstitutionForm, roster_line::Columns},
    institution::v1 as institutions,
};

use super::{class, day, particulars};
use crate::domain::{
    Case,
    private::{Private, mask, mask_phone},
    roster::LinePayee,
    summary::{Column, Row, Sum, Summary},
};

/// What an evaluation has to print.
pub(crate) enum Printed<'a> {
    Family(OfFamily),
    Institution(OfInstitution<'a>),
}

impl<'a> Printed<'a> {
    /// By the parameters it was decided with.
    pub(crate) fn of(pack: &'a PolicyPack, calendar: &'a Calendar, of: &'a Evidence) -> Self {
        match of.claim.programme.is_family() {
            true => Self::Family(printed::family(pack, calendar, of)),
            false => Self::Institution(printed::institution(pack, calendar, of)),
        }
    }
}

/// What stands on every page.
pub(crate) fn header(
    annex: i32,
    title: String,
    county: DivisionCode,
    round: i32,
    versions: Vec<String>,
) -> pb::FormHeader {
    pb::FormHeader {
        annex,
        title,
        county: county.to_string(),
        county_name: divisions::name_of(county).unwrap_or_default().into(),
        round,
        versions,
    }
}

/// Number and name of the application form of a programme.
pub(crate) const fn application(programme: Programme) -> (i32, &'static str) {
    match programme {
        Programme::P1 | Programme::N1 => (1, "包头市二孩、三孩家庭一次性育儿补贴申请表"),
        Programme::P2 => (2, "包头市入托孩子家庭生均补贴申请表"),
        Programme::P3 => (3, "包头市托育机构生均运营补贴申请表"),
        Programme::P4 => (4, "包头市示范托育机构奖励补贴申请表"),
    }
}

/// Number and name of the roster of a programme.
pub(crate) fn roster(of: Programme) -> (i32, String) {
    let annex = match of {
        Programme::P1 | Programme::P2 | Programme::N1 => 6,
        Programme::P3 => 9,
        Programme::P4 => 11,
    };
    (annex, format!("包头市{}发放花名册", of.chinese()))
}

/// The columns of the line of a case, numbers masked, as they are kept; and its row in a summary. Nothing can be said of a
/// case without an evaluation.
pub(crate) fn line(
    case: &Case,
    private: &Private,
    printed: &Printed<'_>,
    round: i32,
) -> Result<(LinePayee, Row)> {
    let (columns, row) = match printed {
        Printed::Family(of) => family_line(case, private, of)?,
        Printed::Institution(of) if case.programme == Programme::P3 => {
            operating_line(case, private, of)?
        }
        Printed::Institution(of) => model_line(case, private, of)?,
    };
    let remark = match case.round == round {
        true => String::new(),
        false => format!("由{}年度转入", case.round),
    };
    let payee = LinePayee {
        name: private.claimant_name.clone(),
        columns,
        remark,
    };
    Ok((payee, row))
}

fn family_line(case: &Case, private: &Private, of: &OfFamily) -> Result<(String, Row)> {
    let stated = particulars::family(case, private)?.unwrap_or_default();
    let applicant = stated.applicant.unwrap_or_default();
    let found = case.outcome.as_ref().and_then(|it| it.found.class);
    let columns = pb::FamilyColumns {
        township: township(case),
        village: case.unit.to_string(),
        claimant_number: mask(&private.claimant_number),
        relation: applicant.relation,
        child_name: stated.claimed_child.unwrap_or_default().display_name,
        child_number: mask(&private.child_number),
        child_born_on: day(of.child_born_on),
        birth_class: class(found).into(),
        multiple_birth: of.multiple_birth,
        subsidy_year: case.subsidy_year,
        institutions: stated
            .stays
            .into_iter()
            .map(|it| it.institution_name)
            .collect(),
        months: of.months,
        marital_status: stated.marriage.unwrap_or_default().status,
        portion: portion(of).into(),
        bank_name: private.account.bank_name.clone(),
        phone: mask_phone(&applicant.phone),
    };
    let column = match (case.programme, found) {
        (Programme::P1, Some(yuhui_policy::Class::Second)) => Column::P1Second,
        (Programme::P1, Some(yuhui_policy::Class::Third)) => Column::P1Third,
        (Programme::P2, _) => Column::P2,
        _ => Column::NotKept,
    };
    let is_multiple = of.multiple_birth && case.programme == Programme::P1;
    let extracts = [
        (is_multiple, Column::P1MultipleBirth),
        (of.half, Column::Half),
    ];
    let extracts: Vec<Column> = extracts
        .into_iter()
        .filter_map(|(is, column)| is.then_some(column))
        .collect();
    let row = Row::of_line(column, &extracts, 0, case.amount());
    Ok((serde_json::to_string(&columns)?, row))
}

fn operating_line(case: &Case, private: &Private, of: &OfInstitution<'_>) -> Result<(String, Row)> {
    let record = particulars::institution(case, private)?
        .and_then(|it| it.record)
        .unwrap_or_default();
    let found = case.outcome.as_ref().and_then(|it| it.found.headcount);
    let form = form(&private.credit_code, of.record);
    let columns = pb::OperatingColumns {
        credit_code: private.credit_code.clone(),
        filing_number: record.filing_number,
        form: form.into(),
        representative_name: record.representative_name,
        phone: mask_phone(&record.phone),
        subsidy_year: case.subsidy_year,
        enrolled: small(of.enrolled),
        headcount: small(found.unwrap_or_default()),
        rate_fen: of.rate.fen(),
        holder_name: private.account.holder_name.clone(),
        bank_name: private.account.bank_name.clone(),
    };
    let column = match form {
        InstitutionForm::PublicInstitution => Column::PublicInstitution,
        InstitutionForm::CivilNonEnterprise => Column::CivilNonEnterprise,
        InstitutionForm::Enterprise => Column::Enterprise,
        InstitutionForm::Kindergarten => Column::Kindergarten,
        InstitutionForm::Unspecified => Column::NotKept,
    };
    let row = Row::of_line(column, &[], found.unwrap_or_default(), case.amount());
    Ok((serde_json::to_string(&columns)?, row))
}

fn model_line(case: &Case, private: &Private, of: &OfInstitution<'_>) -> Result<(String, Row)> {
    let stated = particulars::institution(case, private)?.unwrap_or_default();
    let honour = stated.honour.unwrap_or_default();
    let columns = pb::ModelColumns {
        credit_code: private.credit_code.clone(),
        filing_number: stated.record.unwrap_or_default().filing_number,
        level: of.honour.map_or(0, |(it, _)| level(it).into()),
        granted_by: honour.granted_by,
        document_number: honour.document_number,
        granted_on: day(of.honour.map(|(_, on)| on)),
        rate_fen: of.rate.fen(),
        awarded_fen: of.awarded.fen(),
        holder_name: private.account.holder_name.clone(),
        bank_name: private.account.bank_name.clone(),
    };
    let column = match of.honour {
        _ if !of.awarded.is_zero() => Column::TopUp,
        Some((HonourLevel::National, _)) => Column::National,
        Some((HonourLevel::Regional, _)) => Column::Regional,
        Some((HonourLevel::Municipal, _)) => Column::Municipal,
        None => Column::NotKept,
    };
    let row = Row::of_line(column, &[], 0, case.amount());
    Ok((serde_json::to_string(&columns)?, row))
}

/// The columns of a line as they are shown.
pub(crate) fn columns(of: Programme, kept: &str) -> Result<Option<Columns>> {
    if kept.is_empty() {
        return Ok(None);
    }
    Ok(Some(match of {
        Programme::P1 | Programme::P2 | Programme::N1 => {
            Columns::Family(serde_json::from_str(kept)?)
        }
        Programme::P3 => Columns::Operating(serde_json::from_str(kept)?),
        Programme::P4 => Columns::Model(serde_json::from_str(kept)?),
    }))
}

/// The township of a case, 9 digits.
pub(crate) fn township(case: &Case) -> String {
    let township = case.unit.township();
    township.map(|it| it.to_string()).unwrap_or_default()
}

/// What is particular to the form of a claim.
pub(crate) fn form_of(
    case: &Case,
    private: &Private,
    printed: &Printed<'_>,
) -> pb::case_form::Form {
    use pb::case_form::Form;
    let found = case.outcome.as_ref().map(|it| &it.found);
    match printed {
        Printed::Family(of) if case.programme == Programme::P2 => Form::Care(pb::CareSubsidyForm {
            child_born_on: day(of.child_born_on),
            last_day_under_three: day(of.last_day_under_three),
            months: of.months,
            rate_fen: of.rate.fen(),
            portion: portion(of).into(),
        }),
        Printed::Family(of) => Form::Family(pb::FamilyForm {
            child_born_on: day(of.child_born_on),
            birth_class: class(found.and_then(|it| it.class)).into(),
            multiple_birth: of.multiple_birth,
            portion: portion(of).into(),
        }),
        Printed::Institution(of) if case.programme == Programme::P3 => {
            let enrolled = small(of.enrolled);
            let headcount = small(found.and_then(|it| it.headcount).unwrap_or_default());
            Form::Operating(pb::OperatingForm {
                record: of.record.map(|it| record(&private.credit_code, it)),
                enrolled,
                certified: of.certified.map(small),
                headcount,
                excluded: enrolled.saturating_sub(headcount),
                rate_fen: of.rate.fen(),
            })
        }
        Printed::Institution(of) => Form::Model(pb::ModelForm {
            record: of.record.map(|it| record(&private.credit_code, it)),
            level: of.honour.map_or(0, |(it, _)| level(it).into()),
            granted_on: day(of.honour.map(|(_, on)| on)),
            rate_fen: of.rate.fen(),
            awarded_fen: of.awarded.fen(),
        }),
    }
}

fn record(credit_code: &str, of: &Institution) -> pb::InstitutionRecord {
    let suspensions = of.suspensions.iter();
    let suspensions = suspensions.map(|it| pb::institution_record::Suspended {
        from_on: day(Some(it.from)),
        to_on: day(it.to),
    });
    pb::InstitutionRecord {
        form: form(credit_code, Some(of)).into(),
        registered_on: day(of.registered_on),
        filed_on: day(of.filed_on),
        education_approved_on: day(of.education_approved_on),
        inclusive_recognised_on: day(of.inclusive_recognised_on),
        suspensions: suspensions.collect(),
    }
}

/// 类型: by its kind, else by the office that its code is of.
fn form(credit_code: &str, record: Option<&Institution>) -> InstitutionForm {
    if record.is_some_and(|it| it.kind == InstitutionKind::Kindergarten) {
        return InstitutionForm::Kindergarten;
    }
    match credit_code.get(..2) {
        Some("12") => InstitutionForm::PublicInstitution,
        Some("52") => InstitutionForm::CivilNonEnterprise,
        Some("91" | "92") => InstitutionForm::Enterprise,
        _ => InstitutionForm::Unspecified,
    }
}

const fn portion(of: &OfFamily) -> GrantPortion {
    match of.half {
        true => GrantPortion::Half,
        false => GrantPortion::Whole,
    }
}

const fn level(of: HonourLevel) -> institutions::HonourLevel {
    match of {
        HonourLevel::Municipal => institutions::HonourLevel::Municipal,
        HonourLevel::Regional => institutions::HonourLevel::Regional,
        HonourLevel::National => institutions::HonourLevel::National,
    }
}

/// A head-count as the contract writes it.
fn small<T: TryInto<i32>>(count: T) -> i32 {
    count.try_into().unwrap_or(i32::MAX)
}

/// What a sum is in Chinese capitals; empty of nothing.
pub(crate) fn capitals(amount: Money) -> String {
    match amount.is_zero() {
        true => String::new(),
        false => chinese_capitals(amount),
    }
}

/// The rows of a summary in order, and their sum.
pub(crate) fn summary(
    of: &Summary,
    columns: &[Column],
    split: impl Fn(Money) -> Option<(Money, Money)>,
) -> Result<(Vec<pb::SummaryRow>, pb::SummaryRow)> {
    let too_large = || Error::fault("a summary too large to count");
    let shares = of.shares(&split).ok_or_else(too_large)?;
    let rows = of.0.iter().zip(shares);
    let rows = rows.map(|((division, row), shares)| summary_row(division, row, columns, shares));
    let total = of.total().ok_or_else(too_large)?;
    let shares = split(total.sum.amount).ok_or_else(too_large)?;
    Ok((rows.collect(), summary_row("", &total, columns, shares)))
}

fn summary_row(
    division: &str,
    row: &Row,
    columns: &[Column],
    (city, county): (Money, Money),
) -> pb::SummaryRow {
    let cells = columns.iter().map(|column| {
        let Sum { lines, amount } = row.cells.get(column).copied().unwrap_or_default();
        pb::SummaryCell {
            column: summary_column(*column).into(),
            column_zh: column.chinese().into(),
            count: lines,
            amount_fen: amount.fen(),
        }
    });
    pb::SummaryRow {
        division: division.into(),
        cells: cells.collect(),
        lines: row.sum.lines,
        headcount: row.headcount,
        amount_fen: row.sum.amount.fen(),
        city_share_fen: city.fen(),
        county_share_fen: county.fen(),
    }
}

const fn summary_column(of: Column) -> pb::SummaryColumn {
    match of {
        Column::P1Second => pb::SummaryColumn::P1Second,
        Column::P1Third => pb::SummaryColumn::P1Third,
        Column::P1MultipleBirth => pb::SummaryColumn::P1MultipleBirth,
        Column::Half => pb::SummaryColumn::Half,
        Column::P2 => pb::SummaryColumn::P2,
        Column::PublicInstitution => pb::SummaryColumn::PublicInstitution,
        Column::CivilNonEnterprise => pb::SummaryColumn::CivilNonEnterprise,
        Column::Enterprise => pb::SummaryColumn::Enterprise,
        Column::Kindergarten => pb::SummaryColumn::Kindergarten,
        Column::National => pb::SummaryColumn::National,
        Column::Regional => pb::SummaryColumn::Regional,
        Column::Municipal => pb::SummaryColumn::Municipal,
        Column::TopUp => pb::SummaryColumn::TopUp,
        Column::NotKept => pb::SummaryColumn::NotKept,
    }
}
