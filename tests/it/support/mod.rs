//! What the stories stand on: no promise is checked here.

pub mod postgres;
pub mod source;
