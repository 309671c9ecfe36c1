//! What the rules found: decision, reason, amount, payees, one finding per rule evaluated.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use time::Date;
use yuhui_kernel::{Citation, Money};

use crate::{facts::GapState, iso_date};

/// Declares closed enums with stable codes, and words in Chinese and English.
macro_rules! coded {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal $zh:literal $en:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$doc])* #[doc = $zh] #[serde(rename = $code)] $variant,)*
        }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Stable code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// Chinese wording for the letter.
            pub const fn chinese(self) -> &'static str {
                match self { $(Self::$variant => $zh),* }
            }

            /// The same in English.
            pub const fn english(self) -> &'static str {
                match self { $(Self::$variant => $en),* }
            }

            /// The value of that code.
            pub fn parse(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

coded! {
    /// What is decided.
    Decision {
        Pay = "PAY" "同意发放" "to be paid",
        Reject = "REJECT" "不予确认" "refused",
        NotAccepted = "NOT_ACCEPTED" "不予受理" "not accepted",
        Terminate = "TERMINATE" "终止发放" "payment terminated",
        Refer = "REFER" "转人工裁量" "referred to a person",
        Clawback = "CLAWBACK" "追回" "to be recovered",
        /// Something that could change the result is not known: nothing is decided.
        Wait = "WAIT" "等待核实" "waiting for a fact",
    }
}

coded! {
    /// Why.
    Reason {
        WrongCounty = "WRONG_COUNTY" "非孩子户籍地（机构备案地）旗县区，不予受理并告知有权受理机关" "not the county of the child's hukou, or of the institution's filing: the competent one is named",
        NoStanding = "NO_STANDING" "申请人不是承担抚养责任并实际照料的一方或法定监护人" "the applicant is neither who raises and actually cares for the child nor its guardian",
        Duplicate = "DUPLICATE" "同一孩子（机构）同一项目（年度）已有申请" "there is a claim for the same child or institution, programme and year",
        OutsidePolicyPeriod = "OUTSIDE_POLICY_PERIOD" "不在政策年限内" "outside the policy years",
        DeemedWaived = "DEEMED_WAIVED" "孩子出生后1年内未主动申请，视为放弃" "not claimed within one year of birth: deemed waived",
        WindowClosed = "WINDOW_CLOSED" "超过当年申报期限" "after the year's window",
        ChildHukouNotBaotou = "CHILD_HUKOU_NOT_BAOTOU" "孩子户口不是包头市户籍" "the child's hukou is not in Baotou",
        NoParentBaotouHukou = "NO_PARENT_BAOTOU_HUKOU" "夫妻双方户籍均不在包头市" "neither spouse has a Baotou hukou",
        NoBirthServiceRegistration = "NO_BIRTH_SERVICE_REGISTRATION" "未办理生育服务登记" "no birth-service registration",
        NonMaritalBirth = "NON_MARITAL_BIRTH" "非婚生育（P2：无法提供结婚证）" "born outside marriage (P2: no marriage certificate)",
        NotSecondOrThird = "NOT_SECOND_OR_THIRD" "不属于二孩、三孩" "neither a second nor a third child",
        BeyondThirdChild = "BEYOND_THIRD_CHILD" "超出三孩政策范围" "beyond the third child",
        AdoptedChild = "ADOPTED_CHILD" "收养的子女不在补贴范围" "adopted children are not covered",
        InstitutionNotEligible = "INSTITUTION_NOT_ELIGIBLE" "托育机构不在辖区内或未备案（未经批准办托）" "the nursery is outside the city, or neither filed nor approved",
        EnrolmentTooShort = "ENROLMENT_TOO_SHORT" "年内入托时间不足3个月" "less than three months in nursery within the year",
        NotFiled = "NOT_FILED" "未备案" "not filed with the health commission",
        NotApprovedByEducation = "NOT_APPROVED_BY_EDUCATION" "未经教育局批准办托" "not approved by the education bureau",
        NotInclusive = "NOT_INCLUSIVE" "未认定为普惠" "not recognised as affordable",
        LessThanOneYear = "LESS_THAN_ONE_YEAR" "备案后正常提供服务不满一年" "less than one year of normal service since filing",
        NotOperating = "NOT_OPERATING" "申报时未正常收托" "not operating when it claimed",
        NoEligibleChildren = "NO_ELIGIBLE_CHILDREN" "无符合条件的入托婴幼儿" "no child that counts",
        NotRetroactive = "NOT_RETROACTIVE" "当年未申报，不予追加" "not claimed in its year: no later addition",
        NoHonour = "NO_HONOUR" "无示范荣誉" "no demonstration honour",
        HonourOutsidePeriod = "HONOUR_OUTSIDE_PERIOD" "荣誉不在政策年限内" "the honour is outside the policy years",
        AlreadyRewarded = "ALREADY_REWARDED" "已按就高原则奖补" "rewarded at the highest level before",
        Fraud = "FRAUD" "骗取补贴" "obtained by fraud",
        FraudCancelled = "FRAUD_CANCELLED" "因骗取补贴取消其他待遇" "other claims are cancelled for fraud",
        FraudBarred = "FRAUD_BARRED" "曾骗取补贴，不再受理" "barred after fraud",
        ChildMovedOut = "CHILD_MOVED_OUT" "发放前孩子户籍迁出包头市" "the child's hukou left Baotou before payment",
        ParentsMovedOut = "PARENTS_MOVED_OUT" "发放前父母户籍均迁出包头市" "both parents' hukou left Baotou before payment",
        CustodyCareMismatch = "CUSTODY_CARE_MISMATCH" "抚养权与实际照料不一致" "custody and actual care are with different persons",
        CustodyUnknown = "CUSTODY_UNKNOWN" "抚养关系不明" "custody is not clear",
        NoEducationCertificate = "NO_EDUCATION_CERTIFICATE" "缺教育部门人数证明" "no head-count certified by the education bureau",
        OtherPolicy = "OTHER_POLICY" "不属于本政策的补贴项目" "no subsidy of this policy",
        YearForfeited = "YEAR_FORFEITED" "逾期未提交申请，视为自动放弃当年申请资格" "not claimed in time: the year's claim is forfeited",
        YearNotOpen = "YEAR_NOT_OPEN" "申请年度尚未开始" "the year of the claim has not begun",
        OverAge = "OVER_AGE" "年度内已满3周岁，不在补贴范围" "three years old within the year",
        YearsExhausted = "YEARS_EXHAUSTED" "各年度补贴均已申领" "every year has been claimed",
        PaidElsewhere = "PAID_ELSEWHERE" "当年育儿补贴已在其他地区发放" "paid elsewhere for the year",
        ChildDied = "CHILD_DIED" "申请年度前婴幼儿已死亡" "the child died before the year",
        BirthUnknown = "BIRTH_UNKNOWN" "出生信息无法核实" "the birth cannot be verified",
        /// R-PRC-7: never the rules' last word; an inquiry follows.
        NameMismatch = "NAME_MISMATCH" "申请人姓名与证件号码不一致" "the name is not the number's",
        NameUnconfirmed = "NAME_UNCONFIRMED" "申请人姓名与证件号码尚未核实一致" "whether name and number belong together is not confirmed",
        /// 六3, or what an inquiry established: by a reasoned decision of the county, never by the
        /// rules (R-TER-3).
        OtherGround = "OTHER_GROUND" "其他经认定不应发放的情形" "another ground established by the county",
        RegisterUnavailable = "REGISTER_UNAVAILABLE" "登记部门暂无答复，等待核实" "a register does not answer",
        FactStale = "FACT_STALE" "登记信息已过期，等待重新核实" "an answer of a register is too old",
        FactNotCovered = "FACT_NOT_COVERED" "所需信息不在登记部门的登记范围内，等待核实" "no register covers what is needed",
        FactPending = "FACT_PENDING" "所需信息尚待核查" "a fact is still being checked",
        /// R-PRC-7: an inquiry follows, no refusal.
        FactsContradict = "FACTS_CONTRADICT" "登记信息相互矛盾，须核查" "registers contradict one another",
    }
}

coded! {
    /// Class of a child by birth order of the couple (三(一)1(5)–(7)).
    Class {
        Second = "SECOND" "二孩" "second child",
        Third = "THIRD" "三孩" "third child",
    }
}

coded! {
    /// What one rule said.
    Outcome {
        Pass = "PASS" "符合" "met",
        Fail = "FAIL" "不符合" "not met",
        Refer = "REFER" "需人工裁量" "a person decides",
        NotApplicable = "NOT_APPLICABLE" "不适用" "not applicable",
        Unknown = "UNKNOWN" "尚未核实" "not verified",
    }
}

/// A fact a rule read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactUsed {
    /// What the fact is, e.g. `child.hukou`.
    pub name: Cow<'static, str>,
    /// Its value on the day that matters.
    pub value: Cow<'static, str>,
    /// Register that answered, e.g. `PUBLIC_SECURITY`; `CLAIM` for the claim itself.
    pub source: Cow<'static, str>,
    /// Day of the answer.
    #[serde(with = "iso_date::option")]
    pub answered_on: Option<Date>,
    /// Why it is not known; none of what is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<GapState>,
}

