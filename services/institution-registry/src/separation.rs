//! Nobody acts on an institution that he or a relative heads (DYN-3).

use time::Date;
use yuhui_platform::{
    refusal::{self, Common},
    relatives::Relatives,
};

use crate::domain::Record;

/// None of `relatives` is legal person or head on `day`, or will be.
pub fn none_heads(relatives: &Relatives, record: &Record, day: Date) -> Result<(), Common> {
    if record
        .legal_persons_from(day)
        .any(|it| relatives.include(it))
    {
        return Err(refusal::denied(
            "DYN-3",
            "本人或近亲属任法定代表人（负责人）的机构须回避",
            "nobody acts on an institution that he or a relative heads",
        ));
    }
    Ok(())
}
