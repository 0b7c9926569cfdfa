//! Certificates for a PostgreSQL that wants TLS, of a CA that exists for one test only.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tempfile::TempDir;

use crate::{Server, Setup, owner};

/// The role that the server takes by TLS alone; `postgres` may come in clear.
pub const ROLE: &str = "ciphered";

/// A PostgreSQL whose certificate is for given names, and signed by a CA of its own.
pub struct TlsServer {
    /// The server.
    pub server: Server,
    dir: TempDir,
}

impl TlsServer {
    /// Starts one. Its certificate is for these names and addresses.
    ///
    /// # Panics
    ///
    /// If PostgreSQL isn't installed or doesn't start.
    pub fn start(names: &[&str]) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory can be made");
        fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).expect("it is ours");
        let (ca, other) = (authority("The right one"), authority("Another one"));
        write(&dir.path().join("ca.crt"), &ca.pem());
        write(&dir.path().join("other.crt"), &other.pem());
        let key = KeyPair::generate().expect("a key can be made");
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let certificate = CertificateParams::new(names).expect("names").signed_by(&key, &ca).expect("a certificate");
        write(&dir.path().join("server.crt"), &certificate.pem());
        write(&dir.path().join("server.key"), &key.serialize_pem());
        write(
            &dir.path().join("hba.conf"),
            &format!("hostssl all {ROLE} 127.0.0.1/32 trust\nhost all postgres 127.0.0.1/32 trust\n"),
        );
        let file = |name: &str| dir.path().join(name).display().to_string();
        let options = format!(
            "-c ssl=on -c ssl_cert_file={} -c ssl_key_file={} -c hba_file={}",
            file("server.crt"),
            file("server.key"),
            file("hba.conf")
        );
        let server = Server::start_with(&Setup { options, ..Setup::default() });
        Self { server, dir }
    }

    /// An empty database of [`ROLE`], and its address without a word on TLS, at a host's name that leads to 127.0.0.1.
    ///
    /// # Panics
    ///
    /// If it can't be made.
    pub async fn database(&self, host: &str) -> (crate::TestDatabase, String) {
        let database = self.server.database().await;
        let name = database.url.rsplit('/').next().unwrap_or_default().to_owned();
        database.try_sql(&format!("CREATE ROLE {ROLE} LOGIN")).await.ok();
        database.sql(&format!("ALTER DATABASE {name} OWNER TO {ROLE}")).await;
        let url = format!("postgres://{ROLE}@{host}:{}/{name}", self.server.port());
        (database, url)
    }

    /// The CA that signed the server's certificate.
    pub fn ca(&self) -> PathBuf {
        self.dir.path().join("ca.crt")
    }

    /// A CA that didn't.
    pub fn other_ca(&self) -> PathBuf {
        self.dir.path().join("other.crt")
    }

    /// The server's certificate.
    pub fn certificate(&self) -> PathBuf {
        self.dir.path().join("server.crt")
    }
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    let key = KeyPair::generate().expect("a key can be made");
    CertifiedIssuer::self_signed(params, key).expect("a CA can be made")
}

/// For PostgreSQL alone, which demands that of its key.
fn write(path: &Path, contents: &str) {
    fs::write(path, contents).expect("the directory is ours");
    let readable = if path.extension().is_some_and(|end| end == "crt") { 0o644 } else { 0o600 };
    fs::set_permissions(path, Permissions::from_mode(readable)).expect("the file is ours");
    if let Some(user) = owner() {
        chown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw())).expect("root may give a file away");
    }
}
