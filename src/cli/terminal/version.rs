//! What `vgrun --version` says: the version, and the commit where the build was told it.

use std::sync::LazyLock;

/// `0.1.0`, or `0.1.0 (1a2b3c4)` where `VGRUN_COMMIT` was set when vgrun was compiled.
pub(crate) fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| with_commit(option_env!("VGRUN_COMMIT")));
    &VERSION
}

fn with_commit(commit: Option<&str>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    match commit.map(str::trim) {
        // A build file may set the variable to nothing.
        None | Some("") => version.to_owned(),
        Some(commit) => format!("{version} ({commit})"),
    }
}

#[test]
fn a_version_names_the_commit_where_the_build_was_told_it() {
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(with_commit(None), version);
    assert_eq!(with_commit(Some(" ")), version);
    assert_eq!(with_commit(Some("1a2b3c4")), format!("{version} (1a2b3c4)"));
}
