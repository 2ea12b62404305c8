//! How large a value can be. What the description of a value says to people is read here for machines, so that both are the
//! same: "`open`, `closed` or `dismissed`" is a closed list, "at most 200 characters" a length, "1 to 5" a range, "(RFC 3339)"
//! an instant. Where nothing is said, the bound is what no request and no answer can exceed.

use serde_json::{Value, json};

use super::Object;

/// The largest body that is taken unless an operator allows more, in bytes; so the longest text, and the longest list.
const MOST: u64 = 256 << 10;
/// No head of a request is larger, in bytes, as what comes at once is read at once; so the longest parameter.
const HEAD: u64 = 2 * super::super::door::HEAD_BYTES as u64;
/// The largest integer that JSON carries safely (RFC 7493).
const LARGEST: i64 = (1 << 53) - 1;

/// Bounds every value in a part of the contract. A value that says nothing of itself is spoken of by what it stands in: a
/// parameter's schema by the parameter, an item by its list.
pub(super) fn bound(part: &mut Value) {
    bound_within(part, "", MOST);
}

fn bound_within(part: &mut Value, said: &str, most: u64) {
    match part {
        Value::Array(all) => all.iter_mut().for_each(|one| bound_within(one, said, most)),
        Value::Object(object) => {
            let said = object.get("description").and_then(Value::as_str).unwrap_or(said).to_owned();
            let most = if object.contains_key("in") { HEAD } else { most };
            bound_value(object, &said, most);
            for (name, inner) in object.iter_mut() {
                let is_said = matches!(name.as_str(), "schema" | "items" | "oneOf");
                bound_within(inner, if is_said { &said } else { "" }, most);
            }
        }
        _ => {}
    }
}

fn bound_value(schema: &mut Object, said: &str, most: u64) {
    let kinds = match schema.get("type") {
        Some(Value::String(kind)) => vec![kind.clone()],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => return,
    };
    let may_be_null = kinds.iter().any(|kind| kind == "null");
    match kinds.iter().find(|kind| *kind != "null").map(String::as_str) {
        Some("string") => bound_text(schema, said, most, may_be_null),
        Some("integer") => bound_integer(schema, said),
        Some("number") => bound_number(schema, said),
        Some("array") => put(schema, "maxItems", json!(at_most(said, "").unwrap_or(most))),
        _ => {}
    }
}

fn bound_text(schema: &mut Object, said: &str, most: u64, may_be_null: bool) {
    if schema.contains_key("enum") || schema.contains_key("const") {
        return;
    }
    if let Some(words) = closed_list(said) {
        let nothing = may_be_null.then_some(Value::Null);
        schema.insert("enum".to_owned(), words.into_iter().map(|word| json!(word)).chain(nothing).collect());
        return;
    }
    if said.contains("(RFC 3339)") {
        put(schema, "format", json!("date-time"));
    }
    let (longest, pattern) = match schema.get("format").and_then(Value::as_str) {
        Some("uuid") => (36, None),
        Some("date-time") => (64, None),
        Some("date") => (10, None),
        Some("binary") => return,
        _ if said.contains("64 hexadecimal digits") => (64, Some("^[0-9a-fA-F]{64}$")),
        _ if said.contains("letters, digits, hyphens or low lines") => code(schema, said),
        // NUL is the one character that not both databases keep.
        _ => (at_most(said, " character").unwrap_or(most), Some("^[^\\u0000]*$")),
    };
    put(schema, "maxLength", json!(longest));
    if let Some(pattern) = pattern {
        put(schema, "pattern", json!(pattern));
    }
}

/// "1 to 40 letters, digits, hyphens or low lines".
fn code(schema: &mut Object, said: &str) -> (u64, Option<&'static str>) {
    let (least, most) = range(said).unwrap_or((0, 40));
    put(schema, "minLength", json!(least));
    (u64::try_from(most).unwrap_or(MOST), Some("^[A-Za-z0-9_-]*$"))
}

fn bound_integer(schema: &mut Object, said: &str) {
    put(schema, "format", json!("int64"));
    let is_short = schema.get("format").is_some_and(|format| format == "int32");
    let (least, most) = if is_short { (i64::from(i32::MIN), i64::from(i32::MAX)) } else { (-LARGEST, LARGEST) };
    let range = range(said).or_else(|| Some((0, i64::try_from(at_most(said, "")?).ok()?)));
    if let Some((least, most)) = range {
        schema.insert("minimum".to_owned(), json!(least));
        schema.insert("maximum".to_owned(), json!(most));
    }
    put(schema, "minimum", json!(least));
    put(schema, "maximum", json!(most));
}

fn bound_number(schema: &mut Object, said: &str) {
    if let Some((least, most)) = range(said) {
        put(schema, "minimum", json!(least));
        put(schema, "maximum", json!(most));
    }
}

fn put(schema: &mut Object, name: &str, value: Value) {
    schema.entry(name).or_insert(value);
}

