//! `yuhui`: one executable, one command per duty.

use std::process::ExitCode;

fn main() -> ExitCode {
    yuhui::command::run()
}
