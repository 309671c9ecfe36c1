//! Personal data of a case: sealed at rest, masked in every reply.

use serde::{Deserialize, Serialize};

/// Where to pay and who the people are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Private {
    /// Name of the claimant or institution, as on notices.
    pub claimant_name: String,
    /// Identity number of the claimant.
    pub claimant_number: String,
    /// Identity number of the child.
    pub child_number: String,
    /// Unified social credit code.
    pub credit_code: String,
    /// Where to pay.
    pub account: Account,
    /// What the form states beside (annexes 1 to 4), as `convert::particulars` writes it; empty if nothing. No rule and no
    /// act reads it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub particulars: String,
    /// A corrected account waiting for its second person (DYN-5).
    pub corrected: Option<Account>,
    /// Who is to take the case over, waiting for a second person (C.7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<Successor>,
    /// Who objected or reported, as far as they gave their names (F26): kept for the inquiry,
    /// shown to nobody.
    #[serde(default)]
    pub objectors: Vec<String>,
}

/// Who takes a case over from a claimant who died (C.7).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Successor {
    /// His name.
    pub claimant_name: String,
    /// His identity number.
    pub claimant_number: String,
    /// Where to pay.
    pub account: Account,
    /// Number of the certificate that shows the death or the guardianship.
    pub certificate: String,
}

/// A bank account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Name on the account.
    pub holder_name: String,
    /// Number.
    pub number: String,
    /// Bank.
    pub bank_name: String,
    /// 对公账户.
    pub corporate: bool,
}

impl Account {
    /// First six and last four characters (前6后4).
    pub fn masked(&self) -> String {
        mask(&self.number)
    }
}

/// First six and last four characters, the rest stars; short texts are stars only.
pub fn mask(text: &str) -> String {
    let length = text.chars().count();
    let hidden = |index: usize| length < 11 || (index >= 6 && index + 4 < length);
    let letters = text.chars().enumerate();
    letters
        .map(|(index, it)| if hidden(index) { '*' } else { it })
        .collect()
}

/// A telephone number: first three and last four characters (前3后4); short ones are stars only.
pub fn mask_phone(number: &str) -> String {
    let length = number.chars().count();
    let hidden = |index: usize| length < 9 || (index >= 3 && index + 4 < length);
    let letters = number.chars().enumerate();
    letters
        .map(|(index, it)| if hidden(index) { '*' } else { it })
        .collect()
}

/// The name of a person as anybody reads it: first and last character, the first alone of two; the rest stars.
pub fn mask_name(name: &str) -> String {
    let length = name.chars().count();
    let shown = |index: usize| index == 0 || (length > 2 && index + 1 == length);
    let letters = name.chars().enumerate();
    letters
        .map(|(index, it)| if shown(index) { it } else { '*' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{mask, mask_name, mask_phone};

    #[test]
    fn a_masked_name_keeps_its_ends() {
        let masked = ["某女", "王小明", "阿拉坦·其其格", "王", ""].map(mask_name);
        assert_eq!(masked, ["某*", "王*明", "阿*****格", "王", ""]);
    }

    #[test]
    fn masks_the_middle_and_short_texts_whole() {
        assert_eq!(mask("150299199001010015"), "150299********0015");
        assert_eq!(mask("1234567890"), "**********");
        assert_eq!(mask_phone("13904720001"), "139****0001");
        assert_eq!(mask_phone("2345678"), "*******");
    }
}
