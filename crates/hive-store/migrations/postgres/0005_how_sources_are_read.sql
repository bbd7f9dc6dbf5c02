-- How a source's files are read: the profile of their columns that a person confirmed last.
CREATE TABLE source_profile (
    msp BIGINT NOT NULL REFERENCES msp (id),
    source TEXT NOT NULL,
    profile TEXT NOT NULL,
    who TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (msp, source)
);
