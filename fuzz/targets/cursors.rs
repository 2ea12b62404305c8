//! Cursors: of changes, which are sealed, and of lists, which are not.
#![no_main]

use libfuzzer_sys::fuzz_target;
use salama::{domain::changes::Cursor, http::fuzzing};
use salama_fuzz::LINKS;

fuzz_target!(init: salama_fuzz::plant("cursors"), |text: &str| {
    let _ = LINKS.opened(text);
    if let Ok(cursor) = text.parse::<Cursor>() {
        let written = cursor.to_string();
        assert_eq!(written.parse::<Cursor>().ok().map(|again| again.to_string()), Some(written));
    }
    if let Some((at, id)) = fuzzing::place(text) {
        assert_eq!(fuzzing::place(&fuzzing::cursor(at, id)), Some((at, id)));
    }
});
