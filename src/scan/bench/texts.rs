//! Honest texts of eight kinds, put together from sentences and lines with changing names and numbers. Made up; the same
//! in every run.

/// A text of the kind with this number, `bytes` long or a character less. Two numbers give two orders of its parts.
pub(super) fn of(kind: usize, number: u32, bytes: usize) -> String {
    let parts = match PARTS.get(kind).copied().unwrap_or_default() {
        // A file is in one language.
        [] => CODE.get(number as usize % CODE.len()).copied().unwrap_or_default(),
        parts => parts,
    };
    let mut dice = Dice(u64::from(number) * 8 + kind as u64 + 1);
    let mut out = String::with_capacity(bytes + 256);
    while out.len() < bytes {
        let part = parts.get(dice.below(parts.len())).copied().unwrap_or(" ");
        fill(part, &mut dice, &mut out);
    }
    out.truncate(out.floor_char_boundary(bytes));
    out
}

/// A generator of numbers that need not be random: a linear congruence.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % limit.max(1)
    }
}

/// Writes a part with `¤` made a digit and `§` a name.
fn fill(part: &str, dice: &mut Dice, out: &mut String) {
    for c in part.chars() {
        match c {
            '¤' => out.push(char::from(b'0' + u8::try_from(dice.below(10)).unwrap_or_default())),
            '§' => out.push_str(NAMES.get(dice.below(NAMES.len())).copied().unwrap_or_default()),
            c => out.push(c),
        }
    }
}

const NAMES: [&str; 12] = [
    "Anna",
    "harbour",
    "Miller",
    "report",
    "Okafor",
    "ledger",
    "Lindqvist",
    "parser",
    "Tanaka",
    "garden",
    "index",
    "Duarte",
];

const PARTS: [&[&str]; 8] = [PROSE, OTHER, MAIL, README, &[], LOG, JSON, HELP];

const PROSE: &[&str] = &[
    "The meeting about the § was moved to the second week of May, because half of those who had to decide were away. ",
    "Nobody had expected the § to grow as quickly as it did, and for a while it looked as if there would not be room for all of it. ",
    "When the rain stopped they went down to the river, where the boats of the § club lay upside down in the grass. ",
    "It is easy to see why the older method was kept for so long: it asked for little, and it broke in ways that everybody knew. ",
    "She had read the letter twice before she noticed that the date was wrong by ¤¤ years. ",
    "In the end the committee agreed on three things, none of which was the one that they had come together for.\n\n",
    "Of the ¤¤ houses on the street only four have gardens that can be seen from the road. ",
    "What follows is a short account of how the § was built, who paid for it, and why it was never used. ",
    "Most of the cost lies in moving the stones, so it pays to choose the quarry first and the shape afterwards. ",
    "He promised to send the rest of the chapters before the summer, and this time he kept his word. ",
    "A good summary says what was decided, who will do it, and by when; everything else can be left out. ",
    "There are two schools of thought about the §, and they have not spoken to each other since 19¤¤.\n\n",
];

const OTHER: &[&str] = &[
    "Die Sitzung wurde auf den ¤¤. Mai verschoben, weil die Hälfte der Beteiligten verreist war. ",
    "Bitte prüfen Sie bis Freitag, ob die Zahlen im Anhang stimmen, und geben Sie uns kurz Bescheid. ",
    "La réunion de lundi est reportée à la semaine prochaine, faute de salle disponible au deuxième étage. ",
    "Nous avons reçu votre dossier et nous vous répondrons avant la fin du mois de juin. ",
    "El informe del año pasado tenía ¤¤ páginas; este año bastará con la mitad.\n",
    "会议改到下周二下午三点，请大家提前准备好各部门的数据。",
    "この資料は来週までに確認して、修正点があれば連絡してください。",
    "Отчёт за прошлый год занял ¤¤ страниц, в этом году хватит и половины. ",
    "تم تأجيل الاجتماع إلى الأسبوع القادم بسبب سفر نصف المشاركين.\n",
    "कृपया शुक्रवार तक संलग्न आँकड़ों की जाँच कर लें।\n",
];

