//! The rules of the real contract, and of small contracts made for a point.

use super::*;
use crate::token::Claims;

fn rules() -> Rules {
    Rules::from_pool(yuhui_proto::descriptor_pool()).expect("the contract is complete")
}

fn claims(role: &str) -> Claims {
    Claims {
        iss: GATEWAY.into(),
        sub: "acct-1".into(),
        role: role.into(),
        unit: "150203".into(),
        ..Claims::default()
    }
}

fn service(name: &str) -> Claims {
    Claims {
        iss: name.into(),
        sub: format!("service:{name}"),
        via: Some(name.into()),
        ..Claims::default()
    }
}

const DELIVER: &str = "/yuhui.internal.v1.EventSinkService/Deliver";
const LIST_ENTRIES: &str = "/yuhui.audit.v1.AuditService/ListEntries";

#[test]
fn no_two_powers_meet_in_one_hand() {
    assert_eq!(rules().violations(), Vec::<String>::new());
}

#[test]
fn a_role_is_admitted_by_power_and_level_and_given_the_grants_reach() {
    let rules = rules();
    let auditor = rules
        .check(LIST_ENTRIES, Some(&claims("ROLE_COUNTY_AUDITOR")))
        .expect("supervision");
    assert_eq!(auditor.reach, Reach::OwnTenant);
    let city = rules
        .check(LIST_ENTRIES, Some(&claims("ROLE_CITY_AUDITOR")))
        .expect("supervision");
    assert_eq!(city.reach, Reach::AllTenants);
    let denied = rules
        .check(LIST_ENTRIES, Some(&claims("ROLE_BANK_OPERATOR")))
        .expect_err("the bank sees no audit record");
    let Denied::NotPermitted { rule, powers, .. } = denied else {
        panic!("{denied:?}")
    };
    assert_eq!(rule, "yuhui.audit.v1.AuditService.ListEntries");
    assert!(powers.contains("POWER_SUPERVISION"));
}

#[test]
fn nobody_signed_in_is_told_to_sign_in_and_an_unknown_method_does_not_exist() {
    let rules = rules();
    assert_eq!(
        rules.check(LIST_ENTRIES, None).expect_err("no token"),
        Denied::Unauthenticated
    );
    assert!(matches!(
        rules.check("/yuhui.audit.v1.AuditService/Nothing", None),
        Err(Denied::NoRule(_))
    ));
}

#[test]
fn a_service_is_admitted_by_its_own_name_only() {
    let rules = rules();
    let caller = rules
        .check(DELIVER, Some(&service("eligibility")))
        .expect("named");
    assert_eq!(caller.via.as_deref(), Some("eligibility"));
    assert!(rules.check(DELIVER, Some(&service("stranger"))).is_err());
    // The name must be the one it signed with, and a role does not help.
    let borrowed = Claims {
        iss: "disbursement".into(),
        ..service("eligibility")
    };
    assert!(rules.check(DELIVER, Some(&borrowed)).is_err());
    let on_behalf = Claims {
        role: "ROLE_COUNTY_AUDITOR".into(),
        ..service("eligibility")
    };
    assert!(rules.check(LIST_ENTRIES, Some(&on_behalf)).is_err());
}

#[test]
fn the_matrix_says_what_a_check_does() {
    let rules = rules();
    let roles = rules.roles();
    for row in rules.matrix() {
        for (role, _) in &roles {
            let checked = rules.check(&row.path, Some(&claims(role.as_str_name())));
            assert_eq!(
                row.reach_of(*role, &roles),
                checked.ok().map(|it| it.reach),
                "{role:?} {}",
                row.path
            );
        }
    }
}

#[test]
fn what_is_in_no_contract_admits_nobody() {
    let denied = rules().check("/yuhui.none.v1.None/Nothing", None);
    let denied = denied.expect_err("no such method");
    assert_eq!(denied.reason(), ErrorReason::NoRule);
}

/// The real rules, with the rule of `LIST_ENTRIES` replaced.
fn with_rule(rule: Rule) -> Rules {
    let mut rules = rules();
    rules.methods.insert(LIST_ENTRIES.into(), rule);
    rules
}

fn act(powers: &[Power]) -> Rule {
    let allow = powers.iter().map(|power| Grant {
        power: *power as i32,
        reach: Reach::OwnTenant as i32,
        ..Grant::default()
    });
    Rule {
        effect: Effect::Act as i32,
        allow: allow.collect(),
    }
}

#[test]
fn an_act_of_two_powers_and_an_act_of_anybody_are_violations() {
    for powers in [
        [Power::Eligibility, Power::Funds].as_slice(),
        &[Power::Claimant, Power::Funds],
        &[Power::Disbursement, Power::Supervision],
        &[Power::SignedIn],
        &[Power::Public],
    ] {
        let found = with_rule(act(powers)).violations();
        assert!(found[0].contains(LIST_ENTRIES), "{powers:?}: {found:?}");
    }
}

#[test]
fn a_claim_lodged_at_the_counter_and_an_act_of_a_service_are_no_violations() {
    for powers in [
        [Power::Claimant, Power::Eligibility].as_slice(),
        &[Power::Funds, Power::Service],
    ] {
        assert!(with_rule(act(powers)).violations().is_empty(), "{powers:?}");
    }
}

#[test]
fn a_rule_that_leaves_something_open_is_incomplete() {
    let whole = act(&[Power::Eligibility]);
    assert!(complete(&whole));
    let no_effect = Rule {
        effect: 0,
        ..whole.clone()
    };
    let nobody = Rule {
        allow: Vec::new(),
        ..whole.clone()
    };
    let mut no_reach = whole.clone();
    no_reach.allow[0].reach = 0;
    for rule in [no_effect, nobody, no_reach, act(&[Power::Service])] {
        assert!(!complete(&rule), "{rule:?}");
    }
}

#[test]
fn a_method_without_a_rule_stops_the_server() {
    let file = r#"
        syntax = "proto3";
        package yuhui.test.v1;
        message Empty {}
        service TestService { rpc Ask(Empty) returns (Empty); }
    "#;
    let mut pool = yuhui_proto::descriptor_pool().clone();
    let compiled = protox::Compiler::with_file_resolver(Source(file))
        .open_file("test.proto")
        .expect("compiled")
        .file_descriptor_set();
    pool.add_file_descriptor_set(compiled).expect("added");
    let error = Rules::from_pool(&pool).expect_err("no rule");
    assert!(error.to_string().contains("yuhui.test.v1.TestService.Ask"));
}

struct Source(&'static str);

impl protox::file::FileResolver for Source {
    fn open_file(&self, name: &str) -> Result<protox::file::File, protox::Error> {
        protox::file::File::from_source(name, self.0)
    }
}
