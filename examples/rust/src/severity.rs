//! libseverity for Rust, with nothing but the standard library. Research only, not for medical use.
//!
//! What is not here is one declaration away: severity.h has the contract of each function.

use std::{
    ffi::{c_char, c_void, CStr, CString},
    fmt, mem,
    ptr::{self, NonNull},
};

/// severity_result; a new field goes to its end.
#[repr(C)]
#[derive(Clone, Debug, Default)]
pub struct Score {
    size: u32,
    pub warnings: u32,
    pub geographic_extent: f64,
    pub opacity: f64,
    pub geographic_extent_raw: f64,
    pub opacity_raw: f64,
    pub decode_ms: f64,
    pub preprocess_ms: f64,
    pub infer_ms: f64,
    pub interval_level: f64,
    pub geographic_extent_low: f64,
    pub geographic_extent_high: f64,
    pub opacity_low: f64,
    pub opacity_high: f64,
    pub domain_ratio: f64,
    pub domain_picture_ratio: f64,
    pub domain_feature_ratio: f64,
    pub domain_verdict: i32,
    pub domain_reason: i32,
    pub domain_contrast_ratio: f64,
}

/// severity_pixels
#[repr(C)]
struct Pixels {
    size: u32,
    format: i32,
    data: *const c_void,
    data_size: usize,
    width: i32,
    height: i32,
    stride: i64,
    max_value: i32,
    reserved: i32,
}

#[repr(C)]
struct Handle {
    _opaque: [u8; 0],
}

#[link(name = "severity")]
extern "C" {
    fn severity_last_error() -> *const c_char;
    fn severity_last_warnings() -> *const c_char;
    fn severity_status_name(status: i32) -> *const c_char;
    fn severity_create(options: *const c_void, engine: *mut *mut Handle) -> i32;
    fn severity_destroy(engine: *mut Handle) -> i32;
    fn severity_predict_file(engine: *mut Handle, path: *const c_char, result: *mut Score) -> i32;
    fn severity_predict_pixels(engine: *mut Handle, pixels: *const Pixels, result: *mut Score) -> i32;
}

/// What went wrong: the library's words, and the code's name, for example image_truncated.
#[derive(Debug)]
pub struct Error {
    pub name: String,
    pub message: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.name)
    }
}

impl std::error::Error for Error {}

fn text(of: *const c_char) -> String {
    if of.is_null() {
        return String::new();
    }
    // SAFETY: the library's texts end with a zero byte and stay until this thread's next call; they are copied here.
    unsafe { CStr::from_ptr(of) }.to_string_lossy().into_owned()
}

fn check(status: i32) -> Result<(), Error> {
    if status == 0 {
        return Ok(());
    }
    // SAFETY: both may be called at any time.
    let (name, message) = unsafe { (text(severity_status_name(status)), text(severity_last_error())) };
    Err(Error { name, message })
}

/// One model, ready to score. Any number of threads may share it.
pub struct Engine(NonNull<Handle>);

// SAFETY: severity.h says that any thread may call any function at the same time, with the same engine too.
unsafe impl Send for Engine {}
unsafe impl Sync for Engine {}

impl Engine {
    /// An engine with the built-in model.
    pub fn new() -> Result<Self, Error> {
        let mut engine = ptr::null_mut();
        // SAFETY: NULL options are the defaults; the engine is written before the call returns.
        check(unsafe { severity_create(ptr::null(), &mut engine) })?;
        Ok(Self(NonNull::new(engine).expect("a status of 0 comes with an engine")))
    }

    /// Scores an image file, and tells what is odd about it.
    pub fn predict(&self, path: &str) -> Result<(Score, Vec<String>), Error> {
        let path = CString::new(path).map_err(|e| Error { name: "invalid_argument".into(), message: e.to_string() })?;
        let mut score = Self::place();
        // SAFETY: the text ends with a zero byte, and the score says its size.
        check(unsafe { severity_predict_file(self.0.as_ptr(), path.as_ptr(), &mut score) })?;
        // SAFETY: it may be called at any time.
        let warnings = text(unsafe { severity_last_warnings() });
        Ok((score, warnings.lines().map(str::to_owned).collect()))
    }

    /// Scores gray pixels of 8 bits, row after row.
    pub fn predict_gray(&self, data: &[u8], width: u32, height: u32) -> Result<Score, Error> {
        let pixels = Pixels {
            size: mem::size_of::<Pixels>() as u32,
            format: 0,
            data: data.as_ptr().cast(),
            data_size: data.len(),
            width: width.try_into().unwrap_or(i32::MAX),
            height: height.try_into().unwrap_or(i32::MAX),
            stride: 0,
            max_value: 0,
            reserved: 0,
        };
        let mut score = Self::place();
        // SAFETY: the library checks the size against the length of data, which lives until the call returns.
        check(unsafe { severity_predict_pixels(self.0.as_ptr(), &pixels, &mut score) })?;
        Ok(score)
    }

    fn place() -> Score {
        Score { size: mem::size_of::<Score>() as u32, ..Score::default() }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // SAFETY: nobody has the handle any more.
        unsafe { severity_destroy(self.0.as_ptr()) };
    }
}
