//! Every setting, its default and one comment (`default.toml`), and the check of all of them as a whole at start.
//! Nobody else reads the environment or a settings file; what a setting does is decided where it is used.

mod check;
mod layers;
mod problem;
mod settings;
#[cfg(test)]
mod tests;

pub use problem::{Problem, SettingsError};
pub use settings::Settings;
