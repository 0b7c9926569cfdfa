-- What the others pay to who wins the main pot with a seven and a deuce.
ALTER TABLE holdfast.chip_ledger DROP CONSTRAINT chip_ledger_kind_check, DROP CONSTRAINT chip_ledger_check;
ALTER TABLE holdfast.chip_ledger
    ADD CONSTRAINT chip_ledger_kind_check
        CHECK (kind IN ('buy_in', 'top_up', 'adjustment', 'cash_out', 'hand_result', 'bounty')),
    ADD CONSTRAINT chip_ledger_check CHECK ((hand_id IS NOT NULL) = (kind IN ('hand_result', 'bounty')));
