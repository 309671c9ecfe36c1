//! The law: versions of its parameters, and what it says to somebody who asks before claiming.

use yuhui_proto::eligibility::v1::{
    policy_pack_service_server::PolicyPackService, pre_check_service_server::PreCheckService,
};

use super::{Handlers, answers};
use crate::{acts::policy_packs, reads};

impl PolicyPackService for Handlers {
    answers! {
        propose_policy_pack: ProposePolicyPackRequest => ProposePolicyPackResponse by policy_packs::propose;
        endorse_policy_pack: EndorsePolicyPackRequest => EndorsePolicyPackResponse by policy_packs::endorse;
        decline_policy_pack: DeclinePolicyPackRequest => DeclinePolicyPackResponse by policy_packs::decline;
        approve_policy_pack: ApprovePolicyPackRequest => ApprovePolicyPackResponse by policy_packs::approve;
        reject_policy_pack: RejectPolicyPackRequest => RejectPolicyPackResponse by policy_packs::reject;
        get_policy_pack: GetPolicyPackRequest => GetPolicyPackResponse by reads::policy_packs::get;
        list_policy_packs: ListPolicyPacksRequest => ListPolicyPacksResponse by reads::policy_packs::list;
    }
}

impl PreCheckService for Handlers {
    answers! {
        pre_check: PreCheckRequest => PreCheckResponse by reads::pre_check::pre_check;
    }
}
