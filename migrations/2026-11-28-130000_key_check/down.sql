DROP TABLE holdfast.key_check;
