//! The web client: files built into the binary, or from a folder in development.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

use actix_web::http::Method;
use actix_web::http::header::{self, AcceptEncoding, ContentType, Encoding, EntityTag, Header};
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest, Sha256};

use crate::http::caller::app;
use crate::http::framing::no_such_route;

/// What a page of ours may do: nothing from elsewhere, nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                      connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; \
                      frame-ancestors 'none'";
/// For addresses that may have other content after an update: to be asked for each time, and answered by 304.
const ASK: &str = "no-cache";
/// For addresses that carry the build: a year, in seconds.
const KEEP: &str = "public, max-age=31536000, immutable";

/// A file as the build script made it.
pub struct Built {
    name: &'static str,
    /// Of the plain bytes, in hexadecimal.
    hash: &'static str,
    plain: &'static [u8],
    /// Compressed as far as it goes; `None` if that gains nothing.
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}
include!(concat!(env!("OUT_DIR"), "/client_files.rs"));

/// One representation of a file.
struct Form {
    bytes: Cow<'static, [u8]>,
    etag: EntityTag,
    encoding: Option<&'static str>,
    /// Whether other callers would get another one.
    varies: bool,
}

/// What no route takes: a file of the client, or nothing that there is.
pub async fn or_not(request: HttpRequest) -> HttpResponse {
    match *request.method() {
        Method::GET => file(request).await,
        _ => no_such_route(request).await,
    }
}

/// A file of the client. Paths without a dot are the client's own routes and get its page. Below `/v/` and the build's number
/// are the same files at addresses that change with it.
pub async fn file(request: HttpRequest) -> HttpResponse {
    let path = request.path().trim_start_matches('/');
    let (version, path) = match path.strip_prefix("v/").and_then(|rest| rest.split_once('/')) {
        Some((version, rest)) => (Some(version), rest),
        None => (None, path),
    };
    let name = if path.rsplit('/').next().is_some_and(|last| last.contains('.')) { path } else { "index.html" };
    let app = app(&request);
    let folder = app.web_dir.as_deref();
    let form = match folder {
        Some(folder) => from_folder(folder, name),
        None => built(&request, name),
    };
    let Some(form) = form else { return HttpResponse::NotFound().body("no such file") };
    // A page of an older build that asks for more gets what there is now, and asks again the next time.
    let keep = folder.is_none() && version == Some(VERSION);
    let unchanged = knows(&request, &form.etag);
    let mut answer = if unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((header::ETAG, form.etag.to_string()));
    answer.insert_header((header::CACHE_CONTROL, if keep { KEEP } else { ASK }));
    if form.varies {
        answer.insert_header((header::VARY, "accept-encoding"));
    }
    if unchanged {
        return answer.finish();
    }
    if let Some(encoding) = form.encoding {
        answer.insert_header((header::CONTENT_ENCODING, encoding));
    }
    answer.insert_header((header::CONTENT_SECURITY_POLICY, POLICY));
    answer.insert_header(ContentType(content_type(name)));
    answer.body(form.bytes.into_owned())
}

fn built(request: &HttpRequest, name: &str) -> Option<Form> {
    let file = FILES.iter().find(|file| file.name == name)?;
    let forms = [(Encoding::brotli(), "br", file.brotli), (Encoding::gzip(), "gzip", file.gzip)];
    let supported: Vec<Encoding> = forms
        .iter()
        .filter(|(.., bytes)| bytes.is_some())
        .map(|(encoding, ..)| encoding.clone())
        .chain([Encoding::identity()])
        .collect();
    let wanted = AcceptEncoding::parse(request).ok().and_then(|accepted| accepted.negotiate(supported.iter()));
    let packed = forms.into_iter().find(|(encoding, ..)| wanted.as_ref() == Some(encoding));
    let (encoding, bytes) = match packed {
        Some((_, encoding, Some(bytes))) => (Some(encoding), bytes),
        // Also for who takes none of ours: plain bytes say more than a refusal.
        _ => (None, file.plain),
    };
    let tag = encoding.map_or_else(|| file.hash.to_owned(), |encoding| format!("{}-{encoding}", file.hash));
    Some(Form { bytes: bytes.into(), etag: EntityTag::new_strong(tag), encoding, varies: supported.len() > 1 })
}

fn from_folder(folder: &Path, name: &str) -> Option<Form> {
    let bytes = std::fs::read(inside(folder, name)?).ok()?;
    let hash = Sha256::digest(&bytes);
    let tag = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    Some(Form { bytes: bytes.into(), etag: EntityTag::new_strong(tag), encoding: None, varies: false })
}

/// Never leads out of the folder.
fn inside(folder: &Path, name: &str) -> Option<PathBuf> {
    let name = Path::new(name);
    name.components().all(|part| matches!(part, Component::Normal(_))).then(|| folder.join(name))
}

/// Whether the caller has this representation already. Proxies may have made the tag a weak one.
fn knows(request: &HttpRequest, etag: &EntityTag) -> bool {
    match header::IfNoneMatch::parse(request) {
        Ok(header::IfNoneMatch::Any) => request.headers().contains_key(header::IF_NONE_MATCH),
        Ok(header::IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(etag)),
        Err(_) => false,
    }
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
