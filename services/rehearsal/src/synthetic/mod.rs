//! A synthetic round 2025: the size and mix of H.2, people and nurseries who
//! do not exist, claims that are paid and claims that fail for most reasons.

mod births;
mod cast;
mod enrolled;
mod kinds;
mod names;
mod nurseries;
mod scale;

use rand::seq::SliceRandom as _;

use super::plot::Plot;
use cast::Casting;
use kinds::{BirthKind, HonourKind, NurseryKind, OperatingKind, Volumes};

pub(crate) use births::ROUND;
pub use scale::Scale;

/// Writes the plot of a round. The same seed and scale give the same round.
pub fn write(seed: u64, scale: Scale) -> anyhow::Result<Plot> {
    let mut casting = Casting::new(seed);
    let volumes = Volumes::at(scale);

    let mut nurseries = Vec::with_capacity(volumes.nurseries);
    for (place, kind) in OperatingKind::mix(volumes.nurseries)
        .into_iter()
        .enumerate()
    {
        nurseries.push(casting.nursery(kind, place + 1)?);
    }
    let mut families = NurseryKind::mix(volumes.nursery_children);
    families.shuffle(&mut casting.rng);
    for (place, kind) in families.into_iter().enumerate() {
        casting.family_with_nursery(kind, &mut nurseries, place + 1)?;
    }
    for (place, founded) in nurseries.iter().enumerate() {
        casting.operating_claim(*founded, place + 1)?;
    }
    let honoured: Vec<_> = nurseries
        .iter()
        .filter(|it| it.kind == OperatingKind::Nursery)
        .take(volumes.honours)
        .copied()
        .collect();
    for (place, (founded, kind)) in honoured
        .iter()
        .zip(HonourKind::mix(honoured.len()))
        .enumerate()
    {
        casting.honour_claim(*founded, kind, place + 1);
    }
    let mut births = BirthKind::mix(volumes.births);
    births.shuffle(&mut casting.rng);
    for (place, kind) in births.into_iter().enumerate() {
        casting.family_with_newborn(kind, place + 1)?;
    }
    Ok(casting.plot)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_same_seed_writes_the_same_round() {
        let scale: Scale = "0.02".parse().expect("scale");
        let (one, again) = (
            write(7, scale).expect("plot"),
            write(7, scale).expect("plot"),
        );
        assert_eq!(format!("{one:?}"), format!("{again:?}"));
        let other = write(8, scale).expect("plot");
        assert_ne!(format!("{one:?}"), format!("{other:?}"));
    }

    #[test]
    fn a_whole_round_has_about_nine_thousand_claims_in_every_county() {
        let plot = write(1, "1".parse().expect("scale")).expect("plot");
        assert!(
            (8_900..9_600).contains(&plot.claims.len()),
            "{}",
            plot.claims.len()
        );
        let counties: HashSet<_> = plot.claims.iter().map(|it| it.county).collect();
        assert_eq!(counties.len(), 10);
        let labels: HashSet<_> = plot.claims.iter().map(|it| it.label.as_str()).collect();
        assert_eq!(labels.len(), plot.claims.len());
    }
}
