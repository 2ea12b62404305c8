//! The story as it is told: a timeline for people, or one JSON document. What happened is known elsewhere.

use serde_json::{Value, json};

use super::{client::text, mails::Mail, people::sign_in_name, stage::Stage, story::Awaited};
use crate::{
    clock::Clock,
    domain::{
        locale::Locale,
        time::{Instant, Zone},
    },
    texts::isolate_within,
};

const WIDTH: usize = 100;

/// What was told so far.
pub struct Timeline {
    clock: Clock,
    zone: Zone,
    json: bool,
    steps: Vec<Value>,
    day: String,
    failed: bool,
    /// The page of the last mail, for a person to open.
    page: Option<String>,
    mails: usize,
}

impl Timeline {
    /// Nothing yet.
    pub fn new(clock: Clock, zone: Zone, json: bool) -> Self {
        Self { clock, zone, json, steps: vec![], day: String::new(), failed: false, page: None, mails: 0 }
    }

    /// What this is, before it begins.
    pub fn opens(&self, stage: &Stage) {
        self.print("A report, its photo, an action that nobody takes care of, and how it climbs.");
        self.print(&format!("A real server at {}, real clients over HTTP; only its clock is moved.", stage.url));
        let mails = if stage.mails.is_some() { "the mails in mails/" } else { "but mails go out over SMTP" };
        self.print(&format!("What it makes lies in {}, {mails}.", stage.folder.display()));
    }

    /// Somebody did something, and the server's answer showed it.
    pub fn says(&mut self, who: &str, what: &str) {
        let at = self.clock.now();
        self.steps.push(json!({ "at": at, "at_local": at.local_text(&self.zone), "who": who, "what": what, "seen": true }));
        self.line(at, &format!("{who} {what}"));
    }

    /// A mail reached somebody.
    pub fn mail(&mut self, mail: &Awaited, row: &Value, written: Option<&Mail>) {
        let at = self.clock.now();
        let because = text(row, "/because");
        let (subject, file) = written.map_or((None, None), |mail| (Some(&mail.subject), Some(mail.file.display().to_string())));
        self.steps.push(json!({
            "at": at, "at_local": at.local_text(&self.zone), "who": "Salama", "what": format!("tells {}", mail.name), "seen": true,
            "mail": { "to": mail.email, "kind": mail.kind, "step": mail.step, "because": because, "subject": subject,
                "message_id": text(row, "/id"), "file": file },
        }));
        self.mails += 1;
        self.page = written.as_ref().map(|mail| mail.page().display().to_string()).or(self.page.take());
        if !self.json {
            println!("         → {} <{}>", shown(&mail.name), mail.email);
            if let Some(subject) = subject {
                println!("           {}", isolate_within(Locale::En, subject));
            }
            println!("           because: {because}");
        }
    }

    /// A step was not seen: the story ends here.
    pub fn failed(&mut self, why: &anyhow::Error) {
        let at = self.clock.now();
        self.failed = true;
        let what = format!("{why:#}");
        self.steps
            .push(json!({ "at": at, "at_local": at.local_text(&self.zone), "who": "the demo", "what": what, "seen": false }));
        self.line(at, &format!("NOT SEEN: {what}"));
    }

    /// How it went, and what can be tried now.
    pub fn closes(&self, stage: &Stage, leaves: bool) {
        if self.json {
            let sign_ins: Vec<Value> =
                sign_ins(stage).map(|(login, role, name)| json!({ "login": login, "role": role, "name": name })).collect();
            let story = json!({
                "story": self.steps,
                "summary": {
                    "every_step_seen": !self.failed, "steps": self.steps.len(), "mails": self.mails, "folder": stage.folder,
                    "mails_folder": stage.mails, "url": stage.url, "docs": format!("{}/docs", stage.url), "sign_ins": sign_ins,
                    "password": stage.phrase,
                },
            });
            println!("{story:#}");
            return;
        }
        println!();
        self.print(if self.failed {
            "The story ended early: a step was not seen."
        } else {
            "Every step was seen, in the server's own answers and in the mails."
        });
        if leaves {
            self.says_what_is_left(stage);
        } else {
            self.invites(stage);
        }
    }

