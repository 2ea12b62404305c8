//! People as sign-in and administration need them; everybody else reads them from the organisation.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
};

use super::{Read, StoreError, Tx, tables::members};
use crate::domain::{ids::MemberId, locale::Locale, time::Instant};

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

impl<C: ConnectionTrait> Read<C> {
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
