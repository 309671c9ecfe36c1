//! The report of a round: how long, what became of the cases, where the money
//! is, and whether everything fits.

use std::{collections::BTreeMap, fs, path::Path};

use yuhui_kernel::Tenant;
use yuhui_proto::funding::v1::Reconciliation;

use super::{
    compare::{Verdict, end_of},
    forecast,
    play::Play,
    plot::{DecisionKind, End, code},
    proof::Proof,
    synthetic,
};

/// Differences shown; the rest are counted.
const SHOWN: usize = 20;

/// Prints the report; whether everything reconciles.
pub(super) fn print(
    seed: u64,
    kept_in: Option<&Path>,
    play: &Play<'_>,
    verdicts: &[Verdict],
    proof: &Proof,
) -> bool {
    println!(
        "round {} of Baotou, seed {}: {} claims, {} nurseries, {} accounts signed in",
        synthetic::ROUND,
        seed,
        play.plot.claims.len(),
        play.plot.nurseries.len(),
        play.offices.signed_in()
    );
    if let Some(folder) = kept_in {
        println!("data kept in {}", folder.display());
    }
    phases(play);
    cases(play);
    let mut faults = money(play, proof);
    faults.extend(proof.faults.iter().cloned());
    faults.extend(play.unfounded.iter().map(|(_, line)| line.clone()));
    faults.extend(play.troubles.iter().cloned());
    balances(proof);
    println!(
        "\n{} journals, {} audit entries in {} chains verified",
        proof.journals, proof.entries, proof.chains
    );
    println!("{}", forecast::sum(&proof.forecast));
    let claims = play.plot.claims.iter().zip(verdicts);
    let mut unsupported = 0;
    for (claim, verdict) in claims {
        unsupported += usize::from(verdict.unsupported);
        let id = claim.label.split(' ').next().unwrap_or_default();
        faults.extend(
            verdict
                .differences
                .iter()
                .map(|line| format!("{id} {line}")),
        );
    }
    if unsupported > 0 {
        faults.push(format!(
            "{unsupported} claims are not yet supported by the system"
        ));
    }
    println!(
        "time {:?}, peak memory {}",
        play.times.total(),
        peak_memory()
    );
    for fault in faults.iter().take(SHOWN) {
        println!("FAULT {fault}");
    }
    if faults.len() > SHOWN {
        println!("FAULT … and {} more", faults.len() - SHOWN);
    }
    if faults.is_empty() {
        println!("everything reconciles");
    }
    faults.is_empty()
}

fn phases(play: &Play<'_>) {
    println!("\nphase                                      things   time");
    for (name, phase) in play.times.phases() {
        println!("{name:<40} {:>8}   {:?}", phase.items, phase.took);
    }
}

/// How many claims of each programme ended how, and why.
fn cases(play: &Play<'_>) {
    let mut counts: BTreeMap<(&str, End, String), (u64, i64)> = BTreeMap::new();
    for (claim, standing) in play.plot.claims.iter().zip(&play.standing) {
        let Some(case) = &standing.case else {
            continue;
        };
        let told = case.determination.as_ref();
        let end = end_of(case.state());
        let reason = match (end, told) {
            (End::Unknown, _) => case.state().as_str_name().to_owned(),
            (_, Some(told)) => told.reason.clone(),
            _ => String::new(),
        };
        let count = counts
            .entry((code(claim.programme), end, reason))
            .or_default();
        count.0 += 1;
        if matches!(end, End::Decided(DecisionKind::Pay)) {
            count.1 += told.map_or(0, |told| told.amount_fen);
        }
    }
    println!("\nprogramme  stage          reason                            cases          yuan");
    for ((programme, end, reason), (count, fen)) in counts {
        println!(
            "{programme:<10} {:<14} {reason:<32} {count:>6} {:>13}",
            end.as_str(),
            yuan(fen)
        );
    }
}

