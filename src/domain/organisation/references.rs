//! Whether a document names only what there is: sites, categories, calendars, trades, rosters, crews and people. A name of
//! nothing would be a rule that fits nowhere, or tells nobody, in silence.

use std::collections::BTreeSet;

use super::Organisation;
use crate::domain::{
    audience::Audience,
    calendar::Calendars,
    ids::MemberId,
    ladder::Ladders,
    obligation::Obligations,
    refusal::{FieldErrors, Refusal},
    roster::Rosters,
    routing::Routes,
};

impl Organisation {
    /// Whether a document names the site by its code.
    pub fn names_site(&self, code: &str) -> bool {
        let (routes, rosters) = (&self.routes.body, &self.rosters.body);
        let of_routes =
            routes.rules.iter().flat_map(|rule| &rule.sites).chain(routes.trades.values().flat_map(|trade| &trade.sites));
        let of_rosters = rosters.crews.values().map(|crew| &crew.site).chain(rosters.rosters.values().map(|roster| &roster.site));
        of_routes.chain(of_rosters).any(|named| named == code)
    }

    /// Refuses routes that name a site, category, roster, crew or person that there is not, or drop a trade of a crew.
    pub fn check_routes(&self, routes: &Routes) -> Result<(), Refusal> {
        let mut errors = FieldErrors::default();
        for (n, rule) in routes.rules.iter().enumerate() {
            self.known_sites(&rule.sites, &format!("/rules/{n}/sites"), &mut errors);
            self.known_categories(&rule.categories, &format!("/rules/{n}/categories"), &mut errors);
            for (place, code) in rule.on_duty.iter().enumerate() {
                if !self.rosters.body.rosters.contains_key(code) {
                    errors.add(format!("/rules/{n}/on_duty/{place}"), "unknown_roster");
                }
            }
        }
        for (code, trade) in &routes.trades {
            self.known_sites(&trade.sites, &format!("/trades/{code}/sites"), &mut errors);
            self.known_categories(&trade.categories, &format!("/trades/{code}/categories"), &mut errors);
        }
        let named = self.rosters.body.crews.values().filter_map(|crew| crew.trade.as_ref());
        for trade in named.filter(|trade| !routes.trades.contains_key(*trade)).collect::<BTreeSet<_>>() {
            errors.add(format!("/trades/{trade}"), "trade_in_use");
        }
        self.known_audiences(routes.audiences(), &mut errors);
        errors.none()
    }

    /// Refuses ladders that tell a roster, crew or person that there is not.
    pub fn check_ladders(&self, ladders: &Ladders) -> Result<(), Refusal> {
        let mut errors = FieldErrors::default();
        self.known_audiences(ladders.audiences(), &mut errors);
        errors.none()
    }

    /// Refuses obligations that tell a roster, crew or person that there is not.
    pub fn check_obligations(&self, obligations: &Obligations) -> Result<(), Refusal> {
        let mut errors = FieldErrors::default();
        self.known_audiences(obligations.audiences(), &mut errors);
        errors.none()
    }

    /// Refuses calendars of which one is missing that a site or crew works by, or that somebody unknown confirmed.
    pub fn check_calendars(&self, calendars: &Calendars) -> Result<(), Refusal> {
        let mut errors = FieldErrors::default();
        let of_sites = self.sites.values().map(|site| &site.calendar);
        let used: BTreeSet<_> =
            of_sites.chain(self.rosters.body.crews.values().filter_map(|crew| crew.calendar.as_ref())).collect();
        for code in used.into_iter().filter(|code| !calendars.calendars.contains_key(*code)) {
            errors.add(format!("/calendars/{code}"), "calendar_in_use");
        }
        for (code, calendar) in &calendars.calendars {
            for (n, holiday) in calendar.holidays.iter().enumerate() {
                if holiday.confirmed_by.is_some_and(|member| !self.members.contains_key(&member)) {
                    errors.add(format!("/calendars/{code}/holidays/{n}/confirmed_by"), "unknown_member");
                }
            }
        }
        errors.none()
    }

