//! One family's facts, in a handful of indexed queries however large it is.

use std::collections::BTreeSet;

use time::Date;
use yuhui_platform::Result;

use super::Registers;
use crate::domain::{FamilyFacts, Identities, Known, PersonRef, hukou_known_by};

impl Registers<'_> {
    /// What is known by `day` of `child`, of those who bore or adopted it, of
    /// their children and of `claimant`, in one fixed order. These two are named
    /// as they were asked for, everybody else by the oldest number.
    pub async fn family(
        &self,
        child: &PersonRef,
        claimant: &PersonRef,
        day: Date,
    ) -> Result<FamilyFacts> {
        let oldest = self.identities([child, claimant]).await?;
        let asked: Identities = [child, claimant]
            .map(|it| (oldest.of(it), it.clone()))
            .into_iter()
            .collect();
        let (child, claimant) = (&oldest.of(child), &oldest.of(claimant));

        let mut facts = FamilyFacts::default();
        let own = BTreeSet::from([child.clone()]);
        let adopted = known(self.adoptions(&own, &BTreeSet::new()).await?, day);
        let mut adults = self.parents_of(&own, day).await?;
        adults.extend(adopted.into_iter().flat_map(|it| it.adopters));
        facts.deliveries = known(self.deliveries_by(&adults).await?, day);

        let mut children = facts.delivered();
        children.insert(child.clone());
        facts.adoptions = known(self.adoptions(&children, &adults).await?, day);
        facts.marriages = known(self.marriages(&adults).await?, day);
        let common = facts.common_children(child);
        facts.custody = known(self.custody(&common).await?, day);
        facts.guardianships = known(self.guardianships(child).await?, day);

        facts.national_payments = known(self.national_payments(child).await?, day);

        let mut residents = adults;
        residents.extend([child.clone(), claimant.clone()]);
        facts.hukou = hukou_known_by(self.hukou(&residents).await?, day);

        // Lists of persons in the registers may name anybody by a later number.
        let ids = self.identities(&facts.named()).await?;
        let mut facts = ids.rename(facts);
        let mut named = facts.named();
        named.extend(residents);
        facts.persons = known(self.persons(&named).await?, day);

        let aliases = self.aliases_of(&named).await?;
        let mut facts = asked.rename(facts);
        facts.aliases = others(&aliases, &asked);
        Ok(facts.in_order())
    }
}

/// Of each person that has several references all but the one it was asked for.
fn others(aliases: &[(PersonRef, PersonRef)], asked: &Identities) -> Vec<(PersonRef, PersonRef)> {
    let pairs = aliases.iter().flat_map(|(oldest, later)| {
        let named = asked.of(oldest);
        [oldest, later].map(|it| (named.clone(), it.clone()))
    });
    let pairs: BTreeSet<_> = pairs.filter(|(named, other)| named != other).collect();
    pairs.into_iter().collect()
}

fn known<R: Known>(records: Vec<R>, day: Date) -> Vec<R> {
    let records = records.into_iter();
    records.filter_map(|it| it.known_by(day)).collect()
}
