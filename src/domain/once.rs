//! The key by which a device says that it gives the same command once more, because the answer to the first was lost
//! (draft-ietf-httpapi-idempotency-key-header). Where keys are kept is `store`'s, and for how long `operations/tidy_up`'s.

use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The longest key, in characters.
const LONGEST: usize = 255;
/// How long a key is remembered, in milliseconds: phones lie in drawers.
pub const REMEMBERED_MS: i64 = 30 * 86_400_000;

/// One command under one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Once {
    /// SHA-256 of method, path and key; whoever gives the command comes on top.
    pub key: [u8; 32],
    /// SHA-256 of method, path and body.
    pub content: [u8; 32],
}

impl Once {
    /// A command as it came: a body of JSON counts by what it says, whatever its spacing and the order of its fields. None
    /// where the header holds no key.
    pub fn read(header: &str, method: &str, path: &str, body: &[u8]) -> Option<Self> {
        let key = key(header)?;
        let said = serde_json::from_slice(body).map_or_else(|_| body.to_vec(), |said| canonical(&said).into_bytes());
        let hash = |last: &[u8]| Sha256::digest([method.as_bytes(), path.as_bytes(), last].join(&0)).into();
        Some(Self { key: hash(key.as_bytes()), content: hash(&said) })
    }
}

/// The key of the header: a string of RFC 9651 in its quotes, or bare, as many clients send it.
fn key(header: &str) -> Option<String> {
    let header = header.trim();
    let key = match header.strip_prefix('"') {
        Some(rest) => unquoted(rest)?,
        None => header.to_owned(),
    };
    let fits = |c: char| matches!(c, ' '..='~');
    (1..=LONGEST).contains(&key.chars().count()).then_some(key).filter(|key| key.chars().all(fits))
}

/// What stands before the quote that ends it; behind that nothing may follow.
fn unquoted(rest: &str) -> Option<String> {
    let (mut key, mut chars) = (String::new(), rest.chars());
    loop {
        match chars.next()? {
            '"' => return chars.next().is_none().then_some(key),
            '\\' => key.push(chars.next().filter(|c| matches!(c, '"' | '\\'))?),
            c => key.push(c),
        }
    }
}

/// The one form of all JSON texts that say the same: fields in the order of their names, nothing between.
fn canonical(said: &Value) -> String {
    match said {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            let fields = fields.into_iter().map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), canonical(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => {
            let mut text = String::from("[");
            for item in items {
                // Writing into a string never fails.
                let _ = write!(text, "{},", canonical(item));
            }
            text + "]"
        }
        plain => plain.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str) -> Option<Once> {
        Once::read(header, "POST", "/v1/reports/1/close", b"{}")
    }

    #[test]
    fn a_key_is_read_in_quotes_and_bare_and_nothing_else_is_one() {
        assert_eq!(read(r#""8e03978e""#), read(" 8e03978e "));
        assert_eq!(read(r#""a\\\"b""#), read(r#"a\"b"#));
        assert!(read(&"k".repeat(255)).is_some());
        for wrong in ["", "\"\"", "\"open", "\"two\" words", "\"a\";q=1", "\"a\\n\"", "caf\u{e9}", "a\tb", &"k".repeat(256)] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_command_is_the_same_by_what_it_says_and_where() {
        let content = |path: &str, body: &[u8]| Once::read("k", "POST", path, body).unwrap().content;
        let said = content("/a", br#"{"b": [1, {"d": 2, "c": "x"}], "a": null}"#);
        assert_eq!(said, content("/a", br#"{"a":null,"b":[1,{"c":"x","d":2}]}"#));
        assert_ne!(said, content("/a", br#"{"a":null,"b":[{"c":"x","d":2},1]}"#));
        assert_ne!(said, content("/b", br#"{"a":null,"b":[1,{"c":"x","d":2}]}"#));
        assert_ne!(content("/a", b"{"), content("/a", b"["));
        let key = |path: &str, key: &str| Once::read(key, "POST", path, b"").unwrap().key;
        assert_ne!(key("/a", "k"), key("/b", "k"));
        assert_ne!(key("/a", "k"), key("/a", "l"));
    }
}
