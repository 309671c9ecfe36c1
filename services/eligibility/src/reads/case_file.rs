//! A whole case as one file, sealed: what was decided and on what, by whom, what was posted, brought, written and
//! paid. It is read and verified without this system.

use futures::{Stream, stream};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tonic::Status;
use yuhui_kernel::dates;
use yuhui_platform::{Result, audit, caller::Caller, db::Tx, token::seal};
use yuhui_policy::evidence::file::{Record, Taken};
use yuhui_proto::{
    authz::v1::Power,
    eligibility::v1::{self as pb, case_view::Kind},
};

use super::{answers::shows_papers, cases::decision_letter, evidence::replayable, views};
use crate::{
    context::Context,
    convert::particulars,
    domain::{
        Case,
        documents::upload::Parent,
        notice,
        private::{Private, mask},
        review_letter,
    },
    store::{self, cases::Stored},
};

/// What the file is, for its seal.
pub(crate) const KIND: &str = "case file";
/// Format of the lines.
const VERSION: u32 = 1;
/// Bytes of a piece that is sent.
const PIECE: usize = 512 * 1024;
/// Rows read at a time.
const ROWS: u64 = 500;

/// The file, piece by piece. It is made whole before the first piece leaves: what cannot be proven is not sent.
pub(crate) async fn export(
    context: &Context,
    caller: &Caller,
    ask: pb::ExportCaseFileRequest,
) -> Result<impl Stream<Item = Result<pb::ExportCaseFileResponse, Status>> + Send + 'static> {
    let stored = context.case(caller, &ask.name).await?;
    let case = &stored.case;
    let tx = context.db.read(case.tenant).await?;
    shows_papers(&tx, caller, case).await?;
    let evidence = store::evidence::of(&tx, &[case.id]).await?;
    let mut lines = vec![
        head(context, caller, case),
        claim(case, &context.open(&stored)?)?,
        line("case", &serde_json::to_value(case)?),
    ];
    lines.extend(transitions(&tx, case).await?);
    lines.extend(papers(context, &tx, &stored).await?);
    lines.extend(roster(&tx, case).await?);
    if caller.power() == Power::Supervision {
        // D.2: the audit record is supervision's.
        lines.extend(trail(&tx, case).await?);
    }
    drop(tx);
    let records = replayable(context, case.tenant, &evidence).await?;
    lines.extend(letter(context, &stored, &records)?);
    views::note(context, caller, case, Kind::CaseFile).await;
    let mut file = String::new();
    let lines = lines.iter().map(Value::to_string);
    for line in lines.chain(records.iter().map(Record::to_line)) {
        file.push_str(&line);
        file.push('\n');
    }
    seal(context.peers.signer(), KIND, &mut file)?;
    let pieces: Vec<Vec<u8>> = file
        .as_bytes()
        .chunks(PIECE)
        .map(ToOwned::to_owned)
        .collect();
    let pieces = pieces.into_iter();
    Ok(stream::iter(
        pieces.map(|data| Ok(pb::ExportCaseFileResponse { data })),
    ))
}

fn line(name: &str, value: &Value) -> Value {
    json!({ name: value })
}

fn head(context: &Context, caller: &Caller, case: &Case) -> Value {
    let head = json!({
        "version": VERSION,
        "case": case.name(),
        "receipt_number": case.receipt_number,
        "etag": case.revision,
        "made_on": dates::format(context.today()),
        "made_for": caller.role.as_str_name(),
    });
    line("case_file", &head)
}

/// The form, masked as everywhere.
fn claim(case: &Case, private: &Private) -> Result<Value> {
    let family = particulars::family(case, private)?;
    let institution = particulars::institution(case, private)?;
    let account = &private.account;
    let claim = json!({
        "programme": case.programme.code(),
        "claimant_name": private.claimant_name,
        "claimant_number": mask(&private.claimant_number),
        "child_number": mask(&private.child_number),
        "credit_code": private.credit_code,
        "unit": case.unit.to_string(),
        "subsidy_year": case.subsidy_year,
        "truth_signed": case.truth_signed,
        "family": family.map(particulars::family_masked),
        "institution": institution.map(particulars::institution_masked),
        "account": {
            "holder_name": account.holder_name,
            "account_number": account.masked(),
            "bank_name": account.bank_name,
            "corporate": account.corporate,
        },
    });
    Ok(line("claim", &claim))
}

