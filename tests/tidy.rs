//! Holds the layers of the code: the table in lib.rs's docs says which module may import which, and this reads it.

#[path = "tidy/circles.rs"]
mod circles;
#[path = "tidy/rust.rs"]
mod rust;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use circles::{Module, Modules};
use rust::{code, imports, outside_world, platforms_maths};

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Module -> the modules it may import, from the table in lib.rs's docs.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let lib = fs::read_to_string(source().join("lib.rs")).expect("lib.rs");
    let rows = lib.lines().filter_map(|line| line.strip_prefix("//! | `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let imports = cells[2].split(',').map(str::trim).filter(|m| *m != "-" && !m.is_empty());
        (cells[0].trim_matches('`').to_owned(), imports.map(str::to_owned).collect())
    })
    .collect()
}

/// Every Rust file below src/, with the top-level module it belongs to.
fn files() -> Vec<(String, PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![source()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of src/") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let inside = path.strip_prefix(source()).expect("below src/");
                let first = inside.components().next().expect("a name").as_os_str().to_string_lossy();
                let text = fs::read_to_string(&path).expect("UTF-8");
                found.push((first.trim_end_matches(".rs").to_owned(), path.clone(), text));
            }
        }
    }
    found.sort();
    found
}

/// How many modules a file of src/ is below the root: 1 for train.rs and train/mod.rs.
fn depth(path: &Path) -> usize {
    let inside = path.strip_prefix(source()).expect("below src/");
    inside.components().count() - usize::from(inside.ends_with("mod.rs"))
}

fn is_test_file(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "tests.rs" || name == "fixtures.rs")
        || path.parent().is_some_and(|folder| folder.ends_with("tests"))
}

#[test]
fn modules_import_only_what_the_table_in_lib_rs_allows() {
    let table = table();
    assert!(table.len() > 10, "the table of lib.rs was not found");
    for (module, path, text) in files() {
        if module == "lib" || module == "main" || is_test_file(&path) {
            continue;
        }
        let allowed = table.get(&module).unwrap_or_else(|| panic!("{module} has no row in lib.rs's table"));
        for import in imports(&code(&text), depth(&path)) {
            assert!(
                import == module || allowed.contains(&import),
                "{}: {module} may not import {import}; the table in lib.rs allows {allowed:?}",
                path.display()
            );
        }
    }
}

#[test]
fn every_row_of_the_table_is_a_module_and_imports_point_down() {
    let modules: BTreeSet<String> = files().into_iter().map(|(module, _, _)| module).collect();
    let lib = fs::read_to_string(source().join("lib.rs")).expect("lib.rs");
    let order: Vec<&str> =
        lib.lines().filter_map(|l| l.strip_prefix("//! | `")).map(|r| r.split('`').next().expect("a name")).collect();
    for (i, module) in order.iter().enumerate() {
        assert!(modules.contains(*module), "{module} is in the table but not in src/");
        for import in &table()[*module] {
            assert!(order[..i].contains(&import.as_str()), "{module} imports {import}, which stands below it");
        }
    }
}

/// Rooms that may still have circles, each with the reason.
const CIRCLES: [(&str, &str); 2] = [
    ("kernels", "a precision has registers, and a register has entries of a precision"),
    ("nn", "a net is built of ops, and an op works on the rows and errors of a net"),
];

#[test]
fn files_of_a_folder_do_not_use_each_other_in_circles() {
    let of_path = |path: &Path| -> Module {
        let inside = path.strip_prefix(source()).expect("below src/").with_extension("");
        let names = inside.components().map(|name| name.as_os_str().to_string_lossy().into_owned());
        names.filter(|name| name != "mod").collect()
    };
    let is_code = |(module, path, _): &(String, PathBuf, String)| {
        !is_test_file(path) && !matches!(module.as_str(), "lib" | "main")
    };
    let code = files().into_iter().filter(is_code).map(|(_, path, text)| (of_path(&path), code(&text)));
    let found = Modules::new(code.collect()).circles();
    let is_new = |folder: &str| CIRCLES.iter().all(|(known, _)| *known != folder);
    let new: Vec<&(String, Vec<String>)> = found.iter().filter(|(folder, _)| is_new(folder)).collect();
    assert!(new.is_empty(), "move what is shared to the lower file, or hand it in: {new:#?}");
    for (known, reason) in CIRCLES {
        assert!(found.iter().any(|(folder, _)| folder == known), "{known} has no circle any more: {reason}");
    }
}

