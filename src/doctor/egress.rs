//! The door that HTTP leaves by: what it must refuse, tried against a server on this machine.

#[cfg(test)]
mod tests;

use super::{Gap, Tried};
use crate::egress::http::{Http, HttpFailure, HttpReply, HttpRequest};
use crate::planner::{Anthropic, AnthropicConfig};
use crate::tool::stub;
use secrecy::SecretString;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

const MEND: &str = "this is a fault of Sentinel; do not use it, and report it";
const TIMEOUT: Duration = Duration::from_secs(5);
const MAX_BYTES: usize = 1_000;

/// A redirect is not followed, a reply longer than the caller takes is cut off, and the planner's key goes to no other
/// machine in the clear.
///
/// # Errors
/// What got through.
pub fn refuses() -> Tried {
    let unmade = |e: &dyn std::fmt::Display| {
        Gap::new(format!("nothing could be tried on this machine's own network: {e}"), "allow 127.0.0.1")
    };
    let http = Http::new().map_err(|e| unmade(&e))?;
    let elsewhere = TcpListener::bind("127.0.0.1:0").map_err(|e| unmade(&e))?;
    let target = elsewhere.local_addr().map_err(|e| unmade(&e))?;
    let redirect = format!("HTTP/1.1 302 X\r\nlocation: http://{target}/\r\ncontent-length: 0\r\n\r\n");
    redirected(&asked(&http, redirect).map_err(|e| unmade(&e))?, &elsewhere)?;
    let long = format!("HTTP/1.1 200 X\r\ncontent-length: 100000\r\n\r\n{}", " ".repeat(100_000));
    cut_off(&asked(&http, long).map_err(|e| unmade(&e))?)?;
    let config = AnthropicConfig::new("http://planner.example", "claude", SecretString::from("a-key"));
    if Anthropic::new(config, stub::render).is_ok() {
        return Err(Gap::new("the planner's key would go to another machine over plain HTTP", MEND));
    }
    Ok("a redirect was not followed, a reply longer than the caller takes was cut off, and the planner's key would not go \
        to another machine over plain HTTP"
        .to_owned())
}

fn redirected(reply: &Result<HttpReply, HttpFailure>, elsewhere: &TcpListener) -> Result<(), Gap> {
    let visited = elsewhere.set_nonblocking(true).is_ok() && elsewhere.accept().is_ok();
    match reply {
        Ok(HttpReply { status: 302, .. }) if !visited => Ok(()),
        _ => Err(Gap::new("a redirect was followed", MEND)),
    }
}

fn cut_off(reply: &Result<HttpReply, HttpFailure>) -> Result<(), Gap> {
    match reply {
        Err(HttpFailure::TooLarge(..)) => Ok(()),
        _ => Err(Gap::new("a reply longer than the caller takes was taken", MEND)),
    }
}

/// One exchange with a server that says `answer` to whoever comes first.
fn asked(http: &Http, answer: String) -> std::io::Result<Result<HttpReply, HttpFailure>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}/", listener.local_addr()?);
    std::thread::scope(|scope| {
        std::thread::Builder::new().name("doctor-server".to_owned()).spawn_scoped(scope, || {
            if let Ok((mut stream, _)) = listener.accept() {
                // A client that has read enough hangs up, which is its right.
                let _hung_up = say(&mut stream, &answer);
            }
        })?;
        let request =
            HttpRequest { url: &url, headers: &[], body: None, timeout: TIMEOUT, max_bytes: MAX_BYTES };
        Ok(http.exchange(&request))
    })
}

fn say(stream: &mut TcpStream, answer: &str) -> std::io::Result<()> {
    stream.set_read_timeout(Some(TIMEOUT))?;
    let mut head = [0; 4096];
    let _read = stream.read(&mut head)?;
    stream.write_all(answer.as_bytes())
}
