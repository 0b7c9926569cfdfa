//! The line to the database: opened as its address asks, encrypted or not, by whichever certificate is good enough.

use std::error::Error as _;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio::task::JoinHandle;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, NoTls, config};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::address::{Address, OneHost, Roots, SslMode};
use crate::error::Failure;

/// A session, and how it was come by.
pub(crate) struct Session {
    pub(crate) client: Client,
    /// Ends when the session does.
    pub(crate) driver: JoinHandle<()>,
    pub(crate) line: Line,
}

/// What a session runs over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The host's name.
    pub host: String,
    /// Whether what is sent stays on this machine.
    pub local: bool,
    /// How it is secured.
    pub secured: Secured,
}

/// How a line is secured, from nothing to all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Secured {
    /// Not at all: whoever is on the way can read it.
    No,
    /// Encrypted, but to whoever answers.
    Encrypted,
    /// And whoever answers has a certificate of a trusted CA.
    Signed,
    /// And the certificate is for this host.
    Fully,
}

impl fmt::Display for Secured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::No => "not encrypted",
            Self::Encrypted => "encrypted, the certificate isn't checked",
            Self::Signed => "encrypted, the certificate is of a trusted CA",
            Self::Fully => "encrypted, the certificate is of a trusted CA and for this host",
        })
    }
}

/// Opens a session: the first host that takes one, in the ways that its mode allows.
pub(crate) async fn open(address: &Address) -> Result<Session, Failure> {
    let mut failed = Failure::NoConnection("it names no host".to_owned());
    let first = if address.shuffled { getrandom::u32().unwrap_or(0) as usize % address.hosts.len() } else { 0 };
    let (before, after) = address.hosts.split_at(first);
    for host in after.iter().chain(before) {
        match open_to(host, address.roots.as_ref()).await {
            Ok(session) => return Ok(session),
            Err(failure) => failed = failure,
        }
    }
    Err(failed)
}

async fn open_to(host: &OneHost, roots: Option<&Roots>) -> Result<Session, Failure> {
    let secured = match host.mode {
        SslMode::Disable => Secured::No,
        SslMode::Allow => {
            return match in_clear(host).await {
                Err(err) if may_want_tls(&err) => {
                    let encrypted = encrypted(host, Secured::Encrypted, roots).await;
                    // What was refused first says more than that there is no TLS either.
                    encrypted.map_err(|_| failure(&err))
                }
                other => other.map_err(|err| failure(&err)),
            };
        }
        SslMode::Prefer => {
            return match encrypted(host, Secured::Encrypted, roots).await {
                Err(Trouble::Postgres(err)) if may_want_clear(&err) => {
                    in_clear(host).await.map_err(|err| failure(&err))
                }
                other => other.map_err(Failure::from),
            };
        }
        // As libpq does it: a CA that is named is asked.
        SslMode::Require if roots.is_some() => Secured::Signed,
        SslMode::Require => Secured::Encrypted,
        SslMode::VerifyCa => Secured::Signed,
        SslMode::VerifyFull => Secured::Fully,
    };
    match secured {
        Secured::No => in_clear(host).await.map_err(|err| failure(&err)),
        Secured::Encrypted | Secured::Signed | Secured::Fully => Ok(encrypted(host, secured, roots).await?),
    }
}

/// Whether a server, or a pooler, that refused a session in clear may take one that is encrypted.
fn may_want_tls(err: &tokio_postgres::Error) -> bool {
    err.code().is_some_and(|code| {
        [SqlState::INVALID_AUTHORIZATION_SPECIFICATION, SqlState::PROTOCOL_VIOLATION, SqlState::INTERNAL_ERROR]
            .contains(code)
    })
}

/// Whether one that refused an encrypted session may take one in clear: not if it can't be reached at all.
fn may_want_clear(err: &tokio_postgres::Error) -> bool {
    match err.code() {
        Some(code) => *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION,
        None => !err.to_string().starts_with("error connecting"),
    }
}

enum Trouble {
    Postgres(tokio_postgres::Error),
    Roots(String),
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Postgres(err) => failure(&err),
            Trouble::Roots(why) => Self::NoConnection(why),
        }
    }
}

async fn in_clear(host: &OneHost) -> Result<Session, tokio_postgres::Error> {
    let mut config = host.config.clone();
    config.ssl_mode(config::SslMode::Disable);
    let (client, connection) = config.connect(NoTls).await?;
    Ok(session(client, tokio::spawn(drive(connection)), host, Secured::No))
}

async fn encrypted(host: &OneHost, secured: Secured, roots: Option<&Roots>) -> Result<Session, Trouble> {
    let tls = MakeRustlsConnect::new(client_config(secured, roots).map_err(Trouble::Roots)?);
    let mut config = host.config.clone();
    config.ssl_mode(config::SslMode::Require);
    let (client, connection) = config.connect(tls).await.map_err(Trouble::Postgres)?;
    Ok(session(client, tokio::spawn(drive(connection)), host, secured))
}

