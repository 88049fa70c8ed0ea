import { PIECE_NAMES } from './script.ts'
import { Sentence } from './sentence.ts'

/** A host's name, with its port if it has one; no scheme, path or wildcard. */
export const HOST_NAME = /^[^\s/?#@*]+$/

/** Host names out of a list with commas. Throws a `Sentence`. */
export function hostsOf(list: string): string[] {
  const hosts = words(list)
  const wrong = hosts.find((host) => !HOST_NAME.test(host))
  if (wrong !== undefined)
    throw new Sentence(
      `--hosts: '${wrong}' is not a host name; write shop.example.com, without https:// or /`,
    )
  return hosts
}

/** What a script takes on, out of a list with commas; an empty one is the core alone. Throws a `Sentence`. */
export function piecesOf(list: string): string[] {
  const names = [...new Set(words(list))]
  const wrong = names.find((name) => !PIECE_NAMES.includes(name))
  if (wrong !== undefined)
    throw new Sentence(`--with: there is no '${wrong}'; there are ${PIECE_NAMES.join(', ')}`)
  return names
}

/** 'required' or 'given'. Throws a `Sentence`. */
export function consentOf(text: string): 'required' | 'given' {
  if (text === 'required' || text === 'given') return text
  throw new Sentence("--consent must be 'required' or 'given'")
}

/** Scores look back so many days, which is the least that a site keeps. */
export const LEAST_RETENTION = 90
/** A hundred years. */
export const MOST_RETENTION = 36_500
export const RETENTION = `retention must be whole days from ${LEAST_RETENTION} to ${MOST_RETENTION}, or null to keep all`

/** Days that are kept, out of their number or 'all'. Throws a `Sentence`. */
export function retentionOf(text: string): number | null {
  if (text === 'all') return null
  const days = Number(text)
  if (/^\d{1,5}$/.test(text) && days >= LEAST_RETENTION && days <= MOST_RETENTION) return days
  throw new Sentence(
    `--retention must be whole days from ${LEAST_RETENTION} to ${MOST_RETENTION}, or 'all', got '${text}'`,
  )
}

const words = (list: string): string[] =>
  list
    .split(',')
    .map((word) => word.trim().toLowerCase())
    .filter((word) => word !== '')
