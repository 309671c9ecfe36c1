//! `yuhui events`: events that are kept and not applied, and lanes that do not get
//! on, out of the databases themselves. A running system takes up what is made due.

use std::process::ExitCode;

use anyhow::{anyhow, bail};
use yuhui_kernel::Tenant;
use yuhui_platform::{
    Caller, Clock, audit,
    clock::real_millis,
    db::{Database, Tenancy, Tx},
    inbox::operator::{self as kept, Kept},
    outbox::operator::{self as sent, Stuck},
};

use crate::{settings::Given, stack::Part};

/// What to do with events.
#[derive(Debug, clap::Subcommand)]
pub enum Events {
    /// List what is kept and not applied, and what does not get delivered.
    List(Given),
    /// Show one event.
    Show(One),
    /// Try one event again at once.
    Retry(Retry),
    /// Give one event up: one person proposes it and says why, another approves.
    Drop(Give),
}

/// Which event.
#[derive(Debug, clap::Args)]
pub struct One {
    /// Id of the event.
    id: String,
    #[command(flatten)]
    at: Given,
}

/// An event to be tried again.
#[derive(Debug, clap::Args)]
pub struct Retry {
    #[command(flatten)]
    one: One,
    /// Of an event that waits for one that never came: do without that one.
    #[arg(long)]
    past_gap: bool,
}

/// An event to be given up.
#[derive(Debug, clap::Args)]
pub struct Give {
    #[command(flatten)]
    one: One,
    /// Login of who proposes or approves it.
    #[arg(long, value_name = "LOGIN")]
    by: String,
    /// Why; goes on record.
    #[arg(long, required_unless_present = "approve")]
    why: Option<String>,
    /// Approve what somebody else proposed.
    #[arg(long, conflicts_with = "why")]
    approve: bool,
}

/// An event that does not get on, in the database of a service.
enum Found {
    Kept(Box<Kept>),
    Stuck(Box<Stuck>),
}

struct Case {
    part: Part,
    db: Database,
    found: Found,
}

