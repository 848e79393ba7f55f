use super::*;
use axum::http::HeaderValue;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    request: String,
    count: Option<u8>,
}

fn refused(body: &[u8]) -> (&'static str, String) {
    let problem = parse::<Order>(body).unwrap_err();
    assert_eq!(problem.status(), 400);
    (problem.kind(), problem.detail().to_owned())
}

#[test]
fn what_fits_is_read() {
    let order: Order = parse(r#"{"request":"\u00e4\ud83d\ude00","count":3}"#.as_bytes()).unwrap();
    assert_eq!((order.request.as_str(), order.count), ("ä😀", Some(3)));
}

#[test]
fn what_does_not_fit_is_told_by_name_and_place_and_never_quoted() {
    let (kind, detail) = refused(br#"{"request":"a","planner":"c4n4ry"}"#);
    assert_eq!((kind, detail.contains("unknown field `planner`")), ("unfit", true), "{detail}");
    let (_, detail) = refused(br#"{"reqest":"a"}"#);
    let nearest = "unknown field `reqest`; did you mean `request`? known are `request`, `count`";
    assert!(detail.ends_with(nearest), "{detail}");
    // A stranger's name is cut, our own are not.
    let (_, detail) = refused(format!(r#"{{"{}":1}}"#, "x`, expected ".repeat(99)).as_bytes());
    assert!(detail.ends_with("…`: known are `request`, `count`"), "{detail}");
    for empty in [b"".as_slice(), b" \n"] {
        assert_eq!(
            refused(empty),
            ("empty", "the body is empty: send JSON, an object such as {}".to_owned())
        );
    }
    let (_, detail) = refused(br#"{"request":{"c4n4ry":1}}"#);
    assert_eq!(detail, "`request`: expected a string");
    let (_, detail) = refused(br#"{"request":"a","count":4711}"#);
    assert!(detail.starts_with("`count`: expected u8"), "{detail}");
    let (_, detail) = refused(b"{}");
    assert!(detail.contains("missing field `request`"), "{detail}");
    let (_, detail) = refused(br#"{"request":"a","request":"b"}"#);
    assert!(detail.contains("duplicate field `request`"), "{detail}");
    assert!(!refused(br#"["c4n4ry"]"#).1.contains("c4n4ry"));
}

#[test]
fn what_is_no_json_is_told_with_its_place() {
    assert_eq!(refused(b"{").1, "the body ends in the middle at line 1, column 1");
    assert_eq!(refused(b"{\"request\":").0, "not-json");
    assert_eq!(
        refused(b"{\"request\":\"\xff\"}"),
        ("not-utf8", "the body is not UTF-8: byte 12 is wrong".into())
    );
    assert!(refused(br#"{"request":"\ud800"}"#).1.contains("half a surrogate pair"));
    assert!(refused(br#"{"request":"\ud800x"}"#).1.contains("half a surrogate pair"));
    assert!(refused(b"{\"request\":\"a\nb\"}").1.contains("control character"));
    assert_eq!(refused(br#"{"request":"a"} x"#).0, "not-json");
}

#[test]
fn nul_and_depth_are_refused() {
    assert_eq!(refused(br#"{"request":"a\u0000b"}"#), ("nul", "`request` contains the character NUL".into()));
    assert_eq!(refused(br#"{"a\u0000":1}"#).0, "nul");
    let deep = |n: usize| format!("{{\"request\":{}1{}}}", "[".repeat(n), "]".repeat(n));
    assert_eq!(refused(deep(40).as_bytes()).0, "too-deep");
    assert!(refused(deep(100_000).as_bytes()).1.contains("nested too deeply"));
}

#[test]
fn only_json_in_utf8_is_taken() {
    let judge = |text| {
        judge_type(&HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(text))])).is_ok()
    };
    for good in ["application/json", "Application/JSON; charset=utf-8", "application/json; charset=\"UTF-8\""]
    {
        assert!(judge(good), "{good}");
    }
    for bad in [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=utf-16",
        "text/json",
    ] {
        assert!(!judge(bad), "{bad}");
    }
    assert_eq!(judge_type(&HeaderMap::new()).unwrap_err().status(), 415);
    let two = ["application/json", "text/plain"].map(HeaderValue::from_static);
    let mut both = HeaderMap::new();
    for kind in two {
        both.append(header::CONTENT_TYPE, kind);
    }
    assert_eq!(judge_type(&both).unwrap_err().status(), 415);
}
