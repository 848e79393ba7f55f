//! A value of a type, when nobody scripted one.

use crate::kernel::catalogue::Type;
use serde_json::{Value as Json, json};

/// Lists have two elements, so that loops turn more than once; texts also read as a date and time, so that plans
/// that parse them go on.
pub(super) fn value(ty: &Type) -> Json {
    match ty {
        Type::None => Json::Null,
        Type::Bool => json!(true),
        Type::Int => json!(7),
        Type::Float => json!(7.5),
        Type::Decimal => json!("7.5"),
        Type::Any | Type::Str | Type::DateTime => json!("2026-01-02T03:04:05"),
        Type::Enum(words) => words.first().map_or(Json::Null, |word| json!(word)),
        Type::Date => json!("2026-01-02"),
        Type::Delta => json!(3_600),
        Type::List(item) => json!([value(item), value(item)]),
        Type::Map(item) => json!({"key": value(item)}),
        Type::Record(record) => {
            record.fields.iter().map(|(name, field)| (name.to_string(), value(field))).collect()
        }
        Type::Union(options) => {
            let something = options.iter().find(|option| **option != Type::None);
            something.map_or(Json::Null, value)
        }
    }
}
