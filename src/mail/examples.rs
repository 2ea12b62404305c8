//! Letters for the tests of this room, with ids and dates that never change.

use super::*;
use crate::domain::{
    locale::Locale,
    time::{Instant, Zone},
};

/// A letter of that kind with everything a letter can have; `None` is the test letter.
pub fn letter(kind: Option<LetterKind>, locale: Locale) -> Letter {
    let (kind_label, category, site) = match locale {
        Locale::Ar => ("حادث وشيك", "مخاطر كهربائية", "محطة الضخ أكادير الشمالية"),
        Locale::Fr => ("presqu'accident", "Risque électrique", "Station de pompage Agadir Nord"),
        Locale::En => ("near miss", "Electrical hazard", "Agadir North pumping station"),
    };
    let at: Instant = "2026-11-23T09:12:00Z".parse().unwrap();
    let hours = |count: i64| at.plus_ms(count * 3_600_000);
    let matter = kind.map(|kind| {
        let late = matches!(kind, LetterKind::Overdue | LetterKind::Escalation);
        let ladder = late || kind == LetterKind::Reminder;
        let over = matches!(kind, LetterKind::ActionVerified | LetterKind::ActionCancelled | LetterKind::ActionReassigned);
        let to_sender = kind.is_discreet();
        let of_report = to_sender || matches!(kind, LetterKind::ReportAssigned | LetterKind::ReportReopened);
        Matter {
            kind,
            case: Case {
                number: "R-2026-00042".into(),
                potential_severity: 4,
                kind: kind_label.into(),
                category: category.into(),
                site: site.into(),
            },
            action: (!of_report).then_some(2),
            filing: None,
            duty: match kind {
                _ if to_sender || over => None,
                LetterKind::ReportAssigned => Some("acknowledge"),
                LetterKind::ReportReopened => Some("investigate"),
                LetterKind::VerificationAsked => Some("verify_action"),
                _ => Some("complete_action"),
            },
            due_at: (!to_sender && !over).then(|| hours(if late { -72 } else { 50 })),
            told: if late {
                vec![
                    Told { who: Colleague { name: "Youssef El Amrani".into(), role: "owner" }, at: hours(-71), step: 1 },
                    Told {
                        who: Colleague { name: "فاطمة الزهراء بناني".into(), role: "officer" }, at: hours(-24), step: 2
                    },
                ]
            } else {
                Vec::new()
            },
            next: ladder.then(|| Next {
                people: ["Salma Idrissi", "Omar Tazi"].map(|name| Colleague { name: name.into(), role: "manager" }).into(),
                at: hours(24),
            }),
            because: match kind {
                _ if ladder => Some(Because::Ladder { version: 3, step: 3 }),
                LetterKind::ReportAssigned
                | LetterKind::ActionAssigned
                | LetterKind::VerificationAsked
                | LetterKind::ActionReturned => Some(Because::Route { version: 7 }),
                _ => None,
            },
            in_place_of: (kind == LetterKind::MailBounced).then(|| "Youssef El Amrani".into()),
            entry: (over || matches!(kind, LetterKind::ActionAssigned | LetterKind::ExtensionDecided)).then(|| Entry {
                action: "0193a5e0-2222-7000-8000-000000000002".parse().unwrap(),
                sequence: 3,
                due_at: hours(50),
                over,
            }),
        }
    });
    Letter {
        id: "0193a5e0-0000-7000-8000-00000000002a".parse().unwrap(),
        seal: "5ea1".into(),
        at,
        locale,
        zone: Zone::named("Africa/Casablanca").unwrap(),
        to: Recipient { name: "Karim Berrada".into(), address: "k.berrada@example.org".into() },
        thread: "report-0193a5e0-1111-7000-8000-000000000001".into(),
        link: "https://salama.example.org/m/0193a5e0c0ffee".into(),
        about: matter.map_or(About::Test, |matter| About::Matter(Box::new(matter))),
    }
}

/// The report a letter of the tests is about, to be changed.
pub fn matter_of(letter: &mut Letter) -> &mut Matter {
    let About::Matter(matter) = &mut letter.about else { panic!("a letter about no report") };
    matter
}

#[test]
fn a_letter_has_no_place_for_a_narrative_a_title_or_an_injured_person() {
    // Written out without `..`: whoever adds a field meets this test, and this question: may it stand in a mailbox?
    let Letter { id: _, seal: _, at: _, locale: _, zone: _, to, thread: _, link: _, about } =
        letter(Some(LetterKind::Overdue), Locale::En);
    let Recipient { name: _, address: _ } = to;
    let Matter { kind: _, case, action: _, filing: _, duty: _, due_at: _, told: _, next: _, because: _, in_place_of: _, entry } =
        *match about {
            About::Matter(matter) => matter,
            About::Digest(_) | About::Account { event: _, device: _ } | About::Test => panic!("a letter about no report"),
        };
    let (Some(Entry { action: _, sequence: _, due_at: _, over: _ }) | None) = entry;
    let Case { number: _, potential_severity: _, kind: _, category: _, site: _ } = case;
}
