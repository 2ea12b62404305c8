//! The morning: a report comes in, its photo is made fit to be shown, the officer takes charge and assigns the work.

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use super::{
    client::{list, text},
    photo::Look,
    story::{Awaited, Day},
};

const SITE: &str = "AGA-VIL";
const CATEGORY: &str = "UGS";
const NARRATIVE: &str = "كابل مقطوع وأسلاكه مكشوفة في خندق مفتوح بجانب الطريق.";
/// The longest side of what is shown of a photo, in pixels.
const DISPLAY: u32 = 1600;

/// A technician reports, twice as it happens, and those who must know are told.
pub async fn a_report_comes_in(day: &mut Day<'_>) -> anyhow::Result<()> {
    let who = day.people.reporter.label();
    day.people.reporter.client.sign_in().await?;
    day.told.says(&who, &format!("signs in on a phone with employee number {}", day.people.reporter.login));
    let sites = day.people.reporter.client.get("/v1/sites").await?.when(200)?;
    let site = list(&sites, "/items").iter().find(|site| text(site, "/code") == SITE).context("the site is not there")?;
    let photo = &day.stage.photo;
    let draft = json!({
        "kind": "hazard", "aspects": ["safety"], "category": CATEGORY, "site_id": site["id"], "narrative": NARRATIVE,
        "captured_at": day.stage.clock.now(), "location": { "lat": 30.4200, "lon": -9.5980, "accuracy_m": 12 }, "language": "ar",
        "photos": [{ "id": day.photo, "sha256": hex::encode(photo.sha256), "bytes": photo.bytes.len(), "media_type": photo.media_type }],
    });
    day.minutes(2)?;
    let path = day.path("");
    let sent = day.people.reporter.client.put(&path, &draft).await?.when(201)?;
    day.number = text(&sent, "/number");
    let site_name = text(site, "/name/en");
    day.told.says(&who, &format!("reports {}: a cut cable with bare wires in an open trench, {site_name}", day.number));
    let again = day.people.reporter.client.put(&path, &draft).await?.when(200)?;
    ensure!(text(&again, "/number") == day.number, "the same report sent twice became two");
    day.told.says(&who, "sends it again, as a phone on a bad line does: it is known, and still one report");
    let routed = text(&sent, "/routed_by");
    day.told.says("Salama", &format!("routes it to {} by \"{routed}\", and its clocks run", day.people.officer.label()));
    let people = &day.people;
    let wanted = [&people.officer, &people.manager].map(|who| Awaited::by(who, "report_assigned", None));
    day.mails_reach(wanted.into()).await
}

/// The photo follows; what others see of it is upright and empty of metadata, and the original stays sealed.
pub async fn its_photo_is_made_fit_to_be_shown(day: &mut Day<'_>) -> anyhow::Result<()> {
    let (who, photo, id) = (day.people.reporter.label(), &day.stage.photo, day.photo);
    day.minutes(1)?;
    let path = day.path(&format!("/photos/{id}"));
    let reporter = &mut day.people.reporter.client;
    reporter.put_photo(&path, photo.media_type, &photo.sha256, photo.bytes.clone()).await?.when(201)?;
    day.told.says(&who, &format!("sends the photo: {}", of_original(photo.look, photo.kilobytes())));
    let path = day.path("");
    let ready = |body: &Value| list(body, "/photos").iter().all(|photo| text(photo, "/state") == "ready");
    let reporter = &mut day.people.reporter.client;
    reporter.wait(&path, "the photo's rendition", ready).await?;
    let (status, media_type, display) = reporter.bytes(&format!("/v1/photos/{id}/display")).await?;
    ensure!(status == 200 && media_type == "image/jpeg", "the photo was answered {status} as {media_type}");
    let seen = Look::at(&display)?;
    check_display(seen, photo.look)?;
    let size = format!("{} × {} pixels", seen.width, seen.height);
    day.told.says(&who, &format!("looks at it: upright, {size}, no position and no other metadata left in it"));
    let refused = day.people.reporter.client.bytes(&format!("/v1/photos/{id}/original")).await?;
    ensure!(refused.0 == 403, "a technician was answered {} for the sealed original", refused.0);
    day.told.says(&who, "asks for the sealed original: refused (403)");
    let original = day.people.investigator.client.bytes(&format!("/v1/photos/{id}/original")).await?;
    ensure!(original.0 == 200 && original.2 == photo.bytes, "the original is not what was sent");
    let investigator = day.people.investigator.label();
    day.told.says(&investigator, "may have it, byte for byte as it was sent, and the record says so");
    Ok(())
}

