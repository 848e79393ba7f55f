use super::super::tests::*;
use super::*;
use serde_json::json;

#[test]
fn calls_tell_how_each_ended() {
    let f = fixture();
    for entry in [
        screened("x"),
        started(1, "read", &[("path", json!("a"), planned())]),
        returned(1, json!(0.5), from_file("a")),
        started(2, "write", &[]),
        failed(2, "disk full"),
        started(3, "send", &[]),
    ] {
        f.store.append(&run("r"), &entry).unwrap();
    }
    f.store.append(&run("other"), &started(4, "read", &[])).unwrap();
    let f = f.reopened();
    let calls = f.store.calls(&run("r")).unwrap();
    let names: Vec<_> = calls.iter().map(|c| (c.call.0, c.name.as_ref(), c.started.0, c.starts)).collect();
    assert_eq!(names, [(1, "read", 2, 1), (2, "write", 4, 1), (3, "send", 6, 1)]);
    assert_eq!(
        calls[0].args,
        [RecordedArg {
            name: "path".into(),
            value: json!("a"),
            label: planned(),
            through: Vec::new(),
            findings: Vec::new()
        }]
    );
    assert!(matches!(&calls[0].state, CallState::Returned { value, label, findings, .. }
        if *value == json!(0.5) && *label == from_file("a") && findings.len() == 1));
    assert_eq!(calls[1].state, CallState::Failed { message: "disk full".to_owned() });
    assert_eq!(calls[2].state, CallState::Started);
    assert!(calls.iter().all(|c| !c.erased));
}

#[test]
fn a_call_started_again_is_unknown_again() {
    let f = fixture();
    for entry in [started(1, "read", &[]), failed(1, "cut off"), started(1, "read", &[])] {
        f.store.append(&run("r"), &entry).unwrap();
    }
    let calls = f.store.calls(&run("r")).unwrap();
    assert_eq!((calls.len(), calls[0].starts, calls[0].started.0), (1, 2, 3));
    assert_eq!(calls[0].state, CallState::Started);
}

#[test]
fn a_result_of_another_call_leaves_it_unknown() {
    let f = fixture();
    f.store.append(&run("r"), &started(1, "read", &[])).unwrap();
    let Entry::CallReturned { value, label, findings, file, spans, .. } = returned(1, json!(1), planned())
    else {
        unreachable!()
    };
    let digest = digest("something else");
    let forged = Entry::CallReturned { call: CallNo(1), digest, value, label, findings, file, spans };
    f.store.append(&run("r"), &forged).unwrap();
    assert_eq!(f.store.calls(&run("r")).unwrap()[0].state, CallState::Started);
}
