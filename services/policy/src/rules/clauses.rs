//! The clauses that rules rest on, checked against the article index when compiled.

use yuhui_kernel::Citation;

/// One of them. A small number: a decision names some dozens, and most of them more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Clause(u8);

impl Clause {
    pub(crate) const fn citation(self) -> Citation {
        CITATIONS[self.0 as usize]
    }
}

/// A set of them.
#[derive(Default)]
pub(crate) struct ClauseSet(u64);

impl ClauseSet {
    /// Adds a clause; false if it was there.
    pub(crate) const fn insert(&mut self, clause: Clause) -> bool {
        let bit = 1 << clause.0;
        let is_new = self.0 & bit == 0;
        self.0 |= bit;
        is_new
    }
}

const _: () = assert!(
    CITATIONS.len() <= u64::BITS as usize,
    "a set has a bit for each"
);

/// Names the clauses used; an unknown id does not compile.
macro_rules! clauses {
    ($($name:ident = $id:literal),* $(,)?) => {
        #[expect(
            non_camel_case_types,
            clippy::upper_case_acronyms,
            reason = "they are the names of the constants"
        )]
        enum Place { $($name),* }

        $(pub(crate) const $name: Clause = Clause(Place::$name as u8);)*

        const CITATIONS: &[Citation] = &[$(Citation::known($id)),*];
    };
}

clauses! {
    P1_GRANT = "一(一)1",
    P2_GRANT = "一(一)2",
    P3_GRANT = "一(二)3",
    P4_GRANT = "一(二)4",
    ORGANISATION = "二",
    P1_HUKOU = "三(一)1(1)",
    P1_COUNTY = "三(一)1(2)",
    P1_COUPLE = "三(一)1(3)",
    P1_ADOPTED = "三(一)1(4)",
    P1_TWINS = "三(一)1(5)",
    P1_TRIPLETS = "三(一)1(6)",
    P1_DEATH = "三(一)1(7)",
    P1_MARITAL = "三(一)1(8)",
    P1_VILLAGE = "三(一)2(1)",
    P1_DOCUMENTS = "三(一)2(2)",
    P1_ONE_YEAR = "三(一)2(3)",
    P2_PROGRAMME = "三(二)",
    P2_INSTITUTION = "三(二)1(1)",
    P2_CHILD = "三(二)1(2)",
    P2_COUNTY = "三(二)1(3)",
    P2_DOCUMENTS = "三(二)2(1)",
    P2_VILLAGE = "三(二)2(2)",
    P2_MONTHS = "三(二)2(3)",
    P3_INSTITUTION = "三(三)1(1)",
    P3_ONE_YEAR = "三(三)1(2)",
    P3_OPERATING = "三(三)1(3)",
    P3_LODGING = "三(三)2(1)",
    P3_ROSTER = "三(三)2(3)",
    P3_SAME_YEAR = "三(三)2(4)",
    P4_INSTITUTION = "三(四)1(1)",
    P4_ONE_YEAR = "三(四)1(2)",
    P4_OPERATING = "三(四)1(3)",
    P4_HONOUR = "三(四)1(4)",
    P4_HIGHEST = "三(四)1(5)",
    P4_LODGING = "三(四)2(1)",
    P4_SAME_YEAR = "三(四)2(4)",
    FAMILY_WINDOW = "四(一)1",
    VILLAGE_REVIEW = "四(一)2",
    INSTITUTION_WINDOW = "四(二)1",
    BY_THE_YEAR = "五(二)5",
    CERTIFIED_NUMBER = "五(三)1",
    FRAUD = "五(三)3",
    TERMINATION = "六",
    MOVED_AWAY = "六1",
    IRREGULAR = "六2",
    PERIOD = "八",
    N_OBJECT = "实施方案 二(一)",
    N_STANDARD = "实施方案 二(二)",
    N_PROCEDURE = "实施方案 二(三)",
    N_SUBJECT = "管理规范 第五条",
    N_CLAIMANT = "管理规范 第六条",
    N_REVIEW = "管理规范 第七条",
    N_PLACE = "管理规范 第九条",
    N_STATE = "管理规范 第十条",
    N_YEARLY = "管理规范 第十二条",
    N_PAID_YEARLY = "管理规范 第十四条",
    N_RECOVERY = "管理规范 第二十九条",
}
