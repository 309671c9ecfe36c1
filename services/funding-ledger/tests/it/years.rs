//! The budgets of both finance offices, and the close of a year.

use std::collections::BTreeMap;

use time::macros::date;
use tonic::{Code, Status};
use yuhui_proto::{
    funding::v1 as pb,
    internal::v1::{RecoveryDecided, event::Payload},
    types::v1::Programme,
};

use crate::harness::{CITY, COUNTY, ROUND, World, case, on_every_world, refused};

impl World {
    async fn supplement(&self, parent: &str, fen: i64) -> Result<pb::Proposal, Status> {
        let ask = pb::ProposeSupplementRequest {
            parent: parent.into(),
            round: ROUND,
            amount_fen: fen,
            document: "昆财预〔2025〕追1号".into(),
            request_id: self.fresh(),
        };
        let (mut maker, mut checker) = match parent {
            CITY => (self.city_maker(), self.city_checker()),
            _ => (self.maker(), self.checker()),
        };
        let answer = maker.propose_supplement(ask).await?.into_inner();
        let seen = answer.proposal.expect("a proposal");
        let ask = pb::ApproveSupplementRequest {
            name: seen.name,
            etag: seen.etag,
            request_id: self.fresh(),
        };
        let answer = checker.approve_supplement(ask).await?.into_inner();
        Ok(answer.proposal.expect("a proposal"))
    }

    fn budget(&self, parent: &str, fen: i64) -> pb::ProposeAppropriationRequest {
        pb::ProposeAppropriationRequest {
            parent: parent.into(),
            round: ROUND,
            amount_fen: fen,
            document: "财预〔2025〕1号".into(),
            request_id: self.fresh(),
        }
    }

    async fn approval(&self, name: &str) -> pb::ApproveAppropriationRequest {
        pb::ApproveAppropriationRequest {
            name: name.into(),
            etag: self.etag(name).await,
            request_id: self.fresh(),
        }
    }

    async fn propose_close(&self) -> Result<pb::Proposal, Status> {
        let ask = pb::ProposeYearCloseRequest {
            parent: COUNTY.into(),
            round: ROUND,
            document: "昆财决〔2025〕1号".into(),
            request_id: self.fresh(),
        };
        let answer = self.maker().propose_year_close(ask).await?.into_inner();
        Ok(answer.proposal.expect("a proposal"))
    }

    async fn approve_close(&self, name: &str) -> Result<pb::Proposal, Status> {
        let ask = pb::ApproveYearCloseRequest {
            name: name.into(),
            etag: self.etag(name).await,
            request_id: self.fresh(),
        };
        let answer = self.checker().approve_year_close(ask).await?.into_inner();
        Ok(answer.proposal.expect("a proposal"))
    }

    /// 9001 to 9003 of a book.
    async fn memo(&self, parent: &str) -> BTreeMap<String, i64> {
        let parent = parent.into();
        let ask = pb::GetTrialBalanceRequest { parent };
        let answer = self.auditor().get_trial_balance(ask).await;
        let balances = answer.expect("a trial balance").into_inner().balances;
        let memo = balances
            .into_iter()
            .filter(|it| it.account.starts_with('9'));
        memo.map(|it| (it.account, it.balance_fen)).collect()
    }
}

#[tokio::test]
async fn each_finance_office_keeps_its_own_budget_and_adds_to_it() {
    on_every_world(async |world| {
        let early = refused(world.supplement(COUNTY, 100).await);
        assert_eq!(early, (Code::FailedPrecondition, "NO_BUDGET".into()));
        for (parent, mut maker, mut checker, other) in [
            (COUNTY, world.maker(), world.checker(), CITY),
            (CITY, world.city_maker(), world.city_checker(), COUNTY),
        ] {
            let not_his = maker.propose_appropriation(world.budget(other, 1)).await;
            assert_eq!(refused(not_his).0, Code::NotFound, "{parent} for {other}");
            let proposed = maker
                .propose_appropriation(world.budget(parent, 5_000))
                .await;
            let name = proposed
                .expect("proposed")
                .into_inner()
                .proposal
                .expect("one")
                .name;
            assert!(name.starts_with(&format!("{parent}/proposals/")));
            let (mut stranger, mut same) = match parent {
                CITY => (world.checker(), world.city_checker()),
                _ => (world.city_checker(), world.checker()),
            };
            let denied = stranger
                .approve_appropriation(world.approval(&name).await)
                .await;
            assert_eq!(refused(denied).0, Code::NotFound, "another office's budget");
            let ask = pb::GetProposalRequest { name: name.clone() };
            let seen = same.get_proposal(ask).await.expect("there").into_inner();
            assert_eq!(seen.proposal.expect("one").amount_fen, 5_000);
            let approved = checker
                .approve_appropriation(world.approval(&name).await)
                .await;
            let approved = approved
                .expect("approved")
                .into_inner()
                .proposal
                .expect("one");
            assert!(approved.journal.starts_with(parent), "{}", approved.journal);
            let added = world.supplement(parent, 700).await.expect("added");
            assert_eq!(added.kind(), pb::proposal::Kind::Supplement);
            let memo = world.memo(parent).await;
            assert_eq!(memo, BTreeMap::from([("9001".into(), 5_700)]));
        }
        let ask = pb::ListProposalsRequest {
            parent: "counties/-".into(),
            ..pb::ListProposalsRequest::default()
        };
        let all = world.city_checker().list_proposals(ask).await.expect("all");
        assert_eq!(all.into_inner().proposals.len(), 4, "the city's among them");
        world.assert_whole().await;
        // The county's shares follow in the city's book, behind its own budget.
        world.fund(&[("one", 1_001)]).await;
        world.assert_whole().await;
    })
    .await;
}

