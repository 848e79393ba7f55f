//! Redirects: which files a command reads and writes without a program's doing.

use super::{Arg, Stdin, Walk};
use crate::shell::{Access, Finding, Redirect, danger, path_facts, word};
use brush_parser::ast;

impl Walk {
    pub(super) fn redirects(&mut self, list: Option<&ast::RedirectList>, stdin: &Stdin) -> Stdin {
        let mut stdin = stdin.clone();
        for redirect in list.iter().flat_map(|list| &list.0) {
            self.redirect(redirect, &mut stdin);
        }
        stdin
    }

    /// Returns the file that is written.
    pub(super) fn redirect(&mut self, redirect: &ast::IoRedirect, stdin: &mut Stdin) -> Option<String> {
        use ast::{IoFileRedirectKind as K, IoFileRedirectTarget as T, IoRedirect as R};
        match redirect {
            R::File(_, kind, T::Filename(word) | T::Duplicate(word)) => {
                let target = self.word(&word.value);
                let copies = matches!(kind, K::DuplicateInput | K::DuplicateOutput);
                if copies && target.text.trim_end_matches('-').bytes().all(|b| b.is_ascii_digit()) {
                    return None;
                }
                let access = match kind {
                    K::Read | K::DuplicateInput => Access::Read,
                    K::Append => Access::Append,
                    K::Write | K::ReadAndWrite | K::Clobber | K::DuplicateOutput => Access::Write,
                };
                let written = (access != Access::Read).then(|| target.text.clone());
                self.file(access, &target);
                if access == Access::Read {
                    *stdin = Stdin::File(target);
                }
                written
            }
            R::File(_, _, T::Fd(_)) => None,
            R::File(_, _, T::ProcessSubstitution(kind, subshell)) => {
                let flow = self.process(kind, subshell);
                if matches!(kind, ast::ProcessSubstitutionKind::Read) {
                    *stdin = Stdin::Pipe(flow);
                }
                None
            }
            R::HereDocument(_, document) => {
                *stdin = match document.requires_expansion {
                    false => Stdin::Text(document.doc.value.clone()),
                    true => {
                        let read = word::read_document(&document.doc.value, &self.known);
                        let dynamic = read.as_ref().is_none_or(|word| word.dynamic);
                        let body = self.read(read);
                        if dynamic { Stdin::Computed } else { Stdin::Text(body.text) }
                    }
                };
                None
            }
            R::HereString(_, word) => {
                let word = self.word(&word.value);
                *stdin = match (word.literal || word.glob, word.feeds) {
                    (_, Some(flow)) => Stdin::Pipe(flow),
                    (true, None) => Stdin::Text(word.text),
                    (false, None) => Stdin::Computed,
                };
                None
            }
            R::OutputAndError(word, append) => {
                let target = self.word(&word.value);
                self.file(if *append { Access::Append } else { Access::Write }, &target);
                Some(target.text)
            }
        }
    }

    pub(super) fn file(&mut self, access: Access, target: &Arg) {
        if danger::path(self, &target.text, access != Access::Read) == danger::Place::Harmless {
            return;
        }
        if access != Access::Read {
            self.find(Finding::Writes);
        }
        let place = path_facts(&target.text);
        self.facts.redirects.push(Redirect {
            access,
            canonical: (target.literal && !place.escapes).then_some(place.canonical),
            literal: target.literal,
            target: target.text.clone(),
        });
    }
}