/// The money of every county and of all, and what does not fit.
fn money(play: &Play<'_>, proof: &Proof) -> Vec<String> {
    let mut faults = Vec::new();
    let mut sum = Reconciliation::default();
    println!(
        "\ncounty            approved       funded   instructed     credited     returned      unknown"
    );
    for (county, money) in &proof.money {
        row(county.as_str(), money);
        add(&mut sum, money);
        faults.extend(mismatches(play, proof, *county, money));
    }
    row("all", &sum);
    let paid: i64 = play
        .standing
        .iter()
        .filter_map(|it| it.case.as_ref())
        .filter(|case| end_of(case.state()) == End::Decided(DecisionKind::Pay))
        .filter_map(|case| case.determination.as_ref().map(|it| it.amount_fen))
        .sum();
    if paid != sum.credited_fen {
        faults.push(format!(
            "cases paid: {paid} fen; credited: {} fen",
            sum.credited_fen
        ));
    }
    faults
}

fn row(name: &str, money: &Reconciliation) {
    println!(
        "{name:<12} {:>13} {:>12} {:>12} {:>12} {:>12} {:>12}",
        yuan(money.approved_fen),
        yuan(money.funded_fen),
        yuan(money.instructed_fen),
        yuan(money.credited_fen),
        yuan(money.returned_fen),
        yuan(money.unknown_fen)
    );
}

fn add(sum: &mut Reconciliation, money: &Reconciliation) {
    sum.approved_fen += money.approved_fen;
    sum.funded_fen += money.funded_fen;
    sum.instructed_fen += money.instructed_fen;
    sum.credited_fen += money.credited_fen;
    sum.returned_fen += money.returned_fen;
    sum.unknown_fen += money.unknown_fen;
}

/// approved = funded = instructed = credited + returned + unknown; rosters,
/// ledger and bank agree.
fn mismatches(
    play: &Play<'_>,
    proof: &Proof,
    county: Tenant,
    money: &Reconciliation,
) -> Vec<String> {
    let mut faults = Vec::new();
    let mut equal = |what: &str, one: i64, other: i64| {
        if one != other {
            faults.push(format!("{county}: {what}: {one} fen, {other} fen"));
        }
    };
    let answered = money.credited_fen + money.returned_fen + money.unknown_fen;
    equal("approved and funded", money.approved_fen, money.funded_fen);
    equal(
        "funded and instructed",
        money.funded_fen,
        money.instructed_fen,
    );
    equal("instructed and answered", money.instructed_fen, answered);
    equal("balanced", i64::from(money.balanced), 1);
    let rosters = proof.rosters.get(&county).map_or(0, |it| it.0);
    let stopped: i64 = stopped_fen(play, county);
    equal(
        "rosters less terminations, and ledger",
        rosters - stopped,
        money.approved_fen,
    );
    let bank = play
        .bank
        .tallies()
        .get(&(county, synthetic::ROUND))
        .copied()
        .unwrap_or_default();
    equal(
        "credited, by ledger and bank",
        money.credited_fen,
        bank.credited_fen,
    );
    equal(
        "unknown, by ledger and bank",
        money.unknown_fen,
        bank.open_fen,
    );
    let waiting = bank.received_fen - bank.credited_fen - bank.open_fen;
    equal(
        "returned over all attempts, by the bank itself",
        waiting,
        bank.returned_fen,
    );
    faults
}

/// Lines that were on a roster and then stopped before payment.
fn stopped_fen(play: &Play<'_>, county: Tenant) -> i64 {
    play.plot
        .claims
        .iter()
        .zip(&play.standing)
        .filter(|(claim, _)| claim.county == county)
        .filter_map(|(_, standing)| standing.case.as_ref().zip(standing.rostered_fen))
        .filter(|(case, _)| end_of(case.state()) == End::Decided(DecisionKind::Terminate))
        .map(|(_, fen)| fen)
        .sum()
}

fn balances(proof: &Proof) {
    println!("\ntrial balances (yuan, debit positive)");
    for (place, balance) in &proof.balances {
        let accounts: Vec<String> = balance
            .balances
            .iter()
            .map(|it| format!("{} {}", it.account, yuan(it.balance_fen)))
            .collect();
        println!("{place}  {}", accounts.join("  "));
    }
}

/// Fen as yuan and fen.
fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let (whole, rest) = (fen.unsigned_abs() / 100, fen.unsigned_abs() % 100);
    format!("{sign}{whole}.{rest:02}")
}

/// The most memory this process ever held (VmHWM).
fn peak_memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .map_or_else(|| "unknown".into(), |text| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::yuan;

    #[test]
    fn fen_are_written_as_yuan() {
        assert_eq!(yuan(500_005), "5000.05");
        assert_eq!(yuan(-7), "-0.07");
    }
}
