//! A small picture as JPEG stores it: one plane of brightness, and two of colour at half its size both ways, rounded up
//! (ITU-T T.871). Photos become one while they are shrunk, so that nothing is converted twice and nothing large is turned.

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use image::{DynamicImage, GrayImage, metadata::Orientation};

use super::rendition::Unreadable;
use crate::domain::redaction::Area;

/// What colourless looks like in a plane of colour.
const COLOURLESS: u8 = 128;

/// A picture of three planes.
pub(super) struct Planes {
    /// Brightness, Y.
    pub luma: GrayImage,
    /// Colour, Cb and Cr; each half as wide and high as the brightness.
    pub colours: [GrayImage; 2],
}

/// A plane to be shrunk. It may be larger than the part of it that is picture.
pub(super) struct Source<'a> {
    /// Row after row, without gaps.
    pub samples: &'a [u8],
    /// Samples in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// How many pixels of the picture one sample stands for, across and down.
    pub pitch: (u32, u32),
}

impl Planes {
    /// Takes pixels of three bytes each, Y, Cb and Cr.
    fn of_ycc(width: u32, height: u32, pixels: &[u8]) -> Result<Self, Unreadable> {
        let row = usize::try_from(width).map_err(|_| Unreadable::TooManyPixels)? * 3;
        let luma = pixels.chunks_exact(3).filter_map(|pixel| pixel.first()).copied().collect();
        let cells = pixels.len() / 12 + row;
        let (mut blue, mut red) = (Vec::with_capacity(cells), Vec::with_capacity(cells));
        for pair in pixels.chunks(2 * row) {
            let (upper, lower) = pair.split_at_checked(row).ok_or(Unreadable::Damaged)?;
            // The last row of an odd number stands for two.
            let lower = if lower.is_empty() { upper } else { lower };
            for cell in upper.chunks(6).zip(lower.chunks(6)) {
                match cell {
                    (&[_, b0, r0, _, b1, r1], &[_, b2, r2, _, b3, r3]) => {
                        blue.push(mean([b0, b1, b2, b3]));
                        red.push(mean([r0, r1, r2, r3]));
                    }
                    (&[_, b0, r0], &[_, b1, r1]) => {
                        blue.push(mean([b0, b0, b1, b1]));
                        red.push(mean([r0, r0, r1, r1]));
                    }
                    _ => return Err(Unreadable::Damaged),
                }
            }
        }
        let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
        Ok(Self {
            luma: plane(width, height, luma)?,
            colours: [plane(half_width, half_height, blue)?, plane(half_width, half_height, red)?],
        })
    }

    /// Takes pixels of three bytes each, red, green and blue.
    pub fn of_rgb(width: u32, height: u32, mut pixels: Vec<u8>) -> Result<Self, Unreadable> {
        for pixel in pixels.chunks_exact_mut(3) {
            if let [r, g, b] = pixel {
                [*r, *g, *b] = ycc(*r, *g, *b);
            }
        }
        Self::of_ycc(width, height, &pixels)
    }

    /// The picture of these planes, `size` pixels large, with its longest side at most `longest`. Without planes of colour
    /// it has none.
    pub fn shrunk(
        size: (u32, u32),
        luma: &Source<'_>,
        colours: Option<[&Source<'_>; 2]>,
        longest: u32,
    ) -> Result<Self, Unreadable> {
        let to = fit(size.0, size.1, longest);
        let half = (to.0.div_ceil(2), to.1.div_ceil(2));
        let mut resizer = Resizer::new();
        let mut colour = |from: Option<&Source<'_>>| match from {
            // Rounded up, the colours reach past the edge of the brightness by as much here as in the source.
            Some(from) => from.resized(&mut resizer, half, covered(size, to, (2 * half.0, 2 * half.1))),
            None => Ok(GrayImage::from_pixel(half.0, half.1, image::Luma([COLOURLESS]))),
        };
        let [blue, red] = colours.map_or([None, None], |[blue, red]| [Some(blue), Some(red)]);
        let colours = [colour(blue)?, colour(red)?];
        Ok(Self { luma: luma.resized(&mut resizer, to, covered(size, to, to))?, colours })
    }

    /// The same picture with its longest side at most `longest`.
    pub fn smaller(&self, longest: u32) -> Result<Self, Unreadable> {
        let [blue, red] = &self.colours;
        let (blue, red) = (Source::of(blue, 2), Source::of(red, 2));
        Self::shrunk(self.luma.dimensions(), &Source::of(&self.luma, 1), Some([&blue, &red]), longest)
    }