/// Does it.
pub async fn run(ask: Events) -> anyhow::Result<ExitCode> {
    match ask {
        Events::List(at) => {
            let mut cases = find(&at).await?;
            cases.sort_by_key(Case::since);
            for case in &cases {
                println!("{}", case.line());
            }
            println!("{} events do not get on", cases.len());
        }
        Events::Show(ask) => one(&ask).await?.show(),
        Events::Retry(ask) => {
            let case = one(&ask.one).await?;
            let tx = case.begin().await?;
            match &case.found {
                Found::Kept(it) => kept::retry(&tx, it, ask.past_gap).await?,
                Found::Stuck(_) if ask.past_gap => {
                    bail!("--past-gap: what is not delivered yet waits for no other")
                }
                Found::Stuck(it) => sent::retry(&tx, it).await?,
            }
            let caller = Caller::service("operator", tx.tenant().ok());
            let action = match ask.past_gap {
                true => "events.retry-past-gap",
                false => "events.retry",
            };
            let entry = audit::Entry::new(action, format!("events/{}", ask.one.id));
            let entry = entry.note(case.line());
            audit::record(&tx, &caller, Clock::system().now(), entry).await?;
            tx.commit().await?;
            println!("{} is due now", ask.one.id);
        }
        Events::Drop(ask) => give_up(ask).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn give_up(ask: Give) -> anyhow::Result<()> {
    let case = one(&ask.one).await?;
    let tx = case.begin().await?;
    let why = ask.why.unwrap_or_default();
    if !ask.approve && why.trim().is_empty() {
        bail!("--why must say something");
    }
    let (action, why, told) = match &case.found {
        Found::Kept(it) if ask.approve => {
            let why = kept::approve_drop(&tx, it, &ask.by).await?;
            ("events.drop", why, "is given up")
        }
        Found::Kept(it) => {
            kept::propose_drop(&tx, it, &ask.by, &why).await?;
            let told = "is proposed to be given up: somebody else approves with --approve --by";
            ("events.propose-drop", why, told)
        }
        Found::Stuck(_) if ask.approve => {
            bail!("nothing is proposed: what is not delivered yet is dropped with --why")
        }
        Found::Stuck(it) => {
            sent::give_up(&tx, it).await?;
            ("events.drop", why, "is given up")
        }
    };
    let mut caller = Caller::service("operator", tx.tenant().ok());
    caller.account = format!("operator:{}", ask.by);
    caller.name = ask.by;
    let entry = audit::Entry::new(action, format!("events/{}", ask.one.id));
    let entry = entry.reason(why).note(case.line());
    audit::record(&tx, &caller, Clock::system().now(), entry).await?;
    tx.commit().await?;
    println!("{} {told}", ask.one.id);
    Ok(())
}

/// Everything that does not get on.
async fn find(at: &Given) -> anyhow::Result<Vec<Case>> {
    let storage = at.storage()?;
    let mut cases = Vec::new();
    for part in Part::ALL {
        let db = storage.look_into(*part).await?;
        let kept = kept::parked(&db).await?.into_iter();
        let kept = kept.map(|it| Found::Kept(Box::new(it)));
        let stuck = sent::stuck(&db).await?.into_iter();
        let stuck = stuck.map(|it| Found::Stuck(Box::new(it)));
        cases.extend(kept.chain(stuck).map(|found| Case {
            part: *part,
            db: db.clone(),
            found,
        }));
    }
    Ok(cases)
}

async fn one(ask: &One) -> anyhow::Result<Case> {
    let mut cases = find(&ask.at).await?;
    cases.retain(|it| it.id() == ask.id);
    let count = cases.len();
    match (cases.pop(), count) {
        (Some(case), 1) => Ok(case),
        (_, 0) => Err(anyhow!("no event {} waits anywhere", ask.id)),
        _ => Err(anyhow!("{count} events have the id {}", ask.id)),
    }
}

impl Case {
    fn id(&self) -> &str {
        match &self.found {
            Found::Kept(it) => &it.event_id,
            Found::Stuck(it) => &it.event_id,
        }
    }

    fn tenant(&self) -> &str {
        match &self.found {
            Found::Kept(it) => &it.tenant,
            Found::Stuck(it) => &it.tenant,
        }
    }

    /// When it came here, milliseconds since 1970.
    fn since(&self) -> i64 {
        match &self.found {
            Found::Kept(it) => it.received,
            Found::Stuck(it) => it.since,
        }
    }

    async fn begin(&self) -> anyhow::Result<Tx> {
        let tenancy = match Tenant::parse(self.tenant()) {
            Ok(tenant) => Tenancy::One(tenant),
            Err(_) => Tenancy::City,
        };
        Ok(self.db.begin(tenancy).await?)
    }

    /// Tenant, way, kind, object, why, attempts, age in seconds, id.
    fn line(&self) -> String {
        let age = (real_millis() - self.since()).max(0) / 1000;
        let (way, kind, object, why, attempts) = match &self.found {
            Found::Kept(it) => (
                format!("{} <- {}", self.part.name(), it.source),
                &it.kind,
                &it.object,
                format!("{} {}", it.reason, it.detail),
                it.attempts,
            ),
            Found::Stuck(it) => (
                format!("{} -> {}", self.part.name(), it.destination),
                &it.kind,
                &it.object,
                format!("NOT_DELIVERED {}", it.reason),
                it.attempts,
            ),
        };
        let (id, tenant) = (self.id(), self.tenant());
        format!("{tenant}  {way}  {kind}  {object}  {why}  attempts {attempts}  age {age} s  {id}")
    }

    fn show(&self) {
        println!("{}", self.line());
        match &self.found {
            Found::Kept(it) => {
                println!(
                    "revision {}, sha256 {}, {} bytes",
                    it.revision,
                    it.digest,
                    it.body.len()
                );
                if !it.drop_by.is_empty() {
                    println!("{} proposes to give it up: {}", it.drop_by, it.drop_why);
                }
                println!("{}", hex::encode(&it.body));
            }
            Found::Stuck(it) => println!("sha256 {}, {} bytes", it.digest, it.size),
        }
    }
}
