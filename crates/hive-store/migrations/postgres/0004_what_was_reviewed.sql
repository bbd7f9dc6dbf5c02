-- Who looked through what will be billed on the invoices of a day.
CREATE TABLE review (
    msp BIGINT NOT NULL REFERENCES msp (id),
    invoice_date TEXT NOT NULL,
    who TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (msp, invoice_date)
);
