//! Where a request comes from: the other end of the connection, or what a proxy that the operator trusts says of it. Anybody
//! can write `X-Forwarded-For`, so it counts only as far as trusted proxies have written it (OWASP ASVS 5.0, 4.1.3).

use std::net::{IpAddr, Ipv6Addr};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, request::Parts},
};
use ipnet::IpNet;

use super::error::Problem;
use crate::app::App;

const FORWARDED: &str = "x-forwarded-for";

/// The other end of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// Where a request comes from, as far as attempts are counted by it: an IPv4 address, or the network of an IPv6 one, in which
/// a single customer has all addresses.
pub struct Address(pub String);

impl FromRequestParts<App> for Address {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Ok(Self(of(parts.extensions.get::<Peer>().copied(), &parts.headers, &app.settings.trusted_proxies())))
    }
}

/// The address behind a request.
pub fn of(peer: Option<Peer>, headers: &HeaderMap, trusted: &[IpNet]) -> String {
    let Some(Peer(peer)) = peer else { return String::new() };
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(&address.to_canonical()));
    let said = headers.get_all(FORWARDED).iter().filter_map(|value| value.to_str().ok());
    let said: Vec<&str> = said.flat_map(|value| value.split(',')).map(str::trim).collect();
    let mut address = peer;
    for said in said.iter().rev() {
        if !is_trusted(&address) {
            break;
        }
        let Ok(before) = said.parse() else { break };
        address = before;
    }
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) >> 64 << 64).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed_and_each_only_about_who_came_to_it() {
        let of = |peer: &str, said: &[&'static str], trusted: &str| {
            let mut headers = HeaderMap::new();
            for said in said {
                headers.append(FORWARDED, said.parse().unwrap());
            }
            let trusted: Vec<IpNet> =
                trusted.split(',').filter(|text| !text.is_empty()).map(|text| text.parse().unwrap()).collect();
            super::of(Some(Peer(peer.parse().unwrap())), &headers, &trusted)
        };
        for (peer, said, trusted, expected) in [
            ("203.0.113.9", &["198.51.100.1"][..], "", "203.0.113.9"),
            ("203.0.113.9", &["198.51.100.1"], "10.0.0.0/8", "203.0.113.9"),
            ("10.0.0.1", &["198.51.100.1"], "10.0.0.0/8", "198.51.100.1"),
            ("10.0.0.1", &["1.2.3.4, 198.51.100.1"], "10.0.0.0/8", "198.51.100.1"),
            ("10.0.0.1", &["1.2.3.4", "198.51.100.1, 10.0.0.2"], "10.0.0.0/8", "198.51.100.1"),
            ("10.0.0.1", &["nonsense"], "10.0.0.0/8", "10.0.0.1"),
            ("10.0.0.1", &[], "10.0.0.0/8", "10.0.0.1"),
            ("::ffff:10.0.0.1", &["2001:db8:1:2:3:4:5:6"], "10.0.0.0/8", "2001:db8:1:2::"),
        ] {
            assert_eq!(of(peer, said, trusted), expected, "{peer} {said:?} {trusted}");
        }
    }
}
