//! The corpus to begin with: a few small inputs of each kind that are good, so that what is made from them gets far.

use std::io::Cursor as Bytes;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use image::{DynamicImage, ImageFormat, RgbImage};
use salama::{
    domain::{
        ids::{MemberId, NoticeId, SessionId},
        session::{Proof, Session},
        time::Instant,
    },
    http::fuzzing,
};
use serde_json::json;
use uuid::Uuid;

use crate::{KEYS, LINKS};

const PHOTO: &[u8] = include_bytes!("../../demo/photo.jpg");

/// Those of one target.
pub fn of(target: &str) -> Vec<Vec<u8>> {
    match target {
        "tokens" => tokens(),
        "bodies" => bodies(),
        "uploads" => uploads(),
        "photos" => photos(),
        "cursors" => cursors(),
        _ => vec![],
    }
}

fn now() -> Instant {
    Instant::from_ms(1_780_000_000_000)
}

fn tokens() -> Vec<Vec<u8>> {
    let session = Session {
        id: SessionId(Uuid::new_v4()),
        member: MemberId(Uuid::new_v4()),
        device_id: "phone".into(),
        device_name: "Phone".into(),
        proof: Proof::Password,
        second_factor: false,
        created_at: now(),
        refreshed_at: now(),
        revoked_at: None,
        refresh_sha256: [0; 32],
        pair: 0,
        made_from: None,
        pair_used_at: None,
        version: 1,
    };
    let access = KEYS.sign(&session, now(), Uuid::new_v4()).unwrap();
    [access, LINKS.token(NoticeId(Uuid::new_v4())), "eyJhbGciOiJub25lIn0.e30.".into()].map(String::into_bytes).into()
}

fn bodies() -> Vec<Vec<u8>> {
    let full = json!({
        "kind": "near_miss", "aspects": ["safety", "environment", "quality"], "category": "ELEC", "site_id": Uuid::new_v4(),
        "narrative": "كابل مقطوع", "occurred_at": "2026-11-20T09:12:00Z", "captured_at": "2026-11-20T09:14:10.5+01:00",
        "location": {"lat": 30.42, "lon": -9.6, "accuracy_m": 12}, "potential_severity": 4, "danger_now": true,
        "confidentiality": "anonymous", "language": "ar", "claim": "a".repeat(43),
        "photos": [{"id": Uuid::new_v4(), "sha256": "ab".repeat(32), "bytes": 3_145_728, "media_type": "image/jpeg"}],
        "environment": {"substance": "oil", "quantity_litres": 2.5, "receiving_body": "soil", "protected_area": false},
        "quality": {"service": "water", "customers_affected": 3, "outage_minutes": 90},
    });
    let odd = [r#"{"a": "\u0000", "b": [1e400]}"#, r#"{"a": 1, "a": 2}"#, r#"["\ud800", 1.5e-7, null, true]"#, "\u{feff}{}"];
    let odd = odd.map(|text| text.as_bytes().to_vec());
    [full.to_string().into_bytes(), "[".repeat(200).into_bytes()].into_iter().chain(odd).collect()
}

fn uploads() -> Vec<Vec<u8>> {
    let in_base64 = |text: &str| STANDARD.encode(text);
    let (report, photo) = (Uuid::new_v4().to_string(), Uuid::new_v4().to_string());
    let metadata = format!(
        "report_id {},photo_id {},filetype {},sha256 {},odd",
        in_base64(&report),
        in_base64(&photo),
        in_base64("image/jpeg"),
        in_base64(&"ab".repeat(32))
    );
    let begin = format!("tus-resumable: 1.0.0\nupload-length: 3145728\nupload-metadata: {metadata}\ncontent-length: 0\n");
    let piece = format!("upload-offset: 1024\nupload-checksum: sha1 {}\ncontent-length: 20\n", STANDARD.encode([7; 20]));
    [begin, piece].map(String::into_bytes).into()
}

fn photos() -> Vec<Vec<u8>> {
    let picture = DynamicImage::from(RgbImage::from_fn(24, 16, |x, y| image::Rgb([x as u8 * 10, y as u8 * 15, 90])));
    let written = |format| {
        let mut bytes = Bytes::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    };
    // A small picture with what a phone says of a large one.
    let small = written(ImageFormat::Jpeg);
    let (start, rest) = small.split_at(2);
    let exif = PHOTO.windows(2).position(|mark| mark == [0xFF, 0xE1]).expect("the photo of the demo has EXIF");
    let length = 2 + usize::from(u16::from_be_bytes([PHOTO[exif + 2], PHOTO[exif + 3]]));
    let told = [start, &PHOTO[exif..exif + length], rest].concat();
    // The head of an HEIC: brands alone, from which what is made may go on.
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x10meta\0\0\0\0\0\0\0\x08".to_vec();
    vec![told, small, written(ImageFormat::Png), written(ImageFormat::WebP), heic]
}

fn cursors() -> Vec<Vec<u8>> {
    let (member, id) = (Uuid::new_v4(), Uuid::new_v4());
    let hash = "0123456789abcdef".repeat(4);
    let views = [format!("{member}.42..."), format!("{member}.42.{hash}.{hash}.{}/{id}", now().ms())];
    let sealed = LINKS.closed(&views[0]);
    views.into_iter().chain([sealed, fuzzing::cursor(now(), id)]).map(String::into_bytes).collect()
}
