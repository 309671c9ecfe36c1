//! Who may claim for a child, and for how much of it: R-P1-12 to R-P1-14, R-P2-8.

use time::Date;

use super::{
    case::{Case, Family, Parents, parents_known},
    clauses, on_day,
};
use crate::{
    Facts, Programme, Reason,
    facts::{Born, Custody, FactKind, Known, Unknown},
    pack::{CustodySplitScope, Parameters},
    record::{Draft, Register, Sink, Verdict},
};

/// How much of the subsidy one claimant stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Share {
    Whole,
    Half,
}

/// What a claimant is to a child on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// He may claim.
    Entitled(Share),
    /// He may lodge, but a person must decide.
    Question(Reason),
    /// He may not claim.
    None,
}

/// Standing, and the ground on which it rests.
pub(crate) type Stand = (Standing, Ground);

/// Where nothing is known yet.
pub(crate) const NOBODY: Stand = (Standing::None, Ground::Neither);

/// The ground on which standing rests, for the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ground {
    Married,
    /// Never married to each other, and no custody recorded.
    Unmarried,
    Custody,
    Survivor,
    Guardian,
    OnlyParent,
    Neither,
}

impl Ground {
    const fn chinese(self) -> &'static str {
        match self {
            Self::Married => "申报日父母婚姻存续",
            Self::Unmarried => "父母未婚",
            Self::Custody => "申报日父母无婚姻关系，按抚养权和实际照料判断",
            Self::Survivor => "父母一方已故，由另一方申请",
            Self::Guardian => "父母双方均已故，由法定监护人申请",
            Self::OnlyParent => "登记的父母只有一方",
            Self::Neither => "申请人不是孩子的父母",
        }
    }
}

/// R-P1-12, R-P1-13, R-P1-14, R-P2-8 step 2 (三(一)1(3)b, 三(一)2(1)b, c).
/// “育儿补贴由抚养子女的一方提出申请，夫妻双方死亡的，育儿补贴由子女的法定监护人提出申请”.
pub(crate) fn may_claim(family: &Family<'_>, sink: &mut impl Sink) -> Verdict {
    let (standing, ground) = family.stand.unwrap_or(NOBODY);
    let verdict = Verdict::unless_missing(
        standing != Standing::None,
        family.stand.err(),
        Reason::NoStanding,
    );
    let claim = family.case.claim;
    sink.finding(verdict, || {
        let rule = match ground {
            Ground::Guardian => family.either("R-P1-14", "R-P2-8"),
            _ => family.either("R-P1-12", "R-P2-8"),
        };
        let note = match standing {
            Standing::None => format!("{}，申请人无申请资格。", ground.chinese()),
            Standing::Entitled(_) | Standing::Question(_) => {
                format!("{}，申请人可以提出申请。", ground.chinese())
            }
        };
        let clause = family.either(clauses::P1_VILLAGE, clauses::P2_VILLAGE);
        // P2 has no words of its own on who applies when parents are apart or dead (R-P2-8).
        let borrowed = ground != Ground::Married || verdict != Verdict::Pass;
        let day = match claim.taken_over_on {
            Some(_) => "claim.taken_over_on",
            None => "claim.lodged_on",
        };
        Draft::new(rule, clause, note)
            .also_if(borrowed, &[clauses::P1_VILLAGE, clauses::P1_COUPLE])
            .fact("claim.claimant", &claim.claimant, Register::Claim)
            .day(day, Some(claim.stands_on()), Register::Claim)
            .fact(
                "child.parents",
                names(family.known_parents()),
                Register::Maternity,
            )
            .fact("child.care", ground.chinese(), Register::CivilAffairs)
    });
    verdict
}

/// R-P1-12, R-P2-8 step 13 (三(一)1(3)b). “给承担子女抚养责任并且实际照料子女的一方发放”: custody
/// and care that differ, or that nobody knows, are for a person to weigh.
pub(crate) fn custody_is_clear(family: &Family<'_>, sink: &mut impl Sink) -> Verdict {
    let (standing, ground) = family.stand.unwrap_or(NOBODY);
    let verdict = match (family.stand, standing) {
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
            Standing::Entitled(Share::Half) => "双方分别抚养并且照料，各领取50%。",
            Standing::Entitled(Share::Whole) if ground == Ground::Custody => {
                "申请人承担抚养责任并实际照料。"
            }
            Standing::Entitled(Share::Whole) | Standing::None => "无抚养争议。",
        };
        let rule = match standing {
            Standing::Entitled(Share::Half) => family.either("R-P1-13", "R-P2-8"),
            _ => family.either("R-P1-12", "R-P2-8"),
        };
        Draft::new(rule, clauses::P1_COUPLE, note)
            .also(&[clauses::P1_VILLAGE])
            .fact("child.care", ground.chinese(), Register::CivilAffairs)
    });
    verdict
}

