//! Tells the linker where libseverity is: in the folder that SEVERITY_DIST names, by default dist of this repository.

use std::{env, path::PathBuf};

fn main() {
    println!("cargo:rerun-if-env-changed=SEVERITY_DIST");
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let dist = env::var_os("SEVERITY_DIST").map_or_else(|| manifest.join("../../dist"), PathBuf::from);
    let dist = dist.canonicalize().unwrap_or_else(|e| panic!("{}: {e}; ../../build.sh makes it, or set SEVERITY_DIST", dist.display()));
    println!("cargo:rustc-link-search=native={}", dist.display());
    println!("cargo:rustc-link-arg=-Wl,-rpath,{}", dist.display());
}
