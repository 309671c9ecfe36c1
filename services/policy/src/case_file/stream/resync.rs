//! Where a file goes on after a case that is broken.

use std::io::{self, Read};

use super::{
    HEADER,
    value::{Broken, begins_case},
    window::Window,
};

/// By what the next case is known.
pub(super) enum Sign {
    /// It begins a line with the same blank as the broken one.
    Indent(Vec<u8>),
    /// It begins with `id` and `kind`.
    Start,
    /// It follows when the brackets are closed.
    Brackets,
}

/// Goes to the beginning of the next case, to the end of the cases, or to that of the file.
pub(super) fn resync<R: Read>(
    window: &mut Window<R>,
    start: usize,
    broken: &Broken,
    sign: &Sign,
) -> io::Result<()> {
    if let Some(next) = broken.next {
        window.at = next;
        return Ok(());
    }
    window.at = broken.at.max(start + 1);
    match sign {
        Sign::Indent(indent) => {
            // What is wrong may stand where the next case should have begun.
            let line = window.slice(start, window.at);
            if let Some(newline) = line.iter().rposition(|byte| *byte == b'\n') {
                window.at = start + newline;
            }
            by_indent(window, indent)
        }
        Sign::Start => by_start(window),
        Sign::Brackets => by_brackets(window, broken),
    }
}

fn by_indent<R: Read>(window: &mut Window<R>, indent: &[u8]) -> io::Result<()> {
    loop {
        let rest = window.rest()?;
        if rest.is_empty() {
            return Ok(());
        }
        let Some(newline) = rest.iter().position(|byte| *byte == b'\n') else {
            let passed = rest.len();
            window.at += passed;
            window.forget();
            continue;
        };
        window.at += newline + 1;
        window.forget();
        let mut blank = 0;
        while blank <= indent.len()
            && let Some(b' ' | b'\t') = window.peek_at(blank)?
        {
            blank += 1;
        }
        let same = window.slice(window.at, window.at + blank) == indent;
        match window.peek_at(blank)? {
            Some(b'{') if same => {
                window.at += blank;
                return Ok(());
            }
            Some(b']') if blank <= indent.len() => {
                window.at += blank;
                if ends_cases(window)? {
                    return Ok(());
                }
            }
            _ => {}
        }
    }
}

fn by_start<R: Read>(window: &mut Window<R>) -> io::Result<()> {
    while let Some(byte) = window.peek()? {
        let found = match byte {
            b'{' => begins_case(window)?,
            b']' => ends_cases(window)?,
            _ => false,
        };
        if found {
            return Ok(());
        }
        window.at += 1;
        window.forget();
    }
    Ok(())
}

fn by_brackets<R: Read>(window: &mut Window<R>, broken: &Broken) -> io::Result<()> {
    let mut depth = broken.depth.max(1);
    let mut in_text = broken.in_text;
    while let Some(byte) = window.peek()? {
        match byte {
            b'\\' if in_text => window.at += 1,
            b'"' => in_text = !in_text,
            b'\n' => in_text = false,
            b'{' | b'[' if !in_text => depth += 1,
            b']' if !in_text && ends_cases(window)? => return Ok(()),
            b'}' | b']' if !in_text => depth -= 1,
            _ => {}
        }
        window.at += 1;
        if depth == 0 {
            return Ok(());
        }
        window.forget();
    }
    Ok(())
}

/// Whether the `]` at which the window stands ends the cases: the file ends with it, or another key
/// of the file follows.
fn ends_cases<R: Read>(window: &mut Window<R>) -> io::Result<bool> {
    let mut ahead = 1;
    let next = blank(window, &mut ahead)?;
    ahead += 1;
    Ok(match next {
        None => true,
        Some(b'}') => blank(window, &mut ahead)?.is_none(),
        Some(b',') => {
            let quoted = blank(window, &mut ahead)? == Some(b'"');
            let from = window.at + ahead + 1;
            window.peek_at(ahead + 16)?;
            quoted
                && HEADER
                    .iter()
                    .any(|key| window.slice(from, from + key.len()) == key.as_bytes())
        }
        Some(_) => false,
    })
}

/// The next byte that is not blank, or where one does not look further.
fn blank<R: Read>(window: &mut Window<R>, ahead: &mut usize) -> io::Result<Option<u8>> {
    /// As far as one looks.
    const FAR: usize = 4096;
    while *ahead < FAR
        && let Some(b' ' | b'\n' | b'\r' | b'\t') = window.peek_at(*ahead)?
    {
        *ahead += 1;
    }
    window.peek_at(*ahead)
}
