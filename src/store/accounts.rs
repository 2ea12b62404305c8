//! How people get in: codes for phones, second factors, identities at the provider, and tries that are counted.

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryTrait,
    sea_query::{Expr, OnConflict, SimpleExpr},
};

use super::{
    Read, StoreError, Tx, dialect,
    reports::hash,
    tables::{enrolments, identities, recovery_codes, second_factors, sessions, sign_on_attempts, tries},
};
use crate::domain::{
    enrolment::Enrolment,
    ids::{MemberId, SessionId},
    second_factor::SecondFactor,
    single_sign_on::{Attempt, Identity},
    time::Instant,
};

impl<C: ConnectionTrait> Read<C> {
    /// Whether that account was signed in on a device that calls itself so.
    pub async fn knows_device(&self, member: MemberId, device: &str) -> Result<bool, StoreError> {
        let theirs = sessions::Entity::find().filter(sessions::Column::MemberId.eq(member.0));
        Ok(theirs.filter(sessions::Column::DeviceId.eq(device)).count(self.on()).await? > 0)
    }

    /// Whether that account was ever signed in.
    pub async fn has_signed_in(&self, member: MemberId) -> Result<bool, StoreError> {
        let theirs = sessions::Entity::find().filter(sessions::Column::MemberId.eq(member.0));
        Ok(theirs.count(self.on()).await? > 0)
    }

    /// Somebody's second factor, also one that is not asked for yet.
    pub async fn second_factor(&self, member: MemberId) -> Result<Option<SecondFactor>, StoreError> {
        Ok(second_factors::Entity::find_by_id(member.0).one(self.on()).await?.map(second_factor))
    }

    /// Whose an identity at the provider is.
    pub async fn whose_identity(&self, identity: &Identity) -> Result<Option<MemberId>, StoreError> {
        let key = (identity.issuer.clone(), identity.subject.clone());
        Ok(identities::Entity::find_by_id(key).one(self.on()).await?.map(|row| MemberId(row.member_id)))
    }
}

impl Tx {
    /// Adds a code; those that were made for the same person and never used are good no more.
    pub async fn add_enrolment(&self, enrolment: &Enrolment) -> Result<(), StoreError> {
        enrolments::Entity::delete_many()
            .filter(enrolments::Column::MemberId.eq(enrolment.member.0))
            .filter(enrolments::Column::SessionId.is_null())
            .exec(self.connection())
            .await?;
        let row = enrolments::Model {
            code_sha256: enrolment.code_sha256.to_vec(),
            member_id: enrolment.member.0,
            made_by: enrolment.made_by.0,
            expires_at: enrolment.expires_at.ms(),
            session_id: enrolment.session.map(|session| session.0),
        };
        row.into_active_model().insert(self.connection()).await?;
        Ok(())
    }

    /// The code of that hash, for this transaction to redeem.
    pub async fn enrolment_to_redeem(&self, code_sha256: [u8; 32]) -> Result<Option<Enrolment>, StoreError> {
        let mut query = enrolments::Entity::find_by_id(code_sha256.to_vec());
        dialect::hold(self.backend(), QueryTrait::query(&mut query));
        let row = query.one(self.connection()).await?;
        row.map(|row| {
            Ok(Enrolment {
                code_sha256: hash(row.code_sha256)?,
                member: MemberId(row.member_id),
                made_by: MemberId(row.made_by),
                expires_at: Instant::from_ms(row.expires_at),
                session: row.session_id.map(SessionId),
            })
        })
        .transpose()
    }

    /// A code was redeemed for that session.
    pub async fn redeem_enrolment(&self, code_sha256: [u8; 32], session: SessionId) -> Result<(), StoreError> {
        let row = enrolments::ActiveModel {
            code_sha256: Set(code_sha256.to_vec()),
            session_id: Set(Some(session.0)),
            ..Default::default()
        };
        row.update(self.connection()).await?;
        Ok(())
    }

