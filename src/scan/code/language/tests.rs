use super::*;

#[test]
fn what_the_fence_says_counts() {
    assert_eq!(languages(Some("py"), "x"), [Language::Python]);
    assert_eq!(languages(Some("C++ title=\"a\""), "x"), [Language::C]);
    assert_eq!(languages(Some("{.rust}"), "x"), [Language::Rust]);
    assert_eq!(languages(Some("TSX"), "x"), [Language::Script]);
    assert_eq!(languages(Some("json"), "{\"eval\": 1}"), []);
    assert_eq!(languages(Some("sql"), "select 1"), []);
}

#[test]
fn the_language_of_a_snippet_is_guessed() {
    let snippets = [
        (Language::Python, "def f(self):\n    return self.x\n"),
        (Language::Script, "const x = document.getElementById('a'); if (x === null) { console.log(1); }"),
        (Language::Rust, "pub fn f(x: &str) -> Option<u8> { let mut y = x.len(); Some(y as u8) }"),
        (Language::Go, "func f(w http.ResponseWriter) error {\n\tif err != nil {\n\t\treturn err\n\t}\n}"),
        (Language::Java, "@Override\npublic void f(String x) throws IOException { System.out.println(x); }"),
        (
            Language::CSharp,
            "using System;\npublic async Task<string> F() { foreach (var x in y) { Console.WriteLine(x); } }",
        ),
        (
            Language::C,
            "#include <stdio.h>\nint main(void) { char buf[9]; printf(\"%s\", buf); return sizeof buf; }",
        ),
        (Language::Php, "<?php\n$x = $_GET['a'];\necho $x;"),
        (Language::Shell, "#!/bin/bash\nif [ -f \"$1\" ]; then\n  sudo rm -f \"$1\"\nfi\n"),
    ];
    for (language, code) in snippets {
        assert_eq!(guess(code).first(), Some(&language), "{code}");
        assert_eq!(languages(Some(""), code), guess(code));
    }
    assert_eq!(guess("zzz zzz zzz"), []);
}
