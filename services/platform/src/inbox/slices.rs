//! What has many lines is told of by name; its lines are asked for and applied in slices.

use yuhui_kernel::Arrival;

use super::Progress;
use crate::Result;

/// Lines asked for together.
pub const SLICE: i32 = 500;

/// What of that which `name` names has come in before `cursor`.
pub fn arrival(name: &str, cursor: &str) -> Result<Arrival> {
    Ok(match cursor {
        "" => Arrival::of(name),
        cursor => serde_json::from_str(cursor)?,
    })
}

/// How to go on after a slice, the last one of which leaves nothing to go on with.
pub fn more(arrival: &Arrival) -> Result<Option<Progress>> {
    Ok(match arrival.next.as_str() {
        "" => None,
        _ => Some(Progress::More(serde_json::to_string(arrival)?)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_on_where_the_last_slice_ended() -> Result<()> {
        let roster = "counties/150203/rosters/1";
        let mut some = arrival(roster, "")?;
        assert_eq!(more(&some)?, None);
        some.next = "next".into();
        let Some(Progress::More(cursor)) = more(&some)? else {
            panic!("nothing to go on with");
        };
        assert_eq!(arrival(roster, &cursor)?, some);
        Ok(())
    }
}
