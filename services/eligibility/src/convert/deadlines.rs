//! Duties, offices and overdue flags.

use time::Date;
use yuhui_kernel::dates;
use yuhui_proto::eligibility::v1 as pb;

use crate::domain::deadline::{Duty, Flag, Office};

pub(crate) fn flag(it: &Flag, settled_on: Option<Date>) -> pb::OverdueFlag {
    let told = it.duty.told(it.office, it.step).into_iter();
    pb::OverdueFlag {
        subject: it.subject.clone(),
        duty: duty(it.duty).into(),
        office: office(it.office).into(),
        unit: it.unit.to_string(),
        round: it.round,
        due_on: dates::format(it.due_on),
        step: it.step,
        told: told.map(|it| office(it).into()).collect(),
        reached_on: dates::format(it.reached_on),
        flagged_on: dates::format(it.flagged_on),
        settled_on: settled_on.map(dates::format).unwrap_or_default(),
    }
}

pub(crate) fn duty(duty: Duty) -> pb::DeadlineDuty {
    pb::DeadlineDuty::from_str_name(&format!("DEADLINE_DUTY_{}", duty.as_str())).unwrap_or_default()
}

pub(crate) fn office(office: Office) -> pb::DeadlineOffice {
    pb::DeadlineOffice::from_str_name(&format!("DEADLINE_OFFICE_{}", office.as_str()))
        .unwrap_or_default()
}

pub(crate) fn domain_office(office: pb::DeadlineOffice) -> Option<Office> {
    Office::parse(office.as_str_name().strip_prefix("DEADLINE_OFFICE_")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duty_and_office_has_its_place_in_the_contract() {
        for it in Duty::ALL {
            assert_ne!(duty(*it), pb::DeadlineDuty::Unspecified, "{it:?}");
        }
        for it in Office::ALL {
            assert_eq!(domain_office(office(*it)), Some(*it));
        }
        assert_eq!(domain_office(pb::DeadlineOffice::Unspecified), None);
    }
}
