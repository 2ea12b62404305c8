//! Areas of a photo that nobody but those who investigate may see: faces, plates, names. They are told in fractions of the
//! upright picture, so that they hold whatever its size.

use serde::{Deserialize, Serialize};

use super::refusal::{FieldErrors, Refusal};

/// The most areas of one photo.
const MOST_AREAS: usize = 50;
/// How far an area may reach past the edge for the sake of rounding.
const SLACK: f64 = 1e-6;

/// An area of the upright picture, in fractions of its width and height from its top left corner.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// Where it begins, from the left.
    pub x: f64,
    /// Where it begins, from the top.
    pub y: f64,
    /// How wide it is.
    pub width: f64,
    /// How high it is.
    pub height: f64,
}

impl Area {
    /// Every pixel it touches in a picture of that size: left, top, right and bottom, the last two not included.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a side of at most some thousand pixels")]
    pub fn in_pixels(&self, width: u32, height: u32) -> (u32, u32, u32, u32) {
        let span = |from: f64, length: f64, side: u32| {
            let (all, first) = (f64::from(side), (from * f64::from(side)).floor());
            (first.clamp(0.0, all) as u32, ((from + length) * all).ceil().clamp(0.0, all) as u32)
        };
        let ((left, right), (top, bottom)) = (span(self.x, self.width, width), span(self.y, self.height, height));
        (left, top, right, bottom)
    }
}

/// Checks areas as they came. None at all is a good answer: nothing is hidden any more.
pub fn read(areas: Vec<Area>) -> Result<Vec<Area>, Refusal> {
    let mut errors = FieldErrors::default();
    if areas.len() > MOST_AREAS {
        errors.add("/areas", "too_many_areas");
    }
    for (n, area) in areas.iter().enumerate().take(MOST_AREAS) {
        for (from, length, from_name, length_name) in [(area.x, area.width, "x", "width"), (area.y, area.height, "y", "height")] {
            if !(0.0..1.0).contains(&from) {
                errors.add(format!("/areas/{n}/{from_name}"), "not_a_fraction");
            }
            if !(length > 0.0 && from + length <= 1.0 + SLACK) {
                errors.add(format!("/areas/{n}/{length_name}"), "not_a_fraction");
            }
        }
    }
    errors.none()?;
    Ok(areas)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn area(x: f64, y: f64, width: f64, height: f64) -> Area {
        Area { x, y, width, height }
    }

    #[test]
    fn an_area_outside_the_picture_is_refused_by_name() {
        let wrong = vec![area(0.0, 0.0, 1.0, 1.0), area(-0.1, 0.5, 0.2, 0.6), area(0.5, 1.0, f64::NAN, 0.1)];
        let Err(Refusal::Invalid(errors)) = read(wrong) else { panic!("accepted") };
        let found: Vec<_> = errors.iter().map(|error| (error.pointer.as_ref(), error.code)).collect();
        let fraction = |pointer| (pointer, "not_a_fraction");
        let named = ["/areas/1/x", "/areas/1/height", "/areas/2/width", "/areas/2/y", "/areas/2/height"];
        assert_eq!(found, named.map(fraction));
        assert_eq!(read(vec![area(0.0, 0.0, 0.1, 0.1); 51]), Err(Refusal::invalid("/areas", "too_many_areas")));
        assert_eq!(read(vec![]), Ok(vec![]));
    }

    proptest! {
        #[test]
        fn whatever_an_area_touches_lies_within_its_pixels(
            x in 0.0..1.0_f64, y in 0.0..1.0_f64, w in 0.0..1.0_f64, h in 0.0..1.0_f64,
            width in 1_u32..5000, height in 1_u32..5000,
        ) {
            let it = area(x, y, (1.0 - x) * w, (1.0 - y) * h);
            let (left, top, right, bottom) = it.in_pixels(width, height);
            prop_assert!(f64::from(left) <= x * f64::from(width) && f64::from(top) <= y * f64::from(height));
            prop_assert!(f64::from(right) >= ((it.x + it.width) * f64::from(width)).min(f64::from(width)));
            prop_assert!(f64::from(bottom) >= ((it.y + it.height) * f64::from(height)).min(f64::from(height)));
            prop_assert!(right <= width && bottom <= height);
        }
    }
}
