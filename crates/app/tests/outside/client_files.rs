//! The web client's files, as a browser receives them.

use std::collections::BTreeSet;
use std::io::Read;

use reqwest::header::HeaderMap;

use crate::clients::http;
use crate::server::Server;

/// What a browser offers, what a proxy of the old school does, and what a program without a word on it gets.
const BROWSER: &str = "gzip, deflate, br, zstd";
/// What a first visit may receive before the table is there, in bytes: page, scripts and styles; docs/web-figures.md.
const FIRST_VISIT: usize = 57_000;

struct Received {
    status: u16,
    headers: HeaderMap,
    bytes: Vec<u8>,
}

impl Received {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Whether caches are told that others may get another encoding.
    fn varies(&self) -> bool {
        let told = self.headers.get_all("vary").iter().map(|value| value.to_str().unwrap().to_ascii_lowercase());
        told.into_iter().any(|vary| vary.split(',').any(|name| name.trim() == "accept-encoding"))
    }

    /// The file, whatever it came in.
    fn unpacked(&self) -> Vec<u8> {
        let mut plain = Vec::new();
        match self.header("content-encoding") {
            None => plain = self.bytes.clone(),
            Some("br") => drop(brotli::Decompressor::new(&self.bytes[..], 4096).read_to_end(&mut plain).unwrap()),
            Some("gzip") => drop(flate2::read::GzDecoder::new(&self.bytes[..]).read_to_end(&mut plain).unwrap()),
            Some(other) => panic!("nobody asked for {other}"),
        }
        plain
    }
}

async fn fetch(server: &Server, path: &str, headers: &[(&str, &str)]) -> Received {
    let request = http().get(format!("http://{}{path}", server.address()));
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    Received { status, headers, bytes: answer.bytes().await.unwrap().to_vec() }
}

/// The addresses of scripts and styles in a page.
fn addresses(page: &str) -> BTreeSet<String> {
    page.split('"')
        .filter(|part| part.starts_with('/') && (part.ends_with(".js") || part.ends_with(".css")))
        .map(Into::into)
        .collect()
}

#[tokio::test]
async fn a_first_visit_receives_little_and_keeps_it() {
    let server = Server::start().await;
    let page = fetch(&server, "/r/K7QX42AB", &[("accept-encoding", BROWSER)]).await;
    assert_eq!(
        (page.status, page.header("content-encoding"), page.header("cache-control")),
        (200, Some("br"), Some("no-cache"))
    );
    let text = String::from_utf8(page.unpacked()).unwrap();
    let first = addresses(&text);
    assert_eq!(first.len(), 3, "{first:?}");

    let (mut brotli, mut gzip) = (page.bytes.len(), 0);
    for address in &first {
        let by_brotli = fetch(&server, address, &[("accept-encoding", BROWSER)]).await;
        let by_gzip = fetch(&server, address, &[("accept-encoding", "gzip")]).await;
        let plain = fetch(&server, address, &[]).await;
        for (received, encoding) in [(&by_brotli, Some("br")), (&by_gzip, Some("gzip")), (&plain, None)] {
            assert_eq!(received.header("content-encoding"), encoding, "{address}");
            assert_eq!(received.header("cache-control"), Some("public, max-age=31536000, immutable"), "{address}");
            assert!(received.varies(), "{address}");
            assert_eq!(received.unpacked(), plain.bytes, "{address}");
        }
        let tags: BTreeSet<_> =
            [&by_brotli, &by_gzip, &plain].map(|received| received.header("etag").unwrap().to_owned()).into();
        assert_eq!(tags.len(), 3, "each representation has a tag of its own");
        // As small as it gets: what is compressed on the way is not. Two libraries that do their best differ by little.
        let mut best = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut best, &plain.bytes).unwrap();
        let best = best.finish().unwrap().len();
        assert!(by_gzip.bytes.len() <= best + best / 100, "{address}: {} for {best}", by_gzip.bytes.len());
        assert!(by_brotli.bytes.len() < by_gzip.bytes.len(), "{address}");
        brotli += by_brotli.bytes.len();
        gzip += by_gzip.bytes.len();
    }
    println!("a first visit receives {brotli} bytes by brotli, {gzip} by gzip (without the page)");
    assert!(brotli < FIRST_VISIT, "{brotli}");
}

#[tokio::test]
async fn the_caller_chooses_the_encoding() {
    let server = Server::start().await;
    for (accepted, sent) in [
        ("br", Some("br")),
        ("gzip", Some("gzip")),
        ("gzip;q=1, br;q=0.5", Some("gzip")),
        ("br;q=0, gzip", Some("gzip")),
        ("identity", None),
        ("br;q=0, gzip;q=0", None),
        ("deflate", None),
        ("zstd", None),
        ("", None),
        (";;q=,,br;q=x", None),
    ] {
        let received = fetch(&server, "/shared.js", &[("accept-encoding", accepted)]).await;
        assert_eq!((received.status, received.header("content-encoding")), (200, sent), "{accepted:?}");
    }
    // What is compressed by itself isn't compressed again.
    for (path, kind) in [("/inter.woff2", "font/woff2"), ("/icon-192.png", "image/png")] {
        let received = fetch(&server, path, &[("accept-encoding", BROWSER)]).await;
        assert_eq!((received.header("content-encoding"), received.varies()), (None, false), "{path}");
        assert_eq!(received.header("content-type"), Some(kind), "{path}");
        assert_eq!(received.bytes.len().to_string(), received.header("content-length").unwrap(), "{path}");
    }
}

#[tokio::test]
async fn who_has_a_file_is_not_sent_it_again() {
    let server = Server::start().await;
    for encoding in ["br", "gzip", "identity"] {
        let headers = [("accept-encoding", encoding)];
        let tag = fetch(&server, "/app.css", &headers).await.header("etag").unwrap().to_owned();
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            let again = fetch(&server, "/app.css", &[headers[0], ("if-none-match", &known)]).await;
            assert_eq!(
                (again.status, again.bytes.len(), again.header("etag")),
                (304, 0, Some(&*tag)),
                "{encoding} {known}"
            );
            assert!(again.varies());
        }
        assert_eq!(fetch(&server, "/app.css", &[headers[0], ("if-none-match", "\"other\"")]).await.status, 200);
        let other = if encoding == "br" { "gzip" } else { "br" };
        assert_eq!(
            fetch(&server, "/app.css", &[("accept-encoding", other), ("if-none-match", &tag)]).await.status,
            200,
            "another representation"
        );
    }
    // A page of another build finds what there is now, and nobody keeps that for a year.
    let other = fetch(&server, "/v/0123456789ab/app.css", &[]).await;
    assert_eq!((other.status, other.header("cache-control")), (200, Some("no-cache")));
    for nothing in ["/v/0123456789ab/none.js", "/none.css", "/v/../Cargo.toml", "/..%2f..%2fCargo.toml"] {
        assert_eq!(fetch(&server, nothing, &[]).await.status, 404, "{nothing}");
    }
}
