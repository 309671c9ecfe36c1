//! What a document proves.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{
    Document,
    lists::{INSTITUTION, P1, P2, P3, P4},
};

/// What offices add to a case: of inquiries (F27), deliveries (C.8), inspections (I3).
const OF_OFFICES: [&str; 3] = ["INQUIRY", "DELIVERY", "INSPECTION"];
/// What the claimant does not read of his own case: it may name who spoke against him (F26).
pub const CONFIDENTIAL: [&str; 2] = ["INQUIRY", "INSPECTION"];
/// What proves a notice (C.5).
const OF_NOTICES: [&str; 2] = ["NOTICE_POSTING", "NOTICE_TAKEN_DOWN"];

/// What a document proves, by its stable name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DocumentKind(&'static str);

/// To what a kind belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Belongs {
    /// To a claim: whoever brings it forward.
    Claim,
    /// To a case, and only offices add it.
    Office,
    /// To a notice.
    Notice,
}

impl DocumentKind {
    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        let others = OF_OFFICES.iter().chain(&OF_NOTICES).copied();
        let listed = listed().map(|it| it.kind);
        listed.chain(others).find(|it| *it == name).map(Self)
    }

    /// Its stable name.
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// Whether it shows how a notice was posted.
    pub fn is_posting(self) -> bool {
        self.0 == "NOTICE_POSTING"
    }

    /// Whether the claimant may not read it.
    pub fn is_confidential(self) -> bool {
        CONFIDENTIAL.contains(&self.0)
    }

    /// To what it belongs.
    pub fn belongs(self) -> Belongs {
        if OF_NOTICES.contains(&self.0) {
            Belongs::Notice
        } else if OF_OFFICES.contains(&self.0) {
            Belongs::Office
        } else {
            Belongs::Claim
        }
    }
}

/// Every line of every list.
fn listed() -> impl Iterator<Item = &'static Document> {
    let lists: [&'static [Document]; 5] = [&P1, &P2, &P3, &P4, &INSTITUTION];
    lists.into_iter().flatten()
}

impl Serialize for DocumentKind {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for DocumentKind {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let name = String::deserialize(input)?;
        Self::parse(&name).ok_or_else(|| de::Error::custom(format!("no kind {name}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_belongs_to_a_claim_an_office_or_a_notice() {
        for (name, belongs) in [
            ("MARRIAGE_CERTIFICATE", Belongs::Claim),
            ("HONOUR_CERTIFICATE", Belongs::Claim),
            ("REGISTRATION_CERTIFICATE", Belongs::Claim),
            ("DELIVERY", Belongs::Office),
            ("NOTICE_TAKEN_DOWN", Belongs::Notice),
        ] {
            let kind = DocumentKind::parse(name).expect(name);
            assert_eq!((kind.as_str(), kind.belongs()), (name, belongs));
        }
        assert_eq!(DocumentKind::parse("SELFIE"), None);
        assert_eq!(DocumentKind::parse(""), None);
    }
}
