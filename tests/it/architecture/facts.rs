//! What the rules need to know of one source file, read by a real parser.
//!
//! Items (types, impls, modules) come from `syn`; paths come from the token stream, because a token stream also
//! holds what stands inside macro calls and attributes, where a parsed tree has none.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::HashMap;
use syn::visit::{self, Visit};

/// One source file, by its path from the repository's root with `/` between the parts.
pub struct Source {
    pub path: String,
    pub text: String,
}

/// A path as the file means it: aliases, `self` and `super` resolved; `["crate", "store", "Journal"]`.
pub struct Found {
    pub segments: Vec<String>,
    pub line: usize,
}

pub struct TypeDef {
    pub name: String,
    pub line: usize,
    pub public: bool,
    pub is_struct: bool,
    /// The last segments of everything derived, behind a `cfg_attr` too.
    pub derives: Vec<String>,
    pub must_use: bool,
    /// Fields visible to the whole crate or to everybody.
    pub open_fields: Vec<String>,
}

pub struct Impl {
    pub of_trait: String,
    pub for_type: String,
    pub line: usize,
}

pub struct ModDecl {
    pub name: String,
    pub line: usize,
    pub inline: bool,
    pub for_tests: bool,
}

pub struct Facts {
    pub path: String,
    pub lines: usize,
    pub paths: Vec<Found>,
    pub types: Vec<TypeDef>,
    pub impls: Vec<Impl>,
    pub mods: Vec<ModDecl>,
    /// Attributes that switch a test off or take a module from elsewhere, with their lines.
    pub odd_attributes: Vec<(usize, &'static str)>,
}

impl Facts {
    /// The first folder or file below `src`: `kernel`, `store`, `main`. `None` outside `src`.
    pub fn room(&self) -> Option<&str> {
        let rest = self.path.strip_prefix("src/")?;
        let first = rest.split('/').next().unwrap_or(rest);
        Some(first.strip_suffix(".rs").unwrap_or(first))
    }

    /// Whether the file holds only tests.
    pub fn is_test(&self) -> bool {
        !self.path.starts_with("src/") || self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }

    pub fn read(source: &Source) -> Self {
        let tokens: TokenStream =
            source.text.parse().unwrap_or_else(|e| panic!("{}: does not lex: {e}", source.path));
        let mut items = Items::default();
        let file = syn::parse2::<syn::File>(tokens.clone());
        items.visit_file(&file.unwrap_or_else(|e| panic!("{}: does not parse: {e}", source.path)));
        let mut scan = PathScan::default();
        scan.stream(tokens, &module_of(&source.path));
        Self {
            path: source.path.clone(),
            lines: source.text.lines().count(),
            paths: scan.resolved(),
            types: items.types,
            impls: items.impls,
            mods: items.mods,
            odd_attributes: items.odd_attributes.into_iter().chain(skipped_examples(&source.text)).collect(),
        }
    }
}

/// `src/kernel/gate/checked.rs` is the module `kernel::gate::checked`.
fn module_of(path: &str) -> Vec<String> {
    let inner = path.strip_prefix("src/").unwrap_or(path);
    let inner = inner.strip_suffix(".rs").unwrap_or(inner);
    let mut parts: Vec<String> = inner.split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        parts.pop();
    }
    parts
}

/// Documentation examples that are not run.
fn skipped_examples(text: &str) -> Vec<(usize, &'static str)> {
    let comment = |line: &str| {
        let line = line.trim_start();
        line.strip_prefix("///").or_else(|| line.strip_prefix("//!")).map(|rest| rest.trim().to_owned())
    };
    let skipped = |rest: &str| rest.starts_with("```") && rest.contains("ignore");
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, l)| comment(l).is_some_and(|c| skipped(&c)))
        .map(|(n, _)| (n + 1, "```ignore"))
        .collect()
}

