use super::row::{SourceRow, label};
use super::*;
use crate::kernel::catalogue::Effect;
use crate::kernel::label::{Capacity, Label, Source};
use crate::kernel::principal::Principal;
use indexmap::IndexMap;

fn engine() -> Engine {
    let text = "@id(\"a\") permit (principal, action, resource) when { context.channel == \"cli\" };";
    Engine::new(vec![("t.cedar".into(), text.into())], &Catalogue::default()).unwrap()
}

const TOOL: &str = "[[tool]]\nname = \"t\"\neffect = \"read\"\nparams = [{ name = \"p\", type = \"str\" }]\n";

fn table(row: &str) -> Result<Vec<RowResult>, TableError> {
    run(
        &format!("{TOOL}[[call]]\nname = \"r\"\ntool = \"t\"\nexpect = \"allow\"\npolicies = [\"a\"]\n{row}"),
        &engine(),
    )
}

#[test]
fn rows_hold_or_say_what_came_instead() {
    let good = table("args.p.value = \"x\"").unwrap();
    assert!(good[0].holds(), "{good:?}");
    let bad = table("args.p.value = \"x\"\nchannel = \"web\"").unwrap();
    assert!(!bad[0].holds());
    assert_eq!(
        (bad[0].line, bad[0].expected.to_string(), bad[0].got.to_string()),
        (6, "allow (a)".into(), "deny (default-deny)".into())
    );
}

#[test]
fn the_same_verdict_for_other_reasons_does_not_hold() {
    let text =
        "[[plan]]\nname = \"r\"\nmode = \"full\"\neffect = \"read\"\nexpect = \"allow\"\npolicies = [\"b\"]";
    let rows = run(text, &engine()).unwrap();
    assert_eq!(
        (rows[0].expected.outcome, rows[0].got.outcome, rows[0].holds()),
        (Outcome::Allow, Outcome::Allow, false)
    );
}

#[test]
fn a_misspelt_key_is_refused_where_it_stands() {
    for row in
        ["args.p = { value = \"x\", untrustd = \"text\" }", "pc = { untrused = \"bool\" }", "trust = 1"]
    {
        let error = table(row).unwrap_err().to_string();
        assert!(error.contains("unknown field") && error.contains("line 10"), "{error}");
    }
}

#[test]
fn odd_tables_are_refused() {
    assert!(matches!(run("", &engine()), Err(TableError::Empty)));
    assert!(matches!(run("[[call]", &engine()), Err(TableError::Format(_))));
    let error = table("args.p = { from = [\"somewhere\"] }").unwrap_err().to_string();
    assert!(error.contains("`somewhere` is no source"), "{error}");
    let taken = engine().over(&Catalogue::new([ToolRow {
        name: "t".into(),
        effect: Effect::Read,
        effect_with: IndexMap::new(),
        params: vec![],
    }
    .tool()]));
    let text = format!(
        "{TOOL}[[plan]]\nname = \"r\"\nmode = \"full\"\neffect = \"read\"\nexpect = \"allow\"\npolicies = []"
    );
    assert!(matches!(run(&text, &taken.unwrap()), Err(TableError::ToolTaken(name)) if name.as_ref() == "t"));
}

#[test]
fn a_row_about_an_unknown_tool_is_a_failure() {
    let text = "[[call]]\nname = \"r\"\ntool = \"gone\"\nexpect = \"deny\"\npolicies = []";
    let rows = run(text, &engine()).unwrap();
    assert_eq!(rows[0].got.outcome, Outcome::Failure);
    assert!(rows[0].failure.as_ref().unwrap().contains("gone"));
}

#[test]
fn labels_are_as_the_row_says() {
    let from = |texts: &[&str]| -> Vec<SourceRow> {
        texts.iter().map(|t| SourceRow::try_from((*t).to_owned()).ok().unwrap()).collect()
    };
    assert_eq!(label(None, &[], None), Label::trusted());
    assert_eq!(label(None, &from(&["user"]), None), Label::trusted_from(Source::User));
    let web =
        label(Some(Capacity::Span), &from(&["web example.com", "worker w"]), Some(&[Principal::new("ann")]));
    assert_eq!(web.to_string(), "untrusted, from worker w + web example.com, readable by ann");
    assert_eq!(web.capacity(), Capacity::Span);
}
