//! R-N-2: who may claim for a child.

use time::Date;

use super::child::Child;
use crate::{
    Facts, Reason,
    facts::Known,
    record::{Draft, Register, Sink, Verdict},
    rules::{
        case::parents_known,
        clauses, on_day,
        standing::{Asked, Ground, NOBODY, Share, Stand, Standing, names, whoever_lives},
    },
};

/// R-N-2 (管理规范 第六条, 第七条). “由婴幼儿父母一方或其他监护人（含儿童福利机构）申领”.
pub(super) fn may_claim(child: &Child<'_>, sink: &mut impl Sink) -> Verdict {
    let (standing, ground) = child.stand.unwrap_or(NOBODY);
    let verdict = Verdict::unless_missing(
        standing != Standing::None,
        child.stand.err(),
        Reason::NoStanding,
    );
    sink.finding(verdict, || {
        let claim = child.claim;
        let note = match standing {
            Standing::None => format!("{}，申请人无申请资格。", words(ground)),
            Standing::Entitled(_) | Standing::Question(_) => {
                format!("{}，申请人可以提出申请。", words(ground))
            }
        };
        Draft::new("R-N-2", clauses::N_CLAIMANT, note)
            .also(&[clauses::N_PROCEDURE])
            .fact("claim.claimant", &claim.claimant, Register::Claim)
            .day("claim.lodged_on", Some(claim.lodged_on), Register::Claim)
            .fact("child.parents", names(child.parents), Register::Maternity)
            .fact("child.care", words(ground), Register::CivilAffairs)
    });
    verdict
}

/// R-N-2 (管理规范 第七条). “根据需要提供有助于判定申领人和婴幼儿之间抚养关系的法定有效材料”: custody and
/// care that differ, or that nobody knows, are for a person to weigh.
pub(super) fn custody_is_clear(child: &Child<'_>, sink: &mut impl Sink) -> Verdict {
    let (standing, ground) = child.stand.unwrap_or(NOBODY);
    let verdict = match (child.stand, standing) {
        (Err(unknown), _) => Verdict::Unknown(unknown),
        (_, Standing::Question(reason)) => Verdict::Refer(reason),
        (_, Standing::Entitled(_)) if ground == Ground::Custody => Verdict::Pass,
        (_, Standing::Entitled(_) | Standing::None) => Verdict::NotApplicable,
    };
    sink.finding(verdict, || {
        let note = match standing {
            Standing::Question(Reason::CustodyCareMismatch) => {
                "抚养权与实际照料不一致，转人工裁量。"
            }
            Standing::Question(_) => "抚养关系不明，转人工裁量。",
            Standing::Entitled(_) if ground == Ground::Custody => "申请人承担抚养责任并实际照料。",
            Standing::Entitled(_) | Standing::None => "无抚养争议。",
        };
        Draft::new("R-N-2", clauses::N_REVIEW, note).fact(
            "child.care",
            words(ground),
            Register::CivilAffairs,
        )
    });
    verdict
}

/// What `claimant` is to `child` on `day`. Nobody has a half.
pub(super) fn judge(facts: &Facts, child: &str, claimant: &str, day: Date) -> Known<Stand> {
    const WHOLE: Standing = Standing::Entitled(Share::Whole);
    let parents = parents_known(facts, child, day)?;
    let asked = Asked {
        facts,
        child,
        claimant,
        day,
    };
    whoever_lives(facts, parents, claimant, day, |alive| {
        let living = || alive.into_iter().flatten();
        let is_parent = living().any(|parent| parent == claimant);
        let is_guardian = || asked.has_guardian(|id| id == claimant);
        if living().next().is_none() {
            let standing = if is_guardian()? {
                WHOLE
            } else {
                Standing::None
            };
            return Ok((standing, Ground::Guardian));
        }
        let involved = is_parent || is_guardian()?;
        if involved && asked.has_guardian(|id| living().all(|parent| parent != id))? {
            let question = Standing::Question(Reason::CustodyUnknown);
            return Ok((question, Ground::Guardian));
        }
        if !is_parent {
            return Ok((Standing::None, Ground::Neither));
        }
        match (alive, parents) {
            ([Some(one), Some(other)], _) => of_couple(&asked, [one, other]),
            (_, [Some(_), Some(_)]) => Ok((WHOLE, Ground::Survivor)),
            _ => Ok((WHOLE, Ground::OnlyParent)),
        }
    })
}

/// Two living parents, one of whom claims.
fn of_couple<'a>(asked: &Asked<'a>, parents: [&'a str; 2]) -> Known<Stand> {
    let Asked {
        facts,
        child,
        claimant,
        day,
    } = *asked;
    let [one, other] = parents;
    if on_day::married_known(facts, one, other, day)? {
        return Ok((Standing::Entitled(Share::Whole), Ground::Married));
    }
    let care = asked.care(parents, false)?;
    let recorded = care.any(child, |_| true);
    let were_married = on_day::marriages(facts, one, other, day).next().is_some();
    if !recorded && !were_married {
        return Ok((Standing::Entitled(Share::Whole), Ground::Unmarried));
    }
    let standing = care.standing(child, claimant, false, false);
    Ok((standing, Ground::Custody))
}

const fn words(ground: Ground) -> &'static str {
    match ground {
        Ground::Married => "申请日父母婚姻存续",
        Ground::Unmarried => "父母未婚，均为监护人",
        Ground::Custody => "申请日父母无婚姻关系，按抚养权和实际照料判断",
        Ground::Survivor => "父母一方已故，由另一方申请",
        Ground::Guardian => "由父母以外的监护人抚养",
        Ground::OnlyParent => "登记的父母只有一方",
        Ground::Neither => "申请人不是婴幼儿的父母或监护人",
    }
}
