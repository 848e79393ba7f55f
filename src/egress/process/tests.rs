use super::*;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

fn shell(script: &str) -> Peer {
    Peer::start(Path::new("/bin/sh"), &["-c", script], &[("ONLY", "this")]).unwrap()
}

const SOON: Duration = Duration::from_secs(20);

#[test]
fn frames_come_back_as_they_went() {
    let mut peer = Peer::start(Path::new("/bin/cat"), &[], &[]).unwrap();
    for frame in [&b"hello"[..], b"", b"again"] {
        peer.send(frame.to_vec()).unwrap();
        assert_eq!(peer.receive(SOON).unwrap(), frame);
    }
}

#[test]
fn the_environment_is_closed() {
    let mut peer = shell(
        r#"s="$(env | grep -v -e '^PWD=' -e '^_=' -e '^SHLVL=' -e '^OLDPWD=')"; printf '\011\000\000\000%s' "$s""#,
    );
    assert_eq!(peer.receive(SOON).unwrap(), b"ONLY=this");
}

#[test]
fn a_child_that_ends_is_named() {
    let mut peer = shell("exit 3");
    let failure = peer.receive(SOON).unwrap_err().to_string();
    assert!(failure.contains("ended unexpectedly"), "{failure}");
}

#[test]
fn a_silent_child_is_killed() {
    let mut peer = shell("exec sleep 600");
    let id = peer.id();
    assert!(matches!(peer.receive(Duration::from_millis(50)), Err(PeerFailure::TimedOut(_))));
    assert!(!Path::new(&format!("/proc/{id}")).exists());
}

#[test]
fn a_child_that_nobody_waits_for_is_killed() {
    let mut peer = shell("exec sleep 600");
    let (id, stop) = (peer.id(), Arc::new(AtomicBool::new(true)));
    let received = halt::until(&stop, || peer.receive(SOON));
    assert!(matches!(received, Err(PeerFailure::GivenUp)));
    assert!(!Path::new(&format!("/proc/{id}")).exists());
}

#[test]
fn a_frame_that_claims_too_much_is_not_read() {
    let mut peer = shell(r"printf '\377\377\377\377'; exec sleep 600");
    assert!(matches!(peer.receive(SOON), Err(PeerFailure::Ended(_))));
    assert!(matches!(peer.send(vec![0; MAX_FRAME + 1]), Err(PeerFailure::TooLarge(_))));
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let failure = Peer::start(Path::new("/no/such/program"), &[], &[]).unwrap_err().to_string();
    assert!(failure.contains("/no/such/program"), "{failure}");
}
