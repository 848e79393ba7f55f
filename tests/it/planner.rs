//! The planners against a fake of their servers: what is drafted, what is told of failures, and what is never sent.

mod claude;
mod ollama;
mod prompt;
mod rounds;

use crate::easy::Easy;
use sentinel::eval::Ledger;
use sentinel::kernel::catalogue::Catalogue;
use sentinel::kernel::gate::screened::{self, Request, Screened, Screening};
use sentinel::kernel::id::RunId;
use sentinel::kernel::principal::Principal;
use sentinel::policy;
use sentinel::scan::Active;
use sentinel::tool::builtin;
use std::path::Path;
use std::sync::Arc;

const PLAN: &str = "answer(\"hello\")\n";

fn catalogue() -> Arc<Catalogue> {
    Arc::new(Catalogue::new(builtin::tools()))
}

fn engine() -> policy::Engine {
    policy::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("policies"), &catalogue()).unwrap()
}

fn request(text: &str) -> Request {
    let user = Principal::new("user");
    Request {
        run: RunId::new("r"),
        principal: user.clone(),
        reply_to: user,
        channel: Arc::from("cli"),
        trust_level: 0,
        text: text.to_owned(),
    }
}

fn screened(text: &str) -> Screened<Request> {
    match screened::screen_request(request(text), &Active::new(), &Easy, &Ledger::default()).unwrap() {
        Screening::Passed(request) => request,
        Screening::Blocked(findings) => panic!("{findings:?}"),
    }
}
