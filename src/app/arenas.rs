//! How many heaps the C library's allocator keeps.

/// Most heaps at once. With glibc's default of eight a core, what hundreds of short-lived threads leave behind in each stays
/// resident, some 13 MB after the load of `scripts/bench-serve`. Two or four save most of it and cost a sixth of the tasks a
/// second, as threads then wait for each other; eight cost none.
const MOST: i32 = 8;

/// Keeps the allocator to [`MOST`] heaps. Call it before the first thread starts: a heap that exists stays.
#[cfg(target_env = "gnu")]
#[expect(unsafe_code, reason = "the allocator's settings have no safe door")]
pub(super) fn keep_few() {
    // It cannot fail for this setting; were it refused, more memory would stay resident and nothing else change.
    // SAFETY: `mallopt` reads two numbers and changes no memory that anybody holds; no other thread runs yet.
    let _set = unsafe { libc::mallopt(libc::M_ARENA_MAX, MOST) };
}

/// Other C libraries keep one heap, or none of their own.
#[cfg(not(target_env = "gnu"))]
pub(super) fn keep_few() {}
