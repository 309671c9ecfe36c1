//! Field rules: what a request may hold, checked as it is decoded.
//!
//! The contract declares the rules (`yuhui.field.v1.rules`); the build writes
//! an `impl Check` for every message a request is made of.

mod faults;
mod shape;
mod text;

use std::fmt;

use prost::Message;
pub use prost::bytes::Bytes;
use prost_types::{FieldMask, Timestamp};
use tonic::Status;

pub use faults::{Faults, Violation, invalid};
pub use shape::{Part, Shape};

use faults::most;
use shape::Unknown;

use crate::field::v1::Rules;

/// A message that a method takes or gives.
pub trait Body: Message + Default + 'static {
    /// Reads it. A request is checked, a response is taken as it comes.
    fn read(bytes: Bytes) -> Result<Self, Status>;
}

/// Reads a request, and says what is wrong with it.
pub type Reader = fn(Bytes) -> Result<(), Status>;

/// A message that requests are made of.
pub trait Check {
    /// Its fields on the wire.
    const SHAPE: &'static Shape;

    /// Notes every field that breaks its rules; the message itself is `at`.
    fn check(&self, at: &Path<'_>, faults: &mut Faults);
}

/// Where in a request a field is, e.g. `claim.documents[2].digest`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Path<'a> {
    outer: Option<&'a Path<'a>>,
    name: &'static str,
    index: Option<usize>,
}

impl Path<'_> {
    /// The field `name` of the message here.
    pub fn field(&self, name: &'static str) -> Path<'_> {
        Path {
            outer: Some(self),
            name,
            index: None,
        }
    }

    /// An item of the list `name` of the message here.
    pub fn item(&self, name: &'static str, index: usize) -> Path<'_> {
        Path {
            index: Some(index),
            ..self.field(name)
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(outer) = self.outer.filter(|it| !it.name.is_empty()) {
            write!(f, "{outer}.")?;
        }
        f.write_str(self.name)?;
        match self.index {
            Some(index) => write!(f, "[{index}]"),
            None => Ok(()),
        }
    }
}

impl Check for Timestamp {
    const SHAPE: &'static Shape = &Shape(&[]);

    fn check(&self, at: &Path<'_>, faults: &mut Faults) {
        // From the year 1 to 9999, as google.protobuf.Timestamp has it.
        let seconds = (-62_135_596_800..=253_402_300_799).contains(&self.seconds);
        if !seconds || !(0..1_000_000_000).contains(&self.nanos) {
            faults.note(at, "不是有效时刻", "is no moment of the years 1 to 9999");
        }
    }
}

impl Check for FieldMask {
    const SHAPE: &'static Shape = &Shape(&[]);

    fn check(&self, at: &Path<'_>, faults: &mut Faults) {
        let rules = Rules::default();
        if faults.list(&at.field("paths"), self.paths.len(), &rules) {
            for (index, path) in self.paths.iter().enumerate() {
                faults.text(&at.item("paths", index), path, &rules);
            }
        }
    }
}

/// Reads the request of a method that changes nothing.
fn request<T: Message + Default + Check>(bytes: Bytes) -> Result<T, Status> {
    shape::check(bytes.clone(), T::SHAPE, Unknown::Dropped)?;
    let read = T::decode(bytes).map_err(|_| faults::unreadable())?;
    let mut faults = Faults::default();
    read.check(&Path::default(), &mut faults);
    faults.finish()?;
    Ok(read)
}

/// Reads the request of a method that changes something. A field this version
/// does not know may be a condition of the act: it is refused, not dropped.
fn act<T: Message + Default + Check>(bytes: Bytes) -> Result<T, Status> {
    shape::check(bytes.clone(), T::SHAPE, Unknown::Refused)?;
    request(bytes)
}

/// Reads the answer of another service.
fn response<T: Message + Default>(bytes: Bytes) -> Result<T, Status> {
    T::decode(bytes).map_err(|error| Status::internal(error.to_string()))
}

include!(concat!(env!("OUT_DIR"), "/checks.rs"));
