//! States and hands of a payment order: county health proposes and approves,
//! county finance releases, the bank executes (F20, DYN-1, DYN-4).

use serde::{Deserialize, Serialize};
use yuhui_kernel::Hand;

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderState {
    /// Proposed by county health.
    Proposed,
    /// Approved by county health.
    Approved,
    /// Released by county finance.
    Released,
}

impl OrderState {
    /// Stable name, as stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "PROPOSED",
            Self::Approved => "APPROVED",
            Self::Released => "RELEASED",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Proposed, Self::Approved, Self::Released]
            .into_iter()
            .find(|state| state.as_str() == name)
    }

    /// The one act the state waits for.
    #[must_use]
    pub fn next(self) -> Option<&'static str> {
        match self {
            Self::Proposed => Some("ApprovePaymentOrder"),
            Self::Approved => Some("ReleasePaymentOrder"),
            Self::Released => None,
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
}

impl Hands {
    /// Whether `hand` already acted on the order.
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
}

impl Order {
    /// An order as `maker` proposes it.
    #[must_use]
    pub fn proposed(maker: Hand) -> Self {
        Self {
            state: OrderState::Proposed,
            hands: Hands {
                proposed: maker,
                approved: None,
                released: None,
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
        self.state = OrderState::Approved;
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
        self.state = OrderState::Released;
        self.hands.released = Some(by);
        Ok(self)
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
        let order = Order::proposed(hand("maker"));
        let order = order.approve(hand("checker")).expect("another hand");
        let order = order.release(hand("finance")).expect("a third hand");
        assert_eq!(order.state, OrderState::Released);
        for account in ["maker", "checker", "finance"] {
            assert!(order.hands.include(&hand(account)));
        }
        assert!(!order.hands.include(&hand("bank")));
    }

    #[test]
    fn the_maker_does_not_approve_and_neither_of_the_two_releases() {
        let order = Order::proposed(hand("maker"));
        assert_eq!(
            order.clone().approve(hand("maker")),
            Err(OrderFault::SameMaker)
        );
        let order = order.approve(hand("checker")).expect("another hand");
        for account in ["maker", "checker"] {
            let release = order.clone().release(hand(account));
            assert_eq!(release, Err(OrderFault::SameHands));
        }
    }

    #[test]
    fn no_turn_is_skipped_or_taken_twice() {
        let proposed = Order::proposed(hand("maker"));
        let early = proposed.clone().release(hand("finance"));
        assert_eq!(early, Err(OrderFault::State(OrderState::Proposed)));
        let approved = proposed.approve(hand("checker")).expect("another hand");
        let twice = approved.clone().approve(hand("other"));
        assert_eq!(twice, Err(OrderFault::State(OrderState::Approved)));
        let released = approved.release(hand("finance")).expect("a third hand");
        let again = released.release(hand("other"));
        assert_eq!(again, Err(OrderFault::State(OrderState::Released)));
    }
}
