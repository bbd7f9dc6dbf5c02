-- What a person decided not to bill; product 0: every product of the account, account 0: of every account.
CREATE TABLE exclusion (
    msp INTEGER NOT NULL REFERENCES msp (id),
    account INTEGER NOT NULL,
    product INTEGER NOT NULL,
    reason TEXT NOT NULL,
    until TEXT,
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (msp, account, product)
) STRICT, WITHOUT ROWID;

-- What a person adds to, takes off or puts in place of what was measured, in units of the item.
CREATE TABLE adjustment (
    msp INTEGER NOT NULL REFERENCES msp (id),
    account INTEGER NOT NULL,
    product INTEGER NOT NULL,
    kind TEXT NOT NULL,
    quantity TEXT NOT NULL,
    reason TEXT NOT NULL,
    until TEXT,
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (msp, account, product)
) STRICT, WITHOUT ROWID;

-- Lines that would be in a plan if nobody had excluded them.
ALTER TABLE plan ADD COLUMN excluded INTEGER NOT NULL DEFAULT 0;
