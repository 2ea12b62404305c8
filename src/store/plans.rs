//! How the database would read every list of the contract, filter by filter. A test fails when one reads a whole table.

use std::collections::BTreeSet;

use sea_orm::{
    ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, JsonValue, QuerySelect, QueryTrait, Select, Statement,
    sea_query::SelectStatement,
};
use uuid::Uuid;

use super::{
    ActionFilter, DeadlineFilter, RecordFilter, ReportFilter, Store, StoreError, account_words, deadlines, dialect::Words,
    digests, findings, held, journal, lists, retention, similar, uploads,
};
use crate::domain::{
    action::ActionState,
    deadline::Basis,
    ids::{ActionId, DeadlineId, HeldId, MemberId, NoticeId, ReportId, SiteId},
    notice::NoticeState,
    report::{ReportKind, ReportState},
    time::Instant,
};

fn now() -> Instant {
    Instant::from_ms(1_795_000_000_000)
}

fn somebody() -> MemberId {
    MemberId(Uuid::from_u128(1))
}

fn sites() -> BTreeSet<SiteId> {
    (1..4).map(|n| SiteId(Uuid::from_u128(n))).collect()
}

fn all_reports() -> ReportFilter {
    ReportFilter::all(somebody())
}

/// Every filter of the contract, alone and with what usually stands beside it, as those see it who may read all, some or
/// only their own.
fn report_filters() -> Vec<(String, ReportFilter, Words)> {
    let after = Some((now(), ReportId(Uuid::from_u128(9))));
    let filters = [
        ("all", all_reports()),
        ("after", ReportFilter { after, ..all_reports() }),
        ("state", ReportFilter { state: Some(ReportState::Acting), after, ..all_reports() }),
        ("kind and category", ReportFilter { kind: Some(ReportKind::Hazard), category: Some("ELEC".into()), ..all_reports() }),
        ("site", ReportFilter { sites: Some(sites()), after, ..all_reports() }),
        ("severity", ReportFilter { severity: Some(4), ..all_reports() }),
        ("officer", ReportFilter { officer: Some(somebody()), ..all_reports() }),
        ("mine", ReportFilter { reporter: Some(somebody()), after, ..all_reports() }),
        ("overdue", ReportFilter { overdue_at: Some(now()), ..all_reports() }),
        ("since", ReportFilter { since: Some(now()), ..all_reports() }),
        ("rare words", ReportFilter { words: vec!["cable".into(), "nu".into()], ..all_reports() }),
        (
            "words and state",
            ReportFilter { words: vec!["cable".into()], state: Some(ReportState::Acting), after, ..all_reports() },
        ),
    ];
    let many = (1..200).map(|n| SiteId(Uuid::from_u128(n))).collect();
    let seen_by = [("all", None), ("some", Some(sites())), ("many", Some(many)), ("own", Some(BTreeSet::new()))];
    filters
        .iter()
        .flat_map(|(name, filter)| {
            let words = if *name == "rare words" { Words::Rare } else { Words::Common };
            let seen = |(who, readable): &(&str, Option<BTreeSet<SiteId>>)| {
                (
                    format!("reports by {name}, reading {who}"),
                    ReportFilter { readable: readable.clone(), ..filter.clone() },
                    words,
                )
            };
            seen_by.iter().map(seen).collect::<Vec<_>>()
        })
        .collect()
}

fn action_filters() -> Vec<(String, ActionFilter)> {
    let all = ActionFilter {
        viewer: somebody(),
        readable: None,
        state: None,
        owner: None,
        overdue_at: None,
        due_before: None,
        sites: None,
        after: Some((now(), ActionId(Uuid::from_u128(9)))),
        limit: 50,
    };
    [
        ("all", all.clone()),
        ("state", ActionFilter { state: Some(ActionState::Open), ..all.clone() }),
        ("owner", ActionFilter { owner: Some(somebody()), ..all.clone() }),
        ("overdue", ActionFilter { overdue_at: Some(now()), ..all.clone() }),
        ("some sites", ActionFilter { readable: Some(sites()), ..all.clone() }),
        ("own", ActionFilter { readable: Some(BTreeSet::new()), ..all }),
    ]
    .map(|(name, filter)| (format!("actions by {name}"), filter))
    .into()
}

