use super::*;
use crate::kernel::catalogue::{Effect, Grant, Origin, Role};
use crate::kernel::label::{Capacity, Integrity};

const SCHEMAS: &str = r##"[
  {"name": "get_mail", "description": " Mail. ", "inputSchema": {"type": "object", "required": ["id"],
     "properties": {"box": {"type": "string"}, "id": {"type": "integer"}}},
   "outputSchema": {"type": "object", "x-fastmcp-wrap-result": true, "required": ["result"],
     "$defs": {"Mail": {"type": "object", "required": ["id", "subject", "read", "sender"], "properties": {
        "id": {"type": "string"}, "subject": {"type": "string"}, "read": {"type": "boolean"},
        "sender": {"anyOf": [{"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
           {"type": "null"}]}}}},
     "properties": {"result": {"type": "array", "items": {"$ref": "#/$defs/Mail"}}}}},
  {"name": "send", "inputSchema": {"type": "object", "properties": {"to": {"type": "string"}, "cc": {"type": "string"}}}},
  {"name": "wipe", "inputSchema": {"type": "object"}}
]"##;

fn read(grants: &str) -> Result<Granted, Vec<String>> {
    let schemas = Named { name: "tools.json", text: SCHEMAS };
    load(schemas, Named { name: "grants.toml", text: grants }).map_err(|failure| failure.faults)
}

fn untrusted(capacity: Capacity) -> Grant {
    Grant { integrity: Integrity::Untrusted, capacity, public: false }
}

fn trusted() -> Grant {
    Grant { integrity: Integrity::Trusted, capacity: Capacity::Nothing, public: false }
}

#[test]
fn grants_join_the_schemas() {
    let granted = read(
        r#"
        [tools.send]
        effect = "write"
        critical = ["to", "cc"]
        output = "trusted"
        public = true
        idempotent = true
        reason = "sends"
        effect_with = { to = "egress" }
        roles = { to = "recipient" }
        [tools.get_mail]
        effect = "read"
        output = "untrusted"
        [tools.get_mail.fields]
        "[].id" = "trusted"
        "[].read" = "untrusted"
        "[].sender.name" = { integrity = "untrusted", capacity = "span", public = true }
        "#,
    )
    .unwrap();
    assert_eq!(granted.ungranted, [Arc::from("wipe")]);
    let names: Vec<&str> = granted.tools.iter().map(|tool| tool.name.as_ref()).collect();
    assert_eq!(names, ["get_mail", "send"]);
    let catalogue = granted.catalogue();
    let mail = catalogue.get("get_mail").unwrap();
    assert_eq!((mail.doc.as_ref(), mail.effect, mail.idempotent), ("Mail.", Effect::Read, false));
    assert_eq!(mail.origin, Origin::Tool);
    let params: Vec<_> = mail.params.iter().map(|p| (p.name.as_ref(), p.required)).collect();
    assert_eq!(params, [("id", true), ("box", false)]);
    assert_eq!(*mail.grant_at("[].subject"), untrusted(Capacity::Text));
    assert_eq!(*mail.grant_at("[].id"), trusted());
    assert_eq!(*mail.grant_at("[].read"), untrusted(Capacity::Bool));
    assert_eq!(*mail.grant_at("[].sender.name"), Grant { public: true, ..untrusted(Capacity::Span) });
    let send = catalogue.get("send").unwrap();
    assert_eq!(send.output, Grant { public: true, ..trusted() });
    assert_eq!(send.effect_with, [(Arc::from("to"), Effect::Egress)]);
    let params: Vec<_> = send.params.iter().map(|p| (p.name.as_ref(), p.critical, p.role)).collect();
    assert_eq!(params, [("to", true, Role::Recipient), ("cc", true, Role::Data)]);
    assert!(send.idempotent);
}

#[test]
fn an_argument_can_be_a_shell_command() {
    let granted = read("[tools.send]\neffect = \"execute\"\nroles = { to = \"command\" }").unwrap();
    let roles: Vec<_> = granted.tools[0].params.iter().map(|p| (p.name.as_ref(), p.role)).collect();
    assert_eq!(roles, [("to", Role::Command), ("cc", Role::Data)]);
}

