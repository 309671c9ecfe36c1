//! The tables of the scheme: from the law in force, the divisions served, the notices of days off.

use prost::Message as _;
use sha2::{Digest as _, Sha256};
use yuhui_kernel::{Money, divisions, working_days::DayKind};
use yuhui_platform::{Result, caller::Caller};
use yuhui_policy::{
    Class, Decision, PolicyPack, Programme, Reason, facts::HonourLevel, pack::MonthDay,
};
use yuhui_proto::portal::v1 as pb;

use crate::{
    context::Context,
    convert,
    domain::{State, documents},
    refusal::day,
};

/// Programmes of the scheme.
const PROGRAMMES: [Programme; 4] = [Programme::P1, Programme::P2, Programme::P3, Programme::P4];

/// The tables, or that those the caller has still hold.
pub(crate) async fn list(
    context: &Context,
    _: &Caller,
    ask: pb::ListReferenceDataRequest,
) -> Result<pb::ListReferenceDataResponse> {
    let today = context.today();
    let pack = context.pack_on(today).await?;
    let year = match ask.year {
        0 => today.year(),
        year => year,
    };
    let mut tables = tables(context, &pack, year);
    let version = hex::encode(Sha256::digest(tables.encode_to_vec()));
    if version == ask.known_version {
        return Ok(pb::ListReferenceDataResponse {
            version,
            unchanged: true,
            ..Default::default()
        });
    }
    tables.version = version;
    Ok(tables)
}

fn tables(context: &Context, pack: &PolicyPack, year: i32) -> pb::ListReferenceDataResponse {
    let calendar = context.calendar;
    let days = calendar
        .notices_of(year)
        .map(|(date, kind)| pb::ReferenceDay {
            day_on: day(date),
            working: kind == DayKind::MakeupWorkday,
        });
    let divisions = divisions::all().iter().map(|it| pb::ReferenceDivision {
        code: it.code_text.clone(),
        name: it.name.clone(),
        statistical_only: it.statistical_only,
    });
    let programmes = PROGRAMMES.iter().map(|it| programme(pack, *it));
    let decisions = Decision::ALL.iter();
    let reasons = Reason::ALL.iter();
    let states = State::ALL.iter();
    pb::ListReferenceDataResponse {
        version: String::new(),
        unchanged: false,
        pack_version: pack.version().into(),
        divisions: divisions.collect(),
        programmes: programmes.collect(),
        decisions: decisions
            .map(|it| word(it.code(), it.chinese(), it.english()))
            .collect(),
        reasons: reasons
            .map(|it| word(it.code(), it.chinese(), it.english()))
            .collect(),
        states: states
            .map(|it| word(it.as_str(), it.chinese(), it.english()))
            .collect(),
        days: days.collect(),
        has_notice: calendar.has_notice_for(year),
    }
}

fn programme(pack: &PolicyPack, programme: Programme) -> pb::ReferenceProgramme {
    let close = match programme.is_family() {
        true => pack.parameters.calendar_family_filing_close,
        false => pack.parameters.calendar_institution_filing_close,
    };
    let MonthDay { month, day } = close;
    pb::ReferenceProgramme {
        programme: convert::programme(programme).into(),
        name_zh: programme.chinese().into(),
        name_en: programme.english().into(),
        amounts: amounts(pack, programme),
        filing_close: format!("{:02}-{day:02}", u8::from(month)),
        documents: documents::all_of(programme)
            .map(convert::required_document)
            .collect(),
    }
}

fn amounts(pack: &PolicyPack, programme: Programme) -> Vec<pb::ReferenceAmount> {
    let amount = |kind: &str, amount: Money| pb::ReferenceAmount {
        kind: kind.into(),
        amount_fen: amount.fen(),
    };
    match programme {
        Programme::P1 => Class::ALL
            .iter()
            .map(|it| amount(it.code(), pack.parameters.p1_amount.of(*it)))
            .collect(),
        Programme::P2 => vec![amount("", pack.parameters.p2_amount)],
        Programme::P3 => vec![amount("", pack.parameters.p3_amount)],
        Programme::P4 => [
            ("MUNICIPAL", HonourLevel::Municipal),
            ("REGIONAL", HonourLevel::Regional),
            ("NATIONAL", HonourLevel::National),
        ]
        .map(|(kind, level)| amount(kind, pack.parameters.p4_amount.of(level)))
        .into(),
        // The national system tells its own.
        Programme::N1 => Vec::new(),
    }
}

fn word(code: &str, zh: &str, en: &str) -> pb::ReferenceWord {
    pb::ReferenceWord {
        code: code.into(),
        zh: zh.into(),
        en: en.into(),
    }
}