    /// A code is good no more.
    pub async fn drop_enrolment(&self, code_sha256: [u8; 32]) -> Result<(), StoreError> {
        enrolments::Entity::delete_by_id(code_sha256.to_vec()).exec(self.connection()).await?;
        Ok(())
    }

    /// Somebody's second factor, for this transaction to change.
    pub async fn second_factor_to_change(&self, member: MemberId) -> Result<Option<SecondFactor>, StoreError> {
        let mut query = second_factors::Entity::find_by_id(member.0);
        dialect::hold(self.backend(), QueryTrait::query(&mut query));
        Ok(query.one(self.connection()).await?.map(second_factor))
    }

    /// Writes somebody's second factor, whatever they had.
    pub async fn put_second_factor(&self, factor: &SecondFactor) -> Result<(), StoreError> {
        let row = second_factors::Model {
            member_id: factor.member.0,
            sealed: factor.sealed.clone(),
            confirmed_at: factor.confirmed_at.map(Instant::ms),
            last_step: factor.last_step,
        };
        let columns = [second_factors::Column::Sealed, second_factors::Column::ConfirmedAt, second_factors::Column::LastStep];
        let instead = OnConflict::column(second_factors::Column::MemberId).update_columns(columns).to_owned();
        second_factors::Entity::insert(row.into_active_model())
            .on_conflict(instead)
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }

    /// Takes somebody's second factor and recovery codes away; whether they had one.
    pub async fn drop_second_factor(&self, member: MemberId) -> Result<bool, StoreError> {
        self.put_recovery_codes(member, &[]).await?;
        let theirs = second_factors::Entity::delete_by_id(member.0);
        Ok(theirs.exec(self.connection()).await?.rows_affected == 1)
    }

