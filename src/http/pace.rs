//! Bodies of photos and files that come too slowly are cut: whoever sends a byte now and then holds a line, a place and memory
//! for nothing. Lines of phones that are merely bad are let be.

use std::{error::Error, time::Duration};

use axum::body::Bytes;
use futures_util::{
    Stream, StreamExt as _,
    stream::{self, BoxStream},
};
use tokio::time::{Instant, timeout};

/// How many bytes must come at least while the server waits for so long: a fifth of what the slowest line of a phone brings.
const LEAST: usize = 16 << 10;
const WITHIN: Duration = Duration::from_mins(1);

/// Why a body ended before its end.
#[derive(Debug, thiserror::Error)]
#[error("the bytes came too slowly")]
pub struct TooSlow;

/// A cause without a type, as a line may break in many ways.
type Broken = Box<dyn Error + Send + Sync>;

/// The same bytes, and an error in the place of the next ones where they came too slowly.
pub fn paced<E>(arriving: impl Stream<Item = Result<Bytes, E>> + Send + 'static) -> BoxStream<'static, Result<Bytes, Broken>>
where
    E: Into<Broken> + Send + 'static,
{
    paced_by(arriving, LEAST, WITHIN)
}

fn paced_by<E>(
    arriving: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    least: usize,
    within: Duration,
) -> BoxStream<'static, Result<Bytes, Broken>>
where
    E: Into<Broken> + Send + 'static,
{
    let start = Some((arriving.boxed(), Duration::ZERO, 0));
    let bytes = stream::unfold(start, move |state| async move {
        let (mut arriving, mut waited, mut came) = state?;
        loop {
            // Only the time spent waiting counts: what the server itself takes is not the sender's.
            let begun = Instant::now();
            let next = timeout(within.saturating_sub(waited), arriving.next()).await;
            waited += begun.elapsed();
            match next {
                Ok(None) => return None,
                Ok(Some(Err(cause))) => return Some((Err(cause.into()), None)),
                Ok(Some(Ok(piece))) => {
                    came += piece.len();
                    if waited < within {
                        return Some((Ok(piece), Some((arriving, waited, came))));
                    }
                    let enough = came >= least;
                    let rest = enough.then_some((arriving, Duration::ZERO, 0));
                    return Some((if enough { Ok(piece) } else { Err(TooSlow.into()) }, rest));
                }
                Err(_) if came >= least => (waited, came) = (Duration::ZERO, 0),
                Err(_) => return Some((Err(TooSlow.into()), None)),
            }
        }
    });
    bytes.boxed()
}

#[cfg(test)]
mod tests {
    use futures_util::TryStreamExt as _;

    use super::*;

    const SHORT: Duration = Duration::from_millis(20);

    fn drops(size: usize, every: Duration) -> impl Stream<Item = Result<Bytes, Broken>> + Send + 'static {
        stream::unfold(0, move |n| async move {
            tokio::time::sleep(every).await;
            (n < 40).then(|| (Ok(Bytes::from(vec![0; size])), n + 1))
        })
    }

    async fn read(arriving: impl Stream<Item = Result<Bytes, Broken>> + Send + 'static) -> Result<usize, Broken> {
        paced_by(arriving, 100, SHORT).try_fold(0, async |sum, piece| Ok(sum + piece.len())).await
    }

    #[tokio::test]
    async fn who_sends_a_byte_now_and_then_is_cut_and_who_sends_enough_is_not() {
        assert!(read(drops(1, Duration::from_millis(2))).await.is_err_and(|cause| cause.is::<TooSlow>()));
        assert_eq!(read(drops(100, Duration::from_millis(2))).await.unwrap(), 4000);
    }

    #[tokio::test]
    async fn who_says_nothing_at_all_is_cut_and_an_end_or_a_break_is_passed_on() {
        assert!(read(stream::pending()).await.is_err_and(|cause| cause.is::<TooSlow>()));
        assert_eq!(read(stream::empty()).await.unwrap(), 0);
        let broken = stream::iter([Ok(Bytes::from_static(b"half")), Err("broken".into())]);
        assert_eq!(read(broken).await.unwrap_err().to_string(), "broken");
    }
}
