-- People sign in to the installation, and one of them may work for several MSPs. So the five tables of people
-- (person, person_role, login_link, session, login_failure) belong to no MSP; everything after them does.

-- What a page asks first: facts_version grows with whatever can change a plan, version with every write.
ALTER TABLE msp ADD COLUMN facts_version INTEGER NOT NULL DEFAULT 0;

ALTER TABLE run ADD COLUMN stop_asked_by TEXT;

-- A hard quota is enforced and never rises by itself.
ALTER TABLE quota ADD COLUMN hard INTEGER NOT NULL DEFAULT 0;

-- The e-mail address is kept in lower case. password is a PHC string; NULL while none was set.
CREATE TABLE person (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    email TEXT NOT NULL UNIQUE,
    password TEXT,
    added_at INTEGER NOT NULL
) STRICT;

-- msp 0: at every MSP, those to come among them.
CREATE TABLE person_role (
    person INTEGER NOT NULL REFERENCES person (id),
    msp INTEGER NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (person, msp)
) STRICT, WITHOUT ROWID;

-- Only the SHA-256 of a link's token is kept. person NULL: the link that sets an installation up.
CREATE TABLE login_link (
    hash TEXT NOT NULL,
    person INTEGER REFERENCES person (id),
    purpose TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (hash)
) STRICT, WITHOUT ROWID;

-- Only the SHA-256 of a cookie's token is kept.
CREATE TABLE session (
    hash TEXT NOT NULL,
    person INTEGER NOT NULL REFERENCES person (id),
    begun_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    agent TEXT NOT NULL,
    PRIMARY KEY (hash)
) STRICT, WITHOUT ROWID;

-- name is whatever is slowed down: an address, an account.
CREATE TABLE login_failure (
    name TEXT NOT NULL,
    at INTEGER NOT NULL,
    times INTEGER NOT NULL,
    PRIMARY KEY (name, at)
) STRICT, WITHOUT ROWID;

-- Only the SHA-256 of a token is kept.
CREATE TABLE token (
    msp INTEGER NOT NULL REFERENCES msp (id),
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    rights TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    used_at INTEGER,
    revoked_by TEXT,
    revoked_at INTEGER,
    PRIMARY KEY (msp, id)
) STRICT, WITHOUT ROWID;

-- What a request with an Idempotency-Key was answered.
CREATE TABLE remembered (
    msp INTEGER NOT NULL REFERENCES msp (id),
    token INTEGER NOT NULL,
    name TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (msp, token, name),
    FOREIGN KEY (msp, token) REFERENCES token (msp, id)
) STRICT, WITHOUT ROWID;

-- The next slot of each kind of run.
CREATE TABLE schedule (
    msp INTEGER NOT NULL REFERENCES msp (id),
    kind TEXT NOT NULL,
    slot TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    retry_at INTEGER,
    words TEXT NOT NULL,
    last_slot_at INTEGER,
    PRIMARY KEY (msp, kind)
) STRICT, WITHOUT ROWID;

-- Agreements that an Update was pushed to for the invoice of a date.
CREATE TABLE invoiced (
    msp INTEGER NOT NULL REFERENCES msp (id),
    connection INTEGER NOT NULL,
    agreement INTEGER NOT NULL,
    invoice TEXT NOT NULL,
    run INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (msp, connection, agreement, invoice)
) STRICT, WITHOUT ROWID;

-- One row a day, for curves: sums by currency and by product, as JSON objects of decimal text.
CREATE TABLE day (
    msp INTEGER NOT NULL REFERENCES msp (id),
    date TEXT NOT NULL,
    lines INTEGER NOT NULL,
    money_now TEXT NOT NULL,
    money_next TEXT NOT NULL,
    quantity TEXT NOT NULL,
    PRIMARY KEY (msp, date)
) STRICT, WITHOUT ROWID;

-- Every change of a quota, by a person, by a file or by itself. seq rises with every change of an MSP.
CREATE TABLE quota_change (
    msp INTEGER NOT NULL REFERENCES msp (id),
    account INTEGER NOT NULL,
    product INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    before TEXT,
    after TEXT,
    reason TEXT NOT NULL,
    PRIMARY KEY (msp, account, product, seq)
) STRICT, WITHOUT ROWID;

-- Folders that Hive watches for usage files. profile is JSON and the desk's own.
CREATE TABLE folder (
    msp INTEGER NOT NULL REFERENCES msp (id),
    id INTEGER NOT NULL,
    source TEXT NOT NULL,
    path TEXT NOT NULL,
    profile TEXT NOT NULL,
    complete INTEGER NOT NULL,
    active INTEGER NOT NULL,
    words TEXT NOT NULL,
    looked_at INTEGER,
    PRIMARY KEY (msp, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE folder_file (
    msp INTEGER NOT NULL REFERENCES msp (id),
    folder INTEGER NOT NULL,
    hash TEXT NOT NULL,
    name TEXT NOT NULL,
    at INTEGER NOT NULL,
    words TEXT NOT NULL,
    taken INTEGER NOT NULL,
    PRIMARY KEY (msp, folder, hash, name),
    FOREIGN KEY (msp, folder) REFERENCES folder (msp, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX session_by_person ON session (person);
CREATE INDEX session_by_end ON session (expires_at);
CREATE INDEX remembered_by_age ON remembered (at);
CREATE INDEX run_running ON run (msp, id) WHERE state = 'running';
