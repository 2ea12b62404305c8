//! What a photo costs: the CPU of both renditions for each kind of file, and that no bomb costs more than its refusal.
//!
//! `cargo bench --bench photos` measures the Rust build with photos made of the demo's, with `--features turbo` the one with
//! libjpeg-turbo; `-- FILE…` measures those files instead, such as real ones of a phone, and `-- bombs` the bombs alone: it
//! fails where one costs too much. `python3 benches/photos_peer.py` does the same with libvips in the same minute, photo by
//! photo in turn, both warm, where `pyvips` can be imported, and prints the ratio: CPU times alone say little on a machine
//! that does other things too. For that, `-- worker` reads a file's name from each line and answers what it cost.

#![expect(clippy::unwrap_used, reason = "a measurement stops at the first surprise")]

mod made;

use std::{
    fs,
    io::stdin,
    path::{Path, PathBuf},
    process::ExitCode,
};

use bytes::Bytes;
use futures_util::future::join_all;
use image::{RgbImage, codecs::png::PngEncoder};
use made::{TWELVE, jpeg, mosaic};
use salama::photos::{Darkroom, rendition::render};

const ROUNDS: usize = 9;

/// The noise of a photo of 48 megapixels, whose file has some 2.2 bits a pixel. The denser a file is, the more of its cost is
/// the decoding of its Huffman codes, which is the same for everybody: how one does beside others depends on it.
const FORTY_EIGHT: u32 = 6;

/// How much the refusal of a bomb may cost, in ms and MiB.
const REFUSAL: (f64, u64) = (50.0, 16);
/// The same of one with thousands of scans, each of which must be counted.
const SCANS_MS: f64 = 1000.0;

fn main() -> ExitCode {
    let named: Vec<PathBuf> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).map(Into::into).collect();
    if named == [PathBuf::from("bombs")] {
        return refuse_bombs();
    }
    if named == [PathBuf::from("worker")] {
        for file in stdin().lines() {
            println!("{:.2}", cpu_ms_of(&fs::read(file.unwrap()).unwrap(), 1));
        }
        return ExitCode::SUCCESS;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let files = if named.is_empty() { photos(folder) } else { named };
    println!("{:<28} {:>10} {:>12} {:>16}", "photo", "bytes", "CPU ms", "most memory MiB");
    for file in &files {
        let original = fs::read(file).unwrap();
        forget_peak();
        let cost = cpu_ms_of(&original, ROUNDS);
        println!("{:<28} {:>10} {cost:>12.1} {:>16}", name(file), original.len(), peak_mib());
    }
    if let Some(first) = files.first() {
        let original = Bytes::from(fs::read(first).unwrap());
        let darkroom = Darkroom::new(2);
        forget_peak();
        let all = join_all((0..16).map(|_| darkroom.render(original.clone(), Vec::new())));
        tokio::runtime::Runtime::new().unwrap().block_on(all);
        println!("{:<28} {:>10} {:>12} {:>16}", "16 of the first at once", original.len(), "", peak_mib());
    }
    refuse_bombs()
}

