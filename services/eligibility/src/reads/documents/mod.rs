//! Documents of cases and notices, as far as their case or notice is reached and its papers are open (D.2).

pub(crate) mod checklist;
pub(crate) mod download;

use uuid::Uuid;
use yuhui_kernel::Tenant;
use yuhui_platform::{Result, caller::Caller, db::Tx, paging::Page, refusal::not_found};
use yuhui_proto::{
    authz::v1::{Power, Reach},
    documents::v1 as pb,
    eligibility::v1::case_view::Kind,
};

use super::{answers::papers_are_open, views};
use crate::{
    context::Context,
    convert::documents as convert,
    domain::{
        documents::{kind::CONFIDENTIAL, upload::Parent},
        notice::Notice,
    },
    names,
    separation::reaches,
    store::{
        self,
        cases::Stored as StoredCase,
        documents::{Stored, TITLE},
        uploads,
    },
};

/// What documents belong to, as it stands.
pub(crate) enum File {
    /// A case.
    Case(Box<StoredCase>),
    /// A notice.
    Notice(Notice),
}

/// The case or notice, if the caller reaches it; `name` is what was asked for.
pub(crate) async fn file(tx: &Tx, caller: &Caller, parent: Parent, name: &str) -> Result<File> {
    let found = match parent {
        Parent::Case(id) => case(tx, caller, store::cases::get(tx, id).await?).await?,
        Parent::Notice(id) => notice(caller, store::notices::get(tx, id).await?),
    };
    found.ok_or_else(|| not_found(name).into())
}

/// The same, locked until the transaction ends: whoever adds a document to it and whoever moves it on meet here.
pub(crate) async fn locked(tx: &Tx, caller: &Caller, parent: Parent, name: &str) -> Result<File> {
    let found = match parent {
        Parent::Case(id) => case(tx, caller, store::cases::locked(tx, id).await?).await?,
        Parent::Notice(id) => notice(caller, store::notices::locked(tx, id).await?),
    };
    found.ok_or_else(|| not_found(name).into())
}

async fn case(tx: &Tx, caller: &Caller, stored: Option<StoredCase>) -> Result<Option<File>> {
    let Some(stored) = stored.filter(|it| reaches(caller, &it.case)) else {
        return Ok(None);
    };
    let is_shown = papers_are_open(tx, caller, &stored.case).await?;
    Ok(is_shown.then(|| File::Case(Box::new(stored))))
}

fn notice(caller: &Caller, notice: Option<Notice>) -> Option<File> {
    let reached = |it: &Notice| match caller.reach {
        Reach::OwnUnit => caller.covers(&it.unit),
        Reach::OwnTenant | Reach::AllTenants => true,
        Reach::OwnRecords | Reach::NoTenant | Reach::Unspecified => false,
    };
    notice.filter(reached).map(File::Notice)
}

/// A document of a file that the caller reaches.
pub(crate) async fn document(
    tx: &Tx,
    caller: &Caller,
    (parent, id): (Parent, Uuid),
    name: &str,
) -> Result<Stored> {
    file(tx, caller, parent, name).await?;
    let hides = |it: &Stored| caller.power() == Power::Claimant && it.filed.kind.is_confidential();
    let found = store::documents::get(tx, parent, id).await?;
    found
        .filter(|it| !hides(it))
        .ok_or_else(|| not_found(name).into())
}

/// An upload of the caller's own.
pub(crate) fn own(
    caller: &Caller,
    stored: Option<uploads::Stored>,
    name: &str,
) -> Result<uploads::Stored> {
    stored
        .filter(|it| it.upload.by.account == caller.account)
        .filter(|it| it.stage != uploads::Stage::Dropped || it.upload.document.is_some())
        .ok_or_else(|| not_found(name).into())
}

impl Context {
    /// A document as it is shown.
    pub(crate) fn show_document(&self, stored: &Stored) -> Result<pb::Document> {
        let filed = &stored.filed;
        let title = self
            .vault
            .unseal(&TITLE.at(filed.tenant, filed.id), &stored.title)?;
        Ok(convert::document(filed, title))
    }
}

pub(crate) async fn upload(
    context: &Context,
    caller: &Caller,
    ask: pb::GetUploadRequest,
) -> Result<pb::Upload> {
    let (tenant, id) = names::parse_own(caller, &ask.name, "uploads")?;
    let tx = context.db.read(tenant).await?;
    let stored = own(caller, uploads::get(&tx, id).await?, &ask.name)?;
    Ok(convert::upload(&stored.upload))
}

pub(crate) async fn get(
    context: &Context,
    caller: &Caller,
    ask: pb::GetDocumentRequest,
) -> Result<pb::Document> {
    let (tenant, parent, id) = names::parse_document(caller, &ask.name)?;
    let tx = context.db.read(tenant).await?;
    let stored = document(&tx, caller, (parent, id), &ask.name).await?;
    drop(tx);
    note(context, caller, tenant, parent).await?;
    context.show_document(&stored)
}

/// That the caller read documents of a case is kept beside it.
pub(super) async fn note(
    context: &Context,
    caller: &Caller,
    tenant: Tenant,
    parent: Parent,
) -> Result<()> {
    let Parent::Case(id) = parent else {
        return Ok(());
    };
    let tx = context.db.read(tenant).await?;
    let stored = store::cases::get(&tx, id).await?;
    drop(tx);
    if let Some(stored) = stored {
        views::note(context, caller, &stored.case, Kind::Documents).await;
    }
    Ok(())
}

pub(crate) async fn list(
    context: &Context,
    caller: &Caller,
    ask: pb::ListDocumentsRequest,
) -> Result<pb::ListDocumentsResponse> {
    let (tenant, parent) = names::parse_file(caller, &ask.parent)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let tx = context.db.read(tenant).await?;
    file(&tx, caller, parent, &ask.parent).await?;
    let limit = Some(page.limit());
    let hidden: &[&str] = match caller.power() {
        Power::Claimant => &CONFIDENTIAL,
        _ => &[],
    };
    let shown = (ask.include_replaced, hidden);
    let rows = store::documents::list(&tx, parent, shown, page.after(), limit).await?;
    let (rows, next_page_token) = page.cut(rows, |it| it.filed.id.to_string());
    drop(tx);
    note(context, caller, tenant, parent).await?;
    let documents = rows.iter().map(|it| context.show_document(it));
    Ok(pb::ListDocumentsResponse {
        documents: documents.collect::<Result<_>>()?,
        next_page_token,
    })
}
