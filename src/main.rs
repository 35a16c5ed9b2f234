//! The binary: hands its arguments to [`vgrun::cli`] and ends with the code it returns.

fn main() -> std::process::ExitCode {
    vgrun::cli::main(std::env::args_os())
}
