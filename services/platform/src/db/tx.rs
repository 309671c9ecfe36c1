//! A transaction that is bound to a tenant.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use futures::future::BoxFuture;
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ColumnTrait as _, ConnectionTrait as _,
    DatabaseTransaction, DbBackend, DbErr, DeleteMany, EntityTrait, IntoActiveModel,
    QueryFilter as _, Select, Statement, UpdateMany, sea_query::OnConflict,
};
use tokio::sync::watch;
use yuhui_kernel::Tenant;

use super::{Tenancy, fault::Fault, pool::Suspicion};
use crate::{
    Error, Result, audit,
    outbox::{self, Outgoing},
    refusal::Common,
    vault::Vault,
};

/// A table whose rows belong to tenants. The column is named `tenant` and
/// leads the primary key.
pub trait TenantEntity: EntityTrait {
    /// The column that holds the county code.
    fn tenant_column() -> Self::Column;
}

/// Both stores limit the values of a statement (SQLite: 32,766).
const ROWS_PER_STATEMENT: usize = 500;

type ModelOf<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Model;

/// A transaction bound to a tenant. Dropping it without [`Tx::commit`] undoes
/// everything, and after a statement that failed nothing else is possible.
/// Never hold two in one task: the second may wait for the first.
pub struct Tx {
    pub(super) inner: DatabaseTransaction,
    tenancy: Tenancy,
    /// What the first statement that failed, failed of.
    pub(super) failed: OnceLock<Fault>,
    pub(super) suspicion: Suspicion,
    /// `None` if the transaction only reads.
    published: Option<watch::Sender<u64>>,
    /// Entries of the audit record that are written if the transaction commits.
    recorded: Mutex<Vec<audit::Record>>,
    /// Events that leave if the transaction commits.
    outgoing: Mutex<Vec<Outgoing>>,
    vault: Option<Arc<Vault>>,
}

impl Tx {
    pub(super) async fn bind(
        inner: DatabaseTransaction,
        tenancy: Tenancy,
        published: Option<watch::Sender<u64>>,
        suspicion: Suspicion,
    ) -> Result<Self> {
        let tx = Self {
            inner,
            tenancy,
            failed: OnceLock::new(),
            suspicion,
            published,
            recorded: Mutex::default(),
            outgoing: Mutex::default(),
            vault: None,
        };
        if tx.get_database_backend() == DbBackend::Postgres {
            // Local to the transaction: the next one on this connection starts
            // with no tenant and sees nothing.
            tx.query_one_raw(Statement::from_sql_and_values(
                DbBackend::Postgres,
                "SELECT set_config('yuhui.tenant', $1, true)",
                [tenancy.scope().into()],
            ))
            .await?;
        }
        Ok(tx)
    }

    pub(super) fn keyed(mut self, vault: Option<Arc<Vault>>) -> Self {
        self.vault = vault;
        self
    }

    /// What answers to commands are hashed and sealed with.
    pub fn vault(&self) -> Result<&Vault> {
        let vault = self.vault.as_deref();
        vault.ok_or_else(|| Error::fault("the database of a service has no vault"))
    }

    /// Whose rows this transaction touches.
    #[must_use]
    pub fn tenancy(&self) -> Tenancy {
        self.tenancy
    }

