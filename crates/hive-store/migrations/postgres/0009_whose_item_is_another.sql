-- Another item for one account's product. unit and unit_size are NULL where one unit is what the product link says.
CREATE TABLE item_override (
    msp BIGINT NOT NULL REFERENCES msp (id),
    account BIGINT NOT NULL,
    product BIGINT NOT NULL,
    item BIGINT NOT NULL,
    unit TEXT,
    unit_size TEXT,
    who TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (msp, account, product)
);
