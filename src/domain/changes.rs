//! What a phone's copy knows, and what it must hear to be the server's again: how far in the journal it has come, and which
//! sites it could read then. What changed is read from the journal in `operations/read_changes`.

use std::{collections::BTreeSet, fmt, str::FromStr};

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{
    ids::{MemberId, ReportId, SiteId},
    time::Instant,
};

/// A copy that has heard nothing for so long begins anew: to list what changed would cost more than the copy. Milliseconds.
pub const OLDEST_MS: i64 = 90 * 86_400_000;

/// The sites all of whose reports somebody may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum View {
    /// Every site there is, and will be.
    Everywhere,
    /// These; none for those who see only what they take part in.
    Sites(BTreeSet<SiteId>),
}

/// What a view is kept and compared by.
pub type ViewHash = [u8; 32];

impl View {
    /// The view of somebody who may read these sites, or every site.
    pub fn of(sites: Option<BTreeSet<SiteId>>) -> Self {
        sites.map_or(Self::Everywhere, Self::Sites)
    }

    /// The same view always has the same.
    pub fn hash(&self) -> ViewHash {
        Sha256::digest(self.to_string()).into()
    }

    /// The sites, where they are not all.
    pub fn sites(&self) -> Option<BTreeSet<SiteId>> {
        match self {
            Self::Everywhere => None,
            Self::Sites(sites) => Some(sites.clone()),
        }
    }

    /// The sites that only one of the two reads, of all that there are.
    pub fn differs(&self, other: &Self, all: impl Iterator<Item = SiteId>) -> BTreeSet<SiteId> {
        all.filter(|site| self.reads(*site) != other.reads(*site)).collect()
    }

    fn reads(&self, site: SiteId) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Sites(sites) => sites.contains(&site),
        }
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everywhere => f.write_str("*"),
            Self::Sites(sites) => sites.iter().try_for_each(|site| write!(f, "{}", site.0.simple())),
        }
    }
}

/// The text is none of a view.
#[derive(Debug, thiserror::Error)]
#[error("not a view")]
pub struct NoView;

impl FromStr for View {
    type Err = NoView;

    fn from_str(text: &str) -> Result<Self, NoView> {
        if text == "*" {
            return Ok(Self::Everywhere);
        }
        let site = |digits: &[u8]| Uuid::try_parse_ascii(digits).map(SiteId).map_err(|_| NoView);
        text.as_bytes().chunks(32).map(site).collect::<Result<_, _>>().map(Self::Sites)
    }
}

/// Up to where a copy is the server's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Whose copy it is.
    pub member: MemberId,
    /// The number of the last entry of the journal that it knows.
    pub seq: i64,
    /// What could be read then; none for a copy that is still empty.
    pub view: Option<ViewHash>,
    /// A walk that has begun: over everything for an empty copy, else over what came into view or went out of it.
    pub walk: Option<Walk>,
}

/// A walk over reports, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    /// What can be read when it is over.
    pub to: ViewHash,
    /// The last report that was passed.
    pub after: Option<(Instant, ReportId)>,
}

impl Cursor {
    /// What this copy must walk over before it hears what changed, given what may be read now. None when it need not.
    pub fn walk_to(&self, now: ViewHash) -> Option<Walk> {
        match &self.walk {
            Some(walk) => Some(walk.clone()),
            None if self.view == Some(now) => None,
            None => Some(Walk { to: now, after: None }),
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hash = |hash: Option<ViewHash>| hash.map_or_else(String::new, hex::encode);
        let (to, after) = (self.walk.as_ref().map(|walk| walk.to), self.walk.as_ref().and_then(|walk| walk.after));
        let after = after.map_or_else(String::new, |(at, id)| format!("{}/{}", at.ms(), id.0.simple()));
        write!(f, "{}.{}.{}.{}.{after}", self.member.0.simple(), self.seq, hash(self.view), hash(to))
    }
}

impl FromStr for Cursor {
    type Err = NoView;

    fn from_str(text: &str) -> Result<Self, NoView> {
        let mut parts = text.split('.');
        let mut next = || parts.next().ok_or(NoView);
        let member = MemberId(Uuid::try_parse(next()?).map_err(|_| NoView)?);
        let seq = next()?.parse().map_err(|_| NoView)?;
        let hash = |text: &str| -> Result<Option<ViewHash>, NoView> {
            let bytes = || hex::decode(text).ok()?.try_into().ok();
            if text.is_empty() { Ok(None) } else { bytes().map(Some).ok_or(NoView) }
        };
        let (view, to) = (hash(next()?)?, hash(next()?)?);
        let place = |text: &str| {
            let (at, id) = text.split_once('/')?;
            Some((Instant::from_ms(at.parse().ok()?), ReportId(Uuid::try_parse(id).ok()?)))
        };
        let after = match next()? {
            "" => None,
            text => Some(place(text).ok_or(NoView)?),
        };
        Ok(Self { member, seq, view, walk: to.map(|to| Walk { to, after }) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn site(n: u128) -> SiteId {
        SiteId(Uuid::from_u128(n))
    }

    fn view() -> impl Strategy<Value = View> {
        let some = proptest::collection::btree_set((0..20_u128).prop_map(site), 0..8).prop_map(View::Sites);
        prop_oneof![1 => Just(View::Everywhere), 6 => some]
    }

    proptest! {
        #[test]
        fn a_view_is_read_back_as_it_was_and_known_by_its_hash(one in view(), other in view()) {
            prop_assert_eq!(&one.to_string().parse::<View>().unwrap(), &one);
            prop_assert_eq!(one == other, one.hash() == other.hash());
        }

        #[test]
        fn what_only_one_reads_is_told_from_both_sides(one in view(), other in view()) {
            let all = || (0..20).map(site);
            let differs = one.differs(&other, all());
            prop_assert_eq!(&differs, &other.differs(&one, all()));
            for site in all() {
                prop_assert_eq!(differs.contains(&site), one.reads(site) != other.reads(site));
            }
        }

        #[test]
        fn a_cursor_is_read_back_as_it_was(seq in any::<i64>(), view in proptest::option::of(any::<[u8; 32]>()),
            to in proptest::option::of((any::<[u8; 32]>(), proptest::option::of((any::<i64>(), any::<u128>()))))) {
            let walk = to.map(|(to, after)| Walk { to, after: after.map(|(at, id)| (Instant::from_ms(at), ReportId(Uuid::from_u128(id)))) });
            let cursor = Cursor { member: MemberId(Uuid::from_u128(7)), seq, view, walk };
            prop_assert_eq!(cursor.to_string().parse::<Cursor>().unwrap(), cursor);
        }

        #[test]
        fn anything_else_is_refused_without_a_panic(text in ".{0,200}") {
            let _ = text.parse::<Cursor>();
            let _ = text.parse::<View>();
        }
    }
}
