import broad from './broad.json' with { type: 'json' }
import { standardDocument } from './standard.ts'
import strict from './strict.json' with { type: 'json' }

/** The rules documents that others can extend, by name. `broad` and `strict` extend `standard` themselves. */
export const PRESETS: Readonly<Record<string, unknown>> = { broad, standard: standardDocument, strict }
