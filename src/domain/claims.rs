//! What a photo itself says of how it was taken. Claims only: a camera's clock may be wrong and a file may be edited, so
//! they stand beside what the phone said and what the server knows, and never instead.

use jiff::{civil, tz::Offset};

use super::{
    ids::{PhotoId, ReportId},
    photo::Photo,
    report::{Confidentiality, Location, Report},
    time::Instant,
    words::words,
};

/// Up to so far apart two times pass for the same event, in milliseconds: a crew may be out of reach for a day.
const NEAR_MS: i64 = 24 * 3_600_000;
/// No two zones on Earth are further apart, in milliseconds.
const ZONES_MS: i64 = 26 * 3_600_000;
/// Up to so far apart two positions pass for the same place, in metres, beside what the phone says it may be wrong.
const NEAR_M: f64 = 1_000.0;
/// The mean radius of the Earth, in metres.
const EARTH_M: f64 = 6_371_000.0;
/// Up to so many of 64 bits two photos differ that look the same. Measured: re-encoded 0, darkened 3, cropped a little 6;
/// photos of other things 26 to 42.
const SAME_LOOK: u32 = 8;

words! {
    /// A photo's claim that does not go with its report. It proves nothing; somebody should ask.
    pub enum Doubt {
        /// It says that it was taken long before or after.
        AnotherTime = "another_time",
        /// It says that it was taken far away.
        AnotherPlace = "another_place",
    }
}

/// The claims of one photo; what is missing or makes no sense is `None`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Claims {
    /// When the shutter was pressed, by the camera's clock.
    pub taken_at: Option<TakenAt>,
    /// Where.
    pub position: Option<Position>,
    /// Who made the camera.
    pub make: Option<String>,
    /// Which camera it was.
    pub model: Option<String>,
}

/// A local time, as cameras note it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakenAt {
    /// What the camera's clock showed.
    pub local: civil::DateTime,
    /// Its distance to UTC. Older phones do not note it, and no zone is assumed for them.
    pub offset: Option<Offset>,
}

impl TakenAt {
    /// The instant, where the distance to UTC is known.
    pub fn instant(&self) -> Option<Instant> {
        self.offset?.to_timestamp(self.local).ok().map(Instant::from_timestamp)
    }

    /// Whether this may be within the same day as that, whatever zone the camera was in.
    fn is_near(&self, other: Instant) -> bool {
        let near = |taken: Instant, slack| (taken.ms() - other.ms()).abs() <= NEAR_MS + slack;
        let as_if_utc = Offset::UTC.to_timestamp(self.local).ok().map(Instant::from_timestamp);
        self.instant().map_or_else(|| as_if_utc.is_some_and(|taken| near(taken, ZONES_MS / 2)), |taken| near(taken, 0))
    }
}

/// A position on Earth in degrees (WGS 84 as cameras mean it).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// North is positive, -90 to 90.
    pub latitude: f64,
    /// East is positive, -180 to 180.
    pub longitude: f64,
}

impl Position {
    /// How far it is to there, in metres along the surface (haversine).
    fn metres_to(self, there: Location) -> f64 {
        let (here_lat, there_lat) = (self.latitude.to_radians(), there.lat.to_radians());
        let (down, across) = ((there_lat - here_lat) / 2.0, (there.lon - self.longitude).to_radians() / 2.0);
        let chord = down.sin().powi(2) + here_lat.cos() * there_lat.cos() * across.sin().powi(2);
        2.0 * EARTH_M * chord.clamp(0.0, 1.0).sqrt().asin()
    }
}

impl Claims {
    /// What does not go with the report. A photo taken for it later is measured by when it came.
    pub fn doubts(&self, photo: &Photo, report: &Report) -> Vec<Doubt> {
        let known = [report.occurred_at, report.captured_at, photo.received_at, Some(report.received_at)];
        let another_time = self.taken_at.is_some_and(|taken| !known.into_iter().flatten().any(|at| taken.is_near(at)));
        let far = |(here, there): (Position, Location)| here.metres_to(there) > NEAR_M + there.accuracy_m.unwrap_or(0.0);
        let another_place = self.position.zip(report.location).is_some_and(far);
        let found = [(another_time, Doubt::AnotherTime), (another_place, Doubt::AnotherPlace)];
        found.into_iter().filter_map(|(found, doubt)| found.then_some(doubt)).collect()
    }
}

/// What was found in a photo when it was first decoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Which.
    pub photo: PhotoId,
    /// Its report.
    pub report: ReportId,
    /// A hash that is alike where pictures look alike; none where it says nothing, or would tell on somebody.
    pub look: Option<u64>,
    /// What it says of itself.
    pub claims: Claims,
}

