//! Duties, who has them, and who is told when one is missed (C.6, R-PRC-3, R-PRC-11).

use time::Date;
use yuhui_kernel::{Calendar, DivisionLevel, dates};

/// A reminder before the day (F6).
pub const REMINDER: i32 = -1;
/// The day has passed.
pub const OVERDUE: i32 = 0;
/// Working days after the day at which the next level is told, the one above, the one above that.
pub const ESCALATED_AFTER: [i32; 3] = [1, 5, 10];
/// Working days before the end of a correction at which the claimant is reminded.
const REMINDED_BEFORE: i32 = 3;

named! {
    /// What is to be done by a day.
    Duty {
        /// 初审并公示, by 30 April.
        VillageReview = "VILLAGE_REVIEW",
        /// 复审并公示, by 31 May; institutions with the county, by 31 July.
        TownshipReview = "TOWNSHIP_REVIEW",
        /// 审核、公示、确认, by 31 July.
        CountyReview = "COUNTY_REVIEW",
        /// 花名册上报, by 31 July.
        CountyRoster = "COUNTY_ROSTER",
        /// 人工裁量: the county panel decides within the county's stage.
        Referral = "REFERRAL",
        /// A notice whose seven days are over is closed with proof on the next working day.
        NoticeClosing = "NOTICE_CLOSING",
        /// 补正 by the claimant (F4–F6).
        Correction = "CORRECTION",
        /// 异议（举报）核查: a finding within ten working days (F27, R-PRC-11).
        Inquiry = "INQUIRY",
        /// 举报答复: an objection or report is answered within ten working days (R-PRC-11).
        Answer = "ANSWER",
        /// 市级备案, by 15 August.
        CityRecording = "CITY_RECORDING",
        /// 资金拨付, both shares by 30 September.
        Funding = "FUNDING",
        /// 发放, by 31 October.
        Payment = "PAYMENT",
    }
}

named! {
    /// Who has a duty, or is told that it was missed.
    Office {
        /// 嘎查村（居）民委员会.
        Village = "VILLAGE",
        /// 苏木乡镇（街道）.
        Township = "TOWNSHIP",
        /// 旗县级卫生健康委.
        County = "COUNTY",
        /// 市卫生健康委.
        City = "CITY",
        /// Both finance offices together: shares arrive from both.
        Finance = "FINANCE",
        /// 旗县区财政.
        CountyFinance = "COUNTY_FINANCE",
        /// 市财政.
        CityFinance = "CITY_FINANCE",
        /// 代理发放金融机构.
        Bank = "BANK",
        /// 申请人或机构.
        Claimant = "CLAIMANT",
        /// 纪检监察、审计.
        Supervision = "SUPERVISION",
    }
}

impl Office {
    /// The health office of a unit.
    pub const fn of_level(level: DivisionLevel) -> Self {
        match level {
            DivisionLevel::Village => Self::Village,
            DivisionLevel::Township => Self::Township,
            DivisionLevel::County => Self::County,
            DivisionLevel::Prefecture | DivisionLevel::Province => Self::City,
        }
    }

    /// Whether this office does what is the duty of `bearer`.
    pub fn bears(self, bearer: Self) -> bool {
        let finance = matches!(self, Self::CountyFinance | Self::CityFinance);
        self == bearer || (bearer == Self::Finance && finance)
    }
}

impl Duty {
    /// Step at which `office` is told that `bearer` missed the duty; never, if none.
    pub fn told_from(self, bearer: Office, office: Office) -> Option<i32> {
        use Office::{
            Bank, City, CityFinance, Claimant, County, CountyFinance, Supervision, Township,
            Village,
        };
        match self {
            Self::Correction => match office {
                Claimant | Village | Township => Some(REMINDER),
                County => Some(OVERDUE),
                _ => None,
            },
            // 七2: an unanswered report goes up at once.
            Self::Inquiry => matches!(office, County | City | Supervision).then_some(OVERDUE),
            Self::Answer => (office == bearer || matches!(office, County | City | Supervision))
                .then_some(OVERDUE),
            Self::Funding => matches!(office, CountyFinance | CityFinance | City | Supervision)
                .then_some(OVERDUE),
            Self::Payment => match office {
                Bank | County | CountyFinance => Some(OVERDUE),
                City | CityFinance | Supervision => Some(1),
                _ => None,
            },
            _ => match (bearer, office) {
                (Village, Village) | (Township, Township) | (County, County) | (City, City) => {
                    Some(OVERDUE)
                }
                (Village, Township) | (Township, County) | (County, City) => Some(1),
                (City, Supervision) => Some(1),
                (Village, County) | (Township, City) | (County, Supervision) => Some(2),
                (Village, City | Supervision) | (Township, Supervision) => Some(3),
                _ => None,
            },
        }
    }

