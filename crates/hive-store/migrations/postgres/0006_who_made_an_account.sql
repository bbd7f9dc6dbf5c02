-- The MSP whose admin made an account; NULL: the operator, or an admin of every MSP. An account is a person's, who
-- may work for several MSPs, so it refers to the MSP and does not belong to it.
ALTER TABLE person ADD COLUMN added_by BIGINT;
