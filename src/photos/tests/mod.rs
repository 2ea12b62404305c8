//! Promises of this room, kept against real files, hostile files, a folder and an S3 service.

mod bare;
#[cfg(feature = "heic")]
mod heic;
mod hostile;
mod keeping;
mod look;
mod odd;
mod pngs;
mod quality;
mod renditions;
mod samples;
