//! A look at a private database, beside the server that uses it or while none does.

use std::path::{Path, PathBuf};

use super::place::Place;
use super::postmaster::Postmaster;
use super::{PrivateServer, PrivateServerError, database};

/// Somebody who only reads the private database. Never in a server's way: nothing stays locked, and a server that starts
/// meanwhile adopts the PostgreSQL that was started for this.
#[derive(Debug)]
pub struct Visit {
    data_dir: PathBuf,
    database_url: String,
    started: bool,
}

impl Visit {
    /// Finds the PostgreSQL of the data directory, and starts it if it doesn't run. Makes nothing.
    ///
    /// # Errors
    ///
    /// - [`PrivateServerError::NoDatabase`]: none was ever made here.
    /// - Those of [`PrivateServer::start`].
    pub async fn begin(data_dir: &Path) -> Result<Self, PrivateServerError> {
        let no_database = || PrivateServerError::NoDatabase { data_dir: data_dir.to_owned() };
        if !data_dir.exists() {
            return Err(no_database());
        }
        let place = Place::look(data_dir)?;
        if place.made_by()?.is_none() {
            return Err(no_database());
        }
        let data_dir = data_dir.to_owned();
        if let Some(postmaster) = Postmaster::find(&place.cluster()) {
            let database_url = database::url(database::OWNER, &place.password()?, postmaster.port, database::NAME);
            return Ok(Self { data_dir, database_url, started: false });
        }
        // Dropped at once: PostgreSQL stays, the directory is free for a server.
        let database_url = PrivateServer::start(&data_dir).await?.database_url();
        Ok(Self { data_dir, database_url, started: true })
    }

    /// How to reach the database; see [`PrivateServer::database_url`].
    pub fn database_url(&self) -> &str {
        &self.database_url
    }

    /// Stops the PostgreSQL that was started for this, unless a server uses it by now.
    ///
    /// # Errors
    ///
    /// - Those of [`PrivateServer::stop`].
    pub async fn end(self) -> Result<(), PrivateServerError> {
        if !self.started {
            return Ok(());
        }
        match PrivateServer::start(&self.data_dir).await {
            Ok(server) => server.stop().await,
            Err(PrivateServerError::InUse { .. }) => Ok(()),
            Err(err) => Err(err),
        }
    }
}
