//! Reverse proxies in front of the server: whose word about the client's address counts.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use ipnet::IpNet;

/// The proxies that we trust. None by default: then nobody can choose the address that limits go by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies(Vec<IpNet>);

impl FromStr for Proxies {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let network = |part: &str| {
            let network = part.parse::<IpNet>().ok().or_else(|| part.parse::<IpAddr>().ok().map(IpNet::from));
            network.ok_or_else(|| format!("{part}: neither an address nor a network such as 10.0.0.0/8"))
        };
        parts.map(network).collect::<Result<_, _>>().map(Self)
    }
}

impl Proxies {
    /// The client's address: `peer`, unless that is a trusted proxy. Then the right-most address of `X-Forwarded-For` that
    /// isn't one: each proxy appends whom it heard from, so what stands left of that is only what a client claims.
    pub fn client<'a>(&self, peer: IpAddr, forwarded_for: impl DoubleEndedIterator<Item = &'a str>) -> IpAddr {
        let mut known = peer.to_canonical();
        let hops = forwarded_for.flat_map(|header| header.split(','));
        for hop in hops.collect::<Vec<_>>().into_iter().rev() {
            if !self.trusts(known) {
                break;
            }
            match address(hop.trim()) {
                Some(hop) => known = hop,
                None => break,
            }
        }
        known
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Some proxies add the port.
fn address(hop: &str) -> Option<IpAddr> {
    let with_port = || hop.parse::<SocketAddr>().ok().map(|address| address.ip());
    hop.parse::<IpAddr>().ok().or_else(with_port).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &str, peer: &str, headers: &[&str]) -> String {
        let proxies: Proxies = trusted.parse().expect("networks");
        proxies.client(peer.parse().expect("an address"), headers.iter().copied()).to_string()
    }

    #[test]
    fn by_default_what_a_client_claims_is_not_looked_at() {
        assert_eq!(client("", "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
    }

    #[test]
    fn behind_trusted_proxies_the_right_most_address_that_is_none_of_them_counts() {
        let trusted = "10.0.0.0/8, 192.0.2.7, 2001:db8::/32";
        for (peer, headers, expected) in [
            ("10.1.2.3", &["198.51.100.1"][..], "198.51.100.1"),
            ("10.1.2.3", &["1.2.3.4, 198.51.100.1"], "198.51.100.1"),
            ("10.1.2.3", &["1.2.3.4, 198.51.100.1, 192.0.2.7,10.9.9.9"], "198.51.100.1"),
            ("10.1.2.3", &["1.2.3.4", "198.51.100.1", "10.9.9.9"], "198.51.100.1"),
            ("::ffff:10.1.2.3", &["198.51.100.1"], "198.51.100.1"),
            ("2001:db8::1", &["[2001:db9::5]:4711"], "2001:db9::5"),
            ("10.1.2.3", &["198.51.100.1:4711"], "198.51.100.1"),
            ("10.1.2.3", &["10.4.4.4, 10.5.5.5"], "10.4.4.4"),
            ("10.1.2.3", &[], "10.1.2.3"),
            ("10.1.2.3", &["unknown"], "10.1.2.3"),
            ("10.1.2.3", &["198.51.100.1, nonsense, 10.9.9.9"], "10.9.9.9"),
        ] {
            assert_eq!(client(trusted, peer, headers), expected, "{peer} {headers:?}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["localhost", "10.0.0.0/33", "10.0.0.1:80", "*"] {
            text.parse::<Proxies>().expect_err(text);
        }
    }
}
