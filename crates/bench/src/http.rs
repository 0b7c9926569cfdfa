//! Requests over one kept connection each: the cheapest client that still is one.

use std::net::SocketAddr;
use std::str;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::task::spawn_local;

/// How long a connection may be idle and is still used: the server hangs up after 5 s, and what is sent at that moment is lost.
const IDLE_AT_MOST: Duration = Duration::from_secs(4);

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// What was sent with it.
    pub body: Bytes,
}

impl Answer {
    /// Whether what was asked was done.
    pub const fn is_ok(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// The contract's name of what went wrong, or the status.
    pub fn code(&self) -> String {
        #[derive(Deserialize)]
        struct Problem {
            code: String,
        }
        serde_json::from_slice::<Problem>(&self.body).map_or_else(|_| self.status.to_string(), |problem| problem.code)
    }
}

/// A user's connection to the server, opened when it is needed and again when the server has closed it.
#[derive(Debug)]
pub struct Caller {
    address: SocketAddr,
    host: HeaderValue,
    credential: Option<HeaderValue>,
    line: Option<SendRequest<Full<Bytes>>>,
    idle_since: Instant,
}

impl Caller {
    /// With a bearer token, or as a stranger. Nothing is opened yet.
    ///
    /// # Errors
    ///
    /// - No header can hold the token.
    pub fn new(address: SocketAddr, token: Option<&str>) -> anyhow::Result<Self> {
        let credential = token.map(|token| HeaderValue::try_from(format!("Bearer {token}"))).transpose()?;
        let host = HeaderValue::try_from(address.to_string())?;
        Ok(Self { address, host, credential, line: None, idle_since: Instant::now() })
    }

    /// Sends a request with a JSON body and reads all of the answer. A request that never went out is sent again.
    ///
    /// # Errors
    ///
    /// - No connection, or one that breaks before the answer is there.
    pub async fn send(&mut self, method: Method, path: &str, body: Bytes) -> anyhow::Result<Answer> {
        for _ in 0..3 {
            let mut request = Request::new(Full::new(body.clone()));
            *request.method_mut() = method.clone();
            *request.uri_mut() = path.parse()?;
            let headers = request.headers_mut();
            headers.insert(HOST, self.host.clone());
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            if let Some(credential) = &self.credential {
                headers.insert(AUTHORIZATION, credential.clone());
            }
            match self.line().await?.send_request(request).await {
                Ok(answer) => {
                    let status = answer.status().as_u16();
                    let body = answer.into_body().collect().await?.to_bytes();
                    self.idle_since = Instant::now();
                    return Ok(Answer { status, body });
                }
                // The server hangs up on connections that were idle for a while.
                Err(err) if err.is_canceled() || err.is_closed() => self.line = None,
                Err(err) => {
                    self.line = None;
                    return Err(err.into());
                }
            }
        }
        bail!("the server hangs up at once")
    }

    /// Sends a request that has to succeed; returns what was answered.
    ///
    /// # Errors
    ///
    /// - As for [`send`](Self::send), and any answer but success.
    pub async fn must(&mut self, method: Method, path: &str, body: &Value) -> anyhow::Result<Value> {
        let sent = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        let answer = self.send(method.clone(), path, sent).await?;
        if !answer.is_ok() {
            let said = str::from_utf8(&answer.body).unwrap_or_default();
            bail!("{method} {path} was answered {} {said}", answer.status);
        }
        serde_json::from_slice(&answer.body).with_context(|| format!("{method} {path} was answered without JSON"))
    }

    async fn line(&mut self) -> anyhow::Result<&mut SendRequest<Full<Bytes>>> {
        let mut kept = self.line.take().filter(|_| self.idle_since.elapsed() < IDLE_AT_MOST);
        if let Some(line) = &mut kept
            && line.ready().await.is_err()
        {
            kept = None;
        }
        let line = match kept {
            Some(line) => line,
            None => {
                let stream = TcpStream::connect(self.address).await.context("the server doesn't listen")?;
                stream.set_nodelay(true)?;
                let (line, connection) = handshake(TokioIo::new(stream)).await?;
                // Ends when either side hangs up; what that means is seen by the request under way.
                spawn_local(async move { connection.await.ok() });
                line
            }
        };
        Ok(self.line.insert(line))
    }
}
