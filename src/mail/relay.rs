//! The conversation with an SMTP relay (RFC 5321), command by command, as what a failure means depends on when it comes.
//! One connection per message; retrying and recording are decided elsewhere.

use std::{
    error::Error as _,
    fmt, io,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use lettre::{
    Message,
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Noop, Rcpt},
        extension::ClientId,
    },
};
use secrecy::{ExposeSecret, SecretString};
use tokio::{net::TcpStream, time::timeout};
use url::{Host, Url};

use super::{MailError, sparing::Sparing};
use crate::{domain::delivery::Outcome, texts::one_line};

/// How long to wait for a relay.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the connection, and again for the farewell.
    pub connect: Duration,
    /// For one whole message. RFC 5321 4.5.3.2.6 asks for ten minutes after the final dot: less makes duplicates.
    pub whole: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { connect: Duration::from_secs(30), whole: Duration::from_mins(10) }
    }
}

/// A relay and how to speak to it.
pub(super) struct Relay {
    host: String,
    port: u16,
    security: Security,
    credentials: Option<Credentials>,
    hello: ClientId,
    patience: Patience,
}

/// When the conversation is encrypted.
enum Security {
    /// From the first byte (`smtps://`).
    Implicit(TlsParameters),
    /// After STARTTLS, without which nothing is said (`smtp://`).
    StartTls(TlsParameters),
    /// Never: the relay is on this machine.
    Loopback,
}

/// How far a conversation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Connecting,
    SigningIn,
    Sender,
    Recipient,
    Data,
    Body,
    AfterFinalDot,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connecting => "while connecting",
            Self::SigningIn => "while signing in",
            Self::Sender => "at the sender",
            Self::Recipient => "at the recipient",
            Self::Data => "before the text",
            Self::Body => "within the text",
            Self::AfterFinalDot => "after the final dot",
        })
    }
}

impl Relay {
    /// Reads `smtps://user:password@host:port` (TLS from the first byte) or `smtp://…` (STARTTLS demanded, except on this
    /// very machine). `domain` is the name we greet with.
    pub(super) fn parse(url: &SecretString, domain: &str, patience: Patience) -> Result<Self, MailError> {
        let url = Url::parse(url.expose_secret()).map_err(|_| MailError::Relay("it is no address"))?;
        let host = url.host_str().ok_or(MailError::Relay("it names no host"))?.trim_matches(['[', ']']).to_owned();
        let tls = || TlsParameters::new(host.clone()).map_err(|_| MailError::Relay("its host cannot have a certificate"));
        let (security, port) = match url.scheme() {
            "smtps" => (Security::Implicit(tls()?), 465),
            "smtp" if is_loopback(&host) => (Security::Loopback, 25),
            "smtp" => (Security::StartTls(tls()?), 587),
            _ => return Err(MailError::Relay("it begins with neither smtps:// nor smtp://")),
        };
        let password = url.password().map(decoded).transpose()?;
        let credentials = match (decoded(url.username())?, password) {
            (user, None) if user.is_empty() => None,
            (user, Some(password)) if !user.is_empty() => Some(Credentials::new(user, password)),
            _ => return Err(MailError::Relay("user and password come together")),
        };
        let port = url.port().unwrap_or(port);
        Ok(Self { host, port, security, credentials, hello: ClientId::Domain(domain.to_owned()), patience })
    }

    /// Hands over one message. Never longer than the patience, and a farewell.
    pub(super) async fn send(&self, message: &Message) -> Outcome {
        let dotted = AtomicBool::new(false);
        let talk = async {
            let mut connection = self.open().await?;
            let outcome = transfer(&mut connection, message, &dotted).await;
            Ok((connection, outcome))
        };
        match timeout(self.patience.whole, talk).await {
            Ok(Ok((mut connection, outcome))) => {
                self.leave(&mut connection).await;
                outcome
            }
            Ok(Err(outcome)) => outcome,
            Err(_) if dotted.load(Ordering::Relaxed) => Outcome::Unknown { why: format!("silence {}", Phase::AfterFinalDot) },
            Err(_) => Outcome::Transient { why: "silence before the final dot".to_owned() },
        }
    }

