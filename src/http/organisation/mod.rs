//! Sites, people and categories: read by everybody signed in, written by administrators. One file for each; what is here is
//! shared by them.

mod categories;
mod leaving;
mod members;
mod roles;
mod sites;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::{categories::*, leaving::*, members::*, roles::*, sites::*};
use crate::domain::organisation::Label;

/// A name in three languages.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelBody {
    /// In Arabic; at most 200 characters.
    ar: String,
    /// In French; at most 200 characters.
    fr: String,
    /// In English; at most 200 characters.
    en: String,
}

impl From<&Label> for LabelBody {
    fn from(label: &Label) -> Self {
        Self { ar: label.ar.clone(), fr: label.fr.clone(), en: label.en.clone() }
    }
}

impl From<LabelBody> for Label {
    fn from(LabelBody { ar, fr, en }: LabelBody) -> Self {
        Self { ar, fr, en }
    }
}
