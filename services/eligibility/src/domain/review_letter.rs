//! The letter of a review (复核决定书): what was contested, what was decided and why, what is left.

use yuhui_kernel::dates;
use yuhui_policy::{Reason, letter};

use super::review_request::{Authority, ReviewRequest};

/// Writes the letter to the claimant in Chinese, one paragraph per line; empty until the review is
/// decided.
pub fn letter(review: &ReviewRequest, claimant_name: &str) -> String {
    let (Some(proposal), Some(closed_on)) = (&review.proposal, review.closed_on) else {
        return String::new();
    };
    let county = review.tenant.name();
    let day = dates::format_chinese;
    let mut lines = vec![
        format!("{county}卫生健康委员会"),
        "复核决定书".to_owned(),
        format!("受理编号：{}", review.receipt_number),
        String::new(),
        format!("{claimant_name}："),
    ];
    lines.push(match &review.order {
        None => format!("你（单位）于{}申请复核。", day(review.requested_on)),
        Some(order) => {
            let authority = match order.authority {
                Authority::Reconsideration => "行政复议机关",
                Authority::Court => "人民法院",
            };
            format!(
                "{authority}于{}以{}号文书责令重新办理。",
                day(order.document_on),
                order.document_number
            )
        }
    });
    let reason = review.contested.as_ref().and_then(|it| it.found.reason);
    lines.push(format!(
        "一、原决定：{}作出“{}”。{}",
        review.decided_on.map_or_else(String::new, day),
        review.contested_state.chinese(),
        reason.map_or_else(String::new, |it| format!("理由：{}。", Reason::chinese(it)))
    ));
    lines.push(format!("二、申请或者责令的内容：{}", review.grounds));
    lines.push(if proposal.reopen {
        "三、复核决定：重新审核。案件自旗县级审核起重新办理，申报日期不变。".to_owned()
    } else {
        "三、复核决定：维持原决定。".to_owned()
    });
    lines.push(format!("四、理由：{}", proposal.reasons));
    if !proposal.reopen {
        lines.push("五、救济途径".to_owned());
        let left = letter::statutory_remedies(review.tenant.code(), county);
        lines.extend(
            (1..)
                .zip(left)
                .map(|(number, it)| format!("{number}．{it}")),
        );
    }
    lines.extend([
        String::new(),
        format!("{county}卫生健康委员会"),
        day(closed_on),
        String::new(),
    ]);
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};
    use uuid::Uuid;
    use yuhui_kernel::{Calendar, Tenant};
    use yuhui_policy::Programme;

    use super::*;
    use crate::domain::{
        Case, Hand,
        review_request::{Order, ReviewProposal},
    };

    fn review(reopen: bool) -> ReviewRequest {
        let tenant = Tenant::parse("150203").expect("a county");
        let at = datetime!(2025-03-10 08:00 +8);
        let mut case = Case::draft(Uuid::nil(), tenant, tenant.code(), Programme::P1, at);
        case.decided_on = Some(date!(2025 - 04 - 25));
        let today = date!(2025 - 05 - 06);
        let calendar = Calendar::china();
        let mut review = ReviewRequest::of(Uuid::nil(), &case, "证件已补".into(), today, calendar);
        review.proposal = Some(ReviewProposal {
            by: Hand {
                account: "maker".into(),
                person: None,
                unit: None,
            },
            reopen,
            reasons: "事实不清".into(),
        });
        review
    }

    #[test]
    fn nothing_is_told_before_it_is_decided() {
        assert_eq!(letter(&review(true), "某女"), "");
    }

    #[test]
    fn what_is_upheld_names_what_is_left() {
        let mut review = review(false);
        review.closed_on = Some(date!(2025 - 05 - 20));
        let told = letter(&review, "某女");
        for part in [
            "某女：",
            "维持原决定",
            "事实不清",
            "60日内",
            "6个月内",
            "2025年5月20日",
        ] {
            assert!(told.contains(part), "{told}");
        }
        assert!(!told.contains("15个工作日"), "reviewed once: {told}");
    }

    #[test]
    fn an_order_is_named() {
        let mut review = review(true);
        review.closed_on = Some(date!(2025 - 05 - 20));
        review.order = Some(Order {
            authority: Authority::Court,
            document_number: "（2025）内0203行初1".into(),
            document_on: date!(2025 - 05 - 12),
        });
        let told = letter(&review, "某女");
        assert!(told.contains("人民法院于2025年5月12日"), "{told}");
        assert!(
            told.contains("重新审核") && !told.contains("救济途径"),
            "{told}"
        );
    }
}
