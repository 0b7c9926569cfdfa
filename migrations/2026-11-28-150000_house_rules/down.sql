ALTER TABLE holdfast.rooms DROP COLUMN house_rules;
