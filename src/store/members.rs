//! People as sign-in and administration need them; everybody else reads them from the organisation.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
};

use super::{
    Read, StoreError, Tx,
    tables::{members, substitutions},
};
use crate::domain::{
    administration::MemberDetails,
    ids::{MemberId, SubstitutionId},
    locale::Locale,
    organisation::Substitution,
    time::Instant,
};

/// What sign-in needs of a person.
#[derive(Debug, Clone)]
pub struct Login {
    /// Who.
    pub member: MemberId,
    /// Their password's hash (argon2id, PHC form); none while they have no password.
    pub password_hash: Option<String>,
    /// Since when they are no longer with us.
    pub disabled_at: Option<Instant>,
}

/// A person to be added.
#[derive(Debug, Clone)]
pub struct NewMember {
    /// Their id.
    pub id: MemberId,
    /// Their name.
    pub name: String,
    /// The language they are spoken to in.
    pub locale: Locale,
    /// In lower case; unique.
    pub email: Option<String>,
    /// Unique.
    pub employee_number: Option<String>,
    /// Unique.
    pub phone: Option<String>,
    /// Whom they answer to.
    pub manager: Option<MemberId>,
    /// Their password's hash.
    pub password_hash: Option<String>,
    /// When they joined.
    pub created_at: Instant,
}

impl NewMember {
    /// Somebody who joins without a password.
    pub fn of(id: MemberId, details: MemberDetails, created_at: Instant) -> Self {
        let MemberDetails { name, locale, email, employee_number, phone, manager } = details;
        Self { id, name, locale, email, employee_number, phone, manager, password_hash: None, created_at }
    }
}

/// A person as administrators write them.
#[derive(Debug, Clone)]
pub struct MemberRecord {
    /// Who.
    pub id: MemberId,
    /// What can be changed.
    pub details: MemberDetails,
    /// Which writing of the record this is.
    pub version: i64,
}

impl<C: ConnectionTrait> Read<C> {
    /// The person of that id, with their addresses and numbers.
    pub async fn member(&self, id: MemberId) -> Result<Option<MemberRecord>, StoreError> {
        members::Entity::find_by_id(id.0).one(self.on()).await?.map(record).transpose()
    }

    /// Everybody, with their addresses and numbers, also those who left.
    pub async fn every_member(&self) -> Result<Vec<MemberRecord>, StoreError> {
        members::Entity::find().all(self.on()).await?.into_iter().map(record).collect()
    }

    /// The person with that e-mail address, employee number or phone number.
    pub async fn login(&self, login: &str) -> Result<Option<Login>, StoreError> {
        let any = Condition::any()
            .add(members::Column::Email.eq(login.to_lowercase()))
            .add(members::Column::EmployeeNumber.eq(login))
            .add(members::Column::Phone.eq(login));
        let row = members::Entity::find().filter(any).one(self.on()).await?;
        Ok(row.map(|row| Login {
            member: MemberId(row.id),
            password_hash: row.password_hash,
            disabled_at: row.disabled_at.map(Instant::from_ms),
        }))
    }
}

impl Tx {
    /// Adds a person; `Taken` when the login belongs to somebody else.
    pub async fn add_member(&self, new: &NewMember) -> Result<(), StoreError> {
        let row = members::Model {
            id: new.id.0,
            name: new.name.clone(),
            locale: new.locale.tag().to_owned(),
            email: new.email.clone(),
            employee_number: new.employee_number.clone(),
            phone: new.phone.clone(),
            password_hash: new.password_hash.clone(),
            manager_id: new.manager.map(|manager| manager.0),
            disabled_at: None,
            address_suspect_since: None,
            created_at: new.created_at.ms(),
            version: 1,
        };
        row.into_active_model().insert(self.connection()).await?;
        self.member_changed().await
    }

    /// Writes over the version that was read, and gives the version it has now; anything else is `Stale`. A new address is
    /// not suspect yet.
    pub async fn save_member(&self, member: &MemberRecord) -> Result<i64, StoreError> {
        let (details, version) = (&member.details, member.version + 1);
        let mut row = members::ActiveModel {
            name: Set(details.name.clone()),
            locale: Set(details.locale.tag().to_owned()),
            email: Set(details.email.clone()),
            employee_number: Set(details.employee_number.clone()),
            phone: Set(details.phone.clone()),
            manager_id: Set(details.manager.map(|manager| manager.0)),
            version: Set(version),
            ..Default::default()
        };
        if self.member(member.id).await?.is_some_and(|known| known.details.email != details.email) {
            row.address_suspect_since = Set(None);
        }
        let written = members::Entity::update_many()
            .set(row)
            .filter(members::Column::Id.eq(member.id.0))
            .filter(members::Column::Version.eq(member.version))
            .exec(self.connection())
            .await?;
        self.member_changed().await?;
        if written.rows_affected == 1 { Ok(version) } else { Err(StoreError::Stale) }
    }

    /// They are with us again.
    pub async fn enable_member(&self, member: MemberId) -> Result<(), StoreError> {
        let change = members::ActiveModel { disabled_at: Set(None), ..Default::default() };
        self.change_member(member, change).await
    }

    /// Says who stands in for somebody, anew or instead of what was said under the same id.
    pub async fn put_substitution(&self, member: MemberId, said: &Substitution) -> Result<(), StoreError> {
        let row = substitutions::Model {
            id: said.id.0,
            member_id: member.0,
            by_id: said.by.0,
            from_at: said.from.ms(),
            until_at: said.until.ms(),
        };
        substitutions::Entity::delete_by_id(said.id.0).exec(self.connection()).await?;
        row.into_active_model().insert(self.connection()).await?;
        self.member_changed().await
    }

    /// Nobody stands in under that id any more.
    pub async fn drop_substitution(&self, id: SubstitutionId) -> Result<(), StoreError> {
        substitutions::Entity::delete_by_id(id.0).exec(self.connection()).await?;
        self.member_changed().await
    }

    /// Gives them another password.
    pub async fn set_password(&self, member: MemberId, hash: &str) -> Result<(), StoreError> {
        let change = members::ActiveModel { password_hash: Set(Some(hash.to_owned())), ..Default::default() };
        self.change_member(member, change).await
    }

    /// They are no longer with us.
    pub async fn disable_member(&self, member: MemberId, now: Instant) -> Result<(), StoreError> {
        let change = members::ActiveModel { disabled_at: Set(Some(now.ms())), ..Default::default() };
        self.change_member(member, change).await
    }

    /// Their mailbox refuses mail since then; none when it takes mail again.
    pub async fn suspect_address(&self, member: MemberId, since: Option<Instant>) -> Result<(), StoreError> {
        let change = members::ActiveModel { address_suspect_since: Set(since.map(Instant::ms)), ..Default::default() };
        self.change_member(member, change).await
    }

    async fn change_member(&self, member: MemberId, change: members::ActiveModel) -> Result<(), StoreError> {
        members::Entity::update_many().set(change).filter(members::Column::Id.eq(member.0)).exec(self.connection()).await?;
        self.member_changed().await
    }
}

fn record(row: members::Model) -> Result<MemberRecord, StoreError> {
    let details = MemberDetails {
        name: row.name,
        locale: row.locale.parse().map_err(|_| StoreError::Corrupt("members.locale"))?,
        email: row.email,
        employee_number: row.employee_number,
        phone: row.phone,
        manager: row.manager_id.map(MemberId),
    };
    Ok(MemberRecord { id: MemberId(row.id), details, version: row.version })
}