fn deadline_filters() -> Vec<(String, DeadlineFilter)> {
    let all = DeadlineFilter {
        viewer: somebody(),
        readable: None,
        standing: None,
        now: now(),
        before: None,
        after: Some((now(), DeadlineId(Uuid::from_u128(9)))),
        limit: 50,
    };
    let standing = |standing: &str| DeadlineFilter { standing: Some(standing.into()), ..all.clone() };
    [
        ("all", all.clone()),
        ("overdue", standing("overdue")),
        ("missed", standing("missed")),
        ("some sites", DeadlineFilter { readable: Some(sites()), ..standing("due") }),
        ("own", DeadlineFilter { readable: Some(BTreeSet::new()), ..standing("due") }),
    ]
    .map(|(name, filter)| (format!("deadlines by {name}"), filter))
    .into()
}

fn record_filters() -> Vec<(String, RecordFilter)> {
    let all = RecordFilter { subject: None, kind: None, reports: true, after: 7, limit: 50 };
    [
        ("all", all.clone()),
        ("subject", RecordFilter { subject: Some(Uuid::from_u128(9)), ..all.clone() }),
        ("subject and kind", RecordFilter { subject: Some(Uuid::nil()), kind: Some("routes".into()), reports: false, ..all }),
    ]
    .map(|(name, filter)| (format!("the record by {name}"), filter))
    .into()
}

/// Every way to a page that an index must give in its order.
fn ways(backend: DbBackend) -> Vec<(String, Statement)> {
    let of_reports = report_filters()
        .into_iter()
        .filter(|(_, filter, words)| !lists::is_gathered(filter, *words))
        .map(|(name, filter, words)| (name, lists::ways_of_reports(backend, &filter, words)));
    let of_actions = action_filters().into_iter().map(|(name, filter)| (name, lists::ways_of_actions(backend, &filter)));
    // The last of them is what the viewer takes part in.
    let at_sites = |filter: &DeadlineFilter| {
        let mut ways = lists::ways_of_deadlines(filter);
        ways.truncate(ways.len() - usize::from(filter.readable.is_some()));
        ways
    };
    let of_deadlines = deadline_filters().into_iter().map(|(name, filter)| (name, at_sites(&filter)));
    let built = |(name, ways): (String, Vec<SelectStatement>)| {
        ways.into_iter().map(move |way| (name.clone(), backend.build(&way))).collect::<Vec<_>>()
    };
    of_reports.chain(of_actions).chain(of_deadlines).flat_map(built).collect()
}

