//! What waits for the report or action it is about.

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait as _},
};
use uuid::Uuid;

use super::{
    Read, StoreError, Tx, dialect,
    reports::{hash, ms},
    tables::held,
};
use crate::domain::{
    held::{Held, HeldKind, MOST, Said},
    ids::{HeldId, MemberId},
    time::Instant,
};

pub(super) fn of_member(member: MemberId) -> Select<held::Entity> {
    held::Entity::find().filter(held::Column::MemberId.eq(member.0)).limit(MOST as u64)
}

pub(super) fn about(id: Uuid) -> Select<held::Entity> {
    held::Entity::find().filter(held::Column::AboutId.eq(id)).order_by_asc(held::Column::HeldAt).order_by_asc(held::Column::Id)
}

pub(super) fn since(by: Instant, after: Option<(Instant, HeldId)>, limit: u64) -> Select<held::Entity> {
    let mut query = held::Entity::find().filter(held::Column::HeldAt.lte(by.ms()));
    if let Some((at, id)) = after {
        let here = Expr::tuple([Expr::col(held::Column::HeldAt), Expr::col(held::Column::Id)]);
        query = query.filter(here.gt(Expr::tuple([Expr::value(at.ms()), Expr::value(id.0)])));
    }
    query.order_by_asc(held::Column::HeldAt).order_by_asc(held::Column::Id).limit(limit)
}

impl<C: ConnectionTrait> Read<C> {
    /// What that member sends under that id, if it waits.
    pub async fn held_of(&self, member: MemberId, kind: HeldKind, own_id: Uuid) -> Result<Option<Held>, StoreError> {
        let theirs = held::Entity::find().filter(held::Column::MemberId.eq(member.0));
        let this = theirs.filter(held::Column::Kind.eq(kind.word())).filter(held::Column::OwnId.eq(own_id));
        this.one(self.on()).await?.map(held).transpose()
    }

    /// Of what kinds all is that waits of a member; at most so much is looked at as may.
    pub async fn held_kinds_of(&self, member: MemberId) -> Result<Vec<HeldKind>, StoreError> {
        of_member(member).all(self.on()).await?.iter().map(|row| kind(&row.kind)).collect()
    }

    /// What waits for that report or action, in the order it came.
    pub async fn held_about(&self, id: Uuid) -> Result<Vec<Held>, StoreError> {
        about(id).all(self.on()).await?.into_iter().map(held).collect()
    }

    /// What has waited since then, the longest first, after that one of the page before.
    pub async fn held_since(&self, by: Instant, after: Option<(Instant, HeldId)>, limit: u64) -> Result<Vec<Held>, StoreError> {
        since(by, after, limit).all(self.on()).await?.into_iter().map(held).collect()
    }
}

impl Tx {
    /// From here on, until this transaction ends, nothing of that id arrives and nothing comes to wait for it, and nobody else
    /// counts what waits of that member. SQLite has one writer and needs nothing.
    pub async fn hold_alone(&self, about: Uuid, member: Option<MemberId>) -> Result<(), StoreError> {
        let mut names: Vec<Uuid> = [Some(about), member.map(|member| member.0)].into_iter().flatten().collect();
        // Always in the same order, so that no two wait for each other.
        names.sort_unstable();
        for name in names {
            dialect::one_at_a_time(self.backend(), self.connection(), name).await?;
        }
        Ok(())
    }

    /// Lets it wait.
    pub async fn add_held(&self, held: &Held) -> Result<(), StoreError> {
        let said = held.said.as_ref().map(serde_json::to_string).transpose().map_err(|_| StoreError::Corrupt("held.said"))?;
        let row = held::Model {
            id: held.id.0,
            member_id: held.member.0,
            kind: held.kind.word().to_owned(),
            own_id: held.own_id,
            about_id: held.said.as_ref().map(Said::about),
            said,
            content_sha256: held.content_sha256.to_vec(),
            said_at: ms(held.said_at),
            held_at: held.since.ms(),
        };
        row.into_active_model().insert(self.connection()).await?;
        Ok(())
    }

    /// It will never be brought in: what was said, and about what, is forgotten.
    pub async fn empty_held(&self, id: HeldId) -> Result<(), StoreError> {
        let empty = held::ActiveModel { about_id: Set(None), said: Set(None), ..Default::default() };
        held::Entity::update_many().set(empty).filter(held::Column::Id.eq(id.0)).exec(self.connection()).await?;
        Ok(())
    }

    /// The same for a photo that may go on record: no row must lead from its sender to it, so that nothing of it stays.
    pub async fn blank_held(&self, id: HeldId, own_id: Uuid, content_sha256: [u8; 32]) -> Result<(), StoreError> {
        self.empty_held(id).await?;
        let blank = held::ActiveModel { own_id: Set(own_id), content_sha256: Set(content_sha256.to_vec()), ..Default::default() };
        held::Entity::update_many().set(blank).filter(held::Column::Id.eq(id.0)).exec(self.connection()).await?;
        Ok(())
    }

    /// It waits no more.
    pub async fn drop_held(&self, id: HeldId) -> Result<(), StoreError> {
        held::Entity::delete_by_id(id.0).exec(self.connection()).await?;
        Ok(())
    }
}

fn kind(word: &str) -> Result<HeldKind, StoreError> {
    HeldKind::of_word(word).ok_or(StoreError::Corrupt("held.kind"))
}

fn held(row: held::Model) -> Result<Held, StoreError> {
    let said = row.said.map(|said| serde_json::from_str(&said)).transpose().map_err(|_| StoreError::Corrupt("held.said"))?;
    Ok(Held {
        id: HeldId(row.id),
        member: MemberId(row.member_id),
        kind: kind(&row.kind)?,
        own_id: row.own_id,
        said,
        content_sha256: hash(row.content_sha256)?,
        said_at: row.said_at.map(Instant::from_ms),
        since: Instant::from_ms(row.held_at),
    })
}
