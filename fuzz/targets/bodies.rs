//! Bodies of requests as the strict reader takes them, and the draft of a report read into values that cannot be wrong.
#![no_main]

use libfuzzer_sys::fuzz_target;
use salama::http::fuzzing;

fuzz_target!(init: salama_fuzz::plant("bodies"), |bytes: &[u8]| {
    let _ = fuzzing::any_body(bytes);
    if let Some(draft) = fuzzing::draft(bytes) {
        let again = fuzzing::draft(bytes).expect("the same bytes are the same draft");
        assert_eq!(draft.content_sha256, again.content_sha256);
        assert!(!draft.narrative.contains('\0') && draft.narrative.chars().count() <= 10_000);
        assert!(!draft.aspects.is_empty() && draft.photos.len() <= 20);
    }
});
