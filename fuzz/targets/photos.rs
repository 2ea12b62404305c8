//! Photos from their first bytes to what others see: whatever comes, there is an answer, within the memory that the header told.
#![no_main]

use std::sync::Once;

use libfuzzer_sys::fuzz_target;
use salama::photos::{Unreadable, bare, intake, rendition};

/// What may be decoded here, in bytes: small pictures, many of them. A server has room for more.
const MEMORY: u64 = 40 << 20;

fuzz_target!(init: salama_fuzz::plant("photos"), |bytes: &[u8]| {
    static QUIET: Once = Once::new();
    // A decoder that panics is contained, and its photo is damaged; what is not contained still ends this.
    QUIET.call_once(|| std::panic::set_hook(Box::new(|_| {})));
    let Some(_format) = intake::sniff(bytes) else { return };
    if rendition::memory_needed(bytes).is_ok_and(|memory| memory <= MEMORY) {
        if let Ok(made) = rendition::render(bytes, &[]) {
            assert!(made.width > 0 && made.height > 0);
            assert!(made.display.starts_with(&[0xFF, 0xD8]) && made.thumb.starts_with(&[0xFF, 0xD8]));
        }
    }
    if bare::memory_needed(bytes).is_ok_and(|memory| memory <= MEMORY) {
        let made: Result<Vec<u8>, Unreadable> = bare::bare(bytes);
        assert!(made.is_err() || intake::sniff(&made.unwrap_or_default()).is_some());
    }
});