#[derive(Default)]
struct Items {
    types: Vec<TypeDef>,
    impls: Vec<Impl>,
    mods: Vec<ModDecl>,
    odd_attributes: Vec<(usize, &'static str)>,
}

impl Items {
    fn add_type(
        &mut self,
        name: &syn::Ident,
        vis: &syn::Visibility,
        attrs: &[syn::Attribute],
    ) -> &mut TypeDef {
        let derives = attrs.iter().filter(|a| a.path().is_ident("derive") || a.path().is_ident("cfg_attr"));
        self.types.push(TypeDef {
            name: name.to_string(),
            line: name.span().start().line,
            public: matches!(vis, syn::Visibility::Public(_)),
            is_struct: false,
            derives: derives.flat_map(idents_in).collect(),
            must_use: attrs.iter().any(|a| a.path().is_ident("must_use")),
            open_fields: Vec::new(),
        });
        self.types.last_mut().expect("just pushed")
    }
}

impl<'ast> Visit<'ast> for Items {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        let open = item.fields.iter().enumerate().filter(|(_, f)| is_open(&f.vis));
        let names =
            open.map(|(n, f)| f.ident.as_ref().map_or_else(|| n.to_string(), ToString::to_string)).collect();
        let def = self.add_type(&item.ident, &item.vis, &item.attrs);
        def.is_struct = true;
        def.open_fields = names;
        visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.add_type(&item.ident, &item.vis, &item.attrs);
        visit::visit_item_enum(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if let (Some((_, path, _)), syn::Type::Path(ty)) = (&item.trait_, item.self_ty.as_ref())
            && let (Some(of), Some(to)) = (path.segments.last(), ty.path.segments.last())
        {
            self.impls.push(Impl {
                of_trait: of.ident.to_string(),
                for_type: to.ident.to_string(),
                line: of.ident.span().start().line,
            });
        }
        visit::visit_item_impl(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.mods.push(ModDecl {
            name: item.ident.to_string(),
            line: item.ident.span().start().line,
            inline: item.content.is_some(),
            for_tests: item
                .attrs
                .iter()
                .any(|a| a.path().is_ident("cfg") && idents_in(a).contains(&"test".into())),
        });
        visit::visit_item_mod(self, item);
    }

    fn visit_attribute(&mut self, attr: &'ast syn::Attribute) {
        let behind_cfg =
            |name: &str| attr.path().is_ident("cfg_attr") && idents_in(attr).contains(&name.to_owned());
        for name in ["ignore", "path"] {
            if attr.path().is_ident(name) || behind_cfg(name) {
                self.odd_attributes.push((attr.pound_token.span.start().line, name));
            }
        }
    }
}

fn is_open(vis: &syn::Visibility) -> bool {
    match vis {
        syn::Visibility::Public(_) => true,
        syn::Visibility::Restricted(r) => r.in_token.is_none() && r.path.is_ident("crate"),
        syn::Visibility::Inherited => false,
    }
}

/// Every identifier between an attribute's parentheses.
fn idents_in(attr: &syn::Attribute) -> Vec<String> {
    fn collect(stream: TokenStream, out: &mut Vec<String>) {
        for token in stream {
            match token {
                TokenTree::Ident(ident) => out.push(ident.to_string()),
                TokenTree::Group(group) => collect(group.stream(), out),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }
    let mut out = Vec::new();
    if let syn::Meta::List(list) = &attr.meta {
        collect(list.tokens.clone(), &mut out);
    }
    out
}

/// Paths as written, and the names that `use` gave to others.
#[derive(Default)]
struct PathScan {
    found: Vec<Found>,
    aliases: HashMap<String, Vec<Vec<String>>>,
}

impl PathScan {
    fn stream(&mut self, stream: TokenStream, module: &[String]) {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let rest = &tokens[at..];
            at += match token {
                TokenTree::Group(group) => {
                    self.stream(group.stream(), module);
                    1
                }
                TokenTree::Ident(word) if word == "mod" => self.module(rest, module),
                TokenTree::Ident(word) if word == "use" && !is_punct(rest.get(1), '<') => {
                    let end = rest.iter().position(|t| is_punct(Some(t), ';')).unwrap_or(rest.len());
                    self.use_tree(&rest[1..end], &[], module);
                    end
                }
                TokenTree::Ident(word) if word == "extern" && is_ident(rest.get(1), "crate") => {
                    let end = rest.iter().position(|t| is_punct(Some(t), ';')).unwrap_or(rest.len());
                    let crate_root = if is_ident(rest.get(2), "self") { 1..2 } else { 2..end };
                    self.use_tree(&rest[crate_root], &[], module);
                    end
                }
                TokenTree::Ident(_) => self.plain_path(rest, module),
                TokenTree::Punct(_) | TokenTree::Literal(_) => 1,
            };
        }
    }

    fn module(&mut self, tokens: &[TokenTree], module: &[String]) -> usize {
        match tokens {
            [_, TokenTree::Ident(name), TokenTree::Group(body), ..]
                if body.delimiter() == Delimiter::Brace =>
            {
                let inner: Vec<String> = module.iter().cloned().chain([name.to_string()]).collect();
                self.stream(body.stream(), &inner);
                3
            }
            _ => 1,
        }
    }

    /// `a::b::c` in an expression, a type, a macro's input or an attribute.
    fn plain_path(&mut self, tokens: &[TokenTree], module: &[String]) -> usize {
        let mut segments = vec![tokens[0].to_string()];
        let mut used = 1;
        while is_punct(tokens.get(used), ':') && is_punct(tokens.get(used + 1), ':') {
            let Some(TokenTree::Ident(next)) = tokens.get(used + 2) else { break };
            segments.push(next.to_string());
            used += 3;
        }
        if segments.len() > 1 {
            let line = tokens[0].span().start().line;
            self.found.push(Found { segments: absolute(segments, module), line });
        }
        used
    }

    fn use_tree(&mut self, tokens: &[TokenTree], prefix: &[String], module: &[String]) {
        let mut segments = prefix.to_vec();
        let mut alias = None;
        let Some(line) = tokens.first().map(|t| t.span().start().line) else { return };
        for (n, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Ident(word) if word == "as" => {
                    alias = tokens.get(n + 1).map(ToString::to_string);
                    break;
                }
                TokenTree::Ident(word) if word == "self" && !prefix.is_empty() && n == 0 => {}
                TokenTree::Ident(word) => segments.push(word.to_string()),
                TokenTree::Punct(p) if p.as_char() == '*' => segments.push("*".into()),
                TokenTree::Group(group) => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    for branch in inner.split(|t| is_punct(Some(t), ',')) {
                        self.use_tree(branch, &segments, module);
                    }
                    return;
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
        let segments = absolute(segments, module);
        let name = alias.or_else(|| segments.last().cloned()).unwrap_or_default();
        self.aliases.entry(name).or_default().push(segments.clone());
        self.found.push(Found { segments, line });
    }

    /// Everything found, with the first segment replaced by what a `use` made it stand for.
    fn resolved(self) -> Vec<Found> {
        let mut out = Vec::new();
        for Found { segments, line } in self.found {
            if let Some(meant) = segments.first().and_then(|first| self.aliases.get(first)) {
                for head in meant.iter().filter(|head| head.first() != segments.first()) {
                    let full = head.iter().chain(&segments[1..]).cloned().collect();
                    out.push(Found { segments: full, line });
                }
            }
            out.push(Found { segments, line });
        }
        out
    }
}

/// Turns `self::x`, `super::x` and `sentinel::x` into `crate::...`.
fn absolute(segments: Vec<String>, module: &[String]) -> Vec<String> {
    let first = segments.first().map(String::as_str);
    let supers =
        segments.iter().skip(usize::from(first == Some("self"))).take_while(|s| *s == "super").count();
    let (kept, skip) = match first {
        Some("sentinel") => (0, 1),
        Some("self") => (module.len().saturating_sub(supers), 1 + supers),
        Some("super") => (module.len().saturating_sub(supers), supers),
        _ => return segments,
    };
    let head = std::iter::once("crate".to_owned()).chain(module.iter().take(kept).cloned());
    head.chain(segments.into_iter().skip(skip)).collect()
}

fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(p)) if p.as_char() == wanted)
}

fn is_ident(token: Option<&TokenTree>, wanted: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(i)) if i == wanted)
}
