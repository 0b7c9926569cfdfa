//! Embeds the web client: each file of `web/dist` as it is and, where that makes it smaller, compressed as far as it goes.
//! What a server sends a thousand times is compressed once, and better than there would be time for on the way.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Best of 0 to 11, and a window of 2^22 bytes, which every browser takes.
const BROTLI: (u32, u32) = (11, 22);
/// Formats that are compressed by themselves.
const COMPRESSED: [&str; 2] = ["woff2", "png"];
/// The files that the page asks for first and then keeps: their address changes with the build.
const FIRST: [&str; 3] = ["app.css", "shared.js", "app.js"];

fn main() -> std::io::Result<()> {
    let dist = Path::new("../../web/dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo says where"));

    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for entry in fs::read_dir(dist)? {
        let path = entry?.path();
        println!("cargo::rerun-if-changed={}", path.display());
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name in UTF-8").to_owned();
        files.push((name, fs::read(&path)?));
    }
    files.sort();

    let mut all = Sha256::new();
    for (name, bytes) in &files {
        all.update(name.as_bytes());
        all.update((bytes.len() as u64).to_le_bytes());
        all.update(bytes);
    }
    let version = hex(&all.finalize()[..6]);

    let mut table = format!(
        "/// What the files are together: the version of the web client.\npub const VERSION: &str = \"{version}\";\n/// Each file of the web client.\npub static FILES: &[Built] = &[\n"
    );
    for (name, mut bytes) in files {
        if name == "index.html" {
            bytes = with_versions(&String::from_utf8(bytes).expect("a page in UTF-8"), &version).into_bytes();
        }
        let hash = hex(&Sha256::digest(&bytes)[..16]);
        let plain = keep(&out, &name, &bytes)?;
        let (mut brotli, mut gzip) = ("None".to_owned(), "None".to_owned());
        if !COMPRESSED.iter().any(|kind| name.ends_with(kind)) {
            brotli = smaller(&out, &format!("{name}.br"), &by_brotli(&bytes)?, &bytes)?;
            gzip = smaller(&out, &format!("{name}.gz"), &by_gzip(&bytes)?, &bytes)?;
        }
        table.push_str(&format!(
            "    Built {{ name: {name:?}, hash: {hash:?}, plain: {plain}, brotli: {brotli}, gzip: {gzip} }},\n"
        ));
    }
    table.push_str("];\n");
    fs::write(out.join("client_files.rs"), table)
}

/// The page with addresses that change when a file does. Files name each other relatively, so the folder is enough.
fn with_versions(page: &str, version: &str) -> String {
    FIRST.iter().fold(page.to_owned(), |page, name| {
        let (from, to) = (format!("\"/{name}\""), format!("\"/v/{version}/{name}\""));
        assert!(page.contains(&from), "index.html asks for {name}");
        page.replace(&from, &to)
    })
}

fn by_brotli(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 4096, BROTLI.0, BROTLI.1);
    writer.write_all(bytes)?;
    Ok(writer.into_inner())
}

fn by_gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(bytes)?;
    writer.finish()
}

fn smaller(out: &Path, name: &str, packed: &[u8], plain: &[u8]) -> std::io::Result<String> {
    Ok(if packed.len() < plain.len() { format!("Some({})", keep(out, name, packed)?) } else { "None".to_owned() })
}

/// Writes a file beside the table, and says how the table includes it.
fn keep(out: &Path, name: &str, bytes: &[u8]) -> std::io::Result<String> {
    let path = out.join(name);
    fs::write(&path, bytes)?;
    Ok(format!("include_bytes!({:?})", path.display().to_string()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
