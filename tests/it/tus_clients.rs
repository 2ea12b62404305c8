//! The clients that phones really use, as they come, over lines that are cut at random bytes: every photo arrives to the
//! byte, and little is sent twice. Where they are not installed (`.ci/run` does it) this says so and is skipped.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{
    main_road::{PHOTO, crew},
    support::{cutter::Cutter, house::House, person::Person, stories},
    uploads::{announced, original, spooled},
};

stories!(tus_js_client_brings_every_photo_over_a_line_that_is_cut, tuspy_brings_every_photo_over_a_line_that_is_cut);

/// Where `.ci/run` puts them.
const INSTALLED: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/../tools/tus");
/// How many bytes pass before a line is cut, on average.
const MEAN: u64 = 200_000;

async fn tus_js_client_brings_every_photo_over_a_line_that_is_cut(house: House) {
    brings_every_photo(house, "node", "tus.mjs", Path::new(INSTALLED), "node_modules/tus-js-client", 7).await;
}

async fn tuspy_brings_every_photo_over_a_line_that_is_cut(house: House) {
    let modules = Path::new(INSTALLED).join("python");
    brings_every_photo(house, "python3", "tus.py", &modules, "tusclient", 11).await;
}

/// Photos of a few sizes: what follows the end of a JPEG belongs to its file, and must arrive like the rest of it. With
/// `SALAMA_TUS_PHOTOS=1000` so many of 1 KB to 20 MB, as many small ones as large ones on a logarithmic scale.
fn photo(n: usize, of: Option<usize>) -> Vec<u8> {
    let length = match of {
        None => [2000, PHOTO.len(), PHOTO.len() + 700_000, PHOTO.len() + 2_500_000][n],
        Some(of) => {
            let share = f64::from(u32::try_from(n).unwrap()) / f64::from(u32::try_from(of.max(2) - 1).unwrap());
            format!("{:.0}", 1000.0 * 20_000_f64.powf(share)).parse().unwrap()
        }
    };
    let noise = (0..length).map(|at| ((at + n * 7919).wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]);
    let mut bytes: Vec<u8> = PHOTO.iter().copied().take(length).collect();
    bytes.extend(noise.skip(bytes.len()));
    bytes
}

fn asked_for() -> Option<usize> {
    std::env::var_os("SALAMA_TUS_PHOTOS").map(|count| count.into_string().unwrap().parse().unwrap())
}

async fn brings_every_photo(house: House, program: &str, script: &str, modules: &Path, client: &str, seed: u64) {
    if !modules.join(client).exists() {
        eprintln!("SKIPPED: {client} is not installed; .ci/run installs it where npm and pip are");
        return;
    }
    let (technician, ..) = crew(&house).await;
    let of = asked_for();
    // Large photos on a line that breaks as often in proportion.
    let cutter = Cutter::before(&house.url, seed, if of.is_some() { 4 * MEAN } else { MEAN }).await;
    let (mut total, mut n, all) = (0, 0, of.unwrap_or(4));
    while n < all {
        // Few at once, as their files lie on this disk as often as they are kept.
        let some = n..all.min(n + 20);
        n = some.end;
        total += send_some(&house, &technician, &cutter, (program, script), modules, some.map(|n| photo(n, of)).collect()).await;
        if of.is_some() {
            eprintln!("{client}: {n} photos, {total} bytes");
        }
    }
    let passed = cutter.passed();
    let waste = passed.saturating_sub(total) * 100 / total;
    eprintln!("{client}: {all} photos, {total} bytes, {passed} sent over {} cuts, {waste} % in vain", cutter.cuts());
    assert!(cutter.cuts() > 5, "the line was cut {} times only", cutter.cuts());
    // Four photos say little of it, as one cut more or less counts among them.
    assert!(waste < if of.is_some() { 20 } else { 40 }, "{waste} % was sent in vain");
    assert_eq!(spooled(&house), 0);
}

/// Sends these photos and looks at what arrived; gives how many bytes they have.
async fn send_some(
    house: &House,
    technician: &Person,
    cutter: &Cutter,
    (program, script): (&str, &str),
    modules: &Path,
    photos: Vec<Vec<u8>>,
) -> u64 {
    let (mut sent, mut arguments) = (vec![], vec![]);
    for (n, bytes) in photos.into_iter().enumerate() {
        let (report, photo) = announced(house, technician, &bytes).await;
        let file = house.folder.path().join(format!("photo-{n}-{}", if n % 2 == 1 { "odd" } else { "even" }));
        std::fs::write(&file, &bytes).unwrap();
        arguments.extend([report, photo.clone(), file.display().to_string()]);
        sent.push((photo, bytes));
    }
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/clients").join(script);
    let mut phone = Command::new(program);
    phone.arg(script).arg(modules).arg(format!("{}/v1/uploads", cutter.url)).arg(&technician.token).args(arguments);
    let heard = tokio::task::spawn_blocking(move || phone.stdin(Stdio::null()).output()).await.unwrap().unwrap();
    assert!(heard.status.success(), "{}{}", String::from_utf8_lossy(&heard.stdout), String::from_utf8_lossy(&heard.stderr));
    let mut total = 0;
    for (photo, bytes) in sent {
        assert!(original(house, &photo).await == bytes, "{photo} is not the photo that was sent");
        total += bytes.len() as u64;
    }
    total
}
