//! The page of two results folders: how they differ in text, and the figures of both.

use maud::{DOCTYPE, PreEscaped, html};

use crate::report::figure::Figure;

/// What every such page begins with, and nothing else does.
pub const DIFFERENCE_PAGE_BEGINS: &str = "<!DOCTYPE html><html lang=\"en\" class=\"vgrun-diff\">";

/// The page's text; `text` is what `vgrun diff` prints.
pub fn difference_page([old, new]: &[String; 2], text: &str, figures: &[Figure]) -> String {
    html! {
        (DOCTYPE)
        html lang="en" class="vgrun-diff" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
                title { (old) " and " (new) ": gradients" }
                style { (PreEscaped(include_str!("report.css"))) }
            }
            body {
                header { h1 { (old) " \u{2192} " (new) } }
                main {
                    pre tabindex="0" style="white-space: pre; overflow-x: auto" { (text.trim_end()) }
                    @if figures.is_empty() {
                        p.note { "The nets have one hidden layer, so there is no profile to draw." }
                    }
                    @for figure in figures { figure { (PreEscaped(&figure.svg)) } }
                }
            }
        }
    }
    .into_string()
}
