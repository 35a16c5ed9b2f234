//! Tables: stored records and what analysis says of them, as rows and columns for readers.
//!
//! [`rebuild()`] writes all tables of a plan and their description, `datapackage.json`; [`export()`] copies them for
//! spreadsheets; [`fields()`] describes their columns. Reads records through [`crate::store`] alone. Must not know how a run
//! is trained or how anything is drawn.
//!
//! | where | what |
//! |---|---|
//! | `field`, `cell` | the description of a column, and the value of a cell as text |
//! | `rows`, `headline` | rows as plain values, and the numbers of a run that summary.csv takes statistics of |
//! | `columns`, `summary`, `effect_row`, `axes`, `fields` | the columns of every table |
//! | `table_rows`, `table_files` | rows as CSV text, and the files that they go to |
//! | `stored_run`, `in_order` | a record with what analysis says of it, and all of a plan in order on all cores |
//! | `cell_rows`, `effects` | what is told of several runs: cells over their seeds, and axes |
//! | `rebuild`, `package` | all tables of a plan, and their description for programs |
//! | `export`, `spreadsheet_cell` | copies for spreadsheets with decimal commas |

mod axes;
mod cell;
mod cell_rows;
mod columns;
mod effect_row;
mod effects;
mod export;
mod field;
mod fields;
mod headline;
mod in_order;
mod package;
mod rebuild;
mod rows;
mod spreadsheet_cell;
mod stored_run;
mod summary;
mod table_files;
mod table_rows;

pub use cell::text_cell;
pub use effects::{MainEffect, SavingChange};
pub use export::{ExportError, TableCopy, export};
pub use field::{Field, FieldKind};
pub use fields::fields;
pub use rebuild::{Overview, rebuild};
pub use summary::statistics;
