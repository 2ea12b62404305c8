//! A source file as the rules of the house see it: its words without comments and literals, and the paths it names.
//! It reads text, not meaning: what a macro makes or an alias hides is not seen.

/// One file of `src`.
pub struct Source {
    /// From the root of the project: `src/http/error.rs`.
    pub file: String,
    /// The top-level module it belongs to.
    pub room: String,
    pub text: String,
    pub tokens: Vec<Token>,
    pub paths: Vec<Named>,
}

/// A word or a sign.
pub struct Token {
    pub line: usize,
    pub text: String,
}

/// A path as it is written, with the module it is written in.
pub struct Named {
    pub line: usize,
    pub names: Vec<String>,
    module: Vec<String>,
}

impl Source {
    pub fn read(file: &str, text: &str) -> Self {
        let inside = file.trim_start_matches("src/").trim_end_matches(".rs");
        let mut module: Vec<String> = inside.split('/').map(str::to_owned).collect();
        let room = module[0].clone();
        let is_root = ["lib", "main"].contains(&&*room);
        module.truncate(if is_root { 0 } else { module.len() - usize::from(inside.ends_with("/mod")) });
        let tokens = tokens(text);
        let paths = paths(&tokens, module);
        Self { file: file.to_owned(), room, text: text.to_owned(), tokens, paths }
    }

    /// Where `Type::name` is written outside tests, for these types and the names that are asked for.
    pub fn calls(&self, types: &[&str], is: impl Fn(&str) -> bool) -> impl Iterator<Item = (usize, &str, &str)> {
        let pairs = self.paths.iter().filter(|path| !path.module.iter().any(|module| module == "tests"));
        let pairs = pairs.flat_map(|path| path.names.windows(2).map(|pair| (path.line, pair[0].as_str(), pair[1].as_str())));
        pairs.filter(move |(_, on, name)| types.contains(on) && is(name))
    }
}

impl Named {
    /// From the root of our crate; nothing for a path into another crate or from a name at hand.
    pub fn in_our_crate(&self) -> Option<Vec<String>> {
        let ups = self.names.iter().take_while(|name| *name == "super").count();
        let (base, rest) = match self.names[0].as_str() {
            "crate" => (&[][..], &self.names[1..]),
            "self" => (&self.module[..], &self.names[1..]),
            "super" => (&self.module[..self.module.len().saturating_sub(ups)], &self.names[ups..]),
            _ => return None,
        };
        Some([base, rest].concat())
    }
}

/// Every path of two names or more, `use` trees spread out.
fn paths(tokens: &[Token], mut module: Vec<String>) -> Vec<Named> {
    let is = |at: usize, text: &str| tokens.get(at).is_some_and(|token| token.text == text);
    let mut paths = vec![];
    let (mut depth, mut inline) = (0, vec![]);
    let mut at = 0;
    while at < tokens.len() {
        let text = tokens[at].text.as_str();
        if text == "mod" && is(at + 2, "{") {
            module.push(tokens[at + 1].text.clone());
            inline.push(depth);
        }
        depth += usize::from(text == "{");
        depth -= usize::from(text == "}");
        if text == "}" && inline.last() == Some(&depth) {
            inline.pop();
            module.pop();
        }
        if is_word(text) && is(at + 1, "::") {
            let mut found = vec![];
            at = spread(tokens, at, &[], &mut found);
            paths.extend(found.into_iter().map(|(line, names)| Named { line, names, module: module.clone() }));
        } else {
            at += 1;
        }
    }
    paths
}

/// The paths of the tree that begins here, and where it ends.
fn spread(tokens: &[Token], mut at: usize, before: &[String], found: &mut Vec<(usize, Vec<String>)>) -> usize {
    let mut names = before.to_vec();
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    loop {
        let line = tokens.get(at).map_or(0, |token| token.line);
        match text(at) {
            "{" => {
                at += 1;
                while !["}", ""].contains(&text(at)) {
                    at = if is_word(text(at)) || text(at) == "*" { spread(tokens, at, &names, found) } else { at + 1 };
                }
                return at + 1;
            }
            name if is_word(name) || name == "*" => {
                names.push(name.to_owned());
                at += 1;
                if text(at) != "::" {
                    found.push((line, names));
                    return if text(at) == "as" { at + 2 } else { at };
                }
                at += 1;
            }
            // A turbofish: what comes in it is read as paths of its own.
            _ => {
                found.push((line, names));
                return at;
            }
        }
    }
}

fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// Words and signs, without comments and literals.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = vec![];
    let (mut at, mut line) = (0, 1);
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '"' => quoted(rest),
            'r' | 'b' if raw(rest).is_some() => raw(rest).unwrap_or_default(),
            '\'' => character(rest),
            _ if first.is_whitespace() => first.len_utf8(),
            _ => {
                let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                let length = if rest.starts_with("::") { 2 } else { word.max(first.len_utf8()) };
                tokens.push(Token { line, text: rest[..length].to_owned() });
                length
            }
        };
        line += rest[..length].matches('\n').count();
        at += length;
    }
    tokens
}

/// The length of `"…"`.
fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    let end = rest[1..].find(|c| {
        let is_end = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        is_end
    });
    end.map_or(rest.len(), |end| end + 2)
}

/// The length of `r"…"`, `r#"…"#` or `br"…"`, if one begins here.
fn raw(rest: &str) -> Option<usize> {
    let start = rest.find('r').filter(|r| *r == 0 || rest.starts_with("br"))? + 1;
    let hashes = rest[start..].chars().take_while(|c| *c == '#').count();
    let inside = rest[start + hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(inside.find(&end).map_or(rest.len(), |at| start + hashes + 1 + at + end.len()))
}

/// The length of `'c'`; of a lifetime, only its mark.
fn character(rest: &str) -> usize {
    let mut inside = rest[1..].chars();
    match inside.next() {
        Some('\\') => rest[3..].find('\'').map_or(rest.len(), |end| end + 4),
        Some(c) if inside.next() == Some('\'') => c.len_utf8() + 2,
        _ => 1,
    }
}
