//! Documents of cases and notices: brought piece by piece, finished, put in the place of another, their originals
//! seen.

pub(crate) mod finish;
pub(crate) mod piece;
pub(crate) mod replace;
pub(crate) mod seen;
pub(crate) mod start;

use yuhui_kernel::Tenant;
use yuhui_platform::{
    Result, act::OpenAct, caller::Caller, db::Tx, refusal::not_found, relatives::Relatives,
};
use yuhui_proto::authz::v1::{Level, Power};

use crate::{
    context::Context,
    domain::{
        Case, State,
        documents::{
            kind::{Belongs, DocumentKind},
            upload::{MOST_BYTES, MOST_DOCUMENTS, Parent},
        },
        notice::Notice,
    },
    reads::documents::File,
    refusal::{Refused, documents::NotTaken},
    ritual::{Change, Writer},
    separation::{conflict, hand, own_counter, own_stage},
    store,
};

/// Whether the caller may add a document of that kind today; or what stands against it.
fn takes(file: &File, caller: &Caller, relatives: &Relatives, kind: DocumentKind) -> Result<()> {
    match file {
        File::Case(stored) => add_to_case(&stored.case, caller, relatives, kind),
        File::Notice(notice) => add_to_notice(notice, caller, kind),
    }
}

fn add_to_case(
    case: &Case,
    caller: &Caller,
    relatives: &Relatives,
    kind: DocumentKind,
) -> Result<()> {
    conflict(caller, relatives, case)?;
    let is_claimant = caller.power() == Power::Claimant;
    let fits = match kind.belongs() {
        Belongs::Claim => true,
        Belongs::Office => !is_claimant,
        Belongs::Notice => false,
    };
    if !fits {
        return Err(wrong_kind(kind, case.name()));
    }
    // With its claimant: F1, F4, I1.
    let is_with_claimant = matches!(case.state(), State::Draft | State::Returned);
    match (is_claimant, is_with_claimant) {
        (_, true) => Ok(own_counter(caller, case)?),
        (true, false) => Err(NotTaken::NotYours {
            case: case.name(),
            state: case.state().as_str(),
        }
        .into()),
        // What is archived is closed; papers of a claim stay as they were decided on (D.5, F31).
        (false, false)
            if case.state() == State::Closed
                || kind.belongs() == Belongs::Claim && !case.stage().is_before_confirmation() =>
        {
            Err(NotTaken::Decided {
                case: case.name(),
                state: case.state().as_str(),
            }
            .into())
        }
        // Inquiries, deliveries and inspections are the county's once the case was brought forward.
        (false, false) if kind.belongs() == Belongs::Office && caller.level() == Level::County => {
            Ok(())
        }
        (false, false) => Ok(own_stage(caller, case)?),
    }
}

/// A file has its size: whoever adds to it fills no disk.
async fn has_room(tx: &Tx, tenant: Tenant, parent: Parent, more: i64) -> Result<()> {
    let filed = store::documents::list(tx, parent, (true, &[]), None, None).await?;
    let bytes: i64 = filed.iter().map(|it| it.filed.size).sum();
    if filed.len() < MOST_DOCUMENTS && bytes.saturating_add(more) <= MOST_BYTES {
        return Ok(());
    }
    let parent = parent.name(tenant);
    Err(NotTaken::Full { parent }.into())
}

/// Who posts notices for the unit, while this one hangs.
fn add_to_notice(notice: &Notice, caller: &Caller, kind: DocumentKind) -> Result<()> {
    if caller.unit != Some(notice.unit) {
        return Err(not_found(notice.name()).into());
    }
    if kind.belongs() != Belongs::Notice {
        return Err(wrong_kind(kind, notice.name()));
    }
    if notice.closed {
        let notice = notice.name();
        return Err(Refused::NoticeClosed { notice }.into());
    }
    Ok(())
}

fn wrong_kind(kind: DocumentKind, parent: String) -> yuhui_platform::Error {
    let kind = kind.as_str();
    NotTaken::WrongKind { kind, parent }.into()
}

/// An office that adds to a case, or looks at its originals, has acted on it (DYN-2), which its history shows.
async fn touch(
    context: &Context,
    act: &OpenAct<'_>,
    file: File,
    (action, document): (&str, &str),
) -> Result<()> {
    let File::Case(stored) = file else {
        return Ok(());
    };
    let case = stored.case;
    if act.caller.power() == Power::Claimant || case.lodged_on.is_none() {
        return Ok(());
    }
    let mut change = Change::of(case);
    change.after.touched_by(&hand(act.caller));
    change.reason = document.to_owned();
    Writer::within(act, context.law().year(), action)
        .write_one(change, Vec::new())
        .await?;
    Ok(())
}
