//! What public security answered to a stated name (R-PRC-7).

use yuhui_policy::facts::{NameAnswer, NameCheck};
use yuhui_proto::registry::v1 as pb;

/// The answer for the person. A register that says nothing has not answered: nobody is paid on its
/// silence.
pub(super) fn of(answers: &[pb::NameFinding], person: &str) -> NameCheck {
    let own = answers.iter().find(|it| it.person_ref == person);
    let answer = own.map_or(pb::NameAnswer::Unspecified, pb::NameFinding::answer);
    NameCheck {
        person: person.to_owned(),
        answer: match answer {
            pb::NameAnswer::Match => NameAnswer::Match,
            pb::NameAnswer::Mismatch => NameAnswer::Mismatch,
            pb::NameAnswer::NoSuchNumber => NameAnswer::NoSuchNumber,
            pb::NameAnswer::CannotCompare => NameAnswer::CannotCompare,
            pb::NameAnswer::Unavailable | pb::NameAnswer::Unspecified => NameAnswer::Unavailable,
        },
    }
}
