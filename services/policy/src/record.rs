//! How rules speak: a verdict, and a finding that is written only if somebody listens.

use std::borrow::Cow;

use smallvec::SmallVec;
use time::Date;
use yuhui_kernel::{Citation, DivisionCode, dates};

use crate::{
    FactUsed, Finding, Outcome, Reason,
    facts::{Facts, Gap, Unknown},
    rules::clauses::{Clause, ClauseSet},
};

/// What one rule said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Pass,
    Fail(Reason),
    Refer(Reason),
    NotApplicable,
    /// What is not known could change it.
    Unknown(Unknown),
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

    /// Pass if it holds whatever the missing fact may be; without a missing fact, fail if it does
    /// not.
    pub(crate) const fn unless_missing(
        holds: bool,
        missing: Option<Unknown>,
        reason: Reason,
    ) -> Self {
        match missing {
            Some(unknown) if !holds => Self::Unknown(unknown),
            _ => Self::unless(holds, reason),
        }
    }

    /// Of a verdict that the missing fact could turn: unknown, unless it fails already.
    pub(crate) const fn or_unknown(self, missing: Option<Unknown>) -> Self {
        match (self, missing) {
            (Self::Pass | Self::NotApplicable, Some(unknown)) => Self::Unknown(unknown),
            (verdict, _) => verdict,
        }
    }

    const fn outcome(self) -> Outcome {
        match self {
            Self::Pass => Outcome::Pass,
            Self::Fail(_) => Outcome::Fail,
            Self::Refer(_) => Outcome::Refer,
            Self::NotApplicable => Outcome::NotApplicable,
            Self::Unknown(_) => Outcome::Unknown,
        }
    }

    const fn reason(self) -> Option<Reason> {
        match self {
            Self::Fail(reason) | Self::Refer(reason) => Some(reason),
            Self::Unknown(unknown) => Some(unknown.state.reason()),
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
    /// 育儿补贴信息管理系统: payments of the national childcare subsidy.
    NationalSystem,
}

impl Register {
    /// Every register.
    const ALL: [Self; 8] = [
        Self::Claim,
        Self::Pack,
        Self::PublicSecurity,
        Self::CivilAffairs,
        Self::Maternity,
        Self::InstitutionRegistry,
        Self::ClaimIndex,
        Self::NationalSystem,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Claim => "CLAIM",
            Self::Pack => "POLICY_PACK",
            Self::PublicSecurity => "PUBLIC_SECURITY",
            Self::CivilAffairs => "CIVIL_AFFAIRS",
            Self::Maternity => "MATERNITY",
            Self::InstitutionRegistry => "INSTITUTION_REGISTRY",
            Self::ClaimIndex => "CLAIM_INDEX",
            Self::NationalSystem => "NATIONAL_SYSTEM",
        }
    }
}

/// The value of a fact, as text.
pub(crate) trait Value {
    fn into_text(self) -> Cow<'static, str>;
}

impl Value for &'static str {
    fn into_text(self) -> Cow<'static, str> {
        Cow::Borrowed(self)
    }
}

impl Value for Cow<'static, str> {
    fn into_text(self) -> Self {
        self
    }
}

impl Value for String {
    fn into_text(self) -> Cow<'static, str> {
        Cow::Owned(self)
    }
}

impl Value for &String {
    fn into_text(self) -> Cow<'static, str> {
        Cow::Owned(self.clone())
    }
}

impl Value for bool {
    fn into_text(self) -> Cow<'static, str> {
        Cow::Borrowed(if self { "true" } else { "false" })
    }
}

/// What there is none of is written `-`.
impl<T: Value> Value for Option<T> {
    fn into_text(self) -> Cow<'static, str> {
        self.map_or(Cow::Borrowed("-"), Value::into_text)
    }
}

/// Values that are written as they print.
macro_rules! printed {
    ($($type:ty),*) => {
        $(impl Value for $type {
            fn into_text(self) -> Cow<'static, str> {
                Cow::Owned(self.to_string())
            }
        })*
    };
}

printed!(i32, u32, i64, usize, DivisionCode);

/// Clauses that one rule names. Here and below: more have their place too, on the heap.
const CLAUSES_OF_A_RULE: usize = 16;
/// Facts that one rule reads.
const FACTS_OF_A_RULE: usize = 4;
/// Rules that a claim meets on its way.
const RULES_OF_A_CLAIM: usize = 24;
/// Clauses that they name.
const CLAUSES_OF_A_CLAIM: usize = 64;
/// Clauses that a letter cites, each once.
const CITED_BY_A_LETTER: usize = 16;

