use super::*;
use crate::kernel::catalogue::Catalogue;

fn catalogue() -> Catalogue {
    Catalogue::new(tools())
}

#[test]
fn only_the_path_to_write_is_critical() {
    for tool in tools() {
        let critical: Vec<&str> =
            tool.params.iter().filter(|p| p.critical).map(|p| p.name.as_ref()).collect();
        let expected: &[&str] = if tool.effect == Effect::Write { &["path"] } else { &[] };
        assert_eq!(critical, expected, "{}", tool.name);
    }
}

#[test]
fn everything_a_stranger_can_write_is_untrusted() {
    let catalogue = catalogue();
    let list = catalogue.get(LIST_DIR).unwrap();
    for path in ["", "[]", "[].name", "[].path", "[].kind", "[].size"] {
        assert_eq!(list.grant_at(path).integrity, Integrity::Untrusted, "{path}");
    }
    assert_eq!(list.grant_at("[].size").capacity, Capacity::Number);
    assert_eq!(list.grant_at("[].kind").capacity, Capacity::Choice);
    assert_eq!(list.grant_at("[].name").capacity, Capacity::Text);
    assert_eq!(catalogue.get(FILE_READ).unwrap().output.integrity, Integrity::Untrusted);
}

#[test]
fn what_the_workspace_holds_is_the_users_alone() {
    for tool in tools() {
        assert_eq!(tool.output.public, tool.name.as_ref() == TODAY, "{}", tool.name);
        assert!(tool.fields.iter().all(|field| !field.grant.public));
    }
}

#[test]
fn a_read_file_is_labelled_by_its_path() {
    let origin = Origin::File { path_arg: Arc::from("path") };
    assert_eq!(catalogue().get(FILE_READ).unwrap().origin, origin);
}

#[test]
fn every_path_argument_is_known_as_one() {
    for tool in tools() {
        for param in &tool.params {
            let expected = if param.name.as_ref() == "path" { Role::Path } else { Role::Data };
            assert_eq!(param.role, expected, "{}.{}", tool.name, param.name);
        }
    }
}
