-- What Hive remembers of an addition. settled_at keeps an older plan from settling over a newer write.
CREATE TABLE standing (
    msp BIGINT NOT NULL REFERENCES msp (id),
    connection BIGINT NOT NULL,
    addition BIGINT NOT NULL,
    settled TEXT,
    settled_at BIGINT,
    pushed TEXT,
    minimum TEXT,
    minimum_who TEXT,
    locked TEXT,
    locked_until TEXT,
    locked_who TEXT,
    failure TEXT,
    failure_words TEXT,
    failure_times BIGINT NOT NULL,
    PRIMARY KEY (msp, connection, addition)
);

-- The rule under which a product went live.
CREATE TABLE live_rule (
    msp BIGINT NOT NULL REFERENCES msp (id),
    connection BIGINT NOT NULL,
    product BIGINT NOT NULL,
    rule TEXT NOT NULL,
    plan TEXT NOT NULL,
    who TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (msp, connection, product)
);

CREATE TABLE approval (
    msp BIGINT NOT NULL REFERENCES msp (id),
    id BIGINT NOT NULL,
    connection BIGINT NOT NULL,
    addition BIGINT NOT NULL,
    from_value TEXT NOT NULL,
    limit_value TEXT NOT NULL,
    codes TEXT NOT NULL,
    plan TEXT NOT NULL,
    who TEXT NOT NULL,
    at BIGINT NOT NULL,
    lapses_at BIGINT NOT NULL,
    used_by BIGINT,
    told BIGINT NOT NULL,
    PRIMARY KEY (msp, id)
);

-- seq rises with every save; the newest has the highest.
CREATE TABLE plan (
    msp BIGINT NOT NULL REFERENCES msp (id),
    id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    connection BIGINT NOT NULL,
    msp_name TEXT NOT NULL,
    mirror BIGINT,
    pulled_at BIGINT,
    made_at BIGINT NOT NULL,
    today TEXT NOT NULL,
    samples_through BIGINT NOT NULL,
    ignored BIGINT NOT NULL,
    settle TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (msp, id)
);

CREATE TABLE plan_line (
    msp BIGINT NOT NULL REFERENCES msp (id),
    plan TEXT NOT NULL,
    account BIGINT NOT NULL,
    product BIGINT NOT NULL,
    account_name TEXT NOT NULL,
    product_name TEXT NOT NULL,
    company BIGINT,
    company_name TEXT,
    agreement BIGINT,
    agreement_name TEXT,
    addition BIGINT,
    now_value TEXT,
    next_value TEXT,
    part TEXT,
    money_month TEXT,
    currency TEXT,
    mark TEXT NOT NULL,
    live BIGINT NOT NULL,
    issues TEXT NOT NULL,
    trace TEXT NOT NULL,
    PRIMARY KEY (msp, plan, account, product)
);

CREATE TABLE plan_change (
    msp BIGINT NOT NULL REFERENCES msp (id),
    plan TEXT NOT NULL,
    addition BIGINT NOT NULL,
    agreement BIGINT NOT NULL,
    item BIGINT NOT NULL,
    from_value TEXT NOT NULL,
    to_value TEXT NOT NULL,
    lines TEXT NOT NULL,
    products TEXT NOT NULL,
    live BIGINT NOT NULL,
    holds TEXT NOT NULL,
    countable BIGINT NOT NULL,
    money_month TEXT,
    currency TEXT,
    PRIMARY KEY (msp, plan, addition)
);

-- Who runs for an MSP. fence grows with every lease and never falls.
CREATE TABLE lease (
    msp BIGINT NOT NULL REFERENCES msp (id),
    fence BIGINT NOT NULL,
    run BIGINT,
    kind TEXT NOT NULL,
    who TEXT NOT NULL,
    since BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (msp)
);

CREATE TABLE run (
    msp BIGINT NOT NULL REFERENCES msp (id),
    id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    who TEXT NOT NULL,
    fence BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    heartbeat_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    step TEXT NOT NULL,
    done BIGINT NOT NULL,
    total BIGINT NOT NULL,
    words TEXT NOT NULL,
    plan TEXT,
    counts TEXT NOT NULL,
    PRIMARY KEY (msp, id)
);

-- What became of one line in one run.
CREATE TABLE report_line (
    msp BIGINT NOT NULL REFERENCES msp (id),
    run BIGINT NOT NULL,
    account BIGINT NOT NULL,
    product BIGINT NOT NULL,
    addition BIGINT,
    from_value TEXT,
    to_value TEXT,
    found TEXT,
    outcome TEXT NOT NULL,
    message TEXT,
    PRIMARY KEY (msp, run, account, product)
);

-- The durable record of one write before it is sent.
CREATE TABLE intent (
    msp BIGINT NOT NULL REFERENCES msp (id),
    id BIGINT NOT NULL,
    run BIGINT NOT NULL,
    plan TEXT NOT NULL,
    connection BIGINT NOT NULL,
    agreement BIGINT NOT NULL,
    addition BIGINT NOT NULL,
    item BIGINT NOT NULL,
    from_value TEXT NOT NULL,
    to_value TEXT NOT NULL,
    lines TEXT NOT NULL,
    fence BIGINT NOT NULL,
    who TEXT NOT NULL,
    approved_by TEXT,
    made_at BIGINT NOT NULL,
    undone_by BIGINT,
    open BIGINT NOT NULL,
    PRIMARY KEY (msp, id)
);

-- nth 1: what the run that sent it learnt; nth 2: what a later run found of an unknown one.
CREATE TABLE outcome (
    msp BIGINT NOT NULL REFERENCES msp (id),
    intent BIGINT NOT NULL,
    nth BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    found TEXT,
    found_by TEXT,
    message TEXT,
    run BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (msp, intent, nth)
);

-- Append only: hash = sha256(previous hash, this row). Triggers refuse UPDATE and DELETE.
CREATE TABLE audit (
    msp BIGINT NOT NULL REFERENCES msp (id),
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    subject TEXT NOT NULL,
    before TEXT,
    after TEXT,
    hash TEXT NOT NULL,
    PRIMARY KEY (msp, seq)
);

CREATE INDEX plan_by_seq ON plan (msp, seq);
CREATE INDEX intent_by_addition ON intent (msp, connection, addition, id);
CREATE UNIQUE INDEX intent_once_a_run ON intent (msp, run, addition);
CREATE INDEX intent_open ON intent (msp, connection, addition) WHERE open = 1;

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append only';
END
$$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_is_never_emptied BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