    /// Who is told at `step`.
    pub fn told(self, bearer: Office, step: i32) -> Vec<Office> {
        let offices = Office::ALL.iter().copied();
        offices
            .filter(|it| self.told_from(bearer, *it).is_some_and(|from| from <= step))
            .collect()
    }

    /// Step from which `office` may see flags: supervision sees every one (R-PRC-3), the others
    /// what they were told.
    pub fn seen_from(self, bearer: Office, office: Office) -> Option<i32> {
        if office == Office::Supervision {
            return Some(REMINDER);
        }
        self.told_from(bearer, office)
    }

    /// Who may have the duty.
    pub const fn bearers(self) -> &'static [Office] {
        match self {
            Self::VillageReview => &[Office::Village],
            Self::TownshipReview => &[Office::Township],
            Self::CountyReview | Self::CountyRoster | Self::Referral | Self::Inquiry => {
                &[Office::County]
            }
            Self::NoticeClosing | Self::Answer => {
                &[Office::Village, Office::Township, Office::County]
            }
            Self::Correction => &[Office::Claimant],
            Self::CityRecording => &[Office::City],
            Self::Funding => &[Office::Finance],
            Self::Payment => &[Office::Bank],
        }
    }

    /// Steps that a duty due on `due_on` has reached by `on`, lowest first. Money that has not
    /// come is flagged for each day anew, and the step counts the days.
    pub fn steps(self, calendar: &Calendar, due_on: Date, on: Date) -> Vec<i32> {
        let late = on > due_on;
        match self {
            Self::Correction => {
                let remind_on = calendar.add_working_days(due_on, -REMINDED_BEFORE);
                let reached = [(REMINDER, on >= remind_on), (OVERDUE, late)];
                let reached = reached.into_iter().filter(|it| it.1);
                reached.map(|it| it.0).collect()
            }
            Self::Funding if late => {
                let days = on.to_julian_day() - due_on.to_julian_day();
                vec![days]
            }
            _ if !late => Vec::new(),
            _ => {
                let after = |days: &i32| on >= calendar.add_working_days(due_on, *days);
                let escalated = ESCALATED_AFTER.iter().take_while(|it| after(it)).count();
                (OVERDUE..).take(1 + escalated).collect()
            }
        }
    }

    /// Day on which a step was reached.
    pub fn reached_on(self, calendar: &Calendar, due_on: Date, step: i32) -> Date {
        match (self, step) {
            (Self::Correction, REMINDER) => calendar.add_working_days(due_on, -REMINDED_BEFORE),
            (Self::Funding, days) => dates::add_days(due_on, days.into()),
            (_, step) => {
                let place = usize::try_from(step - 1).ok();
                let days = place.and_then(|it| ESCALATED_AFTER.get(it));
                days.map_or(dates::add_days(due_on, 1), |days| {
                    calendar.add_working_days(due_on, *days)
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn names_read_back() {
        for duty in Duty::ALL {
            assert_eq!(Duty::parse(duty.as_str()), Some(*duty));
        }
        for office in Office::ALL {
            assert_eq!(Office::parse(office.as_str()), Some(*office));
        }
    }

    #[test]
    fn an_office_is_escalated_after_one_five_and_ten_working_days() {
        let china = Calendar::china();
        let due_on = date!(2025 - 04 - 30);
        let steps = |on| Duty::VillageReview.steps(china, due_on, on);
        assert!(steps(date!(2025 - 04 - 29)).is_empty());
        assert!(steps(due_on).is_empty(), "the day itself is in time");
        // 1 to 5 May are days off.
        assert_eq!(steps(date!(2025 - 05 - 01)), [0]);
        assert_eq!(steps(date!(2025 - 05 - 05)), [0]);
        assert_eq!(steps(date!(2025 - 05 - 06)), [0, 1]);
        assert_eq!(steps(date!(2025 - 05 - 11)), [0, 1]);
        assert_eq!(steps(date!(2025 - 05 - 12)), [0, 1, 2]);
        assert_eq!(steps(date!(2025 - 05 - 16)), [0, 1, 2]);
        assert_eq!(steps(date!(2025 - 05 - 19)), [0, 1, 2, 3]);
        assert_eq!(steps(date!(2026 - 05 - 19)), [0, 1, 2, 3]);
        let reached = [0, 1, 2, 3].map(|it| Duty::VillageReview.reached_on(china, due_on, it));
        assert_eq!(
            reached,
            [
                date!(2025 - 05 - 01),
                date!(2025 - 05 - 06),
                date!(2025 - 05 - 12),
                date!(2025 - 05 - 19)
            ]
        );
    }

    #[test]
    fn a_correction_is_reminded_of_three_working_days_before_and_never_escalated() {
        let china = Calendar::china();
        let due_on = date!(2025 - 03 - 24);
        let steps = |on| Duty::Correction.steps(china, due_on, on);
        assert!(steps(date!(2025 - 03 - 18)).is_empty());
        assert_eq!(steps(date!(2025 - 03 - 19)), [REMINDER]);
        assert_eq!(steps(due_on), [REMINDER]);
        assert_eq!(steps(date!(2025 - 03 - 25)), [REMINDER, OVERDUE]);
        assert_eq!(steps(date!(2025 - 12 - 31)), [REMINDER, OVERDUE]);
    }

    #[test]
    fn missing_money_is_flagged_day_by_day() {
        let china = Calendar::china();
        let due_on = date!(2025 - 09 - 30);
        assert!(Duty::Funding.steps(china, due_on, due_on).is_empty());
        assert_eq!(
            Duty::Funding.steps(china, due_on, date!(2025 - 10 - 09)),
            [9]
        );
        let reached = Duty::Funding.reached_on(china, due_on, 9);
        assert_eq!(reached, date!(2025 - 10 - 09));
        let told = Duty::Funding.told(Office::Finance, 9);
        use Office::{City, CityFinance, CountyFinance, Supervision};
        assert_eq!(told, [City, CountyFinance, CityFinance, Supervision]);
    }

    #[test]
    fn each_step_tells_the_next_level() {
        use Office::{City, County, Supervision, Township, Village};
        let told = |duty: Duty, bearer| [0, 1, 2, 3].map(|step| duty.told(bearer, step));
        let [own, first, second, third] = told(Duty::VillageReview, Village);
        assert_eq!(own, [Village]);
        assert_eq!(first, [Village, Township]);
        assert_eq!(second, [Village, Township, County]);
        assert_eq!(third, [Village, Township, County, City, Supervision]);
        let [own, first, second, third] = told(Duty::TownshipReview, Township);
        assert_eq!(own, [Township]);
        assert_eq!(first, [Township, County]);
        assert_eq!(second, [Township, County, City]);
        assert_eq!(third, [Township, County, City, Supervision]);
        for duty in [Duty::CountyReview, Duty::CountyRoster, Duty::Referral] {
            let [own, first, second, third] = told(duty, County);
            assert_eq!(own, [County]);
            assert_eq!(first, [County, City]);
            assert_eq!(second, [County, City, Supervision]);
            assert_eq!(third, second);
        }
        assert_eq!(told(Duty::CityRecording, City)[0], [City]);
        assert_eq!(told(Duty::CityRecording, City)[1], [City, Supervision]);
        assert_eq!(told(Duty::Inquiry, County)[0], [County, City, Supervision]);
        assert_eq!(told(Duty::NoticeClosing, Township)[1], [Township, County]);
    }

    #[test]
    fn the_bank_is_flagged_with_those_who_order_and_release() {
        use Office::{Bank, City, CityFinance, County, CountyFinance, Supervision};
        let told = |step| Duty::Payment.told(Bank, step);
        assert_eq!(told(0), [County, CountyFinance, Bank]);
        let all = [County, City, CountyFinance, CityFinance, Bank, Supervision];
        assert_eq!(told(1), all);
    }

    #[test]
    fn every_bearer_is_told_first_and_supervision_sees_everything() {
        for duty in Duty::ALL {
            for bearer in duty.bearers() {
                let bears = |it: &&Office| it.bears(*bearer);
                for office in Office::ALL.iter().filter(bears) {
                    let told = duty.told_from(*bearer, *office);
                    let own = *bearer == Office::Finance && *office == Office::Finance;
                    assert!(own || told.is_some_and(|it| it <= OVERDUE), "{duty:?}");
                }
                let seen = duty.seen_from(*bearer, Office::Supervision);
                assert_eq!(seen, Some(REMINDER));
            }
        }
    }
}
