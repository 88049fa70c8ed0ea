/** What `leadwake doctor` says of one thing. */
export interface Finding {
  what: string
  state: 'ok' | 'warning' | 'wrong'
  found: string
  /** What to do; null where nothing is to be done. */
  mend: string | null
}

export const ok = (what: string, found: string): Finding => ({ what, state: 'ok', found, mend: null })
export const warning = (what: string, found: string, mend: string): Finding => ({
  what,
  state: 'warning',
  found,
  mend,
})
export const wrong = (what: string, found: string, mend: string): Finding => ({
  what,
  state: 'wrong',
  found,
  mend,
})
