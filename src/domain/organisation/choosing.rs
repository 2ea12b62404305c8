//! Whom an audience stands for at an instant: substitutes while somebody is away, whoever is on duty, and the next one up
//! where a mail would not reach somebody.

use std::collections::BTreeSet;

use super::{Grant, Organisation, Site};
use crate::domain::{
    audience::{Audience, Role},
    ids::{MemberId, SiteId},
    time::Instant,
};

/// Whom the audiences of one record stand for.
#[derive(Debug, Clone, Copy)]
pub struct Cast {
    /// The record's site.
    pub site: SiteId,
    /// The officer it was routed to.
    pub officer: Option<MemberId>,
    /// The owner of the action.
    pub owner: Option<MemberId>,
    /// The verifier of the action.
    pub verifier: Option<MemberId>,
    /// Who must act now; managers are counted from there.
    pub answerable: Option<MemberId>,
}

/// A person an audience stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Who is told.
    pub member: MemberId,
    /// The audience that named them.
    pub audience: Audience,
    /// In whose place, where they stand in for somebody.
    pub instead_of: Option<MemberId>,
}

impl Organisation {
    /// Who is told in place of `member` at `now`: their substitute while they are away; the next one up when a mail
    /// would not reach them; nobody when the line ends or goes in a circle.
    pub fn told_for(&self, member: MemberId, now: Instant) -> Option<MemberId> {
        let mut seen = BTreeSet::new();
        let mut next = Some(member);
        while let Some(id) = next {
            if !seen.insert(id) {
                return None;
            }
            let here = self.members.get(&id)?;
            let away = here.substitutions.iter().find(|sub| sub.from <= now && now < sub.until && !seen.contains(&sub.by));
            match away {
                Some(substitution) => next = Some(substitution.by),
                None if here.can_be_told() => return Some(id),
                None => next = here.manager,
            }
        }
        None
    }

    /// The persons an audience names at `now`. Empty where nobody could be found; `resolve` then goes on to the safety desk.
    fn named(&self, audience: &Audience, cast: &Cast, now: Instant) -> Vec<MemberId> {
        match audience {
            Audience::Owner => cast.owner.into_iter().collect(),
            Audience::Verifier => cast.verifier.into_iter().collect(),
            Audience::Officer => cast.officer.into_iter().collect(),
            Audience::Member(member) => vec![*member],
            Audience::Manager(levels) => self.manager(cast.answerable, *levels).into_iter().collect(),
            Audience::Role(role) => self.holders(*role, cast.site),
            Audience::Roster(code) => self.on_duty(code, now),
            Audience::Crew(code) => self.rosters.body.crews.get(code).map_or_else(Vec::new, |crew| crew.members.clone()),
            Audience::SafetyDesk => {
                let desk = self.routes.body.safety_desk.iter().filter(|desk| **desk != Audience::SafetyDesk);
                desk.flat_map(|desk| self.named(desk, cast, now)).collect()
            }
        }
    }

    /// Who is on duty by the roster of that code; nobody in its gaps, and nobody without such a roster.
    pub fn on_duty(&self, code: &str, now: Instant) -> Vec<MemberId> {
        let Some(roster) = self.rosters.body.rosters.get(code) else { return vec![] };
        let Some(site) = self.site_of_code(&roster.site) else { return vec![] };
        roster.on_duty(&site.zone, now)
    }

    fn manager(&self, from: Option<MemberId>, levels: u8) -> Option<MemberId> {
        let mut here = from?;
        for _ in 0..levels {
            here = self.members.get(&here)?.manager?;
        }
        Some(here)
    }

    /// Whether `member` is somewhere up the line of managers of `below`.
    pub fn is_above(&self, member: MemberId, below: MemberId) -> bool {
        let next = |below: &MemberId| self.manager(Some(*below), 1);
        std::iter::successors(next(&below), next).take(self.members.len()).any(|manager| manager == member)
    }

    /// Everybody who has the role at the site itself, else at the nearest site above where anybody has it.
    pub fn holders(&self, role: Role, site: SiteId) -> Vec<MemberId> {
        self.line(site)
            .into_iter()
            .map(|here| self.granted_at(role, here))
            .find(|holders| !holders.is_empty())
            .unwrap_or_default()
    }

    fn granted_at(&self, role: Role, site: &Site) -> Vec<MemberId> {
        let grant = Grant { role, site: site.id };
        let holders = self.members.values().filter(|member| member.disabled_at.is_none() && member.grants.contains(&grant));
        let mut holders: Vec<MemberId> = holders.map(|member| member.id).collect();
        holders.sort_unstable();
        holders
    }

    /// Everybody who has the role at the site, wherever up the line it was granted; the nearest first.
    pub fn all_holders(&self, role: Role, site: SiteId) -> Vec<MemberId> {
        self.line(site).into_iter().flat_map(|here| self.granted_at(role, here)).collect()
    }

    /// The persons audiences stand for, each once, with the audience that named them. When nobody of them can be told,
    /// the safety desk is; when nobody there can, every administrator is. Empty only where the organisation has nobody.
    pub fn resolve(&self, audiences: &[Audience], cast: &Cast, now: Instant) -> Vec<Found> {
        self.resolve_in_turn(&[audiences], cast, now)
    }

    /// The same, where other audiences are asked before the safety desk: the first that stand for anybody.
    pub fn resolve_in_turn(&self, attempts: &[&[Audience]], cast: &Cast, now: Instant) -> Vec<Found> {
        let last_resorts = [Audience::SafetyDesk, Audience::Role(Role::Admin)];
        let attempts = attempts.iter().copied().chain(last_resorts.chunks(1));
        attempts.map(|audiences| self.found(audiences, cast, now)).find(|found| !found.is_empty()).unwrap_or_default()
    }

    /// The persons audiences stand for, each once; nobody where no mail would reach any of them.
    fn found(&self, audiences: &[Audience], cast: &Cast, now: Instant) -> Vec<Found> {
        let mut found: Vec<Found> = Vec::new();
        for audience in audiences {
            for named in self.named(audience, cast, now) {
                let Some(member) = self.told_for(named, now) else { continue };
                if found.iter().all(|known| known.member != member) {
                    let instead_of = (member != named).then_some(named);
                    found.push(Found { member, audience: audience.clone(), instead_of });
                }
            }
        }
        found
    }
}
