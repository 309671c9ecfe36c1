//! A case that comes back to a notice which was taken down meanwhile.

use yuhui_platform::{Result, db::Tx};

use crate::{domain::Case, store};

/// It is posted anew: nobody loses the seven days.
pub(crate) async fn repost_if_taken_down(tx: &Tx, case: &mut Case) -> Result<()> {
    let Some(id) = case
        .notice
        .filter(|_| case.state().is_notice() && !case.notice_over)
    else {
        return Ok(());
    };
    let notice = store::notices::locked(tx, id).await?;
    if notice.is_none_or(|it| it.closed) {
        case.notice = None;
    }
    Ok(())
}
