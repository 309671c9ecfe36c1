//! A case, adapted for the stage: people and institutions get numbers, every
//! child of an application becomes a claim of its own.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Context as _;
use yuhui_kernel::{DivisionCode, Tenant};
use yuhui_platform::vault::Vault;
use yuhui_policy::{
    Class, Decision, Programme as Told,
    case_file::{Application, Case, Expected as Wanted},
};
use yuhui_proto::types::v1::{BirthClass, Programme};

use super::{institutions::Institutions, people::People};
use crate::{
    accounts::first_village_of,
    numbers::Numbers,
    plot::{BankStanding, Claim, Claimant, DecisionKind, End, Expected, Fate, Plot, is_family},
};

/// Writes the plot of a group of cases.
pub(super) struct Adaptation {
    plot: Plot,
    numbers: Numbers,
    vault: Arc<Vault>,
    cases: usize,
}

impl Adaptation {
    /// Begins; `vault` makes the references by which ties are broken.
    pub(super) fn new(vault: Arc<Vault>) -> Self {
        Self {
            plot: Plot::default(),
            numbers: Numbers::default(),
            vault,
            cases: 0,
        }
    }

    /// The plot.
    pub(super) fn into_plot(self) -> Plot {
        self.plot
    }

    /// Adds a family or institution case; answers what of it cannot be put on
    /// the stage.
    pub(super) fn add(&mut self, case: &Case) -> anyhow::Result<Vec<String>> {
        let mut cannot = Vec::new();
        self.cases += 1;
        let registers = self
            .plot
            .registers
            .entry((home(case)?, case.id.clone()))
            .or_default();
        let people = People::enter(case, &mut self.numbers, registers)?;
        let (numbers, plot) = (&mut self.numbers, &mut self.plot);
        let institutions = Institutions::enter(case, &people, numbers, &self.vault, plot)?;
        for application in &case.applications {
            let subjects = application.children.iter().chain(&application.institution);
            for subject in subjects {
                match self.claim(case, application, subject, &people, &institutions) {
                    Ok(claim) => self.plot.claims.push(claim),
                    Err(error) => {
                        cannot.push(format!(
                            "{}/{subject} cannot be lodged: {error:#}",
                            application.id
                        ));
                    }
                }
            }
        }
        Ok(cannot)
    }

    fn claim(
        &mut self,
        case: &Case,
        application: &Application,
        subject: &str,
        people: &People,
        institutions: &Institutions,
    ) -> anyhow::Result<Claim> {
        let programme = match application.programme {
            Told::P1 => Programme::P1,
            Told::P2 => Programme::P2,
            Told::P3 => Programme::P3,
            Told::P4 => Programme::P4,
            Told::N1 => anyhow::bail!("no case of the national subsidy is opened here"),
        };
        let county = Tenant::of(application.county)
            .with_context(|| format!("{} is no county of Baotou", application.county))?;
        let village = first_village_of(county).context("a county has townships")?;
        let claimant = if is_family(programme) {
            let applicant = application.applicant.as_deref().context("no applicant")?;
            Claimant::Family {
                number: people.number(applicant)?,
                name: format!("{} {applicant}", case.id),
                child: people.number(subject)?,
            }
        } else {
            let index = institutions.get(subject);
            Claimant::Nursery(index.with_context(|| format!("{subject} cannot be registered"))?)
        };
        let unit: DivisionCode = if is_family(programme) {
            village
        } else {
            village.township().unwrap_or(village)
        };
        let account = match is_family(programme) {
            true => self.numbers.card(),
            false => self.numbers.corporate_account(),
        };
        self.plot
            .accounts
            .insert(account.clone(), BankStanding::Open);
        Ok(Claim {
            label: format!("{} {}/{subject}", case.id, application.id),
            household: self.cases,
            programme,
            county,
            unit,
            claimant,
            subsidy_year: application.subsidy_year.unwrap_or(0),
            lodged_on: application.lodged_on,
            account,
            fate: fate(case, application),
            expected: self.expected(case, application, subject, people, institutions)?,
        })
    }

    fn expected(
        &self,
        case: &Case,
        application: &Application,
        subject: &str,
        people: &People,
        institutions: &Institutions,
    ) -> anyhow::Result<Expected> {
        let wanted = case
            .expected
            .iter()
            .find(|it| it.application == application.id && it.subject() == Some(subject));
        let Some(wanted) = wanted else {
            return Ok(Expected::default());
        };
        let mut payees = BTreeMap::new();
        for payee in &wanted.payees {
            let nursery = institutions.get(&payee.payee);
            let number = match nursery.and_then(|index| self.plot.nurseries.get(index)) {
                Some(nursery) => nursery.institution.credit_code.clone(),
                None => people.number(&payee.payee)?,
            };
            *payees.entry(number).or_insert(0) += payee.amount.fen();
        }
        Ok(Expected {
            payees: Some(payees.into_iter().collect()),
            ..outcome(wanted)?
        })
    }
}

/// What the file expects, but for the payees.
fn outcome(wanted: &Wanted) -> anyhow::Result<Expected> {
    let decision = match wanted.decision {
        Decision::Pay => DecisionKind::Pay,
        Decision::Reject => DecisionKind::Reject,
        Decision::NotAccepted => DecisionKind::NotAccepted,
        Decision::Terminate => DecisionKind::Terminate,
        Decision::Refer => DecisionKind::Refer,
        Decision::Clawback => DecisionKind::Clawback,
        Decision::Wait => anyhow::bail!("everything is known, and nothing is waited for"),
    };
    let class = wanted.class.map(|class| match class {
        Class::Second => BirthClass::Second,
        Class::Third => BirthClass::Third,
    });
    Ok(Expected {
        end: End::Decided(decision),
        reason: wanted.reason.map_or("", |reason| reason.code()).to_owned(),
        amount_fen: wanted.amount.fen(),
        payees: None,
        class,
        headcount: wanted.headcount.map(i32::try_from).transpose()?,
        round: wanted.round,
        clawback_fen: Some(wanted.clawback.fen()),
        cites: wanted
            .cites
            .iter()
            .map(|cite| cite.as_str().to_owned())
            .collect(),
    })
}

fn fate(case: &Case, application: &Application) -> Fate {
    let days = case
        .process
        .iter()
        .find(|it| it.application == application.id);
    let fraud = case
        .findings
        .iter()
        .filter(|it| it.application == application.id);
    Fate {
        confirmed_on: days.and_then(|it| it.confirmed_on),
        paid_on: days.and_then(|it| it.paid_on),
        fraud_found_on: fraud.map(|it| it.found_on).min(),
        ..Fate::default()
    }
}

/// The county whose departments enter what is known of the case: the registers
/// answer for the whole city.
pub(super) fn home(case: &Case) -> anyhow::Result<Tenant> {
    let mut counties = case
        .applications
        .iter()
        .filter_map(|it| Tenant::of(it.county));
    let any = counties.next().or_else(|| Tenant::all().first().copied());
    any.context("there are counties")
}
