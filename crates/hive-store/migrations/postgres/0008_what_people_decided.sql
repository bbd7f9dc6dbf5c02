-- What a person decided not to bill; product 0: every product of the account, account 0: of every account.
CREATE TABLE exclusion (
    msp BIGINT NOT NULL REFERENCES msp (id),
    account BIGINT NOT NULL,
    product BIGINT NOT NULL,
    reason TEXT NOT NULL,
    until TEXT,
    who TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (msp, account, product)
);

-- What a person adds to, takes off or puts in place of what was measured, in units of the item.
CREATE TABLE adjustment (
    msp BIGINT NOT NULL REFERENCES msp (id),
    account BIGINT NOT NULL,
    product BIGINT NOT NULL,
    kind TEXT NOT NULL,
    quantity TEXT NOT NULL,
    reason TEXT NOT NULL,
    until TEXT,
    who TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (msp, account, product)
);

-- Lines that would be in a plan if nobody had excluded them.
ALTER TABLE plan ADD COLUMN excluded BIGINT NOT NULL DEFAULT 0;
