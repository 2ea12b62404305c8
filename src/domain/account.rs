//! What is said to somebody about their own account, by mail, because they might not know of it (OWASP ASVS 5.0, 6.3.7). It
//! is about no report: nobody stands in for the reader, nothing escalates, and its link opens nothing of theirs.

use super::{
    ids::{AccountWordId, MemberId},
    time::Instant,
    words::words,
};

words! {
    /// What happened to an account.
    pub enum AccountEvent {
        /// It was signed in on a device it was never on before.
        NewDevice = "new_device",
        /// A refresh token was used twice: somebody may have a copy. The device was signed out.
        TokenCopied = "token_copied",
        /// It has another password.
        PasswordChanged = "password_changed",
        /// A second factor is asked for from now on.
        SecondFactorAdded = "second_factor_added",
        /// No second factor is asked for any more.
        SecondFactorRemoved = "second_factor_removed",
        /// A recovery code was used in the place of the second factor.
        RecoveryCodeUsed = "recovery_code_used",
        /// It can be signed in to through the organisation's provider.
        IdentityLinked = "identity_linked",
    }
}

/// Something to be said to somebody about their account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountWord {
    /// Its id; also the mail's Message-ID.
    pub id: AccountWordId,
    /// To whom, and about whose account.
    pub member: MemberId,
    /// What happened.
    pub event: AccountEvent,
    /// What the device in question calls itself, where there is one.
    pub device: Option<String>,
    /// When it happened.
    pub at: Instant,
}
