-- Who looked through what will be billed on the invoices of a day.
CREATE TABLE review (
    msp INTEGER NOT NULL REFERENCES msp (id),
    invoice_date TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (msp, invoice_date)
) STRICT, WITHOUT ROWID;
