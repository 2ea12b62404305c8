//! The same promises of the photo store, in a folder and over the S3 protocol.

use std::{
    io,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use hyper_util::rt::{TokioExecutor, TokioIo};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::samples::jpeg;
use crate::{
    domain::{
        ids::{PhotoId, ReportId},
        photo::Photo,
        time::Instant,
    },
    photos::{
        Format, Keeping, LyingKind, PhotoError, S3Access,
        keeping::{display_key, original_key, thumb_key},
    },
};

/// A store, and the folder on this machine where its objects end up.
struct Place {
    keeping: Keeping,
    address: String,
    folder: PathBuf,
    _temporary: TempDir,
}

impl Place {
    fn folder() -> Self {
        let temporary = TempDir::new().unwrap();
        let folder = temporary.path().join("not/yet/there");
        let address = format!("file://{}", folder.display());
        let keeping = Keeping::open(&address, S3Access::Machine).unwrap();
        Self { keeping, address, folder, _temporary: temporary }
    }

    /// A bucket named `photos` served on a loopback port, with signatures checked.
    async fn bucket() -> Self {
        let temporary = TempDir::new().unwrap();
        std::fs::create_dir(temporary.path().join("photos")).unwrap();
        let mut service = S3ServiceBuilder::new(s3s_fs::FileSystem::new(temporary.path()).unwrap());
        service.set_auth(SimpleAuth::from_single("key-id", "key-secret"));
        let service = service.build();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let socket = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let service = service.clone();
                tokio::spawn(async move {
                    let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                    drop(builder.serve_connection(TokioIo::new(socket), service).await);
                });
            }
        });
        let address = format!("s3://photos/site/a?endpoint=http://{socket}&region=eu-west-3");
        let keys = S3Access::Keys { id: "key-id".into(), secret: "key-secret".into() };
        let keeping = Keeping::open(&address, keys).unwrap();
        Self { keeping, address, folder: temporary.path().to_owned(), _temporary: temporary }
    }

    async fn both() -> [Self; 2] {
        [Self::folder(), Self::bucket().await]
    }

    /// How many files of more than 100 bytes there are: photos and parts of photos, not the S3 server's notes.
    fn files(&self) -> usize {
        fn count(folder: &Path) -> usize {
            let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
            entries
                .map(|entry| match entry.metadata() {
                    Ok(found) if found.is_dir() => count(&entry.path()),
                    Ok(found) => usize::from(found.len() > 100),
                    Err(_) => 0,
                })
                .sum()
        }
        count(&self.folder)
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn arriving(bytes: &[u8], piece: usize) -> impl Stream<Item = Result<Bytes, io::Error>> + Send + use<> {
    let pieces: Vec<_> = bytes.chunks(piece).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    stream::iter(pieces)
}

/// A handler's future must be `Send`; this fails to compile when one is not.
fn sendable<F: Future + Send>(future: F) -> F {
    future
}

/// A photo of 12 MiB: more than two parts. What stands behind the end of a JPEG is kept with it.
fn large() -> Vec<u8> {
    let mut photo = jpeg(64, 64, 1, None);
    let more = 12 * 1024 * 1024 + 3 - photo.len();
    photo.extend((0..more).map(|at| u8::try_from(at % 251).unwrap()));
    photo
}

#[tokio::test]
async fn what_is_received_is_kept_byte_for_byte() {
    for place in Place::both().await {
        for (photo, piece) in [(jpeg(64, 64, 1, None), 7), (large(), 100_000)] {
            let hash = sha256(&photo);
            let length = photo.len() as u64;
            let format = sendable(place.keeping.receive(arriving(&photo, piece), hash, length)).await.unwrap();
            assert_eq!(format, Format::Jpeg);
            let key = original_key(&hash);
            assert_eq!(place.keeping.size(&key).await.unwrap(), length);
            assert!(place.keeping.get(&key).await.unwrap() == photo);
            assert!(place.keeping.get_range(&key, 10..300).await.unwrap() == photo[10..300]);
            let streamed: Vec<_> = place.keeping.stream(&key, None).await.unwrap().try_collect().await.unwrap();
            assert!(streamed.concat() == photo);
            let part: Vec<_> = place.keeping.stream(&key, Some(5..500)).await.unwrap().try_collect().await.unwrap();
            assert!(part.concat() == photo[5..500]);
        }
        assert_eq!(place.files(), 2);
    }
}

#[tokio::test]
async fn what_is_not_as_announced_leaves_nothing_behind() {
    let photo = large();
    let (hash, length) = (sha256(&photo), photo.len() as u64);
    for place in Place::both().await {
        let receive = |hash, length| place.keeping.receive(arriving(&photo, 1 << 20), hash, length);
        assert!(matches!(receive([7; 32], length).await, Err(PhotoError::HashMismatch)));
        assert!(matches!(receive(hash, length - 1).await, Err(PhotoError::TooLarge)));
        assert!(matches!(receive(hash, length + 1).await, Err(PhotoError::LengthMismatch)));
        assert!(matches!(receive(hash, 0).await, Err(PhotoError::TooLarge)));
        let broken = arriving(&photo[..7 << 20], 1 << 20).chain(stream::iter([Err(io::Error::other("lost"))]));
        let outcome = place.keeping.receive(broken, hash, length).await;
        assert!(matches!(outcome, Err(PhotoError::Interrupted(_))));
        assert_eq!(place.files(), 0);
        assert!(matches!(place.keeping.size(&original_key(&hash)).await, Err(PhotoError::NotFound)));
    }
}

#[tokio::test]
async fn bytes_beyond_the_announced_ones_are_not_read() {
    let endless = stream::repeat_with(|| Ok::<_, io::Error>(Bytes::from_static(b"\xFF\xD8\xFF\xE0 and so on")));
    for place in Place::both().await {
        assert!(matches!(place.keeping.receive(endless.clone(), [7; 32], 1 << 20).await, Err(PhotoError::TooLarge)));
        assert_eq!(place.files(), 0);
    }
}

#[tokio::test]
async fn what_is_no_photo_is_refused_whatever_its_hash() {
    let page = b"<html><script>alert(1)</script></html>".repeat(1000);
    for place in Place::both().await {
        for body in [&page[..], b"<", b""] {
            let outcome = place.keeping.receive(arriving(body, 10), sha256(body), body.len() as u64).await;
            assert!(matches!(outcome, Err(PhotoError::UnknownFormat)));
        }
        assert_eq!(place.files(), 0);
    }
}

#[tokio::test]
async fn the_second_time_nothing_changes_but_the_bytes_are_still_checked() {
    let photo = jpeg(64, 64, 1, None);
    let (hash, length) = (sha256(&photo), photo.len() as u64);
    for place in Place::both().await {
        for _ in 0..2 {
            place.keeping.receive(arriving(&photo, 100), hash, length).await.unwrap();
        }
        let mut other = photo.clone();
        *other.last_mut().unwrap() ^= 1;
        let outcome = place.keeping.receive(arriving(&other, 100), hash, length).await;
        assert!(matches!(outcome, Err(PhotoError::HashMismatch)));
        assert!(place.keeping.get(&original_key(&hash)).await.unwrap() == photo);
        assert_eq!(place.files(), 1);
    }
}

#[tokio::test]
async fn what_is_already_kept_is_not_written_again() {
    let photo = jpeg(64, 64, 1, None);
    let place = Place::folder();
    let hash = sha256(&photo);
    let file = place.folder.join(original_key(&hash));
    place.keeping.receive(arriving(&photo, 100), hash, photo.len() as u64).await.unwrap();
    let written_at = std::fs::metadata(&file).unwrap().modified().unwrap();
    place.keeping.receive(arriving(&photo, 100), hash, photo.len() as u64).await.unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().modified().unwrap(), written_at);
    // A file that was cut short behind our back is made whole by the next sender.
    std::fs::write(&file, &photo[..50]).unwrap();
    place.keeping.receive(arriving(&photo, 100), hash, photo.len() as u64).await.unwrap();
    assert!(std::fs::read(&file).unwrap() == photo);
}

