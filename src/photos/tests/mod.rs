//! Promises of this room, kept against real files, hostile files, a folder and an S3 service.

mod bare;
mod hostile;
mod keeping;
mod renditions;
mod samples;
