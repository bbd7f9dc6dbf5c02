-- What Hive remembers of an addition. settled_at keeps an older plan from settling over a newer write.
CREATE TABLE standing (
    msp INTEGER NOT NULL REFERENCES msp (id),
    connection INTEGER NOT NULL,
    addition INTEGER NOT NULL,
    settled TEXT,
    settled_at INTEGER,
    pushed TEXT,
    minimum TEXT,
    minimum_who TEXT,
    locked TEXT,
    locked_until TEXT,
    locked_who TEXT,
    failure TEXT,
    failure_words TEXT,
    failure_times INTEGER NOT NULL,
    PRIMARY KEY (msp, connection, addition)
) STRICT, WITHOUT ROWID;

-- The rule under which a product went live.
CREATE TABLE live_rule (
    msp INTEGER NOT NULL REFERENCES msp (id),
    connection INTEGER NOT NULL,
    product INTEGER NOT NULL,
    rule TEXT NOT NULL,
    plan TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (msp, connection, product)
) STRICT, WITHOUT ROWID;

CREATE TABLE approval (
    msp INTEGER NOT NULL REFERENCES msp (id),
    id INTEGER NOT NULL,
    connection INTEGER NOT NULL,
    addition INTEGER NOT NULL,
    from_value TEXT NOT NULL,
    limit_value TEXT NOT NULL,
    codes TEXT NOT NULL,
    plan TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    lapses_at INTEGER NOT NULL,
    used_by INTEGER,
    told INTEGER NOT NULL,
    PRIMARY KEY (msp, id)
) STRICT, WITHOUT ROWID;

-- seq rises with every save; the newest has the highest.
CREATE TABLE plan (
    msp INTEGER NOT NULL REFERENCES msp (id),
    id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    connection INTEGER NOT NULL,
    msp_name TEXT NOT NULL,
    mirror INTEGER,
    pulled_at INTEGER,
    made_at INTEGER NOT NULL,
    today TEXT NOT NULL,
    samples_through INTEGER NOT NULL,
    ignored INTEGER NOT NULL,
    settle TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (msp, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE plan_line (
    msp INTEGER NOT NULL REFERENCES msp (id),
    plan TEXT NOT NULL,
    account INTEGER NOT NULL,
    product INTEGER NOT NULL,
    account_name TEXT NOT NULL,
    product_name TEXT NOT NULL,
    company INTEGER,
    company_name TEXT,
    agreement INTEGER,
    agreement_name TEXT,
    addition INTEGER,
    now_value TEXT,
    next_value TEXT,
    part TEXT,
    money_month TEXT,
    currency TEXT,
    mark TEXT NOT NULL,
    live INTEGER NOT NULL,
    issues TEXT NOT NULL,
    trace TEXT NOT NULL,
    PRIMARY KEY (msp, plan, account, product)
) STRICT, WITHOUT ROWID;

CREATE TABLE plan_change (
    msp INTEGER NOT NULL REFERENCES msp (id),
    plan TEXT NOT NULL,
    addition INTEGER NOT NULL,
    agreement INTEGER NOT NULL,
    item INTEGER NOT NULL,
    from_value TEXT NOT NULL,
    to_value TEXT NOT NULL,
    lines TEXT NOT NULL,
    products TEXT NOT NULL,
    live INTEGER NOT NULL,
    holds TEXT NOT NULL,
    countable INTEGER NOT NULL,
    money_month TEXT,
    currency TEXT,
    PRIMARY KEY (msp, plan, addition)
) STRICT, WITHOUT ROWID;

-- Who runs for an MSP. fence grows with every lease and never falls.
CREATE TABLE lease (
    msp INTEGER NOT NULL REFERENCES msp (id),
    fence INTEGER NOT NULL,
    run INTEGER,
    kind TEXT NOT NULL,
    who TEXT NOT NULL,
    since INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (msp)
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
    msp INTEGER NOT NULL REFERENCES msp (id),
    id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    who TEXT NOT NULL,
    fence INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    heartbeat_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    step TEXT NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    words TEXT NOT NULL,
    plan TEXT,
    counts TEXT NOT NULL,
    PRIMARY KEY (msp, id)
) STRICT, WITHOUT ROWID;

-- What became of one line in one run.
CREATE TABLE report_line (
    msp INTEGER NOT NULL REFERENCES msp (id),
    run INTEGER NOT NULL,
    account INTEGER NOT NULL,
    product INTEGER NOT NULL,
    addition INTEGER,
    from_value TEXT,
    to_value TEXT,
    found TEXT,
    outcome TEXT NOT NULL,
    message TEXT,
    PRIMARY KEY (msp, run, account, product)
) STRICT, WITHOUT ROWID;

-- The durable record of one write before it is sent.
CREATE TABLE intent (
    msp INTEGER NOT NULL REFERENCES msp (id),
    id INTEGER NOT NULL,
    run INTEGER NOT NULL,
    plan TEXT NOT NULL,
    connection INTEGER NOT NULL,
    agreement INTEGER NOT NULL,
    addition INTEGER NOT NULL,
    item INTEGER NOT NULL,
    from_value TEXT NOT NULL,
    to_value TEXT NOT NULL,
    lines TEXT NOT NULL,
    fence INTEGER NOT NULL,
    who TEXT NOT NULL,
    approved_by TEXT,
    made_at INTEGER NOT NULL,
    undone_by INTEGER,
    open INTEGER NOT NULL,
    PRIMARY KEY (msp, id)
) STRICT, WITHOUT ROWID;

-- nth 1: what the run that sent it learnt; nth 2: what a later run found of an unknown one.
CREATE TABLE outcome (
    msp INTEGER NOT NULL REFERENCES msp (id),
    intent INTEGER NOT NULL,
    nth INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    found TEXT,
    found_by TEXT,
    message TEXT,
    run INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (msp, intent, nth)
) STRICT, WITHOUT ROWID;

-- Append only: hash = sha256(previous hash, this row). Triggers refuse UPDATE and DELETE.
CREATE TABLE audit (
    msp INTEGER NOT NULL REFERENCES msp (id),
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    subject TEXT NOT NULL,
    before TEXT,
    after TEXT,
    hash TEXT NOT NULL,
    PRIMARY KEY (msp, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX plan_by_seq ON plan (msp, seq);
CREATE INDEX intent_by_addition ON intent (msp, connection, addition, id);
CREATE UNIQUE INDEX intent_once_a_run ON intent (msp, run, addition);
CREATE INDEX intent_open ON intent (msp, connection, addition) WHERE open = 1;

CREATE TRIGGER audit_is_never_updated BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append only');
END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append only');
END;
