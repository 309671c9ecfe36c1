//! What a forecast assumes, in thousandths, low to high.

/// An assumption in thousandths (‰).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permille {
    /// In the low scenario.
    pub low: u32,
    /// In the middle one.
    pub middle: u32,
    /// In the high one.
    pub high: u32,
}

impl Permille {
    const fn of(low: u32, middle: u32, high: u32) -> Self {
        Self { low, middle, high }
    }
}

/// An assumption by its name, for the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assumption {
    /// Stable name.
    pub key: &'static str,
    /// What it is, in Chinese.
    pub zh: &'static str,
    /// What it is, in English.
    pub en: &'static str,
    /// The thousandths.
    pub permille: Permille,
}

/// Declares the assumptions once: field, default, words.
macro_rules! assumptions {
    ($($(#[$doc:meta])* $field:ident = $low:literal $middle:literal $high:literal, $zh:literal, $en:literal;)*) => {
        /// What a forecast rests on beside figures.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct Assumptions {
            $($(#[$doc])* pub $field: Permille,)*
        }

        impl Default for Assumptions {
            /// The ranges of the volume estimates.
            fn default() -> Self {
                Self { $($field: Permille::of($low, $middle, $high),)* }
            }
        }

        impl Assumptions {
            /// Every assumption by name.
            #[must_use]
            pub fn list(&self) -> Vec<Assumption> {
                vec![$(Assumption {
                    key: stringify!($field),
                    zh: $zh,
                    en: $en,
                    permille: self.$field,
                },)*]
            }
        }
    };
}

assumptions! {
    /// Births of a year that is not over, against the year before: the nation lost 17 % in 2025 and
    /// gained 6 % in 2024.
    births_trend = 830 945 1060,
        "出生人口较上年（每缺一年计一次）", "births against the year before, for each year not counted yet";
    /// Children with a hukou of the county among those born there.
    hukou_share = 850 900 950,
        "本地户籍比例", "children with a hukou here among those born here";
    /// Second and third children among all births.
    second_and_third = 400 450 500,
        "二孩、三孩占出生的比例", "second and third children among births";
    /// Entitled families that claim.
    take_up = 900 900 900,
        "符合条件家庭的申报比例", "entitled families that claim";
    /// Third children among those paid, where the county has no round of its own yet (15.0 of 53.9).
    third_among_paid = 278 278 278,
        "三孩占二孩、三孩的比例（无上轮数据时）", "third children among second and third, without a round before";
    /// After the last year of births: what is still claimed of it in the round after its own.
    run_off = 50 100 250,
        "政策末年出生、延至下一轮申报的比例", "births of the last policy year claimed one round later";
    /// Children under three who are in nursery.
    in_nursery = 60 90 120,
        "3岁以下婴幼儿入托率", "children under three in nursery";
    /// Children in nursery for three months of the year, with receipts.
    three_months = 880 925 985,
        "入托满3个月的比例", "of those in nursery, three months and more";
    /// Children counted for nurseries, against the round before.
    nursery_trend = 625 1000 1500,
        "机构实际入托人数较上轮", "children counted for nurseries against the round before";
    /// Honours granted and not yet rewarded that are claimed.
    pending_claimed = 900 900 1000,
        "已获荣誉待奖补机构的申报比例", "honours granted and not yet rewarded that are claimed";
    /// New awards, against the round before.
    awards_trend = 300 1000 3000,
        "新增示范奖补较上轮", "new awards against the round before";
}

impl Assumptions {
    /// The name of the first assumption that is not in order, low to high.
    pub(super) fn disorder(&self) -> Option<&'static str> {
        let mut all = self.list().into_iter();
        let out = all.find(|it| {
            let Permille { low, middle, high } = it.permille;
            low > middle || middle > high
        });
        out.map(|it| it.key)
    }
}
