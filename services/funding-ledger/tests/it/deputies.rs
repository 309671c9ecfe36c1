//! Who acts for another is one hand with him (DYN-1, DYN-7).

use tonic::Code;
use yuhui_platform::{Caller, token::Principal};
use yuhui_proto::{
    authz::v1::Role,
    funding::v1::{self as pb, funding_service_client::FundingServiceClient},
};

use crate::{
    harness::{Wire, World, on_every_world, refused},
    refusals::{recorded, share},
};

impl World {
    /// Somebody of county finance who acts for the person `principal`.
    fn deputy(&self, role: Role, principal: &str) -> FundingServiceClient<Wire> {
        let caller = Caller {
            account: "deputy".into(),
            role,
            unit: "150203".parse().ok(),
            person: Some("person-of-the-deputy".into()),
            principal: Some(Principal {
                person: Some(principal.into()),
                ..Principal::default()
            }),
            ..Caller::public()
        };
        FundingServiceClient::new(
            self.gateway
                .call("funding-ledger", &caller)
                .expect("a wire"),
        )
    }
}

#[tokio::test]
async fn neither_approves_what_the_other_proposed() {
    on_every_world(async |world| {
        recorded(&world).await;
        let of = |it: tonic::Response<pb::ProposeCountyShareResponse>| {
            it.into_inner().proposal.expect("one")
        };
        let approval = |seen: &pb::Proposal| pb::ApproveCountyShareRequest {
            name: seen.name.clone(),
            etag: seen.etag.clone(),
            request_id: world.fresh(),
        };
        let ask = share(1_000, &world.fresh());
        let own = of(world
            .maker()
            .propose_county_share(ask)
            .await
            .expect("his own"));
        let mut deputy = world.deputy(Role::CountyFinanceApprover, "person-of-maker");
        let denied = deputy.approve_county_share(approval(&own)).await;
        assert_eq!(refused(denied).0, Code::PermissionDenied);

        let mut deputy = world.deputy(Role::CountyFinanceMaker, "person-of-checker");
        let ask = share(1_000, &world.fresh());
        let his = of(deputy.propose_county_share(ask).await.expect("as deputy"));
        let denied = world.checker().approve_county_share(approval(&his)).await;
        assert_eq!(refused(denied).0, Code::PermissionDenied);
        world
            .checker()
            .approve_county_share(approval(&own))
            .await
            .expect("another hand");
    })
    .await;
}
