//! Reverse proxies in front of the server: whose word about the client's address, its scheme and its host counts.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderMap};
use ipnet::IpNet;

/// The port that a proxy was reached at.
const X_FORWARDED_PORT: &str = "x-forwarded-port";

/// The proxies that we trust. None by default: then nobody can choose the address that limits go by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies(Vec<IpNet>);

impl FromStr for Proxies {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split([',', ' ']).filter(|part| !part.is_empty());
        let network = |part: &str| {
            let network = part.parse::<IpNet>().ok().or_else(|| part.parse::<IpAddr>().ok().map(IpNet::from));
            network.ok_or_else(|| format!("{part}: neither an address nor a network such as 10.0.0.0/8"))
        };
        parts.map(network).collect::<Result<_, _>>().map(Self)
    }
}

/// A request as the client sent it, as far as it can be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The client's address.
    pub client: IpAddr,
    /// Whether it came by TLS. The server itself speaks none.
    pub is_https: bool,
    /// The hosts, with their ports, that the client may have named: `Host`, or what trusted proxies say it was. In lower case.
    pub hosts: Vec<String>,
}

/// What one proxy says of whom it heard from.
#[derive(Default)]
struct Hop {
    client: Option<IpAddr>,
    scheme: Option<String>,
    host: Option<String>,
}

impl Proxies {
    /// What `request` looked like to the client.
    ///
    /// From a trusted proxy `X-Forwarded-For`, `-Proto`, `-Host` and `-Port` are taken; `Forwarded` (RFC 7239) only where none
    /// of them is there: a proxy that sets those may pass on what a client wrote into that.
    pub fn see(&self, request: &HttpRequest) -> Seen {
        let peer = request.peer_addr().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.ip());
        self.see_headers(peer, request.headers())
    }

    fn see_headers(&self, peer: IpAddr, headers: &HeaderMap) -> Seen {
        let peer = peer.to_canonical();
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).map(str::to_lowercase);
        let direct = Seen { client: peer, is_https: false, hosts: host.into_iter().collect() };
        if !self.trusts(peer) {
            return direct;
        }
        let x_headers = [header::X_FORWARDED_FOR, header::X_FORWARDED_PROTO, header::X_FORWARDED_HOST];
        if x_headers.iter().any(|name| headers.contains_key(name)) {
            return self.by_x_headers(direct, headers);
        }
        match forwarded(&list(headers, header::FORWARDED.as_str())) {
            Some(hops) if !hops.is_empty() => self.by_hops(direct, hops),
            Some(_) | None => direct,
        }
    }

    fn by_x_headers(&self, direct: Seen, headers: &HeaderMap) -> Seen {
        let forwarded_for = list(headers, header::X_FORWARDED_FOR.as_str());
        let (client, proxies) = self.client(direct.client, forwarded_for.iter().map(|hop| address(hop)));
        // A proxy that adds to a list does so to all of them; one that passes a single value on leaves it to the first.
        let said = |name: &str| {
            let all = list(headers, name);
            all.get(all.len().saturating_sub(proxies)).or(all.first()).map(|value| value.to_lowercase())
        };
        let host = said(header::X_FORWARDED_HOST.as_str()).filter(|host| is_host(host));
        let mut hosts = host.map_or(direct.hosts, |host| vec![host]);
        if let (Some(host), Some(port)) = (hosts.first(), said(X_FORWARDED_PORT))
            && port.parse::<u16>().is_ok()
            && !has_port(host)
        {
            hosts.push(format!("{host}:{port}"));
        }
        let is_https = said(header::X_FORWARDED_PROTO.as_str()).is_some_and(|scheme| is_tls(&scheme));
        Seen { client, is_https, hosts }
    }

    fn by_hops(&self, direct: Seen, hops: Vec<Hop>) -> Seen {
        let (client, proxies) = self.client(direct.client, hops.iter().map(|hop| hop.client));
        // What the proxies that are trusted say, the one nearest to the client first.
        let trusted = &hops[hops.len().saturating_sub(proxies)..];
        let host = trusted.iter().find_map(|hop| hop.host.clone()).filter(|host| is_host(host));
        let scheme = trusted.iter().find_map(|hop| hop.scheme.as_deref());
        let hosts = host.map_or(direct.hosts, |host| vec![host]);
        Seen { client, is_https: scheme.is_some_and(is_tls), hosts }
    }

    /// The client's address, and how many trusted proxies there are between it and us: `peer`, unless that is a trusted proxy.
    /// Then the right-most address of `hops` that isn't one: each proxy appends whom it heard from, so what stands left of that
    /// is only what a client claims.
    fn client(&self, peer: IpAddr, hops: impl DoubleEndedIterator<Item = Option<IpAddr>>) -> (IpAddr, usize) {
        let (mut known, mut proxies) = (peer, usize::from(self.trusts(peer)));
        for hop in hops.rev() {
            if !self.trusts(known) {
                break;
            }
            match hop {
                Some(hop) => known = hop,
                None => break,
            }
            proxies += usize::from(self.trusts(known));
        }
        (known, proxies)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// The values of a header that is a list, over all its lines; nothing that isn't text.
fn list(headers: &HeaderMap, name: &str) -> Vec<String> {
    let lines = headers.get_all(name).map(|line| line.to_str().unwrap_or_default());
    lines.flat_map(split_list).map(|value| value.trim().to_owned()).collect()
}

/// Parts between commas that aren't in quotes.
fn split_list(line: &str) -> Vec<&str> {
    split_outside_quotes(line, ',')
}

fn split_outside_quotes(text: &str, separator: char) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    let is_end = |c: char| {
        let ends = c == separator && !quoted;
        match c {
            '"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = c == '\\' && quoted && !escaped;
        ends
    };
    text.split(is_end).collect()
}

/// The elements of `Forwarded` (RFC 7239 §4), one for each proxy, the nearest to the client first. `None` if one of them isn't
/// of that form: then none of them can be relied on.
fn forwarded(elements: &[String]) -> Option<Vec<Hop>> {
    let hop = |element: &String| {
        let mut hop = Hop::default();
        for pair in split_outside_quotes(element, ';').into_iter().map(str::trim).filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=')?;
            let value = unquoted(value)?;
            match name.to_ascii_lowercase().as_str() {
                "for" => hop.client = address(&value),
                "proto" => hop.scheme = Some(value.to_lowercase()),
                "host" => hop.host = Some(value.to_lowercase()),
                _ => {}
            }
        }
        Some(hop)
    };
    elements.iter().filter(|element| !element.is_empty()).map(hop).collect()
}

