//! Strangers at the door: who never finishes a request, who only stands there, who sends too much. Rows 40, 41, 43 and 46 of
//! the attacks: they are cut, and everybody else is answered meanwhile.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::Request,
};
use salama::http::{self, Figures, Manners};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::support::{house::House, stories};

stories!(
    row_40_a_head_that_is_never_finished_is_cut,
    row_41_a_body_that_is_never_finished_is_answered_408,
    row_43_a_crowd_that_idles_keeps_nobody_out,
    row_46_a_head_that_is_too_large_is_answered_431,
    a_stop_lets_what_is_under_way_end,
);

/// A door with so much patience.
async fn door(house: &House, manners: Manners) -> (String, CancellationToken) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap().to_string(), CancellationToken::new());
    let router = http::router(house.app.clone(), Figures::begin());
    tokio::spawn(http::serve(listener, router, manners, stop.clone()));
    (address, stop)
}

/// Says something, and hears whatever comes until the other side hangs up.
async fn says(address: &str, words: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let _ = stream.write_all(words).await;
    let mut heard = Vec::new();
    let _ = timeout(Duration::from_secs(30), stream.read_to_end(&mut heard)).await.expect("it is hung up on");
    String::from_utf8_lossy(&heard).into_owned()
}

async fn is_well(address: &str) {
    let answer = says(address, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

async fn row_40_a_head_that_is_never_finished_is_cut(house: House) {
    let (address, _) = door(&house, Manners { head: Duration::from_millis(300), ..Manners::default() }).await;
    for unfinished in ["", "GET /healthz HT", "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "] {
        let heard = says(&address, unfinished.as_bytes()).await;
        assert!(!heard.contains(" 200 "), "{unfinished:?}: {heard}");
    }
    is_well(&address).await;
}

async fn row_41_a_body_that_is_never_finished_is_answered_408(house: House) {
    let cut = b"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{\"login\":";
    let address = house.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(cut).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut heard = String::new();
    stream.read_to_string(&mut heard).await.unwrap();
    assert!(!heard.contains(" 413 "), "what was cut is not too large: {heard}");

    let brisk = house.another_with(&[("SALAMA_BODY_MAX_SECS", "1")]).await;
    let endless = Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
    let request = Request::post("/v1/sessions").header("content-type", "application/json").header("expect", "100-continue");
    let answer = http::router(brisk.app, Figures::begin()).oneshot(request.body(endless).unwrap()).await.unwrap();
    assert_eq!(answer.status(), 408);
}

async fn row_43_a_crowd_that_idles_keeps_nobody_out(house: House) {
    let (address, _) = door(&house, Manners { connections: 16, ..Manners::default() }).await;
    let mut crowd = Vec::new();
    for _ in 0..200 {
        crowd.push(TcpStream::connect(&address).await.unwrap());
    }
    is_well(&address).await;
    let mut first = crowd.swap_remove(0);
    let mut heard = [0; 1];
    let gone = timeout(Duration::from_secs(10), first.read(&mut heard)).await.expect("the longest has made room");
    assert!(matches!(gone, Ok(0) | Err(_)), "{gone:?}");
}

async fn row_46_a_head_that_is_too_large_is_answered_431(house: House) {
    let (address, _) = door(&house, Manners::default()).await;
    let large = format!("GET /healthz HTTP/1.1\r\nHost: x\r\nX-Large: {}\r\n\r\n", "a".repeat(100_000));
    let answer = says(&address, large.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431") || answer.is_empty(), "{answer}");
    is_well(&address).await;
}

async fn a_stop_lets_what_is_under_way_end(house: House) {
    let (address, stop) = door(&house, Manners::default()).await;
    let mut kept = TcpStream::connect(&address).await.unwrap();
    kept.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut heard = [0; 12];
    kept.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, b"HTTP/1.1 200");
    stop.cancel();
    let mut rest = Vec::new();
    timeout(Duration::from_secs(10), kept.read_to_end(&mut rest)).await.expect("a kept connection ends").unwrap();
    for _ in 0..100 {
        if TcpStream::connect(&address).await.is_err() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("nobody is let in any more");
}