    /// Greets, secures, signs in, and leaves without a message.
    pub(super) async fn probe(&self) -> Outcome {
        let talk = async {
            let mut connection = self.open().await?;
            connection.command(Noop).await.map_err(|error| verdict(Phase::SigningIn, &error))?;
            Ok::<_, Outcome>(connection)
        };
        match timeout(self.patience.whole, talk).await {
            Ok(Ok(mut connection)) => {
                self.leave(&mut connection).await;
                Outcome::Accepted { reply: "the relay answers and takes the sign-in".to_owned() }
            }
            Ok(Err(outcome)) => outcome,
            Err(_) => Outcome::Transient { why: "silence before the final dot".to_owned() },
        }
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, Outcome> {
        let server = (self.host.as_str(), self.port);
        let failed = |error| verdict(Phase::Connecting, &error);
        let mut connection = if let Security::Implicit(tls) = &self.security {
            let patience = Some(self.patience.connect);
            AsyncSmtpConnection::connect_tokio1(server, patience, &self.hello, Some(tls.clone()), None).await.map_err(failed)?
        } else {
            // Who answers here has not shown who they are.
            let nobody = || Outcome::Transient { why: format!("no connection, or its end, {}", Phase::Connecting) };
            let stream = timeout(self.patience.connect, TcpStream::connect(server)).await.map_err(|_| nobody())?;
            let stream = Sparing::from(stream.map_err(|_| nobody())?);
            AsyncSmtpConnection::connect_with_transport(Box::new(stream), &self.hello).await.map_err(failed)?
        };
        if let Security::StartTls(tls) = &self.security {
            connection.starttls(tls.clone(), &self.hello).await.map_err(failed)?;
        }
        if let Some(credentials) = &self.credentials {
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            connection.auth(&mechanisms, credentials).await.map_err(|error| verdict(Phase::SigningIn, &error))?;
        }
        Ok(connection)
    }

    /// Says goodbye. What comes back no longer matters: the message was taken, or not, before.
    async fn leave(&self, connection: &mut AsyncSmtpConnection) {
        let _ = timeout(self.patience.connect, connection.quit()).await;
    }
}

/// From the sender's address to the answer after the final dot. `dotted` becomes true once the dot may be on its way.
async fn transfer(connection: &mut AsyncSmtpConnection, message: &Message, dotted: &AtomicBool) -> Outcome {
    let envelope = message.envelope();
    if let Err(error) = connection.command(Mail::new(envelope.from().cloned(), Vec::new())).await {
        return verdict(Phase::Sender, &error);
    }
    for recipient in envelope.to() {
        if let Err(error) = connection.command(Rcpt::new(recipient.clone(), Vec::new())).await {
            return verdict(Phase::Recipient, &error);
        }
    }
    if let Err(error) = connection.command(Data).await {
        return verdict(Phase::Data, &error);
    }
    // The last step of this iterator is taken when the whole text is written and the dot comes next.
    let text = std::iter::once(message.formatted()).chain(std::iter::from_fn(|| {
        dotted.store(true, Ordering::Relaxed);
        None
    }));
    match connection.message_iter(text).await {
        Ok(reply) => Outcome::Accepted { reply: without_addresses(&reply.message().collect::<Vec<_>>().join(" ")) },
        Err(error) if dotted.load(Ordering::Relaxed) => verdict(Phase::AfterFinalDot, &error),
        Err(error) => verdict(Phase::Body, &error),
    }
}

/// What a failure at that point means. The relay's own words are left out but for the codes: they repeat addresses.
fn verdict(phase: Phase, error: &Error) -> Outcome {
    if let Some(code) = error.status() {
        let code = u16::from(code);
        let why = format!("the relay said {code}{} {phase}", enhanced_code(error));
        return match (code, phase) {
            (450..=452, Phase::Recipient) => Outcome::Greylisted { why },
            (400..500, _) => Outcome::Transient { why },
            (530 | 535 | 538, _) | (_, Phase::Connecting | Phase::SigningIn) => Outcome::Misconfigured { why },
            (_, Phase::Recipient) => Outcome::AddressRefused { why },
            (_, Phase::Sender | Phase::Data | Phase::Body | Phase::AfterFinalDot) => Outcome::MessageRefused { why },
        };
    }
    if is_tls_failure(error) {
        return Outcome::Misconfigured { why: format!("no safe TLS with the relay {phase}") };
    }
    if error.is_client() {
        return Outcome::Misconfigured { why: format!("the relay does not offer what is demanded {phase}") };
    }
    if phase == Phase::AfterFinalDot {
        return Outcome::Unknown { why: format!("the connection ended {phase}") };
    }
    Outcome::Transient { why: format!("no connection, or its end, {phase}") }
}

/// The enhanced status code (RFC 3463) the reply begins with, such as ` 5.1.1`.
fn enhanced_code(error: &Error) -> String {
    let words = error.source().map(ToString::to_string).unwrap_or_default();
    let code = words.split_whitespace().next().unwrap_or_default();
    let is_code = code.len() <= 9 && code.split('.').count() == 3 && code.chars().all(|c| c.is_ascii_digit() || c == '.');
    if is_code { format!(" {code}") } else { String::new() }
}

/// lettre reports a failed handshake as a connection error; the cause within tells them apart.
fn is_tls_failure(error: &Error) -> bool {
    let mut cause = error.source();
    while let Some(here) = cause {
        let inner = here.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(inner) = inner
            && inner.is::<rustls::Error>()
        {
            return true;
        }
        cause = here.source();
    }
    error.is_tls()
}

fn without_addresses(reply: &str) -> String {
    let words: Vec<_> = one_line(reply, 200).split(' ').filter(|word| !word.contains('@')).map(str::to_owned).collect();
    words.join(" ")
}

fn is_loopback(host: &str) -> bool {
    match Host::parse(host) {
        Ok(Host::Domain(name)) => name == "localhost",
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        Err(_) => host.parse().is_ok_and(|address: std::net::Ipv6Addr| address.is_loopback()),
    }
}

/// Undoes the percent-encoding of the user and the password of a URL.
fn decoded(text: &str) -> Result<String, MailError> {
    const WRONG: MailError = MailError::Relay("a % in user or password is not followed by two hex digits");
    let mut pieces = text.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let (digits, rest) = piece.split_at_checked(2).ok_or(WRONG)?;
        bytes.extend(hex::decode(digits).map_err(|_| WRONG)?);
        bytes.extend(rest.as_bytes());
    }
    String::from_utf8(bytes).map_err(|_| WRONG)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::smtp_peer::SmtpPeer;

