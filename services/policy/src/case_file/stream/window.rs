//! A window on a file: what has been read of it and is still needed.

use std::io::{self, Read};

/// Bytes asked for at a time.
const CHUNK: usize = 64 * 1024;

/// A place in a file: line and column, from 1.
pub(in crate::case_file) type LineColumn = (usize, usize);

/// The bytes of a file from the start of the case being read on.
pub(super) struct Window<R> {
    input: R,
    bytes: Vec<u8>,
    /// Where the reader stands in `bytes`.
    pub(super) at: usize,
    /// Whether the file has no more bytes than these.
    ended: bool,
    /// Line of the first byte, and the bytes of that line before it.
    line: usize,
    before: usize,
}

impl<R: Read> Window<R> {
    pub(super) const fn new(input: R) -> Self {
        Self {
            input,
            bytes: Vec::new(),
            at: 0,
            ended: false,
            line: 1,
            before: 0,
        }
    }

    /// The byte at which the reader stands; none at the end.
    pub(super) fn peek(&mut self) -> io::Result<Option<u8>> {
        if self.at >= self.bytes.len() {
            self.fill()?;
        }
        Ok(self.bytes.get(self.at).copied())
    }

    /// The byte so many further on; none beyond the end.
    pub(super) fn peek_at(&mut self, ahead: usize) -> io::Result<Option<u8>> {
        while self.at + ahead >= self.bytes.len() && !self.ended {
            self.fill()?;
        }
        Ok(self.bytes.get(self.at + ahead).copied())
    }

    /// What is read from here on, at least one byte unless the file has ended.
    pub(super) fn rest(&mut self) -> io::Result<&[u8]> {
        self.peek()?;
        Ok(self.bytes.get(self.at..).unwrap_or_default())
    }

    /// What lies between two places of the window.
    pub(super) fn slice(&self, from: usize, to: usize) -> &[u8] {
        self.bytes.get(from..to).unwrap_or_default()
    }

    fn fill(&mut self) -> io::Result<()> {
        if self.ended {
            return Ok(());
        }
        let held = self.bytes.len();
        self.bytes.resize(held + CHUNK, 0);
        let read = loop {
            let room = self.bytes.get_mut(held..).unwrap_or_default();
            match self.input.read(room) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                done => break done,
            }
        };
        self.bytes.truncate(held + *read.as_ref().unwrap_or(&0));
        self.ended = read? == 0;
        Ok(())
    }

    /// Forgets everything before the place where the reader stands.
    pub(super) fn forget(&mut self) {
        // Moving what is left costs time; do it when there is more to forget than to move.
        if self.at > self.bytes.len() / 2 {
            let gone = self.bytes.get(..self.at).unwrap_or_default();
            (self.line, self.before) = step((self.line, self.before), gone);
            self.bytes.drain(..self.at);
            self.at = 0;
        }
    }

    /// Line and column of a place of the window.
    pub(super) fn place(&self, at: usize) -> LineColumn {
        let (line, before) = step((self.line, self.before), self.slice(0, at));
        (line, before + 1)
    }
}

/// Line, and bytes of that line, after so many more bytes.
fn step((line, before): (usize, usize), bytes: &[u8]) -> (usize, usize) {
    match bytes.iter().rposition(|byte| *byte == b'\n') {
        None => (line, before + bytes.len()),
        Some(last) => {
            let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
            (line + lines, bytes.len() - last - 1)
        }
    }
}
