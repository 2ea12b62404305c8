//! Tokens of all kinds: nothing but what was sealed here is opened.
#![no_main]

use libfuzzer_sys::fuzz_target;
use salama::domain::time::Instant;
use salama_fuzz::{KEYS, LINKS};

fuzz_target!(init: salama_fuzz::plant("tokens"), |text: &str| {
    let now = Instant::from_ms(1_780_000_000_000);
    // What the signature is over is all but the last part, so a token that opens is one of the corpus.
    if let Ok(claims) = KEYS.read(text, now) {
        assert_eq!(text.matches('.').count(), 2, "{claims:?}");
    }
    let _ = KEYS.read_seal(text);
    if let Ok(notice) = LINKS.read(text) {
        assert_eq!(LINKS.token(notice), text, "two texts open the same link");
    }
    if let Ok(link) = LINKS.read_picture(text) {
        assert_eq!(LINKS.picture_token(&link), text, "two texts open the same picture");
    }
});
