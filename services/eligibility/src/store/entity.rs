//! Rows as SeaORM sees them.

/// An entity of a tenant table.
macro_rules! tenant_entity {
    () => {
        impl ActiveModelBehavior for ActiveModel {}

        impl yuhui_platform::db::TenantEntity for Entity {
            fn tenant_column() -> Column {
                Column::Tenant
            }
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub(crate) enum Relation {}
    };
}

pub(crate) mod cases {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "cases")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: String,
        pub(crate) revision: i64,
        pub(crate) state: String,
        pub(crate) programme: String,
        pub(crate) round: i64,
        pub(crate) unit: String,
        pub(crate) claimant_ref: String,
        pub(crate) notice: String,
        pub(crate) roster: String,
        pub(crate) cleared_on: String,
        pub(crate) body: String,
        pub(crate) sealed: Vec<u8>,
    }

    tenant_entity!();
}

pub(crate) mod transitions {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "transitions")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) case_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) sequence: i64,
        pub(crate) from_state: String,
        pub(crate) to_state: String,
        pub(crate) action: String,
        pub(crate) actor: String,
        pub(crate) role: String,
        pub(crate) unit: String,
        pub(crate) level: i64,
        pub(crate) effective_on: String,
        pub(crate) at: String,
        pub(crate) reason: String,
    }

    tenant_entity!();
}

pub(crate) mod fact_sheets {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "fact_sheets")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) digest: String,
        pub(crate) body: String,
    }

    tenant_entity!();
}

pub(crate) mod evidence {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "evidence")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) case_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) sequence: i64,
        pub(crate) fact_sheet: String,
        pub(crate) body: String,
        pub(crate) determination: Vec<u8>,
        pub(crate) hash: String,
    }

    tenant_entity!();
}

pub(crate) mod notices {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "notices")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: String,
        pub(crate) unit: String,
        pub(crate) posted_on: String,
        pub(crate) last_on: String,
        pub(crate) closed: bool,
        pub(crate) body: String,
        pub(crate) claimants_sealed: Vec<u8>,
    }

    tenant_entity!();
}

pub(crate) mod rosters {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "rosters")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: String,
        pub(crate) programme: String,
        pub(crate) round: i64,
        pub(crate) state: String,
        pub(crate) revision: i64,
        pub(crate) body: String,
    }

    tenant_entity!();
}

pub(crate) mod roster_lines {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "roster_lines")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) roster: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) sequence: i64,
        pub(crate) body: String,
        pub(crate) payee_sealed: Vec<u8>,
    }

    tenant_entity!();
}

pub(crate) mod claim_index {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "claim_index")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) county: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) case_id: String,
        pub(crate) programme: String,
        pub(crate) subject_ref: String,
        pub(crate) claimant_ref: String,
        pub(crate) subsidy_year: i64,
        pub(crate) lodged_on: String,
        pub(crate) lodged_order: i64,
        pub(crate) standing: String,
        pub(crate) reason: String,
        pub(crate) amount_fen: i64,
        pub(crate) round: i64,
        pub(crate) queued_on: String,
        pub(crate) confirmed_on: String,
    }

    impl ActiveModelBehavior for ActiveModel {}

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}
}

pub(crate) mod fraud_index {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "fraud_index")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) claimant_ref: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) case_id: String,
        pub(crate) found_on: String,
    }

    impl ActiveModelBehavior for ActiveModel {}

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}
}
