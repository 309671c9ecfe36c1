//! Names for people who do not exist.

use rand::Rng as _;
use rand_chacha::ChaCha12Rng;

const SURNAMES: &[&str] = &[
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林",
    "何", "郭", "马", "罗", "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧", "包", "白",
    "云", "乌", "那",
];
const GIVEN: &[&str] = &[
    "娜",
    "敏",
    "静",
    "丽",
    "强",
    "磊",
    "军",
    "洋",
    "勇",
    "艳",
    "杰",
    "娟",
    "涛",
    "明",
    "超",
    "兰",
    "霞",
    "平",
    "刚",
    "桂英",
    "志强",
    "秀兰",
    "建国",
    "雪梅",
    "其木格",
    "巴特尔",
    "苏日娜",
    "浩然",
    "子涵",
    "雨桐",
    "一诺",
    "宇轩",
];
const NURSERIES: &[&str] = &[
    "阳光",
    "育苗",
    "启明",
    "童心",
    "晨曦",
    "小海豚",
    "萌芽",
    "星星",
    "蓓蕾",
    "彩虹",
];

/// A name of a person.
pub(crate) fn person(rng: &mut ChaCha12Rng) -> String {
    format!("{}{}", pick(rng, SURNAMES), pick(rng, GIVEN))
}

/// A name of a nursery or kindergarten.
pub(crate) fn nursery(rng: &mut ChaCha12Rng, county: &str, number: usize, kind: &str) -> String {
    format!("{county}{}第{number}{kind}", pick(rng, NURSERIES))
}

/// One of a list.
pub(crate) fn pick<T: Copy + Default>(rng: &mut ChaCha12Rng, list: &[T]) -> T {
    if list.is_empty() {
        return T::default();
    }
    list.get(rng.random_range(0..list.len()))
        .copied()
        .unwrap_or_default()
}
