/**
 * What must not leave the page, by one expression: e-mail addresses (also percent-encoded), UUIDs, and runs
 * of 18 or more letters and digits with a digit among them, which JWTs and tokens are made of. The server
 * knows more rules; these are worth their bytes. No look-behind: Safari before 16.4 refuses the whole script
 * for it. https://caniuse.com/js-regexp-lookbehind
 */
const SECRET = /[^\s/]+(@|%40)[^\s/]+\.[a-z]+|[\da-f-]{32,}|(?=[a-z]*\d)[a-z\d]{18,}[\w-]*/gi

/** Longer addresses and titles are nobody's to read; the collector cuts titles further. */
const MAX_LENGTH = 1_000

export const scrub = (text: string) => text.slice(0, MAX_LENGTH).replace(SECRET, '*')

/** Query pairs that say where a visit came from, without an e-mail in them. All others may hold anything. */
const SOURCE = /[?&](utm_\w+|\w+clk?id|.braid|li_fat_id)=(?![^&]*(@|%40))[^&#]*/gi

/**
 * An address without its secrets: host and scrubbed path, and of the query only the sources, each with the sign
 * before it and parted by commas, which the server puts in order.
 */
export const clean = (href: string) => scrub(href.split(/[?#]/)[0]!) + [href.match(SOURCE)]
