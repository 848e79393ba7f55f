//! The shipped example: an inbox, the playbook that works on it, and the policies that ship.

/// The documents, by their path in the workspace.
pub const INBOX: &[(&str, &str)] = &[
    (
        "inbox/invoice-bellrose-catering.txt",
        include_str!("../../../examples/inbox/invoice-bellrose-catering.txt"),
    ),
    ("inbox/invoice-harbour-paper.txt", include_str!("../../../examples/inbox/invoice-harbour-paper.txt")),
    ("inbox/invoice-kestrel-hosting.md", include_str!("../../../examples/inbox/invoice-kestrel-hosting.md")),
    ("inbox/invoice-meridian-print.txt", include_str!("../../../examples/inbox/invoice-meridian-print.txt")),
    ("inbox/invoice-north-quay.md", include_str!("../../../examples/inbox/invoice-north-quay.md")),
    ("inbox/invoice-solis-cleaning.md", include_str!("../../../examples/inbox/invoice-solis-cleaning.md")),
    ("inbox/note-alarm.txt", include_str!("../../../examples/inbox/note-alarm.txt")),
    ("inbox/note-offsite.md", include_str!("../../../examples/inbox/note-offsite.md")),
    ("inbox/reminder-library.txt", include_str!("../../../examples/inbox/reminder-library.txt")),
];

/// The policies that ship.
pub const POLICIES: &[(&str, &str)] = &[
    ("command.cedar", include_str!("../../../policies/command.cedar")),
    ("flow.cedar", include_str!("../../../policies/flow.cedar")),
    ("paths.cedar", include_str!("../../../policies/paths.cedar")),
    ("plan.cedar", include_str!("../../../policies/plan.cedar")),
    ("read.cedar", include_str!("../../../policies/read.cedar")),
    ("screen.cedar", include_str!("../../../policies/screen.cedar")),
    ("write.cedar", include_str!("../../../policies/write.cedar")),
];

/// The playbook.
pub const PLAYBOOK: &str = include_str!("../../../policies/playbooks/invoices.py");

/// Its header.
pub const PLAYBOOK_HEADER: &str = include_str!("../../../policies/playbooks/invoices.toml");

#[cfg(test)]
mod tests;
