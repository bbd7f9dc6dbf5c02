-- A source of usage, with the days from one batch to the next that a person declared.
CREATE TABLE source (
    msp INTEGER NOT NULL REFERENCES msp (id),
    name TEXT NOT NULL,
    rhythm_days INTEGER,
    PRIMARY KEY (msp, name)
) STRICT, WITHOUT ROWID;

INSERT INTO source (msp, name) SELECT DISTINCT msp, source FROM feed;

-- The last batches of a source: an import, or a day of samples that came one by one. measured_at is the newest
-- measurement in it, through the last sample of the MSP once it had come.
CREATE TABLE source_batch (
    msp INTEGER NOT NULL REFERENCES msp (id),
    source TEXT NOT NULL,
    batch INTEGER NOT NULL,
    measured_at INTEGER NOT NULL,
    complete INTEGER NOT NULL,
    day TEXT,
    through INTEGER NOT NULL,
    PRIMARY KEY (msp, source, batch)
) STRICT, WITHOUT ROWID;

-- What a batch said of a product, as account:quantity;account:quantity (storage in GB). Only the last good one
-- and the few after it are kept.
CREATE TABLE listing (
    msp INTEGER NOT NULL REFERENCES msp (id),
    source TEXT NOT NULL,
    product INTEGER NOT NULL,
    batch INTEGER NOT NULL,
    measured_at INTEGER NOT NULL,
    day TEXT,
    through INTEGER NOT NULL,
    listed TEXT NOT NULL,
    accepted_by TEXT,
    accepted_at INTEGER,
    PRIMARY KEY (msp, source, product, batch)
) STRICT, WITHOUT ROWID;

-- The last batch that listed a pair; NULL: it was listed before batches were kept.
ALTER TABLE feed ADD COLUMN seen INTEGER;
ALTER TABLE feed ADD COLUMN seen_at INTEGER;

-- A person's answer for a pair that a complete batch left out: it stands while seen is the pair's own.
CREATE TABLE gone_answer (
    msp INTEGER NOT NULL REFERENCES msp (id),
    account INTEGER NOT NULL,
    product INTEGER NOT NULL,
    source TEXT NOT NULL,
    seen INTEGER NOT NULL,
    batch INTEGER NOT NULL,
    answer TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (msp, account, product, source)
) STRICT, WITHOUT ROWID;

-- Who else writes an addition: what the last write replaced, and how often that was put back.
ALTER TABLE standing ADD COLUMN replaced TEXT;
ALTER TABLE standing ADD COLUMN flips INTEGER NOT NULL DEFAULT 0;
ALTER TABLE standing ADD COLUMN flip_counted INTEGER NOT NULL DEFAULT 0;

-- A person let a plan pass the brake, up to so much money moved.
CREATE TABLE brake_pass (
    msp INTEGER NOT NULL REFERENCES msp (id),
    connection INTEGER NOT NULL,
    moved TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    lapses_at INTEGER NOT NULL,
    PRIMARY KEY (msp, connection)
) STRICT, WITHOUT ROWID;
