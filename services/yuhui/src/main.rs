//! `yuhui`: one executable, one command per duty.

use std::process::ExitCode;

/// Calls take a fifth of their time to allocate with the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    yuhui::command::run()
}
