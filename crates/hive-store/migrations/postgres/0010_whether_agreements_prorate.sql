-- Whether an agreement bills parts of a period, as ConnectWise says; NULL: it did not say, or was read before.
ALTER TABLE agreement ADD COLUMN prorates BIGINT;
