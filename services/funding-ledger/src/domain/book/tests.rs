//! Worked cases, random event sequences, tampering.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Deserialize;
use time::macros::date;
use yuhui_kernel::Money;

use super::{
    Account, LedgerEvent, NamedEvent, Programme, Refused, ResidualBearer, RoundBook, Stage,
    chain::{self, GENESIS, Hash},
    city,
    invariant::check_book,
    journal::Journal,
    play_named,
    verify::Verifier,
};

mod year;

#[derive(Deserialize)]
struct Cases {
    cases: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct FundingCase {
    id: String,
    ledger_events: Vec<NamedEvent>,
    expected_balances: BTreeMap<String, i64>,
}

#[test]
fn every_worked_funding_case_ends_at_its_balances() {
    let text = include_str!("../../../../../tests/data/cases_shared.json");
    let cases: Cases = serde_json::from_str(text).expect("the case file is readable");
    let of_funding = |it: &serde_json::Value| it["kind"] == "funding";
    let mut played = 0;
    for case in cases.cases.into_iter().filter(of_funding) {
        let case: FundingCase = serde_json::from_value(case).expect("a funding case");
        let balances = play_named(ResidualBearer::County, &case.ledger_events);
        assert_eq!(
            balances.as_ref(),
            Ok(&case.expected_balances),
            "{}",
            case.id
        );
        played += 1;
    }
    assert_eq!(played, 7);
}

/// F.3: “if a termination happens before allocation and finance sends less, credit 1201/1202 instead
/// of 2101/2102”.
#[test]
fn what_is_terminated_before_allocation_comes_back_if_finance_sends_all() {
    let event = |kind: &str, amount_fen| NamedEvent {
        kind: kind.into(),
        programme: matches!(kind, "CONFIRM_ROSTER" | "TERMINATE_UNPAID").then(|| "P1".into()),
        amount_fen,
    };
    let ends = |receipts: [i64; 2]| {
        let [city, county] = receipts;
        let events = [
            event("CONFIRM_ROSTER", 1_001),
            event("RECOGNISE_SHARES", 1_001),
            event("TERMINATE_UNPAID", 500),
            event("RECEIVE_CITY", city),
            event("RECEIVE_COUNTY", county),
            event("SEND_BATCH", 501),
        ];
        play_named(ResidualBearer::County, &events)
    };
    let less = ends([250, 251]).expect("less is enough");
    assert_eq!(less.get("2101"), None);
    let all = ends([500, 501]).expect("all is taken");
    assert_eq!(
        (all.get("2101"), all.get("2102")),
        (Some(&-250), Some(&-250))
    );
    let one = ends([250, 501]).expect("each treasury for itself");
    assert_eq!((one.get("2101"), one.get("2102")), (None, Some(&-250)));
    assert!(ends([500, 502]).is_err(), "more than all is not");
}

#[test]
fn an_event_that_is_none_is_named() {
    let event = |kind: &str| NamedEvent {
        kind: kind.into(),
        programme: None,
        amount_fen: 1,
    };
    let told = |kind| {
        let played = play_named(ResidualBearer::County, &[event(kind)]);
        played.expect_err("refused").to_string()
    };
    assert_eq!(told("GIVE"), "event 0: `GIVE` is no event of the book");
    assert_eq!(
        told("CONFIRM_ROSTER"),
        "event 0: CONFIRM_ROSTER names no programme"
    );
}

fn fen(amount: i64) -> Money {
    Money::from_fen(amount)
}

fn p1(amount: i64, stage: Stage) -> LedgerEvent {
    LedgerEvent::TerminateUnpaid {
        programme: Programme::P1,
        amount: fen(amount),
        stage,
    }
}

/// A round with a recorded roster of one programme.
fn recorded(amount: i64) -> RoundBook {
    let amount = fen(amount);
    let mut book = RoundBook::new(ResidualBearer::County);
    let programme = Programme::P1;
    book.post(&LedgerEvent::ConfirmRoster { programme, amount })
        .expect("sealed");
    book.post(&LedgerEvent::RecogniseShares { amount })
        .expect("recorded");
    book
}

fn funded(amount: i64) -> RoundBook {
    let mut book = recorded(amount);
    let (city, county) = (book.city_due(), book.county_due());
    book.post(&LedgerEvent::ReceiveCounty { amount: county })
        .expect("county");
    book.post(&LedgerEvent::ReceiveCity { amount: city })
        .expect("city");
    book
}

#[test]
fn nothing_is_sent_before_both_shares_have_arrived() {
    let mut book = recorded(950_001);
    let city = LedgerEvent::ReceiveCity {
        amount: fen(475_000),
    };
    book.post(&city).expect("city");
    let sent = book.post(&LedgerEvent::SendBatch { amount: fen(1) });
    let Err(Refused::SharesNotReceived { county_due, .. }) = sent else {
        panic!("{sent:?}");
    };
    assert_eq!(county_due, fen(475_001));
    let county = LedgerEvent::ReceiveCounty { amount: county_due };
    book.post(&county).expect("county");
    book.post(&LedgerEvent::SendBatch {
        amount: fen(950_001),
    })
    .expect("both have arrived");
}

#[test]
fn a_supplementary_roster_waits_for_its_own_shares_and_does_not_stop_the_first() {
    let mut book = funded(1_000);
    let (programme, amount) = (Programme::P2, fen(500));
    book.post(&LedgerEvent::ConfirmRoster { programme, amount })
        .expect("sealed");
    assert_eq!(book.totals().releasable, fen(1_000));
    book.post(&LedgerEvent::RecogniseShares { amount })
        .expect("recorded");
    book.post(&LedgerEvent::SendBatch { amount: fen(1_000) })
        .expect("the first roster is covered");
    assert!(matches!(
        book.post(&LedgerEvent::SendBatch { amount: fen(1) }),
        Err(Refused::SharesNotReceived { .. })
    ));
}

#[test]
fn a_receipt_above_what_is_due_is_refused_with_the_figures() {
    let mut book = recorded(1_000);
    let refused = book.post(&LedgerEvent::ReceiveCity { amount: fen(501) });
    assert_eq!(
        refused,
        Err(Refused::Exceeds {
            account: Account::DueFromCity,
            available: fen(500),
            asked: fen(501),
        })
    );
}

#[test]
fn a_line_terminated_before_recording_touches_payable_and_expense_only() {
    let mut book = RoundBook::new(ResidualBearer::County);
    let (programme, amount) = (Programme::P1, fen(1_000));
    book.post(&LedgerEvent::ConfirmRoster { programme, amount })
        .expect("sealed");
    let posting = book.post(&p1(400, Stage::Sealed)).expect("terminated");
    let booked: Vec<_> = posting
        .entries
        .iter()
        .map(|it| it.account.number())
        .collect();
    assert_eq!(booked, [2001, 5001, 9002]);
    book.post(&LedgerEvent::RecogniseShares { amount: fen(600) })
        .expect("net of the termination");
    assert_eq!((book.city_due(), book.county_due()), (fen(300), fen(300)));
}

#[test]
fn a_line_terminated_before_receipt_reduces_what_each_side_still_owes() {
    let mut book = recorded(1_000);
    book.post(&LedgerEvent::ReceiveCity { amount: fen(400) })
        .expect("in part");
    book.post(&p1(400, Stage::Recorded)).expect("terminated");
    assert_eq!((book.city_due(), book.county_due()), (fen(0), fen(300)));
    assert_eq!(book.balance(Account::DueToCity), fen(-100));
    assert_eq!(book.balance(Account::DueToCounty), Money::ZERO);
    assert_eq!(book.surplus_due(), Ok((fen(100), fen(0))));
}

#[test]
fn the_budget_memo_is_the_half_of_county_finance() {
    let mut book = recorded(1_001);
    book.post(&LedgerEvent::BudgetApproved { amount: fen(600) })
        .expect("approved");
    assert_eq!(book.balance(Account::BudgetApproved), fen(600));
    assert_eq!(book.balance(Account::BudgetCommitted), fen(501));
    assert_eq!(book.balance(Account::BudgetPaid), Money::ZERO);
}

fn any_event() -> impl Strategy<Value = LedgerEvent> {
    let names = prop_oneof![
        4 => Just("CONFIRM_ROSTER"),
        4 => Just("RECOGNISE_SHARES"),
        6 => Just("RECEIVE_CITY"),
        6 => Just("RECEIVE_COUNTY"),
        6 => Just("SEND_BATCH"),
        5 => Just("BANK_PAID"),
        4 => Just("BANK_RETURNED"),
        3 => Just("REISSUE"),
        4 => Just("TERMINATE_UNPAID"),
        2 => Just("LAPSE_RETURNED"),
        3 => Just("CLAWBACK_DECIDED"),
        3 => Just("CLAWBACK_RECOVERED"),
        1 => Just("CLAWBACK_WRITTEN_OFF"),
        2 => Just("REMIT_CITY"),
        2 => Just("REMIT_COUNTY"),
        1 => Just("YEAR_CLOSE"),
        1 => Just("BUDGET_APPROVED"),
        1 => Just("BUDGET_SUPPLEMENTED"),
    ];
    let programme = prop::sample::select(Programme::ALL.to_vec());
    let stage = prop::sample::select(vec![Stage::Sealed, Stage::Recorded]);
    (names, programme, 1_i64..5_000, stage).prop_map(|(name, programme, amount, stage)| {
        LedgerEvent::from_name(name, Some(programme), fen(amount), stage).expect("known")
    })
}

/// The event cut down to what the book can take, so that random sequences go deep: a refusal
/// names how much there is.
fn post_what_fits(book: &mut RoundBook, event: LedgerEvent) -> Option<LedgerEvent> {
    let available = match book.post(&event) {
        Ok(_) => return Some(event),
        Err(Refused::Exceeds { available, .. }) => available,
        Err(Refused::SharesNotReceived { releasable, .. }) => releasable,
        Err(
            Refused::NothingToClose
            | Refused::NoBudget
            | Refused::Underway(_)
            | Refused::Unrecorded(_),
        ) => return None,
        Err(refused) => panic!("{event:?}: {refused}"),
    };
    if available <= Money::ZERO {
        return None;
    }
    let stage = match event {
        LedgerEvent::TerminateUnpaid { stage, .. } => stage,
        _ => Stage::Sealed,
    };
    let less = LedgerEvent::from_name(event.name(), event.programme(), available, stage)
        .expect("the same event");
    book.post(&less).expect("what there is may be posted");
    Some(less)
}

/// F.3: a close leaves no expense, and in the funds what is still to be recovered.
fn closed(book: &RoundBook) -> Result<(), TestCaseError> {
    let [p1, p2, p3, p4] = Programme::ALL.map(Account::Expense);
    for account in [p1, p2, p3, p4, Account::RecoveryContra, Account::InTransit] {
        prop_assert_eq!(book.balance(account), Money::ZERO);
    }
    let funds = [Account::CityFund, Account::CountyFund].map(|it| book.balance(it).fen());
    let outstanding = book.balance(Account::RecoveryReceivable).fen();
    prop_assert_eq!(funds.into_iter().sum::<i64>(), -outstanding);
    Ok(())
}

fn journals(events: &[LedgerEvent]) -> Vec<(Journal, Hash, Hash)> {
    let mut book = RoundBook::new(ResidualBearer::County);
    let mut previous = GENESIS;
    let mut written = Vec::new();
    for event in events {
        let Ok(posting) = book.post(event) else {
            continue;
        };
        let journal = Journal {
            book: "150203".into(),
            sequence: i64::try_from(written.len()).expect("small") + 1,
            county: "150203".into(),
            round: 2025,
            event: event.name().into(),
            programme: event.programme(),
            amount: event.amount().unwrap_or_default(),
            posted_on: date!(2025 - 10 - 20),
            source: "counties/150203/batches/1".into(),
            actor: "service:disbursement".into(),
            origin: "1".into(),
            entries: posting.entries,
        };
        let hash = chain::hash(&previous, &journal);
        written.push((journal, previous, hash));
        previous = hash;
    }
    written
}

fn problems(written: &[(Journal, Hash, Hash)]) -> Vec<String> {
    let mut verifier = Verifier::new(BTreeMap::new());
    for (journal, previous, hash) in written {
        verifier.read(journal, previous, hash);
    }
    verifier.finish().2
}

#[test]
fn a_remittance_that_is_refused_is_told_how_much_may_be_sent() {
    let programme = Programme::P1;
    let confirm = |amount| LedgerEvent::ConfirmRoster { programme, amount };
    let recognise = |amount| LedgerEvent::RecogniseShares { amount };
    let send = |amount| LedgerEvent::SendBatch { amount };
    let mut book = RoundBook::new(ResidualBearer::City);
    for event in [
        confirm(fen(2_690)),
        confirm(fen(579)),
        recognise(fen(3_269)),
        p1(375, Stage::Recorded),
        confirm(fen(264)),
        LedgerEvent::ReceiveCity { amount: fen(1_342) },
        recognise(fen(105)),
        LedgerEvent::ReceiveCounty { amount: fen(1_499) },
        LedgerEvent::ReceiveCity { amount: fen(158) },
        send(fen(883)),
        LedgerEvent::BankPaid { amount: fen(511) },
        send(fen(2_116)),
        LedgerEvent::BankReturned { amount: fen(1_294) },
        LedgerEvent::Reissue { amount: fen(495) },
        recognise(fen(159)),
        send(fen(1)),
        LedgerEvent::LapseReturned {
            programme,
            amount: fen(799),
        },
        LedgerEvent::RemitCounty { amount: fen(400) },
        p1(159, Stage::Recorded),
    ] {
        post_what_fits(&mut book, event);
    }
    // A fen more is owed than is there: the other half of it has not been received.
    let owed = book.balance(Account::DueToCity).fen().abs();
    let held = book.balance(Account::Deposit);
    let refused = book.post(&LedgerEvent::RemitCity { amount: fen(5_000) });
    let bound = if held < fen(owed) {
        Account::Deposit
    } else {
        Account::DueToCity
    };
    assert_eq!(
        refused,
        Err(Refused::Exceeds {
            account: bound,
            available: held.min(fen(owed)),
            asked: fen(5_000)
        })
    );
    post_what_fits(&mut book, LedgerEvent::RemitCity { amount: fen(5_000) });
}

proptest! {
    #[test]
    fn any_sequence_keeps_every_invariant(
        events in prop::collection::vec(any_event(), 1..120),
        city_bears in any::<bool>(),
    ) {
        let bearer = if city_bears { ResidualBearer::City } else { ResidualBearer::County };
        let mut book = RoundBook::new(bearer);
        let mut city = city::CityBook::default();
        for event in events {
            let before = book.clone();
            if let Some(event) = post_what_fits(&mut book, event) {
                let mut again = before;
                let posting = again.post(&event).expect("it was posted");
                prop_assert_eq!(&again, &book);
                if event == LedgerEvent::YearClose {
                    closed(&book)?;
                }
                if let Some(event) = city::mirror(&event, &posting.entries) {
                    city.post(event).expect("the city follows");
                }
            } else {
                prop_assert_eq!(&before, &book);
            }
            prop_assert_eq!(check_book(&book), Ok(()));
            // The control of F.2: city 2901 = county 1201.
            let owed = city.balance(Account::CityPayable).fen();
            prop_assert_eq!(-owed, book.balance(Account::DueFromCity).fen());
        }
    }

    #[test]
    fn what_was_posted_verifies_and_any_change_is_found(
        events in prop::collection::vec(any_event(), 20..60),
        at in any::<prop::sample::Index>(),
        kind in 0..6,
    ) {
        let mut written = journals(&events);
        prop_assume!(!written.is_empty());
        prop_assert!(problems(&written).is_empty());
        let at = at.index(written.len());
        let (journal, _, hash) = written.get_mut(at).expect("in range");
        match kind {
            0 => journal.amount = fen(journal.amount.fen() + 1),
            1 => journal.actor.push('x'),
            2 => hash[0] ^= 1,
            3 => journal.posted_on = date!(2025 - 10 - 21),
            4 => journal.entries.reverse(),
            _ => journal.round = 2026,
        }
        if kind == 4 && journal.entries.len() < 2 {
            return Ok(());
        }
        prop_assert!(!problems(&written).is_empty());
    }
}

#[test]
fn a_removed_journal_and_a_rehashed_forgery_are_found() {
    let amount = fen(1_000);
    let programme = Programme::P1;
    let events = [
        LedgerEvent::ConfirmRoster { programme, amount },
        LedgerEvent::RecogniseShares { amount },
        LedgerEvent::ReceiveCity { amount: fen(500) },
    ];
    let mut written = journals(&events);
    written.remove(1);
    assert!(!problems(&written).is_empty());
    // Whoever can recompute hashes still cannot book what the event does not say.
    let mut written = journals(&events);
    let (journal, previous, hash) = written.last_mut().expect("three journals");
    for entry in &mut journal.entries {
        let halved = |it: Money| fen(it.fen() / 2);
        (entry.debit, entry.credit) = (halved(entry.debit), halved(entry.credit));
    }
    *hash = chain::hash(previous, journal);
    assert_eq!(
        problems(&written),
        ["journal 3: entries are not its event's"]
    );
}
