//! A code that puts one phone into service without a password: made by an officer or administrator, good once and for a day.

use super::{
    access::{Actor, Deed},
    audience::Role,
    ids::{MemberId, SessionId},
    organisation::Member,
    refusal::Refusal,
    time::Instant,
};

/// How long a code is good, in milliseconds.
pub const CODE_MS: i64 = 86_400_000;
/// How many characters a code has: 140 bits of chance (OWASP ASVS 5.0, 11.5.1).
pub const CODE_CHARS: usize = 28;

/// A code that was made for somebody. Only its hash is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// SHA-256 of the code.
    pub code_sha256: [u8; 32],
    /// Whom it lets in.
    pub member: MemberId,
    /// Who made it.
    pub made_by: MemberId,
    /// Until when it is good.
    pub expires_at: Instant,
    /// The session it was redeemed for.
    pub session: Option<SessionId>,
}

/// Refuses to make codes to those who can make one for nobody.
pub fn must_enrol_somewhere(actor: &Actor<'_>) -> Result<(), Refusal> {
    let may = actor.may_somewhere(Deed::Administer) || actor.may_somewhere(Deed::HandleReports);
    if may { Ok(()) } else { Err(Refusal::MayNot("enrol")) }
}

/// Refuses to make a code for somebody whom the caller neither administers nor has under them as an officer: a technician of
/// their own sites. Nobody lets themselves in.
pub fn may_enrol(actor: &Actor<'_>, person: &Member) -> Result<(), Refusal> {
    let in_the_field = |person: &Member| {
        !person.grants.is_empty()
            && person.grants.iter().all(|grant| grant.role == Role::Technician && actor.may_at(Deed::HandleReports, grant.site))
    };
    let may = person.id != actor.member && (actor.may_administer(person) || in_the_field(person));
    if !may {
        return Err(Refusal::MayNot("enrol"));
    }
    if person.disabled_at.is_some() { Err(Refusal::Conflict("member_disabled")) } else { Ok(()) }
}

/// A code as it is shown: in groups of four.
pub fn shown(code: &str) -> String {
    let mut shown = String::new();
    for (n, c) in code.chars().enumerate() {
        if n > 0 && n % 4 == 0 {
            shown.push('-');
        }
        shown.push(c);
    }
    shown
}

/// A code as somebody typed it: in capitals, without what stands between the groups, and with the digits that look like
/// letters as the letters they must be (RFC 4648 knows no 0, 1 and 8).
pub fn typed(text: &str) -> Option<String> {
    let read = |c: char| match c.to_ascii_uppercase() {
        '0' => 'O',
        '1' => 'I',
        '8' => 'B',
        other => other,
    };
    let code: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(read).take(CODE_CHARS + 1).collect();
    let whole = code.len() == CODE_CHARS && code.chars().all(|c| c.is_ascii_uppercase() || ('2'..='7').contains(&c));
    whole.then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::organisation::tests::{member, organisation, person};

    #[test]
    fn a_code_is_read_as_it_is_shown_and_as_people_type_it() {
        let code = "ABCDEFGHIJKLMNOPQRSTUVWXYZ23";
        assert_eq!(shown(code), "ABCD-EFGH-IJKL-MNOP-QRST-UVWX-YZ23");
        for text in [code, &shown(code), &shown(code).to_lowercase(), &format!(" {} ", shown(code).replace('-', " "))] {
            assert_eq!(typed(text).as_deref(), Some(code), "{text}");
        }
        assert_eq!(typed(&code.replace('O', "0").replace('I', "1").replace('B', "8")).as_deref(), Some(code));
        for wrong in ["", "ABCD", &format!("{code}A"), &code.replace('A', "é"), &code.replace('A', "9"), &"A".repeat(100_000)] {
            assert_eq!(typed(wrong), None);
        }
    }

    #[test]
    fn officers_let_technicians_of_their_sites_in_and_administrators_whom_they_administer() {
        use Role::{Admin, Manager, Officer, Technician};
        let people = vec![
            person(1, None, &[(Officer, 2)]),
            person(2, None, &[(Admin, 2)]),
            person(3, None, &[(Technician, 4)]),
            person(4, None, &[(Technician, 4), (Officer, 4)]),
            person(5, None, &[(Technician, 3)]),
            person(6, None, &[(Manager, 2)]),
            person(7, None, &[]),
        ];
        let organisation = organisation(people);
        let may = |who: u128, whom: u128| {
            let actor = Actor { member: member(who), organisation: &organisation };
            may_enrol(&actor, &organisation.members[&member(whom)]).is_ok()
        };
        for (who, whom, allowed) in [
            (1, 3, true),
            (1, 4, false),
            (1, 5, false),
            (1, 7, false),
            (2, 3, true),
            (2, 4, true),
            (2, 5, false),
            (2, 2, false),
            (3, 3, false),
            (6, 3, false),
        ] {
            assert_eq!(may(who, whom), allowed, "{who} for {whom}");
        }
    }
}
