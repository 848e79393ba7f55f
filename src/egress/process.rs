//! Starting processes. A [`Peer`] is a child that speaks frames over its standard streams: four bytes of length,
//! little-endian, then that many bytes.

#[cfg(test)]
mod tests;

use super::halt;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel, sync_channel};
use std::time::Duration;

/// The largest frame that is sent or taken, in bytes: a prompt of 100,000 characters twice over, as JSON.
pub const MAX_FRAME: usize = 16 * 1024 * 1024;

/// A child process that does not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum PeerFailure {
    /// Could not be started.
    #[error("cannot start {program}: {cause}")]
    Start {
        /// Which program.
        program: String,
        /// The system's word for it.
        cause: std::io::Error,
    },
    /// Ended, or closed its streams.
    #[error("the child process ended unexpectedly ({0})")]
    Ended(String),
    /// Did not answer in time and was killed.
    #[error("the child process did not answer within {} s", .0.as_secs())]
    TimedOut(Duration),
    /// Was not waited for any longer, and killed: see [`halt::until`].
    #[error("the child process was given up")]
    GivenUp,
    /// A frame larger than [`MAX_FRAME`].
    #[error("a frame of {0} bytes is larger than allowed")]
    TooLarge(usize),
}

/// Writes one frame.
///
/// # Errors
/// As the writer, and when the frame is too large.
pub fn write_frame(to: &mut impl Write, frame: &[u8]) -> std::io::Result<()> {
    let len = u32::try_from(frame.len()).ok().filter(|_| frame.len() <= MAX_FRAME);
    let len = len.ok_or_else(|| std::io::Error::new(std::io::ErrorKind::InvalidInput, "frame too large"))?;
    to.write_all(&len.to_le_bytes())?;
    to.write_all(frame)?;
    to.flush()
}

/// Reads one frame; `None` when the other side has closed the stream between frames.
///
/// # Errors
/// As the reader, and when the frame is too large or cut off.
pub fn read_frame(from: &mut impl Read) -> std::io::Result<Option<Vec<u8>>> {
    let mut len = [0_u8; 4];
    let first = from.read(&mut len)?;
    if first == 0 {
        return Ok(None);
    }
    if let Some(rest) = len.get_mut(first..) {
        from.read_exact(rest)?;
    }
    let len = u32::from_le_bytes(len) as usize;
    if len > MAX_FRAME {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "frame too large"));
    }
    let mut frame = vec![0; len];
    from.read_exact(&mut frame)?;
    Ok(Some(frame))
}

/// A running child that speaks frames. Dropping it kills it.
#[derive(Debug)]
pub struct Peer {
    child: Child,
    to: Option<Sender<Vec<u8>>>,
    from: Receiver<std::io::Result<Vec<u8>>>,
}

impl Peer {
    /// Starts `program` with exactly this environment. Its standard error goes nowhere: what a child that reads
    /// untrusted text prints is untrusted text.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(program: &Path, args: &[&str], env: &[(&str, &str)]) -> Result<Self, PeerFailure> {
        let fail = |cause| PeerFailure::Start { program: program.display().to_string(), cause };
        #[expect(clippy::disallowed_methods, reason = "the door for child processes")]
        let mut child = Command::new(program)
            .args(args)
            .env_clear()
            .envs(env.iter().copied())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(fail)?;
        let stdin = child.stdin.take();
        // Written by a thread of its own: a child that does not read must not block us past the time-out.
        let (to, frames) = channel::<Vec<u8>>();
        std::thread::Builder::new()
            .name("peer-writer".to_owned())
            .spawn(move || {
                let Some(mut stdin) = stdin else { return };
                while let Ok(frame) = frames.recv() {
                    if write_frame(&mut stdin, &frame).is_err() {
                        return;
                    }
                }
            })
            .map_err(fail)?;
        let out = child.stdout.take();
        // Room for one frame: an answer that nobody waits for blocks the child, not us.
        let (sender, from) = sync_channel(1);
        std::thread::Builder::new()
            .name("peer-reader".to_owned())
            .spawn(move || {
                let Some(mut out) = out else { return };
                while let Some(frame) = read_frame(&mut out).transpose() {
                    let broken = frame.is_err();
                    if sender.send(frame).is_err() || broken {
                        return;
                    }
                }
            })
            .map_err(fail)?;
        Ok(Self { child, to: Some(to), from })
    }

    /// Sends one frame without waiting for it to be read.
    ///
    /// # Errors
    /// When the child has closed its input or the frame is too large.
    pub fn send(&mut self, frame: Vec<u8>) -> Result<(), PeerFailure> {
        if frame.len() > MAX_FRAME {
            return Err(PeerFailure::TooLarge(frame.len()));
        }
        match self.to.as_ref().map(|to| to.send(frame)) {
            Some(Ok(())) => Ok(()),
            Some(Err(_)) | None => Err(self.ended()),
        }
    }

    /// Waits for one frame. After a time-out the child is dead, and so it is once it was given up.
    ///
    /// # Errors
    /// When nothing came in time, or the child ended or sent something that is no frame.
    pub fn receive(&mut self, timeout: Duration) -> Result<Vec<u8>, PeerFailure> {
        let mut left = timeout;
        loop {
            let failure = match self.from.recv_timeout(left.min(halt::LOOK_UP)) {
                Ok(Ok(frame)) => return Ok(frame),
                Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => return Err(self.ended()),
                Err(RecvTimeoutError::Timeout) if halt::is_raised() => PeerFailure::GivenUp,
                Err(RecvTimeoutError::Timeout) => {
                    left = left.saturating_sub(halt::LOOK_UP);
                    if !left.is_zero() {
                        continue;
                    }
                    PeerFailure::TimedOut(timeout)
                }
            };
            self.kill();
            return Err(failure);
        }
    }

    /// The child's process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends the child now and waits until it is gone.
    pub fn kill(&mut self) {
        self.to = None;
        // Both fail only when the child is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn ended(&mut self) -> PeerFailure {
        self.to = None;
        let _ = self.child.kill();
        let how = self.child.wait().map_or_else(|e| e.to_string(), |status| status.to_string());
        PeerFailure::Ended(how)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.kill();
    }
}
