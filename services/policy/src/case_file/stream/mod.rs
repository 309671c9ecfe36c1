//! Case files as they come: one case in memory at a time, however long the file, and one that is
//! broken loses none of the others.

mod frame;
mod resync;
mod value;
mod window;

#[cfg(test)]
mod tests;

use std::io::{self, Read};

use super::{Case, CaseFileError, Fault, unreadable, validate};
use crate::Policy;
pub use frame::Header;
use frame::{Frame, HEADER};
use resync::{Sign, resync};
use value::{Broken, Value, begins_case, indent_of};
pub(super) use window::LineColumn;
use window::Window;

/// Blanks that are held, in bytes: how far a case is indented tells where the next one begins.
const BLANKS: usize = 64 * 1024;

/// Reads a case file from its beginning to its end.
pub struct CaseReader<R> {
    window: Window<R>,
    frame: Frame,
    index: usize,
    after: After,
    /// Whether objects inside cases begin lines just as cases do: layout then tells nothing.
    flat: bool,
    /// What is wrong between the cases; told when all of them are read.
    trouble: Option<CaseFileError>,
}

/// What was read last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    Bracket,
    Case,
    Comma,
    Broken,
    Everything,
}

/// A case as it stands in a file.
#[derive(Debug)]
pub struct RawCase {
    index: usize,
    /// Line and column, from 1, where it begins.
    pub at: LineColumn,
    text: Result<Vec<u8>, Fault>,
}

impl<R: Read> CaseReader<R> {
    /// A reader that stands at the beginning of a file.
    pub fn new(input: R) -> Self {
        Self {
            window: Window::new(input),
            frame: Frame::default(),
            index: 0,
            after: After::Bracket,
            flat: false,
            trouble: None,
        }
    }

    /// What the file says of itself before its cases; none if it says some of it after them.
    pub fn header(&mut self) -> Result<Option<Header>, CaseFileError> {
        if self.look(2)? == Some(0xbf) && self.window.slice(0, 2) == b"\xef\xbb" {
            // Some editors begin a file with a byte order mark.
            self.window.at = 3;
        }
        if self.blank()? != Some(b'{') {
            return Err(self.unreadable(".", "expected an object"));
        }
        self.window.at += 1;
        if self.members(true)? {
            return self.frame.header();
        }
        self.frame.header()?;
        Err(self.unreadable(".", "missing field `cases`"))
    }