const MAIL: &[&str] = &[
    "From: § <office@example.org>\nTo: team@example.org\nDate: Tue, 1¤ May 2026 0¤:¤¤:¤¤ +0200\nSubject: Re: the § of this quarter\n\n",
    "Hello everybody,\n\nattached is the list for the §. Please have a look at rows ¤¤ to ¤¤ and tell me what is missing.\n\n",
    "> On Monday § wrote:\n> could you move the call to the afternoon? The room is taken until two.\n\n",
    "Yes, that works. I will bring the printed copies and the key of the store room.\n\n",
    "The invoice ¤¤¤¤¤ over ¤¤¤.¤¤ EUR is due on the ¤¤th; our account has not changed.\n\n",
    "Best regards,\n§ §\nAccounts, 2nd floor\nTel. +49 30 901820-¤¤\n\n",
    "P.S. The coffee machine on the third floor is broken again; somebody comes on Thursday.\n\n",
];

const README: &[&str] = &[
    "# §\n\n[![crate](https://img.shields.io/crates/v/§.svg)](https://packages.example/crates/§)\n[![docs](https://docs.rs/§/badge.svg)](https://docs.rs/§)\n\n",
    "A small library that reads § files and writes them back without losing comments.\n\n",
    "## Installation\n\n```toml\n[dependencies]\n§ = \"0.¤.¤\"\n```\n\n",
    "## Usage\n\n```rust\nlet file = §::open(\"data.txt\")?;\nfor row in file.rows() {\n    println!(\"{}\", row?);\n}\n```\n\n",
    "| option | default | what it does |\n|---|---|---|\n| `depth` | ¤¤ | how deep folders are read |\n| `strict` | no | stop at the first fault |\n\n",
    "See the [guide](https://example.com/§/guide) and the [change log](CHANGELOG.md) for what is new in 0.¤.\n\n",
    "- [x] reads lines longer than ¤¤ KB\n- [ ] writes compressed files\n- [ ] watches a folder\n\n",
    "Licensed under either of Apache License, Version 2.0 or MIT license at your option.\n\n",
];

const CODE: [&[&str]; 3] = [RUST, PYTHON, SCRIPT];

const RUST: &[&str] = &[
    "fn §_total(rows: &[Row]) -> Result<u64, Fault> {\n    let mut sum = 0;\n    for row in rows.iter().filter(|row| row.kind == ¤¤) {\n        sum += row.amount.checked_mul(¤).ok_or(Fault::Overflow)?;\n    }\n    Ok(sum)\n}\n\n",
    "#[derive(Debug, Clone, PartialEq)]\npub struct §Row {\n    /// Which.\n    pub id: u32,\n    /// How much, in cents.\n    pub amount: u64,\n}\n\n",
    "/// Where a name stands.\nfn §_place(name: &str) -> Result<usize, Unknown> {\n    // The table is small, so a linear search is the fastest.\n    match TABLE.iter().position(|known| known == name) {\n        Some(at) => Ok(at + ¤¤),\n        None => Err(Unknown(name.to_owned())),\n    }\n}\n\n",
    "impl Display for §Row {\n    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {\n        write!(f, \"{} at {}\", self.id, self.amount)\n    }\n}\n\n",
];

const PYTHON: &[&str] = &[
    "def load_§(path, limit=¤¤¤):\n    \"\"\"Reads at most `limit` rows.\"\"\"\n    rows = []\n    with open(path, encoding=\"utf-8\") as source:\n        for n, line in enumerate(source):\n            if n >= limit:\n                break\n            rows.append(line.rstrip(\"\\n\").split(\",\"))\n    return rows\n\n",
    "class §Test(unittest.TestCase):\n    def test_rows_are_counted(self):\n        self.assertEqual(count([\"a\", \"b\"]), ¤¤)\n        self.assertRaises(ValueError, count, None)\n\n",
    "@dataclass\nclass §:\n    name: str\n    amount: float = ¤¤.0\n\n    def total(self, rate):\n        return round(self.amount * (1 + rate), 2)\n\n",
    "parser.add_argument(\"--§\", type=int, default=¤¤, help=\"how many rows are read\")\nargs = parser.parse_args()\nlogging.info(\"reading %s\", args.§)\n\n",
];

