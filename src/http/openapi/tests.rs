use super::*;
use serde_json::Value;
use std::collections::BTreeMap;

fn paths() -> Value {
    serde_json::to_value(document()).unwrap()["paths"].clone()
}

/// Every operation: its method and path, and its id.
fn described() -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (path, item) in paths().as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap().to_owned();
            all.insert(format!("{method} {path}"), id);
        }
    }
    all
}

/// Every route of the router's text: its method and path, and its handler.
fn routed(text: &str) -> BTreeMap<String, String> {
    let method = regex::Regex::new(r"\b(get|post|put|patch|delete|head|options|any)\(([a-z_:]+)\)").unwrap();
    let mut all = BTreeMap::new();
    for route in text.split(".route(").skip(1) {
        let (path, rest) = route.trim_start().strip_prefix('"').unwrap().split_once('"').unwrap();
        for found in method.captures_iter(rest.split(".merge(").next().unwrap()) {
            let handler = found[2].trim_start_matches("api::").replace("::", "_");
            assert!(all.insert(format!("{} {path}", &found[1]), handler).is_none());
        }
    }
    all
}

#[test]
fn every_route_is_described_and_nothing_else() {
    let routed = routed(include_str!("../router.rs"));
    assert!(routed.len() > 20, "the router's text is read wrongly: {routed:?}");
    assert_eq!(described(), routed);
}

#[test]
fn a_route_that_is_not_described_is_seen() {
    let more =
        include_str!("../router.rs").replace(".merge(more)", ".route(\"/x\", post(api::x::y))\n.merge(more)");
    let routed = routed(&more);
    assert_eq!(routed["post /x"], "x_y");
    assert_ne!(described(), routed);
}

#[test]
fn every_error_is_a_problem() {
    let document = serde_json::to_value(document()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(document["components"]["schemas"][PROBLEM]["required"].as_array().unwrap().len(), 5);
    let mut errors = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for (status, response) in operation["responses"].as_object().unwrap() {
                let told = response["content"]["application/problem+json"]["schema"]["$ref"].as_str();
                let expected = (status.as_str() >= "400").then_some("#/components/schemas/Problem");
                assert_eq!(told, expected, "{method} {path} {status}");
                errors += usize::from(expected.is_some());
            }
        }
    }
    assert!(errors > 100);
}

#[test]
fn what_the_guards_answer_stands_everywhere() {
    let paths = paths();
    let statuses = |path: &str, method: &str| -> Vec<String> {
        paths[path][method]["responses"].as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(statuses("/", "get"), ["200", "304", "403", "431", "500"]);
    assert_eq!(statuses("/api/policies", "get"), ["200", "401", "403", "429", "431", "500", "503"]);
    let task =
        ["200", "202", "400", "401", "403", "404", "408", "409", "413", "415", "429", "431", "500", "503"];
    assert_eq!(statuses("/task", "post"), task);
}

#[test]
fn every_schema_that_is_named_is_there() {
    let document = serde_json::to_value(document()).unwrap();
    let text = document.to_string();
    let named = regex::Regex::new("\"#/components/schemas/([^\"]+)\"").unwrap();
    let mut count = 0;
    for name in named.captures_iter(&text) {
        assert!(document["components"]["schemas"][&name[1]].is_object(), "{}", &name[1]);
        count += 1;
    }
    assert!(count > 20);
}
