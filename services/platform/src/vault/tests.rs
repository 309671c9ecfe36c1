use yuhui_kernel::Tenant;

use super::*;

const NUMBER: &str = "150203202401010014";
const ACCOUNT: Sealed = Sealed {
    table: "lines",
    column: "account",
    tenant: "tenant",
    row: Row::Text("id"),
};

fn key(byte: &str) -> Key {
    Key::from_hex(&byte.repeat(32)).expect("key")
}

fn vault() -> Vault {
    Vault::with_first_key("disbursement", &key("06"), key("07")).expect("vault")
}

fn tenant(code: &str) -> Tenant {
    Tenant::parse(code).expect("county")
}

#[test]
fn a_sealed_text_opens_in_its_own_place_only() {
    let (vault, own) = (vault(), ACCOUNT.at(tenant("150203"), "one"));
    let sealed = vault.seal(&own, NUMBER).expect("sealed");
    assert_eq!(vault.unseal(&own, &sealed).expect("opened"), NUMBER);
    let table = Sealed {
        table: "orders",
        ..ACCOUNT
    };
    let column = Sealed {
        column: "number",
        ..ACCOUNT
    };
    for other in [
        ACCOUNT.at(tenant("150204"), "one"),
        ACCOUNT.at(Tenancy::City, "one"),
        ACCOUNT.at(tenant("150203"), "two"),
        table.at(tenant("150203"), "one"),
        column.at(tenant("150203"), "one"),
    ] {
        assert!(vault.unseal(&other, &sealed).is_err(), "{other:?}");
    }
    let elsewhere = Vault::with_first_key("eligibility", &key("06"), key("07")).expect("vault");
    assert!(elsewhere.unseal(&own, &sealed).is_err());
    for cut in [0, 2, 3, 14, 20] {
        let part = sealed.get(..cut).expect("a part");
        assert!(vault.unseal(&own, part).is_err());
    }
    assert_ne!(sealed, vault.seal(&own, NUMBER).expect("a fresh nonce"));
    assert!(
        vault
            .seal(&ACCOUNT.at(Tenancy::All, "one"), NUMBER)
            .is_err()
    );
}

#[test]
fn places_that_read_alike_are_not_alike() {
    let vault = vault();
    let joined = Sealed {
        table: "linesa",
        column: "ccount",
        ..ACCOUNT
    };
    let own = ACCOUNT.at(tenant("150203"), "one");
    let sealed = vault.seal(&own, NUMBER).expect("sealed");
    let alike = joined.at(tenant("150203"), "one");
    assert!(vault.unseal(&alike, &sealed).is_err());
}

#[test]
fn an_old_key_opens_and_the_active_one_seals() {
    let vault = vault();
    let place = ACCOUNT.at(tenant("150203"), "one");
    let old = vault.seal(&place, NUMBER).expect("sealed");
    let both = BTreeMap::from([(1, key("07")), (2, key("08"))]);
    vault.replace(&both, 2).expect("replaced");
    assert_eq!(vault.unseal(&place, &old).expect("opened"), NUMBER);
    let new = vault.seal(&place, NUMBER).expect("sealed");
    assert_eq!(
        (old.get(..3), new.get(..3)),
        (Some(&[2, 0, 1][..]), Some(&[2, 0, 2][..]))
    );
    vault
        .replace(&BTreeMap::from([(2, key("08"))]), 2)
        .expect("replaced");
    assert!(matches!(
        vault.unseal(&place, &old),
        Err(VaultError::NoKey(1))
    ));
    assert_eq!(vault.unseal(&place, &new).expect("opened"), NUMBER);
    let none = vault.replace(&both, 3);
    assert!(matches!(none, Err(VaultError::NoKey(3))));
}

#[test]
fn a_blind_index_depends_on_key_domain_and_value_not_on_service_or_seal() {
    let index = vault().blind("citizen", NUMBER);
    assert_eq!(index.len(), 64);
    assert_eq!(index, vault().blind("citizen", NUMBER));
    assert_ne!(index, vault().blind("credit", NUMBER));
    assert_eq!(
        vault().person("11010519491231002x "),
        vault().person("11010519491231002X")
    );
    assert_ne!(vault().person(NUMBER), vault().institution(NUMBER));
    let same = Vault::with_first_key("eligibility", &key("06"), key("09")).expect("vault");
    assert_eq!(index, same.blind("citizen", NUMBER));
    let other = Vault::with_first_key("disbursement", &key("05"), key("07")).expect("vault");
    assert_ne!(index, other.blind("citizen", NUMBER));
}

mod in_a_database {
    use sea_orm::{ConnectionTrait as _, Statement};

    use super::*;
    use crate::db::{
        Database,
        testing::{on_every_store, sqlite},
    };

    /// A table of the platform's own that can hold sealed texts of anybody.
    const SEALED: &[Sealed] = &[Sealed {
        table: "idempotency",
        column: "answer",
        tenant: "tenant",
        row: Row::Texts(&["account", "request_id"]),
    }];

    async fn write(db: &Database, vault: &Vault, county: &str, row: &str) -> crate::Result<()> {
        let [place] = [SEALED[0].at(tenant(county), format!("a {row}"))];
        let sealed = vault.seal(&place, NUMBER)?;
        let tx = db.begin(tenant(county)).await?;
        let insert = Statement::from_sql_and_values(
            db.backend(),
            "INSERT INTO idempotency
                (tenant, account, method, request_id, request_hash, object, answer, at)
             VALUES ($1, 'a', 'm', $2, 'h', '', $3, 0)",
            [county.into(), row.into(), sealed.into()],
        );
        tx.connection().execute_raw(insert).await?;
        tx.commit().await
    }

