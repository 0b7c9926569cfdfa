//! Where the database lies on disk, and as whom it runs.
//!
//! ```text
//! <data dir>/holdfast.lock          locked for as long as a server uses the directory; says which process
//! <data dir>/postgres/              the home; only for whoever runs PostgreSQL
//!              cluster/             what initdb made (PGDATA); cluster/log/ has a log file a weekday
//!              cluster.new-<random> a cluster that initdb hasn't finished; removed at the next start
//!              password, port       what the database's address is made of
//!              start.log            what the last start printed
//! <data dir>/postgres.path          the home, if it has to be elsewhere
//! ```
//! It has to be elsewhere, in `/var/lib/holdfast/<hash of the data dir>`, when we are root and the user who runs PostgreSQL
//! can't reach the data directory, for instance below `/root`.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown, fchown};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use nix::unistd::{User, geteuid};
use sha2::{Digest, Sha256};
use tokio::process::Command;

use super::PrivateServerError;

/// PGDATA, in the home.
pub(super) const CLUSTER: &str = "cluster";

/// What the last `pg_ctl start` and the PostgreSQL it started printed, in the home.
pub(super) const START_LOG: &str = "start.log";

/// The file that says where the home is, if it isn't in the data directory.
const POINTER: &str = "postgres.path";

/// Where homes are that can't be in their data directory.
const ELSEWHERE: &str = "/var/lib/holdfast";

/// Where ports are picked: below 32768, from where Linux takes ports for outgoing connections.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// A data directory, claimed or only looked at.
#[derive(Debug)]
pub(super) struct Place {
    home: PathBuf,
    /// Whom to become to run PostgreSQL; `None` if we aren't root.
    owner: Option<Owner>,
    /// Held for as long as this lives, by whoever claimed it. Rust opens files close-on-exec, so PostgreSQL doesn't inherit the lock.
    _locks: Vec<File>,
}

#[derive(Debug, Clone, Copy)]
struct Owner {
    uid: u32,
    gid: u32,
}

impl Place {
    /// Locks the data directory, decides where the home is and as whom PostgreSQL runs, and makes the home.
    pub(super) async fn claim(data_dir: &Path) -> Result<Self, PrivateServerError> {
        fs::create_dir_all(data_dir).map_err(io_error("make", data_dir))?;
        let data_dir = fs::canonicalize(data_dir).map_err(io_error("find", data_dir))?;
        let mut locks = vec![lock(&data_dir)?];

        let pointer = data_dir.join(POINTER);
        let (home, elsewhere) = home_of(&data_dir)?;
        let mut place = Self { owner: owner_of(&home)?, home, _locks: Vec::new() };
        place.make_home()?;

        if elsewhere {
            locks.push(lock(&place.home)?);
        } else if !place.owner_reaches_home().await {
            fs::remove_dir(&place.home).map_err(io_error("remove", &place.home))?;
            place.home = Path::new(ELSEWHERE).join(hash(&data_dir));
            place.owner = owner_of(&place.home)?;
            make_public_dir(Path::new(ELSEWHERE))?;
            place.make_home()?;
            locks.push(lock(&place.home)?);
            write(&pointer, &format!("{}\n", place.home.display()), None)?;
        }
        place._locks = locks;
        Ok(place)
    }

    /// The place as it is, for somebody who only looks: nothing is locked and nothing is made.
    pub(super) fn look(data_dir: &Path) -> Result<Self, PrivateServerError> {
        let data_dir = fs::canonicalize(data_dir).map_err(io_error("find", data_dir))?;
        let (home, _) = home_of(&data_dir)?;
        Ok(Self { owner: owner_of(&home)?, home, _locks: Vec::new() })
    }

    /// PGDATA.
    pub(super) fn cluster(&self) -> PathBuf {
        self.home.join(CLUSTER)
    }

    /// The major version that made the cluster; `None` if there is no cluster yet.
    pub(super) fn made_by(&self) -> Result<Option<u32>, PrivateServerError> {
        let cluster = self.cluster();
        let damaged = |why| PrivateServerError::Damaged { cluster: cluster.clone(), why };
        match fs::read_to_string(cluster.join("PG_VERSION")) {
            Ok(version) => version.trim().parse().map(Some).map_err(|_| damaged("its PG_VERSION is no version")),
            Err(err) if err.kind() != io::ErrorKind::NotFound => Err(io_error("read", &cluster)(err)),
            Err(_) if !cluster.exists() || fs::remove_dir(&cluster).is_ok() => Ok(None),
            // Never ours: initdb works in another directory, which gets this name when all is there.
            Err(_) => Err(damaged("it has no PG_VERSION, but it isn't empty either")),
        }
    }

