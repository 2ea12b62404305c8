//! Parts of a report that stand in several columns of its row, read back: the aids of its rating, and the facts of aspects.

use super::{StoreError, organisation::count, reports::severity, tables::reports::Model};
use crate::domain::{
    report::{EnvironmentFacts, QualityFacts, ReceivingBody, Service},
    severity::{Band, Risk, SclClass, Screened},
};

/// A word read back as its term; one that is none is a fault.
fn term<T>(word: Option<&str>, of_word: fn(&str) -> Option<T>, what: &'static str) -> Result<Option<T>, StoreError> {
    word.map(|word| of_word(word).ok_or(StoreError::Corrupt(what))).transpose()
}

pub(super) fn screened(row: &Model) -> Result<Option<Screened>, StoreError> {
    let class = term(row.screen_class.as_deref(), SclClass::of_word, "reports.screen_class")?;
    let asked = row.screen_high_energy.zip(row.screen_incident);
    Ok(asked.map(|(high_energy, incident)| Screened {
        high_energy,
        incident,
        serious_injury: row.screen_serious_injury,
        direct_control: row.screen_direct_control,
        class,
    }))
}

pub(super) fn risk(row: &Model) -> Result<Option<Risk>, StoreError> {
    let band = term(row.risk_band.as_deref(), Band::of_word, "reports.risk_band")?;
    let (Some(likelihood), Some(score), Some(band), Some(version)) = (row.likelihood, row.risk_score, band, row.matrix_version)
    else {
        return Ok(None);
    };
    Ok(Some(Risk { likelihood: severity(likelihood)?, score: severity(score)?, band, matrix_version: count(version) }))
}

pub(super) fn environment(row: &Model) -> Result<Option<EnvironmentFacts>, StoreError> {
    let facts = EnvironmentFacts {
        substance: row.substance.clone(),
        quantity_litres: row.quantity_litres,
        receiving_body: term(row.receiving_body.as_deref(), ReceivingBody::of_word, "reports.receiving_body")?,
        protected_area: row.protected_area,
    };
    Ok((facts != EnvironmentFacts::default()).then_some(facts))
}

pub(super) fn quality(row: &Model) -> Result<Option<QualityFacts>, StoreError> {
    let facts = QualityFacts {
        service: term(row.service.as_deref(), Service::of_word, "reports.service")?,
        customers_affected: row.customers_affected.map(count),
        outage_minutes: row.outage_minutes.map(count),
    };
    Ok((facts != QualityFacts::default()).then_some(facts))
}
