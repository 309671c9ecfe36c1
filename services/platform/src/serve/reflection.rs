//! Reflection: the contracts, for clients that ask what there is.

use tonic::service::Routes;
use tonic_reflection::server::Builder;

use crate::{Error, Result};

/// Largest question.
const QUESTION: usize = 4096;

/// The routes with reflection, also under the name that Python's and other
/// older clients ask for.
pub(super) fn add(routes: Routes) -> Result<Routes> {
    let known = || {
        Builder::configure().register_encoded_file_descriptor_set(yuhui_proto::FILE_DESCRIPTOR_SET)
    };
    let v1 = known().build_v1();
    let v1 = v1.map_err(|error| Error::Fault(error.into()))?;
    let v1alpha = known().build_v1alpha();
    let v1alpha = v1alpha.map_err(|error| Error::Fault(error.into()))?;
    Ok(routes
        .add_service(v1.max_decoding_message_size(QUESTION))
        .add_service(v1alpha.max_decoding_message_size(QUESTION)))
}
