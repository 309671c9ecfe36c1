//! The national childcare subsidy (国家育儿补贴, N1): 《育儿补贴制度实施方案》 厅字〔2025〕15号 and
//! 《育儿补贴制度管理规范（试行）》 国卫办人口发〔2025〕24号, over the same facts as 126号.
//!
//! 3,600 yuan per child and year until the child is three, whatever its place among the births of
//! its parents and whether or not they are married. Where the texts are silent:
//!
//! - **A claim is for the year it is lodged in** (第十二条 “按年度申请…逾期未提交申请的，视为自动放弃当年
//!   申请资格”). The year closes with 31 December; nothing rolls over, the claim is made online.
//! - **Births from the start of the scheme** have three yearly amounts: the first claimed in the year
//!   of birth or the next, the others in the two years after it. Who first claims in the year after
//!   birth is therefore paid in that year and the two after it. Who misses both gives up a year, not
//!   the whole (`filing.missed_first_claim`).
//! - **Earlier births** are paid by the months of each year in which the child is under three
//!   (应补贴月数): the month of the third birthday counts, and a child that is three on 1 January still
//!   has that January. The age on the day of lodging is irrelevant: a child of January 2022 is
//!   claimed for when it is three already.
//! - **A death does not shorten the year** in which it falls; later years are not paid
//!   (`child.death_in_year`). The last hukou of a dead child tells the county. A child that died
//!   before it had a hukou has no county here.
//! - **The state at submission decides** (第十条): who moves away afterwards is still paid for the year;
//!   `child.move_before_confirmation` has the reading under which only a confirmed claim survives.
//! - **Lawful births** (第五条 “符合法律法规规定生育或收养”): a birth known to maternity or an adoption
//!   known to civil affairs. Births after the third child are covered by default, since the scheme
//!   knows no birth order; provinces that read 符合法律法规 otherwise set `birth.beyond_third_child`.
//! - **One payee** (第六条 “父母一方”): either parent while they are married, or were never married and
//!   no custody is recorded; otherwise the one who has custody and care. There are no halves. A
//!   guardian beside a living parent is for a person to weigh. An orphanage counts as a guardian.
//! - **A payment elsewhere** for the year, known by confirmation, bars the claim; an answer that does
//!   not name the year is taken for the year of the payment.
//! - **Fraud** is recovered claim by claim (第二十九条); nothing bars or cancels other claims.
//! - Review takes thirty working days (第七条), and the batch is that of the quarter (第十五条).

mod child;
mod conditions;
mod course;
mod fraud;
mod law;
mod parameters;
mod standing;
mod years;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

pub use parameters::{BeyondThirdChild, DeathInYear, MissedFirstClaim, MoveAway, Parameters};
pub use years::months_due;

use crate::Pack;

/// A pack of the national childcare subsidy.
pub type NationalPack = Pack<Parameters>;

static NATIONAL: LazyLock<NationalPack> = LazyLock::new(|| {
    NationalPack::from_toml(include_str!("../../packs/national-childcare-2025.toml"))
        .expect("the embedded pack is tested")
});

impl NationalPack {
    /// The embedded pack of 国卫办人口发〔2025〕24号 with the default readings.
    #[must_use]
    pub fn national() -> &'static Self {
        &NATIONAL
    }
}
