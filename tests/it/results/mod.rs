//! What a sweep leaves: tables, verdicts, reports, copies.

mod cases;
mod export;
mod figure;
mod readers;
mod report;
mod reproduce;
mod verdict_quality;
mod verdicts;
