//! Where the database is, and how the line to it is secured: libpq's words with libpq's meaning.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, LoadBalanceHosts};

/// How long to wait for a connection to one host.
const CONNECT_WITHIN: Duration = Duration::from_secs(2);

/// What tokio-postgres understands. `sslmode` and `sslrootcert` are ours.
const UNDERSTOOD: [&str; 18] = [
    "user",
    "password",
    "dbname",
    "options",
    "application_name",
    "sslnegotiation",
    "host",
    "hostaddr",
    "port",
    "connect_timeout",
    "tcp_user_timeout",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "target_session_attrs",
    "channel_binding",
    "load_balance_hosts",
];

/// How far a line to the database is secured, from nothing to all. The words and their meaning are libpq's, "SSL Support",
/// table "SSL Mode Descriptions".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SslMode {
    /// In clear.
    Disable,
    /// In clear; encrypted if the server refuses that.
    Allow,
    /// Encrypted; in clear if the server refuses that.
    Prefer,
    /// Encrypted, whoever answers; with a CA that is named, as [`VerifyCa`](Self::VerifyCa).
    Require,
    /// Encrypted, and the certificate is signed by a CA that is trusted.
    VerifyCa,
    /// The same, and the certificate is for this host.
    VerifyFull,
}

impl FromStr for SslMode {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        Ok(match text {
            "disable" => Self::Disable,
            "allow" => Self::Allow,
            "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => {
                return Err(BadAddress::new(
                    "sslmode must be one of disable, allow, prefer, require, verify-ca and verify-full",
                ));
            }
        })
    }
}

/// By which CAs a certificate may be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Roots {
    /// Those that the machine trusts.
    System,
    /// Those in a file, as PEM.
    File(PathBuf),
}

/// Why a text is no address of a database. Never quotes a value: it may be a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct BadAddress(Cow<'static, str>);

impl BadAddress {
    fn new(why: impl Into<Cow<'static, str>>) -> Self {
        Self(why.into())
    }
}

/// Variables of libpq's, which count where the address says nothing.
#[derive(Clone, Default)]
pub(crate) struct Defaults {
    password: Option<String>,
    ssl_mode: Option<String>,
    ssl_root_cert: Option<String>,
}

impl Defaults {
    fn from_environment() -> Self {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            password: variable("PGPASSWORD"),
            ssl_mode: variable("PGSSLMODE"),
            ssl_root_cert: variable("PGSSLROOTCERT"),
        }
    }
}

/// Where the database is: one host, or several of which one answers.
#[derive(Clone)]
pub(crate) struct Address {
    /// Each host alone, in the order in which they are tried.
    pub(crate) hosts: Vec<OneHost>,
    /// Whether they are tried in any order.
    pub(crate) shuffled: bool,
    /// CAs that were named.
    pub(crate) roots: Option<Roots>,
}

/// One host of an address.
#[derive(Clone)]
pub(crate) struct OneHost {
    /// How to reach it. What it says about TLS doesn't count.
    pub(crate) config: Config,
    /// Its name, for people.
    pub(crate) name: String,
    /// How the line is secured.
    pub(crate) mode: SslMode,
    /// Whether what is sent to it stays on this machine.
    pub(crate) local: bool,
}

impl Address {
    /// `postgres://user:password@host/database?parameter=value`, or libpq's `host=… user=…`. The variables `PGSSLMODE`,
    /// `PGSSLROOTCERT` and `PGPASSWORD` count where it says nothing.
    pub(crate) fn parse(text: &str) -> Result<Self, BadAddress> {
        Self::parse_with(text, &Defaults::from_environment())
    }