#[test]
fn silence_is_no_praise() {
    let granted = read("[tools.send]\neffect = \"egress\"").unwrap();
    let send = &granted.tools[0];
    assert_eq!(send.output, untrusted(Capacity::Text));
    assert!(!send.idempotent);
}

#[test]
fn every_fault_is_told_with_its_line_and_the_nearest_name() {
    let grants = r#"colour = 1
[tools.get_mial]
effect = "read"
[tools.send]
efect = "write"
critical = ["too", 5]
output = "safe"
roles = { cc = "person" }
public = "yes"
[tools.get_mail]
effect = "look"
[tools.get_mail.fields]
"[].subjct" = "trusted"
"subject" = "trusted"
"[].sender.nam" = "trusted"
"[].id." = "trusted"
"[].id" = { integrity = "trusted", capacity = "text" }
"[].read" = { trust = 1 }
"#;
    let expected = [
        "grants.toml:1: unknown key `colour`; known are tools",
        "grants.toml:2: unknown tool `get_mial`; did you mean `get_mail`?",
        "grants.toml:5: unknown key `efect`; did you mean `effect`?",
        "grants.toml:4: `send` has no effect; add effect = \"read\", \"write\", \"egress\" or \"execute\"",
        "grants.toml:9: `public` must be true or false",
        "grants.toml:7: `output` cannot be `safe`; it is one of trusted, untrusted",
        "grants.toml:6: unknown argument of send `too`; did you mean `to`?",
        "grants.toml:6: an argument's name must be a text in quotes",
        "grants.toml:8: `cc` cannot be `person`; it is one of data, path, recipient, command",
        "grants.toml:11: `effect` cannot be `look`; it is one of read, write, egress, execute",
        "grants.toml:13: unknown field of what get_mail returns `[].subjct`; did you mean `[].subject`?",
        "grants.toml:14: unknown field of what get_mail returns `subject`; known are []",
        "grants.toml:15: unknown field of what get_mail returns `[].sender.nam`; did you mean `[].sender.name`?",
        "grants.toml:16: unknown field of what get_mail returns `[].id.`; did you mean `[].id`?",
        "grants.toml:17: a trusted field has no capacity: no stranger says anything with it",
        "grants.toml:18: unknown key `trust`; known are integrity, capacity, public",
    ];
    let faults = read(grants).unwrap_err();
    for (fault, expected) in faults.iter().zip(expected) {
        assert_eq!(fault, expected);
    }
    assert_eq!(faults.len(), expected.len(), "{faults:#?}");
}

#[test]
fn a_text_that_is_no_toml_says_where() {
    let faults = read("[tools.send]\neffect = read\n").unwrap_err();
    assert!(faults[0].starts_with("grants.toml:2: "), "{faults:?}");
    assert_eq!(faults.len(), 1);
}

#[test]
fn faults_of_the_schema_file() {
    let cases = [
        ("[", "tools.json:1: EOF"),
        ("{}", "tools.json:1: invalid type: map"),
        (r#"[{"inputSchema": {}}]"#, "tools.json: tool 1: it has no `name`"),
        (r#"[{"name": "a"}]"#, "tools.json: tool 1: it has no `inputSchema`"),
        (r#"[{"name": "a-b", "inputSchema": {}}]"#, "tools.json: tool 1: `a-b` cannot be called in a plan"),
        (
            r#"[{"name": "file_read", "inputSchema": {}}]"#,
            "tools.json: tool 1: `file_read` is the name of a built-in",
        ),
        (
            r#"[{"name": "a", "inputSchema": {"type": "object", "properties": {"x y": {}}}}]"#,
            "tools.json: tool 1: `a`: the argument `x y` cannot be written as a keyword",
        ),
        (
            r#"[{"name": "a", "inputSchema": {}}, {"name": "a", "inputSchema": {}}]"#,
            "tools.json: the tool `a` is described twice",
        ),
    ];
    for (schemas, expected) in cases {
        let schemas = Named { name: "tools.json", text: schemas };
        let failure =
            load(schemas, Named { name: "g.toml", text: "[tools.zzz]\neffect = \"read\"" }).unwrap_err();
        assert_eq!(failure.faults.len(), 1, "{failure}");
        assert!(failure.faults[0].starts_with(expected), "{failure}");
    }
}
