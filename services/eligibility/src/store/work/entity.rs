//! Rows as SeaORM sees them.

pub(super) mod items {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "work_items")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) object: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: String,
        pub(crate) turn: String,
        pub(crate) unit: String,
        pub(crate) rank_on: String,
        pub(crate) since_on: String,
        pub(crate) act: String,
        pub(crate) programme: String,
        pub(crate) round: i64,
        pub(crate) decision: String,
        pub(crate) village: String,
        pub(crate) flags: i64,
        pub(crate) collection: String,
        pub(crate) state: String,
        pub(crate) due_on: String,
        pub(crate) post_by_on: String,
        pub(crate) not_before_on: String,
    }

    impl ActiveModelBehavior for ActiveModel {}

    impl yuhui_platform::db::TenantEntity for Entity {
        fn tenant_column() -> Column {
            Column::Tenant
        }
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}
}
