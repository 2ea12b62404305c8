//! A fleet of phones over three days: they come and go, send what they sent already, lose answers on the way and ask again
//! from an older cursor, while reports are handled, handed on and moved to other sites. In the end every copy is the server's.
//! `SALAMA_FLEET=seed,phones` draws another life.

use std::collections::BTreeSet;

use salama::domain::audience::Role;
use serde_json::{Value, json};

use crate::{
    changes::Copy,
    simulation::chance::Chance,
    support::{
        house::House,
        person::{Person, hazard},
        stories,
    },
};

stories!(phones_that_come_and_go_for_three_days_end_with_the_servers_state);

const SEED: u64 = 2026;
const PHONES: usize = 200;
const HOURS: u64 = 72;
const SITES: [&str; 3] = ["AGA", "TIZ", "TAR"];

/// A phone: what it has not brought out of its queue yet, and its copy.
struct Phone {
    person: Person,
    site: String,
    queue: Vec<(String, Value)>,
    sent: BTreeSet<String>,
    copy: Copy,
}

impl Phone {
    /// Takes a report into the queue; nothing is sent.
    fn writes(&mut self, chance: &mut Chance) {
        let mut draft = hazard(&self.site);
        draft["potential_severity"] = (chance.below(5) + 1).into();
        self.queue.push((self.person.new_id(), draft));
    }

    /// A line comes up: the queue is sent and changes are asked for, and the line may drop at any answer.
    async fn wakes(&mut self, house: &House, chance: &mut Chance) {
        self.person = house.again(&self.person).await;
        while let Some((id, draft)) = self.queue.first().cloned() {
            let answer = self.person.put(&format!("/v1/reports/{id}"), &draft).await;
            assert!([200, 201].contains(&answer.status), "{} {:#}", answer.status, answer.body);
            self.sent.insert(id);
            if chance.percent(17) {
                // The answer was lost: it is sent again the next time.
                return;
            }
            self.queue.remove(0);
        }
        loop {
            let answer = self.copy.asks(&self.person).await;
            if chance.percent(12) {
                // Lost as well: the next time it is asked from the older cursor.
                return;
            }
            self.copy.takes(&answer);
            if answer["has_more"] == false {
                return;
            }
        }
    }
}

impl Phone {
    /// In the end its copy is what the server shows, and all it sent is there.
    async fn ends_as_the_server(&mut self) {
        self.copy.syncs(&self.person).await;
        self.copy.is_the_servers(&self.person).await;
        assert!(self.sent.iter().all(|id| self.copy.reports.contains_key(id)), "what was sent is there");
    }
}

/// What happens at a desk in an hour: reports are answered, given to somebody, moved elsewhere.
async fn works(house: &House, officer: &Person, phones: &[Phone], chance: &mut Chance) {
    let officer = house.again(officer).await;
    let open = officer.get("/v1/reports?state=submitted&limit=20").await.expect(200);
    for report in open["items"].as_array().unwrap() {
        let id = report["id"].as_str().unwrap();
        match chance.below(5) {
            0 => {
                officer.commands(id, "dismiss", json!({ "reason": "Not dangerous" })).await;
            }
            1 | 2 => {
                officer.commands(id, "acknowledge", json!({})).await.expect(200);
                let owner = &phones[chance.below(phones.len())].person;
                let action = officer.assigns(id, owner, None).await;
                if chance.percent(50) {
                    let next = &phones[chance.below(phones.len())].person;
                    let hands_on = json!({ "owner_id": next.id.0, "reason": "On leave" });
                    let answer = house.again(owner).await.acts(&action, "delegate", hands_on).await;
                    assert!(answer.status == 200 || owner.id == next.id, "{:#}", answer.body);
                }
            }
            3 => {
                let to = house.site(SITES[chance.below(SITES.len())]).await;
                officer.commands(id, "correct", json!({ "site_id": to, "reason": "It is there" })).await;
            }
            _ => {}
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "not the program's own settings")]
async fn phones_that_come_and_go_for_three_days_end_with_the_servers_state(house: House) {
    let drawn = std::env::var("SALAMA_FLEET").ok();
    let drawn = drawn.as_deref().and_then(|words| words.split_once(','));
    let (seed, phones) = drawn.map_or((SEED, PHONES), |(seed, n)| (seed.parse().unwrap(), n.parse().unwrap()));
    println!("SALAMA_FLEET={seed},{phones}");
    let mut chance = Chance::of(seed);
    let officer = house.joins("Zineb", Role::Officer, "SRM-SM").await;
    let local = house.joins("Brahim", Role::Officer, "AGA").await;
    let admin = house.joins("Admin", Role::Admin, "SRM-SM").await;
    let mut fleet = Vec::new();
    for n in 0..phones {
        let code = SITES[n % SITES.len()];
        let person = house.joins(&format!("P{n}"), Role::Technician, code).await;
        let site = house.site(code).await;
        fleet.push(Phone { person, site, queue: vec![], sent: BTreeSet::new(), copy: Copy::default() });
    }
    let (mut desk, mut moves) = (Copy::default(), 0);
    for _ in 0..HOURS {
        for _ in 0..phones.div_ceil(24) {
            let n = chance.below(phones);
            if chance.percent(33) {
                fleet[n].writes(&mut chance);
            }
            fleet[n].wakes(&house, &mut chance).await;
        }
        works(&house, &officer, &fleet, &mut chance).await;
        if chance.percent(8) {
            let site = house.site(SITES[chance.below(SITES.len())]).await;
            let path = format!("/v1/members/{}/grants/officer/{site}", local.id.0);
            let admin = house.again(&admin).await;
            if chance.percent(50) {
                admin.put(&path, &json!({})).await;
            } else {
                admin.send(admin.web.delete(format!("{}{path}", admin.url))).await;
            }
            moves += 1;
        }
        if chance.percent(25) {
            desk.syncs(&house.again(&local).await).await;
        }
        house.clock.advance(3_600_000).unwrap();
    }
    for phone in &mut fleet {
        phone.person = house.again(&phone.person).await;
        for (id, draft) in phone.queue.drain(..) {
            let answer = phone.person.put(&format!("/v1/reports/{id}"), &draft).await;
            assert!([200, 201].contains(&answer.status), "{:#}", answer.body);
            phone.sent.insert(id);
        }
    }
    let mut all = BTreeSet::new();
    for some in fleet.chunks_mut(8) {
        futures_util::future::join_all(some.iter_mut().map(Phone::ends_as_the_server)).await;
        for phone in some {
            all.append(&mut phone.sent);
        }
    }
    let local = house.again(&local).await;
    desk.syncs(&local).await;
    desk.is_the_servers(&local).await;
    let mut whole = Copy::default();
    whole.syncs(&house.again(&officer).await).await;
    assert_eq!(whole.reports.keys().cloned().collect::<BTreeSet<_>>(), all, "each report is there once");
    assert!(all.len() > phones / 2 && moves > 0, "something happened: {} reports, {moves} moves", all.len());
}
