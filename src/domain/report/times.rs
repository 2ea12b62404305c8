//! The four times of a report: when it happened and when it was written, as its sender says; when its phone sent it, and when
//! it was here. What cannot be of these is marked for those who handle it, and never a reason to refuse a report.

use super::{Report, YEAR_MS};
use crate::domain::{time::Instant, words::words};

/// By how much a phone's clock may be wrong before somebody should know, in milliseconds.
const SKEW_MS: i64 = 5 * 60_000;

words! {
    /// What is odd about the times of a report.
    pub enum TimeDoubt {
        /// The clock of its phone is wrong by more than five minutes.
        ClockOff = "clock_off",
        /// It is said to have happened after it was here.
        InTheFuture = "occurred_in_the_future",
        /// It is said to have happened more than a year before.
        LongAgo = "occurred_long_ago",
    }
}

impl Report {
    /// How far the phone's clock was behind the server's, in milliseconds, where it said when it sent the report.
    pub fn clock_skew_ms(&self) -> Option<i64> {
        self.sent_at.map(|sent| self.received_at.since_ms(sent))
    }

    /// When it happened by the server's clock, as far as the phone's is known to be wrong.
    pub fn occurred_at_corrected(&self) -> Option<Instant> {
        self.occurred_at.map(|at| at.plus_ms(self.clock_skew_ms().unwrap_or(0)))
    }

    /// What is odd about its times.
    pub fn time_doubts(&self) -> Vec<TimeDoubt> {
        let after = |at: Instant| at.since_ms(self.received_at);
        let (occurred, skew) = (self.occurred_at_corrected(), self.clock_skew_ms());
        let doubts = [
            (TimeDoubt::ClockOff, skew.is_some_and(|skew| skew.saturating_abs() > SKEW_MS)),
            (TimeDoubt::InTheFuture, occurred.is_some_and(|at| after(at) > SKEW_MS)),
            (TimeDoubt::LongAgo, occurred.is_some_and(|at| after(at) < -YEAR_MS)),
        ];
        doubts.into_iter().filter(|(_, odd)| *odd).map(|(doubt, _)| doubt).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::report::tests::report;

    const MINUTE: i64 = 60_000;

    fn doubts(sent: Option<i64>, occurred: i64) -> Vec<&'static str> {
        let received_at = report(2).received_at;
        let at = |minutes: i64| received_at.plus_ms(minutes * MINUTE);
        let report = Report { sent_at: sent.map(at), occurred_at: Some(at(occurred)), ..report(2) };
        report.time_doubts().into_iter().map(TimeDoubt::word).collect()
    }

    #[test]
    fn what_happened_later_than_it_was_told_is_doubted_unless_the_clock_explains_it() {
        assert_eq!(doubts(None, -30), Vec::<&str>::new());
        assert_eq!(doubts(Some(0), 4), Vec::<&str>::new());
        assert_eq!(doubts(None, 6), ["occurred_in_the_future"]);
        assert_eq!(doubts(Some(60), 30), ["clock_off"], "the phone is an hour ahead: it was half an hour ago");
        assert_eq!(doubts(Some(-60), -30), ["clock_off", "occurred_in_the_future"], "by a clock that is behind it is to come");
        assert_eq!(doubts(None, -367 * 24 * 60), ["occurred_long_ago"]);
        assert_eq!(doubts(Some(5), -30), Vec::<&str>::new());
    }
}
