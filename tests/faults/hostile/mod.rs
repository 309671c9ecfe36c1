//! A caller nobody knows, who means harm: a hostile call costs its caller
//! alone. The real executable over TCP; officers and the public work on while
//! somebody at another address of this machine attacks.

mod attacks;
mod bystanders;
mod wire;

use std::time::Duration;

use yuhui_proto::authz::v1::Role;

use crate::harness::{gateway::Gateway, people, system::System};

use bystanders::{Bystanders, Seen, percentile};

/// How long one attack lasts, and each quiet time around it.
const ATTACK: Duration = Duration::from_secs(4);
const QUIET: Duration = Duration::from_secs(3);
/// Below so much the bystanders' times are those of the machine: a build
/// beside the tests, on two cores, is enough for it.
const FLOOR: Duration = Duration::from_millis(150);
/// What a debug build may grow by under all attacks together, in MiB. It is
/// what caches and allocators keep; held bodies and streams would be more.
const GROWTH: u64 = 96;
const CLERK: &str = "village-clerk.150203001001";

/// The bystanders while `attack` goes on: nobody of them fails, and their 99th
/// percentile stays below twice the one of the quiet times `before` and after;
/// the one after it is the next one's before.
async fn unmoved_by<A>(
    name: &str,
    bystanders: &Bystanders,
    before: &mut Seen,
    attack: A,
) -> A::Output
where
    A: Future + Send + 'static,
    A::Output: Send + 'static,
{
    let attack = tokio::spawn(attack);
    let during = bystanders.work(ATTACK).await;
    let told = attack.await.expect("the attack itself");
    let after = bystanders.work(QUIET).await;

    for (when, seen) in [("before", &*before), ("during", &during), ("after", &after)] {
        assert!(seen.failed.is_empty(), "{name}: {when}: {:?}", seen.failed);
        assert!(
            seen.times.len() > 50,
            "{name}: {when}: {}",
            seen.times.len()
        );
    }
    let quiet = percentile(&before.times).max(percentile(&after.times));
    let under = percentile(&during.times);
    eprintln!(
        "{name}: p99 {under:?} of {} calls, quiet {quiet:?}",
        during.times.len()
    );
    assert!(
        under < 2 * quiet.max(FLOOR),
        "{name}: {under:?}, quiet {quiet:?}"
    );
    *before = after;
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_caller_pays_alone() {
    let folder = tempfile::tempdir().expect("folder");
    let system = System::start(folder.path()).await;
    let clerk = system.gateway().sign_in(CLERK).await.expect("signed in");
    let bystanders = Bystanders::new(&system.url, clerk);
    bystanders.work(QUIET).await;
    let memory = system.memory_mib();
    let mut quiet = bystanders.work(QUIET).await;
    let url = system.url.clone();

    // Names of 20 kB: the error repeats little of them, and nobody's connection ends.
    let told = unmoved_by(
        "long names",
        &bystanders,
        &mut quiet,
        attacks::long_names(url.clone()),
    )
    .await;
    assert!(told.answered > 100, "{told:?}");
    assert_eq!(told.unanswered, 0, "{told:?}");
    assert!(told.longest <= 4096, "{told:?}");

    // Headers of calls whose bodies never come: they hold no place.
    let told = unmoved_by(
        "headers",
        &bystanders,
        &mut quiet,
        attacks::headers(url.clone()),
    )
    .await;
    assert!(told.answered > 0, "each is told that it is late: {told:?}");

    // Streams that never end.
    let told = unmoved_by(
        "streams",
        &bystanders,
        &mut quiet,
        attacks::streams(url.clone()),
    )
    .await;
    assert!(
        told.unanswered <= 4 * 2,
        "one address holds its part: {told:?}"
    );

    // Connections that say nothing: one address has its part of them.
    let open = unmoved_by(
        "connections",
        &bystanders,
        &mut quiet,
        attacks::connections(url.clone()),
    )
    .await;
    assert!(open <= 64, "{open} connections are held");

    // Calls taken back as soon as they are made.
    unmoved_by(
        "resets",
        &bystanders,
        &mut quiet,
        attacks::resets(url.clone()),
    )
    .await;

    // Little that says it is much.
    let told = unmoved_by(
        "bombs",
        &bystanders,
        &mut quiet,
        attacks::bombs(url.clone()),
    )
    .await;
    assert!(told.answered > 100, "{told:?}");
    assert_eq!(told.unanswered, 0, "{told:?}");

    // Answers that are never taken.
    unmoved_by(
        "untaken",
        &bystanders,
        &mut quiet,
        attacks::untaken(url.clone()),
    )
    .await;

    // Headers of 100 kB.
    unmoved_by(
        "long headers",
        &bystanders,
        &mut quiet,
        attacks::long_headers(url),
    )
    .await;

    let grown = system.memory_mib().saturating_sub(memory);
    assert!(grown < GROWTH, "grown by {grown} MiB from {memory} MiB");
}

/// A county that calls a hundred times as often waits for itself, and the others do not: their
/// ordinary call takes less than two thirds of the time of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_county_at_a_hundred_times_its_load_moves_nobody_else() {
    let folder = tempfile::tempdir().expect("folder");
    let system = System::start(folder.path()).await;
    let gateway = system.gateway();
    let clerk = gateway.sign_in(CLERK).await.expect("signed in");
    let other = people::county("150204");
    let login = people::login(Role::VillageClerk, people::village_of(other));
    let busy = Gateway::to(&system.url)
        .sign_in(&login)
        .await
        .expect("signed in");
    let bystanders = Bystanders::new(&system.url, clerk);
    bystanders.work(QUIET).await;
    let crowd = tokio::spawn(bystanders::crowd(busy, "150204", ATTACK));
    let others = bystanders.office(ATTACK).await;
    let crowd = crowd.await.expect("the crowd");
    assert!(others.failed.is_empty(), "{:?}", others.failed);
    assert!(crowd.len() > 100, "{}", crowd.len());
    // Whatever else the machine does: in one queue they would all wait alike.
    let (theirs, own) = (
        bystanders::median(&others.times),
        bystanders::median(&crowd),
    );
    eprintln!("others wait {theirs:?}, the busy county {own:?}");
    assert!(
        2 * theirs < own,
        "others wait {theirs:?}, the busy county {own:?}"
    );
}

/// Neighbours of the hostile caller, behind one address, go on all the same.
#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_never_come_keep_nobody_from_signing_in() {
    let folder = tempfile::tempdir().expect("folder");
    let system = System::start(folder.path()).await;
    let attack = tokio::spawn(attacks::headers_from_here(system.url.clone()));
    tokio::time::sleep(Duration::from_secs(1)).await;
    let gateway = Gateway::to(&system.url);
    for _ in 0..3 {
        gateway.sign_in(CLERK).await.expect("signed in");
    }
    attack.await.expect("the attack itself");
}
