//! Reports and who takes part in them.

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryTrait, TryInsertResult,
};

use serde::de::DeserializeOwned;

use super::{
    Page, Read, ReportFilter, StoreError, Tx,
    dialect::{self, Words},
    facts, lists,
    organisation::{count, signed},
    tables::{participants, reports},
};
use crate::domain::{
    ids::{MemberId, ReportId, SiteId},
    report::{Aspect, Confidentiality, DownRating, Justification, Location, Report, ReportKind, ReportState, Stamp},
    search,
    since::Touched,
    time::Instant,
};

/// So many reports with the words of a search are few enough to be gathered.
const FEW: usize = 1000;

impl<C: ConnectionTrait> Read<C> {
    /// The report of that id.
    pub async fn report(&self, id: ReportId) -> Result<Option<Report>, StoreError> {
        reports::Entity::find_by_id(id.0).one(self.on()).await?.map(report).transpose()
    }

    /// Whether the member sent it or works on one of its actions.
    pub async fn takes_part(&self, member: MemberId, report: ReportId) -> Result<bool, StoreError> {
        Ok(participants::Entity::find_by_id((member.0, report.0)).one(self.on()).await?.is_some())
    }

    /// Whether another report says that this one stands for it.
    pub async fn has_duplicates(&self, id: ReportId) -> Result<bool, StoreError> {
        Ok(reports::Entity::find().filter(reports::Column::DuplicateOf.eq(id.0)).one(self.on()).await?.is_some())
    }

    /// A page of reports, newest first.
    pub async fn reports(&self, filter: &ReportFilter) -> Result<Page<Report>, StoreError> {
        let words = self.frequency(&filter.words).await?;
        let rows = lists::reports(self.backend(), filter, words).all(self.on()).await?;
        Ok(Page::of(rows.into_iter().map(report).collect::<Result<_, _>>()?, filter.limit))
    }

    /// Whether few reports have all these words, as far as the database does not know by itself.
    async fn frequency(&self, words: &[String]) -> Result<Words, StoreError> {
        let Some(few) = dialect::have_words(self.backend(), words, FEW + 1) else { return Ok(Words::Common) };
        let found = self.on().query_all(&few).await?.len();
        Ok(if found > FEW { Words::Common } else { Words::Rare })
    }
}

impl Tx {
    /// Adds a report; false when its id is there already.
    pub async fn add_report(&self, report: &Report) -> Result<bool, StoreError> {
        let insert = reports::Entity::insert(row(report, &[])?.into_active_model()).on_conflict_do_nothing();
        let added = matches!(insert.exec_without_returning(self.connection()).await?, TryInsertResult::Inserted(1));
        if let (true, Some(reporter)) = (added, report.reporter) {
            self.add_participant(reporter, report.id).await?;
        }
        Ok(added)
    }

