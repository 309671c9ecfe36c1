//! The children that the operating subsidy of a nursery rests on (annex 9, 儿童明细).

use yuhui_kernel::dates;
use yuhui_platform::{
    Result,
    caller::Caller,
    paging::Page,
    refusal::{self, Violation},
};
use yuhui_policy::{
    Programme,
    printed::{self, CountedChild, Counting},
};
use yuhui_proto::eligibility::v1::{self as pb, case_view::Kind, counted_child};

use super::Standing;
use crate::{context::Context, convert, reads::views};

pub(crate) async fn list(
    context: &Context,
    caller: &Caller,
    ask: pb::ListCountedChildrenRequest,
) -> Result<pb::ListCountedChildrenResponse> {
    let case = context.case(caller, &ask.parent).await?.case;
    if case.programme != Programme::P3 {
        let (zh, en) = (
            "须为托育机构生均运营补贴个案",
            "must be a case of the operating subsidy (P3)",
        );
        return Err(refusal::invalid(vec![Violation::new("parent", zh, en)]).into());
    }
    views::note(context, caller, &case, Kind::Form).await;
    let Some(outcome) = &case.outcome else {
        return Ok(pb::ListCountedChildrenResponse::default());
    };
    // The numbers are those of one evaluation.
    let parts = [ask.parent.as_bytes(), outcome.evidence_hash.as_bytes()];
    let page = Page::of(ask.page_size, &ask.page_token, &parts)?;
    let after = page.key(|it| it.parse().ok())?.unwrap_or(0_usize);
    let Standing {
        evidence,
        pack,
        calendar,
    } = Standing::of(context, &case, outcome).await?;
    let all = printed::children(&pack, &calendar, &evidence);
    let is_counted = |it: &&CountedChild<'_>| it.counting == Counting::Counted;
    let counted = all.iter().filter(is_counted).count();
    let most = usize::try_from(page.limit()).unwrap_or(usize::MAX);
    let rows = (1..).zip(&all).skip(after).take(most);
    let (rows, next_page_token) =
        page.cut(rows.collect(), |(number, _): &(i32, _)| number.to_string());
    Ok(pb::ListCountedChildrenResponse {
        children: rows
            .into_iter()
            .map(|(number, child)| shown(number, child))
            .collect(),
        next_page_token,
        counted: i32::try_from(counted).unwrap_or(i32::MAX),
        headcount: convert::determination(&case, outcome, &outcome.found).headcount,
    })
}

fn shown(number: i32, child: &CountedChild<'_>) -> pb::CountedChild {
    let stays = child.stays.iter().map(|it| pb::CountedStay {
        from_on: dates::format(it.from),
        to_on: convert::day(it.to),
        fee_receipts: it.fee_receipts,
    });
    let standing = match child.counting {
        Counting::Counted => counted_child::Standing::Counted,
        Counting::NoReceipts => counted_child::Standing::NoReceipts,
        Counting::TooShort => counted_child::Standing::TooShort,
        Counting::Elsewhere => counted_child::Standing::Elsewhere,
    };
    pb::CountedChild {
        number,
        born_on: convert::day(child.stays.first().map(|it| it.born_on)),
        stays: stays.collect(),
        months: child.months,
        standing: standing.into(),
    }
}
