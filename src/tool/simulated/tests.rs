use super::*;
use crate::kernel::id::{CallNo, Digest, RunId, Site};
use crate::tool::builtin;
use crate::tool::grants::{Named, load};
use serde_json::json;

const SCHEMAS: &str = r#"[
  {"name": "get", "inputSchema": {"type": "object", "properties": {"id": {"type": "integer"}}},
   "outputSchema": {"type": "object", "required": ["when", "tags", "owner"], "properties": {
      "when": {"type": "string", "format": "date-time"}, "tags": {"type": "array", "items": {"type": "integer"}},
      "owner": {"anyOf": [{"type": "null"}, {"type": "boolean"}]}}}}
]"#;

fn simulated(rules: &str, unscripted: Unscripted) -> Simulated {
    let schemas = Named { name: "s", text: SCHEMAS };
    let granted = load(schemas, Named { name: "g", text: "[tools.get]\neffect = \"read\"" }).unwrap();
    let catalogue = Catalogue::new(granted.tools.into_iter().chain(builtin::tools()));
    Simulated::new(catalogue, serde_json::from_str(rules).unwrap(), unscripted)
}

fn call(tools: &Simulated, tool: &str, args: Json) -> Result<Json, String> {
    let invocation = Invocation {
        run: RunId::new("r"),
        call: CallNo(1),
        site: Site(1),
        tool: Arc::from(tool),
        args: args.as_object().unwrap().clone(),
        idempotency_key: Digest::of(b""),
    };
    tools.invoke(&invocation).map(|output| output.value).map_err(|failure| failure.message)
}

#[test]
fn the_first_rule_that_fits_counts() {
    let rules = r#"[
        {"tool": "get", "args": {"id": 1}, "value": "one"},
        {"tool": "get", "args": {"id": 2}, "error": "no such id"},
        {"name": "get", "value": null}
    ]"#;
    let tools = simulated(rules, Unscripted::Fails);
    assert_eq!(call(&tools, "get", json!({"id": 1, "more": true})), Ok(json!("one")));
    assert_eq!(call(&tools, "get", json!({"id": 2})), Err("no such id".to_owned()));
    assert_eq!(call(&tools, "get", json!({})), Ok(Json::Null));
    assert!(call(&tools, "today", json!({})).is_err());
}

#[test]
fn every_call_is_recorded_also_those_that_fail() {
    let tools = simulated("[]", Unscripted::Fails);
    let _ = call(&tools, "get", json!({"id": 1}));
    let _ = call(&tools, "nothing", json!({}));
    let seen: Vec<_> =
        tools.calls().into_iter().map(|c| (c.tool.to_string(), Json::Object(c.args))).collect();
    assert_eq!(seen, [("get".to_owned(), json!({"id": 1})), ("nothing".to_owned(), json!({}))]);
}

#[test]
fn what_nobody_scripted_is_of_the_tools_type() {
    let tools = simulated("[]", Unscripted::MadeUp);
    let value = call(&tools, "get", json!({})).unwrap();
    assert_eq!(value, json!({"when": "2026-01-02T03:04:05", "tags": [7, 7], "owner": true}));
    assert!(call(&tools, "not in the catalogue", json!({})).is_err());
}

#[test]
fn files_in_memory_behave_as_the_workspace() {
    let files = BTreeMap::from([("inbox/a.txt".to_owned(), "hello".to_owned())]);
    let tools = simulated("[]", Unscripted::Fails).with_files(files);
    assert_eq!(call(&tools, "file_read", json!({"path": "./inbox/a.txt"})), Ok(json!("hello")));
    assert!(call(&tools, "file_read", json!({"path": "../etc/passwd"})).is_err());
    assert!(call(&tools, "file_read", json!({"path": "inbox/b.txt"})).is_err());
    assert!(call(&tools, "file_write", json!({"path": "out/x", "content": "1"})).is_err());
    call(&tools, "mkdir", json!({"path": "out"})).unwrap();
    call(&tools, "file_write", json!({"path": "out/x", "content": "1"})).unwrap();
    assert_eq!(tools.files()["out/x"], "1");
    let listed = call(&tools, "list_dir", json!({})).unwrap();
    assert_eq!(
        listed.as_array().unwrap().iter().map(|e| e["name"].clone()).collect::<Vec<_>>(),
        ["inbox", "out"]
    );
    let listed = call(&tools, "list_dir", json!({"path": "inbox"})).unwrap();
    assert_eq!(listed, json!([{"name": "a.txt", "path": "inbox/a.txt", "kind": "file", "size": 5}]));
}