    fn parse_with(text: &str, defaults: &Defaults) -> Result<Self, BadAddress> {
        let (text, ssl) = Ssl::taken_out_of(text.trim())?;
        let mut config = Config::from_str(&text).map_err(|err| {
            let cause = std::error::Error::source(&err).map_or_else(|| err.to_string(), ToString::to_string);
            BadAddress::new(cause)
        })?;
        if let (None, Some(password)) = (config.get_password(), &defaults.password) {
            config.password(password);
        }
        if config.get_application_name().is_none() {
            config.application_name("holdfast");
        }
        config.connect_timeout(CONNECT_WITHIN);
        config.keepalives(true).keepalives_idle(Duration::from_secs(5));
        config.keepalives_interval(Duration::from_secs(2)).keepalives_retries(3);
        config.tcp_user_timeout(Duration::from_secs(10));

        let roots = ssl.root_cert.or_else(|| defaults.ssl_root_cert.clone()).map(|root| match root.as_str() {
            "system" => Roots::System,
            _ => Roots::File(root.into()),
        });
        let mode = ssl.mode.as_ref().or(defaults.ssl_mode.as_ref()).map(|mode| mode.parse()).transpose()?;
        if roots == Some(Roots::System) && mode.is_some_and(|mode| mode < SslMode::VerifyFull) {
            return Err(BadAddress::new("sslrootcert=system needs sslmode=verify-full, which it means by itself"));
        }
        let mode = mode.or((roots == Some(Roots::System)).then_some(SslMode::VerifyFull));
        let shuffled = config.get_load_balance_hosts() == LoadBalanceHosts::Random;
        Ok(Self { hosts: one_by_one(&config, mode)?, shuffled, roots })
    }
}

/// The address may hold a password.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Each host of `config` with all else that is said in it.
fn one_by_one(config: &Config, mode: Option<SslMode>) -> Result<Vec<OneHost>, BadAddress> {
    let (hosts, addresses, ports) = (config.get_hosts(), config.get_hostaddrs(), config.get_ports());
    let count = hosts.len().max(addresses.len());
    if count == 0 {
        return Err(BadAddress::new("it names no host"));
    }
    if !hosts.is_empty() && !addresses.is_empty() && hosts.len() != addresses.len() {
        return Err(BadAddress::new("it has another number of hosts than of hostaddrs"));
    }
    if ports.len() > 1 && ports.len() != count {
        return Err(BadAddress::new("it has another number of ports than of hosts"));
    }
    let one = |index: usize| {
        let (host, address) = (hosts.get(index), addresses.get(index));
        let mut one = Config::new();
        let local = match (host, address) {
            (_, Some(address)) => address.is_loopback(),
            (Some(Host::Tcp(name)), None) => is_local(name),
            (Some(Host::Unix(_)), None) | (None, None) => true,
        };
        let name = match (host, address) {
            (Some(Host::Tcp(name)), _) => {
                one.host(name);
                name.clone()
            }
            (Some(Host::Unix(path)), _) => {
                one.host_path(path);
                path.display().to_string()
            }
            (None, address) => address.map(ToString::to_string).unwrap_or_default(),
        };
        if let Some(address) = address {
            one.hostaddr(*address);
        }
        // By its name a certificate is checked, and tokio-postgres asks for one.
        if let (None, Some(address)) = (host, address) {
            one.host(address.to_string());
        }
        let unix = matches!((host, address), (Some(Host::Unix(_)), None));
        one.port(ports.get(index).or(ports.first()).copied().unwrap_or(5432));
        say_the_same(config, &mut one);
        let mode = if unix { SslMode::Disable } else { mode.unwrap_or(default_mode(local)) };
        OneHost { config: one, name, mode, local }
    };
    Ok((0..count).map(one).collect())
}

/// TLS first where others could listen. On this machine nobody can who couldn't read the server's memory as well.
const fn default_mode(local: bool) -> SslMode {
    if local { SslMode::Allow } else { SslMode::Prefer }
}

