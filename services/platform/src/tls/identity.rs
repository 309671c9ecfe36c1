//! What a certificate says of itself.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, de::Error as _};
use time::OffsetDateTime;
use tokio_rustls::rustls::pki_types::CertificateDer;
use x509_parser::{extensions::GeneralName, parse_x509_certificate};

/// Names of services end with it, whatever the addresses they are reached at.
pub const DOMAIN: &str = "yuhui.internal";

/// The name in the certificate of `service`: `eligibility.yuhui.internal`.
#[must_use]
pub fn host(service: &str) -> String {
    format!("{service}.{DOMAIN}")
}

/// Serial number of a certificate, written in hexadecimal digits; colons, capitals and zeros in
/// front make no difference.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Serial(Vec<u8>);

impl Serial {
    /// From its bytes as they stand in the certificate.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        let first = bytes.iter().position(|it| *it != 0);
        Self(
            bytes
                .get(first.unwrap_or(bytes.len())..)
                .unwrap_or_default()
                .into(),
        )
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl FromStr for Serial {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut digits: String = text.chars().filter(|it| *it != ':').collect();
        if digits.len() % 2 == 1 {
            digits.insert(0, '0');
        }
        match hex::decode(&digits) {
            Ok(bytes) if !bytes.is_empty() => Ok(Self::new(&bytes)),
            _ => anyhow::bail!("`{text}` is no serial number in hexadecimal digits"),
        }
    }
}

impl<'de> Deserialize<'de> for Serial {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// Names, number and life of a certificate.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) names: Vec<String>,
    pub(crate) serial: Serial,
    pub(crate) begins: OffsetDateTime,
    pub(crate) ends: OffsetDateTime,
}

impl Identity {
    pub(crate) fn of(certificate: &CertificateDer<'_>) -> anyhow::Result<Self> {
        let (_, parsed) = parse_x509_certificate(certificate)?;
        let names = match parsed.subject_alternative_name()? {
            None => Vec::new(),
            Some(names) => names
                .value
                .general_names
                .iter()
                .filter_map(|it| match it {
                    GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
                    _ => None,
                })
                .collect(),
        };
        Ok(Self {
            names,
            serial: Serial::new(parsed.raw_serial()),
            begins: parsed.validity().not_before.to_datetime(),
            ends: parsed.validity().not_after.to_datetime(),
        })
    }

    /// The one name below [`DOMAIN`], without it; none if there is none, or several: who has two
    /// names has none.
    pub(crate) fn service(&self) -> Option<&str> {
        let mut own = self.names.iter().filter_map(|it| {
            let name = it.strip_suffix(DOMAIN)?.strip_suffix('.')?;
            (!name.is_empty() && !name.contains('*')).then_some(name)
        });
        match (own.next(), own.next()) {
            (Some(name), None) => Some(name),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str]) -> Identity {
        let params = rcgen::CertificateParams::new(
            names.iter().map(ToString::to_string).collect::<Vec<_>>(),
        );
        let key = rcgen::KeyPair::generate().expect("a key");
        let made = params.expect("names").self_signed(&key).expect("made");
        Identity::of(made.der()).expect("read")
    }

    #[test]
    fn a_certificate_has_one_name_or_none() {
        let one = named(&["eligibility.yuhui.internal", "www.example.org"]);
        assert_eq!(one.service(), Some("eligibility"));
        assert_eq!(
            named(&["bank.abc.yuhui.internal"]).service(),
            Some("bank.abc")
        );
        for names in [
            &["eligibility.yuhui.internal", "gateway.yuhui.internal"] as &[_],
            &["eligibility.example.org"],
            &["eligibilityyuhui.internal"],
            &["*.yuhui.internal"],
            &["yuhui.internal"],
            &[],
        ] {
            assert_eq!(named(names).service(), None, "{names:?}");
        }
    }

    #[test]
    fn serial_numbers_are_read_as_people_write_them() {
        let serial = Serial::new(&[0, 0x0a, 0xff]);
        for text in ["0aff", "AFF", "00:0A:FF"] {
            assert_eq!(text.parse::<Serial>().expect(text), serial);
        }
        for text in ["", ":", "xyz"] {
            assert!(text.parse::<Serial>().is_err(), "{text}");
        }
        assert_eq!(serial.to_string(), "0aff");
    }
}
