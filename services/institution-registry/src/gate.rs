//! What stands against an act on a change: asked by the act before it does anything, and by whoever shows the change.

use time::Date;
use yuhui_kernel::proposal::{Barred, Ending, ProposalState};
use yuhui_platform::{Caller, Error, Result, refusal, relatives::Relatives};

use crate::{
    domain::{Institution, Office, Record},
    refusal::Refused,
    separation::none_heads,
    store::changes::Proposal,
};

/// What a person of an office does to a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Another than who proposed it approves it, and the record is changed.
    Approve(Office),
    /// Its office declines it.
    Decline(Office),
    /// Whoever proposed it takes it back.
    Withdraw(Office),
}

impl Deed {
    /// All that an office may do to a change of its own.
    #[must_use]
    pub const fn of(office: Office) -> [Self; 3] {
        [
            Self::Approve(office),
            Self::Decline(office),
            Self::Withdraw(office),
        ]
    }

    /// Path of its method.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Approve(Office::Health) => {
                "/yuhui.institution.v1.InstitutionService/ApproveChange"
            }
            Self::Approve(Office::Education) => {
                "/yuhui.institution.v1.InstitutionService/ApproveEducationChange"
            }
            Self::Approve(Office::City) => {
                "/yuhui.institution.v1.InstitutionService/ApproveMunicipalHonour"
            }
            Self::Decline(Office::Health) => {
                "/yuhui.institution.v1.InstitutionService/DeclineChange"
            }
            Self::Decline(Office::Education) => {
                "/yuhui.institution.v1.InstitutionService/DeclineEducationChange"
            }
            Self::Decline(Office::City) => {
                "/yuhui.institution.v1.InstitutionService/DeclineMunicipalHonour"
            }
            Self::Withdraw(Office::Health) => {
                "/yuhui.institution.v1.InstitutionService/WithdrawChange"
            }
            Self::Withdraw(Office::Education) => {
                "/yuhui.institution.v1.InstitutionService/WithdrawEducationChange"
            }
            Self::Withdraw(Office::City) => {
                "/yuhui.institution.v1.InstitutionService/WithdrawMunicipalHonour"
            }
        }
    }

    const fn office(self) -> Office {
        match self {
            Self::Approve(office) | Self::Decline(office) | Self::Withdraw(office) => office,
        }
    }

    const fn ending(self) -> Ending {
        match self {
            Self::Approve(_) => Ending::Approve,
            Self::Decline(_) => Ending::Decline,
            Self::Withdraw(_) => Ending::Withdraw,
        }
    }
}

/// What becomes of the change `full` if the caller does that to it, as far as the change itself says.
pub fn ends(deed: Deed, caller: &Caller, proposal: &Proposal, full: &str) -> Result<ProposalState> {
    if proposal.change.office() != deed.office() {
        return Err(Refused::OtherOffice.into());
    }
    let change = full.to_owned();
    let ended = deed
        .ending()
        .of(proposal.state, &proposal.maker, &caller.hand());
    ended.map_err(|barred| match barred {
        Barred::Ended(ProposalState::Approved) => Refused::AlreadyApproved { change }.into(),
        Barred::Ended(state) => Refused::ChangeEnded { change, state }.into(),
        Barred::NotTheMaker => Refused::NotTheMaker.into(),
        Barred::SameHand => Error::from(refusal::same_hand(
            "提出变更的人不得审批",
            "who proposed the change may not approve it",
        )),
    })
}

/// The record of `institution` as an approval of the change `full` leaves it: it still fits, and no relative of
/// whoever approves heads it before or after (DYN-3).
pub fn approved(
    proposal: &Proposal,
    full: &str,
    institution: &Institution,
    (relatives, today): (&Relatives, Date),
) -> Result<Record> {
    none_heads(relatives, &institution.record, today)?;
    let record = proposal
        .change
        .still_applied_to(institution, proposal.replaces.as_ref())
        .map_err(|misfit| Refused::FitsNoMore {
            change: full.to_owned(),
            misfit,
        })?;
    none_heads(relatives, &record, today)?;
    Ok(record)
}