    /// A new, empty directory's name for initdb to work in. What was left by one that was interrupted is removed.
    pub(super) fn unfinished_cluster(&self) -> Result<PathBuf, PrivateServerError> {
        for entry in fs::read_dir(&self.home).map_err(io_error("list", &self.home))?.flatten() {
            if entry.file_name().to_string_lossy().starts_with("cluster.new-") {
                // Its initdb may still be running and writing: what remains is removed another time.
                fs::remove_dir_all(entry.path()).ok();
            }
        }
        Ok(self.home.join(format!("cluster.new-{}", random(6)?)))
    }

    /// Gives the finished cluster its name.
    pub(super) fn adopt_cluster(&self, unfinished: &Path) -> Result<(), PrivateServerError> {
        fs::rename(unfinished, self.cluster()).map_err(io_error("rename", unfinished))?;
        sync_dir(&self.home)
    }

    /// Makes a new password, and returns the file that it is in.
    pub(super) fn new_password(&self) -> Result<PathBuf, PrivateServerError> {
        self.write(&self.password_file(), &format!("{}\n", random(24)?))?;
        Ok(self.password_file())
    }

    /// The password of both roles: letters, digits, `-` and `_`.
    pub(super) fn password(&self) -> Result<String, PrivateServerError> {
        let path = self.password_file();
        let password = fs::read_to_string(&path).map_err(io_error("read the database's password from", &path))?;
        Ok(password.trim_end().to_owned())
    }

    /// The remembered port if it is free, else another free one.
    pub(super) fn choose_port(&self) -> Result<u16, PrivateServerError> {
        let remembered = fs::read_to_string(self.port_file()).ok().and_then(|port| port.trim().parse().ok());
        let port = match remembered.filter(|port| is_free(*port)) {
            Some(port) => port,
            None => free_port().map_err(io_error("find a free port for", &self.home))?,
        };
        self.remember_port(port)?;
        Ok(port)
    }

    /// Keeps the port for the next start.
    pub(super) fn remember_port(&self, port: u16) -> Result<(), PrivateServerError> {
        self.write_if_changed(&self.port_file(), &format!("{port}\n"))
    }

    /// Where [`START_LOG`] is.
    pub(super) fn start_log(&self) -> PathBuf {
        self.home.join(START_LOG)
    }

    /// The same, emptied.
    pub(super) fn fresh_start_log(&self) -> Result<File, PrivateServerError> {
        create(&self.start_log(), self.owner)
    }

    /// Writes a file that only the user who runs PostgreSQL can read: all of it or nothing, and safely on disk.
    pub(super) fn write(&self, path: &Path, contents: &str) -> Result<(), PrivateServerError> {
        write(path, contents, self.owner)
    }

    /// The same, if it has other contents.
    pub(super) fn write_if_changed(&self, path: &Path, contents: &str) -> Result<(), PrivateServerError> {
        if fs::read_to_string(path).is_ok_and(|now| now == contents) { Ok(()) } else { self.write(path, contents) }
    }

    /// One of PostgreSQL's programs, run as the right user and with nothing of our environment: it holds secrets, and
    /// variables that PostgreSQL would obey. In a process group of its own: a Ctrl-C doesn't interrupt it halfway.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("LC_ALL", "C").current_dir(&self.home).process_group(0);
        for name in ["PATH", "LD_LIBRARY_PATH", "TMPDIR"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.stdin(Stdio::null());
        if let Some(owner) = self.owner {
            command.uid(owner.uid).gid(owner.gid);
        }
        command
    }

    fn password_file(&self) -> PathBuf {
        self.home.join("password")
    }

    fn port_file(&self) -> PathBuf {
        self.home.join("port")
    }

    fn make_home(&self) -> Result<(), PrivateServerError> {
        match DirBuilder::new().mode(0o700).create(&self.home) {
            Ok(()) => {}
            Err(err) if err.kind() == io::ErrorKind::AlreadyExists => {}
            Err(err) => return Err(io_error("make", &self.home)(err)),
        }
        if let Some(owner) = self.owner {
            chown(&self.home, Some(owner.uid), Some(owner.gid)).map_err(io_error("give away", &self.home))?;
        }
        Ok(())
    }

