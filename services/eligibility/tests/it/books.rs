//! People and institutions with what the registers know of them.

use yuhui_kernel::{CitizenNumber, CreditCode};
use yuhui_proto::{
    eligibility::v1::{BankAccount, Claim, Document},
    institution::v1::{
        Enrolment, HeadcountCertificate, Institution, InstitutionDossier, InstitutionKind,
    },
    registry::v1::{
        Answer, BornChild, DeliveryRecord, FamilyFacts, HukouRecord, MarriageRecord, PersonRecord,
        Register,
    },
    types::v1::Programme,
};

use crate::harness::{COUNTY, TOWNSHIP, VILLAGE, World};

pub const YEAR: i32 = 2024;

/// A couple with two children.
#[derive(Clone)]
pub struct Family {
    pub mother: String,
    pub father: String,
    pub first: String,
    pub second: String,
}

/// A citizen number of a division that does not exist; odd serials are male.
pub fn number(born_on: &str, serial: u32) -> String {
    let body = format!("150299{}{serial:03}", born_on.replace('-', ""));
    let check = CitizenNumber::compute_check(&body).expect("17 digits");
    format!("{body}{check}")
}

/// A credit code of a private non-enterprise unit.
pub fn credit_code(serial: u32) -> String {
    let body = format!("52150203MJ{serial:07}");
    let code = format!("{body}0");
    CreditCode::parse(&code).expect("sound");
    code
}

impl Family {
    /// The family of that number: married 2018, children of 2020 and June 2024.
    pub fn of(serial: u32) -> Self {
        let even = serial * 2 % 1000;
        let odd = (serial * 2 + 1) % 1000;
        Self {
            mother: number("1995-02-03", even),
            father: number("1993-04-05", odd),
            first: number("2020-06-07", even),
            second: number("2024-06-15", odd),
        }
    }

    /// The mother's claim for the second child.
    pub fn claim(&self) -> Claim {
        Claim {
            programme: Programme::P1.into(),
            claimant_number: self.mother.clone(),
            child_number: self.second.clone(),
            claimant_name: "某女".into(),
            village: VILLAGE.into(),
            account: Some(account("某女", "6217000010001234569", false)),
            documents: vec![Document {
                kind: "MARRIAGE_CERTIFICATE".into(),
                ..Document::default()
            }],
            truth_signed: true,
            ..Claim::default()
        }
    }

    /// Everything the registers know of the family, registered in `county`.
    pub fn facts(&self, world: &World, county: &str) -> FamilyFacts {
        let blind = |number: &str| world.vault.person(number);
        let person = |number: &str| PersonRecord {
            identity_number: blind(number),
            born_on: CitizenNumber::parse(number)
                .map(|it| yuhui_kernel::dates::format(it.birth_date()))
                .expect("valid"),
            ..PersonRecord::default()
        };
        let hukou = |number: &str, from_on: &str| HukouRecord {
            person: blind(number),
            division: county.into(),
            from_on: from_on.into(),
            to_on: String::new(),
        };
        let delivery = |name: &str, child: &str, born_on: &str| DeliveryRecord {
            delivery: name.into(),
            mother: blind(&self.mother),
            father: blind(&self.father),
            birth_service_registered_on: "2019-01-01".into(),
            children: vec![BornChild {
                child: blind(child),
                born_on: born_on.into(),
                birth_order: 1,
                live: true,
            }],
        };
        let answer = |register: Register| Answer {
            register: register.into(),
            answered_on: "2025-03-10".into(),
            as_of_on: "2025-03-10".into(),
            digest: "00".into(),
            ..Answer::default()
        };
        FamilyFacts {
            persons: [&self.mother, &self.father, &self.first, &self.second]
                .map(|it| person(it))
                .into(),
            hukou: vec![
                hukou(&self.mother, "2000-01-01"),
                hukou(&self.father, "2000-01-01"),
                hukou(&self.first, "2020-06-20"),
                hukou(&self.second, "2024-06-20"),
            ],
            marriages: vec![MarriageRecord {
                spouses: vec![blind(&self.mother), blind(&self.father)],
                from_on: "2018-05-20".into(),
                ..MarriageRecord::default()
            }],
            deliveries: vec![
                delivery("D1", &self.first, "2020-06-07"),
                delivery("D2", &self.second, "2024-06-15"),
            ],
            answers: [
                Register::PublicSecurity,
                Register::CivilAffairs,
                Register::Maternity,
            ]
            .map(answer)
            .into(),
            ..FamilyFacts::default()
        }
    }