    /// Refuses rosters that name a site, calendar, trade or active person that there is not, or lack a roster or crew that
    /// the routes, ladders or obligations in force name.
    pub fn check_rosters(&self, rosters: &Rosters) -> Result<(), Refusal> {
        let mut errors = FieldErrors::default();
        for (code, crew) in &rosters.crews {
            let at = format!("/crews/{code}");
            self.known_site(&crew.site, &at, &mut errors);
            self.active_members(&crew.members, &format!("{at}/members"), &mut errors);
            if crew.calendar.as_ref().is_some_and(|calendar| !self.calendars.body.calendars.contains_key(calendar)) {
                errors.add(format!("{at}/calendar"), "unknown_calendar");
            }
            if crew.trade.as_ref().is_some_and(|trade| !self.routes.body.trades.contains_key(trade)) {
                errors.add(format!("{at}/trade"), "unknown_trade");
            }
        }
        for (code, roster) in &rosters.rosters {
            let at = format!("/rosters/{code}");
            self.known_site(&roster.site, &at, &mut errors);
            for (n, turn) in roster.week.iter().enumerate() {
                self.active_members(&turn.members, &format!("{at}/week/{n}/members"), &mut errors);
            }
            for (n, exception) in roster.exceptions.iter().enumerate() {
                self.active_members(&exception.members, &format!("{at}/exceptions/{n}/members"), &mut errors);
            }
        }
        self.keeps_what_is_named(rosters, &mut errors);
        errors.none()
    }

    fn keeps_what_is_named(&self, rosters: &Rosters, errors: &mut FieldErrors) {
        let routes = &self.routes.body;
        let conditions = routes.rules.iter().flat_map(|rule| &rule.on_duty).map(|code| Audience::Roster(code.clone()));
        let ladders = self.ladders_now().map_or_else(Vec::new, |(_, ladders)| ladders.audiences());
        let obligations = self.obligations_now().map_or_else(Vec::new, |(_, obligations)| obligations.audiences());
        let named = routes.audiences().into_iter().chain(ladders).chain(obligations).map(|(_, audience)| audience.clone());
        let mut missing = BTreeSet::new();
        for audience in named.chain(conditions) {
            match audience {
                Audience::Roster(code) if !rosters.rosters.contains_key(&code) => missing.insert(format!("/rosters/{code}")),
                Audience::Crew(code) if !rosters.crews.contains_key(&code) => missing.insert(format!("/crews/{code}")),
                _ => false,
            };
        }
        for pointer in missing {
            errors.add(pointer, "named_by_rules");
        }
    }

    fn known_audiences(&self, audiences: Vec<(String, &Audience)>, errors: &mut FieldErrors) {
        for (at, audience) in audiences {
            match audience {
                Audience::Member(member) if !self.is_active(*member) => errors.add(at, "unknown_member"),
                Audience::Roster(code) if !self.rosters.body.rosters.contains_key(code) => errors.add(at, "unknown_roster"),
                Audience::Crew(code) if !self.rosters.body.crews.contains_key(code) => errors.add(at, "unknown_crew"),
                _ => {}
            }
        }
    }

    fn known_sites(&self, codes: &[String], at: &str, errors: &mut FieldErrors) {
        for (n, code) in codes.iter().enumerate() {
            if self.site_of_code(code).is_none() {
                errors.add(format!("{at}/{n}"), "unknown_site");
            }
        }
    }

    fn known_site(&self, code: &str, at: &str, errors: &mut FieldErrors) {
        if self.site_of_code(code).is_none() {
            errors.add(format!("{at}/site"), "unknown_site");
        }
    }

    fn known_categories(&self, codes: &[String], at: &str, errors: &mut FieldErrors) {
        for (n, code) in codes.iter().enumerate() {
            if !self.categories.contains_key(code) {
                errors.add(format!("{at}/{n}"), "unknown_category");
            }
        }
    }

    fn active_members(&self, members: &[MemberId], at: &str, errors: &mut FieldErrors) {
        for (n, member) in members.iter().enumerate() {
            if !self.is_active(*member) {
                errors.add(format!("{at}/{n}"), "unknown_member");
            }
        }
    }