const SCRIPT: &[&str] = &[
    "export function §Label(item, locale = \"en\") {\n  const parts = [item.name, item.count ?? ¤¤];\n  return parts.filter(Boolean).map((part) => String(part).trim()).join(\" · \");\n}\n\n",
    "const § = new Map([[\"first\", ¤], [\"second\", ¤¤]]);\nfor (const [name, value] of §) {\n  console.log(`${name}: ${value}`);\n}\n\n",
    "describe(\"§\", () => {\n  it(\"counts rows\", async () => {\n    const rows = await load(\"rows.csv\");\n    expect(rows).toHaveLength(¤¤);\n  });\n});\n\n",
    "router.get(\"/§/:id\", async (request, response) => {\n  const row = await store.find(Number(request.params.id));\n  if (!row) return response.status(404).end();\n  response.json({ id: row.id, name: row.name });\n});\n\n",
];

const LOG: &[&str] = &[
    "2026-05-1¤T0¤:¤¤:¤¤.¤¤¤Z INFO  server::accept: connection from 10.0.¤.¤¤:5¤¤¤¤ took ¤¤ ms\n",
    "2026-05-1¤T0¤:¤¤:¤¤.¤¤¤Z DEBUG pool: ¤¤ of ¤¤ workers idle, queue empty\n",
    "2026-05-1¤T0¤:¤¤:¤¤.¤¤¤Z WARN  store: slow commit, ¤¤¤ ms for ¤¤ rows (run 7f3a¤¤c¤-¤¤¤¤-4¤d¤-9a¤¤-0¤¤¤¤¤e4b7c¤)\n",
    "10.0.¤.¤¤ - - [1¤/May/2026:0¤:¤¤:¤¤ +0000] \"GET /static/§.css HTTP/1.1\" 200 ¤¤¤¤¤ \"-\" \"Mozilla/5.0 (X11; Linux x86_64)\"\n",
    "May 1¤ 0¤:¤¤:¤¤ host systemd[1]: Started §.service - rotates the files of the §.\n",
    "    at Object.§ (/app/dist/index.js:¤¤¤:¤¤)\n",
    "[  ¤¤%] Building CXX object src/CMakeFiles/§.dir/§.cpp.o\n",
];

const JSON: &[&str] = &[
    "{\"id\": ¤¤¤¤, \"name\": \"§\", \"tags\": [\"§\", \"§\"], \"amount\": ¤¤¤.¤¤, \"paid\": true, \"due\": \"2026-0¤-1¤\"},\n",
    "{\"id\": ¤¤¤¤, \"name\": \"§\", \"address\": {\"street\": \"§ Street ¤¤\", \"city\": \"§\", \"zip\": \"¤¤¤¤¤\"}, \"notes\": null},\n",
    "{\"event\": \"§.updated\", \"at\": \"2026-05-1¤T0¤:¤¤:¤¤Z\", \"by\": \"§\", \"fields\": [\"title\", \"state\"]},\n",
    "{\"version\": \"1.¤¤.¤\", \"resolved\": \"https://packages.example/§-1.¤¤.¤.tgz\", \"engines\": {\"node\": \">=1¤\"}},\n",
];

const HELP: &[&str] = &[
    "Usage: § [OPTIONS] <FILE>...\n\nReads files and prints what changed since the last run.\n\n",
    "Options:\n  -n, --lines <N>      print at most N lines [default: ¤¤]\n  -r, --recursive      read folders too\n  -q, --quiet          print names only\n",
    "  -o, --output <PATH>  write to PATH instead of standard output\n      --no-color       never use colours\n  -h, --help           print help\n\n",
    "Examples:\n  § -n ¤¤ notes.txt\n  find . -name '*.md' | xargs § --quiet\n  § --output changes.txt src/*.rs\n\n",
    "Exit status is 0 when nothing changed, 1 when something did, and 2 for wrong use.\n\n",
    "ENVIRONMENT\n       PAGER   the program that shows long output, such as less\n       LANG    the language of messages\n\n",
];
