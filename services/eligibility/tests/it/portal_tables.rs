//! What everybody reads: notices in force, counts, the tables of the scheme, heads of the audit chains.

use sha2::{Digest as _, Sha256};
use time::macros::date;
use yuhui_kernel::{Calendar, DayKind, dates, divisions};
use yuhui_platform::audit;
use yuhui_policy::{Decision, PolicyPack, Reason};
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as eligibility, case::State},
    portal::v1::{self as pb, public_count::Group},
    types::v1::Programme,
};

use crate::{
    books::Family,
    harness::{COUNTY, OTHER_COUNTY, Office, PARENT, on_every_world, refused},
};

async fn notice(office: &Office, name: &str) -> eligibility::Notice {
    let ask = eligibility::GetNoticeRequest { name: name.into() };
    let answer = office.notices().get_notice(ask).await.expect("a notice");
    answer.into_inner().notice.expect("it")
}

async fn in_force(office: &Office, parent: &str) -> Vec<eligibility::Notice> {
    let ask = eligibility::ListNoticesRequest {
        parent: parent.into(),
        ..Default::default()
    };
    let answer = office.notices().list_notices(ask).await.expect("a list");
    answer.into_inner().notices
}

/// As the contract describes it, from what anybody reads.
fn digest(notice: &eligibility::Notice) -> String {
    let mut text = format!(
        "{}\t{}\t{}\n",
        notice.unit, notice.posted_on, notice.last_on
    );
    for it in &notice.lines {
        let programme = it.programme().as_str_name().replace("PROGRAMME_", "");
        let (number, name, division) = (it.number, &it.claimant, &it.division);
        let (grounds, fen) = (&it.grounds, it.amount_fen);
        text += &format!("{number}\t{name}\t{division}\t{programme}\t{grounds}\t{fen}\n");
    }
    hex::encode(Sha256::digest(text))
}

