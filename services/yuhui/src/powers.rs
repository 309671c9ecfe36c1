//! `yuhui powers`: who may call what, printed out of the contract itself, and
//! proof that no role reaches two of the four powers (四权分离, 二e).

use std::{fmt::Write as _, fs, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use prost_reflect::DescriptorPool;
use serde_json::json;
use yuhui_platform::authz::{MatrixRow, Rules};
use yuhui_proto::authz::v1::{Reach, Role, RoleSpec};

/// What to print.
#[derive(Debug, clap::Args)]
pub struct Powers {
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
    /// Read this encoded descriptor set instead of the built-in contract.
    #[arg(long, value_name = "FILE")]
    descriptors: Option<PathBuf>,
}

/// Prints the matrix; fails if any role can reach two powers.
pub fn run(ask: &Powers) -> anyhow::Result<ExitCode> {
    let pool = match &ask.descriptors {
        Some(file) => read(file)?,
        None => yuhui_proto::descriptor_pool().clone(),
    };
    let rules = match Rules::from_pool(&pool) {
        Ok(rules) => rules,
        Err(error) => {
            println!("violation: {error}");
            return Ok(ExitCode::FAILURE);
        }
    };
    let (roles, rows, violations) = (rules.roles(), rules.matrix(), rules.violations());
    if ask.json {
        let text = serde_json::to_string_pretty(&as_json(&roles, &rows, &violations))?;
        println!("{text}");
    } else {
        print!("{}", as_text(&roles, &rows, &violations));
    }
    Ok(if violations.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn read(file: &PathBuf) -> anyhow::Result<DescriptorPool> {
    let bytes = fs::read(file).with_context(|| format!("read {}", file.display()))?;
    DescriptorPool::decode(bytes.as_slice())
        .with_context(|| format!("{} is no encoded descriptor set", file.display()))
}

/// One letter per reach: a row fits a line.
fn letter(reach: Option<Reach>) -> char {
    match reach {
        None | Some(Reach::Unspecified) => '.',
        Some(Reach::OwnRecords) => 'o',
        Some(Reach::OwnUnit) => 'u',
        Some(Reach::OwnTenant) => 't',
        Some(Reach::AllTenants) => 'A',
        Some(Reach::NoTenant) => 'n',
    }
}

fn as_text(roles: &[(Role, RoleSpec)], rows: &[MatrixRow], violations: &[String]) -> String {
    let mut text = String::from("roles\n");
    for (place, (role, spec)) in roles.iter().enumerate() {
        let _ = writeln!(
            text,
            "{:>3}  {:<32} {:<12} {:<10} {}",
            place + 1,
            name(role.as_str_name(), "ROLE_"),
            name(spec.power().as_str_name(), "POWER_"),
            name(spec.level().as_str_name(), "LEVEL_"),
            name(spec.duty().as_str_name(), "DUTY_").replace("unspecified", "")
        );
    }
    text.push_str(
        "\nreach: o own records, u own unit, t own tenant, A all tenants, n no tenant, . not admitted\n\n",
    );
    let wide = rows.iter().map(|row| row.path.len()).max().unwrap_or(0);
    let _ = writeln!(
        text,
        "{:wide$}  effect  {}  public  services",
        "",
        columns(roles.len())
    );
    for row in rows {
        let cells: Vec<String> = row
            .reaches
            .iter()
            .map(|reach| format!("{:>2}", letter(*reach)))
            .collect();
        let _ = writeln!(
            text,
            "{:wide$}  {:<6}  {}  {:<6}  {}",
            row.path,
            if row.acts { "act" } else { "read" },
            cells.join(" "),
            letter(row.public),
            row.services.join(",")
        );
    }
    let _ = writeln!(text, "\n{} roles, {} methods", roles.len(), rows.len());
    for violation in violations {
        let _ = writeln!(text, "violation: {violation}");
    }
    if violations.is_empty() {
        text.push_str("no role reaches two powers\n");
    }
    text
}

fn columns(count: usize) -> String {
    let numbers: Vec<String> = (1..=count).map(|place| format!("{place:>2}")).collect();
    numbers.join(" ")
}

fn name(text: &str, prefix: &str) -> String {
    text.trim_start_matches(prefix)
        .to_lowercase()
        .replace('_', "-")
}

fn as_json(
    roles: &[(Role, RoleSpec)],
    rows: &[MatrixRow],
    violations: &[String],
) -> serde_json::Value {
    let role = |(role, spec): &(Role, RoleSpec)| {
        json!({
            "role": role.as_str_name(),
            "power": spec.power().as_str_name(),
            "level": spec.level().as_str_name(),
            "desk": spec.desk().as_str_name(),
            "duty": spec.duty().as_str_name(),
        })
    };
    let row = |row: &MatrixRow| {
        let admitted = roles
            .iter()
            .zip(&row.reaches)
            .filter_map(|((role, _), reach)| {
                reach.map(|reach| (role.as_str_name().to_owned(), json!(reach.as_str_name())))
            });
        json!({
            "method": row.path,
            "effect": if row.acts { "ACT" } else { "READ" },
            "roles": admitted.collect::<serde_json::Map<_, _>>(),
            "public": row.public.map(|reach| reach.as_str_name()),
            "services": row.services,
        })
    };
    json!({
        "roles": roles.iter().map(role).collect::<Vec<_>>(),
        "methods": rows.iter().map(row).collect::<Vec<_>>(),
        "violations": violations,
    })
}
