//! How rules speak: a verdict, and a finding that is written only if somebody listens.

use time::Date;
use yuhui_kernel::{Citation, dates};

use crate::{
    FactUsed, Finding, Outcome, Reason,
    facts::{Answer, Facts},
};

/// What one rule said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Pass,
    Fail(Reason),
    Refer(Reason),
    NotApplicable,
}

impl Verdict {
    /// Pass, or fail for that reason.
    pub(crate) const fn unless(holds: bool, reason: Reason) -> Self {
        if holds {
            Self::Pass
        } else {
            Self::Fail(reason)
        }
    }

    const fn outcome(self) -> Outcome {
        match self {
            Self::Pass => Outcome::Pass,
            Self::Fail(_) => Outcome::Fail,
            Self::Refer(_) => Outcome::Refer,
            Self::NotApplicable => Outcome::NotApplicable,
        }
    }

    const fn reason(self) -> Option<Reason> {
        match self {
            Self::Fail(reason) | Self::Refer(reason) => Some(reason),
            Self::Pass | Self::NotApplicable => None,
        }
    }
}

/// Where a fact comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Register {
    /// The claim itself, and the days of its case.
    Claim,
    /// The parameters of the law.
    Pack,
    /// Hukou and deaths.
    PublicSecurity,
    /// Marriages, adoptions, custody, guardianship.
    CivilAffairs,
    /// Births and birth-service registration.
    Maternity,
    /// Institutions and stays.
    InstitutionRegistry,
    /// Other claims and findings of fraud.
    ClaimIndex,
}

impl Register {
    const fn name(self) -> &'static str {
        match self {
            Self::Claim => "CLAIM",
            Self::Pack => "POLICY_PACK",
            Self::PublicSecurity => "PUBLIC_SECURITY",
            Self::CivilAffairs => "CIVIL_AFFAIRS",
            Self::Maternity => "MATERNITY",
            Self::InstitutionRegistry => "INSTITUTION_REGISTRY",
            Self::ClaimIndex => "CLAIM_INDEX",
        }
    }
}

/// What a finding will say, before the registers' answer dates are added.
pub(crate) struct Draft {
    rule: &'static str,
    clause: Citation,
    more_clauses: Vec<Citation>,
    cited: bool,
    facts: Vec<(&'static str, String, Register)>,
    note: String,
}

impl Draft {
    pub(crate) fn new(rule: &'static str, clause: Citation, note: impl Into<String>) -> Self {
        Self {
            rule,
            clause,
            more_clauses: Vec::new(),
            cited: true,
            facts: Vec::new(),
            note: note.into(),
        }
    }

    /// More clauses that the letter must cite.
    pub(crate) fn also(mut self, clauses: &[Citation]) -> Self {
        self.more_clauses.extend_from_slice(clauses);
        self
    }

    /// More clauses, under a condition.
    pub(crate) fn also_if(self, condition: bool, clauses: &[Citation]) -> Self {
        if condition { self.also(clauses) } else { self }
    }

    /// Nothing for the letter: the claim does not rest on this rule.
    pub(crate) fn uncited_if(mut self, condition: bool) -> Self {
        self.cited = self.cited && !condition;
        self
    }

    /// A fact the rule read.
    pub(crate) fn fact(
        mut self,
        name: &'static str,
        value: impl ToString,
        register: Register,
    ) -> Self {
        self.facts.push((name, value.to_string(), register));
        self
    }

    /// A dated fact the rule read; `-` if there is none.
    pub(crate) fn day(self, name: &'static str, day: Option<Date>, register: Register) -> Self {
        let value = day.map_or_else(|| "-".to_owned(), dates::format);
        self.fact(name, value, register)
    }
}

/// Who listens to findings.
pub(crate) trait Sink {
    /// One rule was evaluated; `draft` is called only if somebody listens.
    fn finding(&mut self, verdict: Verdict, draft: impl FnOnce() -> Draft);
}

/// Nobody listens.
pub(crate) struct Silent;

impl Sink for Silent {
    fn finding(&mut self, _: Verdict, _: impl FnOnce() -> Draft) {}
}

/// Keeps every finding and the clauses it cites.
pub(crate) struct Recorder<'a> {
    answers: &'a [Answer],
    entries: Vec<(Finding, Vec<Citation>)>,
}

impl<'a> Recorder<'a> {
    pub(crate) const fn new(facts: &'a Facts) -> Self {
        Self {
            answers: facts.answers.as_slice(),
            entries: Vec::new(),
        }
    }

    /// Day of the latest answer of a register, if it answered.
    fn answered_on(&self, register: Register) -> Option<Date> {
        self.answers
            .iter()
            .filter(|answer| answer.register == register.name())
            .map(|answer| answer.answered_on)
            .max()
    }

    /// The findings, and the clauses to cite after `base`: those of every rule that applied if
    /// the claim stands, otherwise those of the rules that it fails.
    pub(crate) fn finish(self, base: Citation, stands: bool) -> (Vec<Finding>, Vec<Citation>) {
        let mut cites = vec![base];
        let mut findings = Vec::with_capacity(self.entries.len());
        for (finding, clauses) in self.entries {
            let cited = match finding.outcome {
                Outcome::Fail | Outcome::Refer => true,
                Outcome::Pass => stands,
                Outcome::NotApplicable => false,
            };
            for clause in clauses.into_iter().filter(|_| cited) {
                if !cites.contains(&clause) {
                    cites.push(clause);
                }
            }
            findings.push(finding);
        }
        (findings, cites)
    }
}

impl Sink for Recorder<'_> {
    fn finding(&mut self, verdict: Verdict, draft: impl FnOnce() -> Draft) {
        let draft = draft();
        let facts = draft
            .facts
            .into_iter()
            .map(|(name, value, register)| FactUsed {
                name: name.to_owned(),
                value,
                source: register.name().to_owned(),
                answered_on: self.answered_on(register),
            })
            .collect();
        let finding = Finding {
            rule: draft.rule.to_owned(),
            clause: draft.clause,
            outcome: verdict.outcome(),
            reason: verdict.reason(),
            facts,
            note: draft.note,
        };
        let mut clauses = Vec::new();
        if draft.cited {
            clauses.push(draft.clause);
            clauses.extend(draft.more_clauses);
        }
        self.entries.push((finding, clauses));
    }
}
