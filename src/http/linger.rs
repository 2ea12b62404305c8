//! A phone that is answered before it has sent all of a photo would lose the answer with the connection. So what a
//! handler leaves of a body is read, within limits, before the answer goes out.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, BodyDataStream, Bytes},
    extract::Request,
    http::header,
};
use futures_util::{Stream, StreamExt as _};
use tokio::sync::oneshot;

/// How long the rest of a body is read at most.
const PATIENCE: Duration = Duration::from_secs(10);

/// A body that hands back what was not read of it.
struct Lingering {
    inner: Option<BodyDataStream>,
    back: Option<oneshot::Sender<BodyDataStream>>,
}

impl Stream for Lingering {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(inner) = self.inner.as_mut() else { return Poll::Ready(None) };
        let next = inner.poll_next_unpin(context);
        if matches!(next, Poll::Ready(None | Some(Err(_)))) {
            self.inner = None;
        }
        next
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        if let (Some(inner), Some(back)) = (self.inner.take(), self.back.take()) {
            // Nobody waits for it when the request itself is gone.
            let _ = back.send(inner);
        }
    }
}

/// What comes back of a body.
pub struct Rest(Option<oneshot::Receiver<BodyDataStream>>);

/// Prepares a request so that the rest of its body comes back. A client that asked leave to send (`Expect`) has sent
/// nothing yet, and needs no patience.
pub fn prepare(request: Request) -> (Request, Rest) {
    if request.method().is_safe() || request.headers().contains_key(header::EXPECT) {
        return (request, Rest(None));
    }
    let (back, rest) = oneshot::channel();
    let request = request.map(|body| Body::from_stream(Lingering { inner: Some(body.into_data_stream()), back: Some(back) }));
    (request, Rest(Some(rest)))
}

impl Rest {
    /// Reads what is left, up to so many bytes.
    pub async fn drain(self, most: u64) {
        let Some(mut stream) = self.0.and_then(|mut rest| rest.try_recv().ok()) else { return };
        let reading = async {
            let mut read = 0;
            while let Some(Ok(bytes)) = stream.next().await {
                read += bytes.len() as u64;
                if read > most {
                    break;
                }
            }
        };
        // Whoever sends slower than this loses the answer with the connection.
        let _ = tokio::time::timeout(PATIENCE, reading).await;
    }
}
