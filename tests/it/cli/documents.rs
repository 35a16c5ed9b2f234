//! What people read: the README and the pages of the guide.

use std::fs;
use std::path::Path;

use vgrun::guide::PAGES;

/// The README and every page: the file's path in the repository, and its text.
pub(crate) fn documents() -> Vec<(String, String)> {
    let readme = ("README.md".to_owned(), file("README.md"));
    let pages = PAGES.iter().map(|page| (format!("src/guide/{}.md", page.name), page.text.to_owned()));
    [readme].into_iter().chain(pages).collect()
}

/// The text of a page.
pub(crate) fn page(name: &str) -> &'static str {
    PAGES.iter().find(|page| page.name == name).expect("a page of the guide").text
}

/// A text file of the repository.
pub(crate) fn file(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The blocks of a language, without the indent of an item around them, in all documents: the document's path, and the block.
pub(crate) fn blocks(language: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (path, text) in documents() {
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let indent = line.len() - line.trim_start().len();
            if line.trim_start().strip_prefix("```") == Some(language) {
                let inside = lines.by_ref().take_while(|line| !line.trim_start().starts_with("```"));
                let block: String =
                    inside.map(|line| line.get(indent..).unwrap_or_default().to_owned() + "\n").collect();
                found.push((path.clone(), block));
            } else if line.trim_start().starts_with("```") {
                lines.by_ref().take_while(|line| !line.trim_start().starts_with("```")).for_each(drop);
            }
        }
    }
    found
}
