//! Reports, who takes part in them and what is said of them, their photos and corrective actions.

pub mod reports {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "reports")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        pub state: String,
        pub kind: String,
        pub aspects: String,
        pub category: String,
        pub site_id: Uuid,
        pub narrative: String,
        pub search_text: String,
        pub occurred_at: Option<i64>,
        pub captured_at: Option<i64>,
        pub sent_at: Option<i64>,
        pub received_at: i64,
        pub lat: Option<f64>,
        pub lon: Option<f64>,
        pub accuracy_m: Option<f64>,
        pub danger_now: bool,
        pub reporter_id: Option<Uuid>,
        pub confidentiality: String,
        pub language: String,
        pub potential_severity: i32,
        pub actual_severity: Option<i32>,
        pub officer_id: Option<Uuid>,
        pub routed_by: String,
        pub acknowledged_at: Option<i64>,
        pub acknowledged_by: Option<Uuid>,
        pub contained_at: Option<i64>,
        pub contained_by: Option<Uuid>,
        pub triaged_at: Option<i64>,
        pub triaged_by: Option<Uuid>,
        pub causes: String,
        pub causes_found_at: Option<i64>,
        pub similar_events: Option<String>,
        pub similar_seen_at: Option<i64>,
        pub similar_seen_by: Option<Uuid>,
        pub photos_waived: Option<String>,
        pub closed_at: Option<i64>,
        pub closed_by: Option<Uuid>,
        pub outcome: Option<String>,
        pub effectiveness_days: Option<i32>,
        pub pending_severity: Option<i32>,
        pub pending_at: Option<i64>,
        pub pending_by: Option<Uuid>,
        pub controls_justification: Option<String>,
        pub controls_justified_at: Option<i64>,
        pub controls_justified_by: Option<Uuid>,
        pub duplicate_of: Option<Uuid>,
        pub recurrence_of: Option<Uuid>,
        pub recurred_as: Option<Uuid>,
        pub reopened_at: Option<i64>,
        pub reopened_by: Option<Uuid>,
        pub actions_before: Option<i32>,
        pub effectiveness_checks: Option<String>,
        pub screen_high_energy: Option<bool>,
        pub screen_incident: Option<bool>,
        pub screen_serious_injury: Option<bool>,
        pub screen_direct_control: Option<bool>,
        pub screen_class: Option<String>,
        pub likelihood: Option<i32>,
        pub risk_score: Option<i32>,
        pub risk_band: Option<String>,
        pub matrix_version: Option<i32>,
        pub substance: Option<String>,
        pub quantity_litres: Option<f64>,
        pub receiving_body: Option<String>,
        pub protected_area: Option<bool>,
        pub service: Option<String>,
        pub customers_affected: Option<i32>,
        pub outage_minutes: Option<i32>,
        pub unsealings: Option<String>,
        pub content_sha256: Vec<u8>,
        pub touched: Option<String>,
        pub version: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod participants {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "participants")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub report_id: Uuid,
        pub received_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod past_views {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "past_views")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub report_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub viewer_id: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod views {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "views")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub hash: Vec<u8>,
        pub sites: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod comments {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "comments")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub report_id: Uuid,
        pub author_id: Uuid,
        pub kind: String,
        pub text: String,
        pub for_reporter: bool,
        pub said_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod corrections {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "corrections")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub report_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub report_version: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub field: String,
        pub before: Option<String>,
        pub after: Option<String>,
        pub reason: String,
        pub corrected_at: i64,
        pub corrected_by: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod findings {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "findings")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub photo_id: Uuid,
        pub report_id: Uuid,
        pub look_1: Option<i32>,
        pub look_2: Option<i32>,
        pub look_3: Option<i32>,
        pub look_4: Option<i32>,
        pub taken_local: Option<String>,
        pub taken_offset_s: Option<i32>,
        pub latitude: Option<f64>,
        pub longitude: Option<f64>,
        pub maker: Option<String>,
        pub camera: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod photos {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "photos")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub report_id: Uuid,
        pub position: i32,
        pub state: String,
        pub sha256: Vec<u8>,
        pub kept_sha256: Option<Vec<u8>>,
        pub bytes: i64,
        pub media_type: String,
        pub received_at: Option<i64>,
        pub width: Option<i32>,
        pub height: Option<i32>,
        pub unreadable_because: Option<String>,
        pub hints: String,
        pub hidden: String,
        pub redactions: i32,
        pub preview_sha256: Option<Vec<u8>>,
        pub lease_until: Option<i64>,
        pub attempts: i32,
        pub version: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod actions {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "actions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub report_id: Uuid,
        pub site_id: Uuid,
        pub ordinal: i32,
        pub state: String,
        pub title: String,
        pub details: Option<String>,
        pub kind: String,
        pub control: String,
        pub owner_id: Uuid,
        pub verifier_id: Uuid,
        pub due_at: i64,
        pub first_due_at: Option<i64>,
        pub extensions: Option<String>,
        pub assigned_at: i64,
        pub assigned_by: Uuid,
        pub completed_at: Option<i64>,
        pub completed_by: Option<Uuid>,
        pub completion_note: Option<String>,
        pub evidence: String,
        pub verified_at: Option<i64>,
        pub verified_by: Option<Uuid>,
        pub reason: Option<String>,
        pub content_sha256: Vec<u8>,
        pub touched: Option<String>,
        pub version: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod follow_ups {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "follow_ups")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub report_id: Uuid,
        pub secret_sha256: Vec<u8>,
        pub recovery_sha256: Vec<u8>,
        pub recovered_with: Option<Vec<u8>>,
        pub used: bool,
        pub version: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod injuries {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "injuries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub report_id: Uuid,
        pub person: String,
        pub status: String,
        pub treatment: String,
        pub absences: String,
        pub esaw: String,
        pub notes: Option<String>,
        pub recorded_at: i64,
        pub recorded_by: Uuid,
        pub version: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod uploads {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "uploads")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub report_id: Uuid,
        pub photo_id: Uuid,
        pub member_id: Option<Uuid>,
        pub key_sha256: Option<Vec<u8>>,
        pub sha256: Vec<u8>,
        pub bytes: i64,
        pub media_type: String,
        pub metadata: String,
        pub kept_bytes: i64,
        pub round: i32,
        pub claim: Uuid,
        pub begun_at: i64,
        pub expires_at: i64,
        pub completed_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
