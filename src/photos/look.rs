//! How a picture looks, in a few numbers: whether it is dark or blurred, and a hash that looks alike where pictures do.

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use image::GrayImage;

use super::rendition::Unreadable;
use crate::domain::photo::Hint;

/// Samples of brightness below this are dark.
const DARK: u8 = 32;
/// A picture is dark from this share of dark samples, and below this mean. Measured: dark photos 0.66 and 20, others at most
/// 0.32 and at least 60.
const DARK_SHARE: f64 = 0.5;
const DARK_MEAN: f64 = 40.0;
/// Edges of a picture in relation to its contrast, below which it is blurred. Measured: a sharp photo 0.2, blurred 0.002.
const BLURRED: f64 = 0.01;
/// Contrast, as a variance, below which nothing can be said of edges.
const FLAT: f64 = 60.0;
/// The longest side, in pixels, from which blur shows.
const LARGE_ENOUGH: u32 = 640;
/// Every how many rows are looked at.
const ROWS: usize = 4;

/// What strikes the eye in a picture of the display's size. Hints only: nobody is refused a photo for them.
pub(super) fn hints(luma: &GrayImage) -> Vec<Hint> {
    let (brightness, edges) = measure(luma);
    let dark = brightness.low_share() > DARK_SHARE && brightness.mean() < DARK_MEAN;
    let large = luma.width().max(luma.height()) >= LARGE_ENOUGH;
    let contrast = brightness.variance();
    // In the dark, noise passes for edges or there are none: only one of the two is said.
    let blurred = !dark && large && contrast > FLAT && edges.variance() < BLURRED * contrast;
    [(dark, Hint::Dark), (blurred, Hint::Blurred)].into_iter().filter_map(|(found, hint)| found.then_some(hint)).collect()
}

/// A running sum of samples.
#[derive(Default)]
struct Tally {
    count: i64,
    sum: i64,
    squares: i64,
    low: i64,
}

#[expect(clippy::cast_precision_loss, reason = "sums over a picture of at most 1600 pixels a side")]
impl Tally {
    fn mean(&self) -> f64 {
        self.sum as f64 / self.count.max(1) as f64
    }

    fn variance(&self) -> f64 {
        self.squares as f64 / self.count.max(1) as f64 - self.mean() * self.mean()
    }

    fn low_share(&self) -> f64 {
        self.low as f64 / self.count.max(1) as f64
    }
}

/// The brightness of every fourth row, and its edges (the Laplacian).
fn measure(luma: &GrayImage) -> (Tally, Tally) {
    let (mut brightness, mut edges) = (Tally::default(), Tally::default());
    let width = usize::try_from(luma.width()).unwrap_or(usize::MAX);
    let row = |y: usize| luma.as_raw().chunks_exact(width).nth(y);
    for y in (0..usize::try_from(luma.height()).unwrap_or(0)).step_by(ROWS) {
        let Some(middle) = row(y) else { break };
        let mut squares = 0_i64;
        for sample in middle {
            brightness.sum += i64::from(*sample);
            squares += i64::from(*sample) * i64::from(*sample);
            brightness.low += i64::from(*sample < DARK);
        }
        brightness.squares += squares;
        brightness.count += i64::try_from(middle.len()).unwrap_or(0);
        let (Some(upper), Some(lower)) = (y.checked_sub(1).and_then(row), row(y + 1)) else { continue };
        let beside = middle.windows(3).zip(upper.iter().skip(1).zip(lower.iter().skip(1)));
        for (around, (above, below)) in beside {
            let &[left, here, right] = around else { continue };
            let edge = 4 * i32::from(here) - i32::from(left) - i32::from(right) - i32::from(*above) - i32::from(*below);
            edges.sum += i64::from(edge);
            edges.squares += i64::from(edge * edge);
            edges.count += 1;
        }
    }
    (brightness, edges)
}

/// The difference hash of an upright picture: for each of eight rows of nine samples, which of two neighbours is brighter.
pub(super) fn hash(luma: &GrayImage) -> Result<u64, Unreadable> {
    let from = ImageRef::new(luma.width(), luma.height(), luma.as_raw(), PixelType::U8).map_err(|_| Unreadable::Damaged)?;
    let mut small = Image::new(9, 8, PixelType::U8);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    Resizer::new().resize(&from, &mut small, &options).map_err(|_| Unreadable::Damaged)?;
    let pairs = small.buffer().chunks_exact(9).flat_map(|row| row.windows(2));
    Ok(pairs.fold(0, |hash, pair| hash << 1 | u64::from(pair.is_sorted_by(|left, right| left < right))))
}
