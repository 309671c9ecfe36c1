//! The whole role × method matrix over the wire: every role, and nobody,
//! calls every method of the contract at the gateway. What is expected is
//! part D as it was written down by hand, not what the contract says of itself.

use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use yuhui_platform::authz::MatrixRow;
use yuhui_proto::authz::v1::Role;

use crate::harness::{
    contract::rules, gateway::Gateway, part_d::PartD, people, topology::on_one_and_on_two,
};

/// Ends the session of who calls it, so it is called last.
const LAST: &str = "/yuhui.identity.v1.IdentityService/SignOut";

/// What the gateway made of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// It was let through, whatever the service then said of an empty request.
    Admitted,
    /// The caller's role may not call it.
    Refused,
    /// Somebody must sign in first.
    SignInFirst,
}

/// Reads the gateway's verdict out of an answer. The rule's name tells the
/// refusals of the contract from those a service has reasons of its own for.
fn verdict(path: &str, answer: &Result<(), Status>) -> Result<Verdict, String> {
    let Err(status) = answer else {
        return Ok(Verdict::Admitted);
    };
    let details = status.get_error_details();
    let Some(info) = details.error_info() else {
        return Err(format!("{status} gives no reason"));
    };
    let rule = path.trim_start_matches('/').replace('/', ".");
    match (status.code(), info.reason.as_str()) {
        (Code::PermissionDenied, "PERMISSION_DENIED") if info.metadata["rule"] == rule => {
            Ok(Verdict::Refused)
        }
        (Code::Unauthenticated, "UNAUTHENTICATED") => Ok(Verdict::SignInFirst),
        // An empty request must never break anything.
        (Code::Internal | Code::Unknown | Code::Unimplemented | Code::Unavailable, _) => {
            Err(status.to_string())
        }
        _ => Ok(Verdict::Admitted),
    }
}

/// Calls every method as one caller; what differs from the contract.
async fn differences(
    who: &str,
    gateway: &Gateway,
    rows: &[MatrixRow],
    expected: impl Fn(&MatrixRow) -> Verdict,
) -> Vec<String> {
    let (last, first): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.path == LAST);
    let mut found = Vec::new();
    for row in first.into_iter().chain(last) {
        let answer = gateway.call_empty(&row.path).await;
        let expected = expected(row);
        match verdict(&row.path, &answer) {
            Ok(verdict) if verdict == expected => {}
            Ok(verdict) => found.push(format!(
                "{who} {}: {verdict:?}, not {expected:?}: {answer:?}",
                row.path
            )),
            Err(fault) => found.push(format!("{who} {}: {fault}", row.path)),
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn the_matrix_over_the_wire_is_part_d() {
    on_one_and_on_two(async |nobody| {
        let (rules, rows, table) = (rules(), rules().matrix(), PartD::read());
        let roles = rules.roles();
        let admitted = |yes: bool, no: Verdict| if yes { Verdict::Admitted } else { no };

        let mut found = differences("nobody", &nobody, &rows, |row| {
            admitted(table.is_public(&row.path), Verdict::SignInFirst)
        })
        .await;
        let mut signed_in = Vec::new();
        for (role, spec) in &roles {
            let login = people::login_in(people::county("150203"), *role, spec);
            let gateway = nobody.sign_in(&login).await.expect(&login);
            let expected = |row: &MatrixRow| {
                let may =
                    table.is_public(&row.path) || table.reach(&row.path, *role, spec).is_some();
                admitted(may, Verdict::Refused)
            };
            found.extend(differences(role.as_str_name(), &gateway, &rows, expected).await);
            signed_in.push(gateway);
        }
        assert!(found.is_empty(), "{} differ: {found:#?}", found.len());
        assert_eq!((signed_in.len(), roles.len()), (30, 30));
        assert!(roles.iter().all(|(role, _)| *role != Role::Unspecified));

        // Each signed out at the end: their tokens are worth nothing any more.
        for (gateway, (role, _)) in signed_in.iter().zip(&roles) {
            let answer = gateway.call_empty(LAST).await;
            let code = answer.expect_err(role.as_str_name()).code();
            assert_eq!(code, Code::Unauthenticated, "{}", role.as_str_name());
        }
    })
    .await;
}