    /// These are somebody's recovery codes, in the place of all others.
    pub async fn put_recovery_codes(&self, member: MemberId, hashes: &[[u8; 32]]) -> Result<(), StoreError> {
        let theirs = recovery_codes::Entity::delete_many().filter(recovery_codes::Column::MemberId.eq(member.0));
        theirs.exec(self.connection()).await?;
        if hashes.is_empty() {
            return Ok(());
        }
        let row = |hash: &[u8; 32]| recovery_codes::Model { code_sha256: hash.to_vec(), member_id: member.0 };
        let rows = hashes.iter().map(|hash| row(hash).into_active_model());
        recovery_codes::Entity::insert_many(rows).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Uses up a recovery code; whether it was one of theirs.
    pub async fn use_recovery_code(&self, member: MemberId, hash: [u8; 32]) -> Result<bool, StoreError> {
        let used = recovery_codes::Entity::delete_many()
            .filter(recovery_codes::Column::CodeSha256.eq(hash.to_vec()))
            .filter(recovery_codes::Column::MemberId.eq(member.0))
            .exec(self.connection())
            .await?;
        Ok(used.rows_affected == 1)
    }

    /// An identity at the provider is that member's from now on; `Taken` when it is somebody's.
    pub async fn link_identity(&self, identity: &Identity, member: MemberId, now: Instant) -> Result<(), StoreError> {
        let Identity { issuer, subject } = identity.clone();
        let row = identities::Model { issuer, subject, member_id: member.0, linked_at: now.ms() };
        identities::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Takes somebody's identities at the provider away.
    pub async fn drop_identities(&self, member: MemberId) -> Result<u64, StoreError> {
        let theirs = identities::Entity::delete_many().filter(identities::Column::MemberId.eq(member.0));
        Ok(theirs.exec(self.connection()).await?.rows_affected)
    }

    /// Adds a sign-in that was begun at the provider.
    pub async fn add_sign_on(&self, attempt: &Attempt) -> Result<(), StoreError> {
        let row = sign_on_attempts::Model {
            attempt_sha256: attempt.secret_sha256.to_vec(),
            state: attempt.state.clone(),
            nonce: attempt.nonce.clone(),
            verifier: attempt.verifier.clone(),
            device_id: attempt.device_id.clone(),
            device_name: attempt.device_name.clone(),
            expires_at: attempt.expires_at.ms(),
        };
        sign_on_attempts::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Takes a sign-in that was begun, once: what comes a second time finds nothing.
    pub async fn take_sign_on(&self, attempt_sha256: [u8; 32]) -> Result<Option<Attempt>, StoreError> {
        let mut query = sign_on_attempts::Entity::find_by_id(attempt_sha256.to_vec());
        dialect::hold(self.backend(), QueryTrait::query(&mut query));
        let Some(row) = query.one(self.connection()).await? else { return Ok(None) };
        sign_on_attempts::Entity::delete_by_id(attempt_sha256.to_vec()).exec(self.connection()).await?;
        Ok(Some(Attempt {
            secret_sha256: attempt_sha256,
            state: row.state,
            nonce: row.nonce,
            verifier: row.verifier,
            device_id: row.device_id,
            device_name: row.device_name,
            expires_at: Instant::from_ms(row.expires_at),
        }))
    }

    /// When the buckets of these names will be full again, in the order of the names, for this transaction to change. What
    /// nobody has taken from is full.
    pub async fn tries_to_change(&self, names: &[[u8; 32]]) -> Result<Vec<Instant>, StoreError> {
        let mut in_order = names.to_vec();
        // Always in the same order, so that no two wait for each other.
        in_order.sort_unstable();
        let full = |name: &[u8; 32]| tries::Model { name_sha256: name.to_vec(), full_at: 0 }.into_active_model();
        let as_it_is = Expr::col((tries::Entity, tries::Column::FullAt));
        let known = OnConflict::column(tries::Column::NameSha256).value(tries::Column::FullAt, as_it_is).to_owned();
        let rows = tries::Entity::insert_many(in_order.iter().map(full))
            .on_conflict(known)
            .exec_with_returning(self.connection())
            .await?;
        let found = |name: &[u8; 32]| rows.iter().find(|row| row.name_sha256 == name).map_or(0, |row| row.full_at);
        Ok(names.iter().map(|name| Instant::from_ms(found(name))).collect())
    }

    /// Says when buckets will be full again.
    pub async fn save_tries(&self, tries: &[([u8; 32], Instant)]) -> Result<(), StoreError> {
        let row = |(name, full_at): &([u8; 32], Instant)| {
            tries::Model { name_sha256: name.to_vec(), full_at: full_at.ms() }.into_active_model()
        };
        let instead = OnConflict::column(tries::Column::NameSha256).update_column(tries::Column::FullAt).to_owned();
        tries::Entity::insert_many(tries.iter().map(row)).on_conflict(instead).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Forgets codes and sign-ins that were never finished, and buckets that are full.
    pub async fn forget_past_tries(&self, now: Instant) -> Result<(), StoreError> {
        let before = now.ms();
        tries::Entity::delete_many().filter(tries::Column::FullAt.lt(before)).exec(self.connection()).await?;
        let over = sign_on_attempts::Entity::delete_many().filter(sign_on_attempts::Column::ExpiresAt.lt(before));
        over.exec(self.connection()).await?;
        enrolments::Entity::delete_many().filter(enrolments::Column::ExpiresAt.lt(before)).exec(self.connection()).await?;
        Ok(())
    }

    /// Takes away all ways in of somebody who is forgotten.
    pub async fn forget_ways_in(&self, member: MemberId) -> Result<(), StoreError> {
        self.drop_second_factor(member).await?;
        self.drop_identities(member).await?;
        let theirs: SimpleExpr = enrolments::Column::MemberId.eq(member.0);
        enrolments::Entity::delete_many().filter(theirs).exec(self.connection()).await?;
        Ok(())
    }
}

fn second_factor(row: second_factors::Model) -> SecondFactor {
    SecondFactor {
        member: MemberId(row.member_id),
        sealed: row.sealed,
        confirmed_at: row.confirmed_at.map(Instant::from_ms),
        last_step: row.last_step,
    }
}