    /// Says that a member takes part in a report, and so may see it.
    pub async fn add_participant(&self, member: MemberId, report: ReportId) -> Result<(), StoreError> {
        // The database fills in when the report was received.
        let row = participants::ActiveModel { member_id: Set(member.0), report_id: Set(report.0), received_at: NotSet };
        participants::Entity::insert(row).on_conflict_do_nothing().exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Says that a member takes part in a report no more.
    pub async fn drop_participant(&self, member: MemberId, report: ReportId) -> Result<(), StoreError> {
        participants::Entity::delete_by_id((member.0, report.0)).exec(self.connection()).await?;
        Ok(())
    }

    /// The report of that id, for this transaction to change: others who want to change it wait for its end.
    pub async fn report_to_change(&self, id: ReportId) -> Result<Option<Report>, StoreError> {
        let mut query = reports::Entity::find_by_id(id.0);
        dialect::hold(self.backend(), QueryTrait::query(&mut query));
        query.one(self.connection()).await?.map(report).transpose()
    }

    /// Writes over the version that was read, and gives the report as it stands now; anything else is `Stale`. It is found by
    /// its number, its narrative and these titles of its actions.
    pub async fn save_report(&self, report: Report, titles: &[&str]) -> Result<Report, StoreError> {
        let read = report.version;
        let next = Report { version: read + 1, ..report };
        let written = reports::Entity::update_many()
            .set(row(&next, titles)?.into_active_model().reset_all())
            .filter(reports::Column::Id.eq(next.id.0))
            .filter(reports::Column::Version.eq(read))
            .exec(self.connection())
            .await?;
        if written.rows_affected == 1 { Ok(next) } else { Err(StoreError::Stale) }
    }
}

fn row(report: &Report, titles: &[&str]) -> Result<reports::Model, StoreError> {
    let (spill, service) = (report.environment.as_ref(), report.quality.as_ref());
    Ok(reports::Model {
        id: report.id.0,
        number: report.number.clone(),
        state: report.state.word().to_owned(),
        kind: report.kind.word().to_owned(),
        aspects: report.aspects.iter().map(|aspect| aspect.word()).collect::<Vec<_>>().join(","),
        category: report.category.clone(),
        site_id: report.site.0,
        narrative: report.narrative.clone(),
        search_text: search::folded(&format!("{} {} {}", report.number, report.narrative, titles.join(" "))),
        occurred_at: ms(report.occurred_at),
        captured_at: ms(report.captured_at),
        sent_at: ms(report.sent_at),
        received_at: report.received_at.ms(),
        lat: report.location.map(|location| location.lat),
        lon: report.location.map(|location| location.lon),
        accuracy_m: report.location.and_then(|location| location.accuracy_m),
        danger_now: report.danger_now,
        reporter_id: report.reporter.map(|member| member.0),
        confidentiality: report.confidentiality.word().to_owned(),
        language: report.language.tag().to_owned(),
        potential_severity: i32::from(report.potential_severity),
        actual_severity: report.actual_severity.map(i32::from),
        officer_id: report.officer.map(|member| member.0),
        routed_by: report.routed_by.clone(),
        acknowledged_at: report.acknowledged.map(|stamp| stamp.at.ms()),
        acknowledged_by: report.acknowledged.map(|stamp| stamp.by.0),
        contained_at: report.contained.map(|stamp| stamp.at.ms()),
        contained_by: report.contained.map(|stamp| stamp.by.0),
        triaged_at: report.triaged.map(|stamp| stamp.at.ms()),
        triaged_by: report.triaged.map(|stamp| stamp.by.0),
        causes: serde_json::to_string(&report.causes).map_err(|_| StoreError::Corrupt("reports.causes"))?,
        causes_found_at: ms(report.causes_found_at),
        similar_events: report.similar_events.clone(),
        similar_seen_at: report.similar_seen.map(|stamp| stamp.at.ms()),
        similar_seen_by: report.similar_seen.map(|stamp| stamp.by.0),
        photos_waived: report.photos_waived.clone(),
        closed_at: report.closed.map(|stamp| stamp.at.ms()),
        closed_by: report.closed.map(|stamp| stamp.by.0),
        outcome: report.outcome.clone(),
        effectiveness_days: report.effectiveness_days,
        pending_severity: report.pending.map(|pending| i32::from(pending.potential_severity)),
        pending_at: report.pending.map(|pending| pending.asked.at.ms()),
        pending_by: report.pending.map(|pending| pending.asked.by.0),
        controls_justification: report.controls_justified.as_ref().map(|justified| justified.text.clone()),
        controls_justified_at: report.controls_justified.as_ref().map(|justified| justified.stamp.at.ms()),
        controls_justified_by: report.controls_justified.as_ref().map(|justified| justified.stamp.by.0),
        duplicate_of: report.duplicate_of.map(|of| of.0),
        recurrence_of: report.recurrence_of.map(|of| of.0),
        recurred_as: report.recurred_as.map(|of| of.0),
        reopened_at: report.reopened.map(|stamp| stamp.at.ms()),
        reopened_by: report.reopened.map(|stamp| stamp.by.0),
        actions_before: Some(signed(report.actions_before)),
        effectiveness_checks: Some(serde_json::to_string(&report.checks).map_err(|_| StoreError::Corrupt("reports.checks"))?),
        screen_high_energy: report.screened.map(|screened| screened.high_energy),
        screen_incident: report.screened.map(|screened| screened.incident),
        screen_serious_injury: report.screened.and_then(|screened| screened.serious_injury),
        screen_direct_control: report.screened.and_then(|screened| screened.direct_control),
        screen_class: report.screened.and_then(|screened| screened.class).map(|class| class.word().to_owned()),
        likelihood: report.risk.map(|risk| i32::from(risk.likelihood)),
        risk_score: report.risk.map(|risk| i32::from(risk.score)),
        risk_band: report.risk.map(|risk| risk.band.word().to_owned()),
        matrix_version: report.risk.map(|risk| signed(risk.matrix_version)),
        substance: spill.and_then(|spill| spill.substance.clone()),
        quantity_litres: spill.and_then(|spill| spill.quantity_litres),
        receiving_body: spill.and_then(|spill| spill.receiving_body).map(|body| body.word().to_owned()),
        protected_area: spill.and_then(|spill| spill.protected_area),
        service: service.and_then(|service| service.service).map(|what| what.word().to_owned()),
        customers_affected: service.and_then(|service| service.customers_affected).map(signed),
        outage_minutes: service.and_then(|service| service.outage_minutes).map(signed),
        unsealings: Some(serde_json::to_string(&report.unsealings).map_err(|_| StoreError::Corrupt("reports.unsealings"))?),
        content_sha256: report.content_sha256.to_vec(),
        touched: Some(serde_json::to_string(&report.touched).map_err(|_| StoreError::Corrupt("reports.touched"))?),
        version: report.version,
    })
}

pub(super) fn report(row: reports::Model) -> Result<Report, StoreError> {
    let corrupt = StoreError::Corrupt;
    let (screened, risk) = (facts::screened(&row)?, facts::risk(&row)?);
    let (environment, quality) = (facts::environment(&row)?, facts::quality(&row)?);
    let location = row.lat.zip(row.lon).map(|(lat, lon)| Location { lat, lon, accuracy_m: row.accuracy_m });
    let pending = match row.pending_severity.zip(stamp(row.pending_at, row.pending_by)) {
        Some((potential, asked)) => Some(DownRating { potential_severity: severity(potential)?, asked }),
        None => None,
    };
    let controls_justified = row
        .controls_justification
        .zip(stamp(row.controls_justified_at, row.controls_justified_by))
        .map(|(text, stamp)| Justification { stamp, text });
    let aspects = row.aspects.split(',').map(|word| Aspect::of_word(word).ok_or(corrupt("reports.aspects")));
    Ok(Report {
        id: ReportId(row.id),
        number: row.number,
        state: ReportState::of_word(&row.state).ok_or(corrupt("reports.state"))?,
        kind: ReportKind::of_word(&row.kind).ok_or(corrupt("reports.kind"))?,
        aspects: aspects.collect::<Result<_, _>>()?,
        category: row.category,
        site: SiteId(row.site_id),
        narrative: row.narrative,
        occurred_at: row.occurred_at.map(Instant::from_ms),
        captured_at: row.captured_at.map(Instant::from_ms),
        sent_at: row.sent_at.map(Instant::from_ms),
        received_at: Instant::from_ms(row.received_at),
        location,
        environment,
        quality,
        danger_now: row.danger_now,
        reporter: row.reporter_id.map(MemberId),
        confidentiality: Confidentiality::of_word(&row.confidentiality).ok_or(corrupt("reports.confidentiality"))?,
        language: row.language.parse().map_err(|_| corrupt("reports.language"))?,
        potential_severity: severity(row.potential_severity)?,
        actual_severity: row.actual_severity.map(severity).transpose()?,
        screened,
        risk,
        officer: row.officer_id.map(MemberId),
        routed_by: row.routed_by,
        acknowledged: stamp(row.acknowledged_at, row.acknowledged_by),
        contained: stamp(row.contained_at, row.contained_by),
        triaged: stamp(row.triaged_at, row.triaged_by),
        causes: serde_json::from_str(&row.causes).map_err(|_| corrupt("reports.causes"))?,
        causes_found_at: row.causes_found_at.map(Instant::from_ms),
        similar_events: row.similar_events,
        similar_seen: stamp(row.similar_seen_at, row.similar_seen_by),
        photos_waived: row.photos_waived,
        closed: stamp(row.closed_at, row.closed_by),
        outcome: row.outcome,
        effectiveness_days: row.effectiveness_days,
        pending,
        controls_justified,
        duplicate_of: row.duplicate_of.map(ReportId),
        recurrence_of: row.recurrence_of.map(ReportId),
        recurred_as: row.recurred_as.map(ReportId),
        reopened: stamp(row.reopened_at, row.reopened_by),
        actions_before: row.actions_before.map_or(0, count),
        checks: list(row.effectiveness_checks.as_deref(), "reports.checks")?,
        unsealings: list(row.unsealings.as_deref(), "reports.unsealings")?,
        content_sha256: hash(row.content_sha256)?,
        touched: touched(row.version, row.touched.as_deref()),
        version: row.version,
    })
}

/// Milliseconds of an instant that may be absent.
pub(super) fn ms(at: Option<Instant>) -> Option<i64> {
    at.map(Instant::ms)
}

/// Who did something when, if both are there.
pub(super) fn stamp(at: Option<i64>, by: Option<uuid::Uuid>) -> Option<Stamp> {
    at.zip(by).map(|(at, by)| Stamp { at: Instant::from_ms(at), by: MemberId(by) })
}

/// When each field was last written, as far as it was kept.
pub(super) fn touched(version: i64, kept: Option<&str>) -> Touched {
    Touched::at(version, kept.and_then(|kept| serde_json::from_str(kept).ok()))
}

/// A list kept as JSON, read back; rows of older binaries have none.
pub(super) fn list<T: DeserializeOwned>(json: Option<&str>, what: &'static str) -> Result<Vec<T>, StoreError> {
    json.map_or(Ok(Vec::new()), |json| serde_json::from_str(json).map_err(|_| StoreError::Corrupt(what)))
}

/// A severity read back.
pub(super) fn severity(n: i32) -> Result<u8, StoreError> {
    u8::try_from(n).map_err(|_| StoreError::Corrupt("severity"))
}

/// Thirty-two bytes read back.
pub(super) fn hash(bytes: Vec<u8>) -> Result<[u8; 32], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Corrupt("sha256"))
}
