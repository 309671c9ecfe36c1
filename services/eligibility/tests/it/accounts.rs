//! Whose account a subsidy may be paid to: the same at every entrance (五(二)4, AMB-48, I7), and what
//! becomes of one account for several families.

use tonic::Status;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as pb, BankAccount, case::State},
    types::v1::Programme,
};

use crate::{
    books::{self, Family, account},
    harness::{CITY, OTHER_COUNTY, Office, PARENT, World, at_fault, on_every_world},
    walk::act,
};

const CARD: &str = "6217000010001234569";
const OTHER_CARD: &str = "6222021234567890128";
const CORPORATE: &str = "15050171660000000123";

const HOLDER: &str = "holder_name";
const NUMBER: &str = "account_number";
const KIND: &str = "corporate";

impl World {
    async fn correct(
        &self,
        office: &Office,
        name: &str,
        account: BankAccount,
    ) -> Result<pb::Case, Status> {
        let (name, account) = (name.into(), Some(account));
        act!(
            self,
            office,
            propose_account_correction,
            ProposeAccountCorrectionRequest { name, account }
        )
    }

    async fn shared_accounts(&self, office: &Office, parent: &str) -> Vec<pb::SharedAccount> {
        let ask = pb::ListSharedAccountsRequest {
            parent: parent.into(),
            ..Default::default()
        };
        let answer = office.red_flags().list_shared_accounts(ask).await;
        answer.expect("listed").into_inner().accounts
    }
}

#[tokio::test]
async fn a_family_is_paid_to_the_claimants_own_account_and_nobody_elses() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let claim = |account| pb::Claim {
            account: Some(account),
            ..family.register(&world).claim()
        };
        let failed = world.family_at(&Family::of(2), State::InPayment).await;
        world.settled(&failed.name, false).await;
        for (stated, part) in [
            (account("某男", CARD, false), HOLDER),
            (account("某女", CARD, true), KIND),
            (account("某女", "abcdef", false), NUMBER),
            (account("某女", "000000", false), NUMBER),
            (account("某女", "6217E15", false), NUMBER),
            (account("某女", "6217000010001234567", false), NUMBER),
        ] {
            let lodged = world.lodge(&world.clerk(), claim(stated.clone())).await;
            assert_eq!(at_fault(lodged), [format!("claim.account.{part}")]);
            let corrected = world.correct(&world.maker(), &failed.name, stated).await;
            assert_eq!(at_fault(corrected), [format!("account.{part}")]);
        }
    })
    .await;
}

#[tokio::test]
async fn an_institution_is_paid_to_the_corporate_account_in_its_registered_name() {
    on_every_world(async |world| {
        let code = books::nursery(&world, 1, 1);
        let claim = |account| pb::Claim {
            account: Some(account),
            ..books::nursery_claim(&code)
        };
        let maker = world.maker();
        for (stated, part) in [
            (account("某园长", CORPORATE, true), HOLDER),
            (account("某托育园", CORPORATE, false), KIND),
            (account("某托育园", CARD, true), NUMBER),
        ] {
            let lodged = world.lodge(&maker, claim(stated)).await;
            assert_eq!(at_fault(lodged), [format!("claim.account.{part}")]);
        }
        let renamed = pb::Claim {
            claimant_name: "另一托育园".into(),
            ..claim(account("另一托育园", CORPORATE, true))
        };
        assert_eq!(
            at_fault(world.lodge(&maker, renamed).await),
            ["claim.claimant_name", "claim.account.holder_name"]
        );
        let own = claim(account(" 某托育园", CORPORATE, true));
        world.lodge(&maker, own).await.expect("lodged");
    })
    .await;
}

