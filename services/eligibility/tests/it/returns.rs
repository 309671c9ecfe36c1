//! Return of sealed and recorded rosters by two hands (F18, DYN-6).

use tonic::{Code, Status};
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as pb, case::State, roster},
    internal::v1::event::Payload,
    types::v1::Programme,
};

use crate::{
    books::Family,
    harness::{CITY, Office, World, denied, on_every_world, refused},
};

impl World {
    pub async fn propose_return(&self, name: &str) -> Result<pb::Roster, Status> {
        let ask = pb::ProposeRosterReturnRequest {
            name: name.into(),
            defects: "汇总表与明细不符".into(),
            request_id: self.fresh(),
        };
        let answer = self
            .registrar()
            .returns()
            .propose_roster_return(ask)
            .await?;
        Ok(answer.into_inner().roster.expect("a roster"))
    }

    pub async fn approve_return(&self, office: &Office, name: &str) -> Result<pb::Roster, Status> {
        let etag = self.roster_etag(name).await;
        self.approve_return_seen(office, name, &etag).await
    }

    async fn approve_return_seen(
        &self,
        office: &Office,
        name: &str,
        etag: &str,
    ) -> Result<pb::Roster, Status> {
        let ask = pb::ApproveRosterReturnRequest {
            name: name.into(),
            request_id: self.fresh(),
            etag: etag.into(),
        };
        let answer = office.returns().approve_roster_return(ask).await?;
        Ok(answer.into_inner().roster.expect("a roster"))
    }
}

impl World {
    async fn read_roster(&self, name: &str) -> pb::Roster {
        let ask = pb::GetRosterRequest { name: name.into() };
        let answer = self.checker().rosters().get_roster(ask).await;
        answer.expect("a roster").into_inner().roster.expect("it")
    }
}

#[tokio::test]
async fn a_recorded_roster_is_returned_by_two_hands() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::Recorded).await;
        let roster = case.roster.as_str();
        world.relay().await;
        world.ledger.heard();
        world.disbursement.heard();
        let alone = world.give_back(roster).await;
        assert_eq!(refused(alone).1, "ROSTER_STATE");
        let early = world.approve_return(&world.recorder(), roster).await;
        assert_eq!(refused(early).1, "NO_RETURN_PROPOSED");

        let proposed = world.propose_return(roster).await.expect("proposed");
        assert_eq!(proposed.state(), roster::State::Recorded);
        let person = format!("person-of-ROLE_CITY_HEALTH_REGISTRAR@{CITY}");
        let himself = world.known_as(Role::CityHealthApprover, CITY, "other", Some(&person));
        assert_eq!(
            denied(world.approve_return(&himself, roster).await),
            "DYN-1"
        );
        let maker = world.approve_return(&world.registrar(), roster).await;
        assert_eq!(refused(maker).0, Code::PermissionDenied);
        let approver = world.recorder();
        let seen = world.read_roster(roster).await.etag;
        world.propose_return(roster).await.expect("proposed anew");
        let stale = world.approve_return_seen(&approver, roster, &seen).await;
        assert_eq!(refused(stale).0, Code::Aborted, "not what was looked at");
        let seen = world.read_roster(roster).await;
        let returned = world
            .approve_return_seen(&approver, roster, &seen.etag)
            .await;
        let returned = returned.expect("it");
        assert_eq!(returned.state(), roster::State::Superseded);

        let back = world.look(&case.name).await;
        assert_eq!((back.state(), back.roster.as_str()), (State::CReview, ""));
        for told in [world.to_ledger().await, world.to_disbursement().await] {
            assert!(
                matches!(&told[..], [Payload::LineTerminated(it)]
                    if it.roster == roster && it.amount_fen == 500_000),
                "{told:?}"
            );
        }
        let late = world.approve_return(&approver, roster).await;
        assert_eq!(refused(late).1, "ROSTER_STATE");
        let again = world
            .bring(&case.name, Programme::P1, State::Recorded)
            .await;
        assert_ne!(again.roster, roster);
        let successor = world.read_roster(&again.roster).await;
        assert_eq!((seen.version, successor.version), (1, 2));
        assert_eq!(seen.supplement, successor.supplement);
        assert_ne!(seen.record_number, successor.record_number);
        world.audited().await;
    })
    .await;
}

#[tokio::test]
async fn a_sealed_roster_is_returned_by_as_many_hands_as_sealed_it() {
    on_every_world(async |world| {
        for (serial, checked) in [(1, false), (2, true)] {
            world.on(time::macros::date!(2025 - 03 - 10));
            let case = world.family_at(&Family::of(serial), State::Rostered).await;
            let roster = case.roster.as_str();
            if checked {
                world.check_roster(roster).await.expect("checked");
            }
            world.relay().await;
            world.ledger.heard();
            let approver = world.recorder();
            let early = world.approve_return(&approver, roster).await;
            assert_eq!(refused(early).1, "NO_RETURN_PROPOSED");
            let alone = world.want_back(roster).await.expect("proposed");
            assert_ne!(alone.state(), roster::State::Superseded, "one hand");
            assert_eq!(world.look(&case.name).await.state(), State::Rostered);
            assert!(world.to_ledger().await.is_empty(), "nothing was struck off");
            if checked {
                let recorded = world.record(&approver, roster).await;
                assert_eq!(refused(recorded).1, "RETURN_PROPOSED");
            }
            let person = format!("person-of-ROLE_CITY_HEALTH_REGISTRAR@{CITY}");
            let himself = world.known_as(Role::CityHealthApprover, CITY, "other", Some(&person));
            let own = world.approve_return(&himself, roster).await;
            assert_eq!(denied(own), "DYN-1");
            let returned = world.approve_return(&approver, roster).await;
            assert_eq!(returned.expect("it").state(), roster::State::Superseded);
            assert_eq!(world.look(&case.name).await.state(), State::CReview);
            // It keeps its number for what follows it.
            world
                .bring(&case.name, Programme::P1, State::Recorded)
                .await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_formal_check_takes_back_what_was_wanted_back() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::Rostered).await;
        let roster = case.roster.as_str();
        world.want_back(roster).await.expect("proposed");
        world
            .check_roster(roster)
            .await
            .expect("in order after all");
        let approver = world.recorder();
        let returned = world.approve_return(&approver, roster).await;
        assert_eq!(refused(returned).1, "NO_RETURN_PROPOSED");
        world.record(&approver, roster).await.expect("recorded");
    })
    .await;
}

#[tokio::test]
async fn what_is_funded_is_not_returned() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::Recorded).await;
        let roster = case.roster.as_str();
        world.propose_return(roster).await.expect("proposed");
        world.funded(roster).await;
        let approved = world.approve_return(&world.recorder(), roster).await;
        assert_eq!(
            refused(approved),
            (Code::FailedPrecondition, "ROSTER_FUNDED".into())
        );
        assert_eq!(
            refused(world.propose_return(roster).await).1,
            "ROSTER_FUNDED"
        );
        assert_eq!(world.look(&case.name).await.state(), State::Funded);
    })
    .await;
}

#[tokio::test]
async fn what_is_on_hold_goes_back_under_its_hold() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::Recorded).await;
        world.hold(&case.name).await.expect("held");
        world.propose_return(&case.roster).await.expect("proposed");
        let approver = world.recorder();
        world
            .approve_return(&approver, &case.roster)
            .await
            .expect("returned");
        let held = world.look(&case.name).await;
        assert_eq!(
            (held.state(), held.resume_state()),
            (State::Hold, State::CReview)
        );
    })
    .await;
}