/// What a finding will say, before the registers' answer dates are added.
pub(crate) struct Draft {
    rule: &'static str,
    clause: Clause,
    more_clauses: SmallVec<[Clause; CLAUSES_OF_A_RULE]>,
    cited: bool,
    facts: Vec<FactUsed>,
    /// Who answered for each of the facts.
    registers: SmallVec<[Register; FACTS_OF_A_RULE]>,
    note: Cow<'static, str>,
}

impl Draft {
    pub(crate) fn new(
        rule: &'static str,
        clause: Clause,
        note: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            rule,
            clause,
            more_clauses: SmallVec::new(),
            cited: true,
            facts: Vec::with_capacity(FACTS_OF_A_RULE),
            registers: SmallVec::new(),
            note: note.into(),
        }
    }

    /// More clauses that the letter must cite.
    pub(crate) fn also(mut self, clauses: &[Clause]) -> Self {
        self.more_clauses.extend_from_slice(clauses);
        self
    }

    /// More clauses, under a condition.
    pub(crate) fn also_if(self, condition: bool, clauses: &[Clause]) -> Self {
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
        value: impl Value,
        register: Register,
    ) -> Self {
        self.facts.push(FactUsed {
            name: Cow::Borrowed(name),
            value: value.into_text(),
            source: Cow::Borrowed(register.name()),
            answered_on: None,
            state: None,
        });
        self.registers.push(register);
        self
    }

    /// The rule cannot be read to its end: in place of what it would say, what is missing.
    fn wait_for(&mut self, gap: &Gap) {
        self.note = format!("{}，待核实后认定。", gap.told()).into();
        self.registers.clear();
        self.facts = vec![FactUsed {
            name: Cow::Borrowed(gap.fact.code()),
            value: Cow::Owned(gap.subject.clone()),
            source: Cow::Owned(gap.register.clone()),
            answered_on: None,
            state: Some(gap.state),
        }];
    }

    /// A dated fact the rule read; `-` if there is none.
    pub(crate) fn day(self, name: &'static str, day: Option<Date>, register: Register) -> Self {
        self.fact(name, day.map(dates::format), register)
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
    gaps: &'a [Gap],
    /// Day of the latest answer of each register, if it answered.
    answered_on: [Option<Date>; Register::ALL.len()],
    findings: Vec<Finding>,
    /// Clauses with the outcome of the rule that names them, in the order of the rules.
    clauses: SmallVec<[(Outcome, Clause); CLAUSES_OF_A_CLAIM]>,
}

impl<'a> Recorder<'a> {
    pub(crate) fn new(facts: &'a Facts) -> Self {
        let latest = |register: Register| {
            let answers = facts.answers.iter();
            answers
                .filter(|answer| answer.register == register.name())
                .map(|answer| answer.answered_on)
                .max()
        };
        Self {
            gaps: &facts.gaps,
            answered_on: Register::ALL.map(latest),
            findings: Vec::with_capacity(RULES_OF_A_CLAIM),
            clauses: SmallVec::new(),
        }
    }

    /// The findings, and the clauses to cite after `base`: those of every rule that applied if
    /// the claim stands, otherwise those of the rules that it fails.
    pub(crate) fn finish(self, base: Clause, stands: bool) -> (Vec<Finding>, Vec<Citation>) {
        let mut cites = Vec::with_capacity(CITED_BY_A_LETTER);
        let mut seen = ClauseSet::default();
        seen.insert(base);
        cites.push(base.citation());
        for (outcome, clause) in self.clauses {
            let cited = match outcome {
                Outcome::Fail | Outcome::Refer => true,
                Outcome::Pass => stands,
                Outcome::NotApplicable | Outcome::Unknown => false,
            };
            if cited && seen.insert(clause) {
                cites.push(clause.citation());
            }
        }
        (self.findings, cites)
    }
}

impl Sink for Recorder<'_> {
    fn finding(&mut self, verdict: Verdict, draft: impl FnOnce() -> Draft) {
        let mut draft = draft();
        if let Verdict::Unknown(Unknown { gap, .. }) = verdict
            && let Some(gap) = self.gaps.get(gap)
        {
            draft.wait_for(gap);
        }
        for (fact, register) in draft.facts.iter_mut().zip(draft.registers) {
            fact.answered_on = self.answered_on.get(register as usize).copied().flatten();
        }
        let outcome = verdict.outcome();
        if draft.cited {
            self.clauses.push((outcome, draft.clause));
            let more = draft.more_clauses.into_iter();
            self.clauses.extend(more.map(|clause| (outcome, clause)));
        }
        self.findings.push(Finding {
            rule: Cow::Borrowed(draft.rule),
            clause: draft.clause.citation(),
            outcome,
            reason: verdict.reason(),
            facts: draft.facts,
            note: draft.note,
        });
    }
}
