-- A source of usage, with the days from one batch to the next that a person declared.
CREATE TABLE source (
    msp BIGINT NOT NULL REFERENCES msp (id),
    name TEXT NOT NULL,
    rhythm_days BIGINT,
    PRIMARY KEY (msp, name)
);

INSERT INTO source (msp, name) SELECT DISTINCT msp, source FROM feed;

-- The last batches of a source: an import, or a day of samples that came one by one. measured_at is the newest
-- measurement in it, through the last sample of the MSP once it had come.
CREATE TABLE source_batch (
    msp BIGINT NOT NULL REFERENCES msp (id),
    source TEXT NOT NULL,
    batch BIGINT NOT NULL,
    measured_at BIGINT NOT NULL,
    complete BIGINT NOT NULL,
    day TEXT,
    through BIGINT NOT NULL,
    PRIMARY KEY (msp, source, batch)
);

-- What a batch said of a product, as account:quantity;account:quantity (storage in GB). Only the last good one
-- and the few after it are kept.
CREATE TABLE listing (
    msp BIGINT NOT NULL REFERENCES msp (id),
    source TEXT NOT NULL,
    product BIGINT NOT NULL,
    batch BIGINT NOT NULL,
    measured_at BIGINT NOT NULL,
    day TEXT,
    through BIGINT NOT NULL,
    listed TEXT NOT NULL,
    accepted_by TEXT,
    accepted_at BIGINT,
    PRIMARY KEY (msp, source, product, batch)
);

-- The last batch that listed a pair; NULL: it was listed before batches were kept.
ALTER TABLE feed ADD COLUMN seen BIGINT;
ALTER TABLE feed ADD COLUMN seen_at BIGINT;

-- A person's answer for a pair that a complete batch left out: it stands while seen is the pair's own.
CREATE TABLE gone_answer (
    msp BIGINT NOT NULL REFERENCES msp (id),
    account BIGINT NOT NULL,
    product BIGINT NOT NULL,
    source TEXT NOT NULL,
    seen BIGINT NOT NULL,
    batch BIGINT NOT NULL,
    answer TEXT NOT NULL,
    who TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (msp, account, product, source)
);

-- Who else writes an addition: what the last write replaced, and how often that was put back.
ALTER TABLE standing ADD COLUMN replaced TEXT;
ALTER TABLE standing ADD COLUMN flips BIGINT NOT NULL DEFAULT 0;
ALTER TABLE standing ADD COLUMN flip_counted BIGINT NOT NULL DEFAULT 0;

-- A person let a plan pass the brake, up to so much money moved.
CREATE TABLE brake_pass (
    msp BIGINT NOT NULL REFERENCES msp (id),
    connection BIGINT NOT NULL,
    moved TEXT NOT NULL,
    who TEXT NOT NULL,
    at BIGINT NOT NULL,
    lapses_at BIGINT NOT NULL,
    PRIMARY KEY (msp, connection)
);