#[tokio::test]
async fn the_city_declines_and_withdraws_its_own() {
    on_every_world(async |world| {
        let mut maker = world.city_maker();
        let mut name = async || {
            let proposed = maker.propose_appropriation(world.budget(CITY, 9)).await;
            proposed
                .expect("proposed")
                .into_inner()
                .proposal
                .expect("one")
                .name
        };
        let (one, other) = (name().await, name().await);
        let ask = pb::DeclineProposalRequest {
            etag: world.etag(&one).await,
            name: one,
            reason: "文号不符".into(),
            request_id: world.fresh(),
        };
        world
            .city_checker()
            .decline_proposal(ask)
            .await
            .expect("declined");
        let ask = pb::WithdrawProposalRequest {
            name: other,
            request_id: world.fresh(),
        };
        world
            .city_maker()
            .withdraw_proposal(ask)
            .await
            .expect("withdrawn");
        assert!(world.memo(CITY).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_year_is_closed_once_nothing_is_underway_and_closed_again_for_what_came_later() {
    on_every_world(async |world| {
        let lines = [("paid", 500_000), ("back", 50_000), ("held", 30_000)];
        world.fund(&lines).await;
        let early = refused(world.propose_close().await);
        assert_eq!(early, (Code::FailedPrecondition, "YEAR_NOT_OVER".into()));
        world
            .deps
            .clock
            .set(date!(2025 - 12 - 31))
            .expect("a sandbox");

        world.send(550_000, 0, &["paid", "back"]).await;
        let unknown = refused(world.propose_close().await);
        assert_eq!(unknown, (Code::FailedPrecondition, "MONEY_UNDERWAY".into()));
        world
            .settle(&[("paid", 500_000, true), ("back", 50_000, false)])
            .await;
        world.seal("late", Programme::P2, &[("late", 1_000)]).await;
        let unrecorded = refused(world.propose_close().await);
        assert_eq!(unrecorded.1, "ROSTER_NOT_RECORDED");
        world.record("late", 1_000).await;

        let stale = world.propose_close().await.expect("proposed");
        assert_eq!(stale.amount_fen, 581_000);
        world.terminate("late", "late", 1_000).await;
        let changed = refused(world.approve_close(&stale.name).await);
        assert_eq!(changed.1, "EXPENSE_CHANGED");
        let figures = world.reconciliation().await;
        let proposed = world.propose_close().await.expect("proposed");
        let closed = world.approve_close(&proposed.name).await.expect("closed");
        assert_eq!(
            (closed.amount_fen, closed.state()),
            (580_000, pb::proposal::State::Approved)
        );
        let again = refused(world.approve_close(&proposed.name).await);
        assert_eq!(again.1, "ALREADY_APPROVED");
        assert_eq!(refused(world.propose_close().await).1, "NOTHING_TO_CLOSE");
        // What is held and owed is carried over: the deposit, the line never sent, the one returned.
        let after = BTreeMap::from([("1001", 80_000), ("2001", -30_000), ("2002", -50_000)]);
        let after = after.into_iter().map(|(it, fen)| (it.to_owned(), fen));
        assert_eq!(world.balances(COUNTY).await, after.collect());
        assert_eq!(
            world.reconciliation().await,
            figures,
            "nobody was paid by it"
        );
        assert!(figures.balanced);

        // 31 December 2026: the returned line lapses, and money is demanded back.
        world.terminate("main", "back", 50_000).await;
        let decided = RecoveryDecided {
            case: case("paid"),
            round: ROUND,
            amount_fen: 20_000,
        };
        world.eligibility(Payload::RecoveryDecided(decided)).await;
        let proposed = world.propose_close().await.expect("proposed");
        assert_eq!(proposed.amount_fen, -70_000, "less than was closed");
        world.approve_close(&proposed.name).await.expect("closed");
        let balances = world.balances(COUNTY).await;
        let funds = ["3001", "3002"].map(|it| balances.get(it).copied());
        assert_eq!(funds, [Some(-10_000); 2], "what is still to be recovered");
        assert!(!balances.keys().any(|it| it.starts_with('5')));
        world.assert_whole().await;
    })
    .await;
}
