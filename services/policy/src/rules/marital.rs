//! The marital test of P1 and P2.

use super::{birth_order::born_in_marriage_known, case::Family, clauses, on_day};
use crate::{
    Reason,
    pack::MaritalTest,
    record::{Draft, Register, Sink, Verdict},
};

/// R-P1-7, R-P2-9 step 10 (三(一)1(8), 三(二)2(1)). “非婚生育不在补贴范围内”: P1 looks at the day of
/// birth, with the days after a marriage ended; P2 asks for the marriage certificate (结婚证).
pub(crate) fn passes_marital_test(family: &Family<'_>, sink: &mut impl Sink) -> Verdict {
    let case = family.case;
    let p = case.p();
    let test = family.either(p.p1_marital_test, p.p2_marital_test);
    let couple = match family.known_parents() {
        [Some(one), Some(other)] => Some([one, other]),
        _ => None,
    };
    let (facts, grace_days) = (case.facts, p.p1_marital_grace_days);
    // An adopted child was not born to this couple: only the certificate can be asked.
    let certificate = test != MaritalTest::AtBirth || family.is_adopted();
    let found = couple.map_or(Ok(false), |[one, other]| match family.born_on {
        Err(unknown) if !certificate => Err(unknown),
        Ok(Some(born_on)) if !certificate => {
            born_in_marriage_known(facts, grace_days, [one, other], born_on)
        }
        _ => {
            let day = case.claim.lodged_on;
            let married = on_day::marriages(facts, one, other, day).next().is_some();
            match on_day::marriages_missing(facts, one, other, day) {
                Some(unknown) if !married => Err(unknown),
                _ => Ok(married),
            }
        }
    });
    let found = family.parents.and(found);
    let holds = found == Ok(true);
    let verdict = Verdict::unless_missing(holds, found.err(), Reason::NonMaritalBirth);
    sink.finding(verdict, || {
        let at_birth = test == MaritalTest::AtBirth;
        let note = match (at_birth, holds) {
            (true, true) => "孩子出生于父母婚姻存续期间或婚姻终止后规定天数内。",
            (true, false) => "孩子出生时父母不在婚姻关系中，属非婚生育。",
            (false, true) => "父母在申报日或之前已登记结婚。",
            (false, false) => "父母至申报日未登记结婚。",
        };
        let first = couple.and_then(|[one, other]| {
            on_day::marriages(case.facts, one, other, case.claim.lodged_on)
                .map(|marriage| marriage.from)
                .min()
        });
        Draft::new(
            family.either("R-P1-7", "R-P2-9"),
            family.either(clauses::P1_MARITAL, clauses::P2_DOCUMENTS),
            note,
        )
        .also_if(family.is_p1() && !at_birth, &[clauses::P1_DOCUMENTS])
        .also_if(!family.is_p1() && at_birth, &[clauses::P1_MARITAL])
        .day("parents.married_on", first, Register::CivilAffairs)
        .day("child.born_on", family.birth_date(), Register::Maternity)
    });
    verdict
}
