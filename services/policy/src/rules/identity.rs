//! R-PRC-7: whose number it is.

use super::{case::Case, clauses};
use crate::{
    Reason,
    facts::NameAnswer,
    record::{Draft, Register, Sink, Verdict},
};

/// R-PRC-7 (五(三)3). “严禁任何单位和个人…虚报冒领”: the names that the claim states belong to their numbers. A
/// name that does not is a contradiction between paper and register, which an inquiry clears up; one
/// that the register could not compare waits for a person. Neither refuses, and neither is paid. What
/// was paid stays paid whatever its payee is called today.
///
/// Nothing is found where nothing was asked: worked cases know no names.
pub(crate) fn names_belong_to_numbers(case: &Case<'_>, sink: &mut impl Sink) -> Verdict {
    let answers = case.facts.names.iter().map(|it| it.answer);
    let Some(worst) = answers.max().filter(|_| !case.progress.paid) else {
        return Verdict::NotApplicable;
    };
    let verdict = match worst {
        NameAnswer::Match => Verdict::Pass,
        NameAnswer::Mismatch | NameAnswer::NoSuchNumber => Verdict::Refer(Reason::NameMismatch),
        NameAnswer::CannotCompare | NameAnswer::Unavailable => {
            Verdict::Refer(Reason::NameUnconfirmed)
        }
    };
    sink.finding(verdict, || {
        let note = match worst {
            NameAnswer::Match => "公安部门答复：姓名与证件号码一致。",
            NameAnswer::Mismatch => "公安部门答复：姓名与证件号码不一致，须核查。",
            NameAnswer::NoSuchNumber => "公安部门答复：无此证件号码，须核查。",
            NameAnswer::CannotCompare => "公安部门无法比对姓名与证件号码，由人工核实。",
            NameAnswer::Unavailable => "公安部门尚未答复姓名与证件号码是否一致，由人工核实。",
        };
        Draft::new("R-PRC-7", clauses::FRAUD, note)
            .uncited_if(verdict == Verdict::Pass)
            .fact("claim.names", worst.code(), Register::PublicSecurity)
    });
    verdict
}