/// More files than this are not a room in which anybody finds anything.
const MOST_FILES: usize = 20;

#[test]
fn no_folder_has_too_many_files() {
    let mut counts: BTreeMap<PathBuf, usize> = BTreeMap::new();
    for (_, path, _) in files() {
        *counts.entry(path.parent().expect("a folder").to_path_buf()).or_default() += 1;
    }
    let full: Vec<_> = counts.iter().filter(|(_, count)| **count > MOST_FILES).collect();
    assert!(full.is_empty(), "give these folders rooms: {full:#?}");
}

#[test]
fn a_module_with_children_is_a_mod_rs() {
    for (_, path, _) in files() {
        let folder = path.with_extension("");
        assert!(!folder.is_dir(), "{} belongs into {}/mod.rs", path.display(), folder.display());
    }
}

#[test]
fn no_two_public_types_share_a_name() {
    let mut homes: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for (_, path, text) in files() {
        for line in code(&text).lines() {
            let mut words = line.trim().split([' ', '<', '(', ';', ':']);
            if let (Some("pub"), Some("struct" | "enum" | "trait" | "type"), Some(name)) =
                (words.next(), words.next(), words.next())
            {
                homes.entry(name.to_owned()).or_default().push(path.clone());
            }
        }
    }
    assert!(homes.len() > 200, "{} public types", homes.len());
    let shared: Vec<_> = homes.iter().filter(|(_, homes)| homes.len() > 1).collect();
    assert!(shared.is_empty(), "{shared:#?}");
}

/// With these words a doc comment begins in the middle of a sentence: what it speaks of stands somewhere else.
const NO_SUBJECT: [&str; 29] = [
    "Of",
    "The same",
    "Those",
    "That",
    "Themselves",
    "Itself",
    "As",
    "By",
    "Likewise",
    "So",
    "From",
    "Over",
    "Beside",
    "Behind",
    "Not",
    "Such",
    "Also",
    "And",
    "Or",
    "With",
    "Without",
    "To",
    "In",
    "At",
    "On",
    "For",
    "Below",
    "Under",
    "There",
];

/// Doc comments that may begin so.
const BEGIN_SO: [&str; 0] = [];

#[test]
fn doc_comments_begin_with_a_subject_or_a_verb() {
    let mut found = Vec::new();
    for (_, path, text) in files() {
        let mut before = "";
        for (number, line) in text.lines().enumerate() {
            let line = line.trim_start();
            let doc = line.strip_prefix("/// ").filter(|_| !before.starts_with("///"));
            before = line;
            let is_bad = |words: &&str| {
                doc.and_then(|doc| doc.strip_prefix(*words))
                    .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
            };
            if NO_SUBJECT.iter().any(is_bad) && !BEGIN_SO.iter().any(is_bad) {
                found.push(format!("{}:{}: {line}", path.display(), number + 1));
            }
        }
    }
    assert!(found.is_empty(), "{} doc comments:\n{}", found.len(), found.join("\n"));
}

#[test]
fn main_calls_cli_and_nothing_else() {
    let main = fs::read_to_string(source().join("main.rs")).expect("main.rs");
    assert!(imports(&code(&main), 0).is_empty() && code(&main).matches("vgrun::").count() == 1);
}

#[test]
fn every_file_opens_by_saying_what_lives_there() {
    for (_, path, text) in files() {
        assert!(text.starts_with("//!"), "{} has no //! head", path.display());
    }
}

#[test]
fn nothing_but_tests_calls_the_platforms_maths_library_or_another() {
    for (_, path, text) in files().iter().filter(|(_, path, _)| !is_test_file(path)) {
        let found = platforms_maths(&code(text));
        assert_eq!(found, None, "{}: it differs between machines; kernels has one that does not", path.display());
    }
}

#[test]
fn the_theory_opens_no_file_prints_nothing_and_trains_nothing() {
    let theory: Vec<_> = files().into_iter().filter(|(module, _, _)| module == "theory").collect();
    assert!(theory.len() > 5, "the theory was not found");
    for (_, path, text) in theory.iter().filter(|(_, path, _)| !is_test_file(path)) {
        assert_eq!(outside_world(&code(text)), None, "{}: the theory is numbers in, numbers out", path.display());
    }
    let table = table();
    for module in ["train", "sweep", "store", "cli", "trace", "data"] {
        assert!(!table["theory"].contains(module), "the theory may not know {module}");
    }
}

#[test]
fn unsafe_code_lives_in_kernels_alone() {
    for (module, path, text) in files() {
        assert!(module == "kernels" || !code(&text).contains("unsafe "), "{}", path.display());
    }
}

