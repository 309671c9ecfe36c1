//! Reads out of a source which modules of its own crate it uses: paths that begin with `crate`, `super`
//! or `self`, in `use` and anywhere else, also inside macros. Comments and texts are none.

use std::{iter::Peekable, path::Path, str::FromStr};

use proc_macro2::{TokenStream, TokenTree, token_stream::IntoIter};

/// Path of a module or of something in it, from the root of the crate.
pub(super) type Place = Vec<String>;

/// The module that a file below `src` is; nothing for the root of the crate.
pub(super) fn module_of(file: &Path) -> Place {
    let path = file.with_extension("");
    let parts = path.iter().map(|it| it.to_string_lossy().into_owned());
    let mut place: Place = parts.collect();
    if let Some("mod" | "lib" | "main") = place.last().map(String::as_str) {
        place.pop();
    }
    place
}

/// Everything of its own crate that the source of `module` uses.
pub(super) fn uses(module: &Place, text: &str) -> Vec<Place> {
    let tokens = TokenStream::from_str(text).expect("Rust");
    let mut found = Vec::new();
    scan(module, tokens, &mut found);
    found
}

fn scan(module: &Place, tokens: TokenStream, found: &mut Vec<Place>) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => scan(module, group.stream(), found),
            TokenTree::Ident(word) if word == "mod" => {
                let Some(TokenTree::Ident(name)) = tokens.next() else {
                    continue;
                };
                if let Some(TokenTree::Group(body)) = tokens.peek() {
                    let (mut inner, body) = (module.clone(), body.stream());
                    inner.push(name.to_string());
                    tokens.next();
                    scan(&inner, body, found);
                }
            }
            TokenTree::Ident(word) => {
                let from = match word.to_string().as_str() {
                    "crate" => Place::new(),
                    "self" => module.clone(),
                    "super" => above(module),
                    _ => {
                        // What follows a name belongs to it: `other::crate` does not exist.
                        while colons(&mut tokens) {
                            if !matches!(tokens.peek(), Some(TokenTree::Ident(_))) {
                                break;
                            }
                            tokens.next();
                        }
                        continue;
                    }
                };
                if !colons(&mut tokens) {
                    continue;
                }
                branches(from, &mut tokens, found);
            }
            _ => {}
        }
    }
}

fn above(module: &Place) -> Place {
    module
        .split_last()
        .map(|(_, rest)| rest.to_vec())
        .unwrap_or_default()
}

/// Takes `::`, if it is next.
fn colons(tokens: &mut Peekable<IntoIter>) -> bool {
    let colon = |it: &TokenTree| matches!(it, TokenTree::Punct(it) if it.as_char() == ':');
    let mut ahead = tokens.clone();
    let two =
        ahead.next().is_some_and(|it| colon(&it)) && ahead.next().is_some_and(|it| colon(&it));
    if two {
        *tokens = ahead;
    }
    two
}

/// What a path names from here on: one thing, or all that stands in its braces.
fn branches(mut from: Place, tokens: &mut Peekable<IntoIter>, found: &mut Vec<Place>) {
    loop {
        match tokens.peek() {
            Some(TokenTree::Ident(name)) => {
                match name.to_string().as_str() {
                    "self" => {}
                    "super" => from = above(&from),
                    name => from.push(name.to_owned()),
                }
                tokens.next();
                if !colons(tokens) {
                    break;
                }
            }
            Some(TokenTree::Group(group)) => {
                let mut inner = group.stream().into_iter().peekable();
                tokens.next();
                while inner.peek().is_some() {
                    branches(from.clone(), &mut inner, found);
                    // `as …`, and the comma.
                    for token in inner.by_ref() {
                        if matches!(&token, TokenTree::Punct(it) if it.as_char() == ',') {
                            break;
                        }
                    }
                }
                return;
            }
            _ => break,
        }
    }
    found.push(from);
}

#[test]
fn paths_are_read_wherever_they_stand() {
    let text = r#"
        //! crate::comment::is_none
        use std::fmt;
        use crate::{one, two::{self, three::Four, *}, five as six};
        use super::{seven, super::eight};
        fn it() -> crate::nine::Ten {
            let text = "crate::text::is_none";
            work!(crate::eleven::twelve(text), other::thirteen);
            self::fourteen::<fmt::Error>()
        }
        pub(super) mod inner { use super::fifteen; }
    "#;
    let found = uses(&vec!["a".into(), "b".into()], text);
    let found: Vec<String> = found.iter().map(|it| it.join("::")).collect();
    assert_eq!(
        found,
        [
            "one",
            "two",
            "two::three::Four",
            "two",
            "five",
            "a::seven",
            "eight",
            "nine::Ten",
            "eleven::twelve",
            "a::b::fourteen",
            "a::b::fifteen",
        ]
    );
}
