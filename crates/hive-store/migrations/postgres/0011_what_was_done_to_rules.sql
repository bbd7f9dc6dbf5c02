-- Who set a rule last is asked for on a page; most rows of the log are of quantities.
CREATE INDEX audit_by_what ON audit (msp, what, seq);