/// The claimant of the case, on its day of lodging, or on that of his taking it over (C.7).
pub(crate) fn of_claimant(case: &Case<'_>) -> Known<Stand> {
    let claim = case.claim;
    judge(
        case.p(),
        case.facts,
        claim.programme,
        &claim.subject,
        &claim.claimant,
        claim.stands_on(),
    )
}

/// The share of the case's claimant.
pub(crate) fn share(family: &Family<'_>) -> Share {
    share_known(family).unwrap_or(Share::Whole)
}

/// The same, if it is known.
pub(crate) fn share_known(family: &Family<'_>) -> Known<Share> {
    Ok(match family.stand?.0 {
        Standing::Entitled(share) => share,
        Standing::Question(_) | Standing::None => Share::Whole,
    })
}

/// What `claimant` is to `child` on `day`.
pub(crate) fn standing(
    p: &Parameters,
    facts: &Facts,
    programme: Programme,
    child: &str,
    claimant: &str,
    day: Date,
) -> Known<Standing> {
    judge(p, facts, programme, child, claimant, day).map(|it| it.0)
}

fn judge(
    p: &Parameters,
    facts: &Facts,
    programme: Programme,
    child: &str,
    claimant: &str,
    day: Date,
) -> Known<Stand> {
    let parents = parents_known(facts, child, day)?;
    whoever_lives(facts, parents, claimant, day, |alive| {
        let asked = Asked {
            facts,
            child,
            claimant,
            day,
        };
        match (alive, parents) {
            ([None, None], _) => Ok(entitled(
                asked.has_guardian(|id| id == claimant)?,
                Ground::Guardian,
            )),
            ([Some(one), Some(other)], _) => {
                if claimant != one && claimant != other {
                    Ok((Standing::None, Ground::Neither))
                } else if on_day::married_known(facts, one, other, day)? {
                    Ok((Standing::Entitled(Share::Whole), Ground::Married))
                } else {
                    let by_all = programme == Programme::P1
                        && p.p1_custody_split_scope == CustodySplitScope::AllChildren;
                    let halves = programme == Programme::P1 || p.p2_split_shared_custody;
                    let care = asked.care([one, other], by_all)?;
                    let standing = care.standing(child, claimant, by_all, halves);
                    Ok((standing, Ground::Custody))
                }
            }
            // AMB-53: the survivor stands unless a document names another guardian.
            ([Some(survivor), None] | [None, Some(survivor)], [Some(_), Some(_)]) => {
                let involved = claimant == survivor || asked.has_guardian(|id| id == claimant)?;
                if involved && asked.has_guardian(|id| id != survivor)? {
                    let question = Standing::Question(Reason::CustodyUnknown);
                    Ok((question, Ground::Survivor))
                } else {
                    Ok(entitled(claimant == survivor, Ground::Survivor))
                }
            }
            ([Some(only), None] | [None, Some(only)], _) => {
                Ok(entitled(claimant == only, Ground::OnlyParent))
            }
        }
    })
}

const fn entitled(holds: bool, ground: Ground) -> Stand {
    if holds {
        (Standing::Entitled(Share::Whole), ground)
    } else {
        (Standing::None, ground)
    }
}

/// Judges by who of the parents lives. Where a death may be missing both are tried, and only what comes
/// to the same is known. Who claims lives on the day he does.
pub(crate) fn whoever_lives<'a>(
    facts: &Facts,
    parents: Parents<'a>,
    claimant: &str,
    day: Date,
    judge: impl Fn(Parents<'a>) -> Known<Stand>,
) -> Known<Stand> {
    let mut alive = parents;
    let mut in_doubt: [Option<Unknown>; 2] = [None, None];
    for (parent, doubt) in alive.iter_mut().zip(&mut in_doubt) {
        let Some(id) = *parent else { continue };
        match on_day::dead_since_known(facts, id, day) {
            Ok(None) => {}
            Ok(Some(_)) => *parent = None,
            Err(unknown) if id != claimant => *doubt = Some(unknown),
            Err(_) => {}
        }
    }
    let found = judge(alive)?;
    let [first, second] = alive;
    let worlds = match in_doubt {
        [None, None] => return Ok(found),
        [Some(_), None] => [None, Some([None, second]), None],
        [None, Some(_)] => [None, Some([first, None]), None],
        [Some(_), Some(_)] => [
            Some([None, None]),
            Some([None, second]),
            Some([first, None]),
        ],
    };
    for world in worlds.into_iter().flatten() {
        if judge(world)?.0 != found.0 {
            return in_doubt.into_iter().flatten().next().map_or(Ok(found), Err);
        }
    }
    Ok(found)
}

