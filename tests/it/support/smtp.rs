//! A small SMTP server for tests: it keeps what it is given and answers, stays silent or hangs up as told.
//! Uses nothing of ours, so that unit tests and the integration tests can share it.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A point of the conversation at which the server can be told what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum At {
    Greeting,
    Hello,
    SignIn,
    Sender,
    Recipient,
    Data,
    FinalDot,
    Quit,
}

/// What the server does instead of its usual answer.
#[derive(Debug, Clone)]
pub enum Does {
    /// Answers this line.
    Says(&'static str),
    /// Answers this line where the command names that address, and as usual elsewhere.
    SaysTo(&'static str, &'static str),
    /// Greylists: answers this line to the first so many commands for each address, and as usual then.
    SaysFirst(usize, &'static str),
    /// Sends one byte of its answer each second.
    Drips,
    /// Sends a reply of many lines that never ends.
    Floods,
    /// Resets the connection.
    Resets,
    /// Keeps the connection open and answers nothing.
    Stalls,
    /// Closes the connection.
    HangsUp,
}

/// One mail as it came.
#[derive(Debug, Clone)]
pub struct Received {
    pub from: String,
    pub to: String,
    /// Header and body with CRLF line ends, dots unstuffed.
    pub data: String,
}

#[derive(Default)]
struct State {
    script: HashMap<At, Does>,
    received: Vec<Received>,
    connections: usize,
    /// Every command.
    said: String,
    /// How often each line was answered by `SaysFirst`.
    greylisted: HashMap<String, usize>,
}

/// A server on a port of its own; it ends when dropped.
pub struct SmtpPeer {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl SmtpPeer {
    /// Listens on 127.0.0.1.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                shared.lock().unwrap().connections += 1;
                let state = Arc::clone(&shared);
                tokio::spawn(async move { converse(stream, &state).await });
            }
        });
        Self { address, state, task }
    }

    /// From now on, at that point, the server does this.
    pub fn at(&self, point: At, does: Does) {
        self.state.lock().unwrap().script.insert(point, does);
    }

    /// Back to taking everything.
    pub fn mend(&self) {
        self.state.lock().unwrap().script.clear();
    }

    /// Its address, as a setting: `smtp://127.0.0.1:port`.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// The mails taken so far, in order.
    pub fn received(&self) -> Vec<Received> {
        self.state.lock().unwrap().received.clone()
    }

    /// Every command that was given so far.
    pub fn said(&self) -> String {
        self.state.lock().unwrap().said.clone()
    }

    /// How often somebody connected.
    pub fn connections(&self) -> usize {
        self.state.lock().unwrap().connections
    }
}

impl Drop for SmtpPeer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One connection, until the client leaves, the script ends it, or the line breaks (`None`).
async fn converse(stream: TcpStream, state: &Mutex<State>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let (mut from, mut to) = (String::new(), String::new());
    answer(&mut stream, state, At::Greeting, "220 peer ESMTP").await?;
    loop {
        let line = read_line(&mut stream).await?;
        state.lock().unwrap().said.push_str(&line);
        match line.get(..4)?.to_ascii_uppercase().as_str() {
            "EHLO" => answer(&mut stream, state, At::Hello, "250-peer\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE 1000000").await?,
            "AUTH" => answer(&mut stream, state, At::SignIn, "235 2.7.0 welcome").await?,
            "MAIL" => {
                from = address(&line);
                answer_to(&mut stream, state, At::Sender, "250 2.1.0 ok", &line).await?;
            }
            "RCPT" => {
                to = address(&line);
                answer_to(&mut stream, state, At::Recipient, "250 2.1.5 ok", &line).await?;
            }
            "DATA" => {
                answer(&mut stream, state, At::Data, "354 go on").await?;
                if state.lock().unwrap().script.contains_key(&At::Data) {
                    continue;
                }
                let data = read_data(&mut stream).await?;
                let usual = {
                    let mut state = state.lock().unwrap();
                    state.received.push(Received { from: from.clone(), to: to.clone(), data });
                    format!("250 2.0.0 Ok: queued as Q{}", state.received.len())
                };
                answer(&mut stream, state, At::FinalDot, &usual).await?;
            }
            "QUIT" => {
                answer(&mut stream, state, At::Quit, "221 2.0.0 bye").await?;
                return None;
            }
            _ => say(&mut stream, "250 2.0.0 ok").await?,
        }
    }
}

async fn answer(stream: &mut BufReader<TcpStream>, state: &Mutex<State>, at: At, usual: &str) -> Option<()> {
    answer_to(stream, state, at, usual, "").await
}

async fn answer_to(stream: &mut BufReader<TcpStream>, state: &Mutex<State>, at: At, usual: &str, command: &str) -> Option<()> {
    let does = state.lock().unwrap().script.get(&at).cloned();
    match does {
        None => say(stream, usual).await,
        Some(Does::Says(line)) => say(stream, line).await,
        Some(Does::SaysTo(address, line)) => say(stream, if command.contains(address) { line } else { usual }).await,
        Some(Does::SaysFirst(times, line)) => {
            let seen = {
                let mut state = state.lock().unwrap();
                let seen = state.greylisted.entry(address(command)).or_default();
                *seen += 1;
                *seen
            };
            say(stream, if seen <= times { line } else { usual }).await
        }
        Some(Does::Drips) => {
            for byte in usual.bytes() {
                stream.write_all(&[byte]).await.ok()?;
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            }
            say(stream, "").await
        }
        Some(Does::Floods) => {
            let code = usual.get(..3)?.to_owned();
            loop {
                say(stream, &format!("{code}-and so on")).await?;
            }
        }
        Some(Does::Resets) => {
            stream.get_ref().set_zero_linger().ok()?;
            None
        }
        Some(Does::Stalls) => std::future::pending().await,
        Some(Does::HangsUp) => None,
    }
}

async fn say(stream: &mut BufReader<TcpStream>, line: &str) -> Option<()> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await.ok()
}

async fn read_line(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    (stream.read_line(&mut line).await.ok()? > 0).then_some(line)
}

/// Up to the line of one dot, which must have CRLF on both sides.
async fn read_data(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut data = String::new();
    loop {
        let line = read_line(stream).await?;
        if line == ".\r\n" && data.ends_with("\r\n") {
            return Some(data);
        }
        data.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

fn address(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}
