//! What the asker is told: the result, by when, where, with which papers.

use time::Date;
use yuhui_kernel::{Calendar, DivisionCode, DivisionLevel, Tenant, dates};
use yuhui_policy::{
    Claim, Decision, Determination, Facts, PolicyPack, Programme, Reason,
    pack::LateFiling,
    rules::dates::{family_window_close, institution_round, institution_window_close, p1_last_day},
};
use yuhui_proto::{
    eligibility::v1::{self as pb, pre_check_response::Place},
    types::v1 as types,
};

use crate::{
    convert,
    domain::documents::{self, Circumstances},
};

/// 五(二)4: “每年10月31日前”, in the year of the round.
const PAYMENT_MONTH: &str = "10";
/// Source of every fact that no register gave.
const DECLARED: &str = "DECLARED";
/// Sources that need no register.
const OWN_SOURCES: [&str; 2] = ["CLAIM", "PACK"];

/// A question, read.
pub(super) struct Asked<'a> {
    pub(super) pack: &'a PolicyPack,
    pub(super) calendar: &'static Calendar,
    pub(super) facts: &'a Facts,
    pub(super) claim: &'a Claim,
    pub(super) family: Option<&'a pb::FamilySituation>,
}

impl Asked<'_> {
    pub(super) fn answer(&self, found: &Determination) -> pb::PreCheckResponse {
        let claim = self.claim;
        let round = found.round.unwrap_or_default();
        let payment_month = match found.decision {
            Decision::Pay => format!("{round}-{PAYMENT_MONTH}"),
            _ => String::new(),
        };
        pb::PreCheckResponse {
            decision: convert::decision(found.decision).into(),
            reason: found.reason.map_or("", Reason::code).into(),
            reason_zh: found.reason.map_or("", Reason::chinese).into(),
            birth_class: convert::class(found.class).into(),
            headcount: found
                .headcount
                .and_then(|it| i32::try_from(it).ok())
                .unwrap_or_default(),
            amount_fen: found.amount.fen(),
            round,
            payment_month,
            lodging_on: dates::format(claim.lodged_on),
            subsidy_year: claim.subsidy_year.unwrap_or_default(),
            last_lodging_on: self
                .last_lodging_day(found)
                .map(dates::format)
                .unwrap_or_default(),
            place: Some(self.place(found)),
            documents: self.documents(),
            cites: found.cites.iter().map(|it| it.as_str().into()).collect(),
            findings: found.findings.iter().map(convert::finding).map(declared).collect(),
            pack_version: found.pack_version.clone(),
            notice_zh: "预审依据您自行填报的情况，不收集、不保存信息，不具有法律效力，以部门核验结果为准。"
                .into(),
            notice_en: "this answer rests on what you stated, is not stored and binds nobody: the registers decide"
                .into(),
        }
    }

    /// The last day to lodge: of P1 from the birth, of the others the close of their window.
    fn last_lodging_day(&self, found: &Determination) -> Option<Date> {
        let (pack, calendar, claim) = (self.pack, self.calendar, self.claim);
        match claim.programme {
            Programme::P1 => Some(p1_last_day(pack, calendar, self.child_born_on()?)),
            Programme::P2 => (pack.parameters.p2_late_filing == LateFiling::Lapse)
                .then_some(claim.subsidy_year)?
                .map(|year| family_window_close(pack, calendar, year + 1)),
            Programme::P3 => claim
                .subsidy_year
                .map(|year| institution_window_close(pack, calendar, year + 1)),
            // The national system says until when.
            Programme::N1 => None,
            // An award has one round only; if that is past there is no later day.
            Programme::P4 => (found.reason != Some(Reason::NotRetroactive)).then(|| {
                let round = institution_round(pack, calendar, claim.lodged_on);
                institution_window_close(pack, calendar, round)
            }),
        }
    }

    fn child_born_on(&self) -> Option<Date> {
        let mut born = self.facts.births.iter().flat_map(|it| &it.children);
        let child = &self.claim.subject;
        born.find(|it| it.id == *child)
            .map(|it| it.born_on)
            .or_else(|| {
                let person = self.facts.persons.iter().find(|it| it.id == *child)?;
                Some(person.born_on)
            })
    }

    /// 三(一)2(1), 三(二)2(2): the village of the child's hukou; 三(三)2(1), 三(四)2(1): the county.
    fn place(&self, found: &Determination) -> Place {
        let county = found.competent_county.unwrap_or(self.claim.county);
        let Some(tenant) = Tenant::of(county) else {
            return Place {
                office_zh: "本市各旗县区均无权受理".into(),
                office_en: "no county of the city is competent".into(),
                ..Place::default()
            };
        };
        let (village, office_zh, office_en) = match self.claim.programme {
            Programme::P1 | Programme::P2 | Programme::N1 => (
                self.village(county),
                format!("{}：孩子户籍地所在嘎查村（居）民委员会", tenant.name()),
                "village or residents' committee of the child's hukou",
            ),
            Programme::P3 | Programme::P4 => (
                String::new(),
                format!("{}卫生健康委员会", tenant.name()),
                "health commission of the county of filing",
            ),
        };
        Place {
            county: tenant.as_str().into(),
            county_name: tenant.name().into(),
            village,
            office_zh,
            office_en: office_en.into(),
        }
    }

    /// The village of the child's hukou on the day, if it was named and lies in that county; in the
    /// days of a move the one it left (R-DAT-9).
    fn village(&self, county: DivisionCode) -> String {
        let day = dates::format(self.claim.lodged_on);
        let entries = self.family.map_or(&[][..], |it| &it.hukou);
        let of_child = entries.iter().filter(|it| it.person == self.claim.subject);
        // Days written alike compare like days.
        let begun = of_child.filter(|it| it.from_on <= day);
        let in_force = { begun.clone() }.rfind(|it| it.to_on.is_empty() || day <= it.to_on);
        let entry = in_force.or_else(|| begun.max_by_key(|it| &it.to_on));
        entry
            .and_then(|it| it.division.parse::<DivisionCode>().ok())
            .filter(|it| it.level() == DivisionLevel::Village && it.county() == county)
            .map(|it| it.to_string())
            .unwrap_or_default()
    }

    fn documents(&self) -> Vec<pb::RequiredDocument> {
        let circumstances = Circumstances::of(self.facts, self.claim);
        documents::required(self.claim.programme, circumstances)
            .map(convert::required_document)
            .collect()
    }
}

/// No register was asked: its facts are the asker's own.
fn declared(mut finding: types::Finding) -> types::Finding {
    for fact in &mut finding.facts {
        if !OWN_SOURCES.contains(&fact.source.as_str()) {
            fact.source = DECLARED.into();
            fact.answered_on.clear();
        }
    }
    finding
}
