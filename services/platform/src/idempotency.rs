//! A repeated command gets the first answer. The answer is kept in the same
//! transaction as the effect, so there is never one without the other.

use prost::Message;
use sea_orm::{ActiveValue::Set, ColumnTrait as _, QueryFilter as _};
use sha2::{Digest as _, Sha256};

use crate::{
    Result,
    caller::Caller,
    db::Tx,
    refusal::{Common, Violation, invalid},
};

/// Longest request id, in bytes.
const MAX_LENGTH: usize = 128;

/// One command of one caller: account, method, request id and body.
#[derive(Clone, Debug)]
pub struct Key {
    account: String,
    method: String,
    request_id: String,
    request_hash: String,
}

impl Key {
    /// The key of `request`; the id must be there.
    pub fn new(caller: &Caller, request_id: &str, request: &impl Message) -> Result<Self, Common> {
        if request_id.is_empty() || request_id.len() > MAX_LENGTH {
            let violation = Violation::new(
                "request_id",
                format!("须为1至{MAX_LENGTH}个字节"),
                format!("must have 1 to {MAX_LENGTH} bytes"),
            );
            return Err(invalid(vec![violation]));
        }
        Ok(Self {
            account: caller.account.clone(),
            method: caller.method.clone(),
            request_id: request_id.into(),
            request_hash: hex::encode(Sha256::digest(request.encode_to_vec())),
        })
    }

    /// The first answer, if the command was carried out before. The same id
    /// with another body is refused. The same command while it is being carried
    /// out waits for its answer.
    pub async fn answered<R: Message + Default>(&self, tx: &Tx) -> Result<Option<R>> {
        if tx.writes() {
            let (scope, account, method) = (tx.scope(), &self.account, &self.method);
            let id = &self.request_id;
            tx.lock(&format!("command/{scope}/{account}/{method}/{id}"))
                .await?;
        }
        let row = tx
            .find::<answer::Entity>()
            .filter(answer::Column::Account.eq(&self.account))
            .filter(answer::Column::Method.eq(&self.method))
            .filter(answer::Column::RequestId.eq(&self.request_id))
            .one(tx.connection())
            .await?;
        match row {
            None => Ok(None),
            Some(row) if row.request_hash != self.request_hash => {
                Err(Common::RequestIdReused.into())
            }
            Some(row) => Ok(Some(R::decode(row.answer.as_slice())?)),
        }
    }

    /// Keeps the answer. If the same command was carried out meanwhile, the
    /// race is lost and this transaction must not commit.
    pub async fn remember(&self, tx: &Tx, answer: &impl Message) -> Result<()> {
        tx.insert(answer::ActiveModel {
            tenant: Set(String::new()),
            account: Set(self.account.clone()),
            method: Set(self.method.clone()),
            request_id: Set(self.request_id.clone()),
            request_hash: Set(self.request_hash.clone()),
            answer: Set(answer.encode_to_vec()),
        })
        .await?;
        Ok(())
    }
}

/// A place among the answers of a tenant: account, method, request id.
pub(crate) type Place = (String, String, String);

impl answer::Model {
    pub(crate) fn place(&self) -> Place {
        let (account, method) = (self.account.clone(), self.method.clone());
        (account, method, self.request_id.clone())
    }

    pub(crate) fn message(&self) -> &[u8] {
        &self.answer
    }
}

/// Up to `limit` answers after a place.
pub(crate) async fn kept(tx: &Tx, after: Option<Place>, limit: u64) -> Result<Vec<answer::Model>> {
    let columns = (
        answer::Column::Account,
        answer::Column::Method,
        answer::Column::RequestId,
    );
    let mut rows = tx.find::<answer::Entity>().cursor_by(columns);
    if let Some(place) = after {
        rows.after(place);
    }
    Ok(rows.first(limit).all(tx.connection()).await?)
}

pub(crate) mod answer {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "idempotency")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub account: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub method: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub request_id: String,
        pub request_hash: String,
        pub answer: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl crate::db::TenantEntity for Entity {
        fn tenant_column() -> Column {
            Column::Tenant
        }
    }
}

#[cfg(test)]
mod tests {
    use yuhui_proto::events::v1::{DeliverRequest, Event};

    use super::*;
    use crate::db::testing::{on_every_store, tenant};

    fn command(event_id: &str) -> DeliverRequest {
        let event = Event {
            event_id: event_id.into(),
            ..Event::default()
        };
        DeliverRequest { event: Some(event) }
    }

    #[tokio::test]
    async fn a_repeated_command_gets_the_first_answer_and_another_body_is_refused() {
        on_every_store(async |db| {
            let caller = Caller::service("eligibility", Some(tenant("150203")));
            let first = Key::new(&caller, "r-1", &command("a")).expect("key");
            let tx = db.begin(tenant("150203")).await?;
            assert_eq!(first.answered::<Event>(&tx).await?, None);
            let answer = Event {
                source: "first".into(),
                ..Event::default()
            };
            first.remember(&tx, &answer).await?;
            tx.commit().await?;

            let tx = db.begin(tenant("150203")).await?;
            assert_eq!(first.answered::<Event>(&tx).await?, Some(answer));
            let other = Key::new(&caller, "r-1", &command("b")).expect("key");
            let refused = other.answered::<Event>(&tx).await.expect_err("other body");
            assert_eq!(refused.reason().as_deref(), Some("REQUEST_ID_REUSED"));
            let lost = first
                .remember(&tx, &Event::default())
                .await
                .expect_err("twice");
            assert_eq!(lost.reason().as_deref(), Some("LOST_RACE"));
            drop(tx);

            let elsewhere = db.begin(tenant("150204")).await?;
            assert_eq!(other.answered::<Event>(&elsewhere).await?, None);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_command_sent_twice_at_once_is_carried_out_once() {
        on_every_store(async |db| {
            let caller = Caller::service("eligibility", Some(tenant("150203")));
            let key = Key::new(&caller, "r-1", &command("a")).expect("key");
            let carried_out = async |name: &str| {
                let tx = db.begin(tenant("150203")).await?;
                if let Some(answer) = key.answered::<Event>(&tx).await? {
                    return Ok(answer);
                }
                // Time for the others to find that there is no answer yet.
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                let answer = Event {
                    source: name.into(),
                    ..Event::default()
                };
                key.remember(&tx, &answer).await?;
                tx.commit().await?;
                Ok::<_, crate::Error>(answer)
            };
            let (one, two, three) =
                tokio::join!(carried_out("one"), carried_out("two"), carried_out("three"));
            let (one, two, three) = (one?, two?, three?);
            assert_eq!((&one, &two), (&two, &three));
            Ok(())
        })
        .await;
    }

    #[test]
    fn a_command_without_an_id_is_malformed() {
        let refused = Key::new(&Caller::public(), "", &command("a")).expect_err("no id");
        assert!(matches!(refused, Common::Invalid(list) if list[0].field == "request_id"));
    }
}