/// One rule evaluated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Rule id, e.g. `R-P1-5`.
    pub rule: Cow<'static, str>,
    /// Clause.
    pub clause: Citation,
    /// What it said.
    pub outcome: Outcome,
    /// Reason code if it failed or refers.
    pub reason: Option<Reason>,
    /// Facts used.
    pub facts: Vec<FactUsed>,
    /// A sentence for the file, in Chinese.
    pub note: Cow<'static, str>,
}

/// An amount due to one payee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payee {
    /// Person or institution.
    pub payee: String,
    /// Amount.
    pub amount: Money,
}

/// The whole result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Determination {
    /// Decision.
    pub decision: Decision,
    /// Primary reason, the first failing step of B.2; `None` for PAY.
    pub reason: Option<Reason>,
    /// P1: class of the child.
    pub class: Option<Class>,
    /// P3: children counted.
    pub headcount: Option<u32>,
    /// Amount confirmed: zero unless PAY or CLAWBACK.
    pub amount: Money,
    /// Who is paid how much.
    pub payees: Vec<Payee>,
    /// Round (payment year) the claim belongs to.
    pub round: Option<i32>,
    /// Amount to be recovered.
    pub clawback: Money,
    /// WRONG_COUNTY: the competent county.
    pub competent_county: Option<yuhui_kernel::DivisionCode>,
    /// Clauses the letter cites.
    pub cites: Vec<Citation>,
    /// One finding per rule evaluated, in the order of B.2.
    pub findings: Vec<Finding>,
    /// Version of the pack.
    pub pack_version: String,
}
