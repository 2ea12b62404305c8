//! A phone's line to the server, byte by byte: a request may stop in the middle, wait, go on, or break.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::person::Person;

pub struct Line(TcpStream);

impl Line {
    /// Begins a request of that person. Nothing of its body is sent yet.
    pub async fn open(person: &Person, method: &str, path: &str, headers: &[(&str, &str)]) -> Self {
        let address = person.url.strip_prefix("http://").unwrap();
        let mut line = Self(TcpStream::connect(address).await.unwrap());
        let first = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}", person.token);
        let headers = headers.iter().map(|(name, value)| format!("{name}: {value}"));
        let head: Vec<String> = [first].into_iter().chain(headers).collect();
        line.sends(format!("{}\r\n\r\n", head.join("\r\n")).as_bytes()).await;
        line
    }

    pub async fn sends(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// One chunk of a body whose length was not told.
    pub async fn sends_chunk(&mut self, bytes: &[u8]) {
        let chunk = [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
        // The server may have hung up already.
        let _ = self.0.write_all(&chunk).await;
    }

    /// The head of the answer, in lower case.
    pub async fn hears(&mut self) -> String {
        let mut heard = Vec::new();
        while !heard.windows(4).any(|end| end == b"\r\n\r\n") {
            let mut piece = [0; 1024];
            let n = self.0.read(&mut piece).await.unwrap();
            assert!(n > 0, "the line broke after {:?}", String::from_utf8_lossy(&heard));
            heard.extend_from_slice(&piece[..n]);
        }
        String::from_utf8_lossy(&heard).to_lowercase()
    }
}
