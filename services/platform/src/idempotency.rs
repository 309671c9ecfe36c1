//! A repeated command gets the first answer. The answer is kept in the same
//! transaction as the effect, so there is never one without the other. What was
//! asked is kept as a keyed hash and the answer sealed: either may hold numbers of
//! people and accounts.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use prost::{
    Message,
    encoding::{WireType, decode_key, decode_varint},
};
use sea_orm::{ActiveValue::Set, ColumnTrait as _, QueryFilter as _};
use sha2::{Digest as _, Sha256};

use crate::{
    Result,
    caller::Caller,
    clock::real_millis,
    db::{Tenancy, Tx},
    refusal::{Common, Violation, invalid},
    vault::{self, Row, Sealed, Vault},
};

/// Longest request id, in bytes.
const MAX_LENGTH: usize = 128;

/// An answer.
pub const ANSWER: Sealed = Sealed {
    table: "idempotency",
    column: "answer",
    tenant: "tenant",
    row: Row::Texts(&["account", "method", "request_id"]),
};

/// One command of one caller: account, method, request id and body.
#[derive(Clone, Debug)]
pub struct Key {
    account: String,
    method: String,
    request_id: String,
    digest: String,
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
            digest: hex::encode(Sha256::digest(request.encode_to_vec())),
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
            Some(row) if row.request_hash != self.hash(tx.vault()?) => {
                Err(Common::RequestIdReused.into())
            }
            Some(row) => {
                let tenancy = Tenancy::named(&row.tenant)?;
                let answer = tx.vault()?.unseal(&self.place(tenancy), &row.answer)?;
                let answer = BASE64.decode(answer).map_err(anyhow::Error::from)?;
                Ok(Some(R::decode(answer.as_slice())?))
            }
        }
    }

    fn place(&self, tenancy: Tenancy) -> vault::Place {
        let (account, method) = (&self.account, &self.method);
        ANSWER.at(tenancy, format!("{account} {method} {}", self.request_id))
    }

    /// Who does not have the key of the vault cannot try requests out on it.
    fn hash(&self, vault: &Vault) -> String {
        vault.blind("request", &self.digest)
    }

    /// Keeps the answer. If the same command was carried out meanwhile, the
    /// race is lost and this transaction must not commit.
    pub async fn remember(&self, tx: &Tx, answer: &impl Message) -> Result<()> {
        let answer = answer.encode_to_vec();
        let sealed = tx
            .vault()?
            .seal(&self.place(tx.tenancy()), &BASE64.encode(&answer))?;
        let row = answer::ActiveModel {
            tenant: Set(String::new()),
            account: Set(self.account.clone()),
            method: Set(self.method.clone()),
            request_id: Set(self.request_id.clone()),
            request_hash: Set(self.hash(tx.vault()?)),
            object: Set(named(&answer).unwrap_or_default()),
            answer: Set(sealed),
            at: Set(real_millis()),
        };
        // Nobody reads back what was kept.
        tx.insert_all(vec![row]).await?;
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

    /// Resource name of the object in the answer; empty if there is none.
    pub(crate) fn object(&self) -> &str {
        &self.object
    }
}

/// Name of the object in an answer: by convention the first field of the object,
/// which is the first of the answer, or the answer itself.
fn named(answer: &[u8]) -> Option<String> {
    let mut message = answer;
    for _ in 0..2 {
        message = first_field(message)?;
        if let Ok(text) = std::str::from_utf8(message)
            && text.starts_with("counties/")
        {
            return Some(text.to_owned());
        }
    }
    None
}

/// The first field of a message, whatever its number, if it is a text or a message.
fn first_field(mut message: &[u8]) -> Option<&[u8]> {
    let (_, wire) = decode_key(&mut message).ok()?;
    let length = decode_varint(&mut message).ok()?;
    let is_counted = wire == WireType::LengthDelimited;
    message
        .get(..usize::try_from(length).ok()?)
        .filter(|_| is_counted)
}

/// Forgets answers of the tenant that were given before that moment (milliseconds
/// since 1970); answers how many. A command repeated later than that is a new one.
pub(crate) async fn prune(tx: &Tx, before: i64) -> Result<u64> {
    let done = tx
        .delete_where::<answer::Entity>()
        .filter(answer::Column::At.lt(before))
        .exec(tx.connection())
        .await?;
    Ok(done.rows_affected)
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
        pub object: String,
        pub answer: Vec<u8>,
        pub at: i64,
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
    use yuhui_proto::{
        eligibility::v1::{Roster, SealRosterResponse},
        internal::v1::{DeliverRequest, Event},
    };

    use super::*;
    use crate::db::testing::{on_every_store, tenant};

    fn command(event_id: &str) -> DeliverRequest {
        DeliverRequest {
            event_id: event_id.into(),
            ..DeliverRequest::default()
        }
    }

    #[tokio::test]
    async fn a_repeated_command_gets_the_first_answer_and_another_body_is_refused() {
        on_every_store(async |db| {
            let caller = Caller::service("eligibility", Some(tenant("150203")));
            let first = Key::new(&caller, "r-1", &command("a")).expect("key");
            let tx = db.begin(tenant("150203")).await?;
            assert_eq!(first.answered::<Event>(&tx).await?, None);
            let answer = Event {
                county: "first".into(),
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
                    county: name.into(),
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

    #[test]
    fn an_answer_names_its_object_or_is_it() {
        let name = "counties/150203/rosters/1";
        let object = Roster {
            name: name.into(),
            ..Roster::default()
        };
        let answer = SealRosterResponse {
            roster: Some(object.clone()),
            operation: None,
        };
        assert_eq!(named(&object.encode_to_vec()).as_deref(), Some(name));
        assert_eq!(named(&answer.encode_to_vec()).as_deref(), Some(name));
        assert_eq!(named(&[]), None);
        assert_eq!(named(&[0xff]), None);
    }

    #[tokio::test]
    async fn neither_what_was_asked_nor_the_answer_is_kept_in_clear() {
        on_every_store(async |db| {
            let caller = Caller::service("eligibility", Some(tenant("150203")));
            let key = Key::new(&caller, "r-1", &command("6217000010001234569")).expect("key");
            let answer = Event {
                event_id: "6217000010001234569".into(),
                ..Event::default()
            };
            let tx = db.begin(tenant("150203")).await?;
            key.remember(&tx, &answer).await?;
            tx.commit().await?;
            let tx = db.begin(tenant("150203")).await?;
            let rows = kept(&tx, None, 10).await?;
            let asked = hex::encode(Sha256::digest(
                command("6217000010001234569").encode_to_vec(),
            ));
            assert!(!format!("{rows:?}").contains(&asked), "the hash is keyed");
            let bytes = String::from_utf8_lossy(&rows[0].answer).into_owned();
            assert!(!bytes.contains("6217000010001234569"));
            assert_eq!(key.answered::<Event>(&tx).await?, Some(answer));
            assert_eq!(prune(&tx, 1).await?, 0, "nothing is that old");
            assert_eq!(prune(&tx, real_millis() + 1).await?, 1);
            assert_eq!(key.answered::<Event>(&tx).await?, None);
            tx.commit().await?;
            Ok(())
        })
        .await;
    }
}