#[tokio::test]
async fn a_sender_who_leaves_in_the_middle_leaves_nothing_behind() {
    let photo = large();
    for place in Place::both().await {
        let (seen, wait) = tokio::sync::oneshot::channel::<()>();
        let seen = stream::once(async move {
            let _ = seen.send(());
            std::future::pending::<Result<Bytes, io::Error>>().await
        });
        let partly = arriving(&photo[..7 << 20], 1 << 20).chain(seen);
        tokio::select! {
            _ = place.keeping.receive(partly, sha256(&photo), photo.len() as u64) => panic!("it cannot end"),
            _ = wait => assert!(place.files() > 0, "a part was passed on"),
        }
        let cleared = async {
            while place.files() > 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), cleared).await.expect("nothing is left");
    }
}

#[tokio::test]
async fn two_senders_of_one_photo_at_once_are_both_right() {
    let photo = large();
    let (hash, length) = (sha256(&photo), photo.len() as u64);
    for place in Place::both().await {
        let receive = || place.keeping.receive(arriving(&photo, 1 << 20), hash, length);
        let (one, two) = tokio::join!(receive(), receive());
        assert_eq!((one.unwrap(), two.unwrap()), (Format::Jpeg, Format::Jpeg));
        assert!(place.keeping.get(&original_key(&hash)).await.unwrap() == photo);
        assert_eq!(place.files(), 1);
    }
}

