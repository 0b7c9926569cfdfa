//! Files of one JSON value a line, read as a stream.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::{Context, Result};
use serde::de::{Deserialize, DeserializeOwned, Deserializer};

/// Calls `see` with each line's number, text and value.
///
/// # Errors
///
/// - The file can't be read, or a line isn't what it should be.
pub fn each<T: DeserializeOwned>(
    dir: &Path,
    file: &str,
    mut see: impl FnMut(usize, &str, T) -> Result<()>,
) -> Result<()> {
    each_text(dir, file, |number, line| {
        let value = serde_json::from_str(line).with_context(|| format!("{file}:{number} can't be understood"))?;
        see(number, line, value)
    })
}

/// Calls `see` with each line's number and text, empty ones left out. Bytes that are no text are replaced.
///
/// # Errors
///
/// - The file can't be read, or `see` has one.
pub fn each_text(dir: &Path, file: &str, mut see: impl FnMut(usize, &str) -> Result<()>) -> Result<()> {
    let mut reader = BufReader::new(File::open(dir.join(file)).with_context(|| format!("{file} can't be opened"))?);
    let (mut bytes, mut number) = (Vec::new(), 0);
    loop {
        bytes.clear();
        if reader.read_until(b'\n', &mut bytes).with_context(|| format!("{file} can't be read"))? == 0 {
            return Ok(());
        }
        number += 1;
        let line = String::from_utf8_lossy(&bytes);
        let line = line.trim_end_matches(['\n', '\r']);
        if !line.is_empty() {
            see(number, line)?;
        }
    }
}

/// The names of the files in a folder that `wanted` likes, in order. None if there is no such folder.
///
/// # Errors
///
/// - The folder can't be listed.
pub fn files(dir: &Path, folder: &str, wanted: impl Fn(&str) -> bool) -> Result<Vec<String>> {
    let path = dir.join(folder);
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&path).with_context(|| format!("{} can't be listed", path.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if wanted(&name) {
            found.push(if folder.is_empty() { name } else { format!("{folder}/{name}") });
        }
    }
    // `client-10` comes after `client-9`.
    found.sort_by_key(|name| (name.len(), name.clone()));
    Ok(found)
}

/// Takes `null` for what is absent.
///
/// # Errors
///
/// - The value is another one than it should be.
pub fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
