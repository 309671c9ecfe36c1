//! Unknown is not no: each register silent at each stage. Lodging goes on; before confirmation the act
//! waits, and nobody is refused; before payment the line is held.

use std::collections::BTreeSet;

use time::macros::date;
use tonic::{Code, Status};
use yuhui_proto::{
    eligibility::v1::{self as pb, Case, case::State},
    registry::v1::{
        DeliveryRecord, FactKind, FamilyFacts, Register, RegisterAnswer,
        register_answer::{Answer, Contradicted, Unavailable, unavailable::Cause},
    },
    types::v1::{Decision, Programme},
};

use yuhui_proto::eligibility::v1::PendingProposal;

use crate::{
    books::{self, Family},
    harness::{World, on_every_world, refused},
};

const WAITS: &str = "WAITING_FOR_REGISTER";
const REGISTERS: [Register; 3] = [
    Register::PublicSecurity,
    Register::CivilAffairs,
    Register::Maternity,
];

/// What a register that does not answer leaves of a family.
fn without(facts: &mut FamilyFacts, register: Register, family: &Family, world: &World) {
    let blind = |number: &str| world.vault.person(number);
    let (mother, father) = (blind(&family.mother), blind(&family.father));
    let child = blind(&family.second);
    let all = [&mother, &father, &child];
    let asked: Vec<(FactKind, &String)> = match register {
        Register::PublicSecurity => {
            facts.persons.clear();
            facts.hukou.clear();
            all.iter()
                .flat_map(|it| [(FactKind::Hukou, *it), (FactKind::Death, *it)])
                .collect()
        }
        Register::CivilAffairs => {
            facts.marriages.clear();
            let of_child = [
                FactKind::Adoption,
                FactKind::Custody,
                FactKind::Guardianship,
            ];
            let married = [&mother, &father].map(|it| (FactKind::Marriage, it));
            of_child
                .map(|it| (it, &child))
                .into_iter()
                .chain(married)
                .collect()
        }
        _ => {
            facts.deliveries.clear();
            facts.marriages.clear();
            let of_child = [FactKind::Birth, FactKind::Siblings, FactKind::BirthService];
            of_child.map(|it| (it, &child)).into()
        }
    };
    facts.told = asked
        .into_iter()
        .map(|(fact, subject)| told(register, fact, subject, Cause::Silent, ""))
        .collect();
}

pub(crate) fn told(
    register: Register,
    fact: FactKind,
    subject: &str,
    cause: Cause,
    from_on: &str,
) -> RegisterAnswer {
    RegisterAnswer {
        register: register.into(),
        fact: fact.into(),
        subject_ref: subject.into(),
        answer: Some(Answer::Unavailable(Unavailable {
            cause: cause.into(),
            from_on: from_on.into(),
            to_on: String::new(),
        })),
    }
}

impl World {
    /// The register does not answer for the family.
    pub(crate) fn silence(&self, family: &Family, register: Register) {
        family.amend(self, |facts| without(facts, register, family, self));
    }

    /// It answers again.
    fn answer(&self, family: &Family) {
        family.register(self);
    }

    /// Nobody was refused, nothing was decided: it waits, for that register, since that day.
    async fn waits(&self, name: &str, state: State, register: &str, since_on: &str) -> Case {
        let case = self.look(name).await;
        assert_eq!(case.state(), state, "it stays where it is");
        assert!(!case.waiting_for.is_empty(), "what it waits for is shown");
        for it in &case.waiting_for {
            assert_eq!(
                (&*it.register, &*it.since_on),
                (register, since_on),
                "{it:?}"
            );
            assert_eq!(it.reason, "REGISTER_UNAVAILABLE");
            assert!(!it.fact_zh.is_empty() && !it.reason_zh.is_empty());
        }
        case
    }
}

fn name_of(register: Register) -> &'static str {
    register.as_str_name().trim_start_matches("REGISTER_")
}

pub(crate) fn waiting<T: std::fmt::Debug>(answer: Result<T, Status>) {
    assert_eq!(refused(answer), (Code::FailedPrecondition, WAITS.into()));
}

