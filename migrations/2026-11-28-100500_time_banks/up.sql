-- What a person has used of the time bank in this room, whichever chair they had. Who sits at the table has used what is missing.
ALTER TABLE holdfast.room_players ADD COLUMN timebank_used_ms bigint NOT NULL DEFAULT 0;
UPDATE holdfast.room_players AS member SET timebank_used_ms = greatest(0, room.timebank_ms - seat.timebank_ms)
FROM holdfast.room_seats AS seat, holdfast.rooms AS room
WHERE seat.room_id = member.room_id AND seat.user_id = member.user_id AND room.id = member.room_id
    AND seat.timebank_ms < room.timebank_ms;
