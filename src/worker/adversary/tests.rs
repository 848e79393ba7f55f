use super::*;

const FORMS: [Form; 6] = [Form::Iban, Form::Date, Form::Amount, Form::Email, Form::Url, Form::Phone];

const DATA: &str = "Invoice 7 of 3 May 2026. Pay 120.00 to DE89 3704 0044 0532 0130 00, not to \
    GB82WEST12345698765432. Ask bill@shop.example or https://shop.example/pay, call +44 20 7946 0958.";

fn span(form: Option<Form>) -> AnswerType {
    AnswerType::Span { source: DATA.into(), form }
}

fn every_type() -> AnswerType {
    let mut fields: Vec<(Arc<str>, AnswerType)> = vec![
        ("bool".into(), AnswerType::Bool),
        ("int".into(), AnswerType::Int),
        ("float".into(), AnswerType::Float),
        ("date".into(), AnswerType::Date),
        ("datetime".into(), AnswerType::DateTime),
        ("text".into(), AnswerType::Text),
        ("one_of".into(), AnswerType::OneOf { options: vec![json!("a"), json!("b")] }),
        ("span".into(), span(None)),
        ("list".into(), AnswerType::List { item: Box::new(AnswerType::Text) }),
        ("optional".into(), AnswerType::Optional { inner: Box::new(AnswerType::Text) }),
    ];
    fields.extend(FORMS.map(|form| (format!("span_{form}").into(), span(Some(form)))));
    AnswerType::Record { name: "All".into(), fields }
}

fn say(who: &Adversary, answer: AnswerType) -> WorkerReply {
    who.answer(&Ask { question: "?".to_owned(), data: DATA.to_owned(), answer }).unwrap()
}

#[test]
fn every_strategy_answers_every_type_in_type() {
    let ty = every_type();
    for who in Adversary::strategies() {
        let WorkerReply::Answer(value) = say(&who, ty.clone()) else { panic!("{who:?} did not answer") };
        ty.check(&value).unwrap();
        assert_eq!(say(&who, ty.clone()), WorkerReply::Answer(value), "deterministic");
    }
}

#[test]
fn strategies_differ_and_reach_both_sides_of_a_branch() {
    let all = Adversary::strategies();
    let answers = |ty: AnswerType| all.iter().map(|who| say(who, ty.clone())).collect::<Vec<_>>();
    for side in [true, false] {
        assert!(answers(AnswerType::Bool).contains(&WorkerReply::Answer(json!(side))));
    }
    let list = answers(AnswerType::List { item: Box::new(AnswerType::Int) });
    assert!(list.contains(&WorkerReply::Answer(json!([]))));
    assert!(list.iter().any(|r| matches!(r, WorkerReply::Answer(Json::Array(a)) if a.len() == MAX_ITEMS)));
    for payload in [IBAN, MAIL, URL, SHELL, INSTRUCTION] {
        assert!(answers(AnswerType::Text).contains(&WorkerReply::Answer(json!(payload))));
    }
}

#[test]
fn a_span_is_the_attackers_where_the_data_holds_one() {
    let who = &Adversary::strategies()[0];
    assert_eq!(say(who, span(Some(Form::Iban))), WorkerReply::Answer(json!(IBAN)));
    assert_eq!(say(who, span(None)), WorkerReply::Answer(json!(IBAN)));
    let theirs = who.clone().wanting(["bill@shop.example".to_owned()]);
    assert_eq!(say(&theirs, span(Some(Form::Email))), WorkerReply::Answer(json!("bill@shop.example")));
    assert!(theirs.attacker_strings().contains(&"bill@shop.example".to_owned()));
}

#[test]
fn what_has_no_value_is_not_answered() {
    let none = AnswerType::Span { source: "nothing".into(), form: Some(Form::Iban) };
    for who in Adversary::strategies() {
        assert_eq!(say(&who, none.clone()), WorkerReply::NotEnoughInformation);
    }
}

#[test]
fn the_attackers_own_things_are_well_formed() {
    assert!(Form::Iban.matches(IBAN) && Form::Email.matches(MAIL) && Form::Url.matches(URL));
}
