-- The chips moved all the same: before, nothing but the host's word could do that outside of a pot.
UPDATE holdfast.chip_ledger SET kind = 'adjustment', hand_id = NULL WHERE kind = 'bounty';
ALTER TABLE holdfast.chip_ledger DROP CONSTRAINT chip_ledger_kind_check, DROP CONSTRAINT chip_ledger_check;
ALTER TABLE holdfast.chip_ledger
    ADD CONSTRAINT chip_ledger_kind_check
        CHECK (kind IN ('buy_in', 'top_up', 'adjustment', 'cash_out', 'hand_result')),
    ADD CONSTRAINT chip_ledger_check CHECK ((hand_id IS NOT NULL) = (kind = 'hand_result'));
