//! Sites, people, categories and rule documents: loaded as one value, written by few operations.

use std::collections::{BTreeMap, HashMap};

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QueryTrait,
    sea_query::{Expr, ExprTrait},
};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{
    Read, StoreError, Tx, dialect,
    sites::{category, site},
    tables::{categories, counters, documents, grants, members, organisation, sites, substitutions},
};
use crate::domain::{
    audience::Role,
    calendar::Calendars,
    ids::{MemberId, SiteId, SubstitutionId},
    ladder::Ladders,
    organisation::{Grant, Member, Organisation, Site, Substitution, Versioned},
    routing::Routes,
    time::Instant,
};

/// A rule document of the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentKind {
    /// Who a report goes to.
    Routes,
    /// Who is told about a deadline, and when.
    Ladders,
    /// When people work.
    Calendars,
    /// How severity and likelihood weigh together.
    Matrices,
    /// Which clauses of which standards records are evidence for.
    Clauses,
    /// How long what is kept.
    Retention,
}

impl DocumentKind {
    /// Its name in the database and in addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Routes => "routes",
            Self::Ladders => "ladders",
            Self::Calendars => "calendars",
            Self::Matrices => "matrices",
            Self::Clauses => "clauses",
            Self::Retention => "retention",
        }
    }
}

/// One version of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentVersion {
    /// Counted from 1.
    pub version: u32,
    /// What it says, as JSON.
    pub body: serde_json::Value,
    /// When it was made.
    pub made_at: Instant,
    /// By whom; none for what came with a pack.
    pub made_by: Option<MemberId>,
}

impl<C: ConnectionTrait> Read<C> {
    /// Changes with every change of sites, people, categories or documents.
    pub(super) async fn revision(&self) -> Result<i64, StoreError> {
        let row = organisation::Entity::find_by_id(1).one(self.on()).await?;
        row.map(|row| row.revision).ok_or(StoreError::Corrupt("organisation"))
    }

    pub(super) async fn load_organisation(&self, revision: i64) -> Result<Organisation, StoreError> {
        let categories = categories::Entity::find().all(self.on()).await?.into_iter().map(category);
        let ladders = self.all_versions::<Ladders>(DocumentKind::Ladders).await?;
        Ok(Organisation {
            revision,
            sites: self.sites().await?,
            members: self.members().await?,
            categories: categories.map(|category| (category.code.clone(), category)).collect(),
            routes: self.newest(DocumentKind::Routes).await?.unwrap_or_else(no_routes),
            ladders: ladders.into_iter().collect(),
            calendars: self
                .newest(DocumentKind::Calendars)
                .await?
                .unwrap_or(Versioned { version: 0, body: Calendars::default() }),
            matrix: self.newest(DocumentKind::Matrices).await?,
            clauses: self.newest(DocumentKind::Clauses).await?,
        })
    }

    async fn sites(&self) -> Result<HashMap<SiteId, Site>, StoreError> {
        let rows = sites::Entity::find().all(self.on()).await?;
        rows.into_iter().map(|row| site(row).map(|site| (site.id, site))).collect()
    }

    async fn members(&self) -> Result<HashMap<MemberId, Member>, StoreError> {
        let mut granted: HashMap<Uuid, Vec<Grant>> = HashMap::new();
        for row in grants::Entity::find().all(self.on()).await? {
            let role = Role::of_word(&row.role).ok_or(StoreError::Corrupt("grants.role"))?;
            granted.entry(row.member_id).or_default().push(Grant { role, site: SiteId(row.site_id) });
        }
        let mut stand_ins: HashMap<Uuid, Vec<Substitution>> = HashMap::new();
        for row in substitutions::Entity::find().all(self.on()).await? {
            let substitution = Substitution {
                id: SubstitutionId(row.id),
                by: MemberId(row.by_id),
                from: Instant::from_ms(row.from_at),
                until: Instant::from_ms(row.until_at),
            };
            stand_ins.entry(row.member_id).or_default().push(substitution);
        }
        let rows = members::Entity::find().all(self.on()).await?;
        rows.into_iter()
            .map(|row| {
                let (grants, substitutions) = (granted.remove(&row.id), stand_ins.remove(&row.id));
                member(row, grants.unwrap_or_default(), substitutions.unwrap_or_default()).map(|member| (member.id, member))
            })
            .collect()
    }

