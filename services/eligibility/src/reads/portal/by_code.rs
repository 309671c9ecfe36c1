//! What a number and its code open. Who guesses learns nothing: no such number, a wrong code and a number at which was
//! guessed too often are one answer, and it takes as long.

use std::time::Duration;

use tokio::time::sleep;
use uuid::Uuid;
use yuhui_kernel::Tenant;
use yuhui_platform::Result;

use crate::{
    context::{CODES, Context},
    domain::public_code::PublicCode,
    refusal::portal::NotHeard,
    store,
};

/// No answer comes sooner.
const FLOOR: Duration = Duration::from_millis(50);
/// Wrong answers of a day after which a number opens to nobody until the next.
const MISSES_A_DAY: i64 = 10;
/// What the code of a number is compared with that is not known: a keyed hash of nothing.
const NOBODYS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// Digits of the county with which a number begins.
const COUNTY: usize = 6;

/// What `ask` answers, no sooner than any other answer.
pub(super) async fn no_sooner<T>(ask: impl Future<Output = Result<T>>) -> Result<T> {
    let (answer, ()) = tokio::join!(ask, sleep(FLOOR));
    answer
}

/// The county and id of what the number is of.
pub(super) async fn open(context: &Context, number: &str, code: &str) -> Result<(Tenant, Uuid)> {
    let (number, code) = (number.trim().to_ascii_uppercase(), PublicCode::read(code));
    let county = number.get(..COUNTY).and_then(|it| Tenant::parse(it).ok());
    let kept = match county {
        Some(county) => {
            let tx = context.db.read(county).await?;
            store::public_codes::get(&tx, &number).await?
        }
        None => None,
    };
    let digest = kept.as_ref().map_or(NOBODYS, |it| it.digest.as_str());
    let (vault, said) = (&context.vault, code.beside(&number));
    let right = vault.is_blind(CODES, &said, digest);
    let today = context.today();
    if let (Some(county), Some(kept)) = (county, kept)
        && kept.misses(today) < MISSES_A_DAY
    {
        if right {
            return Ok((county, kept.object));
        }
        let tx = context.db.begin(county).await?;
        store::public_codes::miss(&tx, &number, today).await?;
        tx.commit().await?;
    }
    Err(NotHeard::NumberAndCode.into())
}
