-- Another item for one account's product. unit and unit_size are NULL where one unit is what the product link says.
CREATE TABLE item_override (
    msp INTEGER NOT NULL REFERENCES msp (id),
    account INTEGER NOT NULL,
    product INTEGER NOT NULL,
    item INTEGER NOT NULL,
    unit TEXT,
    unit_size TEXT,
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (msp, account, product)
) STRICT, WITHOUT ROWID;
