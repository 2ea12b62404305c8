//! A PNG's chunks (ISO/IEC 15948 section 5.3), read without decoding a pixel.

/// One chunk.
pub(super) struct Chunk<'a> {
    /// Its four letters.
    pub kind: [u8; 4],
    /// How many bytes its body is said to have.
    pub length: usize,
    /// The file from its body on, which is shorter where it is cut off.
    pub from: &'a [u8],
}

impl<'a> Chunk<'a> {
    /// Its body, if it is all there.
    pub fn body(&self) -> Option<&'a [u8]> {
        self.from.get(..self.length)
    }
}

/// The chunks in their order, up to where the file is cut off.
pub(super) fn chunks(original: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    let mut rest = original.get(8..);
    std::iter::from_fn(move || {
        let (length, tail) = rest?.split_first_chunk::<4>()?;
        let (kind, from) = tail.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        // The sum behind the body is the decoder's to look at.
        rest = length.checked_add(4).and_then(|skip| from.get(skip..));
        Some(Chunk { kind: *kind, length, from })
    })
}
