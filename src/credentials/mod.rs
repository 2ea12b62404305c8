//! How people prove who they are: password hashes, signed tokens, and the seals of links in mails. Which sessions are good is decided in
//! `domain::session`; nothing here reads a database.

mod breaches;
mod digits;
mod key_ring;
mod links;
mod passwords;
mod secret_file;
mod tokens;

pub use self::{
    digits::{Digits, Shared},
    key_ring::add_signing_key,
    links::{Links, PictureLink},
    passwords::{Passwords, Unhashable},
    secret_file::KeyError,
    tokens::{Claims, Keys, TokenRefused, sha256},
};