    /// The registers know the family in the county of the tests.
    pub fn register(&self, world: &World) -> &Self {
        self.register_in(world, COUNTY)
    }

    pub fn register_in(&self, world: &World, county: &str) -> &Self {
        let facts = self.facts(world, county);
        let child = world.vault.person(&self.second);
        world.registers.known().families.insert(child, facts);
        self
    }

    /// Changes what the registers know of the family.
    pub fn amend(&self, world: &World, change: impl FnOnce(&mut FamilyFacts)) {
        let child = world.vault.person(&self.second);
        change(
            world
                .registers
                .known()
                .families
                .get_mut(&child)
                .expect("a family"),
        );
    }

    /// The second child's hukou moves to `division` on a day.
    pub fn moves(&self, world: &World, division: &str, on: &str, last: &str) {
        let child = world.vault.person(&self.second);
        self.amend(world, |facts| {
            for period in facts.hukou.iter_mut().filter(|it| it.person == child) {
                period.to_on = last.into();
            }
            facts.hukou.push(HukouRecord {
                person: child.clone(),
                division: division.into(),
                from_on: on.into(),
                to_on: String::new(),
            });
        });
    }
}

pub fn account(holder: &str, number: &str, corporate: bool) -> BankAccount {
    BankAccount {
        holder_name: holder.into(),
        account_number: number.into(),
        bank_name: "包头农商银行".into(),
        corporate,
    }
}

/// A filed and affordable nursery with `children` of one year's stay.
pub fn nursery(world: &World, serial: u32, children: u32) -> String {
    let code = credit_code(serial);
    let institution_ref = world.vault.institution(&code);
    let enrolments = (0..children).map(|child| Enrolment {
        child: world
            .vault
            .person(&number("2022-12-01", serial * 20 + child)),
        child_born_on: "2022-12-01".into(),
        institution_ref: institution_ref.clone(),
        from_on: "2024-01-08".into(),
        to_on: "2024-12-31".into(),
        fee_receipts: true,
    });
    let dossier = InstitutionDossier {
        institution: Some(Institution {
            name: format!("counties/{COUNTY}/institutions/{serial}"),
            institution_ref: institution_ref.clone(),
            credit_code: code.clone(),
            display_name: "某托育园".into(),
            kind: InstitutionKind::Nursery.into(),
            registered_on: "2022-01-01".into(),
            township: TOWNSHIP.into(),
            filed_on: "2022-06-01".into(),
            inclusive_recognised_on: "2022-07-01".into(),
            certificates: vec![HeadcountCertificate {
                subsidy_year: YEAR,
                headcount: 100,
            }],
            ..Institution::default()
        }),
        enrolments: enrolments.collect(),
    };
    world
        .registers
        .known()
        .institutions
        .insert(institution_ref, dossier);
    code
}

/// The nursery's claim for 2024.
pub fn nursery_claim(code: &str) -> Claim {
    Claim {
        programme: Programme::P3.into(),
        credit_code: code.into(),
        claimant_name: "某托育园".into(),
        township: TOWNSHIP.into(),
        subsidy_year: YEAR,
        account: Some(account("某托育园", "15001234567890123456", true)),
        truth_signed: true,
        ..Claim::default()
    }
}
