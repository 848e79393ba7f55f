use super::*;

#[test]
fn the_door_refuses() {
    refuses().unwrap();
}

#[test]
fn a_door_that_follows_or_takes_too_much_is_found() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    let reply = |status| Ok(HttpReply { status, retry_after: None, body: Vec::new() });
    assert!(redirected(&reply(302), &elsewhere).is_ok());
    assert!(redirected(&reply(200), &elsewhere).is_err());
    let _visitor = TcpStream::connect(elsewhere.local_addr().unwrap()).unwrap();
    assert!(redirected(&reply(302), &elsewhere).is_err());
    assert!(cut_off(&Err(HttpFailure::TooLarge("x".to_owned(), 1))).is_ok());
    assert!(cut_off(&reply(200)).is_err());
    assert!(cut_off(&Err(HttpFailure::TimedOut("x".to_owned(), 1))).is_err());
}
