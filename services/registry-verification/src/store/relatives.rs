//! Whose cases a person must not act on (DYN-3).

use std::collections::BTreeSet;

use time::Date;
use yuhui_platform::Result;

use super::Registers;
use crate::domain::{Ending, Known, Marriage, PersonRef};

type Persons = BTreeSet<PersonRef>;

impl Registers<'_> {
    /// The person, and by `day` its spouse, parents, children, siblings and in-laws (本人、配偶、父母、
    /// 子女、兄弟姐妹、近姻亲), each under every reference known. In-laws are the spouses of parents,
    /// children and siblings, the parents, children and siblings of the spouse, the spouses of the
    /// spouse's siblings, and the parents of a child's spouse. Half-siblings are siblings, adoption
    /// makes parents and unmakes none, and a widow has her in-laws still.
    ///
    /// The relation holds both ways: who is found here would find the person.
    pub async fn relatives(&self, person: &PersonRef, day: Date) -> Result<Persons> {
        let asked = self.identities([person]).await?.of(person);
        let own = Persons::from([asked]);
        let spouses = self.spouses(&own, day).await?;
        let parents = self.parents(&own, day).await?;
        let spouses_parents = self.parents(&spouses, day).await?;
        let children = self.children_of(&own, day).await?;
        let childrens_spouses = self.spouses(&children, day).await?;
        let siblings = self.children_of(&parents, day).await?;
        let spouses_siblings = self.children_of(&spouses_parents, day).await?;

        let mut related = union([&own, &spouses, &parents, &spouses_parents, &children]);
        related.extend(self.parents(&childrens_spouses, day).await?);
        related.extend(self.children_of(&spouses, day).await?);
        let whose_spouses = union([&parents, &siblings, &spouses_siblings]);
        related.extend(self.spouses(&whose_spouses, day).await?);
        related.extend(union([&childrens_spouses, &siblings, &spouses_siblings]));

        // Lists of persons in the registers may name anybody by a later number.
        let ids = self.identities(&related).await?;
        let mut related: Persons = related.iter().map(|it| ids.of(it)).collect();
        let aliases = self.aliases_of(&related).await?;
        related.extend(aliases.into_iter().map(|(_, alias)| alias));
        Ok(related)
    }

    /// Who is or was married to any of them, and not divorced.
    async fn spouses(&self, persons: &Persons, day: Date) -> Result<Persons> {
        let marriages = self.marriages(persons).await?;
        let known = marriages.into_iter().filter_map(|it| it.known_by(day));
        let lasting = |it: &Marriage| !matches!(it.ended, Some((_, Ending::Divorce)));
        let couples = known.filter(lasting).map(|it| it.spouses);
        let both = couples.flat_map(|[one, other]| [(one.clone(), other.clone()), (other, one)]);
        let theirs = both.filter(|(one, _)| persons.contains(one));
        Ok(theirs.map(|(_, spouse)| spouse).collect())
    }

    /// Parents by birth and by adoption.
    async fn parents(&self, children: &Persons, day: Date) -> Result<Persons> {
        if children.is_empty() {
            return Ok(Persons::new());
        }
        let mut parents = self.parents_of(children, day).await?;
        let adoptions = self.adoptions(children, &Persons::new()).await?;
        let known = adoptions.into_iter().filter_map(|it| it.known_by(day));
        parents.extend(known.flat_map(|it| it.adopters));
        Ok(parents)
    }

    /// Children by birth and by adoption.
    async fn children_of(&self, parents: &Persons, day: Date) -> Result<Persons> {
        if parents.is_empty() {
            return Ok(Persons::new());
        }
        let deliveries = self.deliveries_by(parents).await?;
        let known = deliveries.into_iter().filter_map(|it| it.known_by(day));
        let born = known.flat_map(|it| it.children);
        let mut children: Persons = born.filter_map(|it| it.child).collect();
        let adoptions = self.adoptions(&Persons::new(), parents).await?;
        let known = adoptions.into_iter().filter_map(|it| it.known_by(day));
        children.extend(known.map(|it| it.child));
        Ok(children)
    }
}

fn union<const N: usize>(sets: [&Persons; N]) -> Persons {
    sets.into_iter().flatten().cloned().collect()
}
