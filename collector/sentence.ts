/** An error whose message is one sentence for the operator: what is wrong and what to do. Shown without a stack; exit code 1. */
export class Sentence extends Error {}
