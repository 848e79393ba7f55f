//! What a piece of code says, in the few shapes that rules ask for, whatever the language.
//!
//! tree-sitter reads it: broken code gives a tree too, with the broken places marked, and the rest is found.

use super::language::Language;
use std::ops::{ControlFlow, Range};
use tree_sitter::{Node, ParseOptions, ParseState, Parser, Tree, TreeCursor};

#[cfg(test)]
mod tests;

/// Shapes of code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Shape {
    /// Something is called; the head is what, the parts are the arguments.
    Call,
    /// Something is named: an assignment, a declaration, a field, a named argument. The head is the name.
    Assign,
    /// Two things are compared; the head is all of it, the parts are the sides.
    Compare,
    /// A text is put together of pieces; the head is the expression.
    Built,
    /// Something is looked up by a key; the head is the expression.
    Index,
    /// A mark on a declaration, such as a decorator; the head is the mark.
    Mark,
}

/// One thing that the code says.
#[derive(Debug)]
pub(super) struct Fact<'t> {
    pub(super) shape: Shape,
    /// Its name, see [`Shape`], without line breaks, at most [`MAX_HEAD`] bytes.
    pub(super) head: String,
    pub(super) parts: Vec<Part<'t>>,
    /// Where, in bytes of the code.
    pub(super) span: Range<usize>,
}

/// An argument, a value, a side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'t> {
    /// Its words, at most [`MAX_PART`] bytes.
    pub(super) text: &'t str,
    /// Whether it is made of literals and constants alone, so that nobody can steer it.
    pub(super) fixed: bool,
}

/// Longest head; of a longer one the end is kept for a call, else the beginning.
const MAX_HEAD: usize = 160;
/// Longest part.
const MAX_PART: usize = 400;
/// Nodes of a part that are looked at before it counts as not fixed.
const MAX_LOOKED_AT: usize = 80;
/// Nodes of one piece of code; a larger tree is read so far.
const MAX_NODES: usize = 200_000;

/// PHP outside its tags is a page's text, so a snippet gets one.
pub(super) const PHP_TAG: &str = "<?php ";

/// Tells each fact of a piece of code; `false` when the parser was given up because the code is too tangled.
pub(super) fn each(code: &str, language: Language, tell: &mut dyn FnMut(&Fact<'_>)) -> bool {
    if language == Language::Php && !code.contains("<?") {
        let tagged = format!("{PHP_TAG}{code}");
        let back = |at: usize| at.saturating_sub(PHP_TAG.len());
        return read(&tagged, language, &mut |fact| {
            let span = back(fact.span.start)..back(fact.span.end);
            tell(&Fact { span, head: fact.head, parts: fact.parts, ..fact });
        });
    }
    read(code, language, &mut |fact| tell(&fact))
}

fn read(code: &str, language: Language, tell: &mut dyn FnMut(Fact<'_>)) -> bool {
    let Some(tree) = parse(code, language) else { return false };
    let mut cursor = tree.walk();
    // Which of the open nodes put a text together: only the outermost of `"a" + b + "c"` is told.
    let mut builds: Vec<bool> = Vec::new();
    for _ in 0..MAX_NODES {
        let node = cursor.node();
        let within = builds.last().copied().unwrap_or(false);
        let builds_here = node.is_named() && Teller { code, node }.tell(within, tell);
        if cursor.goto_first_child() {
            builds.push(builds_here);
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return true;
            }
            builds.pop();
        }
    }
    true
}

/// Steps that any code may take, in the parser's own unit of a hundred operations.
const MIN_STEPS: usize = 20;
/// Bytes for which there is one step more. Of 1,291 real pieces, broken ones too, none took a hundred operations for less
/// than 44 bytes; a step of a tangle can take a millisecond.
const BYTES_PER_STEP: usize = 25;

/// Steps in which the parser may be stuck: it recovers from an error, or hardly comes on. One of them takes a hundred times as
/// long as another, and the more of them the longer each, without end; 1,020 weak pieces, most of them fragments, need no more.
const MIN_STUCK: usize = 8;
/// Bytes for which there is one such step more.
const BYTES_PER_STUCK: usize = 500;
/// Bytes that a step comes on by, at least, unless it is stuck.
const ADVANCE: usize = 10;

/// The tree of a piece of code, unless the parser was given up.
pub(super) fn parse(code: &str, language: Language) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(&language.grammar()).ok()?;
    let mut left = MIN_STEPS + code.len() / BYTES_PER_STEP;
    let mut stuck = MIN_STUCK + code.len() / BYTES_PER_STUCK;
    let mut farthest = 0;
    let mut give_up = |state: &ParseState| {
        left = left.saturating_sub(1);
        let at = state.current_byte_offset();
        // At the end it puts the tree in order, which is no trouble.
        let stays = at < farthest + ADVANCE && at + ADVANCE < code.len();
        if state.has_error() || stays {
            stuck = stuck.saturating_sub(1);
        }
        farthest = farthest.max(at);
        if left == 0 || stuck == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = ParseOptions::new().progress_callback(&mut give_up);
    let mut chunk = |at: usize, _| code.as_bytes().get(at..).unwrap_or_default();
    parser.parse_with_options(&mut chunk, None, Some(options))
}

/// Tells what one node says.
struct Teller<'t> {
    code: &'t str,
    node: Node<'t>,
}

