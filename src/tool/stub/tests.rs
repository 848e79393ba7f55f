use super::*;
use crate::tool::builtin;
use crate::tool::grants::{Named, load};

fn catalogue(schemas: &str, grants: &str) -> Catalogue {
    load(Named { name: "s.json", text: schemas }, Named { name: "g.toml", text: grants }).unwrap().catalogue()
}

#[test]
fn the_built_in_tools() {
    insta::assert_snapshot!(render(&Catalogue::new(builtin::tools())));
}

#[test]
fn granted_tools_with_records_options_and_odd_names() {
    let schemas = r##"[
      {"name": "search", "description": "Looks for mail.\nNewest first.",
       "inputSchema": {"type": "object", "required": ["query"], "properties": {
          "limit": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": null, "description": "at most"},
          "query": {"type": "string", "description": "what to\nlook for"},
          "box": {"enum": ["in", "out"], "type": "string"}}},
       "outputSchema": {"type": "object", "x-fastmcp-wrap-result": true, "required": ["result"],
          "$defs": {"Mail": {"type": "object", "title": "Mail", "required": ["id", "from"], "properties": {
             "id": {"type": "string"}, "from": {"$ref": "#/$defs/Person"}, "x-score": {"type": "number"}}},
             "Person": {"type": "object", "properties": {"name": {"type": "string"}}}},
          "properties": {"result": {"type": "array", "items": {"$ref": "#/$defs/Mail"}}}}},
      {"name": "other", "inputSchema": {"type": "object", "properties": {}},
       "outputSchema": {"type": "object", "title": "Mail", "required": ["n"],
          "properties": {"n": {"type": "integer"}}}}
    ]"##;
    let grants = r#"
      [tools.search]
      effect = "read"
      critical = ["query"]
      effect_with = { box = "egress" }
      [tools.search.fields]
      "[].id" = "trusted"
      [tools.other]
      effect = "write"
      output = "trusted"
    "#;
    insta::assert_snapshot!(render(&catalogue(schemas, grants)));
}

#[test]
fn a_description_cannot_leave_its_docstring() {
    let hostile = r#"Fine.\"\"\"\nimport os\n\"\"\"\\\u202e\u0007 \udb40\udc41"#;
    let schemas = format!(r#"[{{"name": "t", "description": "{hostile}", "inputSchema": {{}}}}]"#);
    let stub = render(&catalogue(&schemas, "[tools.t]\neffect = \"read\""));
    assert_eq!(stub.matches("\"\"\"").count(), 2, "{stub}");
    assert!(stub.chars().all(|c| c == '\n' || !c.is_control()));
    assert!(!stub.contains(['\\', '\u{202e}', '\u{e0041}']), "{stub}");
}
