//! The door: connections are taken in, and those that only stand in it are sent away. What a request says is not read here.
//! A head that is not whole in time, an answer that is not taken away and a connection that idles are cut; when the house is
//! full, whoever has idled longest makes room, so that a crowd of idlers keeps nobody out.

use std::{
    collections::BTreeMap,
    io,
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{Router, extract::Request, response::Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use metrics::counter;
use tokio::net::{TcpListener, TcpStream};
use tokio_io_timeout::TimeoutStream;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;
use tracing::{debug, warn};

use super::address::Peer;

/// How much a connection may cost.
#[derive(Debug, Clone, Copy)]
pub struct Manners {
    /// The most connections at once.
    pub connections: usize,
    /// How long a connection may take to send the whole head of a request, also the next one of a connection that is kept.
    pub head: Duration,
    /// How long an answer may lie without any of it being taken away.
    pub answer: Duration,
}

impl Default for Manners {
    fn default() -> Self {
        Self { connections: 4096, head: Duration::from_secs(15), answer: Duration::from_secs(30) }
    }
}

/// The largest head of a request, in bytes; a larger one is answered 431.
pub const HEAD_BYTES: usize = 32 * 1024;
/// How long nobody is let in after the machine had nothing left to let them in with.
const OUT_OF_SOCKETS: Duration = Duration::from_millis(200);

/// Answers on the listener until it is stopped, and then until what is under way has ended.
pub async fn serve(listener: TcpListener, router: Router, manners: Manners, stop: CancellationToken) {
    let (idlers, guests) = (Arc::new(Idlers::default()), TaskTracker::new());
    while let Some(taken) = stop.run_until_cancelled(listener.accept()).await {
        match taken {
            Ok((stream, address)) => {
                if guests.len() >= manners.connections {
                    counter!("salama_connections_cut_total", "why" => "full").increment(1);
                    // Where nobody idles, all are being served, and the new one is who must come back.
                    if !idlers.longest_leaves() {
                        continue;
                    }
                }
                // It stands in the line before anybody behind it is let in.
                guests.spawn(meet(stream, idlers.welcome(), router.clone(), Peer(address.ip()), manners, stop.clone()));
            }
            Err(cause) if is_their_own(&cause) => {}
            Err(cause) => {
                warn!(error = &cause as &dyn std::error::Error, "no connection can be taken: {cause}");
                idlers.longest_leaves();
                tokio::time::sleep(OUT_OF_SOCKETS).await;
            }
        }
    }
    guests.close();
    guests.wait().await;
}

/// The other side went away before it was let in.
fn is_their_own(cause: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(cause.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// One connection, from the first request to the last.
async fn meet(stream: TcpStream, guest: Guest, router: Router, peer: Peer, manners: Manners, stop: CancellationToken) {
    // Answers are small and go out at once; without this they could wait for the other side's acknowledgement.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(manners.answer));
    let answers = service_fn(|request: Request<Incoming>| {
        let busy = guest.asks();
        let mut request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(peer);
        let answer = router.clone().oneshot(request);
        async move {
            let answer: Result<Response, _> = answer.await;
            drop(busy);
            answer
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(manners.head)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(Box::pin(stream)), answers);
    let mut connection = pin!(connection);
    let mut leaving = false;
    let ended = loop {
        tokio::select! {
            ended = connection.as_mut() => break ended,
            () = stop.cancelled(), if !leaving => {
                leaving = true;
                connection.as_mut().graceful_shutdown();
            }
            () = guest.sent_away() => break Ok(()),
        }
    };
    if let Err(cause) = ended {
        counter!("salama_connections_cut_total", "why" => "broken").increment(1);
        debug!(error = &cause as &dyn std::error::Error, "a connection ended early");
    }
}

/// Who stands in the door and asks nothing, since when.
#[derive(Debug, Default)]
struct Idlers {
    turn: AtomicU64,
    waiting: Mutex<BTreeMap<u64, CancellationToken>>,
}

impl Idlers {
    fn welcome(self: &Arc<Self>) -> Guest {
        let place = Place { idlers: self.clone(), turn: AtomicU64::new(0), leave: CancellationToken::new() };
        place.waits();
        Guest(Arc::new(place))
    }

    /// Sends the longest away; false when nobody idles.
    fn longest_leaves(&self) -> bool {
        let longest = self.line().pop_first();
        longest.map(|(_, leave)| leave.cancel()).is_some()
    }

    fn line(&self) -> MutexGuard<'_, BTreeMap<u64, CancellationToken>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a connection stands in the line of those that idle.
struct Place {
    idlers: Arc<Idlers>,
    turn: AtomicU64,
    leave: CancellationToken,
}

impl Place {
    /// At the end of the line.
    fn waits(&self) {
        let turn = self.idlers.turn.fetch_add(1, Ordering::Relaxed);
        self.turn.store(turn, Ordering::Relaxed);
        self.idlers.line().insert(turn, self.leave.clone());
    }

    fn leaves_the_line(&self) {
        self.idlers.line().remove(&self.turn.load(Ordering::Relaxed));
    }
}

/// A connection, for as long as it lasts.
struct Guest(Arc<Place>);

impl Guest {
    /// A request is being answered until what comes back is dropped.
    fn asks(&self) -> Busy {
        self.0.leaves_the_line();
        Busy(self.0.clone())
    }

    async fn sent_away(&self) {
        self.0.leave.cancelled().await;
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.0.leaves_the_line();
    }
}

/// A request under way.
struct Busy(Arc<Place>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.waits();
    }
}