/// F1.
#[tokio::test]
async fn lodging_is_never_kept_up() {
    on_every_world(async |world| {
        for (serial, register) in (1..).zip(REGISTERS) {
            let family = Family::of(serial);
            family.register(&world);
            world.silence(&family, register);
            let case = world
                .lodge(&world.clerk(), family.claim())
                .await
                .expect("lodged");
            assert_eq!(
                (case.state(), &*case.lodged_on),
                (State::Lodged, "2025-03-10")
            );
            assert!(!case.receipt_number.is_empty() && case.round == 2025);
            let found = case.determination.expect("found");
            assert_eq!(found.decision(), Decision::Wait);
            world
                .waits(&case.name, State::Lodged, name_of(register), "2025-03-10")
                .await;
        }
        // And where no service answers at all, for the claimant and for the clerk.
        let family = Family::of(9);
        family.register(&world);
        world.registers.known().silent = true;
        let case = world
            .lodge(&world.clerk(), family.claim())
            .await
            .expect("lodged");
        let waited: BTreeSet<_> = { case.waiting_for.iter() }
            .map(|it| (it.fact.clone(), it.subject.clone()))
            .collect();
        for (fact, subject) in [
            ("HUKOU", "CHILD"),
            ("BIRTH", "CHILD"),
            ("OTHER_CLAIM", "CHILD"),
            ("FRAUD", "CLAIMANT"),
        ] {
            let it = (fact.to_owned(), subject.to_owned());
            assert!(waited.contains(&it), "{it:?} in {waited:?}");
        }
        world.registers.known().silent = false;
        world.bring(&case.name, Programme::P1, State::VReview).await;
        let case = world.bring(&case.name, Programme::P1, State::VNotice).await;
        assert!(case.waiting_for.is_empty(), "it has been answered");
    })
    .await;
}

/// A registry that has too much to do was not asked: the clerk is told to come again, and the claim
/// waits for nobody.
#[tokio::test]
async fn a_busy_registry_is_no_silent_register() {
    on_every_world(async |world| {
        let family = Family::of(1);
        family.register(&world);
        world.registers.known().busy = true;
        let told = world.lodge(&world.clerk(), family.claim()).await;
        assert_eq!(refused(told), (Code::Unavailable, "BUSY".into()));
        world.registers.known().busy = false;
        let case = world
            .lodge(&world.clerk(), family.claim())
            .await
            .expect("lodged");
        assert!(case.waiting_for.is_empty(), "{:?}", case.waiting_for);
    })
    .await;
}

/// F7, F10, F12, F13.
#[tokio::test]
async fn before_confirmation_the_act_waits_and_nobody_is_refused() {
    on_every_world(async |world| {
        for (serial, register) in (1..).zip(REGISTERS) {
            world.on(date!(2025 - 03 - 10));
            let family = Family::of(serial);
            let case = world.family_at(&family, State::VReview).await;
            let name = case.name.as_str();
            for state in [
                State::VReview,
                State::TReview,
                State::CReview,
                State::CNotice,
            ] {
                if state == State::CNotice {
                    world.bring(name, Programme::P1, State::CNotice).await;
                    world.notice(&world.maker(), name).await;
                } else {
                    world.bring(name, Programme::P1, state).await;
                }
                let today = yuhui_kernel::dates::format(world.clock.today());
                let before = world.look(name).await;
                world.silence(&family, register);
                match state {
                    State::VReview => waiting(world.report(&world.clerk(), name, true).await),
                    State::TReview => waiting(world.report(&world.reviewer(), name, true).await),
                    State::CReview => {
                        waiting(world.review(&world.maker(), name).await);
                        waiting(world.propose_rejection(name, "").await);
                    }
                    _ => {
                        waiting(world.confirm(&world.checker(), name).await);
                        waiting(world.propose_rejection(name, "").await);
                    }
                }
                let case = world.waits(name, state, name_of(register), &today).await;
                assert_eq!(case.pending_proposal(), PendingProposal::Unspecified);
                assert_eq!(
                    case.determination, before.determination,
                    "nothing was decided"
                );
                world.answer(&family);
            }
            let case = world
                .confirm(&world.checker(), name)
                .await
                .expect("answered");
            assert_eq!(case.state(), State::Confirmed);
            assert!(case.waiting_for.is_empty());
        }
        let entries = world.audited().await;
        let waits = entries.iter().filter(|it| it.action == "case.wait").count();
        assert!(waits >= 12, "{waits} on record");
    })
    .await;
}

