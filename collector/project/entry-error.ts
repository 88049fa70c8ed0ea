/**
 * The entry itself is at fault (an unknown site, a version nobody reads): it becomes a dead letter and the
 * batch goes on. Any other error (full, busy, broken) rolls the batch back, to be tried again.
 */
export class EntryError extends Error {}

/** An entry of a newer program, which this one cannot read: it goes no further. */
export class NewerEntry extends Error {
  constructor(version: number) {
    super(`entry version ${version} is newer than this program: start a newer Leadwake`)
  }
}
