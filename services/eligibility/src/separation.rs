//! Dynamic separation of duties, per case (POLICY.md D.4), and whose act a step is.

use yuhui_kernel::DivisionLevel;
use yuhui_platform::{
    Result,
    caller::Caller,
    refusal::{self, Common, Violation},
    relatives::Relatives,
};
use yuhui_proto::authz::v1::{Level, Power, Reach};

use crate::domain::{Case, Hand, Kind};

/// The caller as a hand.
pub(crate) fn hand(caller: &Caller) -> Hand {
    Hand {
        account: caller.account.clone(),
        person: caller.hand().person,
        unit: caller.unit,
    }
}

/// Whether the caller's reach covers the case.
pub(crate) fn reaches(caller: &Caller, case: &Case) -> bool {
    match caller.reach {
        Reach::OwnRecords => {
            !case.claimant_ref.is_empty() && caller.person.as_ref() == Some(&case.claimant_ref)
        }
        Reach::OwnUnit => caller.covers(&case.unit),
        Reach::OwnTenant | Reach::AllTenants => true,
        Reach::NoTenant | Reach::Unspecified => false,
    }
}

/// DYN-2 and DYN-3: what keeps the caller from acting on the case, if anything does. Whose relative
/// he is was asked for this act, and holds both ways: he is the claimant's brother-in-law if the
/// claimant is his.
pub(crate) fn conflict(caller: &Caller, relatives: &Relatives, case: &Case) -> Result<(), Common> {
    if caller.power() == Power::Claimant {
        // Claimants act on their own cases by right.
        return Ok(());
    }
    let me = hand(caller);
    let involved = caller.persons().any(|person| {
        let known = [&case.claimant_ref, &case.subject_ref].into_iter();
        known.chain(&case.related).any(|it| it == person)
    });
    if involved || case.concerned().any(|it| relatives.include(it)) {
        return Err(refusal::denied(
            "DYN-3",
            "本人或近亲属案件须回避",
            "nobody acts on a case of his own or of a relative",
        ));
    }
    let elsewhere = |it: &Hand| it.is(&me) && it.level() != me.level();
    if caller.power() == Power::Eligibility && case.hands.iter().any(elsewhere) {
        return Err(refusal::denied(
            "DYN-2",
            "同一案件不得由同一人在两级审核",
            "nobody acts on the same case at two levels",
        ));
    }
    Ok(())
}

/// DYN-1 for anything made by one person and approved by another.
pub(crate) fn not_the_maker(caller: &Caller, maker: &Hand) -> Result<(), Common> {
    if hand(caller).is(maker) {
        let (zh, en) = (
            "经办人不得审批本人经办事项",
            "who made a thing cannot approve it",
        );
        return Err(refusal::same_hand(zh, en));
    }
    Ok(())
}

/// DYN-5: who confirmed a case does not touch its account.
pub(crate) fn not_the_confirmer(caller: &Caller, case: &Case) -> Result<(), Common> {
    let me = hand(caller);
    if case.confirmed_by.as_ref().is_some_and(|it| it.is(&me)) {
        return Err(refusal::denied(
            "DYN-5",
            "确认资格的人员不得变更收款账户",
            "who confirmed a case cannot change its account",
        ));
    }
    Ok(())
}

/// R-PRC-5, C.8: other persons than before.
pub(crate) fn had_no_hand(caller: &Caller, case: &Case) -> Result<(), Common> {
    let me = hand(caller);
    if case.hands.iter().any(|it| it.is(&me)) {
        return Err(refusal::denied(
            "R-PRC-5",
            "经办过该案件的人员不得复核",
            "who had a hand in the case does not review it",
        ));
    }
    Ok(())
}

/// The case must be at the stage of the caller's level.
pub(crate) fn own_stage(caller: &Caller, case: &Case) -> Result<(), Common> {
    let level = match case.office_level() {
        DivisionLevel::Village => Level::Village,
        DivisionLevel::Township => Level::Township,
        _ => Level::County,
    };
    if caller.level() == level {
        return Ok(());
    }
    Err(refusal::denied(
        "STAGE",
        "案件当前不在本级办理阶段",
        "the case is not at the stage of the caller's level",
    ))
}

/// F1, I1: claims of families are brought by themselves or at the village, those of institutions by
/// themselves or at the county.
pub(crate) fn own_counter(caller: &Caller, case: &Case) -> Result<(), Common> {
    let family = case.kind() == Kind::Family;
    let own = caller.person.as_ref() == Some(&case.claimant_ref);
    let (field, zh, en) = match (caller.power(), caller.level()) {
        (Power::Claimant, _) if own => return Ok(()),
        (Power::Claimant, _) if family => (
            "claim.claimant_number",
            "须为申请人本人的证件号码",
            "must be the caller's own number",
        ),
        (Power::Claimant, _) => (
            "claim.credit_code",
            "须为本机构的统一社会信用代码",
            "must be the caller's own code",
        ),
        (_, Level::Village) if family && caller.covers(&case.unit) => return Ok(()),
        (_, Level::Village) if family => (
            "claim.village",
            "不是本嘎查村（居）的代码",
            "must be the caller's own village",
        ),
        (_, Level::County) if !family => return Ok(()),
        _ => {
            return Err(if family {
                refusal::denied(
                    "F1",
                    "家庭申请由申请人本人或嘎查村（居）经办提出",
                    "families claim by themselves or at their village",
                )
            } else {
                refusal::denied(
                    "I1",
                    "机构申请由机构本身或旗县级卫健委提出",
                    "institutions claim by themselves or at the county",
                )
            });
        }
    };
    Err(refusal::invalid(vec![Violation::new(field, zh, en)]))
}