    async fn all_versions<T: DeserializeOwned>(&self, kind: DocumentKind) -> Result<BTreeMap<u32, T>, StoreError> {
        let rows = documents::Entity::find().filter(documents::Column::Kind.eq(kind.word())).all(self.on()).await?;
        rows.into_iter()
            .map(|row| {
                let body = serde_json::from_str(&row.body).map_err(|_| StoreError::Corrupt("documents.body"))?;
                Ok((count(row.version), body))
            })
            .collect()
    }

    async fn newest<T: DeserializeOwned>(&self, kind: DocumentKind) -> Result<Option<Versioned<T>>, StoreError> {
        let Some(document) = self.document(kind).await? else { return Ok(None) };
        let body = serde_json::from_value(document.body).map_err(|_| StoreError::Corrupt("documents.body"))?;
        Ok(Some(Versioned { version: document.version, body }))
    }

    /// The version in force.
    pub async fn document(&self, kind: DocumentKind) -> Result<Option<DocumentVersion>, StoreError> {
        let newest = documents::Entity::find()
            .filter(documents::Column::Kind.eq(kind.word()))
            .order_by_desc(documents::Column::Version)
            .one(self.on())
            .await?;
        newest.as_ref().map(document).transpose()
    }

    /// Every version, newest first.
    pub async fn document_versions(&self, kind: DocumentKind) -> Result<Vec<DocumentVersion>, StoreError> {
        let rows = documents::Entity::find()
            .filter(documents::Column::Kind.eq(kind.word()))
            .order_by_desc(documents::Column::Version)
            .all(self.on())
            .await?;
        rows.iter().map(document).collect()
    }

    /// Until when the whole mail queue rests, and why: somebody must mend its configuration.
    pub async fn mail_pause(&self) -> Result<Option<(Instant, String)>, StoreError> {
        let row = organisation::Entity::find_by_id(1).one(self.on()).await?.ok_or(StoreError::Corrupt("organisation"))?;
        Ok(row.mail_paused_until.map(|until| (Instant::from_ms(until), row.mail_paused_because.unwrap_or_default())))
    }
}

impl Tx {
    /// Lets one change of sites, people or rules follow the other, so that what was checked still holds when it is written.
    pub(super) async fn hold_organisation(&self) -> Result<(), StoreError> {
        let mut query = organisation::Entity::find_by_id(1);
        dialect::hold(self.backend(), QueryTrait::query(&mut query));
        query.one(self.connection()).await?;
        Ok(())
    }

    /// Says that something of the organisation changed, so that every replica loads it anew.
    pub(super) async fn touch_organisation(&self) -> Result<(), StoreError> {
        let next = Expr::col(organisation::Column::Revision).add(1);
        organisation::Entity::update_many().col_expr(organisation::Column::Revision, next).exec(self.connection()).await?;
        Ok(())
    }

    /// Adds the next version of a document; `Taken` when somebody else was faster.
    pub async fn add_document(&self, kind: DocumentKind, document: &DocumentVersion) -> Result<(), StoreError> {
        let row = documents::Model {
            kind: kind.word().to_owned(),
            version: signed(document.version),
            body: document.body.to_string(),
            made_at: document.made_at.ms(),
            made_by: document.made_by.map(|member| member.0),
        };
        row.into_active_model().insert(self.connection()).await?;
        self.touch_organisation().await
    }

