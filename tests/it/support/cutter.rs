//! A line that breaks: a proxy that cuts each connection after so many bytes, in the middle of whatever is said, as a seed
//! has it. What was sent before the cut may have arrived, and its answer may be lost.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

pub struct Cutter {
    pub url: String,
    passed: Arc<AtomicU64>,
    cuts: Arc<AtomicU64>,
}

impl Cutter {
    /// Before that server; connections are cut after this many bytes on average, and a tenth of them before the answer.
    pub async fn before(url: &str, seed: u64, mean: u64) -> Self {
        Self::with_portal(url, seed, mean, false).await
    }

    /// The same with a portal in between, which answers a tenth of the connections itself: 200, whatever was asked.
    pub async fn with_portal(url: &str, seed: u64, mean: u64, portal: bool) -> Self {
        let upstream = url.strip_prefix("http://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (passed, cuts) = (Arc::<AtomicU64>::default(), Arc::<AtomicU64>::default());
        let cutter =
            Self { url: format!("http://{}", listener.local_addr().unwrap()), passed: passed.clone(), cuts: cuts.clone() };
        let mut dice = seed;
        tokio::spawn(async move {
            while let Ok((phone, _)) = listener.accept().await {
                let (after, kind) = (throw(&mut dice) % (2 * mean), throw(&mut dice) % 10);
                let (upstream, passed, cuts) = (upstream.clone(), passed.clone(), cuts.clone());
                tokio::spawn(async move {
                    if portal && kind == 1 {
                        return welcome(phone).await;
                    }
                    let server = TcpStream::connect(upstream).await.unwrap();
                    if carry(phone, server, after, kind == 0, &passed).await {
                        cuts.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        cutter
    }

    /// How many bytes phones got through, heads of requests included.
    pub fn passed(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }

    /// How often the line broke.
    pub fn cuts(&self) -> u64 {
        self.cuts.load(Ordering::Relaxed)
    }
}

/// A page that says yes to everything, as in a hotel.
async fn welcome(mut phone: TcpStream) {
    let _ = phone.read(&mut [0; 4096]).await;
    let page = "<html>Welcome! Please accept our terms.</html>";
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\n\r\n", page.len());
    let _ = phone.write_all((head + page).as_bytes()).await;
    let _ = phone.shutdown().await;
    // What is still on its way is read, so that the page is not lost with it.
    while matches!(phone.read(&mut [0; 4096]).await, Ok(1..)) {}
}

/// xorshift64*: the same seed breaks the same lines.
fn throw(dice: &mut u64) -> u64 {
    *dice ^= *dice >> 12;
    *dice ^= *dice << 25;
    *dice ^= *dice >> 27;
    dice.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
}

/// Carries both ways until one side ends or the line is cut; true when it was cut.
async fn carry(mut phone: TcpStream, mut server: TcpStream, after: u64, unanswered: bool, passed: &AtomicU64) -> bool {
    let (mut up, mut down) = ([0; 4096], [0; 4096]);
    let mut left = after;
    loop {
        tokio::select! {
            read = phone.read(&mut up) => {
                let Ok(n @ 1..) = read else { return false };
                let n = n.min(usize::try_from(left).unwrap());
                if server.write_all(&up[..n]).await.is_err() {
                    return false;
                }
                passed.fetch_add(n as u64, Ordering::Relaxed);
                left -= n as u64;
                if left == 0 {
                    return true;
                }
            }
            read = server.read(&mut down) => {
                let Ok(n @ 1..) = read else { return false };
                if unanswered {
                    return true;
                }
                if phone.write_all(&down[..n]).await.is_err() {
                    return false;
                }
            }
        }
    }
}
