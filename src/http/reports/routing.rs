//! How a report came to its officer, rule by rule, in the caller's language.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::explain::name;
use crate::{
    domain::{
        ids::MemberId,
        locale::Locale,
        organisation::Organisation,
        routing::{Chosen, Condition, Outcome, Verdict},
        time::Instant,
    },
    operations::Routing,
    texts,
};

/// How a report came to its officer, by the rules that were in force then.
#[derive(Serialize, ToSchema)]
pub struct RoutingBody {
    /// When it was decided.
    #[schema(value_type = String, format = DateTime)]
    decided_at: Instant,
    /// The version of the routes that decided.
    routes_version: u32,
    /// The version of the rosters then; 0 where there were none.
    rosters_version: u32,
    /// The version of the calendars then.
    calendars_version: u32,
    /// The rules in order, with what became of each.
    rules: Vec<RuleBody>,
    /// No rule fitted: the fall-back decided.
    by_fallback: bool,
    /// Who was chosen.
    chosen: Vec<ChosenBody>,
    /// What the rules looked at.
    facts: FactsBody,
}

/// A rule, and what became of it.
#[derive(Serialize, ToSchema)]
pub struct RuleBody {
    /// Its name.
    rule: String,
    /// `decided`, `did_not_fit` or `not_reached`.
    outcome: String,
    /// The conditions that did not fit.
    did_not_fit: Vec<ConditionBody>,
}

/// A condition that did not fit.
#[derive(Serialize, ToSchema)]
pub struct ConditionBody {
    /// `site`, `kind`, `category`, `aspect`, `severity`, `working_time`, `day`, `time_of_day` or `roster`.
    code: String,
    /// The same in the caller's language.
    text: String,
}

/// A person who was chosen.
#[derive(Serialize, ToSchema)]
pub struct ChosenBody {
    /// Who.
    member_id: Uuid,
    /// Their name.
    name: String,
    /// `responsible`, `also_told` or `trade`.
    part: String,
    /// By which audience of the rule.
    audience: String,
    /// In whose place, where they stood in for somebody.
    instead_of_id: Option<Uuid>,
    /// That person's name.
    instead_of_name: Option<String>,
    /// The trade they were told for.
    trade: Option<String>,
}

/// What the rules looked at.
#[derive(Serialize, ToSchema)]
pub struct FactsBody {
    /// The site and all above it, by code, nearest first.
    sites: Vec<String>,
    /// The kind of report.
    kind: String,
    /// Its category's code.
    category: String,
    /// Its aspects.
    aspects: Vec<String>,
    /// Its potential severity.
    severity: u8,
    /// The site's local time of the decision.
    local_time: String,
    /// Whether that was working time there.
    working_time: bool,
    /// The rosters by which somebody was on duty.
    on_duty: Vec<String>,
    /// The trade that reported it.
    trade: Option<String>,
}

impl RoutingBody {
    /// A decision as it stands on record.
    pub fn of(routing: Routing, organisation: &Organisation, locale: Locale) -> Self {
        let Routing { at, decision, verdicts } = routing;
        let facts = decision.facts;
        Self {
            decided_at: at,
            routes_version: decision.routes,
            rosters_version: decision.rosters,
            calendars_version: decision.calendars,
            by_fallback: verdicts.iter().all(|verdict| verdict.outcome != Outcome::Decided),
            rules: verdicts.into_iter().map(|verdict| RuleBody::of(verdict, locale)).collect(),
            chosen: decision.chosen.into_iter().map(|chosen| ChosenBody::of(chosen, organisation)).collect(),
            facts: FactsBody {
                sites: facts.sites,
                kind: facts.kind.word().to_owned(),
                category: facts.category,
                aspects: facts.aspects.iter().map(|aspect| aspect.word().to_owned()).collect(),
                severity: facts.severity,
                local_time: facts.local.to_string(),
                working_time: facts.working,
                on_duty: facts.on_duty.into_iter().collect(),
                trade: facts.trade,
            },
        }
    }
}

impl RuleBody {
    fn of(verdict: Verdict, locale: Locale) -> Self {
        let condition = |condition: Condition| ConditionBody {
            code: condition.word().to_owned(),
            text: texts::text(locale, &format!("route-{}", condition.word().replace('_', "-"))),
        };
        let did_not_fit = verdict.misses.into_iter().map(condition).collect();
        Self { rule: verdict.rule, outcome: verdict.outcome.word().to_owned(), did_not_fit }
    }
}

impl ChosenBody {
    fn of(chosen: Chosen, organisation: &Organisation) -> Self {
        let named = |member: MemberId| name(organisation, member);
        Self {
            member_id: chosen.member.0,
            name: named(chosen.member),
            part: chosen.part.word().to_owned(),
            audience: chosen.audience,
            instead_of_id: chosen.instead_of.map(|member| member.0),
            instead_of_name: chosen.instead_of.map(named),
            trade: chosen.trade,
        }
    }
}
