//! What is known by a day. Facts may be entered ahead of their day: until
//! then nobody outside the county's own offices is told of them.

use time::Date;

use super::{
    enrolment::Enrolment,
    institution::{Institution, Record},
};

/// A dated record.
pub trait Known: Sized {
    /// The record as it is known by `day`: nothing if it begins later, open
    /// if it ends later.
    fn known_by(self, day: Date) -> Option<Self>;
}

impl Known for Institution {
    fn known_by(self, day: Date) -> Option<Self> {
        (self.registered_on <= day).then(|| Self {
            record: self.record.known_by(day),
            ..self
        })
    }
}

impl Record {
    fn known_by(mut self, day: Date) -> Self {
        let reached = |on: Option<Date>| on.filter(|on| *on <= day);
        self.suspensions.retain(|it| it.from_on <= day);
        for suspension in &mut self.suspensions {
            suspension.to_on = reached(suspension.to_on);
        }
        self.honours.retain(|it| it.granted_on <= day);
        self.legal_persons.retain(|it| it.from_on <= day);
        Self {
            filed_on: reached(self.filed_on),
            education_approved_on: reached(self.education_approved_on),
            inclusive_recognised_on: reached(self.inclusive_recognised_on),
            ..self
        }
    }
}

impl Known for Enrolment {
    fn known_by(self, day: Date) -> Option<Self> {
        (self.from_on <= day).then(|| Self {
            to_on: self.to_on.filter(|to| *to <= day),
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;
    use crate::domain::Suspension;

    #[test]
    fn decisions_are_unknown_before_their_day() {
        let record = Record {
            filed_on: Some(date!(2024 - 03 - 01)),
            suspensions: vec![Suspension {
                from_on: date!(2024 - 05 - 01),
                to_on: Some(date!(2024 - 05 - 31)),
            }],
            ..Record::default()
        };
        let before = record.clone().known_by(date!(2024 - 02 - 29));
        assert_eq!(before, Record::default());
        let during = record.clone().known_by(date!(2024 - 05 - 30));
        assert_eq!(during.suspensions[0].to_on, None);
        assert_eq!(record.clone().known_by(date!(2024 - 05 - 31)), record);
    }

    #[test]
    fn a_stay_is_open_until_its_last_day() {
        let stay = Enrolment {
            child_ref: "ab".repeat(32),
            from_on: date!(2024 - 03 - 01),
            to_on: Some(date!(2024 - 06 - 30)),
            child_born_on: date!(2022 - 06 - 06),
            fee_receipts: true,
        };
        assert_eq!(stay.clone().known_by(date!(2024 - 02 - 29)), None);
        let open = stay.clone().known_by(date!(2024 - 06 - 29));
        assert_eq!(open.expect("began").to_on, None);
        assert_eq!(stay.clone().known_by(date!(2024 - 06 - 30)), Some(stay));
    }
}
