//! What the departments know of the families: as they enter it, in batches.

use yuhui_kernel::{DivisionCode, dates};
use yuhui_proto::{
    authz::v1::Role,
    registry::v1::{
        BornChild, DeliveryRecord, HukouRecord, ImportBirthsRequest, ImportCivilAffairsRequest,
        ImportPopulationRequest, MarriageRecord, PersonRecord, Sex,
        register_service_client::RegisterServiceClient,
    },
};

use super::{
    Many,
    family::{Family, Person},
};
use crate::harness::{cases::key, gateway::Gateway};

/// Families of an import: each has four persons, and an import takes a thousand.
const BATCH: u32 = 250;

impl Many {
    /// The departments enter the families from `first` on, before `end`.
    pub(crate) async fn register(&self, first: u32, end: u32) {
        let police = self.desk(Role::PublicSecurityLiaison).await;
        let civil = self.desk(Role::CivilAffairsLiaison).await;
        let maternity = self.desk(Role::MaternityLiaison).await;
        let mut next = first;
        while next < end {
            let until = end.min(next + BATCH);
            let families: Vec<Family> = (next..until).map(Family::of).collect();
            self.population(&police, &families).await;
            let ask = ImportCivilAffairsRequest {
                marriages: families.iter().map(marriage).collect(),
                request_id: key(),
                ..ImportCivilAffairsRequest::default()
            };
            let mut client = RegisterServiceClient::new(civil.call());
            client.import_civil_affairs(ask).await.expect("marriages");
            let ask = ImportBirthsRequest {
                deliveries: families.iter().flat_map(deliveries).collect(),
                request_id: key(),
            };
            let mut client = RegisterServiceClient::new(maternity.call());
            client.import_births(ask).await.expect("births");
            next = until;
        }
    }

    async fn population(&self, desk: &Gateway, families: &[Family]) {
        let everybody = || families.iter().flat_map(Family::persons);
        let at_home = |family: &Family| {
            let village = family.village(self.village());
            family.persons().map(|person| hukou(person, village))
        };
        let ask = ImportPopulationRequest {
            persons: everybody().map(person).collect(),
            hukou: families.iter().flat_map(at_home).collect(),
            request_id: key(),
            ..ImportPopulationRequest::default()
        };
        let mut client = RegisterServiceClient::new(desk.call());
        client.import_population(ask).await.expect("population");
    }
}

fn person(it: &Person) -> PersonRecord {
    let sex = if it.is_male() { Sex::Male } else { Sex::Female };
    PersonRecord {
        identity_number: it.number.clone(),
        display_name: it.name.clone(),
        sex: sex.into(),
        born_on: dates::format(it.born_on),
        ..PersonRecord::default()
    }
}

/// Since birth.
fn hukou(it: &Person, village: DivisionCode) -> HukouRecord {
    HukouRecord {
        person: it.number.clone(),
        division: village.to_string(),
        from_on: dates::format(it.born_on),
        to_on: String::new(),
    }
}

fn marriage(family: &Family) -> MarriageRecord {
    MarriageRecord {
        spouses: vec![family.mother.number.clone(), family.father.number.clone()],
        from_on: "2018-05-20".into(),
        ..MarriageRecord::default()
    }
}

fn deliveries(family: &Family) -> [DeliveryRecord; 2] {
    [&family.first, &family.second].map(|child| DeliveryRecord {
        delivery: format!("D-{}", child.number),
        mother: family.mother.number.clone(),
        father: family.father.number.clone(),
        birth_service_registered_on: dates::format(dates::add_days(child.born_on, -60)),
        children: vec![BornChild {
            child: child.number.clone(),
            born_on: dates::format(child.born_on),
            birth_order: 1,
            live: true,
        }],
    })
}
