//! What the registers know of a family by today, and the answers they give.

use yuhui_platform::{Caller, Result};
use yuhui_proto::internal::v1 as pb;

use super::names;
use crate::{
    Deps, convert,
    domain::Register,
    store::{
        Registers,
        answers::{self, Answer},
        states,
    },
};

/// What every register that answers knows of a family by today; each answer is kept.
pub async fn gather(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::GatherFamilyFactsRequest,
) -> Result<pb::GatherFamilyFactsResponse> {
    let (named, case) = convert::case("case", &ask.case)?;
    let tenant = caller.tenant_for(&named)?;
    let child = convert::person_ref("child_ref", &ask.child_ref)?;
    let claimant = convert::person_ref("claimant_ref", &ask.claimant_ref)?;
    let names = names::read(&ask.stated_names)?;

    let today = deps.clock.today();
    let tx = deps.db.read(tenant).await?;
    let registers = Registers::of(&tx)?;
    let standings = states::all(&tx).await?;
    let mut family = registers
        .family(&child, &claimant, today, &standings)
        .await?;
    family.names = if standings.answers(Register::PublicSecurity) {
        names::compare(&registers, &deps.vault, names).await?
    } else {
        names::unanswered(names)
    };
    let given = answers::given_on(&tx, case, today).await?;
    let mut last_known = Vec::new();
    for register in Register::ALL {
        if !standings.answers(register) {
            last_known.extend(answers::last_by(&tx, case, register, today).await?);
        }
    }
    tx.rollback().await?;

    let mut told = convert::facts(family);
    let mut answers = Vec::with_capacity(Register::ALL.len());
    let mut fresh = Vec::new();
    for register in Register::ALL {
        // Who does not answer gives no answer.
        if !standings.answers(register) {
            continue;
        }
        let digest = convert::digest(register, &told);
        let same = |it: &&Answer| it.register == register && it.digest == digest;
        // Asked twice on one day and told the same, it is one answer.
        let answer = given.iter().find(same).cloned().unwrap_or_else(|| {
            let as_of = standings.known_until(register, today);
            let answer = Answer::new(case, register, (today, as_of), digest);
            fresh.push(answer.clone());
            answer
        });
        answers.push(convert::answer(tenant, answer));
    }
    if !fresh.is_empty() {
        let tx = deps.db.begin(tenant).await?;
        answers::keep(&tx, &fresh).await?;
        tx.commit().await?;
    }
    told.answers = answers;
    Ok(pb::GatherFamilyFactsResponse {
        facts: Some(told),
        last_known: last_known.into_iter().map(convert::last_known).collect(),
    })
}
