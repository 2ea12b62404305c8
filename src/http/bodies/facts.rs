//! Facts that stand around a rating or belong to one aspect, and corrections of facts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::{
    access::Reader,
    report::{Correction, EnvironmentFacts, QualityFacts, RawEnvironment, RawQuality, ReceivingBody, Report, Service},
    severity::{Risk, SclClass, Screened},
    time::Instant,
};

/// What the environment was given: for a report that names the aspect `environment`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnvironmentBody {
    /// What was spilt; at most 200 characters.
    #[serde(default)]
    substance: Option<String>,
    /// How much, in litres, 0 to 1,000,000,000,000.
    #[serde(default)]
    quantity_litres: Option<f64>,
    /// `soil`, `sewer`, `watercourse`, `sea`, `groundwater`, `air` or `contained`.
    #[serde(default)]
    receiving_body: Option<String>,
    /// It happened in a protected area.
    #[serde(default)]
    protected_area: Option<bool>,
}

/// Which service failed: for a report that names the aspect `quality`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QualityBody {
    /// `water`, `electricity`, `sewerage` or `other`.
    #[serde(default)]
    service: Option<String>,
    /// How many customers were affected, 0 to 100,000,000.
    #[serde(default)]
    customers_affected: Option<u32>,
    /// For how many minutes, 0 to 527,040: a year.
    #[serde(default)]
    outage_minutes: Option<u32>,
}

impl EnvironmentBody {
    /// Shown alike to everybody who may see the report.
    pub fn of(facts: &EnvironmentFacts) -> Self {
        Self {
            substance: facts.substance.clone(),
            quantity_litres: facts.quantity_litres,
            receiving_body: facts.receiving_body.map(ReceivingBody::word).map(str::to_owned),
            protected_area: facts.protected_area,
        }
    }
}

impl From<EnvironmentBody> for RawEnvironment {
    fn from(body: EnvironmentBody) -> Self {
        let EnvironmentBody { substance, quantity_litres, receiving_body, protected_area } = body;
        Self { substance, quantity_litres, receiving_body, protected_area }
    }
}

impl QualityBody {
    /// Shown alike to everybody who may see the report.
    pub fn of(facts: &QualityFacts) -> Self {
        Self {
            service: facts.service.map(Service::word).map(str::to_owned),
            customers_affected: facts.customers_affected,
            outage_minutes: facts.outage_minutes,
        }
    }
}

impl From<QualityBody> for RawQuality {
    fn from(body: QualityBody) -> Self {
        let QualityBody { service, customers_affected, outage_minutes } = body;
        Self { service, customers_affected, outage_minutes }
    }
}

/// The serious-injury screen (EEI SCL model), gone through.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScreenBody {
    /// High energy is present.
    high_energy: bool,
    /// It was released or touched somebody.
    incident: bool,
    /// Somebody was seriously injured.
    serious_injury: Option<bool>,
    /// A direct control held.
    direct_control: Option<bool>,
    /// `hsif`, `psif`, `capacity`, `exposure`, `success`, `lsif` or `low_severity`; absent where there is neither high energy
    /// nor an incident.
    class: Option<String>,
    /// The potential severity it proposes, 1 to 5.
    proposed_potential: Option<u8>,
}

impl ScreenBody {
    /// What the answers make of it.
    pub fn of(screened: Screened) -> Self {
        Self {
            high_energy: screened.high_energy,
            incident: screened.incident,
            serious_injury: screened.serious_injury,
            direct_control: screened.direct_control,
            class: screened.class.map(SclClass::word).map(str::to_owned),
            proposed_potential: screened.proposed(),
        }
    }
}

/// A place in the matrix.
#[derive(Debug, Serialize, ToSchema)]
pub struct RiskBody {
    /// How likely it is to happen again, 1 to 5.
    likelihood: u8,
    /// Potential severity times likelihood.
    score: u8,
    /// `low`, `medium`, `high` or `extreme`.
    band: String,
    /// The version of the matrix that says so.
    matrix_version: u32,
}

impl RiskBody {
    /// Where a rating stands.
    pub fn of(risk: Risk) -> Self {
        let band = risk.band.word().to_owned();
        Self { likelihood: risk.likelihood, score: risk.score, band, matrix_version: risk.matrix_version }
    }
}

/// A fact that was corrected.
#[derive(Debug, Serialize, ToSchema)]
pub struct CorrectionBody {
    /// Which fact, such as `category` or `environment.quantity_litres`.
    field: String,
    /// What it said before.
    before: Option<String>,
    /// What it says now.
    after: Option<String>,
    /// Why.
    reason: String,
    /// Who corrected it; absent where that is a protected sender.
    by_id: Option<Uuid>,
    /// The report's sender corrected it.
    by_reporter: bool,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
}

impl CorrectionBody {
    /// What this reader may see of it.
    pub fn of(correction: &Correction, report: &Report, reader: &Reader<'_>) -> Self {
        let by = correction.stamp.by;
        let by_reporter = report.reporter == Some(by);
        Self {
            field: correction.field.word().to_owned(),
            before: correction.before.clone(),
            after: correction.after.clone(),
            reason: correction.reason.clone(),
            by_id: reader.may_know(by).then_some(by.0),
            by_reporter,
            at: correction.stamp.at,
        }
    }
}
