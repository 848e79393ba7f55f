use super::super::tests::*;
use super::*;
use crate::kernel::id::Digest;
use crate::kernel::label::Source;
use crate::kernel::port::FileLabels;

fn fact(path: &str, content: &str) -> FileFact {
    FileFact { path: path.to_owned(), digest: digest(content) }
}

#[test]
fn exactly_these_bytes_at_this_path_keep_their_label() {
    let f = fixture();
    let label = from_file("inbox/a").narrowed_to(&only_ann());
    f.store.note_written(&run("r"), &fact("out/a", "text"), &label).unwrap();
    let f = f.reopened();
    assert_eq!(f.store.written_label(&fact("out/a", "text")).unwrap(), Some(label));
    assert_eq!(f.store.written_label(&fact("out/a", "text, changed")).unwrap(), None);
    assert_eq!(f.store.written_label(&fact("out/b", "text")).unwrap(), None);
}

#[test]
fn writing_the_same_bytes_again_cannot_better_their_label() {
    let f = fixture();
    let bytes = fact("out/a", "text");
    f.store.note_written(&run("r"), &bytes, &from_file("inbox/a")).unwrap();
    f.store.note_written(&run("r2"), &bytes, &planned()).unwrap();
    let label = f.store.written_label(&bytes).unwrap().unwrap();
    assert_eq!(label, from_file("inbox/a").join(&planned()));
    assert!(!label.is_trusted() && label.sources().any(|s| *s == Source::Planner));
}

#[test]
fn older_content_that_somebody_put_back_has_no_label() {
    let f = fixture();
    let fact = |text: &str| FileFact { path: "state.txt".into(), digest: Digest::of(text.as_bytes()) };
    f.store.note_written(&run("r"), &fact("pay A"), &planned()).unwrap();
    f.store.note_written(&run("r"), &fact("pay B"), &planned()).unwrap();
    assert_eq!(f.store.written_label(&fact("pay A")).unwrap(), None);
    assert_eq!(f.store.written_label(&fact("pay B")).unwrap(), Some(planned()));
    f.store.note_written(&run("r"), &fact("pay A"), &planned()).unwrap();
    assert_eq!(f.store.written_label(&fact("pay A")).unwrap(), Some(planned()));
}
