//! What is answered at which listener. The bank may have one of its own, where its certificate is
//! asked for; then its methods are answered nowhere else.

/// What the bank does.
const BANK: &str = "/yuhui.disbursement.v1.BankAgentService/";
/// Its people sign in too.
const IDENTITY: &str = "/yuhui.identity.v1.IdentityService/";

pub(crate) fn everything(_: &str) -> bool {
    true
}

pub(crate) fn the_banks(path: &str) -> bool {
    path.starts_with(BANK) || path.starts_with(IDENTITY)
}

pub(crate) fn not_the_banks(path: &str) -> bool {
    !path.starts_with(BANK)
}

#[cfg(test)]
mod tests {
    use yuhui_platform::authz::Rules;

    use super::*;

    #[test]
    fn the_banks_methods_are_in_the_contract_and_have_one_listener() {
        let rules = Rules::from_pool(yuhui_proto::descriptor_pool()).expect("rules");
        let banks: Vec<_> = rules.paths().filter(|it| the_banks(it)).collect();
        let agent = banks.iter().filter(|it| !not_the_banks(it)).count();
        assert!((1..banks.len()).contains(&agent), "{banks:?}");
        for path in rules.paths().filter(|it| !the_banks(it)) {
            assert!(not_the_banks(path), "{path}");
        }
        assert!(!the_banks("/grpc.health.v1.Health/Check"));
        assert!(!the_banks(
            "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
        ));
    }
}
