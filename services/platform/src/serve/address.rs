//! Where a call comes from.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use axum::extract::Request;
use http::HeaderMap;
use ipnet::IpNet;

/// The other end of the connection; none for a pipe.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) Option<IpAddr>);

/// Where a call comes from: the other end of its connection, or whom a trusted
/// proxy names. None for calls of this very process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClientAddress(pub(crate) Option<IpAddr>);

/// What limits per address count: one IPv4 address, one /64 of IPv6, which is
/// the least that is given to a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Network {
    /// The address.
    V4([u8; 4]),
    /// The first half of the address.
    V6([u16; 4]),
}

impl Network {
    /// That of an address; an IPv4 address written as IPv6 is one of IPv4.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(it) => Self::V4(it.octets()),
            IpAddr::V6(it) => {
                let [a, b, c, d, ..] = Ipv6Addr::segments(&it);
                Self::V6([a, b, c, d])
            }
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(octets) => write!(f, "{}", Ipv4Addr::from(*octets)),
            Self::V6([a, b, c, d]) => write!(f, "{a:x}:{b:x}:{c:x}:{d:x}::/64"),
        }
    }
}

/// The proxies whose word on addresses is believed (`trusted_proxies`).
#[derive(Clone, Debug, Default)]
pub(super) struct Proxies(pub(super) Vec<IpNet>);

impl Proxies {
    pub(super) fn trust(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|it| it.contains(&address))
    }

    /// The rightmost address that is no trusted proxy: whatever stands left of
    /// it, anybody may have written.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let named = headers.get_all("x-forwarded-for").into_iter().rev();
        let named = named.flat_map(|it| it.to_str().unwrap_or_default().rsplit(','));
        let mut client = peer;
        for text in named {
            if !self.trust(client) {
                break;
            }
            match read(text.trim()) {
                Some(address) => client = address,
                None => {
                    tracing::warn!("a trusted proxy does not say where a call comes from");
                    break;
                }
            }
        }
        client.to_canonical()
    }
}

/// An address; some proxies write it with its port, and IPv6 in brackets.
fn read(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let with_port = || text.parse::<SocketAddr>().map(|it| it.ip());
    bare.parse().or_else(|_| with_port()).ok()
}

/// Notes where the call comes from, and takes the header away.
pub(super) fn locate(proxies: &Proxies, request: &mut Request) {
    let peer = request.extensions().get::<Peer>().and_then(|it| it.0);
    let client = peer.map(|peer| proxies.client(peer, request.headers()));
    request.headers_mut().remove("x-forwarded-for");
    request.extensions_mut().insert(ClientAddress(client));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, headers: &[&str]) -> String {
        let trusted = ["10.0.0.0/8", "fd00::/8"].map(|it| it.parse().expect("a network"));
        let name = || http::HeaderName::from_static("x-forwarded-for");
        let headers = headers
            .iter()
            .map(|it| (name(), it.parse().expect("a value")));
        let mut map = HeaderMap::new();
        headers.for_each(|(name, value)| _ = map.append(name, value));
        let proxies = Proxies(trusted.to_vec());
        proxies
            .client(peer.parse().expect("an address"), &map)
            .to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_its_own_word() {
        assert_eq!(client("8.8.8.8", &[]), "8.8.8.8");
        assert_eq!(client("8.8.8.8", &["1.2.3.4"]), "8.8.8.8");
        assert_eq!(client("10.0.0.1", &["1.2.3.4"]), "1.2.3.4");
        assert_eq!(client("10.0.0.1", &["1.2.3.4:5678"]), "1.2.3.4");
        assert_eq!(client("10.0.0.1", &["[2001:db8::7]"]), "2001:db8::7");
        assert_eq!(client("10.0.0.1", &["[2001:db8::7]:5678"]), "2001:db8::7");
        assert_eq!(
            client("10.0.0.1", &["6.6.6.6, 1.2.3.4, 10.0.0.2"]),
            "1.2.3.4"
        );
        assert_eq!(
            client("10.0.0.1", &["6.6.6.6", "1.2.3.4, 10.0.0.2"]),
            "1.2.3.4"
        );
        assert_eq!(client("10.0.0.1", &["6.6.6.6, nonsense"]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(client("::ffff:10.0.0.1", &["1.2.3.4"]), "1.2.3.4");
        assert_eq!(client("fd00::1", &["2001:db8::7"]), "2001:db8::7");
    }

    #[test]
    fn one_customer_of_ipv6_is_one_network() {
        let of = |it: &str| Network::of(it.parse().expect("an address"));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:1.2.3.4"), of("1.2.3.4"));
        assert_ne!(of("1.2.3.4"), of("1.2.3.5"));
    }
}
