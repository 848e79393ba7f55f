//! docs/settings.md has every setting, with its default and what is allowed; and what is allowed is what is taken.

use super::*;
use serde_json::Value as Json;

const PAGE: &str = include_str!("../../../docs/settings.md");

/// The rows of the page's tables: the key, the default, what is allowed, what it is for.
fn rows() -> Vec<[&'static str; 4]> {
    let rows = PAGE.lines().filter(|line| line.starts_with("| `"));
    rows.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        cells.try_into().unwrap_or_else(|cells| panic!("{line}: {cells:?}"))
    })
    .collect()
}

#[test]
fn the_page_has_every_setting_and_none_other() {
    let known = keys::KEYS.iter().map(|key| key.name).chain(keys::LATER.iter().copied());
    let mut known: Vec<String> = known.map(|name| format!("`{name}`")).collect();
    let mut told: Vec<&str> = rows().iter().map(|row| row[0]).collect();
    known.sort();
    told.sort_unstable();
    assert_eq!(told, known);
    let defaults = keys::defaults();
    for [name, default, allowed, purpose] in rows() {
        let name = name.trim_matches('`');
        assert!(purpose.len() > 5, "{name} needs a word on what it is for");
        let Some(key) = keys::find(name) else {
            assert_eq!((default, allowed), ("", "no effect yet"), "{name}");
            continue;
        };
        assert_eq!(allowed, key.allowed, "{name}");
        let right = match &defaults[name] {
            Json::Null => String::new(),
            Json::String(text) => format!("`{text}`"),
            value => format!("`{value}`"),
        };
        assert_eq!(default, right, "{name}");
    }
}

#[test]
fn numbers_are_taken_from_the_least_to_the_most_that_are_told() {
    let mut ranges = 0;
    for key in keys::KEYS.iter().filter(|key| key.kind == keys::Kind::Number) {
        let words: Vec<i64> =
            key.allowed.split([' ', '(', ')']).filter_map(|word| word.parse().ok()).collect();
        let (least, most) = (words[0], words[1]);
        let variable = format!("SENTINEL_{}", key.name.to_uppercase());
        for (number, taken) in [(least, true), (most, true), (least - 1, false), (most + 1, false)] {
            let loaded = load_with(None, &[(&variable, &number.to_string())]);
            assert_eq!(loaded.is_ok(), taken, "{variable}={number}: {loaded:?}");
        }
        ranges += 1;
    }
    assert!(ranges > 20, "{ranges}");
}
