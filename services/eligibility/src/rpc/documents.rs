//! Documents of cases and notices.

use std::pin::Pin;

use futures::Stream;
use tonic::{Request, Response, Status};
use yuhui_platform::caller;
use yuhui_proto::documents::v1::{
    DownloadDocumentRequest, DownloadDocumentResponse, document_service_server::DocumentService,
};

use super::{Handlers, answers};
use crate::{acts::documents as acts, reads::documents as reads};

#[tonic::async_trait]
impl DocumentService for Handlers {
    answers! { package documents;
        start_upload: StartUploadRequest => StartUploadResponse by acts::start::start, in upload;
        upload_chunk: UploadChunkRequest => UploadChunkResponse by acts::piece::add, in upload;
        get_upload: GetUploadRequest => GetUploadResponse by reads::upload, in upload;
        finish_upload: FinishUploadRequest => FinishUploadResponse by acts::finish::finish, in document;
        get_document: GetDocumentRequest => GetDocumentResponse by reads::get, in document;
        list_documents: ListDocumentsRequest => ListDocumentsResponse by reads::list;
        replace_document: ReplaceDocumentRequest => ReplaceDocumentResponse by acts::replace::replace, in document;
        mark_original_seen: MarkOriginalSeenRequest => MarkOriginalSeenResponse by acts::seen::mark, in document;
        get_checklist: GetChecklistRequest => GetChecklistResponse by reads::checklist::get;
    }

    type DownloadDocumentStream =
        Pin<Box<dyn Stream<Item = Result<DownloadDocumentResponse, Status>> + Send>>;

    async fn download_document(
        &self,
        request: Request<DownloadDocumentRequest>,
    ) -> Result<Response<Self::DownloadDocumentStream>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let content = reads::download::run(&self.0, &caller, ask).await?;
        Ok(Response::new(Box::pin(content)))
    }
}
