//! Deadlines, notices, and what happened to their mails.

pub mod deadlines {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "deadlines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub report_id: Uuid,
        pub action_id: Option<Uuid>,
        pub kind: String,
        pub severity: i32,
        pub site_id: Uuid,
        pub starts_at: i64,
        pub due_at: i64,
        pub first_due_at: i64,
        pub set_at: i64,
        pub met_at: Option<i64>,
        pub cancelled_at: Option<i64>,
        pub ended_at: Option<i64>,
        pub generation: i32,
        pub paused_until: Option<i64>,
        pub ladder_version: i32,
        pub look_again_at: Option<i64>,
        pub version: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod notices {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "notices")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub key: String,
        pub kind: String,
        pub member_id: Uuid,
        pub report_id: Uuid,
        pub action_id: Option<Uuid>,
        pub deadline_id: Option<Uuid>,
        pub generation: i32,
        pub step: Option<i32>,
        pub occurrence: Option<i32>,
        pub meant_at: i64,
        pub decided_at: i64,
        pub because: String,
        pub state: String,
        pub attempts: i32,
        pub next_at: Option<i64>,
        pub lease_until: Option<i64>,
        pub lease: i64,
        pub ended_at: Option<i64>,
        pub last_answer: Option<String>,
        pub answered_at: Option<i64>,
        pub in_place_of: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod notice_events {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "notice_events")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub notice_id: Uuid,
        pub at: i64,
        pub what: String,
        pub answer: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod deadline_repairs {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "deadline_repairs")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub deadline_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub generation: i32,
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
