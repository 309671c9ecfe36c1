//! The books as they are shown, and what becomes of them when somebody lays hands on them.

use sea_orm::ConnectionTrait as _;
use yuhui_proto::{funding::v1 as pb, types::v1::Programme};

use crate::harness::{CITY, COUNTY, ROUND, World, on_every_world};

async fn journals(world: &World, parent: &str) -> Vec<pb::Journal> {
    let (mut journals, mut page_token) = (Vec::new(), String::new());
    loop {
        let ask = pb::ListJournalsRequest {
            parent: parent.into(),
            page_size: 2,
            page_token,
        };
        let answer = world.auditor().list_journals(ask).await;
        let answer = answer.expect("journals").into_inner();
        journals.extend(answer.journals);
        if answer.next_page_token.is_empty() {
            return journals;
        }
        page_token = answer.next_page_token;
    }
}

#[tokio::test]
async fn journals_follow_each_other_and_balance() {
    on_every_world(async |world| {
        world.fund(&[("one", 500_001)]).await;
        for parent in [COUNTY, CITY] {
            let journals = journals(&world, parent).await;
            let mut previous = "0".repeat(64);
            for (journal, sequence) in journals.iter().zip(1..) {
                assert_eq!(journal.name, format!("{parent}/journals/{sequence}"));
                assert_eq!(journal.previous_hash, previous);
                previous.clone_from(&journal.hash);
                let debit: i64 = journal.entries.iter().map(|it| it.debit_fen).sum();
                let credit: i64 = journal.entries.iter().map(|it| it.credit_fen).sum();
                assert_eq!((debit, debit > 0), (credit, true));
            }
            assert_eq!(world.verify(parent).await.head_hash, previous);
        }
        let events = |journals: Vec<pb::Journal>| {
            let events = journals.into_iter().map(|it| it.event);
            events.collect::<Vec<_>>()
        };
        assert_eq!(
            events(journals(&world, COUNTY).await),
            [
                "CONFIRM_ROSTER",
                "RECOGNISE_SHARES",
                "RECEIVE_COUNTY",
                "RECEIVE_CITY"
            ]
        );
        assert_eq!(
            events(journals(&world, CITY).await),
            ["CITY_SHARE_OWED", "CITY_SHARE_ALLOCATED"]
        );
    })
    .await;
}

#[tokio::test]
async fn the_budget_is_kept_beside_the_balance() {
    on_every_world(async |world| {
        let ask = pb::ProposeAppropriationRequest {
            parent: COUNTY.into(),
            round: ROUND,
            amount_fen: 400_000,
            document: "昆财预〔2025〕1号".into(),
            request_id: world.fresh(),
        };
        let answer = world
            .maker()
            .propose_appropriation(ask)
            .await
            .expect("proposed");
        let seen = answer.into_inner().proposal.expect("one");
        let ask = pb::ApproveAppropriationRequest {
            name: seen.name,
            etag: seen.etag,
            request_id: world.fresh(),
        };
        let answer = world.checker().approve_appropriation(ask).await;
        let proposal = answer.expect("approved").into_inner().proposal;
        let proposal = proposal.expect("one");
        assert_eq!(proposal.journal, format!("{COUNTY}/journals/1"));
        world.seal("main", Programme::P1, &[("one", 500_001)]).await;
        let parent = COUNTY.into();
        let ask = pb::GetTrialBalanceRequest { parent };
        let answer = world.auditor().get_trial_balance(ask).await;
        let answer = answer.expect("balances").into_inner();
        let shown: Vec<_> = answer
            .balances
            .iter()
            .map(|it| (it.account.as_str(), it.balance_fen))
            .collect();
        let expected = [
            ("2001", -500_001),
            ("5001", 500_001),
            ("9001", 400_000),
            ("9002", 250_001),
        ];
        assert_eq!(shown, expected);
        assert_eq!((answer.debit_fen, answer.credit_fen), (500_001, 500_001));
        world.assert_whole().await;
    })
    .await;
}