#[test]
fn unsafe_blocks_are_counted_where_the_docs_of_kernels_explain_them() {
    let kernels = source().join("kernels");
    let blocks = |text: &str| code(text).matches("unsafe {").count();
    let mut found = BTreeMap::new();
    for (_, path, text) in files() {
        if let (Ok(file), count @ 1..) = (path.strip_prefix(&kernels), blocks(&text)) {
            found.insert(file.display().to_string(), count);
        }
    }
    let docs = fs::read_to_string(kernels.join("mod.rs")).expect("kernels");
    let rows = docs.lines().filter_map(|line| line.strip_prefix("//! | `")?.split_once("` | "));
    let counts = rows.filter_map(|(file, rest)| Some((file.to_owned(), rest.split(' ').next()?.parse().ok()?)));
    assert_eq!(counts.collect::<BTreeMap<String, usize>>(), found);
}

#[test]
fn there_is_no_build_script() {
    let root = source().parent().expect("the repository").to_path_buf();
    let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("a manifest");
    assert!(!root.join("build.rs").exists() && !manifest.contains("build ="), "a build would run code of ours");
}

#[test]
fn a_module_is_as_deep_as_its_path() {
    assert_eq!(depth(&source().join("train.rs")), 1);
    assert_eq!(depth(&source().join("nn/mod.rs")), 1);
    assert_eq!(depth(&source().join("nn/op/dense.rs")), 3);
}

/// What each hunk of a patch finds before it changes it, by file.
fn hunks(patch: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut file = "";
    for line in patch.lines().filter(|line| !line.starts_with('#')) {
        if let Some(path) = line.strip_prefix("--- a/") {
            file = path;
        } else if line.starts_with("@@") {
            found.push((file.to_owned(), String::new()));
        } else if let (Some((_, before)), Some(kept)) =
            (found.last_mut(), line.strip_prefix(' ').or_else(|| line.strip_prefix('-')))
            && !line.starts_with("---")
        {
            before.push_str(kept);
            before.push('\n');
        }
    }
    found
}

#[test]
fn the_patches_of_mutants_fit_the_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for entry in fs::read_dir(root.join("tests/mutants")).expect("the mutants") {
        let path = entry.expect("an entry").path();
        let hunks = hunks(&fs::read_to_string(&path).expect("a patch"));
        assert!(!hunks.is_empty(), "{} changes something", path.display());
        for (file, before) in hunks {
            let text = fs::read_to_string(root.join(&file)).expect("the file that is changed");
            assert!(text.contains(&before), "{} does not fit {file} any more:\n{before}", path.display());
            count += 1;
        }
    }
    assert!(count > 8, "{count} hunks of eight mutants or more");
}

#[test]
fn files_and_functions_that_documents_name_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = fs::read_dir(root.join("src/guide")).expect("the guide").map(|entry| entry.expect("an entry").path());
    let pages = pages.filter(|path| path.extension().is_some_and(|e| e == "md"));
    let mut count = 0;
    for page in pages.chain(["README.md", "CONTRIBUTING.md"].map(|name| root.join(name))) {
        let text = fs::read_to_string(&page).expect("a document");
        let words = text.split('`').skip(1).step_by(2).map(|word| word.split_whitespace().collect::<String>());
        for word in words {
            let below = ["src/", "tests/", "configs/", "benches/"];
            let is_named =
                below.iter().any(|folder| word.starts_with(folder)) && !word.contains(['*', '<', '{', '.', ':']);
            let is_code = Path::new(&word).extension().is_some_and(|e| e == "rs") && !word.contains("tests/");
            let file = if is_code {
                root.join("src").join(word.trim_start_matches("src/"))
            } else if is_named {
                root.join(&word)
            } else {
                continue;
            };
            assert!(file.exists(), "{} names {word}", page.display());
            count += 1;
        }
        // `file.rs`: `function`, where the document walks through the code.
        for walk in text.split(".rs`: `").collect::<Vec<_>>().windows(2) {
            let path = walk[0].rsplit('`').next().expect("a path");
            let name = walk[1].split('`').next().expect("a name").rsplit("::").next().expect("a function");
            let code = fs::read_to_string(root.join("src").join(format!("{path}.rs"))).expect("a file that is named");
            assert!(code.contains(&format!("fn {name}")), "{}: {path}.rs has no function {name}", page.display());
            count += 1;
        }
    }
    assert!(count > 40, "{count} files and functions are named");
}
