//! An officer or administrator makes a code that puts one phone into service without a password.

use serde_json::json;

use super::{Caller, OperationError, second_factor};
use crate::{
    app::App,
    credentials::sha256,
    domain::{
        enrolment::{self, CODE_MS, Enrolment, may_enrol, must_enrol_somewhere},
        ids::MemberId,
        journal::Entry,
        refusal::Refusal,
        time::Instant,
    },
};

/// A code, which is shown once.
#[derive(Debug)]
pub struct EnrolmentCode {
    /// As it is shown: seven groups of four.
    pub code: String,
    /// The address that a phone reads from a picture. The code stands behind the `#`, so that no server or proxy sees it.
    pub url: String,
    /// Until when it is good.
    pub expires_at: Instant,
}

/// Makes a code for a member; an earlier one that was not used is good no more.
pub async fn enrol(app: &App, caller: &Caller, member: MemberId) -> Result<EnrolmentCode, OperationError> {
    must_enrol_somewhere(&caller.actor())?;
    let person = caller.organisation.members.get(&member).ok_or_else(|| Refusal::invalid("/member_id", "unknown_member"))?;
    may_enrol(&caller.actor(), person)?;
    let (code, expires_at) = (second_factor::new_code(app), app.clock.now().plus_ms(CODE_MS));
    let enrolment = Enrolment { code_sha256: sha256(code.as_bytes()), member, made_by: caller.member, expires_at, session: None };
    let mut tx = caller.begin(app).await?;
    tx.add_enrolment(&enrolment).await?;
    tx.note(Entry {
        facts: json!({ "expires_at": expires_at }),
        ..second_factor::entry(app, Some(caller.member), member, "enrolment_made")
    });
    tx.commit().await?;
    let code = enrolment::shown(&code);
    Ok(EnrolmentCode { url: format!("{}/enrol#{code}", app.settings.public_url()), code, expires_at })
}
