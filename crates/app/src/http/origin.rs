//! Which pages may speak to us with a browser's cookies and sockets.

use actix_web::HttpRequest;
use actix_web::http::header;
use protocol::code::ErrorCode;

use crate::http::problem::Problem;
use crate::http::proxy::Seen;

/// The most characters of an origin or a host that a problem quotes.
const LONGEST_QUOTE: usize = 100;

/// The origins that are allowed besides our own.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    allowed: Vec<String>,
}

impl Origins {
    /// Exact origins: scheme, host and port.
    pub fn new(allowed: Vec<String>) -> Self {
        Self { allowed: allowed.into_iter().map(|origin| origin.trim_end_matches('/').to_lowercase()).collect() }
    }

    /// The origins besides our own.
    pub fn others(&self) -> &[String] {
        &self.allowed
    }

    /// Whether the request comes from an allowed page, or from something that isn't a browser and names no page.
    pub fn allows(&self, request: &HttpRequest, seen: &Seen) -> bool {
        let Some(origin) = request.headers().get(header::ORIGIN) else { return true };
        let Ok(origin) = origin.to_str() else { return false };
        let origin = origin.to_lowercase();
        self.allowed.contains(&origin) || own_scheme(&origin, seen).is_some()
    }

    /// Refuses pages of other origins, and says what an operator has to change if that isn't meant. `what` isn't open to them.
    ///
    /// # Errors
    ///
    /// - `ROLE_FORBIDDEN`.
    pub fn check(&self, request: &HttpRequest, seen: &Seen, what: &str) -> Result<(), Problem> {
        if self.allows(request, seen) {
            return Ok(());
        }
        let origin =
            request.headers().get(header::ORIGIN).map(|origin| quote(&String::from_utf8_lossy(origin.as_bytes())));
        let origin = origin.unwrap_or_default();
        let hosts = quote(&seen.hosts.join(" or "));
        Err(Problem::new(
            ErrorCode::RoleForbidden,
            format!(
                "{what} is not open to pages of {origin}: by the request's Host this server is {hosts}. If both are the same \
                 site, the proxy in front has to pass on the browser's Host, or X-Forwarded-Host from an address in \
                 HOLDFAST_TRUSTED_PROXIES; to open it to another site, list that in HOLDFAST_ALLOWED_ORIGINS"
            ),
        ))
    }
}

/// Whether the client came by TLS: a trusted proxy says so, or a page of our own that names its origin.
pub fn is_https(request: &HttpRequest, seen: &Seen) -> bool {
    let origin = request.headers().get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    seen.is_https || origin.is_some_and(|origin| own_scheme(&origin.to_lowercase(), seen) == Some("https"))
}

/// The scheme of our own origin, if `origin` is it: the host that the browser believes it speaks to, over http or, behind a
/// proxy, https.
fn own_scheme<'a>(origin: &'a str, seen: &Seen) -> Option<&'a str> {
    let (scheme, rest) = origin.split_once("://")?;
    let default_port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return None,
    };
    let is_own = |host: &String| rest == host || rest == host.strip_suffix(default_port).unwrap_or(host);
    seen.hosts.iter().any(is_own).then_some(scheme)
}

/// What a client sent, fit for a sentence.
fn quote(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(LONGEST_QUOTE).collect()
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;
    use actix_web::test::TestRequest;

    fn seen(hosts: &[&str], is_https: bool) -> Seen {
        let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        Seen { client: IpAddr::from([192, 0, 2, 1]), is_https, hosts }
    }

    fn request(origin: Option<&str>) -> HttpRequest {
        let mut request = TestRequest::default();
        if let Some(origin) = origin {
            request = request.insert_header((header::ORIGIN, origin.to_owned()));
        }
        request.to_http_request()
    }

    fn allows(origin: Option<&str>) -> bool {
        let origins = Origins::new(vec!["https://app.example.com".into(), "capacitor://localhost".into()]);
        origins.allows(&request(origin), &seen(&["table.example:8080"], false))
    }

    /// T-A10: cross-site WebSocket hijacking.
    #[test]
    fn only_our_own_page_and_those_that_are_listed_may_speak() {
        assert!(allows(None));
        assert!(allows(Some("http://table.example:8080")));
        assert!(allows(Some("https://table.example:8080")));
        assert!(allows(Some("https://app.example.com")));
        assert!(allows(Some("capacitor://localhost")));
        for origin in [
            "https://evil.example",
            "null",
            "https://app.example.com.evil",
            "http://table.example:8081",
            "http://table.example",
            "https://app.example.com:444",
            "ftp://table.example:8080",
            "capacitor://localhost:1",
            "capacitor://table.example:8080",
            "",
        ] {
            assert!(!allows(Some(origin)), "{origin}");
        }
    }

    #[test]
    fn our_own_page_is_known_by_any_host_that_the_client_may_have_named() {
        let origins = Origins::default();
        let known = seen(&["cards.example", "cards.example:8443"], true);
        for (origin, allowed) in [
            ("https://cards.example", true),
            ("https://cards.example:8443", true),
            ("https://cards.example:9443", false),
        ] {
            assert_eq!(origins.allows(&request(Some(origin)), &known), allowed, "{origin}");
        }
        let with_default_port = seen(&["cards.example:443"], true);
        assert!(origins.allows(&request(Some("https://cards.example")), &with_default_port));
        assert!(!origins.allows(&request(Some("http://cards.example")), &with_default_port));
    }

    #[test]
    fn a_refusal_names_the_origin_the_host_and_the_setting() {
        let refused = Origins::default().check(
            &request(Some("https://cards.example")),
            &seen(&["127.0.0.1:8080"], false),
            "signing in",
        );
        let detail = refused.expect_err("another origin").detail().to_owned();
        for named in
            ["https://cards.example", "127.0.0.1:8080", "Host", "HOLDFAST_ALLOWED_ORIGINS", "HOLDFAST_TRUSTED_PROXIES"]
        {
            assert!(detail.contains(named), "{detail}");
        }
        let long = Origins::default().check(&request(Some(&"x".repeat(5000))), &seen(&[], false), "signing in");
        assert!(long.expect_err("no origin").detail().len() < 600);
    }

    #[test]
    fn tls_is_known_from_a_trusted_proxy_or_from_our_own_page() {
        let plain = seen(&["cards.example"], false);
        assert!(is_https(&request(None), &seen(&["cards.example"], true)));
        assert!(is_https(&request(Some("https://cards.example")), &plain));
        for origin in [None, Some("http://cards.example"), Some("https://evil.example")] {
            assert!(!is_https(&request(origin), &plain), "{origin:?}");
        }
    }
}
