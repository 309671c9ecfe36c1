//! Looking at a request before it is decoded: an item of a list may cost two bytes on the wire, and two
//! hundred in memory.

use prost::{
    DecodeError,
    bytes::{Buf as _, Bytes},
    encoding::{self, DecodeContext, WireType},
};
use tonic::Status;

use super::{Faults, Path, faults};

/// Messages inside messages, as deep as prost reads them.
const DEPTH: u32 = 100;

/// The fields of a message, by tag.
#[derive(Debug)]
pub struct Shape(pub &'static [Part]);

/// A field of a message.
#[derive(Debug)]
pub struct Part {
    /// Its number.
    pub tag: u32,
    /// Its name.
    pub name: &'static str,
    /// How often it may be there.
    pub most: u32,
    /// The message in it, if that is one of the contracts.
    pub inner: Option<&'static Shape>,
}

/// What becomes of a field that this version does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unknown {
    Dropped,
    Refused,
}

/// Refuses lists that are too long, what is no message and, if so wished, unknown fields.
pub(super) fn check(bytes: Bytes, shape: &Shape, unknown: Unknown) -> Result<(), Status> {
    message(bytes, (shape, unknown), &Path::default(), DEPTH)
}

fn message(
    mut bytes: Bytes,
    (shape, unknown): (&Shape, Unknown),
    at: &Path<'_>,
    depth: u32,
) -> Result<(), Status> {
    let depth = depth.checked_sub(1).ok_or_else(faults::unreadable)?;
    let mut counts = vec![0_u32; shape.0.len()];
    while bytes.has_remaining() {
        let (tag, kind) = encoding::decode_key(&mut bytes).map_err(unreadable)?;
        let known = shape.0.binary_search_by_key(&tag, |it| it.tag);
        let known = known
            .ok()
            .and_then(|it| shape.0.get(it).zip(counts.get_mut(it)));
        let Some((part, count)) = known else {
            if unknown == Unknown::Refused {
                return Err(faults::unknown_field(at, tag));
            }
            skip(kind, tag, &mut bytes)?;
            continue;
        };
        let index = usize::try_from(*count).unwrap_or(usize::MAX);
        *count = count.saturating_add(1);
        if *count > part.most {
            let mut found = Faults::default();
            found.too_many(&at.field(part.name), part.most);
            return found.finish();
        }
        match (part.inner, kind) {
            (Some(inner), WireType::LengthDelimited) => {
                let length = encoding::decode_varint(&mut bytes).map_err(unreadable)?;
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                if length > bytes.remaining() {
                    return Err(faults::unreadable());
                }
                let at = match part.most {
                    u32::MAX => at.field(part.name),
                    _ => at.item(part.name, index),
                };
                message(bytes.split_to(length), (inner, unknown), &at, depth)?;
            }
            _ => skip(kind, tag, &mut bytes)?,
        }
    }
    Ok(())
}

fn skip(kind: WireType, tag: u32, bytes: &mut Bytes) -> Result<(), Status> {
    encoding::skip_field(kind, tag, bytes, DecodeContext::default()).map_err(unreadable)
}

fn unreadable(_: DecodeError) -> Status {
    faults::unreadable()
}