#[tokio::test]
async fn a_book_that_is_written_to_meanwhile_is_whole() {
    on_every_world(async |world| {
        let writing = async {
            for amount_fen in 1..=20 {
                let ask = pb::ProposeAppropriationRequest {
                    parent: COUNTY.into(),
                    round: ROUND,
                    amount_fen,
                    document: "昆财预〔2025〕1号".into(),
                    request_id: world.fresh(),
                };
                let proposed = world.maker().propose_appropriation(ask).await;
                let proposal = proposed.expect("proposed").into_inner().proposal;
                let seen = proposal.expect("one");
                let ask = pb::ApproveAppropriationRequest {
                    name: seen.name,
                    etag: seen.etag,
                    request_id: world.fresh(),
                };
                let approved = world.checker().approve_appropriation(ask).await;
                approved.expect("approved");
            }
        };
        tokio::pin!(writing);
        let mut written = false;
        while !written {
            let verifying = world.verify(COUNTY);
            tokio::pin!(verifying);
            let book = loop {
                tokio::select! {
                    book = &mut verifying => break book,
                    () = &mut writing, if !written => written = true,
                }
            };
            assert!(book.whole, "{:?}", book.problems);
        }
        assert_eq!(journals(&world, COUNTY).await.len(), 20);
    })
    .await;
}

/// Runs SQL on the file of a SQLite world as somebody with the file would.
async fn by_hand(world: &World, sql: &[&str]) -> Option<()> {
    let url = format!("sqlite://{}", world.file.as_ref()?.display());
    let connection = sea_orm::Database::connect(url).await.expect("opened");
    for statement in sql {
        let done = connection.execute_unprepared(statement).await;
        done.expect("done by hand");
    }
    connection.close().await.expect("closed");
    Some(())
}

#[tokio::test]
async fn journals_and_entries_cannot_be_changed() {
    on_every_world(async |world| {
        world.fund(&[("one", 500_000)]).await;
        for table in ["journals", "entries"] {
            for sql in [
                format!("UPDATE {table} SET sequence = 9"),
                format!("DELETE FROM {table}"),
            ] {
                let county = yuhui_kernel::Tenant::parse("150203").expect("county");
                let tx = world.deps.db.begin(county).await.expect("begun");
                assert!(tx.connection().execute_unprepared(&sql).await.is_err());
            }
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_forces_a_change_is_found_out() {
    let attempts: [(&str, &str); 7] = [
        (
            "UPDATE entries SET debit_fen = debit_fen + 1 WHERE debit_fen > 0",
            "hash",
        ),
        (
            "UPDATE journals SET actor = 'nobody' WHERE sequence = 2",
            "hash",
        ),
        (
            "DELETE FROM journals WHERE sequence = 4",
            "at the end are missing",
        ),
        (
            "UPDATE balances SET balance_fen = 0 WHERE account = 1001",
            "account 1001",
        ),
        ("UPDATE rounds SET releasable_fen = 1", "running totals"),
        (
            "UPDATE lines SET amount_fen = amount_fen + 1",
            "payment lines",
        ),
        (
            "UPDATE entries SET account = 1003 WHERE account = 1001",
            "unknown",
        ),
    ];
    for (attempt, told) in attempts {
        on_every_world(async |world| {
            world.fund(&[("one", 500_000)]).await;
            world.assert_whole().await;
            let no_triggers = [
                "journals_no_UPDATE",
                "journals_no_DELETE",
                "entries_no_UPDATE",
            ]
            .map(|it| format!("DROP TRIGGER \"{it}\""));
            let mut sql: Vec<&str> = no_triggers.iter().map(String::as_str).collect();
            sql.push(attempt);
            if by_hand(&world, &sql).await.is_none() {
                return;
            }
            let verdict = world.verify(COUNTY).await;
            assert!(!verdict.whole, "{attempt}");
            let problems = verdict.problems.join("\n");
            assert!(problems.contains(told), "{attempt}: {problems}");
        })
        .await;
    }
}
