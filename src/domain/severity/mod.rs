//! Aids for whoever rates a report: the serious-injury screen that proposes what could have happened, and the organisation's
//! matrix of severity and likelihood. The rating itself, and who may lower it, is in `report`.

mod matrix;
mod screen;

#[cfg(test)]
pub(super) use self::matrix::tests::matrix as matrix_for_tests;
pub use self::{
    matrix::{Band, Level, Matrix, Risk},
    screen::{Answers, SclClass, Screened},
};
