use super::super::mark::folded;
use super::*;

#[test]
fn languages_and_scripts_are_told_apart() {
    let cases = [
        ("What is the capital of the country and how big is it?", Some(Tongue::Latin("en"))),
        ("Wie baut man eine Hütte und was kostet das?", Some(Tongue::Latin("de"))),
        ("Comment est-ce que je peux aller dans les Alpes ?", Some(Tongue::Latin("fr"))),
        ("¿Cómo se llega a la playa por la carretera y los montes?", Some(Tongue::Latin("es"))),
        ("Как пройти на вокзал?", Some(Tongue::Script("cyrillic"))),
        ("来週の予定を表にしてください", Some(Tongue::Script("kana"))),
        ("怎么去火车站", Some(Tongue::Script("han"))),
        ("기차역은 어디에 있나요", Some(Tongue::Script("hangul"))),
        // Too little to say.
        ("OK", None),
        ("docs/pump.md", None),
        ("", None),
    ];
    for (text, tongue) in cases {
        assert_eq!(of(&folded(text)), tongue, "{text}");
    }
}