#[tokio::test]
async fn anybody_reads_a_notice_with_masked_names_while_it_is_in_force() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::VNotice).await;
        let posted = world.post(&world.clerk(), &[]).await.expect("posted");
        assert_eq!(posted.lines[0].claimant, "某女");
        for reader in [world.anybody(), world.applicant(&Family::of(2).mother)] {
            let told = notice(&reader, &posted.name).await;
            let line = &told.lines[0];
            assert_eq!((&*line.claimant, &*line.case, line.number), ("某*", "", 1));
            assert_eq!((&*line.grounds, line.amount_fen), ("二孩", 500_000));
            assert_eq!(told.digest, digest(&told), "it is of what anybody reads");
            assert_eq!(told.digest, posted.digest);
        }
        for desk in [
            world.clerk(),
            world.maker(),
            world.registrar(),
            world.inspector(),
        ] {
            let told = notice(&desk, &posted.name).await;
            assert_eq!(
                (&*told.lines[0].claimant, &*told.lines[0].case),
                ("某女", &*case.name)
            );
        }
        let other = world.at(Role::CountyHealthReviewer, OTHER_COUNTY);
        assert_eq!(notice(&other, &posted.name).await.lines[0].claimant, "某*");

        for (parent, many) in [(PARENT, 1), ("counties/-", 1), ("counties/150204", 0)] {
            assert_eq!(
                in_force(&world.anybody(), parent).await.len(),
                many,
                "{parent}"
            );
        }
        world.on(date!(2025 - 03 - 17));
        assert_eq!(notice(&world.anybody(), &posted.name).await.lines.len(), 1);
        world.on(date!(2025 - 03 - 18));
        // Over, and nobody has taken it down yet.
        assert!(
            notice(&world.anybody(), &posted.name)
                .await
                .lines
                .is_empty()
        );
        assert!(in_force(&world.anybody(), "counties/-").await.is_empty());
        assert_eq!(notice(&world.clerk(), &posted.name).await.lines.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn counts_for_everybody_hide_few_and_what_would_give_them_away() {
    on_every_world(async |world| {
        for serial in 1..=6 {
            world.family_at(&Family::of(serial), State::VReview).await;
        }
        let count = async |parent: &str| {
            let ask = pb::GetPublicStatisticsRequest {
                parent: parent.into(),
                round: 2025,
            };
            let answer = world
                .anybody()
                .public_statistics()
                .get_public_statistics(ask)
                .await;
            answer.map(|it| it.into_inner().counts)
        };
        let of = |row: &pb::PublicCounts, group: Group| {
            row.counts
                .iter()
                .find(|it| it.group() == group)
                .expect("it")
                .claims
        };
        let plain = count("counties/-").await.expect("counted");
        assert_eq!(plain.len(), 1);
        let row = &plain[0];
        assert_eq!((&*row.county, row.programme()), (COUNTY, Programme::P1));
        assert_eq!((of(row, Group::UnderWay), row.total), (Some(6), Some(6)));
        assert_eq!(of(row, Group::Paid), Some(0));

        let case = world.family_at(&Family::of(7), State::Confirmed).await;
        assert!(!case.name.is_empty());
        let hidden = count(PARENT).await.expect("counted");
        let row = &hidden[0];
        assert_eq!(row.total, Some(7), "seven less six would be the one");
        assert_eq!(
            (of(row, Group::UnderWay), of(row, Group::Confirmed)),
            (None, None)
        );
        assert_eq!(count("counties/-").await.expect("counted"), hidden);
        assert!(count("counties/150204").await.expect("counted").is_empty());
        assert_eq!(refused(count("counties/999999").await).1, "NOT_FOUND");
    })
    .await;
}

#[tokio::test]
async fn the_tables_are_those_that_decide() {
    on_every_world(async |world| {
        let list = async |year: i32, known_version: &str| {
            let known_version = known_version.into();
            let ask = pb::ListReferenceDataRequest {
                year,
                known_version,
            };
            let answer = world.anybody().references().list_reference_data(ask).await;
            answer.expect("tables").into_inner()
        };
        let told = list(0, "").await;
        let pack = PolicyPack::baotou();
        assert_eq!(told.pack_version, pack.version());
        let units: Vec<_> = told
            .divisions
            .iter()
            .map(|it| (&*it.code, &*it.name))
            .collect();
        let ours: Vec<_> = divisions::all()
            .iter()
            .map(|it| (&*it.code_text, &*it.name))
            .collect();
        assert_eq!(units, ours);
        let amounts = |programme: Programme| {
            let row = told
                .programmes
                .iter()
                .find(|it| it.programme() == programme);
            let row = row.expect("a programme");
            assert!(
                !row.name_zh.is_empty() && !row.name_en.is_empty() && !row.documents.is_empty()
            );
            let amounts = row.amounts.iter().map(|it| (&*it.kind, it.amount_fen));
            (amounts.collect::<Vec<_>>(), &*row.filing_close)
        };
        let law = &pack.parameters;
        let (second, third) = (law.p1_amount.second.fen(), law.p1_amount.third.fen());
        assert_eq!(
            amounts(Programme::P1),
            (vec![("SECOND", second), ("THIRD", third)], "03-31")
        );
        assert_eq!(amounts(Programme::P2).0, [("", law.p2_amount.fen())]);
        assert_eq!(
            amounts(Programme::P3),
            (vec![("", law.p3_amount.fen())], "05-31")
        );
        let national = law.p4_amount.national.fen();
        assert_eq!(
            amounts(Programme::P4).0.last(),
            Some(&("NATIONAL", national))
        );
        assert_eq!(told.programmes.len(), 4);

        let codes = |words: &[pb::ReferenceWord]| {
            assert!(
                words
                    .iter()
                    .all(|it| !it.zh.is_empty() && !it.en.is_empty())
            );
            words.iter().map(|it| it.code.clone()).collect::<Vec<_>>()
        };
        let all: Vec<_> = Reason::ALL.iter().map(|it| it.code().to_owned()).collect();
        assert_eq!(codes(&told.reasons), all);
        let all: Vec<_> = Decision::ALL
            .iter()
            .map(|it| it.code().to_owned())
            .collect();
        assert_eq!(codes(&told.decisions), all);
        let contract = (1..).map_while(|it| State::try_from(it).ok());
        assert_eq!(codes(&told.states).len(), contract.count());

        let calendar = Calendar::china();
        assert!(told.has_notice && !told.days.is_empty());
        let mut day = date!(2025 - 01 - 01);
        while day.year() == 2025 {
            let named = told.days.iter().find(|it| it.day_on == dates::format(day));
            let named = named.map(|it| match it.working {
                true => DayKind::MakeupWorkday,
                false => DayKind::Off,
            });
            assert_eq!(named, calendar.notice(day), "{day}");
            day = day.next_day().expect("a day");
        }
        let same = list(2025, &told.version).await;
        assert!(same.unchanged && same.divisions.is_empty());
        assert_eq!(same.version, told.version);
        let later = list(2040, &told.version).await;
        assert!(!later.unchanged && !later.has_notice && later.days.is_empty());
    })
    .await;
}

#[tokio::test]
async fn heads_of_the_chains_are_what_the_record_ends_in() {
    on_every_world(async |world| {
        let heads = async |parent: &str| {
            let ask = pb::ListChainHeadsRequest {
                parent: parent.into(),
            };
            let answer = world.anybody().chain_heads().list_chain_heads(ask).await;
            answer.expect("heads").into_inner().heads
        };
        assert!(heads("counties/-").await.is_empty());
        world.family_at(&Family::of(1), State::VReview).await;
        let noted = heads("counties/-").await;
        assert_eq!(noted.len(), 1);
        world.family_at(&Family::of(2), State::VReview).await;
        let later = heads(PARENT).await;
        assert!(later[0].sequence > noted[0].sequence);
        let record = world.audited().await;
        for head in [&noted[0], &later[0]] {
            let entry = record
                .iter()
                .find(|it| it.chain == audit::ACTS && it.seq == head.sequence)
                .expect("the entry is still there");
            assert_eq!((&*entry.hash, &*entry.at), (&*head.hash, &*head.entry_time));
            assert_eq!(head.county, COUNTY);
        }
        assert!(heads("counties/150204").await.is_empty());
    })
    .await;
}
