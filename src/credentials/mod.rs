//! How people prove who they are: password hashes and signed tokens. Which sessions are good is decided in
//! `domain::session`; nothing here reads a database.

mod passwords;
mod tokens;

pub use self::{
    passwords::{Passwords, Unhashable},
    tokens::{Claims, KeyError, Keys, TokenRefused, sha256},
};