    /// What the file says of itself, of a file that says some of it after its cases. The cases are
    /// passed over: another reader reads them.
    pub fn header_after_cases(&mut self) -> Result<Header, CaseFileError> {
        let trouble = loop {
            match self.next_case() {
                Ok(Some(_)) => {}
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        };
        // What is wrong between the cases is told again when they are read.
        let missing = || self.unreadable(".", self.frame.missing());
        let header = self.frame.header()?;
        header.ok_or_else(|| trouble.unwrap_or_else(missing))
    }

    /// The next case; none after the last. What is wrong with the file as such is told once the
    /// cases are read.
    pub fn next_case(&mut self) -> Result<Option<RawCase>, CaseFileError> {
        loop {
            self.window.forget();
            let next = match self.after {
                After::Everything => return self.trouble.take().map_or(Ok(None), Err),
                _ => self.blank()?,
            };
            match (next, self.after) {
                (None, _) => {
                    self.after = After::Everything;
                    let error = self.unreadable("cases", "the file ends inside the list of cases");
                    return Err(self.trouble.take().unwrap_or(error));
                }
                (Some(b']'), after) => {
                    if after == After::Comma {
                        self.complain("a case is missing after the last `,`");
                    }
                    self.window.at += 1;
                    self.after = After::Everything;
                    let tail = self.tail();
                    self.trouble = self.trouble.take().or(tail.err());
                }
                (Some(b','), after) => {
                    if !matches!(after, After::Case | After::Broken) {
                        self.complain("a case is missing before this `,`");
                    }
                    self.window.at += 1;
                    self.after = After::Comma;
                }
                (Some(b'}'), After::Case | After::Broken) => {
                    self.complain("a `}` too many after a case");
                    self.window.at += 1;
                }
                (Some(byte), after) => {
                    if after == After::Case {
                        self.complain("a `,` is missing between two cases");
                    }
                    return self.case(byte).map(Some);
                }
            }
        }
    }

    fn case(&mut self, first: u8) -> Result<RawCase, CaseFileError> {
        let index = self.index;
        self.index += 1;
        let start = self.window.at;
        let at = self.window.place(start);
        let indent = indent_of(&self.window, start).map(<[u8]>::to_vec);
        let mut value = Value::new(&mut self.window, indent.clone());
        let scanned = value.scan();
        let (id, flat) = (value.id, value.flat);
        let scanned = match scanned {
            Err(error) => return Err(self.fault(&error)),
            Ok(Ok(())) if first != b'{' => Err(Broken {
                message: "a case is an object".to_owned(),
                at: start,
                next: Some(self.window.at),
                depth: 0,
                in_text: false,
            }),
            Ok(scanned) => scanned,
        };
        self.flat |= flat;
        let text = match scanned {
            Ok(()) => {
                self.after = After::Case;
                Ok(self.window.slice(start, self.window.at).to_vec())
            }
            Err(broken) => {
                let id = id.map(|(from, to)| self.window.slice(from, to));
                let id = id.and_then(|it| serde_json::from_slice::<String>(it).ok());
                let case = id.unwrap_or_else(|| format!("cases[{index}]"));
                let fault = Fault {
                    subject: case.clone(),
                    case,
                    field: "cases".into(),
                    message: broken.message.clone(),
                    at: Some(self.window.place(broken.at)),
                };
                let sign = match indent {
                    Some(indent) if !self.flat => Sign::Indent(indent),
                    _ => self.sign(start)?,
                };
                let done = resync(&mut self.window, start, &broken, &sign);
                done.map_err(|error| self.fault(&error))?;
                self.after = After::Broken;
                Err(fault)
            }
        };
        self.window.forget();
        Ok(RawCase { index, at, text })
    }

    /// By what the case after one that begins like this is known.
    fn sign(&mut self, start: usize) -> Result<Sign, CaseFileError> {
        self.window.at = start;
        let begins = begins_case(&mut self.window).map_err(|error| self.fault(&error))?;
        Ok(if begins { Sign::Start } else { Sign::Brackets })
    }

    /// The keys after the cases, and nothing after them.
    fn tail(&mut self) -> Result<(), CaseFileError> {
        if self.members(false)? {
            return Err(self.unreadable("cases", "duplicate field `cases`"));
        }
        if self.blank()?.is_some() {
            return Err(self.unreadable(".", "something follows the end of the file's object"));
        }
        self.frame.header().map(|_| ())
    }

    /// The keys of the file up to its cases (true) or to its end (false); `first` if none was read.
    fn members(&mut self, mut first: bool) -> Result<bool, CaseFileError> {
        loop {
            let next = self.blank()?;
            match next {
                Some(b'}') => {
                    self.window.at += 1;
                    return Ok(false);
                }
                Some(b',') if !first => {
                    self.window.at += 1;
                    self.blank()?;
                }
                _ if first => {}
                _ => return Err(self.unreadable(".", "expected `,` or `}`")),
            }
            first = false;
            let key: String = self.value(".")?;
            if self.blank()? != Some(b':') {
                return Err(self.unreadable(&key, "expected `:`"));
            }
            self.window.at += 1;
            let byte = self.blank()?;
            if key == "cases" {
                if byte != Some(b'[') {
                    return Err(self.unreadable(&key, "expected the list of cases"));
                }
                self.window.at += 1;
                return Ok(true);
            }
            if let Some(place) = HEADER.iter().position(|it| *it == key) {
                let said = self.value(&key)?;
                if !self.frame.says(place, said)? {
                    return Err(self.unreadable(&key, format!("duplicate field `{key}`")));
                }
            } else {
                let error = self.unreadable(&key, format!("unknown field `{key}`"));
                self.scan(&key)?;
                self.frame.is_strange(error);
            }
        }
    }

    /// Passes over a value and answers where it began.
    fn scan(&mut self, key: &str) -> Result<usize, CaseFileError> {
        let start = self.window.at;
        let scanned = Value::new(&mut self.window, None).scan();
        match scanned.map_err(|error| self.fault(&error))? {
            Ok(()) => Ok(start),
            Err(broken) => Err(self.unreadable(key, broken.message)),
        }
    }

    /// A text of the header.
    fn value(&mut self, key: &str) -> Result<String, CaseFileError> {
        let start = self.scan(key)?;
        let text = self.window.slice(start, self.window.at);
        serde_json::from_slice(text)
            .map_err(|error| self.unreadable(key, unreadable::without_place(&error)))
    }

    /// Passes over blanks, and answers the byte after them.
    fn blank(&mut self) -> Result<Option<u8>, CaseFileError> {
        loop {
            let next = self.look(0)?;
            if !matches!(next, Some(b' ' | b'\n' | b'\r' | b'\t')) {
                return Ok(next);
            }
            self.window.at += 1;
            if self.window.at > BLANKS {
                self.window.forget();
            }
        }
    }

    fn look(&mut self, ahead: usize) -> Result<Option<u8>, CaseFileError> {
        let looked = self.window.peek_at(ahead);
        looked.map_err(|error| self.fault(&error))
    }

    fn complain(&mut self, message: &str) {
        if self.trouble.is_none() {
            self.trouble = Some(self.unreadable("cases", message));
        }
    }

    fn unreadable(&self, key: &str, message: impl Into<String>) -> CaseFileError {
        let (line, column) = self.window.place(self.window.at);
        CaseFileError::Unreadable {
            line,
            column,
            key: key.to_owned(),
            message: message.into(),
        }
    }

    fn fault(&self, error: &io::Error) -> CaseFileError {
        self.unreadable(".", error.to_string())
    }
}

impl RawCase {
    /// Bytes held of it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.text.as_ref().map_or(0, Vec::len)
    }

    /// Whether nothing is held of it, for it is broken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The case with what is rare in it, or everything that is wrong with it.
    pub fn read(&self, law: Policy) -> Result<(Case, Vec<Fault>), Vec<Fault>> {
        let text = self.text.as_ref().map_err(|fault| vec![fault.clone()])?;
        let text = std::str::from_utf8(text).map_err(|error| {
            let case = format!("cases[{}]", self.index);
            vec![Fault {
                subject: case.clone(),
                case,
                field: "cases".into(),
                message: error.to_string(),
                at: Some(self.at),
            }]
        })?;
        let mut reader = serde_json::Deserializer::from_str(text);
        let case: Case = serde_path_to_error::deserialize(&mut reader)
            .map_err(|error| vec![unreadable::fault(text, self.at, self.index, &error)])?;
        let (found, rare) = validate::contradictions(&case, law);
        if found.is_empty() {
            Ok((case, rare))
        } else {
            Err(found)
        }
    }

    /// What is wrong with a case whose id another case before it has.
    #[must_use]
    pub fn repeated(&self, id: &str) -> Fault {
        Fault {
            case: id.to_owned(),
            subject: id.to_owned(),
            field: "id".into(),
            message: "another case has the same id".to_owned(),
            at: Some(self.at),
        }
    }
}
