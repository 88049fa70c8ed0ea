/** Mail addresses that stand for nobody: forms and scripts send them when they know no better. */
const PLACEHOLDER = /^(test|example|null|undefined|none)@|@(example|test|domain)\.(com|org|net)$/

/** One @, a name before it, a domain with a dot behind it; whether mail arrives there nobody can tell from the text. */
const ADDRESS = /^[^\s@<>"(),:;[\]\\]{1,64}@[^\s@<>"(),:;[\]\\]{1,189}\.[^\s@.<>"(),:;[\]\\]{2,63}$/

export const isPlaceholder = (email: string): boolean => PLACEHOLDER.test(email)

/** Whether a text is the mail address of somebody. */
export function isAddress(email: string): boolean {
  return ADDRESS.test(email) && !isPlaceholder(email)
}
