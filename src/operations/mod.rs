//! WHAT CAN HAPPEN. One file for each operation, one transaction for each operation: load, decide, save. The rules are in
//! `domain`; how an operation is asked for is in `http`. Only this folder opens a transaction.

mod accept_action;
mod acknowledge_escalation;
mod acknowledge_report;
mod add_comment;
mod add_member;
mod add_statement;
mod agree_on_time;
mod announce_upload;
mod answer_follow_up;
mod answer_notice;
mod apply_ladders;
mod arrange_substitution;
mod assign_action;
mod attach_photo;
mod attach_preview;
mod attach_statement;
mod beat;
mod bring_in;
mod bring_in_photos;
mod cancel_action;
mod change_category;
mod change_document;
mod change_member;
mod change_password;
mod change_site;
mod check_effectiveness;
mod close_report;
mod complete_action;
mod complete_inquiry;
mod contain_report;
mod continue_upload;
mod correct_report;
mod decide_extension;
mod delegate_action;
mod deliver_notices;
mod disable_member;
mod dismiss_report;
mod enable_member;
mod end_device;
mod end_upload;
mod enrol;
mod escalate_due;
mod explain_report;
mod fetch_original;
mod fetch_statement;
mod file;
mod follow_link;
mod follow_picture;
mod follow_up;
mod foresee;
mod forget_tries;
mod gather_digests;
mod grant_role;
mod hand_over;
mod hold_inquiry;
mod hold_photo;
mod hold_report;
mod hold_until_arrival;
mod identify;
mod import_members;
mod investigate_report;
mod justify_controls;
mod let_in;
mod load_pack;
mod look_for_similar;
mod mark_duplicate;
mod pass_on;
mod read_bounces;
mod read_changes;
mod read_follow_up;
mod read_identity;
mod record_filing;
mod record_injury;
mod recount_deadlines;
mod recover_follow_up;
mod redact_photo;
mod redeem_enrolment;
mod refresh_session;
mod rehearse;
mod render_photos;
mod reopen_report;
mod request_extension;
mod request_information;
mod resume_upload;
mod return_action;
mod route_report;
mod seal_journal;
mod second_factor;
mod security;
mod set_password;
mod show_notice;
mod sign_in;
mod sign_inquiry;
mod sign_out;
mod single_sign_on;
mod start_action;
mod submit_report;
mod sweep_orphans;
mod sweep_uploads;
mod tell_accounts;
mod tidy_up;
mod transfer_report;
mod triage_report;
mod tries;
mod unseal_report;
mod verify_action;
mod verify_journal;
mod watch;
mod withdraw_follow_up;
mod withdraw_report;

use std::sync::Arc;

pub use self::{
    accept_action::accept_action,
    acknowledge_escalation::acknowledge_escalation,
    acknowledge_report::acknowledge_report,
    add_comment::add_comment,
    add_member::{MemberDraft, add_member},
    add_statement::add_statement,
    agree_on_time::agree_on_time,
    announce_upload::{UploadDraft, announce_upload},
    answer_follow_up::answer_follow_up,
    answer_notice::answer_notice,
    apply_ladders::{Apply, apply_ladders},
    arrange_substitution::{arrange_substitution, end_substitution},
    assign_action::assign_action,
    attach_photo::{Said, attach_photo},
    attach_preview::attach_preview,
    attach_statement::attach_statement,
    beat::beat,
    bring_in_photos::bring_in_photos,
    cancel_action::cancel_action,
    change_category::change_category,
    change_document::change_document,
    change_member::change_member,
    change_password::change_password,
    change_site::change_site,
    check_effectiveness::check_effectiveness,
    close_report::close_report,
    complete_action::complete_action,
    complete_inquiry::complete_inquiry,
    contain_report::contain_report,
    continue_upload::{Piece, continue_upload},
    correct_report::correct_report,
    decide_extension::decide_extension,
    delegate_action::delegate_action,
    deliver_notices::deliver_notices,
    disable_member::disable_member,
    dismiss_report::dismiss_report,
    enable_member::enable_member,
    end_device::{end_device, end_other_devices},
    end_upload::end_upload,
    enrol::{EnrolmentCode, enrol},
    escalate_due::escalate_due,
    explain_report::{Explanation, Routing, Upcoming, explain_report},
    fetch_original::fetch_original,
    fetch_statement::fetch_statement,
    follow_link::{Link, follow_link},
    follow_picture::{Picture, follow_picture, picture_token},
    follow_up::Secrets,
    foresee::{Foresight, foresee},
    forget_tries::forget_tries,
    gather_digests::gather_digests,
    grant_role::grant_role,
    hand_over::{HandedOver, hand_over},
    hold_inquiry::hold_inquiry,
    hold_report::hold_report,
    hold_until_arrival::Arrival,
    identify::{identify, identify_by_session},
    import_members::{Imported, import_members},
    investigate_report::investigate_report,
    justify_controls::justify_controls,
    let_in::{Device, SignedIn},
    load_pack::{load_pack, load_people},
    look_for_similar::look_for_similar,
    mark_duplicate::mark_duplicate,
    read_bounces::read_bounces,
    read_changes::{Changes, latest_changes, read_changes},
    read_follow_up::{FollowedUp, read_follow_up},
    read_identity::read_identity,
    record_filing::record_filing,
    record_injury::record_injury,
    recount_deadlines::recount_deadlines,
    recover_follow_up::recover_follow_up,
    redact_photo::redact_photo,
    redeem_enrolment::redeem_enrolment,
    refresh_session::refresh_session,
    rehearse::{rehearse_ladders, rehearse_routes},
    render_photos::render_photos,
    reopen_report::reopen_report,
    request_extension::request_extension,
    request_information::request_information,
    resume_upload::{Ticket, resume_upload},
    return_action::return_action,
    seal_journal::seal_journal,
    second_factor::{SetUp, confirm_second_factor, remove_second_factor, reset_second_factor, set_up_second_factor},
    security::SECURITY,
    set_password::set_password,
    show_notice::show_notice,
    sign_in::{Credentials, sign_in},
    sign_inquiry::sign_inquiry,
    sign_out::sign_out,
    single_sign_on::{Finish, SignOn, finish_single_sign_on, start_single_sign_on, unlink_identities},
    start_action::start_action,
    submit_report::{Sent, submit_report},
    sweep_orphans::{shelf_at, sweep_orphans},
    sweep_uploads::sweep_uploads,
    tell_accounts::tell_accounts,
    tidy_up::{ClassDue, Tidying, rehearse_tidying, tidy_up},
    transfer_report::transfer_report,
    triage_report::triage_report,
    unseal_report::unseal_report,
    verify_action::verify_action,
    verify_journal::{Followed, JournalFault, verify_journal},
    watch::{Watch, calendar_concerns, free_leases, keep_watch, mail_load, watch},
    withdraw_follow_up::withdraw_follow_up,
    withdraw_report::withdraw_report,
};
use crate::{
    app::App,
    credentials::Unhashable,
    domain::{
        access::Actor,
        ids::{MemberId, SessionId},
        once::Once,
        organisation::Organisation,
        refusal::Refusal,
        session::SignInRefusal,
        time::Instant,
    },
    photos::PhotoError,
    store::{StoreError, Tx, Used},
};

