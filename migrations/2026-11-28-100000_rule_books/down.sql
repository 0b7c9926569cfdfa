ALTER TABLE holdfast.hands DROP COLUMN rules;