fn session(client: Client, driver: JoinHandle<()>, host: &OneHost, secured: Secured) -> Session {
    Session { client, driver, line: Line { host: host.name.clone(), local: host.local, secured } }
}

async fn drive(connection: impl Future<Output = Result<(), tokio_postgres::Error>>) {
    if let Err(err) = connection.await {
        tracing::warn!(reason = describe(&err), "a connection to the database was lost");
    }
}

fn failure(err: &tokio_postgres::Error) -> Failure {
    Failure::NoConnection(describe(err))
}

/// The error with its causes, of which the first line alone says nothing. DETAIL isn't part of it.
pub(crate) fn describe(err: &tokio_postgres::Error) -> String {
    if let Some(said) = err.as_db_error() {
        return said.message().to_owned();
    }
    let Some(cause) = err.source() else { return err.to_string() };
    let tls = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    match tls.and_then(|cause| cause.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(why)) => format!("{err}: {cause}: {}", advice(why)),
        Some(_) | None => format!("{err}: {cause}"),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "another library's, which may grow")]
fn advice(why: &CertificateError) -> &'static str {
    match why {
        CertificateError::UnknownIssuer => {
            "no CA that is trusted here has signed the certificate: name the file of the right one with sslrootcert"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the certificate is for another host: connect by a name among its subjectAltNames, or ask for sslmode=verify-ca"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "the database needs a new certificate",
        _ => "the database needs another certificate (X.509 version 3, with the host's name as subjectAltName)",
    }
}

fn client_config(secured: Secured, roots: Option<&Roots>) -> Result<ClientConfig, String> {
    let provider = Arc::new(ring::default_provider());
    let trust = match secured {
        Secured::No | Secured::Encrypted => Trust::Anybody,
        Secured::Signed => Trust::Signed(trusted(roots)?),
        Secured::Fully => Trust::Fully(trusted(roots)?),
    };
    let config = ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions();
    let config = config.map_err(|err| err.to_string())?.dangerous();
    Ok(config.with_custom_certificate_verifier(Arc::new(Verifier { provider, trust })).with_no_client_auth())
}

/// CAs, and certificates that are trusted by themselves: one that a server has signed for itself is often given as its CA.
#[derive(Debug)]
struct Trusted {
    roots: RootCertStore,
    certificates: Vec<CertificateDer<'static>>,
}

fn trusted(roots: Option<&Roots>) -> Result<Trusted, String> {
    let mut store = RootCertStore::empty();
    let certificates = match roots {
        Some(Roots::File(path)) => {
            let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
            read.map_err(|err| format!("the CA file {} (sslrootcert) can't be read: {err}", path.display()))?
        }
        Some(Roots::System) | None => rustls_native_certs::load_native_certs().certs,
    };
    let (added, _) = store.add_parsable_certificates(certificates.iter().cloned());
    if added == 0 {
        return Err(match roots {
            Some(Roots::File(path)) => format!("the CA file {} (sslrootcert) holds no certificate", path.display()),
            Some(Roots::System) | None => {
                "this machine trusts no CA: install ca-certificates, or name a CA with sslrootcert".to_owned()
            }
        });
    }
    Ok(Trusted { roots: store, certificates })
}

#[derive(Debug)]
enum Trust {
    Anybody,
    Signed(Trusted),
    Fully(Trusted),
}

/// Takes whom the mode takes.
#[derive(Debug)]
struct Verifier {
    provider: Arc<CryptoProvider>,
    trust: Trust,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let (trusted, by_name) = match &self.trust {
            Trust::Anybody => return Ok(ServerCertVerified::assertion()),
            Trust::Signed(trusted) => (trusted, false),
            Trust::Fully(trusted) => (trusted, true),
        };
        let parsed = ParsedCertificate::try_from(certificate)?;
        if !trusted.certificates.iter().any(|trusted| trusted.as_ref() == certificate.as_ref()) {
            let algorithms = self.provider.signature_verification_algorithms.all;
            verify_server_cert_signed_by_trust_anchor(&parsed, &trusted.roots, intermediates, now, algorithms)?;
        }
        if by_name {
            verify_server_name(&parsed, name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        match &self.trust {
            // Whoever answers is as good as anybody else; and old certificates can't be read.
            Trust::Anybody => Ok(HandshakeSignatureValid::assertion()),
            Trust::Signed(_) | Trust::Fully(_) => {
                verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
            }
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        match &self.trust {
            Trust::Anybody => Ok(HandshakeSignatureValid::assertion()),
            Trust::Signed(_) | Trust::Fully(_) => {
                verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
            }
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
