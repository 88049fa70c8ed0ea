/**
 * The entry itself is at fault (an unknown site, a version nobody reads): it becomes a dead letter and the
 * batch goes on. Any other error (full, busy, broken) rolls the batch back, to be tried again.
 */
export class EntryError extends Error {}
