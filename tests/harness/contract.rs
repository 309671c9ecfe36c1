//! The contract, as tests read it.

use prost_reflect::{FieldDescriptor, MethodDescriptor};
use yuhui_platform::authz::Rules;
use yuhui_proto::descriptor_pool;

/// Every method of the contracts.
pub(crate) fn methods() -> impl Iterator<Item = MethodDescriptor> {
    descriptor_pool()
        .services()
        .filter(|service| service.package_name().starts_with("yuhui."))
        .flat_map(|service| service.methods().collect::<Vec<_>>())
}

/// `/package.Service/Method`.
pub(crate) fn path_of(method: &MethodDescriptor) -> String {
    format!("/{}/{}", method.parent_service().full_name(), method.name())
}

/// Who may call what.
pub(crate) fn rules() -> Rules {
    Rules::from_pool(descriptor_pool()).expect("a complete contract")
}

/// The first comment of `field` in the contract: `counties/{county}/cases/{case}`,
/// if it is a resource name.
pub(crate) fn name_pattern(field: &FieldDescriptor) -> Option<String> {
    let file = field.parent_file();
    let info = file.file_descriptor_proto().source_code_info.as_ref()?;
    let place = info.location.iter().find(|it| it.path == field.path())?;
    let comment = place.leading_comments.as_ref()?.trim();
    let pattern = comment.strip_prefix('`')?.split('`').next()?;
    pattern.contains('{').then(|| pattern.to_owned())
}