/// Why an operation did not happen. Nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum OperationError {
    /// A rule said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Whoever asks is not signed in, or not as whom they say.
    #[error("not signed in")]
    NotSignedIn,
    /// Somebody is not let in, or not yet.
    #[error(transparent)]
    SignIn(#[from] SignInRefusal),
    /// It happened before, by the same command under the same key.
    #[error("happened before")]
    Repeated,
    /// Another command was given under the same key before.
    #[error("the key was used for another command")]
    KeyReused,
    /// Too much at once.
    #[error("too much at once")]
    Busy,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The photo or its store.
    #[error(transparent)]
    Photo(#[from] PhotoError),
    /// Something that cannot be: a fault of ours.
    #[error("{0}")]
    Fault(&'static str),
}

impl From<Unhashable> for OperationError {
    fn from(error: Unhashable) -> Self {
        match error {
            Unhashable::Busy => Self::Busy,
            Unhashable::Failed => Self::Fault("a password hash could not be made"),
        }
    }
}

/// Somebody signed in.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub member: MemberId,
    /// With which session.
    pub session: SessionId,
    /// The organisation as it stood when they asked.
    pub organisation: Arc<Organisation>,
    /// Whether they must set up a second factor before they do anything else.
    pub owes_second_factor: bool,
    /// When they said it, as their device claims; the request may have waited for a line since.
    pub said_at: Option<Instant>,
    /// When they sent the request, as their device claims.
    pub sent_at: Option<Instant>,
    /// Under which key they give a command, so that it happens once however often it comes.
    pub once: Option<Once>,
}

impl Caller {
    /// The caller before the access rules.
    pub fn actor(&self) -> Actor<'_> {
        Actor { member: self.member, organisation: &self.organisation }
    }

    /// A transaction that puts on record when the caller said it, and uses their key, if they gave one: with what the command
    /// does, or not at all.
    pub(in crate::operations) async fn begin(&self, app: &App) -> Result<Tx, OperationError> {
        let tx = app.store.begin().await?.said(self.said_at);
        let Some(once) = &self.once else { return Ok(tx) };
        match tx.use_key(self.member, once, app.clock.now()).await? {
            Used::Now => Ok(tx),
            Used::BySame => Err(OperationError::Repeated),
            Used::ByAnother => Err(OperationError::KeyReused),
        }
    }
}

/// Whether something was made, or had been made before by the same words.
#[derive(Debug, Clone, PartialEq)]
pub enum Made<T> {
    /// Just now.
    New(T),
    /// Before; the answer is the same.
    Before(T),
}

impl<T> Made<T> {
    /// What was made, whenever.
    pub fn into_inner(self) -> T {
        match self {
            Self::New(it) | Self::Before(it) => it,
        }
    }
}