    fn is_active(&self, member: MemberId) -> bool {
        self.members.get(&member).is_some_and(|member| member.disabled_at.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        organisation::tests::{member, organisation, person},
        roster::tests::{crew, roster},
        routing::tests::{routes, rule},
        routing::{Rule, Trade},
    };

    #[track_caller]
    fn wrong(result: Result<(), Refusal>) -> Vec<(String, &'static str)> {
        let Err(Refusal::Invalid(errors)) = result else { panic!("accepted") };
        errors.into_iter().map(|error| (error.pointer.into_owned(), error.code)).collect()
    }

    fn at(list: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
        list.iter().map(|(pointer, code)| ((*pointer).to_owned(), *code)).collect()
    }

    #[test]
    fn routes_that_name_what_there_is_not_are_refused_at_each_place() {
        let house = organisation(vec![person(1, None, &[])]);
        let rule = Rule {
            sites: vec!["S1".into(), "NOWHERE".into()],
            categories: vec!["ELEC".into()],
            on_duty: vec!["night".into()],
            responsible: vec![Audience::Member(member(1)), Audience::Member(member(2)), Audience::Roster("night".into())],
            also_told: vec![Audience::Crew("north".into())],
            ..rule("x")
        };
        let expected = [
            ("/rules/0/sites/1", "unknown_site"),
            ("/rules/0/categories/0", "unknown_category"),
            ("/rules/0/on_duty/0", "unknown_roster"),
            ("/rules/0/responsible/1", "unknown_member"),
            ("/rules/0/responsible/2", "unknown_roster"),
            ("/rules/0/also_told/0", "unknown_crew"),
        ];
        assert_eq!(wrong(house.check_routes(&routes(vec![rule]))), at(&expected));
    }

    #[test]
    fn what_a_document_names_stays_in_the_others() {
        let mut house = organisation(vec![person(1, None, &[])]);
        let of_a_trade = crate::domain::roster::Crew { trade: Some("water".into()), calendar: Some("six".into()), ..crew(&[1]) };
        house.rosters.body.crews.insert("north".into(), of_a_trade);
        house.rosters.body.rosters.insert("night".into(), roster(vec![], vec![]));
        assert_eq!(wrong(house.check_routes(&routes(vec![]))), at(&[("/trades/water", "trade_in_use")]));
        let used = [("/calendars/office", "calendar_in_use"), ("/calendars/six", "calendar_in_use")];
        assert_eq!(wrong(house.check_calendars(&Calendars::default())), at(&used));
        house.routes.body = routes(vec![Rule { on_duty: vec!["night".into()], ..rule("x") }]);
        house.routes.body.fallback.push(Audience::Crew("north".into()));
        let named = [("/crews/north", "named_by_rules"), ("/rosters/night", "named_by_rules")];
        assert_eq!(wrong(house.check_rosters(&Rosters::default())), at(&named));
        assert!(house.names_site("S1") && !house.names_site("S2"));
    }

    #[test]
    fn rosters_name_only_sites_calendars_trades_and_people_that_there_are() {
        let mut house = organisation(vec![person(1, None, &[])]);
        let name = crew(&[]).name;
        let trade = Trade { name, categories: vec![], sites: vec![], tells: vec![] };
        house.routes.body.trades.insert("water".into(), trade);
        let broken = crate::domain::roster::Crew {
            site: "NOWHERE".into(),
            trade: Some("gas".into()),
            calendar: Some("lunar".into()),
            ..crew(&[1, 2])
        };
        let rosters = Rosters { crews: [("north".to_owned(), broken)].into(), ..Rosters::default() };
        let expected = [
            ("/crews/north/site", "unknown_site"),
            ("/crews/north/members/1", "unknown_member"),
            ("/crews/north/calendar", "unknown_calendar"),
            ("/crews/north/trade", "unknown_trade"),
        ];
        assert_eq!(wrong(house.check_rosters(&rosters)), at(&expected));
    }
}
