//! What is printed of the cases that are sealed on a roster: the columns of their lines, and their rows in its summary.

use yuhui_platform::{Error, Result, db::Tx};

use crate::{
    context::Context,
    convert::forms::{self, Printed},
    domain::{
        roster::{LinePayee, Roster},
        summary::Summary,
    },
    proof, store,
    store::cases::Stored,
};

/// Who is paid on the line of each case, with its columns; `summary` takes in what the lines come to.
///
/// It is read off the evaluation that stands, by the parameters of that evaluation as far as this process knows them: it is
/// inside a transaction, in which reading them would be a second connection.
pub(super) async fn lines(
    context: &Context,
    tx: &Tx,
    roster: &Roster,
    cases: &[Stored],
    mut summary: Option<&mut Summary>,
) -> Result<Vec<LinePayee>> {
    let standing = cases.iter().filter_map(|it| {
        let outcome = it.case.outcome.as_ref()?;
        Some((it.case.id, outcome.evidence_hash.as_str()))
    });
    let standing: Vec<_> = standing.collect();
    let mut found = store::evidence::standing(tx, &standing).await?;
    let lines = cases.iter().map(|stored| {
        let case = &stored.case;
        let missing = || Error::fault(format!("{} rests on no evaluation", case.name()));
        let evidence = proof::whole(&found.remove(&case.id).ok_or_else(missing)?)?;
        let kept = context.packs.kept(&evidence.pack_version);
        let pack = kept.unwrap_or_else(|| context.packs.known_on(context.today()));
        let printed = Printed::of(&pack, context.calendar, &evidence);
        let private = context.open(stored)?;
        let (payee, row) = forms::line(case, &private, &printed, roster.round)?;
        if let Some(summary) = &mut summary {
            let too_large = || Error::fault("a roster too large to sum up");
            let township = forms::township(case);
            summary.add(&township, &row).ok_or_else(too_large)?;
        }
        Ok(payee)
    });
    lines.collect()
}
