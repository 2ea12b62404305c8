//! What holds when sites, people and categories are administered: what may be written, what may not go in a circle, and how
//! open work passes from one person to another. Who may administer is in `access`.

mod hand_over;
mod import;
mod logins;
mod member;
mod site;

pub use self::{
    hand_over::{HandOver, Handed, OpenCounts, OpenWork, Part, stranded},
    import::{MemberLine, Planned, plan_import},
    logins::Logins,
    member::{MemberDetails, RawMember, RawSubstitution, goes_in_a_circle},
    site::{RawCategory, RawSite},
};
use super::{organisation::Label, refusal::FieldErrors};

/// Whether people can be called by it: 1 to 200 characters on one line.
pub fn is_a_name(text: &str) -> bool {
    let name = text.trim();
    !name.is_empty() && name.chars().count() <= 200 && !name.chars().any(char::is_control)
}

/// Whether rules can name something by it: 1 to 40 letters, digits, hyphens or low lines.
fn is_a_code(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

fn label(label: Label, errors: &mut FieldErrors) -> Label {
    for (pointer, name) in [("/name/ar", &label.ar), ("/name/fr", &label.fr), ("/name/en", &label.en)] {
        if !is_a_name(name) {
            errors.add(pointer, "not_a_name");
        }
    }
    let trimmed = |name: String| name.trim().to_owned();
    Label { ar: trimmed(label.ar), fr: trimmed(label.fr), en: trimmed(label.en) }
}

#[cfg(test)]
mod tests;
