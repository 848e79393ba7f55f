use super::*;

/// A fact's shape and head, and its parts with whether each is fixed.
type Told = (Shape, String, Vec<(String, bool)>);

fn told(code: &str, language: Language) -> Vec<Told> {
    let mut all = Vec::new();
    assert!(each(code, language, &mut |fact| {
        let parts = fact.parts.iter().map(|part| (part.text.to_owned(), part.fixed)).collect();
        all.push((fact.shape, fact.head.clone(), parts));
    }));
    all
}

fn heads(code: &str, language: Language, shape: Shape) -> Vec<String> {
    told(code, language).into_iter().filter(|(of, ..)| *of == shape).map(|(_, head, _)| head).collect()
}

#[test]
fn calls_have_the_same_shape_in_all_languages() {
    let calls = [
        (Language::Python, "os . system(x)", "os.system"),
        (Language::Script, "new Function(a)", "new Function"),
        (Language::Rust, "fn f() { Command::new(x).arg(y); }", "Command::new(x).arg"),
        (Language::Go, "func f() { exec.Command(x) }", "exec.Command"),
        (Language::Java, "Runtime\n  .getRuntime()\n  .exec(x);", "Runtime.getRuntime().exec"),
        (Language::CSharp, "new Random();", "new Random"),
        (Language::C, "void f(void) { strcpy(a, b); }", "strcpy"),
        (Language::Php, "$db->query($x);", "$db->query"),
        (Language::Shell, "curl -k \"$x\"", "curl"),
    ];
    for (language, code, head) in calls {
        assert!(
            heads(code, language, Shape::Call).contains(&head.to_owned()),
            "{code}: {:?}",
            told(code, language)
        );
    }
}

#[test]
fn what_nobody_can_steer_is_fixed() {
    let is_fixed = |code: &str| {
        told(code, Language::Python).swap_remove(0).2.into_iter().map(|(_, fixed)| fixed).collect::<Vec<_>>()
    };
    assert_eq!(is_fixed("f('a', 1, ['b'], LIMIT, None, x)"), [true, true, true, true, true, false]);
    assert_eq!(is_fixed("f(k='a')"), [true]);
    assert_eq!(is_fixed("f(k=a)"), [false]);
    let php = told("f($_GET['a']);", Language::Php);
    assert!(php.iter().any(|(shape, _, parts)| *shape == Shape::Call && !parts[0].1), "{php:?}");
}

#[test]
fn a_text_is_built_once_and_only_of_what_varies() {
    assert_eq!(heads("'a' + x + 'b' + y", Language::Python, Shape::Built), ["'a' + x + 'b' + y"]);
    assert_eq!(heads("'a' + 'b'", Language::Python, Shape::Built), [""; 0]);
    assert_eq!(heads("f'a {x}'", Language::Python, Shape::Built), ["f'a {x}'"]);
    assert_eq!(heads("`a ${x}`", Language::Script, Shape::Built), ["`a ${x}`"]);
    assert_eq!(heads("'{}'.format(x)", Language::Python, Shape::Built), ["'{}'.format"]);
    assert_eq!(heads("$x = \"a $y\";", Language::Php, Shape::Built), ["\"a $y\""]);
}

#[test]
fn strings_and_comments_are_no_code() {
    let code = "# eval(x)\ny = 'eval(x)'\n";
    assert_eq!(heads(code, Language::Python, Shape::Call), [""; 0]);
}

#[test]
fn broken_code_is_read_as_far_as_it_goes() {
    let code = "    } else {\n  strcpy(a, b);\n  if (x {\n  gets(c);\n";
    assert_eq!(heads(code, Language::C, Shape::Call), ["strcpy", "gets"]);
}

#[test]
fn spans_are_those_of_the_code_without_the_tag_it_was_given() {
    let mut spans = Vec::new();
    each("$x = eval($y);", Language::Php, &mut |fact| spans.push(fact.span.clone()));
    assert!(spans.contains(&(0..13)), "{spans:?}");
}

#[test]
fn a_tangle_is_given_up_and_code_is_not() {
    let mut nothing = |_: &Fact<'_>| {};
    assert!(!each(&"a<b>(c) ".repeat(1_000), Language::Python, &mut nothing));
    assert!(each(&"x = f(a, 'b') + [c for c in d]\n".repeat(250), Language::Python, &mut nothing));
}
