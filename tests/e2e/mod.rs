//! Whole stories, as a stranger would try them.

mod city;
mod local;
mod mutual;
mod policy;
mod python;
mod replicas;
mod separate;
mod year;

use std::path::{Path, PathBuf};

use crate::harness::ROOT;

/// Every so many of the worked cases of a file, as a file in `folder`; and how many they are.
fn some_of(file: &str, every: usize, folder: &Path) -> (PathBuf, usize) {
    let text = std::fs::read_to_string(format!("{ROOT}/{file}"));
    let mut cases: serde_json::Value = serde_json::from_str(&text.expect("cases")).expect("JSON");
    let all = cases["cases"].as_array_mut().expect("cases");
    let mut at = 0;
    all.retain(|_| {
        at += 1;
        at % every == 0
    });
    let many = all.len();
    let path = folder.join("cases.json");
    std::fs::write(&path, cases.to_string()).expect("written");
    (path, many)
}
