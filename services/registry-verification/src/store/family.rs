//! One family's facts, in a handful of indexed queries however large it is.

use std::collections::BTreeSet;

use time::Date;
use yuhui_platform::Result;

use super::Registers;
use crate::domain::{FamilyFacts, Known, PersonRef, hukou_known_by};

impl Registers<'_> {
    /// What is known by `day` of `child`, of those who bore or adopted it, of
    /// their children and of `claimant`, in one fixed order.
    pub async fn family(
        &self,
        child: &PersonRef,
        claimant: &PersonRef,
        day: Date,
    ) -> Result<FamilyFacts> {
        let mut facts = FamilyFacts::default();
        let adults = self.adults(child, day).await?;
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

        let mut named = facts.named();
        named.extend(residents);
        facts.persons = known(self.persons(&named).await?, day);
        Ok(facts.in_order())
    }

    /// The child's parents by birth and by adoption.
    async fn adults(&self, child: &PersonRef, day: Date) -> Result<BTreeSet<PersonRef>> {
        let mut adults = self.parents_of(child, day).await?;
        let own = BTreeSet::from([child.clone()]);
        let adoptions = self.adoptions(&own, &BTreeSet::new()).await?;
        adults.extend(known(adoptions, day).into_iter().flat_map(|it| it.adopters));
        Ok(adults)
    }
}

fn known<R: Known>(records: Vec<R>, day: Date) -> Vec<R> {
    let records = records.into_iter();
    records.filter_map(|it| it.known_by(day)).collect()
}