    /// Asks the system by trying it: permissions can be more than mode bits.
    async fn owner_reaches_home(&self) -> bool {
        if self.owner.is_none() {
            return true;
        }
        let mut probe = self.command(Path::new("test"));
        probe.current_dir("/").arg("-x").arg(&self.home);
        probe.status().await.is_ok_and(|status| status.success())
    }
}

/// Where the home is, and whether that is outside of the data directory.
fn home_of(data_dir: &Path) -> Result<(PathBuf, bool), PrivateServerError> {
    let pointer = data_dir.join(POINTER);
    match fs::read_to_string(&pointer) {
        Ok(path) => Ok((PathBuf::from(path.trim_end()), true)),
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok((data_dir.join("postgres"), false)),
        Err(err) => Err(io_error("read", &pointer)(err)),
    }
}

/// As root, whom to become: the owner of what is there, else `postgres`, else `nobody`.
fn owner_of(home: &Path) -> Result<Option<Owner>, PrivateServerError> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    if let Ok(found) = fs::metadata(home.join(CLUSTER))
        && found.uid() != 0
    {
        return Ok(Some(Owner { uid: found.uid(), gid: found.gid() }));
    }
    let user = ["postgres", "nobody"].into_iter().find_map(|name| User::from_name(name).ok().flatten());
    let user = user.ok_or(PrivateServerError::NoUser)?;
    Ok(Some(Owner { uid: user.uid.as_raw(), gid: user.gid.as_raw() }))
}

fn lock(dir: &Path) -> Result<File, PrivateServerError> {
    let path = dir.join("holdfast.lock");
    let mut options = OpenOptions::new();
    let file = options.read(true).write(true).create(true).truncate(false).mode(0o644).open(&path);
    let mut file = file.map_err(io_error("open", &path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let holder = fs::read_to_string(&path).unwrap_or_default().trim().to_owned();
            return Err(PrivateServerError::InUse { data_dir: dir.to_owned(), holder });
        }
        Err(TryLockError::Error(err)) => return Err(io_error("lock", &path)(err)),
    }
    // Only for people: it is the lock that counts.
    file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id())).map_err(io_error("write", &path))?;
    Ok(file)
}

fn make_public_dir(path: &Path) -> Result<(), PrivateServerError> {
    if path.exists() {
        return Ok(());
    }
    fs::create_dir_all(path).map_err(io_error("make", path))?;
    fs::set_permissions(path, Permissions::from_mode(0o755)).map_err(io_error("open up", path))
}

/// An empty file in place of what was there. Never follows a link: root works here in somebody else's directory.
fn create(path: &Path, owner: Option<Owner>) -> Result<File, PrivateServerError> {
    match fs::remove_file(path) {
        Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(io_error("remove", path)(err)),
        _ => {}
    }
    let file =
        OpenOptions::new().append(true).create_new(true).mode(0o600).open(path).map_err(io_error("make", path))?;
    if let Some(owner) = owner {
        fchown(&file, Some(owner.uid), Some(owner.gid)).map_err(io_error("give away", path))?;
    }
    Ok(file)
}

fn write(path: &Path, contents: &str, owner: Option<Owner>) -> Result<(), PrivateServerError> {
    let unfinished = path.with_added_extension("new");
    let mut file = create(&unfinished, owner)?;
    file.write_all(contents.as_bytes()).and_then(|()| file.sync_all()).map_err(io_error("write", &unfinished))?;
    fs::rename(&unfinished, path).map_err(io_error("write", path))?;
    sync_dir(path.parent().expect("files are in a directory"))
}

fn sync_dir(path: &Path) -> Result<(), PrivateServerError> {
    File::open(path).and_then(|dir| dir.sync_all()).map_err(io_error("sync", path))
}

fn free_port() -> io::Result<u16> {
    for _ in 0..20 {
        let random = getrandom::u32().map_err(io::Error::other)?;
        let port = PORTS.start + u16::try_from(random % u32::from(PORTS.end - PORTS.start)).expect("below 65536");
        if is_free(port) {
            return Ok(port);
        }
    }
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr().map(|address| address.port())
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn random(bytes: usize) -> Result<String, PrivateServerError> {
    let mut buffer = vec![0; bytes];
    getrandom::fill(&mut buffer).map_err(PrivateServerError::NoRandomness)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(buffer))
}

fn hash(path: &Path) -> String {
    let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(&digest[..12])
}

fn io_error(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> PrivateServerError {
    let path = path.to_owned();
    move |source| PrivateServerError::Io { what, path, source }
}