#[tokio::test]
async fn a_name_is_the_same_with_another_middle_dot_and_keeps_its_own_spelling() {
    on_every_world(async |world| {
        for (serial, dot) in (1..).zip(["·", "•", "．", "・", "‧"]) {
            let written = |dot: &str| format!("阿依古丽{dot}买买提");
            let holder = written(dot);
            let claim = pb::Claim {
                claimant_name: written("·"),
                account: Some(account(&holder, CARD, false)),
                ..Family::of(serial).register(&world).claim()
            };
            let case = world.lodge(&world.clerk(), claim).await.expect("lodged");
            let shown = case.claim.expect("it");
            assert_eq!(shown.claimant_name, written("·"));
            assert_eq!(shown.account.expect("it").holder_name, holder);
        }
        let claim = pb::Claim {
            claimant_name: "阿依古丽·买买提".into(),
            account: Some(account("阿依古丽·买买提", CARD, false)),
            ..Family::of(9).register(&world).claim()
        };
        let case = world.lodge(&world.clerk(), claim).await.expect("lodged");
        let paid = world
            .bring(&case.name, Programme::P1, State::InPayment)
            .await;
        world.settled(&paid.name, false).await;
        let other = account("阿依古丽\u{2022}买买提", OTHER_CARD, false);
        let corrected = world.correct(&world.maker(), &paid.name, other).await;
        corrected.expect("the same name");
    })
    .await;
}

#[tokio::test]
async fn an_answered_defect_does_not_bring_in_somebody_elses_account() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::VReview).await;
        let (name, defects) = (case.name.clone(), vec!["账号不清".to_owned()]);
        let clerk = world.clerk();
        act!(
            world,
            clerk,
            return_case,
            ReturnCaseRequest { name, defects }
        )
        .expect("returned");
        let swapped = pb::Claim {
            account: Some(account("某男", OTHER_CARD, false)),
            ..Default::default()
        };
        world
            .update(&clerk, &case.name, swapped, "claim.account")
            .await
            .expect("written down");
        let (name, answer) = (case.name.clone(), "已更正".to_owned());
        let back = act!(
            world,
            clerk,
            resubmit_case,
            ResubmitCaseRequest { name, answer }
        );
        assert_eq!(at_fault(back), ["claim.account.holder_name"]);
    })
    .await;
}

#[tokio::test]
async fn one_account_for_several_families_is_a_red_flag() {
    on_every_world(async |world| {
        let clerk = world.clerk();
        let (one, other) = (Family::of(1), Family::of(2));
        let stating = |family: &Family, number: &str| pb::Claim {
            account: Some(account("某女", number, false)),
            ..family.register(&world).claim()
        };
        let first = world.lodge(&clerk, stating(&one, CARD)).await.expect("it");
        // The father of the same family: no flag.
        let father = pb::Claim {
            claimant_number: one.father.clone(),
            claimant_name: "某男".into(),
            account: Some(account("某男", CARD, false)),
            ..one.claim()
        };
        world.lodge(&clerk, father).await.expect("lodged");
        let alone = stating(&Family::of(3), OTHER_CARD);
        world.lodge(&clerk, alone).await.expect("lodged");
        let inspector = world.inspector();
        assert!(world.shared_accounts(&inspector, PARENT).await.is_empty());

        let second = world
            .lodge(&clerk, stating(&other, CARD))
            .await
            .expect("it");
        let flags = world.shared_accounts(&inspector, PARENT).await;
        let flag = |name: &str| {
            let flag = flags.iter().find(|it| it.case == name);
            flag.expect("a flag")
        };
        let (of_first, of_second) = (flag(&first.name), flag(&second.name));
        assert_eq!(of_first.account, of_second.account);
        assert!(!of_first.account.contains(CARD));
        assert_eq!(
            (of_first.other_claimants, of_second.other_claimants),
            (1, 2)
        );
        assert_eq!(of_first.other_cases, std::slice::from_ref(&second.name));
        assert_eq!(of_first.other_counties, ["150203"]);
        assert_eq!(of_second.flagged_on, "2025-03-10");

        let elsewhere = world.at(Role::CountyDisciplineInspector, OTHER_COUNTY);
        let its_own = format!("counties/{OTHER_COUNTY}");
        assert!(world.shared_accounts(&elsewhere, &its_own).await.is_empty());
        let city = world.at(Role::CityDisciplineInspector, CITY);
        let everywhere = world.shared_accounts(&city, "counties/-").await;
        assert_eq!(everywhere.len(), flags.len());
        assert_eq!(world.shared_accounts(&world.maker(), PARENT).await, flags);
        let entries = world.audited().await;
        let noted = entries
            .iter()
            .filter(|it| it.action == "case.shared_account");
        assert_eq!(noted.count(), 1);
    })
    .await;
}
