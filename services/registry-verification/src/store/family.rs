//! One family's facts, in a handful of indexed queries however large it is.

use std::collections::BTreeSet;

use time::Date;
use yuhui_platform::Result;

use super::Registers;
use crate::domain::{
    FactKind, FamilyFacts, Identities, Known, PersonRef, Register, Standings, Told, hukou_known_by,
};

impl Registers<'_> {
    /// What is known by `day` of `child`, of those who bore or adopted it, of
    /// their children and of `claimant`, in one fixed order. These two are named
    /// as they were asked for, everybody else by the oldest number. A register that
    /// does not answer tells nothing; whom only it would name nobody is asked about.
    pub async fn family(
        &self,
        child: &PersonRef,
        claimant: &PersonRef,
        today: Date,
        standings: &Standings,
    ) -> Result<FamilyFacts> {
        let [residence, civil, births] = Register::ALL.map(|it| {
            standings
                .answers(it)
                .then(|| standings.known_until(it, today))
        });
        let oldest = self.identities([child, claimant]).await?;
        let asked: Identities = [child, claimant]
            .map(|it| (oldest.of(it), it.clone()))
            .into_iter()
            .collect();
        let (child, claimant) = (&oldest.of(child), &oldest.of(claimant));

        let mut facts = FamilyFacts::default();
        let own = BTreeSet::from([child.clone()]);
        let mut adults = BTreeSet::new();
        if let Some(day) = births {
            adults.extend(self.parents_of(&own, day).await?);
        }
        if let Some(day) = civil {
            let adopted = known(self.adoptions(&own, &BTreeSet::new()).await?, day);
            adults.extend(adopted.into_iter().flat_map(|it| it.adopters));
        }
        if let Some(day) = births {
            facts.deliveries = known(self.deliveries_by(&adults).await?, day);
            facts.national_payments = known(self.national_payments(child).await?, day);
        }

        let mut children = facts.delivered();
        children.insert(child.clone());
        let common = facts.common_children(child);
        if let Some(day) = civil {
            facts.adoptions = known(self.adoptions(&children, &adults).await?, day);
            facts.marriages = known(self.marriages(&adults).await?, day);
            facts.custody = known(self.custody(&common).await?, day);
            facts.guardianships = known(self.guardianships(child).await?, day);
        }

        let mut residents = adults.clone();
        residents.extend([child.clone(), claimant.clone()]);
        if let Some(day) = residence {
            facts.hukou = hukou_known_by(self.hukou(&residents).await?, day);
        }

        // Lists of persons in the registers may name anybody by a later number.
        let (ids, known_aliases) = self.known_numbers(&facts.named(), &residents).await?;
        let mut facts = ids.rename(facts);
        let mut named = facts.named();
        named.extend(residents.iter().cloned());
        let mut aliases = Vec::new();
        if let Some(day) = residence {
            facts.persons = known(self.persons(&named).await?, day);
            aliases = match ids.is_empty() {
                true => known_aliases,
                // Others are named now than were asked about.
                false => self.aliases_of(&named).await?,
            };
        }
        let mut facts = asked.rename(facts);
        facts.aliases = others(&aliases, &asked);

        let both = BTreeSet::from([child.clone(), claimant.clone()]);
        let mortals = residents.iter().chain(&children).cloned().collect();
        let questions = [
            (FactKind::Person, &own),
            (FactKind::Death, &mortals),
            (FactKind::Hukou, &residents),
            (FactKind::Alias, &both),
            (FactKind::Marriage, &adults),
            (FactKind::Adoption, &children),
            (FactKind::Custody, &common),
            (FactKind::Guardianship, &own),
            (FactKind::Birth, &own),
            (FactKind::Siblings, &own),
            (FactKind::BirthService, &own),
            (FactKind::NationalPayment, &own),
        ];
        facts.told = questions
            .into_iter()
            .flat_map(|(fact, subjects)| subjects.iter().map(move |it| (fact, it)))
            .map(|(fact, subject)| (fact, asked.of(subject)))
            .flat_map(|(fact, subject)| told(&facts, standings, (fact, subject), today))
            .collect();
        Ok(facts.in_order())
    }
}

fn told(
    facts: &FamilyFacts,
    standings: &Standings,
    (fact, subject): (FactKind, PersonRef),
    today: Date,
) -> Vec<Told> {
    let is_known = facts.know(fact, &subject);
    standings.say(fact, subject, is_known, today)
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
