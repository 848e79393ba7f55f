//! Tests of the interpreter.

mod flows;
mod python;
