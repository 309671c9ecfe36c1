use yuhui_platform::objects::Place;

use super::*;

fn given(text: &str) -> (tempfile::TempDir, Given) {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("yuhui.toml");
    fs::write(&file, text).expect("written");
    let given = Given {
        config: Some(file),
        ..Given::default()
    };
    (folder, given)
}

fn read(text: &str) -> anyhow::Result<Settings> {
    let (_folder, given) = given(text);
    Settings::read(&given, Vec::new())
}

#[test]
fn the_documented_defaults_are_the_defaults() {
    let settings = Settings::read(&Given::default(), Vec::new()).expect("settings");
    assert_eq!(settings.public, Limits::public());
    assert_eq!(settings.internal, Limits::internal());
    assert_eq!(settings.session, Lives::default());
    assert_eq!(settings.password, Cost::default());
    assert_eq!(settings.sign_in, SignInLimits::default());
    assert_eq!(settings.rate, RateLimits::default());
    assert_eq!(settings.pace, Pace::default());
    let database = settings.database.of(Part::Eligibility).expect("database");
    assert_eq!(database.times, Times::default());
    assert_eq!(database.url, "sqlite://./data/eligibility.db");
    assert!(!settings.has_tls() && !settings.listen.single);
    assert!(settings.listen.trusted_proxies.is_empty());
    for part in Part::ALL {
        assert!(settings.address(*part).expect("address").ip().is_loopback());
    }
}

#[test]
fn a_file_sets_some_and_leaves_the_others() {
    let text = "[listen]\ntrusted_proxies = ['10.0.0.0/8']\n\
        [limits]\nstreams = 7\nanonymous_deadline = '1500ms'\n\
        [limits.internal]\nstreams = 9\n\
        [session]\nlife = '1day'\n\
        [outbox]\nlanes = 16\n[inbox]\nlongest_pause = '1m'\n";
    let settings = read(text).expect("settings");
    assert_eq!((settings.public.streams, settings.internal.streams), (7, 9));
    let deadline = settings.public.anonymous_deadline;
    assert_eq!(deadline, Duration::from_millis(1500));
    assert_eq!(settings.public.places, Limits::public().places);
    assert_eq!(settings.listen.trusted_proxies.len(), 1);
    assert_eq!(settings.session.life, Duration::from_secs(24 * 3600));
    assert_eq!(settings.session.access, Lives::default().access);
    assert_eq!(settings.pace.outbox.lanes, 16);
    assert_eq!(settings.pace.inbox.longest_pause, Duration::from_secs(60));
    assert_eq!(settings.pace.slice, Pace::default().slice);
}

#[test]
fn a_flag_goes_before_the_file() {
    let (_folder, mut given) = given("[database]\nfolder = '/there'\nmin_free = '1MiB'\n");
    given.data = Some("/here".into());
    let flags = vec![("listen.public", "127.0.0.1:1".into())];
    let settings = Settings::read(&given, flags).expect("settings");
    assert_eq!(settings.database.folder, Path::new("/here"));
    assert_eq!(settings.listen.public.port(), 1);
    let database = settings.database.of(Part::Gateway).expect("database");
    assert_eq!(database.min_free, 1 << 20);
}

#[test]
fn documents_lie_beside_files_or_where_was_set() {
    let place = |text: &str| read(text).expect(text).documents();
    let folder_of = |text: &str| match place(text).expect(text) {
        Some(Place::Folder { path, .. }) => Some(path),
        _ => None,
    };
    let beside = folder_of("[database]\nfolder = '/data'\n");
    assert_eq!(beside.as_deref(), Some(Path::new("/data/documents")));
    let set = folder_of("[documents]\nfolder = '/shared'\n");
    assert_eq!(set.as_deref(), Some(Path::new("/shared")));
    let postgres = "[database]\nurl = 'postgres://u@db/x'\n";
    assert!(place(postgres).expect("settings").is_none());
    let bucket = "[documents]\nbucket = 'files'\nregion = 'cn'\naccess_id = 'a'\n";
    let error = place(bucket).expect_err("no secret");
    assert!(error.to_string().contains("documents.secret_key_file"));
    let whole = format!("{bucket}secret_key_file = '/secret'\n");
    assert!(matches!(place(&whole), Ok(Some(Place::Bucket(it))) if it.name == "files"));
    assert!(place(&format!("{whole}folder = '/shared'\n")).is_err());
    assert!(place(&format!("{whole}endpoint = 'http://127.0.0.1:9000'\n")).is_ok());
    assert!(place(&format!("{whole}endpoint = 'http://objects.example'\n")).is_err());
}

#[test]
fn what_is_no_setting_is_refused_by_name() {
    for (text, named) in [
        ("[limits]\nmax_strems = 5\n", "max_strems"),
        ("[limits.internal]\nstrems = 5\n", "strems"),
        ("[listen]\nproxies = []\n", "proxies"),
        ("[edge]\nstreams = 5\n", "edge"),
        ("[database]\nurls = ''\n", "urls"),
        ("[documents]\nfolders = ''\n", "folders"),
        ("[peers]\ngateway = []\n", "gateway"),
        ("[password]\ncost = 1\n", "cost"),
    ] {
        let error = read(text).expect_err(text);
        assert!(format!("{error:#}").contains(named), "{error:#}");
    }
    for text in [
        "[limits]\nheaders = 'many'\n",
        "[listen]\ntrusted_proxies = ['proxy']\n",
        "[listen]\npublic = 'here'\n",
        "[database]\nlock = 3\n",
        "[keys]\nreload = '0s'\n",
        "[tls]\nreload = '5m'\n",
        "[outbox]\nlanes = 0\n",
        "[outbox]\nlanes = 65\n",
        "[outbox]\npause = '10m'\n",
        "[outbox]\nlongest_pause = '2days'\n",
        "[inbox]\npoll = '1m'\n",
        "[outbox]\nbatch = 1001\n",
        "[outbox]\npoll = '10ms'\n",
        "[inbox]\npause = '20m'\n",
        "[inbox]\npause = '0s'\n",
    ] {
        assert!(read(text).is_err(), "{text}");
    }
}

#[test]
fn a_password_comes_from_its_own_file_and_is_not_shown() {
    let folder = tempfile::tempdir().expect("folder");
    for service in ["eligibility", "funding-ledger"] {
        let file = folder.path().join(service);
        fs::write(file, "a/b@c\n").expect("written");
    }
    let text = format!(
        "[database]\nurl = 'postgres://yuhui_{{service}}@db/yuhui_{{service}}'\n\
         owner_url = 'postgres://owner:hidden@db/yuhui_{{service}}'\n\
         password_file = '{}/{{service}}'\n",
        folder.path().display()
    );
    let settings = read(&text).expect("settings");
    let database = settings.database.of(Part::FundingLedger).expect("database");
    assert_eq!(
        database.url,
        "postgres://yuhui_funding_ledger:a%2Fb%40c@db/yuhui_funding_ledger"
    );
    assert_eq!(
        database.migrate_url.as_deref(),
        Some("postgres://owner:hidden@db/yuhui_funding_ledger")
    );
    assert!(settings.database.of(Part::Disbursement).is_err());
    let (_folder, given) = given(&text);
    let shown = show(&given).expect("shown");
    assert!(!shown.contains("hidden"), "{shown}");
    assert!(shown.contains("owner:***@db"), "{shown}");
    assert!(shown.contains("max_connections = 16"), "{shown}");
}