impl Finding {
    /// What is kept of it. Of a report whose sender is protected nothing: a position or a camera may tell who it was, and
    /// a photo that looks the same would point to the sender of another report.
    pub fn kept(report: &Report, photo: PhotoId, look: u64, claims: Claims) -> Self {
        let open = report.confidentiality == Confidentiality::Open;
        let claims = if open { claims } else { Claims::default() };
        Self { photo, report: report.id, look: (open && is_telling(look)).then_some(look), claims }
    }
}

/// Whether two photos of these looks (difference hashes) probably show the same picture.
pub fn look_the_same(one: u64, other: u64) -> bool {
    (one ^ other).count_ones() <= SAME_LOOK
}

/// Whether a look says anything: of a wall or the dark it is all alike, and such photos are not compared.
fn is_telling(look: u64) -> bool {
    (SAME_LOOK..=u64::BITS - SAME_LOOK).contains(&look.count_ones())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{photo::tests::photo, report::tests::report};

    fn taken(local: civil::DateTime, hours: Option<i8>) -> Claims {
        Claims { taken_at: Some(TakenAt { local, offset: hours.map(Offset::constant) }), ..Claims::default() }
    }

    fn at(latitude: f64, longitude: f64) -> Claims {
        Claims { position: Some(Position { latitude, longitude }), ..Claims::default() }
    }

    #[test]
    fn a_photo_of_another_day_is_doubted_and_one_without_a_zone_only_when_no_zone_helps() {
        let noon = Instant::from_timestamp("2026-11-20T12:00:00Z".parse().unwrap());
        let report = Report { occurred_at: None, captured_at: None, received_at: noon, ..report(3) };
        let doubts = |claims: Claims| claims.doubts(&photo(), &report);
        let day = |day| date(2026, 11, day).at(13, 0, 0, 0);
        assert_eq!(doubts(taken(day(20), Some(1))), []);
        assert_eq!(doubts(taken(day(19), Some(1))), []);
        assert_eq!(doubts(taken(day(19), Some(2))), [Doubt::AnotherTime]);
        assert_eq!(doubts(taken(day(19), None)), []);
        assert_eq!(doubts(taken(day(18), None)), [Doubt::AnotherTime]);
        assert_eq!(doubts(taken(day(22), Some(0))), [Doubt::AnotherTime]);
        let earlier = Report { occurred_at: Some(noon.plus_ms(-10 * 86_400_000)), ..report.clone() };
        assert_eq!(taken(day(10), Some(1)).doubts(&photo(), &earlier), []);
        assert_eq!(doubts(Claims::default()), []);
    }

    #[test]
    fn a_photo_from_far_away_is_doubted_within_what_the_phone_knew() {
        let here = |accuracy_m| Report { location: Some(Location { lat: 30.42, lon: -9.6, accuracy_m }), ..report(3) };
        assert_eq!(at(30.425, -9.6).doubts(&photo(), &here(None)), []);
        assert_eq!(at(30.44, -9.6).doubts(&photo(), &here(None)), [Doubt::AnotherPlace]);
        assert_eq!(at(30.44, -9.6).doubts(&photo(), &here(Some(2_000.0))), []);
        assert_eq!(at(33.57, -7.59).doubts(&photo(), &Report { location: None, ..report(3) }), []);
    }

    #[test]
    fn distances_are_those_of_the_map() {
        let agadir = Position { latitude: 30.42, longitude: -9.6 };
        let metres = agadir.metres_to(Location { lat: 33.57, lon: -7.59, accuracy_m: None });
        assert!((metres - 398_500.0).abs() < 1_000.0, "{metres}");
        let antipode = Position { latitude: 90.0, longitude: 0.0 }.metres_to(Location { lat: -90.0, lon: 0.0, accuracy_m: None });
        assert!((antipode - EARTH_M * std::f64::consts::PI).abs() < 1.0);
    }

    #[test]
    fn nothing_is_kept_that_would_tell_on_a_protected_sender() {
        let (look, claims) = (0x00FF_00FF_00FF_00FF, at(30.42, -9.6));
        let kept = |confidentiality| {
            let report = Report { confidentiality, ..report(3) };
            let finding = Finding::kept(&report, PhotoId(uuid::Uuid::nil()), look, claims.clone());
            (finding.look.is_some(), finding.claims.position.is_some())
        };
        assert_eq!(kept(Confidentiality::Open), (true, true));
        assert_eq!(kept(Confidentiality::Confidential), (false, false));
        assert_eq!(kept(Confidentiality::Anonymous), (false, false));
        let wall = Finding::kept(&report(3), PhotoId(uuid::Uuid::nil()), 0x7F, Claims::default());
        assert_eq!(wall.look, None);
    }

    proptest! {
        #[test]
        fn looks_are_the_same_up_to_eight_bits(look: u64, bits in prop::collection::btree_set(0_u32..64, 0..20)) {
            let other = bits.iter().fold(look, |other, bit| other ^ 1 << bit);
            prop_assert_eq!(look_the_same(look, other), bits.len() <= 8);
        }
    }
}