impl<'t> Teller<'t> {
    /// Whether the node puts a text together.
    fn tell(&self, within: bool, tell: &mut dyn FnMut(Fact<'_>)) -> bool {
        let node = self.node;
        match node.kind() {
            "call"
            | "call_expression"
            | "method_invocation"
            | "function_call_expression"
            | "member_call_expression"
            | "nullsafe_member_call_expression"
            | "scoped_call_expression"
            | "new_expression"
            | "object_creation_expression" => self.call(tell),
            "command" => self.command(tell),
            "macro_invocation" => {
                if let (Some(name), Some(tokens)) = (self.field("macro"), last_child(node)) {
                    let head = format!("{}!", self.text(name));
                    self.fact(Shape::Call, head, &[tokens], tell);
                }
            }
            "echo_statement"
            | "print_intrinsic"
            | "include_expression"
            | "include_once_expression"
            | "require_expression"
            | "require_once_expression" => {
                let verb = self.text(node).split(|c: char| !(c.is_alphanumeric() || c == '_')).next();
                let head = verb.unwrap_or_default().to_owned();
                self.fact(Shape::Call, head, &children(node), tell);
            }
            "shell_command_expression" => self.fact(Shape::Call, "`".to_owned(), &[node], tell),
            "assignment"
            | "assignment_expression"
            | "augmented_assignment"
            | "augmented_assignment_expression"
            | "short_var_declaration"
            | "assignment_statement" => {
                self.named("left", "right", tell);
            }
            "variable_declarator"
            | "var_spec"
            | "const_spec"
            | "const_item"
            | "static_item"
            | "keyword_argument"
            | "default_parameter"
            | "typed_default_parameter"
            | "public_field_definition"
            | "variable_assignment" => self.named("name", "value", tell),
            "property_element" => self.named("name", "default_value", tell),
            "pair" | "keyed_element" => self.named("key", "value", tell),
            "field_initializer" => self.named("field", "value", tell),
            "init_declarator" => self.named("declarator", "value", tell),
            "let_declaration" => self.named("pattern", "value", tell),
            "array_element_initializer" | "const_element" | "jsx_attribute" => {
                if let (Some(name), Some(value), 2) =
                    (node.named_child(0), node.named_child(1), node.named_child_count())
                {
                    self.fact(Shape::Assign, self.text(name).to_owned(), &[value], tell);
                }
            }
            "subscript"
            | "subscript_expression"
            | "index_expression"
            | "element_reference"
            | "array_access" => {
                self.fact(Shape::Index, self.text(node).to_owned(), &[], tell);
            }
            "decorator" | "annotation" | "marker_annotation" | "attribute_item" => {
                self.fact(Shape::Mark, self.text(node).to_owned(), &[], tell);
            }
            "comparison_operator" => {
                self.fact(Shape::Compare, self.text(node).to_owned(), &children(node), tell);
            }
            "binary_expression" | "binary_operator" => return self.binary(within, tell),
            "string" | "template_string" | "encapsed_string" | "heredoc" | "string_literal" => {
                return self.string(within, tell);
            }
            _ => {}
        }
        false
    }

    fn call(&self, tell: &mut dyn FnMut(Fact<'_>)) {
        let is_list = |child: &Node<'_>| child.kind() == "arguments";
        let list = self.field("arguments").or_else(|| children(self.node).into_iter().find(is_list));
        let end = list.map_or(self.node.end_byte(), |list| list.start_byte());
        let callee = self.code.get(self.node.start_byte()..end).unwrap_or_default();
        let mut parts = match list {
            // A tagged template, or a Python generator.
            Some(list) if !matches!(list.kind(), "arguments" | "argument_list") => vec![list],
            Some(list) => children(list),
            None => Vec::new(),
        };
        if callee.trim_end().ends_with(".format") && callee.starts_with(['"', '\'', 'f']) && !parts.is_empty()
        {
            self.fact(Shape::Built, beginning(callee, MAX_HEAD).to_owned(), &parts, tell);
        }
        parts.retain(|part| part.kind() != "comment");
        self.fact(Shape::Call, ending(callee, MAX_HEAD).to_owned(), &parts, tell);
    }

    fn command(&self, tell: &mut dyn FnMut(Fact<'_>)) {
        let Some(name) = self.field("name") else { return };
        let mut cursor = self.node.walk();
        let words: Vec<Node<'_>> =
            self.node.children_by_field_name("argument", &mut cursor).take(100).collect();
        self.fact(Shape::Call, self.text(name).to_owned(), &words, tell);
    }

    fn named(&self, name: &str, value: &str, tell: &mut dyn FnMut(Fact<'_>)) {
        if let (Some(name), Some(value)) = (self.field(name), self.field(value)) {
            let name = self.text(name).trim_matches(['"', '\'', '*', '&', ' ']);
            self.fact(Shape::Assign, name.to_owned(), &[value], tell);
        }
    }

    fn binary(&self, within: bool, tell: &mut dyn FnMut(Fact<'_>)) -> bool {
        let (Some(left), Some(right)) = (self.field("left"), self.field("right")) else { return false };
        let between = self.code.get(left.end_byte()..right.start_byte()).unwrap_or_default().trim();
        match between {
            "+" | "%" | "." => {
                let whole = beginning(self.text(self.node), MAX_PART);
                if !within && whole.contains(['"', '\'', '`']) && !is_fixed(self.code, self.node) {
                    self.fact(Shape::Built, whole.to_owned(), &[left, right], tell);
                }
                true
            }
            "==" | "===" | "!=" | "!==" => {
                self.fact(Shape::Compare, self.text(self.node).to_owned(), &[left, right], tell);
                false
            }
            _ => false,
        }
    }

    fn string(&self, within: bool, tell: &mut dyn FnMut(Fact<'_>)) -> bool {
        let text = self.text(self.node);
        let before = self.node.start_byte().checked_sub(1).and_then(|at| self.code.as_bytes().get(at));
        let filled = match self.node.kind() {
            // C#'s `$"{x}"`, which Java's grammar does not know.
            "string_literal" => before == Some(&b'$') && text.contains('{'),
            "string" => children(self.node).iter().any(|c| {
                matches!(
                    c.kind(),
                    "interpolation" | "expansion" | "simple_expansion" | "command_substitution"
                )
            }),
            _ => !is_fixed(self.code, self.node),
        };
        if filled && !within {
            self.fact(Shape::Built, beginning(text, MAX_PART).to_owned(), &[], tell);
        }
        filled
    }

    fn fact(&self, shape: Shape, head: String, parts: &[Node<'_>], tell: &mut dyn FnMut(Fact<'_>)) {
        let part = |node: &Node<'_>| {
            let text = beginning(self.code.get(node.byte_range()).unwrap_or_default(), MAX_PART);
            Part { text, fixed: is_fixed(self.code, *node) }
        };
        let parts = parts.iter().map(part).collect();
        tell(Fact { shape, head: squeeze(&head), parts, span: self.node.byte_range() });
    }

    fn field(&self, name: &str) -> Option<Node<'t>> {
        self.node.child_by_field_name(name)
    }

    fn text(&self, node: Node<'_>) -> &'t str {
        beginning(self.code.get(node.byte_range()).unwrap_or_default(), MAX_PART)
    }
}

/// The named children, at most a hundred.
fn children<'t>(node: Node<'t>) -> Vec<Node<'t>> {
    let mut cursor: TreeCursor<'t> = node.walk();
    node.named_children(&mut cursor).take(100).collect()
}

fn last_child(node: Node<'_>) -> Option<Node<'_>> {
    u32::try_from(node.child_count()).ok()?.checked_sub(1).and_then(|last| node.child(last))
}

fn beginning(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or_default()
}

fn ending(text: &str, most: usize) -> &str {
    text.get(text.ceil_char_boundary(text.len().saturating_sub(most))..).unwrap_or_default()
}

/// One blank for each run of blanks, none beside punctuation: `os . system` is `os.system`.
fn squeeze(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = false;
    let tight = |c: char| matches!(c, '.' | ':' | '>' | '(' | ')' | '-');
    for c in text.trim().chars() {
        if c.is_whitespace() {
            blank = true;
            continue;
        }
        if blank && !tight(c) && !out.ends_with(tight) {
            out.push(' ');
        }
        blank = false;
        out.push(c);
    }
    out
}

/// Whether nothing in it has a name, but for constants: no variable, no call, no gap that something fills.
fn is_fixed(code: &str, node: Node<'_>) -> bool {
    let mut cursor = node.walk();
    if node.kind() == "keyword_argument" {
        let value = node.child_by_field_name("value");
        return value.is_some_and(|value| is_fixed(code, value));
    }
    for _ in 0..MAX_LOOKED_AT {
        let here = cursor.node();
        if here.child_count() == 0 && here.is_named() && is_variable(code, here) {
            return false;
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return true;
            }
        }
    }
    false
}

fn is_variable(code: &str, leaf: Node<'_>) -> bool {
    let kind = leaf.kind();
    let names = ["identifier", "name", "self", "this", "special_variable"];
    if kind == "type_identifier" || !names.iter().any(|name| kind.ends_with(name)) {
        return false;
    }
    let text = code.get(leaf.byte_range()).unwrap_or_default();
    let constant = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    text.len() < 2 || text.starts_with('_') || !text.bytes().all(constant)
}
