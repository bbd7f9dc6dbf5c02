-- Quantities and money are canonical decimal text, times are microseconds since 1970 (UTC), dates are text,
-- truth is 0 or 1. The same tables stand in the other engine's folder; a test compares them.

-- A tenant. Every other table's key begins with it.
CREATE TABLE msp (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    added_at INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;

-- Which keys of the key file sealed anything here, each with a sealed word to know it by. The one table
-- that belongs to no MSP: the key file is the whole installations.
CREATE TABLE sealing_key (
    id TEXT NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- The last number given out, for ids and sequences without gaps.
CREATE TABLE counter (
    msp INTEGER NOT NULL REFERENCES msp (id),
    name TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (msp, name)
) STRICT, WITHOUT ROWID;

-- An MSP's way into ConnectWise. id grows when the URL or the company changes: what was learnt under
-- another id no longer counts.
CREATE TABLE connection (
    msp INTEGER NOT NULL REFERENCES msp (id),
    id INTEGER NOT NULL,
    url TEXT NOT NULL,
    company TEXT NOT NULL,
    public_key TEXT NOT NULL,
    client_id TEXT,
    codebase TEXT,
    rights TEXT NOT NULL,
    tested_at INTEGER NOT NULL,
    accepted_by TEXT,
    accepted_at INTEGER,
    set_by TEXT NOT NULL,
    set_at INTEGER NOT NULL,
    first_sync_done INTEGER NOT NULL,
    PRIMARY KEY (msp)
) STRICT, WITHOUT ROWID;

-- Sealed by a key of the key file, bound to its MSP and field.
CREATE TABLE secret (
    msp INTEGER NOT NULL REFERENCES msp (id),
    field TEXT NOT NULL,
    key_id TEXT NOT NULL,
    nonce TEXT NOT NULL,
    sealed TEXT NOT NULL,
    set_by TEXT NOT NULL,
    set_at INTEGER NOT NULL,
    PRIMARY KEY (msp, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE account (
    msp INTEGER NOT NULL REFERENCES msp (id),
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    external_id TEXT,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (msp, id),
    UNIQUE (msp, name),
    UNIQUE (msp, external_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE product (
    msp INTEGER NOT NULL REFERENCES msp (id),
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    external_id TEXT,
    unit TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (msp, id),
    UNIQUE (msp, name),
    UNIQUE (msp, external_id)
) STRICT, WITHOUT ROWID;

-- One import.
CREATE TABLE batch (
    msp INTEGER NOT NULL REFERENCES msp (id),
    id INTEGER NOT NULL,
    source TEXT NOT NULL,
    complete INTEGER NOT NULL,
    file_hash TEXT NOT NULL,
    file_name TEXT NOT NULL,
    rows INTEGER NOT NULL,
    samples_new INTEGER NOT NULL,
    samples_equal INTEGER NOT NULL,
    samples_corrected INTEGER NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (msp, id)
) STRICT, WITHOUT ROWID;

-- Which sources ever measured a pair: one row where sample has thousands.
CREATE TABLE feed (
    msp INTEGER NOT NULL REFERENCES msp (id),
    account INTEGER NOT NULL,
    product INTEGER NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (msp, account, product, source)
) STRICT, WITHOUT ROWID;

-- seq rises with every new sample of an MSP; a correction keeps it.
CREATE TABLE sample (
    msp INTEGER NOT NULL REFERENCES msp (id),
    account INTEGER NOT NULL,
    product INTEGER NOT NULL,
    source TEXT NOT NULL,
    measured_at INTEGER NOT NULL,
    quantity TEXT NOT NULL,
    unit TEXT NOT NULL,
    class TEXT NOT NULL,
    seq INTEGER NOT NULL,
    batch INTEGER NOT NULL,
    PRIMARY KEY (msp, account, product, source, measured_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE quota (
    msp INTEGER NOT NULL REFERENCES msp (id),
    account INTEGER NOT NULL,
    product INTEGER NOT NULL,
    size TEXT NOT NULL,
    unit TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (msp, account, product)
) STRICT, WITHOUT ROWID;

-- company NULL: ignored by a person.
CREATE TABLE account_link (
    msp INTEGER NOT NULL REFERENCES msp (id),
    account INTEGER NOT NULL,
    company INTEGER,
    linked_by TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (msp, account),
    FOREIGN KEY (msp, account) REFERENCES account (msp, id)
) STRICT, WITHOUT ROWID;

-- item NULL: ignored by a person.
CREATE TABLE product_link (
    msp INTEGER NOT NULL REFERENCES msp (id),
    product INTEGER NOT NULL,
    item INTEGER,
    unit TEXT,
    unit_size TEXT,
    unit_trusted INTEGER NOT NULL,
    linked_by TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (msp, product),
    FOREIGN KEY (msp, product) REFERENCES product (msp, id)
) STRICT, WITHOUT ROWID;

-- Pairs that a person took apart: never linked automatically again.
CREATE TABLE rejected_account (
    msp INTEGER NOT NULL REFERENCES msp (id),
    account INTEGER NOT NULL,
    company INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (msp, account, company)
) STRICT, WITHOUT ROWID;

CREATE TABLE rejected_product (
    msp INTEGER NOT NULL REFERENCES msp (id),
    product INTEGER NOT NULL,
    item INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (msp, product, item)
) STRICT, WITHOUT ROWID;

CREATE TABLE pin (
    msp INTEGER NOT NULL REFERENCES msp (id),
    account INTEGER NOT NULL,
    product INTEGER NOT NULL,
    addition INTEGER NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (msp, account, product)
) STRICT, WITHOUT ROWID;

-- product and account are 0 where the setting is not theirs.
CREATE TABLE setting (
    msp INTEGER NOT NULL REFERENCES msp (id),
    name TEXT NOT NULL,
    product INTEGER NOT NULL,
    account INTEGER NOT NULL,
    value TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (msp, name, product, account)
) STRICT, WITHOUT ROWID;

-- Generations. A row of the four tables below is in generation g when since <= g and (until is NULL or until > g).
CREATE TABLE mirror (
    msp INTEGER NOT NULL REFERENCES msp (id),
    id INTEGER NOT NULL,
    connection INTEGER NOT NULL,
    run INTEGER NOT NULL,
    pulled_at INTEGER NOT NULL,
    refreshed_at INTEGER NOT NULL,
    items_from TEXT NOT NULL,
    additions_read_at INTEGER,
    PRIMARY KEY (msp, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE company (
    msp INTEGER NOT NULL REFERENCES msp (id),
    id INTEGER NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    digest TEXT NOT NULL,
    identifier TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT,
    deleted INTEGER NOT NULL,
    types TEXT NOT NULL,
    parent INTEGER,
    PRIMARY KEY (msp, id, since)
) STRICT, WITHOUT ROWID;

CREATE TABLE item (
    msp INTEGER NOT NULL REFERENCES msp (id),
    id INTEGER NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    digest TEXT NOT NULL,
    identifier TEXT NOT NULL,
    description TEXT NOT NULL,
    inactive INTEGER NOT NULL,
    class TEXT,
    unit_of_measure TEXT,
    price TEXT,
    PRIMARY KEY (msp, id, since)
) STRICT, WITHOUT ROWID;

CREATE TABLE agreement (
    msp INTEGER NOT NULL REFERENCES msp (id),
    id INTEGER NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    digest TEXT NOT NULL,
    name TEXT NOT NULL,
    agreement_type TEXT,
    company INTEGER NOT NULL,
    company_name TEXT NOT NULL,
    parent INTEGER,
    starts TEXT,
    ends TEXT,
    no_ending_date INTEGER NOT NULL,
    cancelled INTEGER NOT NULL,
    cancelled_on TEXT,
    status TEXT,
    billing_cycle TEXT,
    next_invoice TEXT,
    currency TEXT,
    PRIMARY KEY (msp, id, since)
) STRICT, WITHOUT ROWID;

CREATE TABLE addition (
    msp INTEGER NOT NULL REFERENCES msp (id),
    id INTEGER NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    digest TEXT NOT NULL,
    agreement INTEGER NOT NULL,
    item INTEGER NOT NULL,
    item_identifier TEXT NOT NULL,
    description TEXT NOT NULL,
    quantity TEXT,
    less_included TEXT,
    billed_quantity TEXT,
    unit_price TEXT,
    unit_cost TEXT,
    bill_customer TEXT NOT NULL,
    effective TEXT,
    cancelled TEXT,
    unit_of_measure TEXT,
    updated_by TEXT,
    updated_at INTEGER,
    read_at INTEGER NOT NULL,
    PRIMARY KEY (msp, id, since)
) STRICT, WITHOUT ROWID;
