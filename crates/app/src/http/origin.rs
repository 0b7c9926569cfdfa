//! Which pages may speak to us with a browser's cookies and sockets.

use actix_web::HttpRequest;
use actix_web::http::header;

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
    pub fn allows(&self, request: &HttpRequest) -> bool {
        let Some(origin) = request.headers().get(header::ORIGIN) else { return true };
        let Ok(origin) = origin.to_str() else { return false };
        let origin = origin.to_lowercase();
        self.allowed.contains(&origin) || is_own(&origin, request)
    }
}

/// Our own origin is the host that the browser believes it speaks to, over http or, behind a proxy, https.
fn is_own(origin: &str, request: &HttpRequest) -> bool {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let Some(host) = host.map(str::to_lowercase) else { return false };
    let Some((scheme, rest)) = origin.split_once("://") else { return false };
    let default_port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return false,
    };
    rest == host || rest == host.trim_end_matches(default_port)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn allows(origin: Option<&str>) -> bool {
        let mut request = TestRequest::default().insert_header((header::HOST, "table.example:8080"));
        if let Some(origin) = origin {
            request = request.insert_header((header::ORIGIN, origin.to_owned()));
        }
        Origins::new(vec!["https://app.example.com".into()]).allows(&request.to_http_request())
    }

    /// A10: cross-site WebSocket hijacking.
    #[test]
    fn only_our_own_page_and_those_that_are_listed_may_speak() {
        assert!(allows(None));
        assert!(allows(Some("http://table.example:8080")));
        assert!(allows(Some("https://app.example.com")));
        for origin in [
            "https://evil.example",
            "null",
            "https://app.example.com.evil",
            "http://table.example:8081",
            "http://table.example",
            "https://app.example.com:444",
            "ftp://table.example:8080",
            "",
        ] {
            assert!(!allows(Some(origin)), "{origin}");
        }
    }
}
