use super::*;
use axum::http::HeaderName;

fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
}

#[test]
fn packing_is_for_those_who_take_it() {
    for (accepts, packed) in [
        ("gzip", true),
        ("br, GZIP;q=0.5", true),
        ("gzip; q=0", false),
        ("gzip;q=0.000", false),
        ("br, deflate", false),
        ("x-gzip", false),
        ("", false),
    ] {
        assert_eq!(takes_gzip(&headers(&[(header::ACCEPT_ENCODING, accepts)])), packed, "{accepts}");
    }
    assert!(!takes_gzip(&HeaderMap::new()));
}

#[test]
fn a_browser_s_copy_holds_by_either_tag() {
    for (known, there) in
        [("\"abc\"", true), ("\"x\", W/\"abc-gz\"", true), ("*", true), ("\"abcd\"", false), ("\"\"", false)]
    {
        assert_eq!(holds(&headers(&[(header::IF_NONE_MATCH, known)]), "abc"), there, "{known}");
    }
    assert!(!holds(&HeaderMap::new(), "abc"));
}

#[test]
fn every_file_has_a_media_type_and_packing_makes_it_smaller() {
    for file in &EMBEDDED {
        let kind = kind(file.name).unwrap_or_else(|| panic!("{} has no media type", file.name));
        let asset = file.asset(kind);
        assert!(!asset.plain.is_empty(), "{}", file.name);
        assert!(asset.packed.is_none_or(|packed| packed.len() < asset.plain.len()), "{}", file.name);
    }
    assert_eq!((kind("lock.json"), kind("README.md"), kind("js")), (None, None, None));
}

#[tokio::test]
async fn a_folder_is_read_anew_and_never_left() {
    let dir = tempfile::tempdir().unwrap();
    let place = |name: &str| dir.path().join(name);
    #[expect(clippy::disallowed_methods, reason = "a test that lays out a folder")]
    let write = |name: &str, text: &str| std::fs::write(place(name), text).unwrap();
    #[expect(clippy::disallowed_methods, reason = "a test that lays out a folder")]
    std::fs::create_dir(place("ui")).unwrap();
    write("secret.txt", "secret");
    write("ui/key.pem", "secret");
    write("ui/index.html", "one");
    std::os::unix::fs::symlink(place("secret.txt"), place("ui/link.txt")).unwrap();
    let assets = Assets::open(Some(&place("ui"))).unwrap();
    let read = async |name: &str| assets.find(name).await.map(|asset| asset.plain);
    assert_eq!(read("index.html").await.as_deref(), Some(&b"one"[..]));
    write("ui/index.html", "two");
    assert_eq!(read("index.html").await.as_deref(), Some(&b"two"[..]));
    for never in ["../secret.txt", "link.txt", "/etc/hosts.txt", "key.pem", ".", "", "missing.html"] {
        assert_eq!(read(never).await, None, "{never}");
    }
    assert!(Assets::open(Some(&place("nowhere"))).is_err());
}