/// Each bomb stands alone, as what one leaves behind would hide what the next one takes.
fn refuse_bombs() -> ExitCode {
    let mut all_cheap = true;
    for (what, bomb) in bombs() {
        forget_peak();
        let (before, begun) = (peak_mib(), cpu_ms());
        let refused = render(&bomb, &[]).err().map_or("shown", |reason| reason.code());
        let (cost, more) = (cpu_ms() - begun, peak_mib() - before);
        let most = if what.contains("scans") { SCANS_MS } else { REFUSAL.0 };
        let verdict = if cost < most && more < REFUSAL.1 { "" } else { "TOO MUCH" };
        all_cheap &= verdict.is_empty();
        println!("{what:<28} {:>10} {cost:>12.1} {:>16} {refused} {verdict}", bomb.len(), format!("+{more}"));
    }
    if all_cheap { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The median of so many rounds.
fn cpu_ms_of(original: &[u8], rounds: usize) -> f64 {
    let mut times: Vec<f64> = (0..rounds)
        .map(|_| {
            let begun = cpu_ms();
            drop(render(original, &[]));
            cpu_ms() - begun
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[rounds / 2]
}

/// The CPU time of this process so far, all its threads together, as Linux counts it in the scheduler's nanoseconds.
fn cpu_ms() -> f64 {
    let threads = fs::read_dir("/proc/self/task").unwrap().map(|thread| thread.unwrap().path().join("schedstat"));
    let of = |file: PathBuf| -> f64 { fs::read_to_string(file).unwrap().split_whitespace().next().unwrap().parse().unwrap() };
    threads.map(of).sum::<f64>() / 1e6
}

/// From here on the most memory counts anew.
fn forget_peak() {
    fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// The most memory this process held, in MiB.
fn peak_mib() -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

/// Photos of a phone's size.
fn photos(folder: &Path) -> Vec<PathBuf> {
    let twelve = mosaic(3072, 4096, TWELVE);
    let forty_eight = mosaic(6000, 8000, FORTY_EIGHT);
    let mut png = Vec::new();
    twelve.write_with_encoder(PngEncoder::new(&mut png)).unwrap();
    let files = [
        ("12-megapixel.jpg", jpeg(&twelve, false)),
        ("12-megapixel-progressive.jpg", jpeg(&twelve, true)),
        ("48-megapixel.jpg", jpeg(&forty_eight, false)),
        ("12-megapixel.png", png),
    ];
    files
        .map(|(name, bytes)| {
            let file = folder.join(name);
            fs::write(&file, bytes).unwrap();
            file
        })
        .into()
}

/// Files that are small and claim much. Their refusal must take less than 50 ms and 16 MiB, that of the scans a second.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let small = RgbImage::from_pixel(64, 64, image::Rgb([90, 120, 30]));
    let claiming = |mut jpeg: Vec<u8>, width: u16, height: u16| {
        let at = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0] || pair == [0xFF, 0xC2]).unwrap();
        jpeg[at + 5..at + 7].copy_from_slice(&height.to_be_bytes());
        jpeg[at + 7..at + 9].copy_from_slice(&width.to_be_bytes());
        jpeg
    };
    let scans = {
        let whole = claiming(jpeg(&small, true), 7000, 7000);
        let scan = whole.windows(2).rposition(|pair| pair == [0xFF, 0xDA]).unwrap();
        [&whole[..scan], &whole[scan..whole.len() - 2].repeat(10_000), &[0xFF, 0xD9]].concat()
    };
    let mut swelling = Vec::new();
    let mut encoder = PngEncoder::new(&mut swelling);
    image::ImageEncoder::set_icc_profile(&mut encoder, vec![0; 300 << 20]).unwrap();
    small.write_with_encoder(encoder).unwrap();
    let png = |width: u32, height: u32| {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend([&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 6, 0, 0, 0, 0, 0, 0, 0]].concat());
        bytes
    };
    vec![
        ("PNG of 30000²", png(30_000, 30_000)),
        ("PNG of 1 x 100 000 000", png(1, 100_000_000)),
        ("PNG, a profile of 300 MB", swelling),
        ("JPEG of 7000² in few bytes", claiming(jpeg(&small, false), 7000, 7000)),
        ("JPEG of 30000²", claiming(jpeg(&small, false), 30_000, 30_000)),
        ("JPEG of 65500², progressive", claiming(jpeg(&small, true), 65_500, 65_500)),
        ("JPEG of 10 000 scans", scans),
        ("WebP of 16383²", b"RIFF\x16\0\0\0WEBPVP8L\x0a\0\0\0\x2F\xFE\xBF\xFF\x0F\0\0\0\0\0".to_vec()),
    ]
}
