//! Many rows in few statements, and in statements of few sizes: each size is one that every connection keeps prepared.

/// The most rows that one statement writes.
const MOST: usize = 64;

/// The rows in portions of 64, 32, 16 and so on down to one.
pub(super) fn portions<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let mut left = rows;
    std::iter::from_fn(move || {
        let size = 1 << left.len().min(MOST).checked_ilog2()?;
        let (some, rest) = left.split_at_checked(size)?;
        left = rest;
        Some(some)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_comes_once_and_in_order_and_only_few_sizes_do() {
        for n in 0..300 {
            let rows: Vec<usize> = (0..n).collect();
            let sizes: Vec<usize> = portions(&rows).map(<[_]>::len).collect();
            assert_eq!(portions(&rows).flatten().copied().collect::<Vec<_>>(), rows);
            assert!(sizes.iter().all(|size| size.is_power_of_two() && *size <= MOST), "{sizes:?}");
        }
    }
}