    /// The same picture, turned.
    pub fn turned(self, orientation: Orientation) -> Self {
        let turn = |plane: GrayImage| {
            let mut plane = DynamicImage::ImageLuma8(plane);
            plane.apply_orientation(orientation);
            plane.into_luma8()
        };
        Self { luma: turn(self.luma), colours: self.colours.map(turn) }
    }

    /// Makes these areas of the upright picture black. Nothing of what was there is left, at their edges not even its colour.
    pub fn cover(&mut self, areas: &[Area]) {
        for area in areas {
            let (left, top, right, bottom) = area.in_pixels(self.luma.width(), self.luma.height());
            fill(&mut self.luma, (left, top, right, bottom), 0);
            for colour in &mut self.colours {
                fill(colour, (left / 2, top / 2, right.div_ceil(2), bottom.div_ceil(2)), COLOURLESS);
            }
        }
    }

    /// Whether the whole picture is of one brightness.
    pub fn show_nothing(&self) -> bool {
        let (darkest, brightest) = (self.luma.iter().min(), self.luma.iter().max());
        darkest.zip(brightest).is_none_or(|(darkest, brightest)| brightest - darkest < 8)
    }
}

impl<'a> Source<'a> {
    fn of(plane: &'a GrayImage, pitch: u32) -> Self {
        Self { samples: plane.as_raw(), width: plane.width(), height: plane.height(), pitch: (pitch, pitch) }
    }

    /// Shrinks the part of the plane that covers `covered` pixels of the picture.
    fn resized(&self, resizer: &mut Resizer, to: (u32, u32), covered: (f64, f64)) -> Result<GrayImage, Unreadable> {
        let from = ImageRef::new(self.width, self.height, self.samples, PixelType::U8).map_err(|_| Unreadable::Damaged)?;
        let mut into = Image::new(to.0, to.1, PixelType::U8);
        let width = (covered.0 / f64::from(self.pitch.0)).min(f64::from(self.width));
        let height = (covered.1 / f64::from(self.pitch.1)).min(f64::from(self.height));
        let options = ResizeOptions::new().resize_alg(FINE).crop(0.0, 0.0, width, height);
        resizer.resize(&from, &mut into, &options).map_err(|_| Unreadable::Damaged)?;
        plane(to.0, to.1, into.into_vec())
    }
}

/// The filter everything is shrunk with.
pub(super) const FINE: ResizeAlg = ResizeAlg::Convolution(FilterType::Lanczos3);

/// The part of a picture of `size` pixels that `reach` pixels of it show when it is shrunk to `to`.
fn covered(size: (u32, u32), to: (u32, u32), reach: (u32, u32)) -> (f64, f64) {
    let share = |size: u32, to: u32, reach: u32| f64::from(size) / f64::from(to) * f64::from(reach);
    (share(size.0, to.0, reach.0), share(size.1, to.1, reach.1))
}

/// A size of the same shape whose longest side is at most `longest`; never larger than it was.
pub(super) fn fit(width: u32, height: u32, longest: u32) -> (u32, u32) {
    let now = width.max(height);
    if now <= longest {
        return (width, height);
    }
    let scale = |side: u32| {
        let exact = (u64::from(side) * u64::from(longest) + u64::from(now) / 2) / u64::from(now);
        u32::try_from(exact).unwrap_or(longest).clamp(1, longest)
    };
    (scale(width), scale(height))
}

fn plane(width: u32, height: u32, samples: Vec<u8>) -> Result<GrayImage, Unreadable> {
    GrayImage::from_raw(width, height, samples).ok_or(Unreadable::Damaged)
}

fn fill(plane: &mut GrayImage, (left, top, right, bottom): (u32, u32, u32, u32), with: u8) {
    for y in top..bottom.min(plane.height()) {
        for x in left..right.min(plane.width()) {
            plane.put_pixel(x, y, image::Luma([with]));
        }
    }
}

fn mean(of: [u8; 4]) -> u8 {
    let sum: u16 = of.into_iter().map(u16::from).sum();
    u8::try_from((sum + 2) / 4).unwrap_or(u8::MAX)
}

/// Brightness and colours of a pixel (ITU-T T.871 section 7), in 65536ths.
fn ycc(r: u8, g: u8, b: u8) -> [u8; 3] {
    let weigh = |r_part: i32, g_part: i32, b_part: i32, rest: i32| {
        let sum = r_part * i32::from(r) + g_part * i32::from(g) + b_part * i32::from(b);
        u8::try_from((((sum + (1 << 15)) >> 16) + rest).clamp(0, 255)).unwrap_or(u8::MAX)
    };
    [
        weigh(19_595, 38_470, 7_471, 0),
        weigh(-11_059, -21_709, 32_768, i32::from(COLOURLESS)),
        weigh(32_768, -27_439, -5_329, i32::from(COLOURLESS)),
    ]
}