/// F20, F28.
#[tokio::test]
async fn before_payment_the_line_is_held_and_the_others_go_on() {
    on_every_world(async |world| {
        let families: Vec<Family> = (1..=4).map(Family::of).collect();
        let mut cases = Vec::new();
        for family in &families {
            world.on(date!(2025 - 03 - 10));
            cases.push(world.family_at(family, State::Confirmed).await.name);
        }
        for name in &cases {
            world.bring(name, Programme::P1, State::Funded).await;
        }
        world.on(date!(2025 - 10 - 20));
        for (family, register) in families.iter().zip(REGISTERS) {
            world.silence(family, register);
        }
        let checked = world.check().await.expect("checked");
        assert_eq!(checked.cleared, 1, "the batch goes on: {checked:?}");
        assert!(checked.proposed_terminations.is_empty());
        assert_eq!(checked.held.len(), 3);
        assert_eq!(world.cleared().await, cases[3..]);
        for (name, register) in cases.iter().zip(REGISTERS) {
            let held = world
                .waits(name, State::Hold, name_of(register), "2025-10-20")
                .await;
            assert_eq!(held.resume_state(), State::Funded);
            // Nor does a person stop it for silence.
            assert!(world.propose_termination(name, "").await.is_err());
        }
        // Still silent, nothing changes; since when is on record.
        world.on(date!(2025 - 10 - 21));
        let before = world.look(&cases[0]).await.etag;
        let checked = world.check().await.expect("checked");
        assert_eq!((checked.cleared, checked.held.len()), (1, 3));
        assert_eq!(world.look(&cases[0]).await.etag, before);
        // Asked again when they answer: one has moved away meanwhile.
        for family in &families {
            world.answer(family);
        }
        families[0].moves(&world, "150602", "2025-10-01", "2025-09-30");
        world.on(date!(2025 - 10 - 22));
        let checked = world.check().await.expect("checked");
        assert_eq!(checked.cleared, 3);
        assert_eq!(checked.proposed_terminations, cases[..1]);
        for name in &cases {
            let case = world.look(name).await;
            assert_eq!(case.state(), State::Funded);
            assert!(case.waiting_for.is_empty());
        }
    })
    .await;
}

/// Who holds it for another reason is not overruled by a register that answers.
#[tokio::test]
async fn a_hold_of_supervision_is_not_lifted_by_an_answer() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::Funded).await;
        world.hold(&case.name).await.expect("held");
        world.on(date!(2025 - 10 - 20));
        world.silence(&family, Register::PublicSecurity);
        let checked = world.check().await.expect("checked");
        assert_eq!((checked.cleared, checked.held.len()), (0, 1));
        world.answer(&family);
        let checked = world.check().await.expect("checked");
        assert_eq!((checked.cleared, checked.held.len()), (0, 1));
        assert_eq!(world.look(&case.name).await.state(), State::Hold);
    })
    .await;
}

/// The institution registry at each of its stages.
#[tokio::test]
async fn a_nursery_waits_for_its_registry_at_every_stage() {
    on_every_world(async |world| {
        world.on(date!(2025 - 05 - 20));
        let code = books::nursery(&world, 1, 3);
        let silent = |it: bool| world.registers.known().institutions_are_silent = it;
        silent(true);
        let claim = books::nursery_claim(&code);
        let case = world.lodge(&world.maker(), claim).await.expect("lodged");
        let name = case.name.as_str();
        assert_eq!(
            case.determination.expect("found").decision(),
            Decision::Wait
        );
        let registry = "INSTITUTION_REGISTRY";
        world
            .waits(name, State::Lodged, registry, "2025-05-20")
            .await;
        silent(false);
        world.bring(name, Programme::P3, State::TReview).await;
        silent(true);
        waiting(world.report(&world.reviewer(), name, true).await);
        silent(false);
        world.bring(name, Programme::P3, State::CReview).await;
        silent(true);
        waiting(world.review(&world.maker(), name).await);
        waiting(world.propose_rejection(name, "").await);
        silent(false);
        world.bring(name, Programme::P3, State::CNotice).await;
        world.notice(&world.maker(), name).await;
        silent(true);
        waiting(world.confirm(&world.checker(), name).await);
        silent(false);
        world
            .confirm(&world.checker(), name)
            .await
            .expect("confirmed");
        world.bring(name, Programme::P3, State::Funded).await;
        world.on(date!(2025 - 10 - 20));
        silent(true);
        let checked = world.check().await.expect("checked");
        assert_eq!(
            (checked.cleared, &checked.held[..]),
            (0, &[name.to_owned()][..])
        );
        world.waits(name, State::Hold, registry, "2025-10-20").await;
        silent(false);
        assert_eq!(world.check().await.expect("checked").cleared, 1);
        // One that nobody registered is known to be none.
        let unknown = books::nursery_claim(&books::credit_code(77));
        world.on(date!(2025 - 05 - 21));
        let case = world.lodge(&world.maker(), unknown).await.expect("lodged");
        let found = case.determination.expect("found");
        assert_eq!(
            (found.decision(), &*found.reason),
            (Decision::Reject, "NOT_FILED")
        );
    })
    .await;
}