fn is_local(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

fn say_the_same(all: &Config, one: &mut Config) {
    if let Some(user) = all.get_user() {
        one.user(user);
    }
    if let Some(password) = all.get_password() {
        one.password(password);
    }
    if let Some(dbname) = all.get_dbname() {
        one.dbname(dbname);
    }
    if let Some(options) = all.get_options() {
        one.options(options);
    }
    if let Some(name) = all.get_application_name() {
        one.application_name(name);
    }
    if let Some(within) = all.get_connect_timeout() {
        one.connect_timeout(*within);
    }
    if let Some(within) = all.get_tcp_user_timeout() {
        one.tcp_user_timeout(*within);
    }
    one.keepalives(all.get_keepalives()).keepalives_idle(all.get_keepalives_idle());
    if let Some(interval) = all.get_keepalives_interval() {
        one.keepalives_interval(interval);
    }
    if let Some(retries) = all.get_keepalives_retries() {
        one.keepalives_retries(retries);
    }
    one.target_session_attrs(all.get_target_session_attrs());
    one.channel_binding(all.get_channel_binding());
    one.load_balance_hosts(all.get_load_balance_hosts());
    one.ssl_negotiation(all.get_ssl_negotiation());
}

/// What an address says about TLS.
#[derive(Default)]
struct Ssl {
    mode: Option<String>,
    root_cert: Option<String>,
}

impl Ssl {
    /// Takes it out of an address, and makes sure that all else is understood.
    fn taken_out_of(text: &str) -> Result<(String, Self), BadAddress> {
        if ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
            return Self::taken_out_of_url(text);
        }
        if text.contains("://") {
            return Err(BadAddress::new("it must begin with postgres:// or postgresql://"));
        }
        let mut ssl = Self::default();
        let mut rest = Vec::new();
        for (name, value) in words(text)? {
            if !ssl.take(&name, &value)? {
                rest.push(format!("{name}='{}'", value.replace('\\', "\\\\").replace('\'', "\\'")));
            }
        }
        Ok((rest.join(" "), ssl))
    }

    fn taken_out_of_url(url: &str) -> Result<(String, Self), BadAddress> {
        // A password may hold a question mark.
        let host = url.find('@').unwrap_or(0);
        let Some(mark) = url[host..].find('?').map(|at| host + at) else {
            return Ok((url.to_owned(), Self::default()));
        };
        let mut ssl = Self::default();
        let mut rest = Vec::new();
        for parameter in url[mark + 1..].split('&').filter(|parameter| !parameter.is_empty()) {
            let Some((name, value)) = parameter.split_once('=') else {
                return Err(BadAddress::new(format!("the parameter {} has no value", shown(parameter))));
            };
            let plain = |text| percent_decode_str(text).decode_utf8().map_err(|_| BadAddress::new("it isn't UTF-8"));
            if !ssl.take(&plain(name)?, &plain(value)?)? {
                rest.push(parameter);
            }
        }
        let base = &url[..mark];
        Ok((if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) }, ssl))
    }

    /// Returns whether it was ours.
    fn take(&mut self, name: &str, value: &str) -> Result<bool, BadAddress> {
        match name {
            "sslmode" => self.mode = Some(value.parse::<SslMode>().map(|_| value.to_owned())?),
            "sslrootcert" => self.root_cert = Some(value.to_owned()).filter(|value| !value.is_empty()),
            // What we do anyway.
            "gssencmode" if matches!(value, "disable" | "prefer") => {}
            known if UNDERSTOOD.contains(&known) => return Ok(false),
            unknown => return Err(BadAddress::new(unknown_parameter(unknown))),
        }
        Ok(true)
    }
}

/// A name that was given, unless it looks like something else.
fn shown(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.len() <= 40 && name.chars().all(plain) { format!("`{name}`") } else { "that was given".to_owned() }
}

