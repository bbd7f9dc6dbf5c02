-- How a source's files are read: the profile of their columns that a person confirmed last.
CREATE TABLE source_profile (
    msp INTEGER NOT NULL REFERENCES msp (id),
    source TEXT NOT NULL,
    profile TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (msp, source)
) STRICT, WITHOUT ROWID;
