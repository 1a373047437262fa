"""What a run means: figures of notes, pool, triggers and structure, all functions of `RunResult`."""
