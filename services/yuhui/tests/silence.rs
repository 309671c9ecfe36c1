//! A department that does not answer refuses nobody: through the gateway, with the real services
//! behind it, from lodging to the check before payment.

use time::macros::date;
use tonic::Code;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as pb, case::State, case_service_client::CaseServiceClient},
    registry::v1::{
        Register, RegisterState, SetRegisterStateRequest,
        register_state_service_client::RegisterStateServiceClient,
    },
    types::v1::Decision,
};

use town::{Town, at, call, key, refused};

mod town;

const DEPARTMENTS: [(Role, Register); 3] = [
    (Role::PublicSecurityLiaison, Register::PublicSecurity),
    (Role::CivilAffairsLiaison, Register::CivilAffairs),
    (Role::MaternityLiaison, Register::Maternity),
];

impl Town {
    async fn stands(&self, (liaison, register): (Role, Register), unavailable: bool) {
        let ask = SetRegisterStateRequest {
            state: Some(RegisterState {
                register: register.into(),
                unavailable,
                reason: "系统维护".into(),
                ..RegisterState::default()
            }),
            request_id: key(),
        };
        let set = call!(
            self,
            at(liaison),
            RegisterStateServiceClient.set_register_state,
            ask
        );
        assert_eq!(
            set.expect("set").state.expect("a state").unavailable,
            unavailable
        );
    }

    async fn case(&self, name: &str) -> pb::Case {
        let ask = pb::GetCaseRequest { name: name.into() };
        let clerk = at(Role::VillageClerk);
        let case = call!(self, clerk, CaseServiceClient.get_case, ask).expect("it");
        case.case.expect("a case")
    }
}

#[tokio::test]
async fn each_department_in_turn_is_silent_and_nobody_is_refused() {
    let town = Town::start(date!(2025 - 03 - 10)).await;
    let mut families = Vec::new();
    for serial in 1..=3 {
        families.push(town.family(serial).await);
    }
    let mut cases = Vec::new();
    for (family, department) in families.iter().zip(DEPARTMENTS) {
        town.stands(department, true).await;
        let name = town.lodge(family).await;
        let case = town.case(&name).await;
        assert_eq!(case.state(), State::VReview, "lodged, and taken up");
        let found = case.determination.expect("found");
        assert_eq!(found.decision(), Decision::Wait, "{department:?}");
        let register = department.1.as_str_name().trim_start_matches("REGISTER_");
        assert!(!case.waiting_for.is_empty());
        assert!(case.waiting_for.iter().all(|it| it.register == register));
        let ask = pb::ReportCaseRequest {
            name: name.clone(),
            agree: true,
            note: "入户核实".into(),
            request_id: key(),
            ..Default::default()
        };
        let clerk = at(Role::VillageClerk);
        let reported = call!(town, clerk, CaseServiceClient.report_case, ask);
        let waits = (Code::FailedPrecondition, "WAITING_FOR_REGISTER".to_owned());
        assert_eq!(refused(reported), waits);
        assert_eq!(town.state(&name).await, State::VReview);
        town.stands(department, false).await;
        cases.push(name);
    }
    town.confirm(&cases).await;
    town.fund().await;
    town.settle().await;
    town.on(date!(2025 - 10 - 20));
    town.stands(DEPARTMENTS[0], true).await;
    let checked = town.check().await;
    assert_eq!((checked.cleared, checked.held.len()), (0, 3), "{checked:?}");
    assert!(checked.proposed_terminations.is_empty());
    for name in &cases {
        assert_eq!(town.state(name).await, State::Hold);
    }
    // One has left Baotou meanwhile: known, it stops the payment; unknown, it did not.
    town.leaves(&families[0], "2025-10-01", "2025-10-02").await;
    town.stands(DEPARTMENTS[0], false).await;
    let checked = town.check().await;
    assert_eq!((checked.cleared, checked.held.len()), (2, 0), "{checked:?}");
    assert_eq!(checked.proposed_terminations, cases[..1]);
    for name in &cases {
        let case = town.case(name).await;
        assert_eq!((case.state(), case.waiting_for.len()), (State::Funded, 0));
    }
}
