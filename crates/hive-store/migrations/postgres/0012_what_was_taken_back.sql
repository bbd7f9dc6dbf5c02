-- Runs of which something was taken back are found without a look at every write.
CREATE INDEX intent_undone ON intent (msp, run) WHERE undone_by IS NOT NULL;
