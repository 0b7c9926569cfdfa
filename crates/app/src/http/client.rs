//! The web client: files built into the binary, or from a folder in development.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

use actix_web::http::header::{self, ContentType};
use actix_web::{HttpRequest, HttpResponse};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use crate::http::caller::app;

/// What a page of ours may do: nothing from elsewhere, nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                      connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; \
                      frame-ancestors 'none'";

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
struct Files;

/// A file of the client. Paths without a dot are the client's own routes and get its page.
pub async fn file(request: HttpRequest) -> HttpResponse {
    let path = request.path().trim_start_matches('/');
    let name = if path.rsplit('/').next().is_some_and(|last| last.contains('.')) { path } else { "index.html" };
    let Some((bytes, etag)) = load(&request, name) else { return HttpResponse::NotFound().body("no such file") };
    let unchanged = request.headers().get(header::IF_NONE_MATCH).is_some_and(|known| {
        known.as_bytes().split(|byte| *byte == b',').any(|tag| tag.trim_ascii() == etag.as_bytes())
    });
    if unchanged {
        return HttpResponse::NotModified().insert_header((header::ETAG, etag)).finish();
    }
    HttpResponse::Ok()
        .insert_header((header::ETAG, etag))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header(ContentType(content_type(name)))
        .body(bytes.into_owned())
}

fn load(request: &HttpRequest, name: &str) -> Option<(Cow<'static, [u8]>, String)> {
    let Some(folder) = app(request).web_dir.clone() else {
        let file = Files::get(name)?;
        return Some((file.data, etag(&file.metadata.sha256_hash())));
    };
    let bytes = std::fs::read(inside(&folder, name)?).ok()?;
    let hash: [u8; 32] = Sha256::digest(&bytes).into();
    Some((Cow::Owned(bytes), etag(&hash)))
}

/// Never leads out of the folder.
fn inside(folder: &Path, name: &str) -> Option<PathBuf> {
    let name = Path::new(name);
    name.components().all(|part| matches!(part, Component::Normal(_))).then(|| folder.join(name))
}

fn etag(hash: &[u8; 32]) -> String {
    let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

fn content_type(name: &str) -> mime::Mime {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => mime::TEXT_HTML_UTF_8,
        "js" => mime::TEXT_JAVASCRIPT,
        "css" => mime::TEXT_CSS_UTF_8,
        "svg" => mime::IMAGE_SVG,
        "png" => mime::IMAGE_PNG,
        "woff2" => mime::FONT_WOFF2,
        "json" => mime::APPLICATION_JSON,
        "webmanifest" => "application/manifest+json".parse().expect("a valid media type"),
        "txt" => mime::TEXT_PLAIN_UTF_8,
        _ => mime::APPLICATION_OCTET_STREAM,
    }
}
