//! How many cases stand where, without personal data.

use std::collections::BTreeSet;

use yuhui_platform::{
    Result,
    caller::Caller,
    refusal::{self, Violation},
};
use yuhui_proto::{authz::v1::Desk, eligibility::v1 as pb};

use crate::{
    context::Context,
    convert::statistics,
    names::tenancy,
    store::{
        self,
        case_list::Dimension::{Programme, State, Township, Village},
    },
};

/// Fewer are not told to publicity: who is one of three is soon known by name.
const FEW: i64 = 5;
/// Most lines that one answer tells.
const LINES: u64 = 10_000;

/// Cases of a round by county and what is asked.
pub(crate) async fn count_cases(
    context: &Context,
    caller: &Caller,
    ask: pb::CountCasesRequest,
) -> Result<pb::CountCasesResponse> {
    let tenancy = tenancy(caller, &ask.parent)?;
    let mut by: Vec<_> = ask.by().filter_map(statistics::dimension).collect();
    by.sort_unstable();
    by.dedup();
    if by.is_empty() {
        by = vec![Programme, State];
    }
    let few_are_told = caller.desk() != Desk::Publicity;
    if !few_are_told && by != [Programme, State] {
        let (zh, en) = (
            "宣传岗位只按项目和状态统计",
            "publicity counts by programme and state",
        );
        return Err(refusal::denied("D.2", zh, en).into());
    }
    let refused = |zh, en| refusal::invalid(vec![Violation::new("by", zh, en)]);
    if by.contains(&Township) && by.contains(&Village) {
        return Err(refused("不得同时按乡和村统计", "has both township and village").into());
    }
    let tx = context.db.read(tenancy).await?;
    let mut counts = store::case_list::count(&tx, ask.round, &by, LINES + 1).await?;
    drop(tx);
    if u64::try_from(counts.len()).unwrap_or(u64::MAX) > LINES {
        let (zh, en) = (
            "统计结果超过10000行，请减少统计项目或只统计一个旗县区",
            "makes more than 10000 lines: ask by less, or for one county",
        );
        return Err(refused(zh, en).into());
    }
    counts.sort_unstable();
    // Beside the sums that are told to everybody, one hidden state would be their rest: where one is hidden, all are.
    let few = counts.iter().filter(|it| it.cases < FEW);
    let few = few.map(|it| (it.county.clone(), it.programme.clone()));
    let few: BTreeSet<(String, String)> = few.collect();
    let counts = counts.into_iter().map(|it| {
        let of_few = few.contains(&(it.county.clone(), it.programme.clone()));
        statistics::count(it, few_are_told || !of_few)
    });
    Ok(pb::CountCasesResponse {
        counts: counts.collect::<Result<_>>()?,
    })
}