#[tokio::test]
async fn renditions_lie_beside_originals_and_a_probe_leaves_nothing() {
    for place in Place::both().await {
        place.keeping.probe().await.unwrap();
        assert!(matches!(place.keeping.size("probe").await, Err(PhotoError::NotFound)));
        let photo = |redactions| {
            let (photo, report) = (PhotoId(uuid::Uuid::nil()), ReportId(uuid::Uuid::nil()));
            let expected = Photo::expected(photo, report, 0, [0xAB; 32], 9, String::new());
            Photo { redactions, ..expected }
        };
        let (display, thumb) = (display_key(&photo(0)), thumb_key(&photo(0)));
        assert_eq!(display, format!("renditions/ab/{}/display.jpg", "ab".repeat(32)));
        place.keeping.put(&display, Bytes::from_static(b"large")).await.unwrap();
        place.keeping.put(&thumb, Bytes::from_static(b"small")).await.unwrap();
        assert_eq!(place.keeping.get(&thumb).await.unwrap(), "small");
        assert_eq!(place.keeping.get(&display).await.unwrap(), "large");
        let hidden = display_key(&photo(2));
        assert_eq!(hidden, format!("renditions/ab/{}/{}/2/display.jpg", "ab".repeat(32), photo(2).id));
        let redacted = [1, 2].map(photo).map(|photo| [display_key(&photo), thumb_key(&photo)]).concat();
        for key in &redacted {
            place.keeping.put(key, Bytes::from_static(b"hidden")).await.unwrap();
        }
        place.keeping.remove_redacted(&photo(2)).await.unwrap();
        for key in &redacted {
            assert!(matches!(place.keeping.size(key).await, Err(PhotoError::NotFound)), "{key}");
        }
        assert_eq!(place.keeping.get(&thumb).await.unwrap(), "small", "other photos of the same bytes are shown as before");
    }
}

#[tokio::test]
async fn a_store_that_is_gone_says_so_without_naming_a_path() {
    let place = Place::folder();
    std::fs::remove_dir_all(&place.folder).unwrap();
    std::fs::write(&place.folder, b"a file where the folder was").unwrap();
    let error = place.keeping.probe().await.unwrap_err();
    assert!(matches!(error, PhotoError::Storage(_)));
    assert_eq!(error.to_string(), "the photo store failed");
    assert!(std::error::Error::source(&error).is_some());
}