/// Every step with who took it and why: opinions, signatures, reviews and returns among them.
async fn transitions(tx: &Tx, case: &Case) -> Result<Vec<Value>> {
    let (mut lines, mut after) = (Vec::new(), None);
    loop {
        let page = store::transitions::page(tx, case.id, after, ROWS).await?;
        let Some(last) = page.last() else {
            return Ok(lines);
        };
        after = Some(last.sequence);
        for it in page {
            let step = json!({
                "sequence": it.sequence,
                "from_state": it.from_state,
                "to_state": it.to_state,
                "action": it.action,
                "actor": it.actor,
                "role": it.role,
                "unit": it.unit,
                "effective_on": it.effective_on,
                "at": it.at,
                "reason": it.reason,
            });
            lines.push(line("transition", &step));
        }
    }
}

/// Notices that the case was on, documents brought, reviews of its decision with their letters.
async fn papers(context: &Context, tx: &Tx, stored: &Stored) -> Result<Vec<Value>> {
    let case = &stored.case;
    let mut lines = Vec::new();
    for it in store::notices::of_case(tx, case).await? {
        let own = it.lines.iter().find(|line| line.case == case.id);
        let posted = json!({
            "name": notice::name(it.tenant, it.id),
            "unit": it.unit.to_string(),
            "posted_on": dates::format(it.posted_on),
            "last_on": dates::format(it.last_on),
            "closed_on": it.closed_on.map(dates::format),
            "proof": it.proof,
            "line": own,
            // Of all its lines: whoever has the notice finds this one in it.
            "sha256": hex::encode(Sha256::digest(serde_json::to_string(&it.lines)?)),
        });
        lines.push(line("notice", &posted));
    }
    let every = (true, &[][..]);
    let documents = store::documents::list(tx, Parent::Case(case.id), every, None, None).await?;
    for it in documents {
        let mut document = serde_json::to_value(&it.filed)?;
        if let Some(fields) = document.as_object_mut() {
            fields.insert("name".into(), it.filed.name().into());
        }
        lines.push(line("document", &document));
    }
    let name = context.open(stored)?.claimant_name;
    for review in store::review_requests::of_case(tx, case.id).await? {
        lines.push(line("review_request", &serde_json::to_value(&review)?));
        let text = review_letter::letter(&review, &name);
        lines.extend((!text.is_empty()).then(|| line("letter", &Value::String(text))));
    }
    Ok(lines)
}

/// Its line on the roster, and that roster. What became of the payment stands in the case; books and orders name the
/// roster and the case.
async fn roster(tx: &Tx, case: &Case) -> Result<Vec<Value>> {
    let Some(id) = case.roster else {
        return Ok(Vec::new());
    };
    let roster = store::rosters::get(tx, id).await?;
    let own = store::rosters::line_of(tx, id, case.id).await?;
    let roster = roster.map(|it| {
        let roster = json!({
            "name": it.name(),
            "round": it.round,
            "programme": it.programme.code(),
            "version": it.version,
            "lines_sha256": it.hash,
            "sealed_on": it.sealed_on.map(dates::format),
            "record_number": it.record_number,
            "recorded_on": it.recorded_on.map(dates::format),
            "line": own,
        });
        line("roster", &roster)
    });
    Ok(roster.into_iter().collect())
}

/// The entries on the case, each whole with its hash and that of the entry before, and the head of the chain: whoever
/// verifies the chain finds the same hashes in it. Acts on whole rosters are entries on those.
async fn trail(tx: &Tx, case: &Case) -> Result<Vec<Value>> {
    let (mut lines, mut after) = (Vec::new(), None);
    loop {
        let page = audit::page(tx, Some(&case.name()), after, ROWS).await?;
        let Some(last) = page.last() else {
            break;
        };
        after = Some(last.place());
        for entry in &page {
            lines.push(line("audit_entry", &serde_json::to_value(entry)?));
        }
    }
    let head = audit::head(tx).await?;
    lines.extend(head.map(|(seq, hash)| line("audit_head", &json!({ "seq": seq, "hash": hash }))));
    Ok(lines)
}

/// The letter of the decision that stands, with the findings of its evidence.
fn letter(context: &Context, stored: &Stored, records: &[Record]) -> Result<Option<Value>> {
    let Some(outcome) = &stored.case.outcome else {
        return Ok(None);
    };
    let standing = records.iter().rev().find_map(|it| match it {
        Record::Decision(taken) if taken.hash == outcome.evidence_hash => Some(taken),
        _ => None,
    });
    let Some(Taken { evidence, .. }) = standing.map(AsRef::as_ref) else {
        return Ok(None);
    };
    let told = outcome.told(evidence.determination.findings.clone());
    let name = context.open(stored)?.claimant_name;
    let text = decision_letter(&stored.case, outcome, &told, &evidence.claim, &name);
    Ok(text.map(|it| line("letter", &Value::String(it))))
}
