//! Before the year begins: the departments enter what they know, and the
//! nurseries are registered, filed, recognised, and report their children.

use tonic::Status;
use yuhui_kernel::{Tenant, city};
use yuhui_proto::{
    authz::v1::Role,
    institution::v1::{
        ApproveChangeRequest, ApproveEducationChangeRequest, ApproveMunicipalHonourRequest, Change,
        CheckEnrolmentsRequest, HonourLevel, ListEnrolmentsRequest, ProposeChangeRequest,
        ProposeEducationChangeRequest, ProposeMunicipalHonourRequest, RegisterInstitutionRequest,
        Registrar, ReportEnrolmentsRequest, change,
        institution_service_client::InstitutionServiceClient,
    },
    registry::v1::{
        ImportBirthsRequest, ImportCivilAffairsRequest, ImportNationalPaymentsRequest,
        ImportPopulationRequest, register_service_client::RegisterServiceClient,
    },
};

use super::{
    offices::{at, key},
    play::{Play, in_words},
    plot::{Entry, Nursery, Registers},
};

/// Records handed over at a time.
const BATCH: usize = 500;

impl Play<'_> {
    /// The departments of each county enter what is known before the year begins.
    pub(super) async fn load_registers(&mut self) {
        let plot = self.plot;
        for (entry, registers) in &plot.registers {
            for (on, records) in registers.installments(self.today) {
                let to_enter = self.to_enter.entry(on).or_default();
                to_enter.push((entry.clone(), records));
            }
        }
        self.bring_registers_up_to_date().await;
    }

    /// Records that are known by today and not entered yet.
    fn coming(&self) -> usize {
        let days = self.to_enter.range(..=self.today);
        let records = days.flat_map(|(_, entries)| entries);
        records.map(|(_, records)| records.len()).sum()
    }

    /// The departments enter what has become known by today.
    pub(super) async fn bring_registers_up_to_date(&mut self) {
        let coming = self.coming();
        if coming == 0 {
            return;
        }
        self.times.begin("registers entered", self.today, coming);
        while let Some(first) = self.to_enter.first_entry()
            && *first.key() <= self.today
        {
            let entries = first.remove();
            let refused = self
                .all(
                    entries,
                    async |play, (entry, records): (Entry, Registers)| {
                        let (county, about) = entry;
                        Ok((about, play.enter(county, &records).await.err()))
                    },
                )
                .await;
            for (about, status) in refused {
                self.not_founded(&about, "the registers", status);
            }
        }
        self.times.end();
    }

    async fn enter(&self, county: Tenant, records: &Registers) -> Result<(), Status> {
        self.population(county, records).await?;
        self.civil_affairs(county, records).await?;
        self.births(county, records).await?;
        self.national_payments(county, records).await
    }

    /// Takes note of what could not be entered.
    fn not_founded(&mut self, about: &str, what: &str, status: Option<Status>) {
        if let Some(status) = status {
            let line = format!("{what}: {}", in_words(&status));
            self.unfounded.push((about.to_owned(), line));
        }
    }

    async fn population(&self, county: Tenant, registers: &Registers) -> Result<(), Status> {
        let desk = self
            .offices
            .of(Role::PublicSecurityLiaison, county.as_str())
            .await?;
        for persons in registers.persons.chunks(BATCH) {
            let ask = ImportPopulationRequest {
                persons: persons.to_vec(),
                request_id: key(),
                ..ImportPopulationRequest::default()
            };
            at!(desk, RegisterServiceClient.import_population, ask)?;
            self.times.ticks(persons.len());
        }
        for hukou in registers.hukou.chunks(BATCH) {
            let ask = ImportPopulationRequest {
                hukou: hukou.to_vec(),
                request_id: key(),
                ..ImportPopulationRequest::default()
            };
            at!(desk, RegisterServiceClient.import_population, ask)?;
            self.times.ticks(hukou.len());
        }
        Ok(())
    }

    async fn civil_affairs(&self, county: Tenant, registers: &Registers) -> Result<(), Status> {
        let desk = self
            .offices
            .of(Role::CivilAffairsLiaison, county.as_str())
            .await?;
        for marriages in registers.marriages.chunks(BATCH) {
            let ask = ImportCivilAffairsRequest {
                marriages: marriages.to_vec(),
                request_id: key(),
                ..ImportCivilAffairsRequest::default()
            };
            at!(desk, RegisterServiceClient.import_civil_affairs, ask)?;
            self.times.ticks(marriages.len());
        }
        let rest =
            registers.adoptions.len() + registers.custody.len() + registers.guardianships.len();
        if rest > 0 {
            // Rare facts: they fit into one call.
            let ask = ImportCivilAffairsRequest {
                marriages: Vec::new(),
                adoptions: registers.adoptions.clone(),
                custody: registers.custody.clone(),
                guardianships: registers.guardianships.clone(),
                request_id: key(),
            };
            at!(desk, RegisterServiceClient.import_civil_affairs, ask)?;
            self.times.ticks(rest);
        }
        Ok(())
    }

    async fn births(&self, county: Tenant, registers: &Registers) -> Result<(), Status> {
        let desk = self
            .offices
            .of(Role::MaternityLiaison, county.as_str())
            .await?;
        for deliveries in registers.deliveries.chunks(BATCH) {
            let ask = ImportBirthsRequest {
                deliveries: deliveries.to_vec(),
                request_id: key(),
            };
            at!(desk, RegisterServiceClient.import_births, ask)?;
            self.times.ticks(deliveries.len());
        }
        Ok(())
    }

    async fn national_payments(&self, county: Tenant, registers: &Registers) -> Result<(), Status> {
        if registers.national_payments.is_empty() {
            return Ok(());
        }
        let desk = { &self.offices }
            .of(Role::MaternityLiaison, county.as_str())
            .await?;
        // Rare facts: they fit into one call.
        let ask = ImportNationalPaymentsRequest {
            payments: registers.national_payments.clone(),
            request_id: key(),
        };
        at!(desk, RegisterServiceClient.import_national_payments, ask)?;
        self.times.ticks(registers.national_payments.len());
        Ok(())
    }

    /// Nurseries come into being.
    pub(super) async fn load_nurseries(&mut self) {
        let plot = self.plot;
        self.times
            .begin("nurseries registered", self.today, plot.nurseries.len());
        let nurseries = plot.nurseries.iter().collect();
        let refused = self
            .all(nurseries, async |play, nursery: &Nursery| {
                Ok((nursery, play.found(nursery).await.err()))
            })
            .await;
        for (nursery, status) in refused {
            let name = &nursery.institution.display_name;
            let (about, _) = name.split_once(' ').unwrap_or((name, ""));
            self.not_founded(about, name, status);
        }
        self.times.end();
    }

    async fn found(&self, nursery: &Nursery) -> Result<(), Status> {
        let county = nursery.county.as_str();
        let registrar = match nursery.institution.registered_with() {
            Registrar::CivilAffairs => Role::CivilAffairsLiaison,
            _ => Role::Registrar,
        };
        let desk = self.offices.of(registrar, county).await?;
        let ask = RegisterInstitutionRequest {
            institution: Some(nursery.institution.clone()),
            request_id: key(),
        };
        let registered = at!(desk, InstitutionServiceClient.register_institution, ask)?;
        let name = registered.institution.unwrap_or_default().name;
        self.approve_changes(nursery, &name).await?;
        if nursery.enrolments.is_empty() {
            return Ok(());
        }
        let own = self.offices.named(&nursery.login).await?;
        for enrolments in nursery.enrolments.chunks(BATCH) {
            let ask = ReportEnrolmentsRequest {
                parent: name.clone(),
                enrolments: enrolments.to_vec(),
                request_id: key(),
            };
            at!(own, InstitutionServiceClient.report_enrolments, ask)?;
        }
        let reviewer = self.reviewer(nursery.county).await?;
        let ask = ListEnrolmentsRequest {
            parent: name.clone(),
            page_size: 1,
            ..ListEnrolmentsRequest::default()
        };
        let seen = at!(reviewer, InstitutionServiceClient.list_enrolments, ask)?;
        let ask = CheckEnrolmentsRequest {
            parent: name,
            note: "与入托协议、缴费凭证核对无误".into(),
            request_id: key(),
            digest: seen.digest,
        };
        at!(reviewer, InstitutionServiceClient.check_enrolments, ask)?;
        Ok(())
    }

    /// Health and education propose and approve what makes the nursery eligible.
    async fn approve_changes(&self, nursery: &Nursery, name: &str) -> Result<(), Status> {
        let county = nursery.county.as_str();
        let (maker, checker) = (
            self.reviewer(nursery.county).await?,
            self.approver(nursery.county).await?,
        );
        for change in &nursery.changes {
            if is_municipal(change) {
                self.honour(name, change).await?;
                continue;
            }
            let ask = ProposeChangeRequest {
                parent: name.to_owned(),
                change: Some(change.clone()),
                request_id: key(),
            };
            let proposed = at!(maker, InstitutionServiceClient.propose_change, ask)?;
            let seen = proposed.change.unwrap_or_default();
            let ask = ApproveChangeRequest {
                name: seen.name,
                etag: seen.etag,
                request_id: key(),
            };
            at!(checker, InstitutionServiceClient.approve_change, ask)?;
        }
        for change in &nursery.education {
            let maker = self.offices.of(Role::EducationOfficer, county).await?;
            let checker = self.offices.of(Role::EducationHead, county).await?;
            let ask = ProposeEducationChangeRequest {
                parent: name.to_owned(),
                change: Some(change.clone()),
                request_id: key(),
            };
            let proposed = at!(
                maker,
                InstitutionServiceClient.propose_education_change,
                ask
            )?;
            let seen = proposed.change.unwrap_or_default();
            let ask = ApproveEducationChangeRequest {
                name: seen.name,
                etag: seen.etag,
                request_id: key(),
            };
            at!(
                checker,
                InstitutionServiceClient.approve_education_change,
                ask
            )?;
        }
        Ok(())
    }

    /// The city enters an honour that it granted.
    async fn honour(&self, name: &str, change: &Change) -> Result<(), Status> {
        let city = city().to_string();
        let maker = self.offices.of(Role::CityHealthRegistrar, &city).await?;
        let checker = self.offices.of(Role::CityHealthApprover, &city).await?;
        let ask = ProposeMunicipalHonourRequest {
            parent: name.to_owned(),
            change: Some(change.clone()),
            request_id: key(),
        };
        let proposed = at!(
            maker,
            InstitutionServiceClient.propose_municipal_honour,
            ask
        )?;
        let seen = proposed.change.unwrap_or_default();
        let ask = ApproveMunicipalHonourRequest {
            name: seen.name,
            etag: seen.etag,
            request_id: key(),
        };
        at!(
            checker,
            InstitutionServiceClient.approve_municipal_honour,
            ask
        )?;
        Ok(())
    }
}

/// Whether the city granted it.
fn is_municipal(change: &Change) -> bool {
    matches!(&change.change, Some(change::Change::Honour(it)) if it.level() == HonourLevel::Municipal)
}