fn unquoted(value: &str) -> Option<String> {
    let Some(inner) = value.strip_prefix('"') else { return (!value.contains('"')).then(|| value.to_owned()) };
    let (mut text, mut escaped) = (String::new(), false);
    for c in inner.strip_suffix('"')?.chars() {
        if c == '\\' && !escaped {
            escaped = true;
            continue;
        }
        text.push(c);
        escaped = false;
    }
    (!escaped).then_some(text)
}

/// A host as it stands in a URL, with a port or without.
fn is_host(text: &str) -> bool {
    !text.is_empty()
        && !text.contains(['/', '@', '?', '#', '\\', ' '])
        && text.parse::<actix_web::http::uri::Authority>().is_ok()
}

fn has_port(host: &str) -> bool {
    host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok())
}

fn is_tls(scheme: &str) -> bool {
    scheme == "https" || scheme == "wss"
}

/// Some proxies add the port, and RFC 7239 puts IPv6 into brackets.
fn address(hop: &str) -> Option<IpAddr> {
    let with_port = || hop.parse::<SocketAddr>().ok().map(|address| address.ip());
    let in_brackets = || hop.strip_prefix('[')?.strip_suffix(']')?.parse::<IpAddr>().ok();
    hop.parse::<IpAddr>().ok().or_else(with_port).or_else(in_brackets).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn see(trusted: &str, peer: &str, headers: &[(&str, &str)]) -> Seen {
        let proxies: Proxies = trusted.parse().expect("networks");
        let mut map = HeaderMap::new();
        map.append(header::HOST, HeaderValue::from_static("127.0.0.1:8080"));
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
            map.append(name, HeaderValue::from_str(value).expect("a value"));
        }
        proxies.see_headers(peer.parse().expect("an address"), &map)
    }

    fn client(trusted: &str, peer: &str, headers: &[&str]) -> String {
        let headers: Vec<_> = headers.iter().map(|value| ("x-forwarded-for", *value)).collect();
        see(trusted, peer, &headers).client.to_string()
    }

    #[test]
    fn by_default_what_a_client_claims_is_not_looked_at() {
        assert_eq!(client("", "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        let claims = [
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "evil.example"),
            ("forwarded", "for=198.51.100.1;proto=https;host=evil.example"),
        ];
        for trusted in ["", "10.0.0.1"] {
            let seen = see(trusted, "203.0.113.9", &claims);
            assert_eq!((seen.is_https, seen.hosts), (false, vec!["127.0.0.1:8080".to_owned()]), "{trusted}");
        }
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

    fn known(headers: &[(&str, &str)]) -> (String, bool, String) {
        let seen = see("10.0.0.0/8", "10.0.0.1", headers);
        (seen.client.to_string(), seen.is_https, seen.hosts.join(" "))
    }

    #[test]
    fn a_trusted_proxy_says_by_which_host_and_scheme_the_client_came() {
        let (xff, proto, host) = ("x-forwarded-for", "x-forwarded-proto", "x-forwarded-host");
        for (headers, expected) in [
            (&[(proto, "https")][..], ("10.0.0.1", true, "127.0.0.1:8080")),
            (&[(proto, "HTTPS"), (host, "Cards.Example")], ("10.0.0.1", true, "cards.example")),
            (&[(proto, "http"), (host, "cards.example:8443")], ("10.0.0.1", false, "cards.example:8443")),
            (&[(xff, "198.51.100.1"), (proto, "wss")], ("198.51.100.1", true, "127.0.0.1:8080")),
            (
                &[(host, "cards.example"), ("x-forwarded-port", "8443")],
                ("10.0.0.1", false, "cards.example cards.example:8443"),
            ),
            (&[(host, "cards.example:1"), ("x-forwarded-port", "8443")], ("10.0.0.1", false, "cards.example:1")),
            // What a client claimed stands left of what the proxy saw.
            (&[(xff, "1.2.3.4, 198.51.100.1"), (proto, "https, http"), (host, "evil.example, cards.example")], {
                ("198.51.100.1", false, "cards.example")
            }),
            // Two proxies, of which each adds to the lists.
            (&[(xff, "198.51.100.1, 10.0.0.2"), (proto, "https, http"), (host, "cards.example, inner")], {
                ("198.51.100.1", true, "cards.example")
            }),
            // Two proxies, of which the inner one passes on what the outer said.
            (&[(xff, "198.51.100.1, 10.0.0.2"), (proto, "https"), (host, "cards.example")], {
                ("198.51.100.1", true, "cards.example")
            }),
            (&[(host, "cards.example/evil")], ("10.0.0.1", false, "127.0.0.1:8080")),
            (&[(host, "user@cards.example")], ("10.0.0.1", false, "127.0.0.1:8080")),
            (&[(host, "")], ("10.0.0.1", false, "127.0.0.1:8080")),
        ] {
            let (client, is_https, hosts) = expected;
            assert_eq!(known(headers), (client.to_owned(), is_https, hosts.to_owned()), "{headers:?}");
        }
    }

    /// RFC 7239.
    #[test]
    fn forwarded_says_the_same_where_no_x_header_does() {
        for (value, expected) in [
            ("for=198.51.100.1;proto=https;host=cards.example", ("198.51.100.1", true, "cards.example")),
            ("For=\"198.51.100.1:4711\" ; Proto=HTTPS ; Host=\"Cards.example:8443\"", {
                ("198.51.100.1", true, "cards.example:8443")
            }),
            ("for=\"[2001:db8:cafe::17]:4711\"", ("2001:db8:cafe::17", false, "127.0.0.1:8080")),
            ("for=\"[2001:db8:cafe::17]\"", ("2001:db8:cafe::17", false, "127.0.0.1:8080")),
            ("for=1.2.3.4;proto=https, for=198.51.100.1;proto=http", ("198.51.100.1", false, "127.0.0.1:8080")),
            ("for=198.51.100.1;proto=https;host=cards.example, for=10.0.0.2;proto=http;host=inner", {
                ("198.51.100.1", true, "cards.example")
            }),
            ("for=198.51.100.1;by=\"a,b;c\";proto=https", ("198.51.100.1", true, "127.0.0.1:8080")),
            ("for=unknown;proto=https", ("10.0.0.1", true, "127.0.0.1:8080")),
            ("for=_hidden, for=10.0.0.2", ("10.0.0.2", false, "127.0.0.1:8080")),
            ("for", ("10.0.0.1", false, "127.0.0.1:8080")),
            ("for=\"198.51.100.1", ("10.0.0.1", false, "127.0.0.1:8080")),
            ("", ("10.0.0.1", false, "127.0.0.1:8080")),
        ] {
            let (client, is_https, hosts) = expected;
            let seen = known(&[("forwarded", value)]);
            assert_eq!(seen, (client.to_owned(), is_https, hosts.to_owned()), "{value}");
        }
        let both = [("forwarded", "for=1.2.3.4;proto=https;host=evil.example"), ("x-forwarded-for", "198.51.100.1")];
        assert_eq!(known(&both), ("198.51.100.1".to_owned(), false, "127.0.0.1:8080".to_owned()));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        assert_eq!("10.0.0.0/8 192.0.2.7".parse::<Proxies>(), "10.0.0.0/8, 192.0.2.7".parse());
        for text in ["localhost", "10.0.0.0/33", "10.0.0.1:80", "*"] {
            text.parse::<Proxies>().expect_err(text);
        }
    }
}
