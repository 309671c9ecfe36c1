//! The law's words, as a letter quotes them.

use yuhui_kernel::Citation;

use crate::Programme;

/// The words of a clause in Chinese quotation marks. Where the article index only describes a
/// clause, or refers to another, the words are those of the gazette. Of a whole part of the
/// document, only the sentences that concern the claim.
pub(super) fn of(clause: Citation, programme: Programme) -> String {
    let sentences = |letters: &[char]| {
        let quoted = letters.iter().filter_map(|letter| clause.sentence(*letter));
        quoted.collect::<String>()
    };
    let words = match clause.as_str() {
        "三(一)" => {
            "对符合政策生育二孩、三孩的包头市户籍家庭，已办理生育服务登记，一次性给予育儿补贴5000元。"
        }
        "三(二)2(1)" => {
            "夫妻双方身份证、户口簿、结婚证（申请时夫妻已经离婚的，需提供离婚协议书或离婚判决书）原件及复印件、\
             夫妻共同依法生育所有子女的出生医学证明及生育服务登记证。"
        }
        "三(三)" => {
            "对于认定的备案普惠托育机构（含延伸办托的幼儿园），按照实际入托人数给予每生600元/年/人的生均公用经费补贴。"
        }
        "三(三)2(1)" => {
            "符合条件的托育机构法人或负责人携带本人身份证、合法准入证明…原件及复印件，到所在辖区卫生健康部门提交申请材料并填写\
             《包头市托育机构生均运营补贴申请表》（附件3）一式三份。乡级初审后旗县级卫生健康委审核确认。"
        }
        "三(四)" => {
            "对被确定为国家、自治区、市级的示范托育机构，一次性分别给予10万元、8万元、5万元运营奖励补贴。"
        }
        "三(四)1(1)" => {
            "已在包头市辖区内编办、民政局或市场监督管理局注册登记，且在卫生健康委员会备案的普惠托育机构和\
             经旗县级教育局批准办托的普惠托幼一体幼儿园。"
        }
        "三(四)2(1)" => {
            "到所在辖区卫生健康部门提交申请材料并填写《包头市示范托育机构奖励补贴申请表》（附件4）一式三份。"
        }
        "三(四)2(2)" => {
            "需提供托育机构备案认定资料、普惠托育认定资料、普惠托育承诺书、承诺的普惠收托价格、托位数量、\
             托育机构建设基本情况、总投资、资金来源等证明材料。"
        }
        "三(四)2(4)" => "符合条件的托育机构可在当年进行申报，当年未申报的，不予追加。",
        "三(四)2(5)" => "补贴资金用于托育机构运营方面支出。",
        "四(二)3" => "每年8月15日前，市卫生健康委登记备案后报市财政局。",
        // Who organises, and whose county pays.
        "二" => {
            return match programme {
                Programme::P1 | Programme::P2 | Programme::N1 => sentences(&['a', 'b']),
                Programme::P3 | Programme::P4 => sentences(&['a', 'c']),
            };
        }
        // In force from publication; policy period; what higher authorities rule.
        "八" => return sentences(&['c', 'd', 'e']),
        _ => return clause.words(),
    };
    format!("“{words}”")
}

#[cfg(test)]
mod tests {
    use yuhui_kernel::citation;

    use super::*;

    #[test]
    fn every_clause_is_quoted_in_chinese() {
        for clause in citation::clauses() {
            let id = clause.id.trim_end_matches(|c: char| c.is_ascii_lowercase());
            let words = of(
                Citation::new(id).expect("a clause of the index"),
                Programme::P1,
            );
            let described = words.chars().any(|c| c.is_ascii_lowercase());
            assert!(
                words.starts_with('“') && words.ends_with('”') && !described,
                "{id}: {words}"
            );
        }
    }
}
