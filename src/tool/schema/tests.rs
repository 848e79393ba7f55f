use super::*;
use proptest::prelude::*;
use serde_json::json;

fn record(name: &str, fields: Vec<(&str, Type)>) -> Type {
    let fields = fields.into_iter().map(|(field, ty)| (Arc::from(field), ty)).collect();
    Type::Record(Arc::new(RecordType { name: Arc::from(name), fields }))
}

fn list(item: Type) -> Type {
    Type::List(Box::new(item))
}

#[test]
fn reads_each_form_that_pydantic_writes() {
    let text = |s: &str| Arc::<str>::from(s);
    let cases = [
        (json!({"type": "string", "title": "Iban"}), Type::Str),
        (json!({"type": "string", "format": "date-time"}), Type::Str),
        (json!({"type": "integer", "minimum": 0}), Type::Int),
        (json!({"type": "number"}), Type::Float),
        (json!({"type": "boolean"}), Type::Bool),
        (json!({"type": "null"}), Type::None),
        (json!({"enum": ["a", "b"], "type": "string"}), Type::Enum(vec![text("a"), text("b")])),
        (json!({"const": "x"}), Type::Enum(vec![text("x")])),
        (json!({"enum": [1, 2]}), Type::Int),
        (json!({"enum": ["a", null]}), Type::Union(vec![Type::Enum(vec![text("a")]), Type::None])),
        (json!({"type": "array", "items": {"type": "string"}}), list(Type::Str)),
        (json!({"type": "array"}), list(Type::Any)),
        (
            json!({"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]}),
            list(Type::Union(vec![Type::Str, Type::Int])),
        ),
        (json!({"anyOf": [{"type": "string"}, {"type": "null"}]}), Type::Union(vec![Type::Str, Type::None])),
        (json!({"oneOf": [{"type": "string"}, {"type": "string"}]}), Type::Str),
        (json!({"type": ["integer", "null"]}), Type::Union(vec![Type::Int, Type::None])),
        (json!({"anyOf": [{"type": "string"}, {}]}), Type::Any),
        (
            json!({"type": "object", "additionalProperties": {"type": "integer"}}),
            Type::Map(Box::new(Type::Int)),
        ),
        (json!({"type": "object"}), Type::Map(Box::new(Type::Any))),
        (json!({"not": {"type": "string"}}), Type::Any),
        (json!({"type": "bytes"}), Type::Any),
        (json!({"$ref": "https://example.org/x.json"}), Type::Any),
        (json!({"$ref": "#/$defs/Missing"}), Type::Any),
        (json!(true), Type::Any),
        (json!(null), Type::Any),
    ];
    for (schema, ty) in cases {
        assert_eq!(output(&schema, "Hint"), ty, "{schema}");
    }
}

#[test]
fn records_are_named_by_title_definition_or_place() {
    let schema = json!({
        "type": "object", "required": ["owner", "size"],
        "properties": {
            "owner": {"$ref": "#/$defs/user-record"},
            "size": {"type": "object", "required": ["w"], "properties": {"w": {"type": "integer"}}},
            "note": {"type": "string"}
        },
        "$defs": {"user-record": {"type": "object", "required": ["n"], "properties": {"n": {"type": "string"}}}}
    });
    let expected = record(
        "GetFile",
        vec![
            ("owner", record("UserRecord", vec![("n", Type::Str)])),
            ("size", record("GetFileSize", vec![("w", Type::Int)])),
            ("note", Type::Union(vec![Type::Str, Type::None])),
        ],
    );
    assert_eq!(output(&schema, "GetFile"), expected);
}

#[test]
fn a_wrapped_result_is_unwrapped_only_when_it_says_so() {
    let mut schema = json!({
        "type": "object", "required": ["result"], "x-fastmcp-wrap-result": true,
        "properties": {"result": {"type": "array", "items": {"$ref": "#/$defs/N"}}},
        "$defs": {"N": {"type": "integer"}}
    });
    assert_eq!(output(&schema, "T"), list(Type::Int));
    assert!(wraps_result(&schema));
    schema.as_object_mut().unwrap().remove("x-fastmcp-wrap-result");
    assert_eq!(output(&schema, "T"), record("T", vec![("result", list(Type::Int))]));
}

#[test]
fn a_recursive_schema_ends() {
    let schema = json!({
        "$ref": "#/$defs/Node",
        "$defs": {"Node": {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/$defs/Node"}}}}
    });
    assert_eq!(output(&schema, "T"), record("Node", vec![("next", Type::Any)]));
    assert_eq!(output(&json!({"$ref": "#"}), "T"), Type::Any);
    assert_eq!(properties(&json!({"$ref": "#"})), []);
}

#[test]
fn a_schema_that_fans_out_stays_small() {
    // Each definition mentions the next one ten times: 100,000 nodes when written out.
    let mut defs = serde_json::Map::new();
    for level in 0..5 {
        let next = json!({"$ref": format!("#/$defs/L{}", level + 1)});
        let fields: serde_json::Map<_, _> = (0..10).map(|n| (format!("f{n}"), next.clone())).collect();
        defs.insert(format!("L{level}"), json!({"type": "object", "properties": fields}));
    }
    let ty = output(&json!({"$ref": "#/$defs/L0", "$defs": defs}), "T");
    assert!(serde_json::to_string(&ty).unwrap().len() < 400_000);
}

#[test]
fn parameters_keep_their_order_and_say_what_is_required() {
    let schema = json!({"type": "object", "required": ["b"], "properties": {
        "b": {"type": "integer", "description": " how\n many "}, "a": {"type": "string", "default": "x"}}});
    let expected = [
        Property { name: Arc::from("b"), ty: Type::Int, required: true, doc: Arc::from("how many") },
        Property { name: Arc::from("a"), ty: Type::Str, required: false, doc: Arc::from("") },
    ];
    assert_eq!(properties(&schema), expected);
}

fn any_json() -> impl Strategy<Value = Json> {
    let keyword = prop_oneof![
        Just("type"),
        Just("properties"),
        Just("items"),
        Just("$ref"),
        Just("anyOf"),
        Just("required"),
        Just("enum"),
        Just("$defs"),
        Just("prefixItems"),
        Just("x")
    ];
    let word = prop_oneof![
        Just("object"),
        Just("array"),
        Just("string"),
        Just("#"),
        Just("#/properties/x"),
        Just("x")
    ];
    let leaf = prop_oneof![Just(Json::Null), any::<bool>().prop_map(Json::from), word.prop_map(Json::from)];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            proptest::collection::vec((keyword.clone(), inner), 0..5)
                .prop_map(|rows| rows.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_at_all_is_read(schema in any_json()) {
        let size = serde_json::to_string(&output(&schema, "T")).unwrap().len();
        prop_assert!(size < 2_000_000);
        prop_assert!(properties(&schema).len() <= 5);
    }
}
