use super::*;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Pending,
    Approved,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "what is read does not matter here")]
struct Which {
    state: State,
    after: Option<u64>,
    limit: Option<Whole<1, 200>>,
}

fn refused(query: &str) -> String {
    let uri = format!("/x?{query}").parse().unwrap();
    let refused = axum::extract::Query::<Which>::try_from_uri(&uri).unwrap_err();
    let problem = misfit(&refused);
    assert_eq!((problem.status().as_u16(), problem.kind()), (400, "query"));
    problem.detail().to_owned()
}

#[test]
fn a_parameter_that_does_not_fit_is_named_with_what_is_allowed_and_not_quoted() {
    for (query, says) in [
        ("state=c4n4ry", "`state`: expected `pending` or `approved`"),
        ("state=", "`state`: expected `pending` or `approved`"),
        ("state=pending&after=-4711", &*format!("`after`: {A_NUMBER}")),
        ("state=pending&after=99999999999999999999", &*format!("`after`: {A_NUMBER}")),
        ("state=pending&after=", &*format!("`after`: {A_NUMBER}")),
        ("state=pending&before=1", "unknown parameter `before`: known are `state`, `after`, `limit`"),
        ("state=pending&limit=-1", "`limit`: expected a whole number from 1 to 200"),
        ("state=pending&limit=0", "`limit`: expected a whole number from 1 to 200"),
        ("state=pending&limit=201", "`limit`: expected a whole number from 1 to 200"),
        ("state=pending&limit=abc", "`limit`: expected a whole number from 1 to 200"),
        ("after=1", "missing parameter `state`"),
        ("state=pending&state=approved", "duplicate parameter `state`"),
    ] {
        assert_eq!(refused(query), says, "{query}");
    }
}

#[test]
fn numbers_of_the_range_are_taken_and_what_is_no_text_is_seen() {
    let uri = "/x?state=pending&limit=200".parse().unwrap();
    let taken = axum::extract::Query::<Which>::try_from_uri(&uri).unwrap().0;
    assert_eq!(taken.limit, Some(Whole(200)));
    for (query, right) in [
        ("a=b+c&d", true),
        ("path=%C3%a9%20%", true),
        ("path=100%&x=%zz", true),
        ("path=a%ff", false),
        ("path=%c3&other=%a9", false),
        ("path=%ed%a0%80", false),
    ] {
        assert_eq!(is_utf8(query), right, "{query}");
    }
}
