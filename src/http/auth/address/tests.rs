use super::*;
use axum::http::HeaderValue;

fn client(peer: &str, lines: &[&str]) -> String {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(FORWARDED_FOR, HeaderValue::from_str(line).unwrap());
    }
    let proxies = ["10.0.0.0/24".parse().unwrap(), "fd00::1/128".parse().unwrap()];
    Address::of(peer.parse().unwrap(), &headers, &proxies).to_string()
}

#[test]
fn only_a_trusted_proxy_may_name_somebody_else() {
    assert_eq!(client("192.0.2.1", &["203.0.113.9"]), "192.0.2.1");
    assert_eq!(client("10.0.0.7", &["203.0.113.9"]), "203.0.113.9");
    assert_eq!(client("::ffff:10.0.0.7", &["203.0.113.9"]), "203.0.113.9");
    assert_eq!(client("fd00::1", &["2001:db8::1"]), "2001:db8::1");
    assert_eq!(client("10.0.0.7", &[]), "10.0.0.7");
}

#[test]
fn what_the_client_wrote_itself_is_not_believed() {
    assert_eq!(client("10.0.0.7", &["127.0.0.1, 203.0.113.9"]), "203.0.113.9");
    assert_eq!(client("10.0.0.7", &["127.0.0.1", "203.0.113.9, 10.0.0.8"]), "203.0.113.9");
    assert_eq!(client("10.0.0.7", &["127.0.0.1, nonsense"]), "10.0.0.7");
    assert_eq!(client("10.0.0.7", &["127.0.0.1, 203.0.113.9:80, 10.0.0.8"]), "10.0.0.8");
}
