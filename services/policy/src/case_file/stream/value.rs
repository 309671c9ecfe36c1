//! One JSON value in a file: where it ends, or where it is broken. What its numbers, texts and keys
//! say is for the reader of the case.

use std::io::{self, Read};

use super::window::Window;

/// Deepest nesting. A case of the schema needs five.
const DEEPEST: usize = 32;
/// Longest case, in bytes. The longest worked case has four thousand.
const LONGEST: usize = 1 << 20;
/// Kinds of cases, as they stand in a file.
const KINDS: [&[u8]; 5] = [
    b"\"family\"",
    b"\"institution\"",
    b"\"funding\"",
    b"\"calendar\"",
    b"\"identifier\"",
];

/// Why a value does not end.
pub(super) struct Broken {
    /// What is wrong.
    pub(super) message: String,
    /// Where, in the window.
    pub(super) at: usize,
    /// Where the next case begins, if that is known.
    pub(super) next: Option<usize>,
    /// How many brackets are open there.
    pub(super) depth: usize,
    /// Whether it lies inside a text.
    pub(super) in_text: bool,
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
}

/// The key before a value, as far as it matters where a case begins and what it is called.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Id,
    Kind,
    Other,
}

/// A value being scanned.
pub(super) struct Value<'w, R> {
    window: &'w mut Window<R>,
    start: usize,
    expect: Expect,
    /// Where the open brackets stand, and whether they are braces.
    open: Vec<(usize, bool)>,
    key: Key,
    /// Where the value of its `id` stands.
    pub(super) id: Option<(usize, usize)>,
    /// Whether an object inside begins a line just as the value itself does.
    pub(super) flat: bool,
    indent: Option<Vec<u8>>,
}

impl<'w, R: Read> Value<'w, R> {
    /// The value at which the window stands; `indent` is the blank before it, if it begins a line.
    pub(super) fn new(window: &'w mut Window<R>, indent: Option<Vec<u8>>) -> Self {
        Self {
            start: window.at,
            window,
            expect: Expect::Value,
            open: Vec::new(),
            key: Key::Other,
            id: None,
            flat: false,
            indent,
        }
    }

    /// Goes to the end of the value.
    pub(super) fn scan(&mut self) -> io::Result<Result<(), Broken>> {
        loop {
            let Some(byte) = self.window.peek()? else {
                return Ok(Err(self.broken("the file ends here")));
            };
            if self.window.at - self.start > LONGEST {
                let message = format!("longer than {LONGEST} bytes");
                return Ok(Err(self.broken(message)));
            }
            let step = match (self.expect, byte) {
                (_, b' ' | b'\n' | b'\r' | b'\t') => {
                    self.window.at += 1;
                    continue;
                }
                (Expect::Value | Expect::ValueOrEnd, b'{' | b'[') => self.opens(byte == b'{'),
                (Expect::KeyOrEnd, b'}') | (Expect::ValueOrEnd, b']') => self.closes(),
                (Expect::CommaOrEnd, b'}' | b']') if self.in_object() == (byte == b'}') => {
                    self.closes()
                }
                (Expect::CommaOrEnd, b',') => {
                    self.expect = if self.in_object() {
                        Expect::Key
                    } else {
                        Expect::Value
                    };
                    self.window.at += 1;
                    Ok(())
                }
                (Expect::Colon, b':') => {
                    self.expect = Expect::Value;
                    self.window.at += 1;
                    Ok(())
                }
                (Expect::Key | Expect::KeyOrEnd, b'"') => self.key()?,
                (Expect::Value | Expect::ValueOrEnd, b'"') => self.text_value()?,
                (
                    Expect::Value | Expect::ValueOrEnd,
                    b'-' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z',
                ) => self.word()?,
                (expect, _) => Err(self.broken(expect.wanting())),
            };
            if let Err(broken) = step {
                return Ok(Err(broken));
            }
            if self.open.is_empty() && self.expect == Expect::CommaOrEnd {
                return Ok(Ok(()));
            }
        }
    }

    fn broken(&self, message: impl Into<String>) -> Broken {
        Broken {
            message: message.into(),
            at: self.window.at,
            next: None,
            depth: self.open.len(),
            in_text: false,
        }
    }

    fn in_object(&self) -> bool {
        self.open.last().is_some_and(|(_, braces)| *braces)
    }

    fn opens(&mut self, braces: bool) -> Result<(), Broken> {
        if self.open.len() == DEEPEST {
            return Err(self.broken(format!("nested deeper than {DEEPEST}")));
        }
        if braces
            && !self.open.is_empty()
            && let Some(indent) = &self.indent
        {
            self.flat |= indent_of(self.window, self.window.at).is_some_and(|it| it == indent);
        }
        self.open.push((self.window.at, braces));
        self.window.at += 1;
        self.expect = if braces {
            Expect::KeyOrEnd
        } else {
            Expect::ValueOrEnd
        };
        Ok(())
    }

