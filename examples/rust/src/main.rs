//! Scores chest X-rays with libseverity: image files as they are, and PGM files (P5, 8 bits) as raw pixels.
//! Research only, not for medical use.

mod severity;

use severity::{Engine, Error, Score};
use std::{env, fs, process::ExitCode};

/// A PGM file's width, height and pixels; None if it is not one of 8 bits whose white is 255.
fn read_pgm(bytes: &[u8]) -> Option<(u32, u32, &[u8])> {
    let mut rest = bytes;
    let mut fields = [0u32; 3];
    rest = rest.strip_prefix(b"P5")?;
    for field in &mut fields {
        let start = rest.iter().position(|b| !b.is_ascii_whitespace())?;
        let length = rest[start..].iter().position(|b| b.is_ascii_whitespace())?;
        *field = std::str::from_utf8(&rest[start..start + length]).ok()?.parse().ok()?;
        rest = &rest[start + length..];
    }
    (fields[2] == 255).then_some((fields[0], fields[1], rest.get(1..)?))
}

/// Scores a file; None where this program could not read it, and has said so.
fn score(engine: &Engine, path: &str) -> Option<Result<Score, Error>> {
    if !path.ends_with(".pgm") {
        return Some(engine.predict(path).map(|(score, warnings)| {
            for warning in warnings {
                eprintln!("score: warning: {warning}");
            }
            score
        }));
    }
    let bytes = fs::read(path).map_err(|e| eprintln!("score: {path}: {e}")).ok()?;
    let Some((width, height, pixels)) = read_pgm(&bytes) else {
        eprintln!("score: {path}: not a PGM file (P5) of 8 bits that can be read");
        return None;
    };
    Some(engine.predict_gray(pixels, width, height))
}

fn main() -> ExitCode {
    let engine = match Engine::new() {
        Ok(engine) => engine,
        Err(error) => {
            eprintln!("score: {error}");
            return ExitCode::from(2);
        }
    };
    let mut failed = false;
    for path in env::args().skip(1) {
        match score(&engine, &path) {
            Some(Ok(score)) => {
                println!("{path}: geographic extent {} of 8, opacity {} of 6", score.geographic_extent, score.opacity)
            }
            Some(Err(error)) => {
                eprintln!("score: {error}");
                failed = true;
            }
            None => failed = true,
        }
    }
    ExitCode::from(u8::from(failed))
}