fn unknown_parameter(name: &str) -> String {
    let advice = match name {
        "pgbouncer"
        | "prepareThreshold"
        | "statement_cache_size"
        | "statement_cache_mode"
        | "prepared_statement_cache_size"
        | "prepared_statements"
        | "workaround"
        | "supa" => {
            "it tells other clients that a pooler hands out another connection for each transaction, and Holdfast needs one \
             that stays its own: leave it out, and use the pooler's session mode (Supabase: port 5432) or the direct connection"
        }
        "connection_limit" | "pool_timeout" | "pool_size" | "max_connections" | "pool_max_conns" | "pool" => {
            "leave it out; the number of connections is HOLDFAST_DB_POOL"
        }
        "schema" | "currentSchema" | "search_path" => {
            "leave it out; Holdfast's tables are always in the schema holdfast"
        }
        "ssl" | "tls" | "sslaccept" | "sslmode_" | "tlsMode" | "sslMode" | "sslRootCert" | "sslrootcertificate"
        | "rootcert" | "sslca" | "sslidentity" => "use sslmode, and sslrootcert=<file> for a CA of your own",
        "sslcert" | "sslkey" | "sslpassword" => "certificates of clients aren't supported: use a password",
        "sslcrl"
        | "sslcrldir"
        | "sslcompression"
        | "sslsni"
        | "ssl_min_protocol_version"
        | "ssl_max_protocol_version"
        | "gssencmode"
        | "krbsrvname"
        | "gsslib"
        | "gssdelegation"
        | "requirepeer"
        | "require_auth"
        | "passfile"
        | "service"
        | "client_encoding"
        | "fallback_application_name"
        | "replication"
        | "sslcertmode"
        | "keepalives_count" => "libpq knows it, Holdfast doesn't: leave it out",
        _ => "leave it out",
    };
    format!("the parameter {} isn't understood: {advice}", shown(name))
}

/// `name=value name='a value'`, as libpq reads it.
fn words(text: &str) -> Result<Vec<(String, String)>, BadAddress> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (name, after) = rest
            .split_once('=')
            .ok_or_else(|| BadAddress::new("it must look like postgres://user:password@host/database"))?;
        let name = name.trim_end();
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(BadAddress::new("it must look like postgres://user:password@host/database"));
        }
        let (value, after) = value(after.trim_start())?;
        words.push((name.to_owned(), value));
        rest = after.trim_start();
    }
    Ok(words)
}

