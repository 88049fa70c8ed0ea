import { record } from './send.ts'

/** A custom event. Properties are text, numbers or booleans. */
export const custom = (name: string, props?: object) => record('x', name, props)
