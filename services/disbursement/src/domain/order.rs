//! States and hands of a payment order: county health proposes and approves,
//! county finance releases, the bank executes (F20, DYN-1, DYN-4).

use serde::{Deserialize, Serialize};
use yuhui_kernel::Hand;

/// Where an order stands. What an act does to more lines than fit a slice goes on after it: until that is
/// done the order waits for nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderState {
    /// Proposed by county health; lines are still put into it.
    Proposing,
    /// Proposed by county health.
    Proposed,
    /// Approved by county health; its lines are still looked through.
    Approving,
    /// Approved by county health.
    Approved,
    /// Released by county finance; its batch is still made.
    Releasing,
    /// Released by county finance.
    Released,
    /// Declined by county health before it was approved, or by county finance before it was released.
    Declined,
    /// Withdrawn by whoever proposed it.
    Withdrawn,
}

impl OrderState {
    const ALL: [Self; 8] = [
        Self::Proposing,
        Self::Proposed,
        Self::Approving,
        Self::Approved,
        Self::Releasing,
        Self::Released,
        Self::Declined,
        Self::Withdrawn,
    ];

    /// Stable name, as stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proposing => "PROPOSING",
            Self::Proposed => "PROPOSED",
            Self::Approving => "APPROVING",
            Self::Approved => "APPROVED",
            Self::Releasing => "RELEASING",
            Self::Released => "RELEASED",
            Self::Declined => "DECLINED",
            Self::Withdrawn => "WITHDRAWN",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// The one act the state waits for.
    #[must_use]
    pub fn next(self) -> Option<&'static str> {
        match self {
            Self::Proposed => Some("ApprovePaymentOrder"),
            Self::Approved => Some("ReleasePaymentOrder"),
            Self::Proposing
            | Self::Approving
            | Self::Releasing
            | Self::Released
            | Self::Declined
            | Self::Withdrawn => None,
        }
    }
}

/// Who acted on an order so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hands {
    /// County health, maker.
    pub proposed: Hand,
    /// County health, checker.
    pub approved: Option<Hand>,
    /// County finance, checker.
    pub released: Option<Hand>,
    /// Whoever declined or withdrew it.
    #[serde(default)]
    pub closed: Option<Hand>,
}

impl Hands {
    /// Whether `hand` proposed, approved or released the order.
    #[must_use]
    pub fn include(&self, hand: &Hand) -> bool {
        [
            Some(&self.proposed),
            self.approved.as_ref(),
            self.released.as_ref(),
        ]
        .into_iter()
        .flatten()
        .any(|it| it.is(hand))
    }
}

/// An order, as far as its states and hands go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Where it stands.
    pub state: OrderState,
    /// Who acted.
    pub hands: Hands,
}

/// Why an act on an order is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderFault {
    /// The order does not wait for this act.
    State(OrderState),
    /// Whoever proposed it does not approve it (DYN-1).
    SameMaker,
    /// A payment takes three different persons (DYN-4).
    SameHands,
    /// Nobody but whoever proposed it withdraws it.
    NotTheMaker,
}

impl Order {
    /// An order as `maker` proposes it.
    #[must_use]
    pub fn proposed(maker: Hand) -> Self {
        Self {
            state: OrderState::Proposing,
            hands: Hands {
                proposed: maker,
                approved: None,
                released: None,
                closed: None,
            },
        }
    }

    /// County health approves it by another hand (DYN-1).
    pub fn approve(mut self, by: Hand) -> Result<Self, OrderFault> {
        if self.state != OrderState::Proposed {
            return Err(OrderFault::State(self.state));
        }
        if self.hands.include(&by) {
            return Err(OrderFault::SameMaker);
        }
        self.state = OrderState::Approving;
        self.hands.approved = Some(by);
        Ok(self)
    }

    /// County finance releases it by a third hand (DYN-4).
    pub fn release(mut self, by: Hand) -> Result<Self, OrderFault> {
        if self.state != OrderState::Approved {
            return Err(OrderFault::State(self.state));
        }
        if self.hands.include(&by) {
            return Err(OrderFault::SameHands);
        }
        self.state = OrderState::Releasing;
        self.hands.released = Some(by);
        Ok(self)
    }

    /// County health declines what is proposed.
    pub fn decline(self, by: Hand) -> Result<Self, OrderFault> {
        self.close(OrderState::Proposed, OrderState::Declined, by)
    }

    /// County finance declines to release what is approved.
    pub fn decline_release(self, by: Hand) -> Result<Self, OrderFault> {
        self.close(OrderState::Approved, OrderState::Declined, by)
    }

    /// Whoever proposed it withdraws it, as long as nobody has approved it.
    pub fn withdraw(self, by: Hand) -> Result<Self, OrderFault> {
        match self.hands.proposed.is(&by) {
            true => self.close(OrderState::Proposed, OrderState::Withdrawn, by),
            false => Err(OrderFault::NotTheMaker),
        }
    }

