-- What a plan would create: an addition of an item on an agreement that lacks it.
CREATE TABLE plan_create (
    msp INTEGER NOT NULL REFERENCES msp (id),
    plan TEXT NOT NULL,
    agreement INTEGER NOT NULL,
    company INTEGER NOT NULL,
    item INTEGER NOT NULL,
    quantity TEXT NOT NULL,
    lines TEXT NOT NULL,
    products TEXT NOT NULL,
    live INTEGER NOT NULL,
    holds TEXT NOT NULL,
    countable INTEGER NOT NULL,
    money_month TEXT,
    currency TEXT,
    PRIMARY KEY (msp, plan, agreement, item)
) STRICT, WITHOUT ROWID;

-- A person's agreement to create one: of this item, on this agreement, at this quantity.
CREATE TABLE create_approval (
    msp INTEGER NOT NULL REFERENCES msp (id),
    id INTEGER NOT NULL,
    connection INTEGER NOT NULL,
    agreement INTEGER NOT NULL,
    item INTEGER NOT NULL,
    quantity TEXT NOT NULL,
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

-- The durable record of one creation before it is sent. Ids are those of intents: no two are the same.
CREATE TABLE create_intent (
    msp INTEGER NOT NULL REFERENCES msp (id),
    id INTEGER NOT NULL,
    run INTEGER NOT NULL,
    plan TEXT NOT NULL,
    connection INTEGER NOT NULL,
    agreement INTEGER NOT NULL,
    item INTEGER NOT NULL,
    quantity TEXT NOT NULL,
    lines TEXT NOT NULL,
    fence INTEGER NOT NULL,
    who TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    open INTEGER NOT NULL,
    PRIMARY KEY (msp, id)
) STRICT, WITHOUT ROWID;

-- nth 1: what the run that sent it learnt; nth 2: what a later run found of an unknown one.
CREATE TABLE create_outcome (
    msp INTEGER NOT NULL REFERENCES msp (id),
    intent INTEGER NOT NULL,
    nth INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    addition INTEGER,
    found TEXT,
    message TEXT,
    run INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (msp, intent, nth)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX create_intent_once_a_run ON create_intent (msp, run, agreement, item);
CREATE INDEX create_intent_open ON create_intent (msp, connection, agreement, item) WHERE open = 1;
