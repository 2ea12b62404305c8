//! Of a photo that must not say who took it, the picture is left and nothing else.

use super::{
    renditions::{assert_bare, assert_upright, open},
    samples::{claim_size, jpeg, phone_exif, progressive, segments, trailed},
};
use crate::photos::{
    Darkroom, Unreadable,
    bare::{bare, memory_needed},
};

#[test]
fn every_orientation_comes_out_upright_in_full_size_and_bare() {
    for orientation in 0..=9 {
        let made = bare(&jpeg(480, 360, orientation, Some(&phone_exif(orientation)))).unwrap();
        assert_bare(&made);
        assert!(segments(&made).iter().all(|(marker, _)| *marker != 0xE2), "a colour profile");
        assert_eq!(open(&made).dimensions(), (480, 360));
        assert_upright(&open(&made), &format!("orientation {orientation}"));
    }
}

#[test]
fn what_a_phone_takes_keeps_its_size_and_what_is_larger_is_shrunk() {
    for (original, size) in [(jpeg(4000, 40, 1, None), (4000, 40)), (progressive(6000, 60), (4000, 40))] {
        assert_eq!(open(&bare(&original).unwrap()).dimensions(), size);
    }
}

#[test]
fn the_same_photo_gives_the_same_picture() {
    let original = jpeg(480, 360, 6, Some(&phone_exif(6)));
    assert_eq!(bare(&original), bare(&original));
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_and_what_would_not_fit_too() {
    let whole = jpeg(480, 360, 1, None);
    assert_eq!(bare(&whole[..whole.len() / 2]), Err(Unreadable::Damaged));
    assert_eq!(
        bare(&whole[..whole.len() - 2]),
        Err(Unreadable::Damaged),
        "its bare picture would not say that something is missing"
    );
    assert_eq!(bare(b"\0\0\0\x18ftypavif\0\0\0\0mif1avif"), Err(Unreadable::NotSupported));
    let darkroom = Darkroom::new(2);
    assert!(darkroom.bare(whole.clone().into()).await.is_ok());
    let large = trailed(claim_size(progressive(480, 360), 7000, 7000), 1 << 18);
    assert!(memory_needed(&large).unwrap() > 384 << 20);
    assert_eq!(darkroom.bare(large.into()).await, Err(Unreadable::TooCostly));
}

#[test]
fn only_so_many_photos_arrive_in_memory_at_once() {
    let darkroom = Darkroom::new(2);
    let held: Vec<_> = (0..8).map_while(|_| darkroom.tray(16 << 20)).collect();
    assert!(held.len() == 8 && darkroom.tray(1).is_none());
    drop(held);
    assert!(darkroom.tray(512 << 20).is_some(), "one photo always finds room");
}
