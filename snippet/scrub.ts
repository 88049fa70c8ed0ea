/**
 * What must not leave the page, by one expression: e-mail addresses (also percent-encoded), UUIDs, and runs
 * of 18 or more letters and digits with a digit among them, which JWTs and tokens are made of. The server
 * knows more rules; these are worth their bytes. No look-behind: Safari before 16.4 refuses the whole script
 * for it. https://caniuse.com/js-regexp-lookbehind
 */
const SECRET = /[^\s/]{1,64}(@|%40)[^\s/]+\.[a-z]{2,}|[\da-f-]{32,}|(?=[a-z]*\d)[a-z\d]{18,}[\w-]*/gi

/** Longer addresses and titles are nobody's to read; the collector cuts titles further. */
const MAX_LENGTH = 1_000

export const scrub = (text: string) => text.replace(SECRET, '*').slice(0, MAX_LENGTH)

/**
 * Query pairs to drop: those whose key does not say where a visit came from (they may hold anything), and those
 * with an e-mail in them.
 */
const PRIVATE = /[?&](?!(utm_\w+|\w+clk?id|[gw]braid|li_fat_id)=(?![^&]*(@|%40)))[^&]*/gi

/** An address without its secrets: host and scrubbed path, and of the query only the sources. */
export const clean = (url: URL | Location | HTMLAnchorElement) =>
  `${url.protocol}//${url.host}${scrub(url.pathname)}${url.search.replace(PRIVATE, '').replace(/^&/, '?')}`

/** The same, if it is another host's; else empty. */
export const foreign = (url: URL | HTMLAnchorElement) => (url.host !== location.host && clean(url)) || ''