    fn says_what_is_left(&self, stage: &Stage) {
        if stage.is_passing() && !self.failed {
            self.print(
                "What it made is removed now; name a folder with --dir to keep the mails, or leave out --once to look around.",
            );
        } else {
            self.print(&format!("What it made is kept in {}.", stage.folder.display()));
        }
    }

    fn invites(&self, stage: &Stage) {
        let url = &stage.url;
        let date = self.formatted(self.clock.now(), "%-d %B %Y");
        println!("\nThe server goes on until Ctrl-C; for it, it is {date}.");
        println!("  The API, to read   {url}/docs");
        if let Some(folder) = &stage.mails {
            println!("  The mails          {} (.eml, and .html to open in a browser)", folder.display());
        }
        if let Some(page) = &self.page {
            println!("  The last of them   {page}");
        }
        println!("  Sign in as         one of these, all with the password {}", stage.phrase);
        for (login, role, name) in sign_ins(stage) {
            println!("                       {login:<28} {role:<13} {}", shown(&name));
        }
        let officer = "brahim.ouchen@example.org";
        let sign_in = json!({ "login": officer, "password": stage.phrase, "device": { "id": "me", "name": "curl" } });
        println!("  Try");
        println!("    TOKEN=$(curl -s {url}/v1/sessions -H 'content-type: application/json' \\");
        println!("      -d '{sign_in}' \\");
        println!("      | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')");
        println!("    curl -s {url}/v1/reports -H \"authorization: Bearer $TOKEN\"");
    }

    /// A date as the timeline writes it.
    pub fn date(&self, instant: &str) -> String {
        instant.parse().map_or_else(|_| instant.to_owned(), |at| self.formatted(at, "%A %-d %B %Y, %H:%M"))
    }

    fn formatted(&self, at: Instant, form: &str) -> String {
        at.timestamp().to_zoned(self.zone.rules()).strftime(form).to_string()
    }

    fn line(&mut self, at: Instant, what: &str) {
        let day = self.formatted(at, "%A %-d %B %Y");
        if !self.json && day != self.day {
            println!("\n{day}");
            self.day = day;
        }
        self.print_after(&format!("  {}  ", self.formatted(at, "%H:%M")), what);
    }

    fn print(&self, what: &str) {
        self.print_after("", what);
    }

    /// Words after a head, on lines of a readable length that begin where the words do.
    fn print_after(&self, head: &str, what: &str) {
        if self.json {
            return;
        }
        let indent = " ".repeat(head.chars().count());
        let what = shown(what);
        let mut line = head.to_owned();
        let mut empty = true;
        for word in what.split_whitespace() {
            if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
                println!("{line}");
                line.clone_from(&indent);
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            line.push_str(word);
            empty = false;
        }
        println!("{line}");
    }
}

/// Names of the other writing direction are kept in their place.
fn shown(text: &str) -> String {
    let mut parts: Vec<String> = vec![];
    let mut name: Vec<&str> = vec![];
    for word in text.split_whitespace() {
        if isolate_within(Locale::En, word) == word {
            parts.extend(kept_in_place(&mut name));
            parts.push(word.to_owned());
        } else {
            name.push(word);
        }
    }
    parts.extend(kept_in_place(&mut name));
    parts.join(" ")
}

fn kept_in_place(name: &mut Vec<&str>) -> Option<String> {
    let whole = name.join(" ");
    name.clear();
    (!whole.is_empty()).then(|| isolate_within(Locale::En, &whole))
}

fn sign_ins(stage: &Stage) -> impl Iterator<Item = (String, String, String)> + '_ {
    stage.people.iter().filter_map(|person| {
        let role = person.grants.first().map_or("", |grant| grant.role.word());
        Some((sign_in_name(person)?.to_owned(), role.to_owned(), person.name.clone()))
    })
}