    async fn read(db: &Database, vault: &Vault, county: &str, row: &str) -> anyhow::Result<String> {
        let tx = db.read(tenant(county)).await?;
        let select = Statement::from_sql_and_values(
            db.backend(),
            "SELECT answer FROM idempotency WHERE tenant = $1 AND request_id = $2",
            [county.into(), row.into()],
        );
        let found = tx.connection().query_one_raw(select).await?;
        let sealed: Vec<u8> = found.expect("a row").try_get("", "answer")?;
        Ok(vault.unseal(&SEALED[0].at(tenant(county), format!("a {row}")), &sealed)?)
    }

    fn folder() -> (tempfile::TempDir, KeyFolder) {
        let folder = tempfile::tempdir().expect("folder");
        let keys = KeyFolder::at(folder.path().join("keys"));
        for kind in [Kind::Seal, Kind::Index] {
            keys.write(kind, 1, &Key::generate().expect("key"))
                .expect("written");
        }
        (folder, keys)
    }

    fn register<'a>(db: &'a Database, folder: &'a KeyFolder) -> Register<'a> {
        Register {
            db,
            service: "disbursement",
            folder,
            sealed: SEALED,
        }
    }

    fn said<T>(result: anyhow::Result<T>) -> String {
        format!("{:#}", result.map(|_| ()).expect_err("refused"))
    }

    #[tokio::test]
    async fn a_database_takes_the_keys_it_was_written_with_and_no_others() {
        let at = tempfile::tempdir().expect("folder");
        let db = sqlite(at.path()).await;
        let (_held, keys) = folder();
        let it = register(&db, &keys);
        assert_eq!(said(it.open().await), "no vault yet: yuhui vault init");
        it.initialise().await.expect("initialised");
        assert!(said(it.initialise().await).contains("has a vault already"));
        let vault = it.open().await.expect("opened");
        write(&db, &vault, "150203", "one").await.expect("written");

        let (_other, others) = folder();
        let refused = said(register(&db, &others).open().await);
        assert_eq!(
            refused,
            "index key 1 is not the one this database was written with"
        );
        std::fs::remove_file(keys.file(Kind::Seal, 1)).expect("removed");
        let refused = said(it.open().await);
        assert_eq!(refused, "seal key 1 is missing, 1 rows need it");
    }

    #[tokio::test]
    async fn keys_are_replaced_while_the_service_runs() {
        on_every_store(async |db| {
            let (_held, keys) = folder();
            let it = register(&db, &keys);
            it.initialise().await?;
            let vault = it.open().await?;
            it.refresh(&vault, "replica-1").await?;
            let owners = ["150203", "150204"].map(|it| Tenancy::One(tenant(it)));
            for number in 0..450 {
                write(&db, &vault, "150203", &format!("row-{number:03}")).await?;
            }
            write(&db, &vault, "150204", "row").await?;

            assert_eq!(it.add().await?, 2);
            // The replica has not seen it yet.
            assert!(said(it.activate(2).await).contains("replica-1 has no seal key 2"));
            it.refresh(&vault, "replica-1").await?;
            it.activate(2).await?;
            assert!(said(it.retire(1).await).contains("replica-1 still seals with key 1"));
            it.refresh(&vault, "replica-1").await?;
            write(&db, &vault, "150203", "late").await?;
            assert!(said(it.retire(1).await).starts_with("451 rows are sealed with key 1"));
            // What was sealed before is read as ever.
            assert_eq!(read(&db, &vault, "150203", "row-007").await?, NUMBER);

            let done = rotate(&db, &vault, SEALED, &owners).await?;
            assert_eq!((done.resealed, done.broken.len()), (451, 0));
            assert_eq!(rotate(&db, &vault, SEALED, &owners).await?.resealed, 0);
            it.retire(1).await?;
            std::fs::remove_file(keys.file(Kind::Seal, 1)).expect("removed");
            let opened = it.open().await?;
            assert_eq!(opened.ids(), [2]);
            assert_eq!(read(&db, &opened, "150203", "row-449").await?, NUMBER);
            assert_eq!(read(&db, &opened, "150204", "row").await?, NUMBER);
            let states: Vec<_> = it.list().await?.into_iter().map(|it| it.state).collect();
            assert_eq!(states, [State::Active, State::Retired, State::Active]);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_rotation_tells_what_it_cannot_open_and_goes_on() {
        on_every_store(async |db| {
            let (_held, keys) = folder();
            let it = register(&db, &keys);
            it.initialise().await?;
            let vault = it.open().await?;
            for row in ["one", "two"] {
                write(&db, &vault, "150203", row).await?;
            }
            let tx = db.begin(tenant("150203")).await?;
            let swap = "UPDATE idempotency SET answer =
                (SELECT answer FROM idempotency WHERE request_id = 'two')
                WHERE request_id = 'one'";
            tx.connection().execute_unprepared(swap).await?;
            tx.commit().await?;
            it.add().await?;
            it.activate(2).await?;
            let vault = it.open().await?;
            let owners = [Tenancy::One(tenant("150203"))];
            let done = rotate(&db, &vault, SEALED, &owners).await?;
            assert_eq!(done.resealed, 1);
            assert_eq!(done.broken, ["idempotency.answer a one"]);
            Ok(())
        })
        .await;
    }
}
