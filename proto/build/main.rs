//! Compiles every contract under `yuhui/` with protox: no system `protoc` is needed.

mod check;

use std::{env, error::Error, fs, path::PathBuf};

use prost::Message as _;
use prost_reflect::DescriptorPool;

/// Messages that are kept as they are, for nothing but to be shown again; what they are made of is kept with them.
const KEPT: [&str; 5] = [
    ".yuhui.eligibility.v1.FamilyParticulars",
    ".yuhui.eligibility.v1.InstitutionParticulars",
    ".yuhui.eligibility.v1.FamilyColumns",
    ".yuhui.eligibility.v1.OperatingColumns",
    ".yuhui.eligibility.v1.ModelColumns",
];
/// Fields may be added to what was kept without them.
const AS_TEXT: &str = "#[derive(serde::Serialize, serde::Deserialize)] #[serde(default)]";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=yuhui");
    println!("cargo:rerun-if-changed=build");
    let mut files = Vec::new();
    for package in fs::read_dir("yuhui")? {
        for version in fs::read_dir(package?.path())? {
            for file in fs::read_dir(version?.path())? {
                let path = file?.path();
                if path.extension().is_some_and(|it| it == "proto") {
                    files.push(path);
                }
            }
        }
    }
    files.sort();

    let mut compiler = protox::Compiler::new(["."])?;
    compiler.include_imports(true).include_source_info(true);
    compiler.open_files(&files)?;
    // The encoded set keeps the options of our own, which the decoded prost
    // types would drop.
    let encoded = compiler.encode_file_descriptor_set();
    #[expect(clippy::disallowed_methods, reason = "cargo tells build scripts so")]
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("descriptors.bin"), &encoded)?;
    let pool = DescriptorPool::decode(encoded.as_slice())?;
    fs::write(out.join("checks.rs"), check::generate(&pool)?)?;
    let descriptors = prost_types::FileDescriptorSet::decode(encoded.as_slice())?;
    let mut builder = tonic_prost_build::configure()
        .compile_well_known_types(false)
        .codec_path("crate::codec::CheckedCodec");
    for message in KEPT {
        builder = builder.message_attribute(message, AS_TEXT);
    }
    builder.compile_fds(descriptors)?;
    Ok(())
}
