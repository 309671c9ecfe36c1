//! `yuhui ca`: the authority of the services, in a folder of a machine that is best not connected.
//! It says of a key what service it is; everything else is in the contract.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, bail, ensure};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SerialNumber,
};
use time::{Duration, OffsetDateTime};
use yuhui_platform::{
    clock, private_file,
    tls::{Serial, host},
};

/// Certificate of the authority, and its key, in its folder.
const CERT: &str = "ca.pem";
const KEY: &str = "ca.key";
/// Clocks may differ by as much.
const SKEW: Duration = Duration::minutes(5);

/// What the authority is to do.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Ca {
    /// Make an authority: ca.pem, which everybody is given, and ca.key, which nobody is.
    Init(Init),
    /// Issue a certificate of one name, NAME.yuhui.internal: NAME.pem and NAME.key, with ca.pem.
    Issue(Issue),
}

/// A new authority.
#[derive(Clone, Debug, clap::Args)]
pub struct Init {
    /// Folder of the authority.
    #[arg(long, value_name = "DIR")]
    folder: PathBuf,
    /// How long it lasts.
    #[arg(long, default_value_t = 3650, value_parser = clap::value_parser!(u16).range(1..))]
    days: u16,
}

/// A new certificate.
#[derive(Clone, Debug, clap::Args)]
pub struct Issue {
    /// Whose: a service, e.g. eligibility, or a bank, e.g. bank.icbc.
    #[arg(value_name = "NAME")]
    name: String,
    /// Folder of the authority.
    #[arg(long, value_name = "DIR")]
    folder: PathBuf,
    /// Folder for the certificate and its key.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How long it lasts.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=825))]
    days: u16,
    /// Put it in the place of the one that is there: the service takes it up by itself.
    #[arg(long)]
    replace: bool,
}

/// Does it.
pub fn run(ask: &Ca) -> anyhow::Result<ExitCode> {
    match ask {
        Ca::Init(ask) => init(ask)?,
        Ca::Issue(ask) => issue(ask)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn init(ask: &Init) -> anyhow::Result<()> {
    folder(&ask.folder)?;
    let key = KeyPair::generate()?;
    let (mut params, _) = lasting(ask.days)?;
    // Two that overlap are told apart by eye.
    let made = params.not_before.date();
    params
        .distinguished_name
        .push(DnType::CommonName, format!("Yuhui {made}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let made = params.self_signed(&key)?;
    put(&ask.folder.join(KEY), &key.serialize_pem(), 0o600, false)?;
    put(&ask.folder.join(CERT), &made.pem(), 0o644, false)?;
    println!(
        "{} until {}; keep {} where no server reaches it",
        ask.folder.join(CERT).display(),
        params.not_after.date(),
        ask.folder.join(KEY).display()
    );
    Ok(())
}

fn issue(ask: &Issue) -> anyhow::Result<()> {
    is_name(&ask.name)?;
    let read = |name| {
        let path = ask.folder.join(name);
        fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))
    };
    let root = read(CERT)?;
    let authority = KeyPair::from_pem(&read(KEY)?).context("the authority's key")?;
    let authority = Issuer::from_ca_cert_pem(&root, authority).context("the authority")?;

    let key = KeyPair::generate()?;
    let (mut params, serial) = lasting(ask.days)?;
    params.subject_alt_names = vec![rcgen::SanType::DnsName(host(&ask.name).try_into()?)];
    params
        .distinguished_name
        .push(DnType::CommonName, ask.name.as_str());
    params.is_ca = IsCa::ExplicitNoCa;
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ClientAuth,
        ExtendedKeyUsagePurpose::ServerAuth,
    ];
    let made = params.signed_by(&key, &authority)?;

    folder(&ask.out)?;
    let place = |end: &str| ask.out.join(format!("{}.{end}", ask.name));
    let (key_file, cert_file) = (place("key"), place("pem"));
    for file in [&key_file, &cert_file] {
        if file.exists() && !ask.replace {
            bail!("{} is there already: --replace", file.display());
        }
    }
    put(&ask.out.join(CERT), &root, 0o644, true)?;
    // Whoever reads between the two sees a pair that does not fit, and waits.
    put(&key_file, &key.serialize_pem(), 0o600, ask.replace)?;
    put(&cert_file, &made.pem(), 0o644, ask.replace)?;
    println!(
        "{} is {}, number {serial}, until {}",
        cert_file.display(),
        host(&ask.name),
        params.not_after.date()
    );
    Ok(())
}

/// Labels of letters, digits and hyphens, joined by dots.
fn is_name(name: &str) -> anyhow::Result<()> {
    let is_label = |it: &str| {
        let letters = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
        (1..=63).contains(&it.len())
            && it.chars().all(letters)
            && !it.starts_with('-')
            && !it.ends_with('-')
    };
    ensure!(
        name.split('.').all(is_label) && name.len() <= 200,
        "`{name}` is no name: small letters, digits, hyphens, and dots between them"
    );
    ensure!(name != "ca", "`ca` is the authority itself");
    Ok(())
}

/// A certificate with a number nobody can guess, from now on.
fn lasting(days: u16) -> anyhow::Result<(CertificateParams, Serial)> {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    // Positive, of sixteen bytes.
    let mut number: [u8; 16] = rand::random();
    number[0] = number[0] & 0x7f | 0x40;
    params.serial_number = Some(SerialNumber::from_slice(&number));
    let now: OffsetDateTime = clock::real_now();
    params.not_before = now - SKEW;
    params.not_after = now + Duration::days(days.into());
    Ok((params, Serial::new(&number)))
}

fn folder(path: &Path) -> anyhow::Result<()> {
    private_file::folder(path).with_context(|| format!("create {}", path.display()))
}

fn put(path: &Path, text: &str, mode: u32, replace: bool) -> anyhow::Result<()> {
    private_file::write(path, text.as_bytes(), mode, replace)
        .with_context(|| format!("write {}", path.display()))
}

#[cfg(test)]
mod tests;
