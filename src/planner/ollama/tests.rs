use super::*;

#[test]
fn the_request_asks_for_the_form_and_leaves_room() {
    let config = OllamaPlannerConfig::new("http://127.0.0.1:1/", "qwen3:14b");
    let body = OllamaPlanner::new(config, |_| String::new()).unwrap().body("system", "task");
    assert_eq!(body["format"], submission::schema());
    assert_eq!(body["stream"], false);
    assert_eq!(body["options"]["num_ctx"], 32_768);
    assert_eq!(body["options"]["num_predict"], 4_096);
    assert_eq!(body["messages"][1]["content"], "task");
}
