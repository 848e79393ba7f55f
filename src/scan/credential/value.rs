//! What a value looks like: how random, and whether it only stands in for a secret.

/// Shannon entropy in bits per byte.
pub(super) fn entropy(value: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    for byte in value {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let len = value.len() as f64;
    let of = |count: &u32| {
        let share = f64::from(*count) / len;
        -share * share.log2()
    };
    counts.iter().filter(|count| **count > 0).map(of).sum()
}

/// Words that no real key contains, however it is written.
const STANDS_IN: &[&str] = &[
    "example",
    "xxxx",
    "placeholder",
    "redacted",
    "changeme",
    "change_me",
    "change-me",
    "replace",
    "insert",
    "****",
    "....",
    "dummy",
    "sample",
    "fixme",
    "todo",
    "your_",
    "your-",
    "<your",
    "my_",
    "my-",
    "fake",
    "abcdefgh",
    "12345678",
    "23456789",
    "deadbeef",
    "98765432",
    "qwerty",
    "loremipsum",
    "notareal",
    "not-a-real",
    "not_a_real",
    "goeshere",
    "goes-here",
    "goes_here",
];

/// Whether a value stands in for a secret: an example, a blank, a run of one character. Keys of some providers have
/// runs of `A`, which is zero in base64.
pub(super) fn is_stand_in(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    STANDS_IN.iter().any(|word| lower.contains(word)) || longest_run(lower.as_bytes()) >= 5
}

fn longest_run(bytes: &[u8]) -> usize {
    let (mut longest, mut run, mut last) = (0, 0, None);
    for byte in bytes {
        run = if last == Some(byte) && *byte != b'a' { run + 1 } else { 1 };
        last = Some(byte);
        longest = longest.max(run);
    }
    longest
}

/// What documents write for a password, and brokers and databases come with: the letters of it, in small.
const COMMON: &str = "password passwd passw pass passwort psswrd psw pwd pw secret token key apikey test testing admin root user \
     username foo bar baz foobar guest default none null nil true false string value hunter abc demo login postgres mysql redis \
     undefined empty optional required bearer basic hello helloworld somepassword supersecret mypassword mysecret topsecret \
     rabbitmq minio minioadmin letmein";

/// Whether a value is what documents write for a password: `password123`, `test`, `123456`.
pub(super) fn is_common(value: &str) -> bool {
    let letters: String = value.chars().filter(char::is_ascii_alphabetic).collect();
    let lower = letters.to_ascii_lowercase();
    COMMON.split(' ').any(|word| word == lower) || is_counting(value)
}

/// Digits in order, such as `123456`, or a few of one kind.
fn is_counting(value: &str) -> bool {
    let bytes = value.as_bytes();
    bytes.iter().all(u8::is_ascii_digit)
        && bytes
            .windows(2)
            .all(|pair| matches!(pair, [a, b] if *b == a + 1 || b == a || (*a == b'9' && *b == b'0')))
}

/// Whether a value is code or a template that makes one, and not one itself. Without quotes, more signs are a language's:
/// anchors, comments, options.
pub(super) fn is_reference(value: &str, quoted: bool) -> bool {
    let opens = ["$", "%", "<", "{", "[", "(", "/", "./", "~/", "\\"];
    let bare = ["@", "#", "&", "*", "!", "|", "-", "_", "="];
    let holds = [
        "${", "{{", "$(", "%(", "#{", "<%", "env.", "environ", "getenv", "://", "::", "->", "()", "{}", "%s",
    ];
    opens.iter().any(|open| value.starts_with(open))
        || !quoted && bare.iter().any(|open| value.starts_with(open))
        || holds.iter().any(|part| value.contains(part))
}

/// Whether a value is made of words and numbers, as a name is: `aes-256-gcm`, `user.password`, `loginForm`.
pub(super) fn is_name(value: &str) -> bool {
    let parts: Vec<&str> =
        value.split(['-', '_', '.', '/', ':', ' ']).filter(|part| !part.is_empty()).collect();
    let lettered = value.bytes().all(|b| b.is_ascii_alphabetic() || b"-_.".contains(&b));
    (parts.len() > 1 || lettered) && !parts.is_empty() && parts.iter().all(|part| is_word(part))
}

/// Whether a part of a name is a word, a short number, or a word with one at its end. Words change from small to capital
/// letters rarely; random letters do so all the time.
fn is_word(part: &str) -> bool {
    let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = part.len() - letters.len();
    let pairs = letters.as_bytes().windows(2);
    let changes =
        pairs.filter(|p| matches!(p, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase())).count();
    let most = if letters.is_empty() { 4 } else { 3 };
    letters.bytes().all(|b| b.is_ascii_alphabetic()) && digits <= most && changes * 4 <= letters.len()
}

/// Whether a value is hexadecimal, as digests and commit ids are.
pub(super) fn is_hex(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Whether a value is a UUID.
pub(super) fn is_uuid(value: &str) -> bool {
    let lens = value.split('-').map(str::len);
    lens.eq([8, 4, 4, 4, 12]) && value.split('-').all(is_hex)
}

/// Whether a value has both a letter and a digit.
pub(super) fn is_mixed(value: &str) -> bool {
    value.bytes().any(|b| b.is_ascii_digit()) && value.bytes().any(|b| b.is_ascii_alphabetic())
}

/// Marks of a line that holds digests: lock files, manifests, checksums.
const DIGESTS: &[&str] = &[
    "integrity",
    "checksum",
    "sha512",
    "sha384",
    "sha256",
    "sha1",
    "sha-",
    "md5",
    "blake",
    "digest",
    "fingerprint",
    "commit",
    "revision",
    "resolved",
    "h1:",
];

/// Whether a line is about digests.
pub(super) fn is_digest_line(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    DIGESTS.iter().any(|mark| lower.contains(mark))
}