/// Every list as the statement it becomes.
fn statements(backend: DbBackend) -> Vec<(String, Statement)> {
    fn of<E: EntityTrait>(backend: DbBackend, query: &Select<E>) -> Statement {
        QueryTrait::build(query, backend)
    }
    let reports =
        report_filters().into_iter().map(|(name, filter, words)| (name, of(backend, &lists::reports(backend, &filter, words))));
    let actions = action_filters().into_iter().map(|(name, filter)| (name, of(backend, &lists::actions(backend, &filter))));
    let deadlines = deadline_filters().into_iter().map(|(name, filter)| (name, of(backend, &lists::deadlines(&filter))));
    let replays = [
        ("deadlines of a replay".to_owned(), of(backend, &deadlines::since(now(), Some(DeadlineId(Uuid::from_u128(9)))))),
        ("notices of a replay".to_owned(), of(backend, &digests::decided(now(), Some((now(), NoticeId(Uuid::from_u128(9))))))),
        ("notices that wait".to_owned(), of(backend, &digests::waiting(&[NoticeState::Held, NoticeState::Late], now()))),
        (
            "notices that wait for a person".to_owned(),
            of(backend, &digests::waiting_for(somebody(), &[NoticeState::Held, NoticeState::Late], now())),
        ),
        ("mails of a week".to_owned(), of(backend, &digests::mails(now()))),
    ];
    let basis = Basis { zone_data: "2026c".into(), calendars: 1 };
    let behind = [("deadlines counted by older tables".to_owned(), of(backend, &deadlines::behind(&basis).limit(200)))];
    let alike = ("photos that look alike".to_owned(), of(backend, &findings::alike(0x0123_4567_89AB_CDEF)));
    let record = record_filters().into_iter().map(|(name, filter)| (name, of(backend, &journal::page(&filter))));
    let events = ("events that may be alike".to_owned(), of(backend, &similar::events(SiteId(Uuid::nil()))));
    let closed = ("what may recur".to_owned(), of(backend, &similar::closed(SiteId(Uuid::nil()), "ELEC", now())));
    let after = Some((now(), ReportId(Uuid::from_u128(9))));
    let tidied = [
        ("reports to tidy".to_owned(), of(backend, &retention::to_tidy(now(), None, 50))),
        ("reports to tidy, a later page".to_owned(), of(backend, &retention::to_tidy(now(), after, 50))),
        ("sessions to delete".to_owned(), of(backend, &retention::unused(now(), 50))),
        ("bytes to remove".to_owned(), of(backend, &retention::waiting(now(), 50))),
        ("photos of the same bytes".to_owned(), of(backend, &retention::alike(&[0; 32]))),
        ("photos of some bytes".to_owned(), of(backend, &retention::of_hashes(&[[0; 32], [1; 32]]))),
        ("statements of some bytes".to_owned(), of(backend, &retention::said_with(&[[0; 32], [1; 32]]))),
        ("photos of a preview".to_owned(), of(backend, &retention::shown_first(&[0; 32]))),
        ("renditions of photos that are gone".to_owned(), of(backend, &retention::redacted_and_disposed(&[0; 32]))),
        ("reports that need their officer".to_owned(), of(backend, &retention::going_on_with_officer(somebody()))),
        ("reports that need somebody".to_owned(), of(backend, &retention::going_on_with_part(somebody()))),
    ];
    let uploads = [
        ("uploads of a member".to_owned(), of(backend, &uploads::of_member(somebody()))),
        ("uploads to a report".to_owned(), of(backend, &uploads::to_report(ReportId(Uuid::from_u128(9))))),
        ("uploads that are over".to_owned(), of(backend, &uploads::expired(now(), 50))),
    ];
    let waiting = [
        ("mails about accounts that were tried".to_owned(), of(backend, &account_words::tried_between(now(), now()))),
        ("what waits of a member".to_owned(), of(backend, &held::of_member(somebody()))),
        ("what waits for something".to_owned(), of(backend, &held::about(Uuid::from_u128(9)))),
        ("what has waited".to_owned(), of(backend, &held::since(now(), Some((now(), HeldId(Uuid::from_u128(9)))), 50))),
    ];
    reports
        .chain(actions)
        .chain(deadlines)
        .chain(replays)
        .chain(behind)
        .chain(record)
        .chain(tidied)
        .chain(uploads)
        .chain(waiting)
        .chain([alike, events, closed])
        .collect()
}

impl Store {
    /// How the database would read every list, by the list's name: for the check that none of them reads a whole table. On
    /// PostgreSQL that and sorting are made as dear as can be, as small tables are otherwise always read whole.
    pub async fn plans_of_lists(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.plans(statements).await
    }

    /// How the database would walk every way to a page, by the list's name: for the check that none of them sorts.
    pub async fn plans_of_ways(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.plans(ways).await
    }

    async fn plans(&self, statements: fn(DbBackend) -> Vec<(String, Statement)>) -> Result<Vec<(String, String)>, StoreError> {
        let tx = self.begin().await?;
        let backend = tx.backend();
        let explain = if backend == DbBackend::Postgres { "explain" } else { "explain query plan" };
        if backend == DbBackend::Postgres {
            tx.connection().execute_unprepared("set local enable_seqscan = off; set local enable_sort = off").await?;
        }
        let mut plans = Vec::new();
        for (name, statement) in statements(backend) {
            let sql = format!("{explain} {}", statement.sql);
            let rows = JsonValue::find_by_statement(Statement { sql, ..statement }).all(tx.connection()).await?;
            plans.push((name, rows.iter().map(|row| format!("{row}\n")).collect::<Vec<_>>().concat()));
        }
        Ok(plans)
    }
}