/// The words of "`a`, `b` (when absent) or `c`", where a description begins with such a list and goes on to say something else
/// only after a mark.
fn closed_list(said: &str) -> Option<Vec<&str>> {
    let mut rest = said.strip_prefix("One or more of ").unwrap_or(said);
    let mut words = Vec::new();
    loop {
        let (word, after) = rest.strip_prefix('`')?.split_once('`')?;
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
        if word.is_empty() || !word.chars().all(is_word) {
            return None;
        }
        words.push(word);
        rest = match after.strip_prefix(" (").and_then(|aside| aside.split_once(')')) {
            Some((_, after)) => after,
            None => after,
        };
        if rest.is_empty() || rest.starts_with(['.', ';', ':']) {
            return Some(words);
        }
        let joined = [", ", ",\n", " or ", " or\n"].iter().find_map(|join| rest.strip_prefix(join));
        rest = joined?.trim_start_matches("or ");
    }
}

/// The number of "at most N characters", where that is how it goes on.
fn at_most(said: &str, unit: &str) -> Option<u64> {
    let (_, after) = said.split_once("t most ")?;
    let (number, rest) = number(after)?;
    let fits = if unit.is_empty() { !rest.starts_with(" MB") } else { rest.starts_with(unit) };
    u64::try_from(number).ok().filter(|_| fits)
}

/// The numbers of "1 to 5".
fn range(said: &str) -> Option<(i64, i64)> {
    said.match_indices(" to ").find_map(|(at, join)| {
        let (before, after) = (said.get(..at)?, said.get(at + join.len()..)?);
        let first = before.rsplit(' ').next()?;
        let (least, nothing) = number(first)?;
        let (most, _) = number(after)?;
        (nothing.is_empty() && least < most).then_some((least, most))
    })
}

/// A number as people write it, such as `10,000` or `-90`, and what comes after it.
fn number(text: &str) -> Option<(i64, &str)> {
    let end = text.char_indices().find(|(at, c)| {
        let is_comma = *c == ',' && text.get(at + 1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        !(c.is_ascii_digit() || is_comma || (*at == 0 && *c == '-'))
    });
    let (digits, rest) = text.split_at(end.map_or(text.len(), |(at, _)| at));
    digits.replace(',', "").parse().ok().map(|number| (number, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_that_begins_with_a_list_is_a_closed_list() {
        let lists = [
            ("`a_b`, `c-d` or `image/png`.", Some(vec!["a_b", "c-d", "image/png"])),
            ("`open` (when absent), `secret` or `no`.", Some(vec!["open", "secret", "no"])),
            ("One or more of `x`, `y`, `z`.", Some(vec!["x", "y", "z"])),
            ("`a` or `b`; absent where there is neither.", Some(vec!["a", "b"])),
            ("`a`,\n`b` or\n`c`.", Some(vec!["a", "b", "c"])),
            ("`sha1` or `sha256`, and the hash.", None),
            ("Such as `ISO 45001`.", None),
            ("`{x, y}` in fractions.", None),
        ];
        for (said, words) in lists {
            assert_eq!(closed_list(said), words, "{said}");
        }
    }

    #[test]
    fn what_people_read_is_what_machines_read() {
        let bounds = [
            (json!({"type": "string", "description": "In words; at most 10,000 characters."}), "maxLength", json!(10_000)),
            (json!({"type": "string", "description": "When (RFC 3339)."}), "format", json!("date-time")),
            (json!({"type": ["string", "null"], "description": "`a` or `b`."}), "enum", json!(["a", "b", null])),
            (json!({"type": ["integer", "null"], "description": "How likely, 1 to 5; asked."}), "maximum", json!(5)),
            (json!({"type": "number", "description": "Degrees east, -180 to 180."}), "minimum", json!(-180)),
            (json!({"type": "array", "description": "Photos; at most 20."}), "maxItems", json!(20)),
            (json!({"type": "integer", "format": "int32", "minimum": 0}), "maximum", json!(i32::MAX)),
            (json!({"type": "string"}), "maxLength", json!(MOST)),
        ];
        for (mut schema, name, value) in bounds {
            bound(&mut schema);
            assert_eq!(schema.get(name), Some(&value), "{schema}");
        }
    }

    #[test]
    fn the_longest_text_is_the_largest_body_of_the_settings() {
        let settings = crate::config::Settings::load(None, std::iter::empty()).unwrap();
        assert_eq!(u64::try_from(settings.body_max_bytes).unwrap(), MOST);
    }

    #[test]
    fn a_parameter_speaks_for_its_schema_and_a_list_for_its_items() {
        let mut part = json!([
            {"in": "query", "description": "`a` or `b`.", "schema": {"type": "string"}},
            {"type": "array", "description": "`x` or `y`.", "items": {"type": "string"}},
        ]);
        bound(&mut part);
        assert_eq!(part.pointer("/0/schema/enum"), Some(&json!(["a", "b"])));
        assert_eq!(part.pointer("/1/items/enum"), Some(&json!(["x", "y"])));
    }
}
