//! A network that does what it is told: a TCP proxy on loopback whose links can be slowed, stopped and cut while they are used.
//!
//! ```text
//! client ──▶ [ port of the link ] ══ mode ══▶ server
//!               pass · delay · stall both ways · drop one way;   cut with RST, cut with FIN, half-close
//! ```

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::RngExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

/// Bytes that are passed on at once.
const PIECE: usize = 16 * 1024;

/// How a link behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// As a good network does.
    #[default]
    Pass,
    /// Each piece is late by `mean`, give or take `jitter`.
    Delay {
        /// On average.
        mean: Duration,
        /// More or less than that, at most.
        jitter: Duration,
    },
    /// Nothing passes; it waits and goes on later, as when packets are sent again.
    Stall,
    /// What the server says is lost, what it is told arrives. Lines that have lost something are cut when this ends.
    DropToClient,
}

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    ToServer,
    ToClient,
}

/// How a connection is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// At once, and both ends hear of it.
    Reset,
    /// In good order, wherever the conversation stands.
    Finish,
    /// The client can say no more, but still hears the server.
    HalfClose,
}

/// One way through the network: from a port of its own to an address.
#[derive(Debug)]
pub struct Link {
    name: String,
    address: SocketAddr,
    mode: watch::Sender<Mode>,
    lines: Arc<Mutex<Lines>>,
}

#[derive(Debug, Default)]
struct Lines {
    next: u64,
    open: HashMap<u64, Line>,
}

/// An open connection, seen from the link.
#[derive(Debug)]
struct Line {
    cut: watch::Sender<Option<Cut>>,
    /// Bytes were lost: the conversation makes no sense any more.
    lossy: Arc<AtomicBool>,
}

impl Link {
    /// Opens a link to `server`.
    ///
    /// # Errors
    ///
    /// - There is no free port.
    pub async fn open(name: impl Into<String>, server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (mode, modes) = watch::channel(Mode::Pass);
        let lines = Arc::new(Mutex::new(Lines::default()));
        tokio::spawn(accept(listener, server, modes, Arc::clone(&lines)));
        Ok(Self { name: name.into(), address, mode, lines })
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it begins.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Makes it behave in another way, for open connections and new ones.
    pub fn set(&self, mode: Mode) {
        if self.mode.send_replace(mode) == Mode::DropToClient {
            for line in self.lines().open.values().filter(|line| line.lossy.load(Ordering::SeqCst)) {
                line.cut.send_replace(Some(Cut::Reset));
            }
        }
    }

    /// Ends all open connections.
    ///
    /// Returns how many.
    pub fn cut_all(&self, how: Cut) -> usize {
        self.cut_where(how, || true)
    }

    /// Ends each open connection with the given chance.
    ///
    /// Returns how many.
    pub fn cut_some(&self, how: Cut, chance: f64) -> usize {
        let mut random = rand::rng();
        self.cut_where(how, || random.random_bool(chance))
    }

    fn cut_where(&self, how: Cut, mut which: impl FnMut() -> bool) -> usize {
        let lines = self.lines();
        let chosen: Vec<&Line> = lines.open.values().filter(|_| which()).collect();
        for line in &chosen {
            line.cut.send_replace(Some(how));
        }
        chosen.len()
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        lock(&self.lines)
    }
}

fn lock(lines: &Mutex<Lines>) -> MutexGuard<'_, Lines> {
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, server: SocketAddr, modes: watch::Receiver<Mode>, lines: Arc<Mutex<Lines>>) {
    // Ends with the link, whose sender is then gone.
    let mut gone = modes.clone();
    loop {
        let client = tokio::select! {
            client = listener.accept() => client,
            _ = gone.wait_for(|_| false) => return,
        };
        let Ok((client, _)) = client else { continue };
        let (modes, lines) = (modes.clone(), Arc::clone(&lines));
        tokio::spawn(async move {
            let (cut, cuts) = watch::channel(None);
            let lossy = Arc::new(AtomicBool::new(false));
            let id = {
                let mut all = lock(&lines);
                let id = all.next;
                all.next += 1;
                all.open.insert(id, Line { cut, lossy: Arc::clone(&lossy) });
                id
            };
            // Whatever ends a connection is told to both ends by closing them.
            carry(client, server, modes, cuts, &lossy).await.ok();
            lock(&lines).open.remove(&id);
        });
    }
}

async fn carry(
    mut client: TcpStream,
    server: SocketAddr,
    mut modes: watch::Receiver<Mode>,
    mut cuts: watch::Receiver<Option<Cut>>,
    lossy: &AtomicBool,
) -> io::Result<()> {
    tokio::select! {
        _ = modes.wait_for(|mode| *mode != Mode::Stall) => {}
        _ = cuts.wait_for(|cut| cut.is_some()) => return client.set_zero_linger(),
    }
    let Ok(mut server) = TcpStream::connect(server).await else { return client.set_zero_linger() };
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;

    let broken = {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let up = pump(from_client, to_server, Way::ToServer, modes.clone(), cuts.clone(), lossy);
        let down = pump(from_server, to_client, Way::ToClient, modes, cuts.clone(), lossy);
        let ended = cuts.wait_for(|cut| matches!(cut, Some(Cut::Reset | Cut::Finish)));
        tokio::select! {
            both = async { tokio::try_join!(up, down) } => both.is_err(),
            ended = ended => matches!(ended.as_deref(), Ok(Some(Cut::Reset))),
        }
    };
    if broken {
        client.set_zero_linger()?;
        server.set_zero_linger()?;
    }
    Ok(())
}