#[cfg(unix)]
#[test]
fn a_new_folder_is_open_to_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::folder();
    assert_eq!(std::fs::metadata(&place.folder).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn addresses_that_are_not_safe_or_not_understood_are_refused() {
    for address in [
        "",
        "photos",
        "http://photos",
        "file://elsewhere/photos",
        "s3://",
        "s3://photos?endpoint=http://minio.example:9000",
        "s3://photos?endpoint=http://127.0.0.1.example:9000",
        "s3://photos?endpoint=nonsense",
        "s3://photos?reigon=eu-west-3",
    ] {
        assert!(matches!(Keeping::open(address, S3Access::Machine), Err(PhotoError::Address(_))), "{address}");
    }
    for address in ["s3://photos?endpoint=https://minio.example:9000", "s3://photos/a/b?endpoint=http://localhost:9000"] {
        assert!(Keeping::open(address, S3Access::Machine).is_ok(), "{address}");
    }
}

#[tokio::test]
async fn a_wrong_secret_is_a_failure_of_the_store_and_not_a_missing_photo() {
    let place = Place::bucket().await;
    place.keeping.probe().await.unwrap();
    let keys = S3Access::Keys { id: "key-id".into(), secret: "another".into() };
    let stranger = Keeping::open(&place.address, keys).unwrap();
    assert!(matches!(stranger.probe().await, Err(PhotoError::Storage(_))));
    assert!(matches!(stranger.get("probe").await, Err(PhotoError::Storage(_))));
}

#[tokio::test]
async fn what_lies_on_a_shelf_is_told_by_its_names_and_its_age() {
    for place in Place::both().await {
        let hash = [0xAB; 32];
        let shelf = format!("{}/{}", "ab", hex::encode(hash));
        let photo = PhotoId(uuid::Uuid::from_u128(7));
        let keys = [
            format!("originals/{shelf}"),
            format!("statements/{shelf}"),
            format!("renditions/{shelf}/thumb.jpg"),
            format!("renditions/{shelf}/{}/1/thumb.jpg", photo.0),
        ];
        for key in keys.iter().map(String::as_str).chain(["originals/ab/notes.txt", "originals/ac/0000"]) {
            place.keeping.put(key, Bytes::from_static(b"bytes")).await.unwrap();
        }
        let (past, future) = (Instant::from_ms(1_000_000_000_000), Instant::from_ms(4_000_000_000_000));
        let lying = place.keeping.on_shelf(0xAB, future).await.unwrap();
        let mut kinds: Vec<_> = lying.iter().map(|lying| lying.kind).collect();
        kinds.sort_unstable();
        let all = [LyingKind::Original, LyingKind::Statement, LyingKind::Rendition, LyingKind::RenditionOf(photo)];
        assert_eq!(kinds, all);
        assert!(lying.iter().all(|lying| lying.sha256 == hash && lying.bytes == 5));
        assert_eq!(place.keeping.on_shelf(0xAB, past).await.unwrap().len(), 0);
        assert_eq!(place.keeping.on_shelf(0xEE, future).await.unwrap().len(), 0);
        for file in &lying {
            place.keeping.discard(file).await.unwrap();
            place.keeping.discard(file).await.unwrap();
        }
        assert_eq!(place.keeping.on_shelf(0xAB, future).await.unwrap().len(), 0);
    }
}

#[tokio::test]
async fn a_folder_takes_one_file_to_its_disk_at_a_time_and_a_bucket_as_many_as_come() {
    let photo = jpeg(64, 64, 1, None);
    let (hash, length) = (<[u8; 32]>::from(Sha256::digest(&photo)), photo.len() as u64);
    for (place, waits) in Place::both().await.into_iter().zip([true, false]) {
        let turn = place.keeping.to_disk.acquire().await.unwrap();
        let both = async {
            place.keeping.receive(arriving(&photo, 1000), hash, length).await.unwrap();
            place.keeping.put("renditions/x", Bytes::from_static(b"bytes")).await.unwrap();
        };
        let mut both = std::pin::pin!(both);
        let within = tokio::time::timeout(std::time::Duration::from_millis(500), both.as_mut()).await;
        assert_eq!(within.is_err(), waits);
        drop(turn);
        if waits {
            both.await;
        }
    }
}