    fn close(mut self, from: OrderState, to: OrderState, by: Hand) -> Result<Self, OrderFault> {
        if self.state != from {
            return Err(OrderFault::State(self.state));
        }
        self.state = to;
        self.hands.closed = Some(by);
        Ok(self)
    }

    /// What was begun with it is done to every line.
    #[must_use]
    pub fn done(mut self) -> Self {
        self.state = match self.state {
            OrderState::Proposing => OrderState::Proposed,
            OrderState::Approving => OrderState::Approved,
            OrderState::Releasing => OrderState::Released,
            state => state,
        };
        self
    }

    /// What was begun with it is given up: whoever began it has not acted on it, and may act on it otherwise.
    /// Lines that were taken out stay out.
    #[must_use]
    pub fn given_up(mut self) -> Self {
        match self.state {
            OrderState::Approving => {
                self.state = OrderState::Proposed;
                self.hands.approved = None;
            }
            OrderState::Releasing => {
                self.state = OrderState::Approved;
                self.hands.released = None;
            }
            // The lines that are in it are proposed.
            OrderState::Proposing => self.state = OrderState::Proposed,
            _ => {}
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hand(account: &str) -> Hand {
        Hand {
            account: account.into(),
            person: None,
        }
    }

    #[test]
    fn an_order_takes_three_hands_in_their_turn() {
        let order = Order::proposed(hand("maker")).done();
        let order = order.approve(hand("checker")).expect("another hand").done();
        let order = order.release(hand("finance")).expect("a third hand").done();
        assert_eq!(order.state, OrderState::Released);
        for account in ["maker", "checker", "finance"] {
            assert!(order.hands.include(&hand(account)));
        }
        assert!(!order.hands.include(&hand("bank")));
    }

    #[test]
    fn the_maker_does_not_approve_and_neither_of_the_two_releases() {
        let order = Order::proposed(hand("maker")).done();
        assert_eq!(
            order.clone().approve(hand("maker")),
            Err(OrderFault::SameMaker)
        );
        let order = order.approve(hand("checker")).expect("another hand").done();
        for account in ["maker", "checker"] {
            let release = order.clone().release(hand(account));
            assert_eq!(release, Err(OrderFault::SameHands));
        }
    }

    #[test]
    fn no_turn_is_skipped_or_taken_twice_or_before_the_last_is_done() {
        let refused = |state| Err(OrderFault::State(state));
        let order = Order::proposed(hand("maker"));
        let early = order.clone().approve(hand("checker"));
        assert_eq!(early, refused(OrderState::Proposing));
        let order = order.done();
        let early = order.clone().release(hand("finance"));
        assert_eq!(early, refused(OrderState::Proposed));
        let order = order.approve(hand("checker")).expect("another hand");
        let early = order.clone().release(hand("finance"));
        assert_eq!(early, refused(OrderState::Approving));
        let order = order.done();
        let twice = order.clone().approve(hand("other"));
        assert_eq!(twice, refused(OrderState::Approved));
        let order = order.release(hand("finance")).expect("a third hand");
        let again = order.clone().release(hand("other"));
        assert_eq!(again, refused(OrderState::Releasing));
        let again = order.done().release(hand("other"));
        assert_eq!(again, refused(OrderState::Released));
    }

    #[test]
    fn what_is_given_up_was_not_done_and_may_be_done_by_the_same_hand() {
        let proposed = Order::proposed(hand("maker")).done();
        let approving = proposed.clone().approve(hand("checker")).expect("begun");
        assert_eq!(approving.clone().given_up(), proposed);
        let approved = approving.done();
        let releasing = approved.clone().release(hand("finance")).expect("begun");
        assert_eq!(releasing.given_up(), approved);
    }

    #[test]
    fn what_waits_for_a_hand_may_be_declined_by_it_and_withdrawn_by_its_maker_alone() {
        let proposed = Order::proposed(hand("maker")).done();
        let declined = proposed.clone().decline(hand("checker")).expect("declined");
        assert_eq!(declined.state, OrderState::Declined);
        let late = declined.approve(hand("other"));
        assert_eq!(late, Err(OrderFault::State(OrderState::Declined)));
        let other = proposed.clone().withdraw(hand("checker"));
        assert_eq!(other, Err(OrderFault::NotTheMaker));
        let own = proposed.clone().withdraw(hand("maker")).expect("his own");
        assert_eq!(own.state, OrderState::Withdrawn);
        let early = proposed.clone().decline_release(hand("finance"));
        assert_eq!(early, Err(OrderFault::State(OrderState::Proposed)));
        let approved = proposed.approve(hand("checker")).expect("begun").done();
        let late = approved.clone().withdraw(hand("maker"));
        assert_eq!(late, Err(OrderFault::State(OrderState::Approved)));
        let declined = approved.decline_release(hand("finance")).expect("declined");
        assert_eq!(declined.hands.closed, Some(hand("finance")));
    }

    #[test]
    fn a_state_is_found_by_its_name() {
        for state in OrderState::ALL {
            assert_eq!(OrderState::named(state.as_str()), Some(state));
        }
    }
}