/// Passes on what comes one way, until its end.
async fn pump(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    way: Way,
    mut modes: watch::Receiver<Mode>,
    mut cuts: watch::Receiver<Option<Cut>>,
    lossy: &AtomicBool,
) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        let half_closed = async {
            if cuts.wait_for(|cut| *cut == Some(Cut::HalfClose)).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        let length = tokio::select! {
            length = from.read(&mut piece) => length?,
            () = half_closed, if way == Way::ToServer => 0,
        };
        // What was read while nothing passes waits here.
        let mode = modes.wait_for(|mode| *mode != Mode::Stall).await.map(|mode| *mode).unwrap_or_default();
        if length == 0 {
            return to.shutdown().await;
        }
        match mode {
            Mode::DropToClient if way == Way::ToClient => {
                lossy.store(true, Ordering::SeqCst);
                continue;
            }
            Mode::Delay { mean, jitter } => sleep(late_by(mean, jitter)).await,
            Mode::Pass | Mode::Stall | Mode::DropToClient => {}
        }
        to.write_all(&piece[..length]).await?;
    }
}

fn late_by(mean: Duration, jitter: Duration) -> Duration {
    (mean + jitter.mul_f64(rand::rng().random_range(0.0..2.0))).saturating_sub(jitter)
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    /// How long what has to come may take, and for how long what must not come is waited for.
    const SOON: Duration = Duration::from_secs(5);
    const NEVER: Duration = Duration::from_millis(200);

    /// A link to a server that says everything back.
    async fn echo() -> (Link, TcpStream) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut line, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = line.split();
                    tokio::io::copy(&mut from, &mut to).await
                });
            }
        });
        let link = Link::open("echo", address).await.unwrap();
        let line = TcpStream::connect(link.address()).await.unwrap();
        (link, line)
    }

    async fn hear(line: &mut TcpStream) -> io::Result<u8> {
        timeout(SOON, line.read_u8()).await.expect("nothing came")
    }

    #[tokio::test]
    async fn what_is_stalled_comes_later() {
        let (link, mut line) = echo().await;
        line.write_u8(1).await.unwrap();
        assert_eq!(hear(&mut line).await.unwrap(), 1);
        link.set(Mode::Stall);
        line.write_u8(2).await.unwrap();
        assert!(timeout(NEVER, line.read_u8()).await.is_err());
        link.set(Mode::Pass);
        assert_eq!(hear(&mut line).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_line_that_has_lost_something_is_reset_when_it_could_go_on() {
        let (link, mut line) = echo().await;
        link.set(Mode::DropToClient);
        line.write_u8(1).await.unwrap();
        assert!(timeout(NEVER, line.read_u8()).await.is_err());
        link.set(Mode::Pass);
        assert_eq!(hear(&mut line).await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    }

    #[tokio::test]
    async fn a_line_that_has_lost_nothing_goes_on() {
        let (link, mut line) = echo().await;
        line.write_u8(1).await.unwrap();
        assert_eq!(hear(&mut line).await.unwrap(), 1);
        link.set(Mode::DropToClient);
        link.set(Mode::Pass);
        line.write_u8(2).await.unwrap();
        assert_eq!(hear(&mut line).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn cuts_are_heard_as_what_they_are() {
        for (how, expected) in [
            (Cut::Reset, io::ErrorKind::ConnectionReset),
            (Cut::Finish, io::ErrorKind::UnexpectedEof),
            // The server says goodbye to whoever says no more.
            (Cut::HalfClose, io::ErrorKind::UnexpectedEof),
        ] {
            let (link, mut line) = echo().await;
            line.write_u8(1).await.unwrap();
            assert_eq!(hear(&mut line).await.unwrap(), 1);
            assert_eq!(link.cut_all(how), 1);
            assert_eq!(hear(&mut line).await.unwrap_err().kind(), expected, "{how:?}");
        }
    }

    #[tokio::test]
    async fn delays_delay() {
        let (link, mut line) = echo().await;
        link.set(Mode::Delay { mean: Duration::from_millis(60), jitter: Duration::ZERO });
        let began = std::time::Instant::now();
        line.write_u8(1).await.unwrap();
        assert_eq!(hear(&mut line).await.unwrap(), 1);
        assert!(began.elapsed() >= Duration::from_millis(120), "there and back");
    }

    #[tokio::test]
    async fn nobody_home_is_a_reset() {
        let gone = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap();
        let link = Link::open("gone", gone).await.unwrap();
        let mut line = TcpStream::connect(link.address()).await.unwrap();
        assert_eq!(hear(&mut line).await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    }
}