fn of_original(look: Look, kilobytes: usize) -> String {
    let (side, place) = (look.lies_on_its_side, look.tells_where);
    let side = if side { ", lying on its side" } else { "" };
    let place = if place { ", with the phone's position inside" } else { "" };
    format!("{kilobytes} kB, {} × {} pixels{side}{place}", look.width, look.height)
}

fn check_display(seen: Look, original: Look) -> anyhow::Result<()> {
    let (width, height) = original.upright();
    let longest = width.max(height).min(DISPLAY);
    ensure!(seen.width.max(seen.height) == longest, "the longest side is {} and not {longest}", seen.width.max(seen.height));
    let shape = |width: u32, height: u32| f64::from(width) / f64::from(height);
    ensure!((shape(seen.width, seen.height) - shape(width, height)).abs() < 0.02, "the photo does not stand upright");
    ensure!(!seen.has_metadata, "metadata is left in what is shown");
    Ok(())
}

/// The officer acknowledges, rates, makes safe, and writes down the cause, each within its time.
pub async fn the_officer_takes_charge(day: &mut Day<'_>) -> anyhow::Result<()> {
    let who = day.people.officer.label();
    day.minutes(9)?;
    let (report, path) = (day.report.to_string(), |command: &str| day.path(command));
    let commands = ["/acknowledge", "/triage", "/contain", "/investigate"].map(path);
    let [acknowledge, triage, contain, investigate] = commands;
    let officer = &mut day.people.officer.client;
    let waiting = officer.get("/v1/reports?state=submitted").await?.when(200)?;
    ensure!(list(&waiting, "/items").iter().any(|item| text(item, "/id") == report), "the officer's list lacks the report");
    day.told.says(&who, &format!("finds {} in the list of what waits", day.number));
    let officer = &mut day.people.officer.client;
    state(&officer.post(&acknowledge, &json!({})).await?.when(200)?, "acknowledged")?;
    day.told.says(&who, "acknowledges it: 12 minutes of the hour that is allowed at this severity");
    day.minutes(13)?;
    let officer = &mut day.people.officer.client;
    let rated = officer.post(&triage, &json!({ "actual_severity": 1, "potential_severity": 4 })).await?.when(200)?;
    ensure!(rated["potential_severity"] == 4, "the rating was not kept");
    day.told.says(&who, "rates it: nobody was hurt (1), somebody could have been for life (4)");
    day.minutes(20)?;
    let officer = &mut day.people.officer.client;
    let safe = officer.post(&contain, &json!({})).await?.when(200)?;
    ensure!(safe["contained_at"].is_string(), "the place is not on record as safe");
    day.told.says(&who, "has the cable switched off and the trench fenced: the place is safe");
    day.minutes(45)?;
    let found = json!({
        "causes": [{ "kind": "organisational", "text": "Dug without asking for the plan of what lies in the ground." }],
        "similar_events": "Two more trenches along the same road looked at: nothing found.",
    });
    let officer = &mut day.people.officer.client;
    state(&officer.post(&investigate, &found).await?.when(200)?, "investigating")?;
    day.told.says(&who, "writes down the cause, and what a look at other trenches has found");
    Ok(())
}

/// Somebody is to mend it, by when the ladder says.
pub async fn an_action_is_assigned(day: &mut Day<'_>) -> anyhow::Result<()> {
    let (who, owner, verifier) = (day.people.officer.label(), day.people.owner.label(), day.people.verifier.label());
    day.minutes(10)?;
    let members = day.people.officer.client.get("/v1/members").await?.when(200)?;
    let id_of = |name: &str| {
        let found = list(&members, "/items").iter().find(|member| text(member, "/name") == name);
        found.map(|member| member["id"].clone()).with_context(|| format!("{name} is no member"))
    };
    let assignment = json!({
        "title": "Joint and insulate the cable, and fill the trench", "kind": "corrective", "control": "elimination",
        "owner_id": id_of(&day.people.owner.name)?, "verifier_id": id_of(&day.people.verifier.name)?,
    });
    let path = day.path(&format!("/actions/{}", day.action));
    let action = day.people.officer.client.put(&path, &assignment).await?.when(201)?;
    let due = day.told.date(&text(&action, "/due_at"));
    day.told.says(
        &who,
        &format!("gives {owner} the work of mending the cable and filling the trench; {verifier} is to verify it. Due on {due}, as the ladder says"),
    );
    let path = day.path("");
    state(&day.people.officer.client.get(&path).await?.when(200)?, "acting")?;
    let wanted = Awaited::by(&day.people.owner, "action_assigned", None);
    day.mails_reach(vec![wanted]).await
}

/// Refuses to go on when the report is not in the state the story is in.
pub fn state(report: &Value, wanted: &str) -> anyhow::Result<()> {
    let state = text(report, "/state");
    ensure!(state == wanted, "the report is {state} and not {wanted}");
    Ok(())
}