    /// Takes a role at a site away; false when it was not there.
    pub async fn revoke(&self, member: MemberId, grant: Grant) -> Result<bool, StoreError> {
        let key = (member.0, grant.role.word().to_owned(), grant.site.0);
        let gone = grants::Entity::delete_by_id(key).exec(self.connection()).await?;
        self.touch_organisation().await?;
        Ok(gone.rows_affected == 1)
    }

    /// Adds a role at a site; a role that is there already stays.
    pub async fn grant(&self, member: MemberId, grant: Grant) -> Result<(), StoreError> {
        let row =
            grants::ActiveModel { member_id: Set(member.0), role: Set(grant.role.word().to_owned()), site_id: Set(grant.site.0) };
        grants::Entity::insert(row).on_conflict_do_nothing().exec_without_returning(self.connection()).await?;
        self.touch_organisation().await
    }

    /// Says that a person changed.
    pub(super) async fn member_changed(&self) -> Result<(), StoreError> {
        self.touch_organisation().await
    }

    /// Lets the whole mail queue rest, or go on.
    pub async fn pause_mail(&self, pause: Option<(Instant, &str)>) -> Result<(), StoreError> {
        let row = organisation::ActiveModel {
            mail_paused_until: Set(pause.map(|(until, _)| until.ms())),
            mail_paused_because: Set(pause.map(|(_, why)| why.chars().take(200).collect())),
            ..Default::default()
        };
        organisation::Entity::update_many().set(row).filter(organisation::Column::Id.eq(1)).exec(self.connection()).await?;
        Ok(())
    }

    async fn count_on(&self, series: &str) -> Result<Vec<counters::Model>, StoreError> {
        let next = Expr::col(counters::Column::Value).add(1);
        let counter =
            counters::Entity::update_many().col_expr(counters::Column::Value, next).filter(counters::Column::Name.eq(series));
        Ok(counter.exec_with_returning(self.connection()).await?)
    }

    /// The next number of a series, from 1 and without gaps: taken back with the transaction.
    pub async fn next_number(&self, series: &str) -> Result<i64, StoreError> {
        let mut rows = self.count_on(series).await?;
        if rows.is_empty() {
            let first = counters::ActiveModel { name: Set(series.to_owned()), value: Set(0) };
            counters::Entity::insert(first).on_conflict_do_nothing().exec_without_returning(self.connection()).await?;
            rows = self.count_on(series).await?;
        }
        rows.first().map(|row| row.value).ok_or(StoreError::Corrupt("counters"))
    }
}

/// What routes are before a pack was loaded: everything goes to the administrators.
fn no_routes() -> Versioned<Routes> {
    use crate::domain::audience::Audience;
    let admins = vec![Audience::Role(Role::Admin)];
    Versioned { version: 0, body: Routes { rules: vec![], fallback: admins.clone(), safety_desk: admins } }
}

fn member(row: members::Model, grants: Vec<Grant>, substitutions: Vec<Substitution>) -> Result<Member, StoreError> {
    Ok(Member {
        id: MemberId(row.id),
        name: row.name,
        locale: row.locale.parse().map_err(|_| StoreError::Corrupt("members.locale"))?,
        email: row.email,
        manager: row.manager_id.map(MemberId),
        disabled_at: row.disabled_at.map(Instant::from_ms),
        address_suspect_since: row.address_suspect_since.map(Instant::from_ms),
        grants,
        substitutions,
    })
}

fn document(row: &documents::Model) -> Result<DocumentVersion, StoreError> {
    Ok(DocumentVersion {
        version: count(row.version),
        body: serde_json::from_str(&row.body).map_err(|_| StoreError::Corrupt("documents.body"))?,
        made_at: Instant::from_ms(row.made_at),
        made_by: row.made_by.map(MemberId),
    })
}

/// A small number that is never negative, as databases keep it.
pub(super) fn signed(n: u32) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// A small number that is never negative, read back.
pub(super) fn count(n: i32) -> u32 {
    u32::try_from(n).unwrap_or(0)
}
