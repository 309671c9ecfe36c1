//! Whole stories, as a stranger would try them.

mod city;
mod local;
mod mutual;
mod policy;
mod python;
mod replicas;
mod separate;
mod year;