fn value(text: &str) -> Result<(String, &str), BadAddress> {
    let quoted = text.starts_with('\'');
    let mut value = String::new();
    let mut chars = text.char_indices().skip(usize::from(quoted));
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' if quoted => return Ok((value, &text[at + 1..])),
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            c if c.is_whitespace() && !quoted => return Ok((value, &text[at..])),
            c => value.push(c),
        }
    }
    if quoted { Err(BadAddress::new("a quoted value has no end")) } else { Ok((value, "")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        Address::parse_with(text, &Defaults::default()).expect("an address")
    }

    fn refusal(text: &str) -> String {
        Address::parse_with(text, &Defaults::default()).expect_err("no address").to_string()
    }

    fn mode(text: &str) -> SslMode {
        address(text).hosts[0].mode
    }

    #[test]
    fn tls_is_tried_first_where_others_could_listen() {
        assert_eq!(mode("postgres://u@db.example.com/d"), SslMode::Prefer);
        assert_eq!(mode("postgres://u@192.168.1.7/d"), SslMode::Prefer);
        for local in ["localhost", "127.0.0.1", "[::1]", "127.8.9.10"] {
            assert_eq!(mode(&format!("postgres://u@{local}/d")), SslMode::Allow, "{local}");
        }
        assert_eq!(
            mode("host=/run/postgresql user=u sslmode=verify-full"),
            SslMode::Disable,
            "no TLS on a Unix socket"
        );
        assert_eq!(mode("host=db.example.com hostaddr=127.0.0.1"), SslMode::Allow);
    }

    #[test]
    fn all_words_of_libpq_are_known_and_no_other() {
        use SslMode::*;
        for (word, is) in [
            ("disable", Disable),
            ("allow", Allow),
            ("prefer", Prefer),
            ("require", Require),
            ("verify-ca", VerifyCa),
            ("verify-full", VerifyFull),
        ] {
            assert_eq!(mode(&format!("postgres://u@127.0.0.1/d?sslmode={word}")), is);
            assert_eq!(mode(&format!("host=h user=u sslmode={word}")), is);
        }
        assert!(refusal("postgres://u:hush@h/d?sslmode=verify").contains("verify-full"));
    }

    #[test]
    fn a_ca_can_be_named() {
        let file = address("postgres://u@h/d?sslrootcert=%2Fetc%2Fmy%20ca.crt&sslmode=verify-ca&connect_timeout=9");
        assert_eq!(file.roots, Some(Roots::File("/etc/my ca.crt".into())));
        let file = address(r"host=h sslrootcert='/etc/it\'s.crt' user=u");
        assert_eq!(file.roots, Some(Roots::File("/etc/it's.crt".into())));
        assert_eq!(mode("postgres://u@h/d?sslrootcert=system"), SslMode::VerifyFull);
        assert!(refusal("postgres://u@h/d?sslrootcert=system&sslmode=require").contains("verify-full"));
    }

    #[test]
    fn variables_count_where_the_address_says_nothing() {
        let defaults = Defaults {
            password: Some("hush".into()),
            ssl_mode: Some("verify-full".into()),
            ssl_root_cert: Some("/ca".into()),
        };
        let silent = Address::parse_with("postgres://u@h/d", &defaults).expect("an address");
        assert_eq!(silent.hosts[0].mode, SslMode::VerifyFull);
        assert_eq!(silent.roots, Some(Roots::File("/ca".into())));
        assert_eq!(silent.hosts[0].config.get_password(), Some(&b"hush"[..]));
        let says = "postgres://u:own@h/d?sslmode=disable&sslrootcert=/mine";
        let says = Address::parse_with(says, &defaults).expect("an address");
        assert_eq!((says.hosts[0].mode, says.roots), (SslMode::Disable, Some(Roots::File("/mine".into()))));
        assert_eq!(says.hosts[0].config.get_password(), Some(&b"own"[..]));
    }

    #[test]
    fn several_hosts_each_have_their_own_port_and_mode() {
        let both = address("postgres://u:p@db.example.com:5433,127.0.0.1:5434/d?target_session_attrs=read-write");
        let seen: Vec<_> =
            both.hosts.iter().map(|host| (host.name.as_str(), host.config.get_ports()[0], host.mode)).collect();
        assert_eq!(seen, [("db.example.com", 5433, SslMode::Prefer), ("127.0.0.1", 5434, SslMode::Allow)]);
        assert!(both.hosts.iter().all(|host| host.config.get_dbname() == Some("d")));
        refusal("host=a,b port=1,2,3 user=u");
    }

    #[test]
    fn unknown_parameters_are_named_and_values_are_not() {
        for (name, advice) in [
            ("pgbouncer", "session mode"),
            ("statement_cache_size", "session mode"),
            ("connection_limit", "HOLDFAST_DB_POOL"),
            ("schema", "holdfast"),
            ("sslcert", "password"),
            ("sslaccept", "sslmode"),
            ("nonsense", "leave it out"),
        ] {
            let said = refusal(&format!("postgres://u:hush@h/d?sslmode=require&{name}=hush"));
            assert!(said.contains(&format!("`{name}`")) && said.contains(advice) && !said.contains("hush"), "{said}");
            let said = refusal(&format!("host=h password=hush {name}=hush"));
            assert!(said.contains(&format!("`{name}`")) && !said.contains("hush"), "{said}");
        }
        for bad in
            ["hush", "mysql://u:hush@h/d", "postgres://u:hush@/d", "postgres://u:hush@h/d?hush%20hush=1", "user='hush"]
        {
            assert!(!refusal(bad).contains("hush"), "{bad}: {}", refusal(bad));
        }
    }

    #[test]
    fn a_password_may_hold_what_urls_are_made_of() {
        for password in ["a/b", "a#b", "a?b", "a:b", "a%2Fb"] {
            let one = &address(&format!("postgres://u:{password}@h/d?sslmode=disable")).hosts[0];
            let plain = percent_decode_str(password).collect::<Vec<u8>>();
            assert_eq!((one.config.get_password(), one.name.as_str()), (Some(&plain[..]), "h"), "{password}");
        }
    }

    #[test]
    fn an_address_is_not_printed() {
        assert_eq!(format!("{:?}", address("postgres://u:hush@h/d")), "***");
    }
}
