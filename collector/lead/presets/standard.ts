import document from './standard.json' with { type: 'json' }

/** The standard preset of the rules, as the document that a marketer would edit; `compile` takes it. */
export const standardDocument: unknown = document
