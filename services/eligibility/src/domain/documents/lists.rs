//! The lists themselves (C.3): O original compared, C copy kept, R a register may answer instead.

use super::{Document, Manner, When};

const FORM: (&str, &str) = ("申请表", "application form");
const IDENTITY: Document = Document::new(
    "IDENTITY_CARD",
    ("夫妻双方身份证", "identity cards of both spouses"),
    Manner::OriginalOrRegister,
)
.saying("父母均已死亡的，提供监护人身份证");
const HUKOU: Document = Document::new(
    "HUKOU_BOOK",
    (
        "户口簿（夫妻双方及孩子）",
        "household registers of both spouses and the child",
    ),
    Manner::OriginalOrRegister,
);
const MARRIAGE: Document = Document::new(
    "MARRIAGE_CERTIFICATE",
    ("结婚证", "marriage certificate"),
    Manner::OriginalOrRegister,
)
.when(When::Married);
const DIVORCE: Document = Document::new(
    "DIVORCE_PAPERS",
    (
        "离婚协议书或离婚判决书",
        "divorce agreement or divorce judgment",
    ),
    Manner::Original,
)
.when(When::Divorced)
.saying("须载明子女抚养权归属");
const BEREAVED: Document = Document::new(
    "DEATH_OR_GUARDIANSHIP_CERTIFICATE",
    (
        "死亡证明、监护证明",
        "death certificate, proof of guardianship",
    ),
    Manner::OriginalOrRegister,
)
.when(When::Bereaved);
const BIRTHS: Document = Document::new(
    "BIRTH_CERTIFICATE",
    (
        "夫妻共同生育所有子女的出生医学证明",
        "birth certificates of all children of the couple",
    ),
    Manner::OriginalOrRegister,
)
.saying("境外出生的，附经认证的译文");
const SERVICE: Document = Document::new(
    "BIRTH_SERVICE_REGISTRATION",
    (
        "生育登记服务证明（生育服务登记证）",
        "proof of birth-service registration",
    ),
    Manner::OriginalOrRegister,
);
const BANK_CARD: Document = Document::new(
    "BANK_CARD",
    (
        "申请人本人银行卡（社保卡“一卡通”）",
        "the applicant's own bank card",
    ),
    Manner::Paper,
);
const TRUTH: Document = Document::new(
    "TRUTH_STATEMENT",
    ("承诺书", "statement of truth and consent to checks"),
    Manner::Paper,
)
.saying("随申请表签署");

pub(super) const P1: [Document; 10] = [
    Document::new("APPLICATION_FORM", FORM, Manner::Paper)
        .in_triplicate()
        .by("三(一)2(2)")
        .saying("附件1，一式三份"),
    IDENTITY.by("三(一)2(2)"),
    HUKOU.by("三(一)2(2)"),
    MARRIAGE.by("三(一)2(2)"),
    DIVORCE.by("三(一)2(2)"),
    BEREAVED,
    BIRTHS.by("三(一)2(2)"),
    SERVICE.by("三(一)2(2)"),
    BANK_CARD,
    TRUTH,
];

pub(super) const P2: [Document; 12] = [
    Document::new("APPLICATION_FORM", FORM, Manner::Paper)
        .in_triplicate()
        .by("三(二)2(2)")
        .saying("附件2，一式三份"),
    IDENTITY.by("三(二)2(1)"),
    HUKOU.by("三(二)2(1)"),
    MARRIAGE.by("三(二)2(1)"),
    DIVORCE.by("三(二)2(1)"),
    BEREAVED,
    BIRTHS.by("三(二)2(1)"),
    SERVICE.by("三(二)2(1)"),
    Document::new(
        "FEE_RECEIPT",
        (
            "入托年内各学期缴费凭证",
            "fee receipts of each term of the year",
        ),
        Manner::Paper,
    )
    .by("三(二)2(3)")
    .saying("每学期一份"),
    Document::new(
        "ENROLMENT_AGREEMENT",
        ("入托证明或入托协议", "proof or agreement of enrolment"),
        Manner::Paper,
    ),
    BANK_CARD,
    TRUTH,
];

pub(super) const P3: [Document; 3] = [
    Document::new("APPLICATION_FORM", FORM, Manner::Paper)
        .in_triplicate()
        .by("三(三)2(1)")
        .saying("附件3，一式三份"),
    Document::new(
        "ENROLMENT_ROSTER",
        (
            "入托花名册、入托协议、年内各学期入托缴费凭证",
            "roster, agreements and fee receipts of each term",
        ),
        Manner::Paper,
    )
    .by("三(三)2(3)")
    .saying("入托时间不少于3个月"),
    Document::new(
        "EDUCATION_CERTIFICATE",
        (
            "教育部门人数证明",
            "head-count certified by the education bureau",
        ),
        Manner::Paper,
    )
    .when(When::Kindergarten)
    .by("五(三)1"),
];

pub(super) const P4: [Document; 3] = [
    Document::new("APPLICATION_FORM", FORM, Manner::Paper)
        .in_triplicate()
        .by("三(四)2(1)")
        .saying("附件4，一式三份"),
    Document::new(
        "ENROLMENT_ROSTER",
        (
            "入托花名册、入托协议、年内各学期入托缴费凭证",
            "roster, agreements and fee receipts of each term",
        ),
        Manner::Paper,
    )
    .by("三(四)2(3)"),
    Document::new(
        "HONOUR_CERTIFICATE",
        ("示范荣誉证明", "proof of the honour"),
        Manner::Original,
    )
    .by("三(四)2(1)"),
];

/// What P3 and P4 ask of an institution alike; 三(四)2 repeats 三(三)2.
pub(super) const INSTITUTION: [Document; 8] = [
    Document::new(
        "IDENTITY_CARD",
        (
            "法人或负责人身份证",
            "identity card of the legal person or head",
        ),
        Manner::OriginalOrRegister,
    )
    .by("三(三)2(1)"),
    Document::new(
        "REGISTRATION_CERTIFICATE",
        (
            "合法准入证明（营业执照、民办非企业登记证或事业单位法人登记证）",
            "licence or certificate of registration",
        ),
        Manner::OriginalOrRegister,
    )
    .by("三(三)2(1)"),
    Document::new(
        "PREMISES_TITLE",
        (
            "土地证、房产证、租赁协议（含出租方不动产登记证书）",
            "titles of land and house, lease with the owner's title",
        ),
        Manner::Original,
    )
    .by("三(三)2(1)"),
    Document::new(
        "HEAD_RESUME",
        (
            "负责人简历（附学历证书、相关资质证书）",
            "curriculum vitae of the head, with diplomas",
        ),
        Manner::Original,
    )
    .by("三(三)2(1)"),
    Document::new(
        "FILING_PROOF",
        (
            "备案认定资料或教育局批准文件",
            "proof of filing, or the education bureau's approval",
        ),
        Manner::Register,
    )
    .by("三(三)2(2)"),
    Document::new(
        "AFFORDABLE_RECOGNITION",
        (
            "普惠托育认定资料、承诺书、承诺的普惠收托价格",
            "recognition as affordable, with the promised price",
        ),
        Manner::Register,
    )
    .by("三(三)2(2)"),
    Document::new(
        "PLACES_AND_INVESTMENT",
        (
            "托位数量、建设基本情况、总投资、资金来源",
            "places, building, investment and its sources",
        ),
        Manner::Paper,
    )
    .by("三(三)2(2)"),
    Document::new(
        "CORPORATE_ACCOUNT",
        ("对公账户信息", "corporate account"),
        Manner::Paper,
    ),
];