    fn parsed(url: &str) -> Result<Relay, MailError> {
        Relay::parse(&url.into(), "salama.example.org", Patience::default())
    }

    #[test]
    fn only_this_very_machine_is_spoken_to_in_the_clear() {
        for host in ["localhost", "127.0.0.1", "127.1.2.3", "[::1]"] {
            assert!(matches!(parsed(&format!("smtp://{host}:2525")).unwrap().security, Security::Loopback), "{host}");
        }
        for host in ["mail.example.org", "localhost.example.org", "10.0.0.1", "[2001:db8::1]"] {
            assert!(matches!(parsed(&format!("smtp://{host}")).unwrap().security, Security::StartTls(_)), "{host}");
            assert!(matches!(parsed(&format!("smtps://{host}")).unwrap().security, Security::Implicit(_)), "{host}");
        }
    }

    #[test]
    fn a_relay_address_is_read_whole_or_refused_without_repeating_its_password() {
        let relay = parsed("smtps://us%40er:p%2Fa+%25@mail.example.org").unwrap();
        assert_eq!((relay.host.as_str(), relay.port), ("mail.example.org", 465));
        assert_eq!(relay.credentials, Some(Credentials::new("us@er".into(), "p/a+%".into())));
        for url in ["", "mail.example.org", "http://h", "smtp://", "smtps://user@h", "smtps://:secret@h", "smtps://u:secret%@h"] {
            let error = parsed(url).err().unwrap();
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[tokio::test]
    async fn without_starttls_nothing_is_said_to_a_distant_relay() {
        let peer = SmtpPeer::start().await;
        let here = parsed(&peer.url()).unwrap();
        let tls = TlsParameters::new("mail.example.org".to_owned()).unwrap();
        let distant = Relay { security: Security::StartTls(tls), ..here };
        assert!(matches!(distant.probe().await, Outcome::Misconfigured { .. }));
        let implicit = parsed(&peer.url().replace("smtp:", "smtps:")).unwrap();
        assert_eq!(implicit.probe().await, Outcome::Misconfigured { why: "no safe TLS with the relay while connecting".into() });
    }

    /// A relay with another's certificate; gives how many bytes it was told once the line was encrypted.
    async fn stranger() -> (u16, tokio::task::JoinHandle<usize>) {
        use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
        use tokio::{io::AsyncReadExt as _, net::TcpListener};
        const CERTIFICATE: &[u8] = include_bytes!("../../tests/it/support/stranger.crt.pem");
        const KEY: &[u8] = include_bytes!("../../tests/it/support/stranger.key.pem");
        let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let chain = vec![CertificateDer::from_pem_slice(CERTIFICATE).unwrap()];
        let config = config.with_no_client_auth().with_single_cert(chain, PrivateKeyDer::from_pem_slice(KEY).unwrap()).unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else { return 0 };
            let mut heard = Vec::new();
            let _ = stream.read_to_end(&mut heard).await;
            heard.len()
        });
        (port, heard)
    }

    #[tokio::test]
    async fn a_relay_with_anothers_certificate_hears_nothing_and_no_password() {
        let (port, heard) = stranger().await;
        let relay = parsed(&format!("smtps://user:password@127.0.0.1:{port}")).unwrap();
        assert_eq!(relay.probe().await, Outcome::Misconfigured { why: "no safe TLS with the relay while connecting".into() });
        assert_eq!(heard.await.unwrap(), 0);
    }

    #[tokio::test]
    async fn a_password_is_never_said_before_the_line_is_encrypted() {
        let peer = SmtpPeer::start().await;
        let here = parsed(&peer.url().replace("smtp://", "smtp://user:password@")).unwrap();
        let tls = TlsParameters::new("mail.example.org".to_owned()).unwrap();
        let stripped = Relay { security: Security::StartTls(tls), ..here };
        assert!(matches!(stripped.probe().await, Outcome::Misconfigured { .. }));
        assert!(!peer.said().contains("AUTH"), "{}", peer.said());
    }
}
