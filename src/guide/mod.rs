//! The guide: one page for each topic, in Markdown, as `vgrun guide` shows them, rustdoc renders them and the README links
//! them.
//!
//! Knows texts alone, and nothing of what they are about: the tests of the repository run each command that a page shows.

mod page;

pub(crate) use page::Block;
pub use page::Page;

/// Where a link to another page leads in rustdoc. Each page ends with the file names of the pages that it links, which is
/// what a browser of the repository needs; of two definitions of a link the first one counts.
macro_rules! links {
    () => {
        "[activation]: crate::guide::activation
[claims]: crate::guide::claims
[clusters]: crate::guide::clusters
[commands]: crate::guide::commands
[config]: crate::guide::config
[figures]: crate::guide::figures
[files]: crate::guide::files
[limits]: crate::guide::limits
[performance]: crate::guide::performance
[pytorch]: crate::guide::pytorch
[recurrent]: crate::guide::recurrent
[sweep]: crate::guide::sweep
[theory]: crate::guide::theory
[traces]: crate::guide::traces
[trust]: crate::guide::trust
[verdict]: crate::guide::verdict
"
    };
}

/// A module with a page as its documentation, for each of these files; and the list of all of them.
macro_rules! pages {
    ($($name:ident)*) => {
        $(
            #[doc = links!()]
            #[doc = include_str!(concat!(stringify!($name), ".md"))]
            pub mod $name {}
        )*

        /// All pages, in the order in which a newcomer reads them.
        pub const PAGES: &[Page] = &[$(
            Page { name: stringify!($name), text: include_str!(concat!(stringify!($name), ".md")) },
        )*];
    };
}

pages! {
    sweep commands config files verdict recurrent theory figures
    claims traces pytorch clusters limits trust performance activation
}
