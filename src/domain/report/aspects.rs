//! What only one aspect has to say: a spill for the environment, a failed service for quality. A report that does not name
//! the aspect cannot carry its facts.

use serde::{Deserialize, Serialize};

use crate::domain::{
    prose::prose,
    refusal::{FieldErrors, Refusal},
    words::words,
};

/// The longest name of a substance, in characters.
const SUBSTANCE_LIMIT: usize = 200;
/// More than any reservoir or tank of a utility holds, in litres.
const MOST_LITRES: f64 = 1e12;
/// More than any utility supplies.
const MOST_CUSTOMERS: u32 = 100_000_000;
/// A year.
const MOST_MINUTES: u32 = 527_040;

words! {
    /// Where what was spilt went.
    pub enum ReceivingBody {
        /// Into the ground's surface.
        Soil = "soil",
        /// Into a sewer.
        Sewer = "sewer",
        /// Into a river, a wadi or a lake.
        Watercourse = "watercourse",
        /// Into the sea.
        Sea = "sea",
        /// Into the water under the ground.
        Groundwater = "groundwater",
        /// Into the air.
        Air = "air",
        /// Nowhere: it was held back.
        Contained = "contained",
    }
}

words! {
    /// What is supplied.
    pub enum Service {
        /// Drinking water.
        Water = "water",
        /// Electricity.
        Electricity = "electricity",
        /// Sewerage.
        Sewerage = "sewerage",
        /// Something else.
        Other = "other",
    }
}

/// What the environment was given, as it came.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawEnvironment {
    /// What was spilt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub substance: Option<String>,
    /// How much, in litres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity_litres: Option<f64>,
    /// The word of a receiving body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiving_body: Option<String>,
    /// It happened in a protected area.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protected_area: Option<bool>,
}

/// Which service failed, as it came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawQuality {
    /// The word of a service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// How many customers were affected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customers_affected: Option<u32>,
    /// For how many minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outage_minutes: Option<u32>,
}

/// What the environment was given; at least one thing of it is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EnvironmentFacts {
    /// What was spilt.
    pub substance: Option<String>,
    /// How much, in litres.
    pub quantity_litres: Option<f64>,
    /// Where it went.
    pub receiving_body: Option<ReceivingBody>,
    /// It happened in a protected area.
    pub protected_area: Option<bool>,
}

/// Which service failed; at least one thing of it is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QualityFacts {
    /// What is supplied.
    pub service: Option<Service>,
    /// How many customers were affected.
    pub customers_affected: Option<u32>,
    /// For how many minutes.
    pub outage_minutes: Option<u32>,
}

impl RawEnvironment {
    /// Reads every field; the pointers begin with `/environment`.
    pub fn read(self) -> Result<EnvironmentFacts, Refusal> {
        let mut errors = FieldErrors::default();
        if self == Self::default() {
            errors.add("/environment", "empty");
        }
        let substance = self.substance.and_then(|text| errors.take(prose("/environment/substance", &text, SUBSTANCE_LIMIT)));
        if self.quantity_litres.is_some_and(|litres| !(0.0..=MOST_LITRES).contains(&litres)) {
            errors.add("/environment/quantity_litres", "not_a_quantity");
        }
        let receiving_body = self.receiving_body.as_deref().and_then(|text| {
            let known = ReceivingBody::of_word(text);
            errors.take(known.ok_or_else(|| Refusal::invalid("/environment/receiving_body", "unknown_receiving_body")))
        });
        errors.none()?;
        Ok(EnvironmentFacts {
            substance,
            quantity_litres: self.quantity_litres,
            receiving_body,
            protected_area: self.protected_area,
        })
    }
}

impl RawQuality {
    /// Reads every field; the pointers begin with `/quality`.
    pub fn read(self) -> Result<QualityFacts, Refusal> {
        let mut errors = FieldErrors::default();
        if self == Self::default() {
            errors.add("/quality", "empty");
        }
        let service = self.service.as_deref().and_then(|text| {
            errors.take(Service::of_word(text).ok_or_else(|| Refusal::invalid("/quality/service", "unknown_service")))
        });
        if self.customers_affected.is_some_and(|customers| customers > MOST_CUSTOMERS) {
            errors.add("/quality/customers_affected", "not_a_quantity");
        }
        if self.outage_minutes.is_some_and(|minutes| minutes > MOST_MINUTES) {
            errors.add("/quality/outage_minutes", "not_a_quantity");
        }
        errors.none()?;
        Ok(QualityFacts { service, customers_affected: self.customers_affected, outage_minutes: self.outage_minutes })
    }
}
