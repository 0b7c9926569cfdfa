use std::fmt;
use std::str::FromStr;

use async_nats::ServerAddr;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use url::Url;

/// Where NATS is, and who we are to it: `nats://user:password@host:4222`, or `tls://…`; several servers of one cluster are
/// separated by commas. A name without a password is a token. Prints `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// Without credentials, which the client would write into its log.
    pub(crate) servers: Vec<ServerAddr>,
    pub(crate) credentials: Credentials,
}

/// Who we are to NATS.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Credentials {
    None,
    Token(String),
    Password { user: String, password: String },
}

/// Why something is no address. Never quotes it: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// Not a URL with a host.
    #[error("it must look like nats://user:password@host:4222, several of them separated by commas")]
    NotAUrl,
    /// Something else than NATS.
    #[error("it must begin with nats:// or tls://")]
    UnknownScheme,
    /// A client has one identity.
    #[error("all servers must have the same user and password")]
    DifferentCredentials,
}

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let parsed = parts.map(server).collect::<Result<Vec<_>, _>>()?;
        let (_, credentials) = parsed.first().cloned().ok_or(BadAddress::NotAUrl)?;
        if parsed.iter().any(|(_, others)| *others != credentials) {
            return Err(BadAddress::DifferentCredentials);
        }
        Ok(Self { servers: parsed.into_iter().map(|(server, _)| server).collect(), credentials })
    }
}

/// What a password may hold, and an address would end at.
const ENDS: AsciiSet = CONTROLS.add(b'/').add(b'?').add(b'#').add(b'@').add(b'[').add(b']').add(b'\\').add(b' ');

/// The address with such characters of its credentials encoded.
fn with_plain_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let Some((credentials, host)) = rest.rsplit_once('@') else { return text.to_owned() };
    format!("{scheme}://{}@{host}", utf8_percent_encode(credentials, &ENDS))
}

fn server(text: &str) -> Result<(ServerAddr, Credentials), BadAddress> {
    // A host alone would be taken for a scheme.
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("nats://{text}") };
    let mut url = Url::parse(&with_plain_password(&with_scheme)).map_err(|_| BadAddress::NotAUrl)?;
    if !matches!(url.scheme(), "nats" | "tls") {
        return Err(BadAddress::UnknownScheme);
    }
    let plain = |text: &str| percent_decode_str(text).decode_utf8().map(String::from).map_err(|_| BadAddress::NotAUrl);
    let credentials = match (url.username(), url.password()) {
        ("", None) => Credentials::None,
        (token, None) => Credentials::Token(plain(token)?),
        (user, Some(password)) => Credentials::Password { user: plain(user)?, password: plain(password)? },
    };
    url.set_username("").and_then(|()| url.set_password(None)).map_err(|()| BadAddress::NotAUrl)?;
    let server = ServerAddr::from_url(url).map_err(|_| BadAddress::NotAUrl)?;
    Ok((server, credentials))
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(address: &Address) -> Vec<(String, u16)> {
        address.servers.iter().map(|server| (server.host().to_owned(), server.port())).collect()
    }

    #[test]
    fn an_address_may_name_a_user_a_token_or_nobody() {
        for (text, credentials) in [
            ("nats://10.0.0.1:4333", Credentials::None),
            ("tls://t%20ken@10.0.0.1:4333", Credentials::Token("t ken".into())),
            ("nats://me:p%40ss@10.0.0.1:4333", Credentials::Password { user: "me".into(), password: "p@ss".into() }),
            (
                "nats://me:a/b#c?d@e[f@10.0.0.1:4333",
                Credentials::Password { user: "me".into(), password: "a/b#c?d@e[f".into() },
            ),
            ("10.0.0.1:4333", Credentials::None),
        ] {
            let address: Address = text.parse().expect(text);
            assert!(address.credentials == credentials, "{text}");
            assert_eq!(hosts(&address), [("10.0.0.1".into(), 4333)], "{text}");
        }
    }

    #[test]
    fn several_servers_share_their_credentials() {
        let address: Address = "nats://a:b@one, nats://a:b@two:4333,".parse().expect("two servers");
        assert_eq!(hosts(&address), [("one".into(), 4222), ("two".into(), 4333)]);
        assert_eq!("nats://a:b@one,nats://two".parse::<Address>(), Err(BadAddress::DifferentCredentials));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for (text, error) in [
            ("", BadAddress::NotAUrl),
            (",", BadAddress::NotAUrl),
            ("nats://", BadAddress::NotAUrl),
            ("nats://host:port", BadAddress::NotAUrl),
            ("postgres://host", BadAddress::UnknownScheme),
        ] {
            assert_eq!(text.parse::<Address>(), Err(error), "{text:?}");
        }
    }

    #[test]
    fn a_password_is_printed_nowhere() {
        let address: Address = "nats://me:hush@host".parse().expect("an address");
        assert_eq!(format!("{address:?}"), "***");
        assert!(!format!("{:?}", address.servers).contains("hush"), "the client logs its servers");
    }
}
