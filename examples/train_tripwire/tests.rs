use super::*;
use sentinel::scan::injection::LEARNED_FROM;
use std::sync::LazyLock;

static ROWS: LazyLock<Vec<corpus::Row>> = LazyLock::new(|| corpus::read().unwrap());

fn slice() -> Examples {
    Examples::of(ROWS.iter().step_by(200), ATTACK_SHARE)
}

/// Whatever changes the features, the units or the learner changes this, on whichever machine. Then train again.
#[test]
fn training_on_a_slice_gives_the_same_bytes_everywhere() {
    let learned = svm::learn(&slice(), COST, 3);
    let model = Model::write(&learned.weights, learned.bias);
    assert_eq!(
        Digest::of(&model).to_string(),
        "9e14d95d9c84bf651c29e7196bdc286b987f147a43795e7c84e0887e1b3290c3"
    );
}

#[test]
fn the_corpus_is_whole_and_names_whose_texts_it_has() {
    let (own, others): (Vec<_>, Vec<_>) = ROWS.iter().partition(|row| row.package.is_none());
    assert_eq!((own.len(), others.len()), (17_657, 6_635));
    let notice = include_str!("../../src/scan/injection/data/NOTICE.md");
    for row in others {
        let package = row.package.as_deref().unwrap_or_default();
        assert!(notice.contains(&format!("| {package} |")), "NOTICE.md must name {package}");
        let name = package.split_once('-').map_or(package, |(name, _)| name);
        assert!(LEARNED_FROM.contains(&name), "LEARNED_FROM must name {name}");
    }
}

#[test]
fn attacks_weigh_their_share_and_the_honest_around_them_is_honest() {
    let examples = slice();
    let weight = |attack| examples.list.iter().filter(|e| e.attack == attack).map(|e| e.weight).sum::<f64>();
    assert!((weight(true) / (weight(true) + weight(false)) - ATTACK_SHARE).abs() < 1e-9);
    let around = ROWS.iter().filter(|row| row.attack().is_some() && row.text.len() > 450);
    let around = Examples::of(around.take(20), ATTACK_SHARE);
    assert!(around.attacks() > 0 && around.attacks() < around.list.len());
}
