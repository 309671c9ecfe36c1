use std::{collections::BTreeMap, sync::Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::{Request, State},
    http::{Method, StatusCode},
    response::{IntoResponse as _, Response},
};
use tonic::Code;

use super::*;

async fn keeps_and_gives_back(objects: Objects) {
    let (one, other) = ("150203/one/a", "150203/one/b");
    assert_eq!(objects.get(one).await.expect("nothing"), None);
    objects.put(one, b"first".to_vec()).await.expect("put");
    objects.put(one, b"again".to_vec()).await.expect("put");
    objects.put(other, b"other".to_vec()).await.expect("put");
    objects.put("150203/two/a", vec![7]).await.expect("put");
    let kept = objects.get(one).await.expect("read");
    assert_eq!(kept.as_deref(), Some(&b"again"[..]));
    assert_eq!(objects.remove_below("150203/one").await.expect("gone"), 2);
    assert_eq!(objects.remove_below("150203/one").await.expect("none"), 0);
    assert_eq!(objects.get(other).await.expect("nothing"), None);
    assert!(objects.get("150203/two/a").await.expect("read").is_some());
}

#[tokio::test]
async fn a_folder_keeps_contents_that_its_owner_alone_can_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("documents");
    let place = |min_free| Place::Folder {
        path: path.clone(),
        min_free,
    };
    let objects = Objects::open(&place(0)).expect("opened");
    let mode = fs::metadata(&path).expect("made").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    keeps_and_gives_back(objects).await;
}

#[tokio::test]
async fn without_a_place_there_is_nothing() {
    let nowhere = Objects::default();
    let put = nowhere.put("a", Vec::new()).await.expect_err("nowhere");
    assert_eq!(put.code(), Code::Unavailable);
}

type Kept = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// As much of S3 as is asked for.
async fn bucket(State(kept): State<Kept>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    assert!(parts.headers.contains_key("authorization"));
    let body = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
    let mut kept = kept.lock().expect("lock");
    let name = parts.uri.path().trim_start_matches("/files/").to_owned();
    match parts.method {
        Method::PUT => {
            kept.insert(name, body.to_vec());
            ([("etag", "\"1\"")], "").into_response()
        }
        Method::DELETE => {
            kept.remove(&name);
            StatusCode::NO_CONTENT.into_response()
        }
        _ if parts.uri.path().trim_end_matches('/') == "/files" => {
            let query = parts.uri.query().unwrap_or_default().replace("%2F", "/");
            let (_, prefix) = query.split_once("prefix=").expect("a prefix");
            let prefix = prefix.split('&').next().expect("a prefix");
            let listed = kept.keys().filter(|it| it.starts_with(prefix));
            let listed: String = listed
                .map(|it| {
                    format!(
                        "<Contents><Key>{it}</Key><Size>1</Size><ETag>\"1\"</ETag>\
                         <LastModified>2025-03-10T00:00:00.000Z</LastModified></Contents>"
                    )
                })
                .collect();
            format!(
                "<ListBucketResult><Name>files</Name>{listed}<IsTruncated>false</IsTruncated></ListBucketResult>"
            )
            .into_response()
        }
        _ => match kept.get(&name) {
            Some(content) => (
                [
                    ("etag", "\"1\""),
                    ("last-modified", "Mon, 10 Mar 2025 00:00:00 GMT"),
                ],
                Bytes::from(content.clone()),
            )
                .into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        },
    }
}

#[tokio::test]
async fn a_bucket_keeps_the_same_under_its_prefix() {
    let kept = Kept::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a port");
    let address = listener.local_addr().expect("an address");
    let served = Router::new().fallback(bucket).with_state(kept.clone());
    tokio::spawn(async move { axum::serve(listener, served).await });
    let folder = tempfile::tempdir().expect("folder");
    let secret = folder.path().join("secret");
    fs::write(&secret, "hidden\n").expect("written");
    let place = Place::Bucket(Bucket {
        name: "files".into(),
        prefix: "yuhui".into(),
        endpoint: format!("http://{address}"),
        region: "cn-north-1".into(),
        access_id: "key".into(),
        secret_key_file: secret,
        ca: PathBuf::new(),
    });
    keeps_and_gives_back(Objects::open(&place).expect("opened")).await;
    let names: Vec<String> = kept.lock().expect("lock").keys().cloned().collect();
    assert_eq!(names, ["yuhui/150203/two/a"]);
}

#[tokio::test]
async fn a_store_that_is_away_is_unavailable_and_a_secret_that_is_missing_is_told() {
    let folder = tempfile::tempdir().expect("folder");
    let secret = folder.path().join("secret");
    let place = Place::Bucket(Bucket {
        name: "files".into(),
        endpoint: "http://127.0.0.1:9".into(),
        region: "cn-north-1".into(),
        access_id: "key".into(),
        secret_key_file: secret.clone(),
        ..Bucket::default()
    });
    let error = Objects::open(&place).expect_err("no secret");
    assert!(format!("{error:#}").contains("documents.secret_key_file"));
    fs::write(&secret, "hidden").expect("written");
    let objects = Objects::open(&place).expect("opened");
    let read = objects.get("a").await.expect_err("nobody is there");
    assert_eq!(read.code(), Code::Unavailable);
}
