//! Where a case stands, and the way back while it is away from its stage.

use serde::{Deserialize, Serialize};

use super::{
    Hand, NotAllowed, State, Step,
    life::{self, Kind, To},
};

/// The state of a case, and what it was taken away from: RETURNED, REFERRED, INQUIRY and HOLD
/// remember the stage, and one may come on top of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// State.
    pub state: State,
    /// Where it comes back to, the stage itself first.
    away: Vec<Away>,
}

/// One leave of absence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Away {
    from: State,
    by: Hand,
}

impl Place {
    /// A draft.
    pub const fn draft() -> Self {
        Self {
            state: State::Draft,
            away: Vec::new(),
        }
    }

    /// The stage the case belongs to, wherever it is at present.
    pub fn stage(&self) -> State {
        self.away.first().map_or(self.state, |it| it.from)
    }

    /// The state it comes back to, if it is away.
    pub fn resume(&self) -> Option<State> {
        self.away.last().map(|it| it.from)
    }

    /// Whether a hold or an inquiry keeps it back, whatever else it was taken away for since.
    pub fn is_kept_back(&self) -> bool {
        let left = self.away.iter().map(|it| it.from);
        left.chain([self.state])
            .any(|it| matches!(it, State::Hold | State::Inquiry))
    }

    /// Who referred it, held it, returned it or recorded the objection.
    pub fn stopped_by(&self) -> Option<&Hand> {
        self.away.last().map(|it| &it.by)
    }

    /// Whether `step` fits.
    pub fn allows(&self, step: Step, kind: Kind) -> Result<To, NotAllowed> {
        life::leads(step, kind, self.state, self.stage())
    }

    /// Takes a step, if the state allows it.
    pub fn step(&mut self, step: Step, kind: Kind, by: &Hand) -> Result<(), NotAllowed> {
        match self.allows(step, kind)? {
            To::Stay => {}
            To::Go(next) => {
                self.state = next;
                self.away.clear();
            }
            To::Leave(next) => {
                self.away.push(Away {
                    from: self.state,
                    by: by.clone(),
                });
                self.state = next;
            }
            To::Back => {
                if let Some(last) = self.away.pop() {
                    self.state = last.from;
                }
            }
            To::Return => {
                let from = self.stage().review();
                self.away = vec![Away {
                    from,
                    by: by.clone(),
                }];
                self.state = State::Returned;
            }
        }
        Ok(())
    }

    /// What happens to the case whether or not it is away: rosters, money, the bank. It comes back
    /// to where the others are by then.
    pub fn happens(&mut self, step: Step, kind: Kind) -> Result<(), NotAllowed> {
        let stage = self.stage();
        if let To::Go(next) = life::leads(step, kind, stage, stage)? {
            match self.away.first_mut() {
                Some(first) => first.from = next,
                None => self.state = next,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hand(account: &str) -> Hand {
        Hand {
            account: account.into(),
            person: None,
            unit: None,
        }
    }

    fn at(state: State) -> Place {
        Place {
            state,
            away: Vec::new(),
        }
    }

    fn walk(place: &mut Place, steps: &[Step]) {
        for step in steps {
            place
                .step(*step, Kind::Family, &hand("somebody"))
                .expect("the step fits");
        }
    }

    #[test]
    fn a_returned_case_comes_back_to_its_stage() {
        let mut place = at(State::TReview);
        walk(&mut place, &[Step::Return]);
        assert_eq!(
            (place.state, place.resume()),
            (State::Returned, Some(State::TReview))
        );
        walk(&mut place, &[Step::Resubmit]);
        assert_eq!(place, at(State::TReview));
    }

    #[test]
    fn absences_nest() {
        let mut place = at(State::CReview);
        walk(&mut place, &[Step::Refer, Step::Object, Step::Hold]);
        assert_eq!((place.state, place.stage()), (State::Hold, State::CReview));
        assert_eq!(place.resume(), Some(State::Inquiry));
        assert!(place.is_kept_back() && !at(State::Referred).is_kept_back());
        walk(
            &mut place,
            &[
                Step::Release,
                Step::ResumeFromInquiry,
                Step::ResolveReferral,
            ],
        );
        assert_eq!(place, at(State::CReview));
    }

    #[test]
    fn money_moves_underneath_a_hold() {
        let mut place = at(State::Recorded);
        walk(&mut place, &[Step::Hold]);
        place.happens(Step::Fund, Kind::Family).expect("funded");
        assert_eq!((place.state, place.stage()), (State::Hold, State::Funded));
        place
            .happens(Step::Fund, Kind::Family)
            .expect_err("once only");
        walk(&mut place, &[Step::Release]);
        assert_eq!(place, at(State::Funded));
    }

    #[test]
    fn an_inquiry_returns_a_case_to_the_review_of_its_stage() {
        let mut place = at(State::VNotice);
        walk(&mut place, &[Step::Object, Step::ReturnFromInquiry]);
        assert_eq!(
            (place.state, place.resume()),
            (State::Returned, Some(State::VReview))
        );
        let mut confirmed = at(State::Confirmed);
        walk(&mut confirmed, &[Step::Object]);
        let back = confirmed.step(Step::ReturnFromInquiry, Kind::Family, &hand("x"));
        assert!(
            back.is_err(),
            "what is confirmed is terminated, not corrected"
        );
    }

    #[test]
    fn an_end_forgets_the_way_back() {
        let mut place = at(State::Funded);
        walk(&mut place, &[Step::Hold, Step::Terminate]);
        assert_eq!(place, at(State::Terminated));
    }
}