    /// Value of the tenant column; `*` for all.
    #[must_use]
    pub fn scope(&self) -> &'static str {
        self.tenancy.scope()
    }

    /// The county, if the transaction is bound to one.
    pub fn tenant(&self) -> Result<Tenant, Common> {
        match self.tenancy {
            Tenancy::One(tenant) => Ok(tenant),
            Tenancy::City | Tenancy::All => Err(Common::NoTenant),
        }
    }

    /// Whether the transaction may write.
    #[must_use]
    pub(crate) fn writes(&self) -> bool {
        self.published.is_some()
    }

    /// What statements are executed on. Statements on tenant tables must come
    /// from the methods below.
    #[must_use]
    pub fn connection(&self) -> &Self {
        self
    }

    /// A query of the tenant's rows.
    #[must_use]
    pub fn find<E: TenantEntity>(&self) -> Select<E> {
        match self.tenancy {
            Tenancy::All => E::find(),
            _ => E::find().filter(E::tenant_column().eq(self.scope())),
        }
    }

    /// Inserts `row` as the tenant's, whatever its tenant column says.
    pub async fn insert<A>(&self, row: A) -> Result<ModelOf<A>>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        A::Entity: TenantEntity,
        ModelOf<A>: IntoActiveModel<A>,
    {
        Ok(self.own(row)?.insert(self).await?)
    }

    /// Inserts `rows` as the tenant's, many in one statement.
    pub async fn insert_all<A>(&self, rows: Vec<A>) -> Result<()>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        A::Entity: TenantEntity,
        ModelOf<A>: IntoActiveModel<A>,
    {
        for part in rows.chunks(ROWS_PER_STATEMENT) {
            let part = part.iter().map(|row| self.own(row.clone()));
            let part: Vec<A> = part.collect::<Result<_>>()?;
            A::Entity::insert_many(part)
                .exec_without_returning(self)
                .await?;
        }
        Ok(())
    }

    /// Inserts `rows` as the tenant's, or does with those that are there what `there` says, many in one
    /// statement; answers how many rows were written.
    pub async fn write_all<A>(&self, rows: Vec<A>, there: &OnConflict) -> Result<u64>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        A::Entity: TenantEntity,
        ModelOf<A>: IntoActiveModel<A>,
    {
        let mut written = 0;
        for part in rows.chunks(ROWS_PER_STATEMENT) {
            let part = part.iter().map(|row| self.own(row.clone()));
            let part: Vec<A> = part.collect::<Result<_>>()?;
            written += A::Entity::insert_many(part)
                .on_conflict(there.clone())
                .exec_without_returning(self)
                .await?;
        }
        Ok(written)
    }

    /// Updates the tenant's row with the primary key of `row`; if there is
    /// none, the race is lost (`ABORTED`).
    pub async fn update<A>(&self, row: A) -> Result<ModelOf<A>>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        A::Entity: TenantEntity,
        ModelOf<A>: IntoActiveModel<A>,
    {
        let own = A::Entity::tenant_column().eq(self.scope());
        let update = A::Entity::update(self.own(row)?).validate()?.filter(own);
        Ok(update.exec(self).await?)
    }

    /// An update of those of the tenant's rows that further filters choose.
    #[must_use]
    pub fn update_where<E: TenantEntity>(&self) -> UpdateMany<E> {
        E::update_many().filter(E::tenant_column().eq(self.scope()))
    }

    /// A deletion of those of the tenant's rows that further filters choose.
    #[must_use]
    pub fn delete_where<E: TenantEntity>(&self) -> DeleteMany<E> {
        E::delete_many().filter(E::tenant_column().eq(self.scope()))
    }

    /// Makes everything done durable, together. Refused if a statement failed,
    /// whatever became of its error. What other acts of the tenant wait for is
    /// locked here, as the last thing: the heads of its audit chains, then those
    /// of its events' lanes, which leave in the order of the chain.
    ///
    /// Boxed: every act awaits it, and would have it compiled once more.
    pub fn commit(self) -> BoxFuture<'static, Result<()>> {
        Box::pin(async move {
            if let Some(fault) = self.failed.get() {
                let why = "no commit: a statement of the transaction failed";
                return Err(fault.tell(DbErr::Custom(why.into())));
            }
            audit::write(&self).await?;
            let has_published = outbox::write(&self).await?;
            self.suspicion.of_boundary(self.inner.commit().await)?;
            if let Some(published) = &self.published
                && has_published
            {
                published.send_modify(|count| *count = count.wrapping_add(1));
            }
            Ok(())
        })
    }

    /// Undoes everything.
    pub async fn rollback(self) -> Result<()> {
        Ok(self.suspicion.of_boundary(self.inner.rollback().await)?)
    }

    /// Entries of the audit record that are written if the transaction commits.
    pub(crate) fn recorded(&self) -> MutexGuard<'_, Vec<audit::Record>> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Events that leave if the transaction commits.
    pub(crate) fn outgoing(&self) -> MutexGuard<'_, Vec<Outgoing>> {
        self.outgoing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `row` as a row of this tenant. Nothing is written for everybody.
    fn own<A>(&self, mut row: A) -> Result<A>
    where
        A: ActiveModelTrait,
        A::Entity: TenantEntity,
    {
        if self.tenancy == Tenancy::All {
            return Err(Common::NoTenant.into());
        }
        row.set(A::Entity::tenant_column(), self.scope().into());
        Ok(row)
    }
}
