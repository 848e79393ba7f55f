use super::*;

#[test]
fn a_workspace_holds_and_its_trial_leaves_nothing_behind() {
    let (data, work) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let scratch = Scratch::below(data.path()).1;
    assert!(closed(work.path(), &scratch).unwrap().starts_with("5 spellings"));
    drop(scratch);
    for dir in [&data, &work] {
        assert!(dir.path().read_dir().unwrap().next().is_none());
    }
}

#[test]
fn a_workspace_that_is_gone_or_cannot_be_tried_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let gone = closed(&dir.path().join("missing"), &Scratch::below(dir.path()).1).unwrap_err();
    assert!(gone.found.contains("missing"), "{gone:?}");
    assert!(closed(dir.path(), &Scratch::below(&dir.path().join("missing")).1).is_err());
}

/// Without the rule about links, this is what the trial would see.
#[test]
fn the_links_of_the_trial_lead_outside() {
    let dir = tempfile::tempdir().unwrap();
    links(dir.path()).unwrap();
    let through = dir.path().join("inside/folder/secret.txt");
    assert!(through.exists(), "the linked folder leads nowhere");
}
