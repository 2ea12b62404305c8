//! From an ordinary JPEG straight to a picture of a bounded size, and from a picture to a JPEG. There are two ways to
//! do it: in Rust, which needs nothing installed, and with libjpeg-turbo (feature `turbo`), which is faster. Nothing else
//! knows which one is in, and both pass the same tests.

#[cfg(not(feature = "turbo"))]
mod rust;
#[cfg(feature = "turbo")]
mod turbo;

#[cfg(not(feature = "turbo"))]
pub(super) use rust::{decode, encode};
#[cfg(feature = "turbo")]
pub(super) use turbo::{decode, encode};

/// Why the decoder left a JPEG to the lenient one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Declined {
    /// It is of a kind this decoder does not read.
    Unusual,
    /// Its coding is broken somewhere.
    Broken,
}
