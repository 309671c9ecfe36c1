//! Documents: what to bring with a claim, how it comes in, how it is kept. Here the document lists of 三(一)2(2), 三(二)2, 三(三)2 and 三(四)2
//! (POLICY.md C.3), as data.

pub mod checklist;
pub mod filed;
pub mod kind;
mod lists;
pub mod media;
pub mod upload;

use yuhui_kernel::Citation;
use yuhui_policy::Programme;

use lists::{INSTITUTION, P1, P2, P3, P4};

/// How a document is brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// O C R: original shown, copy kept, unless a register answers for it.
    OriginalOrRegister,
    /// O C: original shown and copy kept.
    Original,
    /// R: the register answers; nothing is asked for where it does.
    Register,
    /// ●: the paper itself.
    Paper,
}

impl Manner {
    /// 原件: shown and compared.
    pub const fn original(self) -> bool {
        matches!(self, Self::OriginalOrRegister | Self::Original)
    }

    /// 复印件: kept.
    pub const fn copy(self) -> bool {
        self.original()
    }

    /// A register's answer may stand for it.
    pub const fn register_replaces(self) -> bool {
        matches!(self, Self::OriginalOrRegister | Self::Register)
    }
}

/// Who needs a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Always,
    /// The parents have been married to each other, however it ended.
    Married,
    /// The parents are divorced, or custody is somebody's by agreement or judgment.
    Divorced,
    /// A parent is dead, or a guardian applies.
    Bereaved,
    Kindergarten,
}

/// What the list depends on besides the programme.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// The parents are or were married to each other.
    pub married: bool,
    /// The parents are divorced, or custody is settled outside marriage.
    pub divorced: bool,
    /// A parent has died, or a guardian applies.
    pub bereaved: bool,
    /// The institution is a kindergarten.
    pub kindergarten: bool,
}

/// One line of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Document {
    /// Stable kind, as in a claim.
    pub kind: &'static str,
    /// Words of the law.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
    /// How many.
    pub copies: i32,
    /// How it is brought.
    pub manner: Manner,
    /// Clause that asks for it; none where only a rule needs it.
    pub clause: Option<Citation>,
    /// Remark in Chinese.
    pub remark: &'static str,
    when: When,
}

impl Document {
    const fn new(
        kind: &'static str,
        (zh, en): (&'static str, &'static str),
        manner: Manner,
    ) -> Self {
        Self {
            kind,
            zh,
            en,
            copies: 1,
            manner,
            clause: None,
            remark: "",
            when: When::Always,
        }
    }

    const fn by(self, clause: &'static str) -> Self {
        Self {
            clause: Some(Citation::known(clause)),
            ..self
        }
    }

    const fn when(self, when: When) -> Self {
        Self { when, ..self }
    }

    const fn saying(self, remark: &'static str) -> Self {
        Self { remark, ..self }
    }

    const fn in_triplicate(self) -> Self {
        Self { copies: 3, ..self }
    }

    fn is_needed(&self, circumstances: Circumstances) -> bool {
        match self.when {
            When::Always => true,
            When::Married => circumstances.married,
            When::Divorced => circumstances.divorced,
            When::Bereaved => circumstances.bereaved,
            When::Kindergarten => circumstances.kindergarten,
        }
    }
}

/// The documents a claim needs, in the order of the list.
pub fn required(
    programme: Programme,
    circumstances: Circumstances,
) -> impl Iterator<Item = &'static Document> {
    all_of(programme).filter(move |it| it.is_needed(circumstances))
}

/// Every document of a list, whatever the circumstances.
pub fn all_of(programme: Programme) -> impl Iterator<Item = &'static Document> {
    let list: [&'static [Document]; 2] = match programme {
        Programme::P1 => [&P1, &[]],
        Programme::P2 => [&P2, &[]],
        Programme::P3 => [&P3, &INSTITUTION],
        Programme::P4 => [&P4, &INSTITUTION],
        // Its papers are the national system's to ask for.
        Programme::N1 => [&[], &[]],
    };
    list.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(programme: Programme, circumstances: Circumstances) -> Vec<&'static str> {
        required(programme, circumstances)
            .map(|it| it.kind)
            .collect()
    }

    #[test]
    fn the_family_decides_which_papers_it_brings() {
        let plain = kinds(Programme::P1, Circumstances::default());
        for kind in [
            "MARRIAGE_CERTIFICATE",
            "DIVORCE_PAPERS",
            "DEATH_OR_GUARDIANSHIP_CERTIFICATE",
            "FEE_RECEIPT",
        ] {
            assert!(!plain.contains(&kind), "{kind}");
        }
        let widowed = Circumstances {
            married: true,
            bereaved: true,
            ..Circumstances::default()
        };
        let brought = kinds(Programme::P2, widowed);
        assert!(brought.contains(&"DEATH_OR_GUARDIANSHIP_CERTIFICATE"));
        assert!(brought.contains(&"MARRIAGE_CERTIFICATE") && brought.contains(&"FEE_RECEIPT"));
        assert!(!brought.contains(&"DIVORCE_PAPERS"));
    }

    #[test]
    fn kindergartens_bring_their_certificate_for_p3_only() {
        let kindergarten = Circumstances {
            kindergarten: true,
            ..Circumstances::default()
        };
        assert!(kinds(Programme::P3, kindergarten).contains(&"EDUCATION_CERTIFICATE"));
        assert!(!kinds(Programme::P4, kindergarten).contains(&"EDUCATION_CERTIFICATE"));
        assert!(!kinds(Programme::P3, Circumstances::default()).contains(&"EDUCATION_CERTIFICATE"));
        assert!(kinds(Programme::P4, kindergarten).contains(&"HONOUR_CERTIFICATE"));
    }

    #[test]
    fn divorce_papers_are_never_replaced_by_a_register() {
        let all = Circumstances {
            married: true,
            divorced: true,
            bereaved: true,
            kindergarten: true,
        };
        for programme in [Programme::P1, Programme::P2, Programme::P3, Programme::P4] {
            let mut seen = Vec::new();
            for document in required(programme, all) {
                assert!(!seen.contains(&document.kind), "{} twice", document.kind);
                seen.push(document.kind);
                if document.kind == "DIVORCE_PAPERS" {
                    assert!(document.manner.original() && !document.manner.register_replaces());
                }
            }
        }
    }
}
