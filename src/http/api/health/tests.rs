use super::*;
use serde_json::json;

fn fine() -> Known {
    Known {
        stopping: false,
        store: Health::Healthy,
        worker: ModelState::Unknown,
        planner: Drafting::Nobody,
        drafts: ModelState::Unknown,
        scanners: 2,
        policy_version: "0123456789ab".to_owned(),
        policies_outdated: false,
        trust_level: 3,
    }
}

fn told(known: Known) -> (u16, serde_json::Value) {
    let (code, report) = report(known);
    (code.as_u16(), serde_json::to_value(report).unwrap())
}

#[test]
fn what_is_fine_is_told_with_the_parts_and_nothing_more() {
    let expected = json!({
        "status": "ok", "degraded": [], "policy_version": "0123456789ab", "trust_level": 3,
        "components": {"store": "ok", "worker": "unknown", "planner": "none", "planner_state": "none", "scanners": 2},
    });
    assert_eq!(told(fine()), (200, expected));
    let (code, with_models) = told(Known { worker: ModelState::Answers, planner: Drafting::Model, ..fine() });
    assert_eq!((code, &with_models["status"]), (200, &json!("ok")));
    assert_eq!(with_models["components"]["worker"], "ok");
    assert_eq!(with_models["components"]["planner"], "model");
}

#[test]
fn only_a_store_that_cannot_write_is_unavailable_and_its_path_is_not_told() {
    let reason = "disk full at /var/lib/somewhere".to_owned();
    let (code, report) = told(Known { store: Health::Unhealthy { reason }, ..fine() });
    assert_eq!((code, &report["status"], &report["degraded"]), (503, &json!("degraded"), &json!(["store"])));
    assert_eq!(report["components"]["store"], "failed");
    assert!(!report.to_string().contains("somewhere"), "{report}");
}

#[test]
fn a_worker_that_fails_and_missing_scanners_degrade() {
    let (code, report) = told(Known { worker: ModelState::Fails, scanners: 0, ..fine() });
    assert_eq!((code, &report["status"]), (200, &json!("degraded")));
    assert_eq!(report["degraded"], json!(["worker", "scanners"]));
    assert_eq!(report["components"]["worker"], "failed");
}

#[test]
fn a_planner_that_fails_degrades_and_only_where_there_is_one() {
    let failing = Known { planner: Drafting::Model, drafts: ModelState::Fails, ..fine() };
    let (code, report) = told(failing.clone());
    assert_eq!(
        (code, &report["status"], &report["degraded"]),
        (200, &json!("degraded"), &json!(["planner"]))
    );
    let shown = &report["components"];
    assert_eq!((&shown["planner"], &shown["planner_state"]), (&json!("model"), &json!("failed")));
    let (_, asked) = told(Known { drafts: ModelState::Answers, ..failing.clone() });
    assert_eq!((&asked["status"], &asked["components"]["planner_state"]), (&json!("ok"), &json!("ok")));
    let (_, nobody) = told(Known { planner: Drafting::Nobody, ..failing });
    assert_eq!((&nobody["status"], &nobody["components"]["planner_state"]), (&json!("ok"), &json!("none")));
}

#[test]
fn policies_that_could_not_be_read_again_degrade() {
    let (code, report) = told(Known { policies_outdated: true, ..fine() });
    assert_eq!(
        (code, &report["status"], &report["degraded"]),
        (200, &json!("degraded"), &json!(["policies"]))
    );
}

#[test]
fn going_down_is_told_first() {
    let (code, report) = told(Known { stopping: true, worker: ModelState::Fails, ..fine() });
    assert_eq!((code, &report["status"], &report["degraded"]), (200, &json!("stopping"), &json!(["worker"])));
}
