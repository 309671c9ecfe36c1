//! Which version of the parameters decides: by the day of lodging (R-PRC-9), by name ever after.
//!
//! Versions never change, so they are kept once read. The catalogue may grow, but only by versions
//! that begin after the day of their approval: read on a day, it is right for that day and all
//! before.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use time::Date;
use yuhui_platform::{
    Error, Result,
    db::{Database, Tenancy, Tx},
};
use yuhui_policy::{
    PolicyPack,
    pack::{Catalogue, PackError},
};

use crate::{domain::policy_version::PolicyVersion, refusal::packs::PackRefused, store};

/// The versions, as far as they were read.
#[derive(Clone)]
pub(crate) struct Packs {
    built_in: Arc<PolicyPack>,
    known: Arc<RwLock<Known>>,
}

#[derive(Default)]
struct Known {
    versions: HashMap<String, Arc<PolicyPack>>,
    /// The catalogue, and the day on which it was read.
    catalogue: Option<(Date, Arc<Catalogue>)>,
}

impl Packs {
    /// Starts with the version that is built in.
    pub(crate) fn new(built_in: Arc<PolicyPack>) -> Self {
        Self {
            built_in,
            known: Arc::default(),
        }
    }

    /// The version that is built in: the first.
    pub(crate) fn built_in(&self) -> &Arc<PolicyPack> {
        &self.built_in
    }

    /// The catalogue of a transaction.
    pub(crate) async fn catalogue(&self, tx: &Tx) -> Result<Catalogue> {
        let mut packs = vec![(*self.built_in).clone()];
        for version in store::policy_packs::approved(tx).await? {
            packs.push(parsed(&version)?);
        }
        Catalogue::new(packs).map_err(|it| Error::fault(format!("approved policy packs: {it}")))
    }

    /// The version that decides a claim lodged on `day`. Nothing was in force before the first: its
    /// own rules say what becomes of such a claim.
    pub(crate) async fn on(
        &self,
        db: &Database,
        day: Date,
        today: Date,
    ) -> Result<Arc<PolicyPack>> {
        if day < self.built_in.effective_from() {
            return Ok(self.built_in.clone());
        }
        let catalogue = match self.catalogue_for(day) {
            Some(catalogue) => catalogue,
            None => self.read(db, today).await?,
        };
        let found = catalogue
            .in_force_on(day)
            .ok_or(PackRefused::NoneInForce { day })?;
        Ok(self
            .kept(found.version())
            .unwrap_or_else(|| Arc::new(found.clone())))
    }

    /// The version in force on `day`, as far as is known: what was read on that day or before. It is for what
    /// is written in a transaction, for which reading would be a second connection.
    pub(crate) fn known_on(&self, day: Date) -> Arc<PolicyPack> {
        let catalogue = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            known.catalogue.as_ref().map(|(_, it)| it.clone())
        };
        let found = catalogue.as_ref().and_then(|it| it.in_force_on(day));
        found.map_or_else(
            || self.built_in.clone(),
            |it| {
                let kept = self.kept(it.version());
                kept.unwrap_or_else(|| Arc::new(it.clone()))
            },
        )
    }

    /// The version of that name.
    pub(crate) async fn version(
        &self,
        db: &Database,
        version: &str,
        today: Date,
    ) -> Result<Arc<PolicyPack>> {
        if let Some(pack) = self.kept(version) {
            return Ok(pack);
        }
        self.read(db, today).await?;
        self.kept(version)
            .ok_or_else(|| Error::fault(format!("there is no policy pack {version}")))
    }

    /// Reads the catalogue again when it is next asked for.
    pub(crate) fn forget(&self) {
        self.write(|known| known.catalogue = None);
    }

    async fn read(&self, db: &Database, today: Date) -> Result<Arc<Catalogue>> {
        let tx = db.read(Tenancy::City).await?;
        let catalogue = Arc::new(self.catalogue(&tx).await?);
        self.write(|known| {
            known.catalogue = Some((today, catalogue.clone()));
            for pack in catalogue.iter() {
                let name = pack.version().to_owned();
                known
                    .versions
                    .entry(name)
                    .or_insert_with(|| Arc::new(pack.clone()));
            }
        });
        Ok(catalogue)
    }

    /// The version of that name, if it was read already.
    pub(crate) fn kept(&self, version: &str) -> Option<Arc<PolicyPack>> {
        if version == self.built_in.version() {
            return Some(self.built_in.clone());
        }
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.versions.get(version).cloned()
    }

    fn catalogue_for(&self, day: Date) -> Option<Arc<Catalogue>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let (read_on, catalogue) = known.catalogue.as_ref()?;
        (day <= *read_on).then(|| catalogue.clone())
    }

    fn write(&self, change: impl FnOnce(&mut Known)) {
        change(&mut self.known.write().unwrap_or_else(PoisonError::into_inner));
    }
}

/// The pack of a stored version, as it decides or decided.
pub(crate) fn parsed(version: &PolicyVersion) -> Result<PolicyPack> {
    PolicyPack::from_stored_toml(&version.toml)
        .map_err(|it: PackError| Error::fault(format!("{}: {it}", version.name())))
}