/// Who is asked about, on which day.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) child: &'a str,
    pub(crate) claimant: &'a str,
    pub(crate) day: Date,
}

impl<'a> Asked<'a> {
    /// Whether a guardian like that is recorded, unless one may be missing.
    pub(crate) fn has_guardian(&self, wanted: impl Fn(&str) -> bool) -> Known<bool> {
        let recorded = self.facts.guardianships.iter().any(|entry| {
            entry.child == self.child
                && in_force(entry.from, entry.to, self.day)
                && wanted(&entry.guardian)
        });
        let missing = FactKind::Guardianship;
        match self.facts.missing_by(missing, self.child, self.day) {
            Some(unknown) if !recorded => Err(unknown),
            _ => Ok(recorded),
        }
    }

    /// Custody and care between two parents; under ALL_CHILDREN that of the others matters too.
    pub(crate) fn care(&self, parents: [&'a str; 2], by_all: bool) -> Known<Care<'a>> {
        let care = Care {
            facts: self.facts,
            parents,
            day: self.day,
        };
        let missing = |fact, child: &str| self.facts.missing_by(fact, child, self.day);
        let of_others = || {
            let more = missing(FactKind::Siblings, self.child);
            more.or_else(|| {
                let others = care.children().filter_map(|born| {
                    missing(FactKind::Custody, &born.id)
                        .or_else(|| self.facts.missing_death(&born.id, self.day))
                });
                others.min()
            })
        };
        let unknown =
            missing(FactKind::Custody, self.child).or_else(|| by_all.then(of_others).flatten());
        unknown.map_or(Ok(care), Err)
    }
}

/// Custody and care of two living parents who are not married to each other.
pub(crate) struct Care<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) parents: [&'a str; 2],
    pub(crate) day: Date,
}

impl<'a> Care<'a> {
    pub(crate) fn standing(
        &self,
        child: &str,
        claimant: &str,
        by_all: bool,
        halves: bool,
    ) -> Standing {
        let both = |parent: &str| self.holds(child, parent) && self.cares(child, parent);
        if self.parents.iter().any(|parent| both(parent)) {
            let stands = |parent: &str| both(parent) || (by_all && self.raises_some(parent));
            return if !stands(claimant) {
                Standing::None
            } else if halves && self.parents.iter().all(|parent| stands(parent)) {
                Standing::Entitled(Share::Half)
            } else {
                Standing::Entitled(Share::Whole)
            };
        }
        let held = self.any(child, |entry| !entry.holders.is_empty());
        let cared_for = self.any(child, |entry| !entry.actual_carers.is_empty());
        let involved = self.holds(child, claimant) || self.cares(child, claimant);
        match (held, cared_for) {
            (false, false) => Standing::Question(Reason::CustodyUnknown),
            _ if !involved => Standing::None,
            (true, true) => Standing::Question(Reason::CustodyCareMismatch),
            _ => Standing::Question(Reason::CustodyUnknown),
        }
    }

    /// ALL_CHILDREN (AMB-15): the parent holds custody of some living child of the couple and
    /// cares for it.
    fn raises_some(&self, parent: &str) -> bool {
        self.children()
            .filter(|born| on_day::dead_since(self.facts, &born.id, self.day).is_none())
            .any(|born| self.holds(&born.id, parent) && self.cares(&born.id, parent))
    }

    /// Children of the couple.
    fn children(&self) -> impl Iterator<Item = &'a Born> {
        let [one, other] = self.parents;
        let births = self.facts.births.iter().filter(move |delivery| {
            let father = delivery.father.as_deref();
            let mother = delivery.mother.as_str();
            (mother == one && father == Some(other)) || (mother == other && father == Some(one))
        });
        births.flat_map(|delivery| &delivery.children)
    }

    fn holds(&self, child: &str, parent: &str) -> bool {
        self.any(child, |entry| entry.holders.iter().any(|id| id == parent))
    }

    fn cares(&self, child: &str, parent: &str) -> bool {
        self.any(child, |entry| {
            entry.actual_carers.iter().any(|id| id == parent)
        })
    }

    pub(crate) fn any(&self, child: &str, holds: impl Fn(&Custody) -> bool) -> bool {
        self.facts.custody.iter().any(|entry| {
            entry.child == child && in_force(entry.from, entry.to, self.day) && holds(entry)
        })
    }
}

pub(crate) fn in_force(from: Date, to: Option<Date>, day: Date) -> bool {
    from <= day && to.is_none_or(|to| day <= to)
}

pub(crate) fn names(parents: Parents<'_>) -> String {
    parents.map(|parent| parent.unwrap_or("-")).join(", ")
}
