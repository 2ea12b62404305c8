//! What tus says in headers: one line for each header, its name and its value with a colon between.
#![no_main]

use libfuzzer_sys::fuzz_target;
use salama::http::fuzzing;

fuzz_target!(init: salama_fuzz::plant("uploads"), |bytes: &[u8]| {
    if let Some(draft) = fuzzing::upload(bytes) {
        assert!(draft.metadata.is_ascii() && draft.metadata.len() <= 4096);
    }
});