    fn closes(&mut self) -> Result<(), Broken> {
        self.open.pop();
        self.window.at += 1;
        self.expect = Expect::CommaOrEnd;
        Ok(())
    }

    fn key(&mut self) -> io::Result<Result<(), Broken>> {
        let from = self.window.at;
        let read = self.text()?;
        self.key = match self.window.slice(from, self.window.at) {
            b"\"id\"" if self.open.len() == 1 => Key::Id,
            b"\"kind\"" if self.open.len() > 1 => Key::Kind,
            _ => Key::Other,
        };
        self.expect = Expect::Colon;
        Ok(read)
    }

    fn text_value(&mut self) -> io::Result<Result<(), Broken>> {
        let from = self.window.at;
        let read = self.text()?;
        let to = self.window.at;
        self.expect = Expect::CommaOrEnd;
        if read.is_ok() && self.in_object() {
            match self.key {
                Key::Id => self.id = Some((from, to)),
                // Nothing inside a case has the kind of a case: the case before was never closed.
                Key::Kind if KINDS.contains(&self.window.slice(from, to)) => {
                    let next = self.open.last().map(|(at, _)| *at);
                    let message = "the next case begins before this one is closed";
                    return Ok(Err(Broken {
                        next,
                        at: next.unwrap_or(to),
                        ..self.broken(message)
                    }));
                }
                Key::Kind | Key::Other => {}
            }
        }
        Ok(read)
    }

    /// A number, or `true`, `false`, `null`; whether it is one the reader of the case sees.
    fn word(&mut self) -> io::Result<Result<(), Broken>> {
        while let Some(byte) = self.window.peek()?
            && (byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.'))
        {
            if self.window.at - self.start > LONGEST {
                break;
            }
            self.window.at += 1;
        }
        self.expect = Expect::CommaOrEnd;
        Ok(Ok(()))
    }

    fn text(&mut self) -> io::Result<Result<(), Broken>> {
        self.window.at += 1;
        loop {
            let rest = self.window.rest()?;
            let special = |byte: &u8| matches!(*byte, b'"' | b'\\' | 0..0x20);
            let found = rest.iter().position(special);
            let byte = found.and_then(|at| rest.get(at).copied());
            let passed = found.unwrap_or(rest.len());
            let ended = rest.is_empty();
            self.window.at += passed;
            let message = match byte {
                None if ended => "the file ends inside a text".to_owned(),
                None if self.window.at - self.start > LONGEST => {
                    format!("longer than {LONGEST} bytes")
                }
                None => continue,
                Some(b'"') => {
                    self.window.at += 1;
                    return Ok(Ok(()));
                }
                Some(b'\\') => {
                    self.window.at += 1;
                    if self.window.peek()?.is_some_and(|byte| byte >= 0x20) {
                        self.window.at += 1;
                    }
                    continue;
                }
                Some(_) => "a text has no end on its line".to_owned(),
            };
            return Ok(Err(Broken {
                in_text: true,
                ..self.broken(message)
            }));
        }
    }
}

impl Expect {
    const fn wanting(self) -> &'static str {
        match self {
            Self::Value => "expected a value",
            Self::ValueOrEnd => "expected a value or `]`",
            Self::Key => "expected a key in quotes",
            Self::KeyOrEnd => "expected a key in quotes or `}`",
            Self::Colon => "expected `:`",
            Self::CommaOrEnd => "expected `,` or the closing bracket",
        }
    }
}

/// The blank before a place that begins its line.
pub(super) fn indent_of<R: Read>(window: &Window<R>, at: usize) -> Option<&[u8]> {
    let before = window.slice(0, at);
    let blank = { before.iter().rev() }.take_while(|byte| matches!(**byte, b' ' | b'\t'));
    let from = before.len() - blank.count();
    let newline = before.get(from.checked_sub(1)?)?;
    (*newline == b'\n').then(|| window.slice(from, at))
}

/// Whether the object at which the window stands begins as a case does, with `id` and `kind`.
pub(super) fn begins_case<R: Read>(window: &mut Window<R>) -> io::Result<bool> {
    /// As far as one looks.
    const FAR: usize = 512;
    window.peek_at(FAR)?;
    let seen = window.slice(window.at, window.at + FAR);
    // Texts and punctuation up to the second value.
    let mut parts = seen.split(|byte| *byte == b'"').skip(1).step_by(2);
    let mut told = [(); 4].map(|()| parts.next().unwrap_or_default());
    let punctuation = seen.split(|byte| *byte == b'"').step_by(2);
    let marks = punctuation.map(|it| it.trim_ascii()).take(4);
    if !marks.eq([b"{".as_slice(), b":", b",", b":"]) {
        return Ok(false);
    }
    if told.first() == Some(&b"kind".as_slice()) {
        told.rotate_left(2);
    }
    let [id, _, kind, what] = told;
    let quoted = [b"\"".as_slice(), what, b"\""].concat();
    let known = KINDS.contains(&quoted.as_slice());
    Ok(id == b"id" && kind == b"kind" && known)
}
