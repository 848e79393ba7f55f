//! The page's files: what others wrote is as it was locked, and all of it is on the list of what is served.

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("static")
}

#[expect(clippy::disallowed_methods, reason = "a test that reads the files it was built from")]
fn bytes(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Every file below a folder, by its path from there.
#[expect(clippy::disallowed_methods, reason = "a test that reads the files it was built from")]
fn files(root: &Path) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                all.insert(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    all
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What differs between the files and their lock.
fn unlocked(there: &BTreeMap<String, String>, lock: &Value) -> Vec<String> {
    let mut out = Vec::new();
    let mut locked = BTreeSet::from(["lock.json".to_owned()]);
    for package in lock["packages"].as_array().unwrap() {
        for field in ["name", "version", "licence", "integrity"] {
            assert!(package[field].is_string(), "{field}: {package}");
        }
        for file in package["files"].as_array().unwrap() {
            let name = file["file"].as_str().unwrap();
            locked.insert(name.to_owned());
            if there.get(name).map(String::as_str) != file["sha256"].as_str() {
                out.push(format!("{name} is not as it was locked"));
            }
        }
        let licences = package["files"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|file| file["file"].as_str().unwrap().starts_with("licences/"));
        assert!(licences.count() > 0, "{} has no licence file", package["name"]);
    }
    out.extend(
        there.keys().filter(|name| !locked.contains(*name)).map(|name| format!("{name} is not locked")),
    );
    out
}

#[test]
fn what_others_wrote_is_as_it_was_locked() {
    let vendor = folder().join("vendor");
    let lock: Value = serde_json::from_slice(&bytes(&vendor.join("lock.json"))).unwrap();
    let digest = |name: &String| (name.clone(), hex(&bytes(&vendor.join(name))));
    let mut there: BTreeMap<String, String> = files(&vendor).iter().map(digest).collect();
    assert_eq!(unlocked(&there, &lock), Vec::<String>::new(), "run scripts/vendor-static");
    there.insert("preact.js".to_owned(), hex(b"another"));
    there.insert("more.js".to_owned(), hex(b""));
    there.remove("htm.js");
    let planted =
        ["preact.js is not as it was locked", "htm.js is not as it was locked", "more.js is not locked"];
    assert_eq!(unlocked(&there, &lock), planted);
}

#[test]
fn every_file_of_the_page_is_served_and_nothing_else() {
    let mut there = files(&folder());
    there.retain(|name| !matches!(name.as_str(), "README.md" | "vendor/lock.json"));
    let served: BTreeSet<String> = sentinel::http::assets::names().map(str::to_owned).collect();
    assert_eq!(served, there, "the list is in src/http/assets/embedded.rs");
}

/// The modules that one leads to, by their paths: at once, or also those that it fetches when they are needed.
fn reached(first: &str, fetched: bool) -> BTreeSet<String> {
    let at_once = regex::Regex::new("(?m)^(?:import|export) [^\"]*from \"([^\"]+)\"").unwrap();
    let later = regex::Regex::new("import\\(\"([^\"]+)\"\\)").unwrap();
    let mut seen = BTreeSet::new();
    let mut left = vec![first.to_owned()];
    while let Some(name) = left.pop() {
        let text = String::from_utf8(bytes(&folder().join(&name))).unwrap();
        let base = url::Url::parse("file:///").unwrap().join(&name).unwrap();
        let found = at_once.captures_iter(&text).chain(later.captures_iter(&text).filter(|_| fetched));
        for found in found {
            let path = base.join(&found[1]).unwrap().path()[1..].to_owned();
            if seen.insert(path.clone()) {
                left.push(path);
            }
        }
    }
    seen
}

/// The browser fetches what the first view needs at once, and does not find one module after the other. The rest comes later.
#[test]
fn the_page_names_its_modules_beforehand() {
    let page = String::from_utf8(bytes(&folder().join("index.html"))).unwrap();
    let named = |name: &String| page.contains(&format!("modulepreload\" href=\"/static/{name}\""));
    let modules = reached("app/main.js", false);
    assert!(modules.contains("app/views/tasks.js") && !modules.contains("app/views/system.js"));
    assert_eq!(modules.iter().filter(|name| !named(name)).collect::<Vec<_>>(), Vec::<&String>::new());
    assert_eq!(
        page.matches("modulepreload").count(),
        modules.len(),
        "a module is named that the first view does not need"
    );
    let all = reached("app/main.js", true);
    let mut unused = files(&folder());
    unused.retain(|name| name.starts_with("app/") && !all.contains(name));
    assert_eq!(
        unused,
        BTreeSet::from(["app/main.js".to_owned(), "app/theme.js".to_owned()]),
        "nothing imports it"
    );
}

/// Our own modules stay small, and hold none of what the content security policy forbids or a stranger's text could use.
#[test]
fn our_modules_are_short_and_write_no_html() {
    let mut read = 0;
    for name in files(&folder()).iter().filter(|name| !name.starts_with("vendor/") && !name.ends_with(".png"))
    {
        let text = String::from_utf8(bytes(&folder().join(name))).unwrap();
        let (script, page) = (name.ends_with(".js"), name.ends_with(".html"));
        if script {
            read += 1;
            assert!(text.lines().count() <= 300, "{name} has more than 300 lines: split it by noun");
            for never in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "dangerouslySetInnerHTML",
                "eval(",
                "new Function",
                "localStorage.setItem(\"pin",
                "createPolicy",
            ] {
                assert!(!text.contains(never), "{name} has {never}");
            }
        }
        if page {
            for never in [" style=", "<style", " onclick", " onload", "javascript:", "http://", "https://"] {
                assert!(!text.contains(never), "{name} has {never}");
            }
        }
    }
    assert!(read > 10, "{read} modules");
}