/// After ten working days a panel takes it up; it completes the facts, and refuses nothing for silence.
#[tokio::test]
async fn who_waits_long_goes_to_a_panel() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::VReview).await;
        let name = case.name.as_str();
        world.silence(&family, Register::CivilAffairs);
        waiting(world.report(&world.clerk(), name, true).await);
        // 24 March is the tenth working day after 10 March.
        world.run_on(date!(2025 - 03 - 24)).await;
        assert_eq!(world.look(name).await.state(), State::VReview);
        waiting(world.report(&world.clerk(), name, true).await);
        world
            .waits(name, State::VReview, "CIVIL_AFFAIRS", "2025-03-10")
            .await;
        world.run_on(date!(2025 - 03 - 25)).await;
        world
            .waits(name, State::Referred, "CIVIL_AFFAIRS", "2025-03-10")
            .await;
        let (one, two) = (world.checker(), world.maker());
        waiting(world.sign_referral(&one, name, false).await);
        for panel in [&one, &two] {
            world
                .sign_referral(panel, name, true)
                .await
                .expect("signed");
        }
        let case = world.look(name).await;
        assert_eq!((case.state(), case.waiting_for.len()), (State::VReview, 0));
        world.answer(&family);
        world
            .report(&world.clerk(), name, true)
            .await
            .expect("reported");
        let transitions = pb::ListTransitionsRequest {
            parent: name.into(),
            ..Default::default()
        };
        let answer = world.maker().cases().list_transitions(transitions).await;
        let steps = answer.expect("steps").into_inner().transitions;
        assert!(steps.iter().any(|it| it.action == "case.refer_waiting"));
    })
    .await;
}

/// R-PRC-7: who should know contradict one another.
#[tokio::test]
async fn a_contradiction_that_decides_opens_an_inquiry() {
    on_every_world(async |world| {
        let contradict = |family: &Family, other_day: &str| {
            let child = world.vault.person(&family.second);
            family.amend(&world, |facts| {
                let own = |it: &&DeliveryRecord| it.children.iter().any(|it| it.child == child);
                let birth = facts.deliveries.iter().find(own).cloned().expect("a birth");
                facts.deliveries.retain(|it| it != &birth);
                let mut other = birth.clone();
                other.children[0].born_on = other_day.into();
                let said = |delivery| FamilyFacts {
                    deliveries: vec![delivery],
                    ..FamilyFacts::default()
                };
                facts.told.push(RegisterAnswer {
                    register: Register::Maternity.into(),
                    fact: FactKind::Birth.into(),
                    subject_ref: child.clone(),
                    answer: Some(Answer::Contradicted(Contradicted {
                        candidates: vec![said(birth), said(other)],
                    })),
                });
            });
        };
        let family = Family::of(1);
        let case = world.family_at(&family, State::VReview).await;
        // Whoever is believed, it comes to the same.
        contradict(&family, "2024-06-16");
        let same = world
            .report(&world.clerk(), &case.name, true)
            .await
            .expect("reported");
        assert_eq!(same.determination.expect("found").decision(), Decision::Pay);
        // It decides: born before the policy began, by one of the two.
        world.answer(&family);
        contradict(&family, "2023-12-31");
        let other = Family::of(2);
        let case = world.family_at(&other, State::VReview).await;
        contradict(&other, "2023-12-31");
        let asked = world
            .report(&world.clerk(), &case.name, true)
            .await
            .expect("looked into");
        assert_eq!(asked.state(), State::Inquiry);
        let found = asked.determination.expect("found");
        assert_eq!(
            (found.decision(), &*found.reason),
            (Decision::Refer, "FACTS_CONTRADICT")
        );
    })
    .await;
}
