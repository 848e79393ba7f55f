//! What a planner thinks of a conversation, while its task waits.

use super::*;

#[test]
fn the_risk_rises_with_the_draft_and_stands_beside_the_plan() {
    let b = bench(ApprovalMode::Full);
    let task = b.submit(Wish { request: "an odd thing".to_owned(), ..wish(None) });
    let question = b.question(&task.id);
    let view = b.controller.task(&user(), &task.id).unwrap().unwrap();
    assert_eq!((view.over, view.risk_score), (false, 55));
    let row = b.controller.approval(&user(), &question).unwrap().unwrap();
    let assessment = &row.payload["shown"]["assessment"];
    assert_eq!((&assessment["risk"], &assessment["reason"]), (&55.into(), &"an odd wish".into()));
    b.decide(&question, Answer::Granted).unwrap();
    b.over(&task.id);
    // A calm task in the same conversation does not lower it, and its question says nothing of it.
    let calm = b.submit(Wish { session: Some(task.session.clone()), ..wish(None) });
    let row = b.controller.approval(&user(), &b.question(&calm.id)).unwrap().unwrap();
    assert_eq!(row.payload["shown"].get("assessment"), None);
    assert_eq!(b.controller.task(&user(), &calm.id).unwrap().unwrap().risk_score, 55);
}
