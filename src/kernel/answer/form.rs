//! The forms that narrow a span: `span(text, like=iban)`.

use regex::Regex;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::LazyLock;

/// A checked form of a verbatim span. A form bounds what an attacker can say; it does not make a span trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// An International Bank Account Number with a right check sum (ISO 13616), spaces allowed.
    Iban,
    /// A date as people write it: digits with `-`, `/` or `.`, or with a month's English name.
    Date,
    /// An amount of money without its currency, such as `1,240.50` or `1.240,50`.
    Amount,
    /// A mail address.
    Email,
    /// An http or https URL.
    Url,
    /// A telephone number.
    Phone,
}

/// All forms, in the order in which messages list them.
pub const FORMS: [Form; 6] = [Form::Iban, Form::Date, Form::Amount, Form::Email, Form::Url, Form::Phone];

impl Form {
    /// The form called `name` in a plan.
    pub fn named(name: &str) -> Option<Self> {
        FORMS.into_iter().find(|form| form.to_string() == name)
    }

    /// A regular expression for the form's outer shape, without anchors: what a decoder's grammar intersects
    /// with the source. [`Form::matches`] is stricter where a shape cannot say it all (a check sum).
    pub fn pattern(self) -> &'static str {
        match self {
            Self::Iban => r"[A-Z]{2}[0-9]{2}( ?[A-Z0-9]){11,30}",
            Self::Date => {
                r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{2,4}|[0-9]{1,2}(st|nd|rd|th)?\.? (January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\.?,? [0-9]{4}|(January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\.? [0-9]{1,2}(st|nd|rd|th)?,? [0-9]{4}"
            }
            Self::Amount => r"-?[0-9]{1,3}([., '][0-9]{3})*([.,][0-9]{1,2})?|-?[0-9]+([.,][0-9]{1,2})?",
            Self::Email => {
                r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*\.[A-Za-z]{2,24}"
            }
            Self::Url => r"https?://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?(/[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]*)?",
            Self::Phone => r"\+?[0-9(]([ ()./-]{0,2}[0-9]){5,18}",
        }
    }

    /// Whether `text` as a whole has the form.
    pub fn matches(self, text: &str) -> bool {
        static SHAPES: LazyLock<Vec<Option<Regex>>> = LazyLock::new(|| {
            FORMS.iter().map(|form| Regex::new(&format!("^(?:{})$", form.pattern())).ok()).collect()
        });
        // A pattern that does not compile matches nothing: the test `every_pattern_compiles` keeps that away.
        let shape = SHAPES.get(self as usize).and_then(Option::as_ref);
        let shaped = shape.is_some_and(|shape| shape.is_match(text));
        shaped && (self != Self::Iban || text.parse::<iban::Iban>().is_ok())
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Iban => "iban",
            Self::Date => "date",
            Self::Amount => "amount",
            Self::Email => "email",
            Self::Url => "url",
            Self::Phone => "phone",
        })
    }
}
