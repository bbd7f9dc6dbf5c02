-- What a plan would create: an addition of an item on an agreement that lacks it.
CREATE TABLE plan_create (
    msp BIGINT NOT NULL REFERENCES msp (id),
    plan TEXT NOT NULL,
    agreement BIGINT NOT NULL,
    company BIGINT NOT NULL,
    item BIGINT NOT NULL,
    quantity TEXT NOT NULL,
    lines TEXT NOT NULL,
    products TEXT NOT NULL,
    live BIGINT NOT NULL,
    holds TEXT NOT NULL,
    countable BIGINT NOT NULL,
    money_month TEXT,
    currency TEXT,
    PRIMARY KEY (msp, plan, agreement, item)
);

-- A person's agreement to create one: of this item, on this agreement, at this quantity.
CREATE TABLE create_approval (
    msp BIGINT NOT NULL REFERENCES msp (id),
    id BIGINT NOT NULL,
    connection BIGINT NOT NULL,
    agreement BIGINT NOT NULL,
    item BIGINT NOT NULL,
    quantity TEXT NOT NULL,
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

-- The durable record of one creation before it is sent. Ids are those of intents: no two are the same.
CREATE TABLE create_intent (
    msp BIGINT NOT NULL REFERENCES msp (id),
    id BIGINT NOT NULL,
    run BIGINT NOT NULL,
    plan TEXT NOT NULL,
    connection BIGINT NOT NULL,
    agreement BIGINT NOT NULL,
    item BIGINT NOT NULL,
    quantity TEXT NOT NULL,
    lines TEXT NOT NULL,
    fence BIGINT NOT NULL,
    who TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    open BIGINT NOT NULL,
    PRIMARY KEY (msp, id)
);

-- nth 1: what the run that sent it learnt; nth 2: what a later run found of an unknown one.
CREATE TABLE create_outcome (
    msp BIGINT NOT NULL REFERENCES msp (id),
    intent BIGINT NOT NULL,
    nth BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    addition BIGINT,
    found TEXT,
    message TEXT,
    run BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (msp, intent, nth)
);

CREATE UNIQUE INDEX create_intent_once_a_run ON create_intent (msp, run, agreement, item);
CREATE INDEX create_intent_open ON create_intent (msp, connection, agreement, item) WHERE open = 1;
