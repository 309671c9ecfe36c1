//! Why a document is not taken, kept or given (C.3, C.5).

use tonic::Code;
use yuhui_platform::refusal::{ErrorReason, Precondition, Refusal, Violation, name_of};

use crate::domain::documents::upload::{
    LONGEST_PIECE, MOST_BYTES, MOST_DOCUMENTS, OPEN_AT_ONCE, SHORTEST_PIECE,
};

/// Closed list of refusals about documents.
#[derive(Debug, Clone)]
pub(crate) enum NotTaken {
    /// The kind belongs to something else, or is only an office's to add.
    WrongKind { kind: &'static str, parent: String },
    /// The claimant has brought the case forward: it is the offices' now.
    NotYours { case: String, state: &'static str },
    /// What was decided keeps the papers it was decided on.
    Decided { case: String, state: &'static str },
    /// The case or notice has as many documents as one may have.
    Full { parent: String },
    /// Enough uploads of the account are on their way.
    TooMany,
    /// The next piece begins elsewhere.
    Elsewhere { upload: String, committed: i64 },
    /// The length of a piece.
    Length { upload: String },
    /// More than was announced.
    BeyondTheEnd { upload: String, size: i64 },
    /// The piece is not what was sent.
    Garbled { stated: u32, came: u32 },
    /// Pieces are missing.
    NotWhole {
        upload: String,
        committed: i64,
        size: i64,
    },
    /// The whole is not what was announced.
    OtherContent { upload: String, sha256: String },
    /// A content that is not kept.
    WrongType { upload: String, found: String },
    /// The upload was finished, or given up.
    Ended { upload: String },
    /// The document was replaced.
    Replaced { document: String, by: String },
    /// What was uploaded is not for the place of that document.
    OtherPlace { upload: String, document: String },
    /// The content that stands would be put in its own place.
    Unchanged { document: String },
    /// What proves a notice is not there, or is no document of it.
    NoProof { notice: String },
    /// What was kept is gone, or is not what was kept.
    Lost { document: String },
}

impl Refusal for NotTaken {
    fn reason(&self) -> ErrorReason {
        match self {
            Self::WrongKind { .. } => ErrorReason::DocumentKind,
            Self::NotYours { .. } => ErrorReason::CaseBroughtForward,
            Self::Decided { .. } => ErrorReason::CaseDecided,
            Self::Full { .. } => ErrorReason::FileFull,
            Self::TooMany => ErrorReason::TooManyUploads,
            Self::Elsewhere { .. } => ErrorReason::Offset,
            Self::Length { .. } => ErrorReason::PieceLength,
            Self::BeyondTheEnd { .. } => ErrorReason::BeyondTheEnd,
            Self::Garbled { .. } => ErrorReason::Crc32c,
            Self::NotWhole { .. } => ErrorReason::UploadNotWhole,
            Self::OtherContent { .. } => ErrorReason::Sha256,
            Self::WrongType { .. } => ErrorReason::MediaType,
            Self::Ended { .. } => ErrorReason::UploadEnded,
            Self::Replaced { .. } => ErrorReason::DocumentReplaced,
            Self::OtherPlace { .. } => ErrorReason::UploadOfAnother,
            Self::Unchanged { .. } => ErrorReason::DocumentUnchanged,
            Self::NoProof { .. } => ErrorReason::NoticeNotProven,
            Self::Lost { .. } => ErrorReason::DocumentLost,
        }
    }

    fn code(&self) -> Code {
        match self {
            Self::WrongKind { .. } | Self::Length { .. } | Self::Garbled { .. } => {
                Code::InvalidArgument
            }
            Self::Elsewhere { .. } | Self::BeyondTheEnd { .. } => Code::OutOfRange,
            Self::TooMany | Self::Full { .. } => Code::ResourceExhausted,
            Self::Lost { .. } => Code::DataLoss,
            _ => Code::FailedPrecondition,
        }
    }

    fn zh(&self) -> String {
        match self {
            Self::WrongKind { kind, .. } => format!("材料种类 {kind} 不能用于此处"),
            Self::NotYours { .. } => "申请已提交，材料由经办机构办理；退回补正后方可补充".into(),
            Self::Decided { .. } => "案件已有决定，申请材料不得再行增补或者更换".into(),
            Self::Full { .. } => format!(
                "材料总数不得超过 {MOST_DOCUMENTS} 份，总量不得超过 {} MiB",
                MOST_BYTES >> 20
            ),
            Self::TooMany => format!("未完成的上传最多 {OPEN_AT_ONCE} 个，请先完成已有上传"),
            Self::Elsewhere { committed, .. } => format!("应从第 {committed} 字节续传"),
            Self::Length { .. } => format!(
                "每块须为 {} 至 {} KiB，末块可较短",
                SHORTEST_PIECE >> 10,
                LONGEST_PIECE >> 10
            ),
            Self::BeyondTheEnd { size, .. } => format!("超出申报的 {size} 字节"),
            Self::Garbled { stated, came } => {
                format!("校验值不符：声明 {stated:08x}，实收 {came:08x}，请重传此块")
            }
            Self::NotWhole {
                committed, size, ..
            } => format!("仅收到 {committed} 字节，应为 {size} 字节"),
            Self::OtherContent { .. } => "内容与申报的 SHA-256 不符，须重新上传".into(),
            Self::WrongType { found, .. } => {
                format!("仅接受 PDF、JPEG、PNG、HEIC、OFD，实际内容为 {found}")
            }
            Self::Ended { .. } => "该上传已经结束".into(),
            Self::Replaced { .. } => "该材料已被替换".into(),
            Self::OtherPlace { .. } => "上传内容不属于该案件（公示）或种类不同".into(),
            Self::Unchanged { .. } => "内容与原材料相同，无须替换".into(),
            Self::NoProof { .. } => "须有公示凭证：文字说明，或该公示的照片材料".into(),
            Self::Lost { .. } => "材料内容缺失或已损坏，请联系管理员从备份恢复".into(),
        }
    }

    fn en(&self) -> String {
        match self {
            Self::WrongKind { kind, .. } => format!("a document of kind {kind} is not added here"),
            Self::NotYours { .. } => {
                "the claim was brought forward: documents are added again once it is returned"
                    .into()
            }
            Self::Decided { .. } => {
                "the case is decided: the papers of the claim stay as they were".into()
            }
            Self::Full { .. } => format!(
                "a file has at most {MOST_DOCUMENTS} documents and {} MiB, what was replaced included",
                MOST_BYTES >> 20
            ),
            Self::TooMany => {
                format!("{OPEN_AT_ONCE} uploads are under way: finish one of them first")
            }
            Self::Elsewhere { committed, .. } => format!("the next piece begins at {committed}"),
            Self::Length { .. } => format!(
                "a piece has {} to {} KiB; only the last may be shorter",
                SHORTEST_PIECE >> 10,
                LONGEST_PIECE >> 10
            ),
            Self::BeyondTheEnd { size, .. } => {
                format!("the piece ends after the {size} bytes that were announced")
            }
            Self::Garbled { stated, came } => {
                format!("crc32c {stated:08x} was stated and {came:08x} came: send the piece again")
            }
            Self::NotWhole {
                committed, size, ..
            } => format!("{committed} of {size} bytes are there"),
            Self::OtherContent { sha256, .. } => {
                format!("the content has sha256 {sha256}, which is not what was announced")
            }
            Self::WrongType { found, .. } => {
                format!("only PDF, JPEG, PNG, HEIC and OFD are kept; this is {found}")
            }
            Self::Ended { .. } => "the upload has ended".into(),
            Self::Replaced { by, .. } => format!("the document was replaced by {by}"),
            Self::OtherPlace { .. } => {
                "the upload is of another case, notice or kind than the document".into()
            }
            Self::Unchanged { .. } => "the upload has the content of the document".into(),
            Self::NoProof { .. } => {
                "a notice is proven in words, or by documents of it that stand".into()
            }
            Self::Lost { .. } => {
                "the content of the document is lost or damaged: it must be restored from a backup"
                    .into()
            }
        }
    }

    fn violations(&self) -> Vec<Violation> {
        let field = match self {
            Self::WrongKind { .. } => "kind",
            Self::Length { .. } => "data",
            Self::Garbled { .. } => "crc32c",
            _ => return Vec::new(),
        };
        vec![Violation::new(field, self.zh(), self.en())]
    }

    fn precondition(&self) -> Option<Precondition> {
        let (subject, state) = match self {
            Self::NotYours { case, state } | Self::Decided { case, state } => (case, *state),
            Self::Full { parent } => (parent, name_of(self.reason())),
            Self::NotWhole { upload, .. }
            | Self::OtherContent { upload, .. }
            | Self::WrongType { upload, .. }
            | Self::OtherPlace { upload, .. }
            | Self::Ended { upload } => (upload, name_of(self.reason())),
            Self::Replaced { document, .. } | Self::Unchanged { document } => {
                (document, name_of(self.reason()))
            }
            Self::NoProof { notice } => (notice, name_of(self.reason())),
            _ => return None,
        };
        Some(Precondition {
            subject: subject.clone(),
            state: state.into(),
            allowed: Vec::new(),
        })
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        let rule = ("rule", "C.3".to_owned());
        let of = |what: &'static str, name: &String| (what, name.clone());
        match self {
            Self::WrongKind { kind, parent } => {
                vec![rule, of("parent", parent), ("kind", (*kind).to_owned())]
            }
            Self::Elsewhere { upload, committed } => {
                vec![of("upload", upload), ("committed", committed.to_string())]
            }
            Self::Length { upload } | Self::Ended { upload } => vec![of("upload", upload)],
            Self::BeyondTheEnd { upload, size } => {
                vec![of("upload", upload), ("size_bytes", size.to_string())]
            }
            Self::Garbled { stated, came } => vec![
                ("field", "crc32c".into()),
                ("stated", stated.to_string()),
                ("came", came.to_string()),
            ],
            Self::NotWhole {
                upload, committed, ..
            } => vec![of("upload", upload), ("committed", committed.to_string())],
            Self::OtherContent { upload, sha256 } => {
                vec![of("upload", upload), of("sha256", sha256)]
            }
            Self::WrongType { upload, found } => vec![of("upload", upload), of("found", found)],
            Self::OtherPlace { upload, document } => {
                vec![of("upload", upload), of("document", document)]
            }
            Self::Replaced { document, by } => vec![of("document", document), of("by", by)],
            Self::Lost { document } | Self::Unchanged { document } => {
                vec![of("document", document)]
            }
            Self::NoProof { notice } => vec![of("notice", notice), ("rule", "C.5".into())],
            Self::NotYours { case, .. } | Self::Decided { case, .. } => {
                vec![rule, of("case", case)]
            }
            Self::Full { parent } => vec![of("parent", parent)],
            Self::TooMany => Vec::new(),
        }
    }
}
