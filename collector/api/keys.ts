import { type Context, Hono } from 'hono'
import * as v from 'valibot'
import { opens, type Right } from '../../shared/access.ts'
import { ENTRY_VERSION, type KeyEntry } from '../entry.ts'
import { type HeldKey, hashOf, newKey, newKeyId } from '../keys.ts'
import { problem } from '../problem.ts'
import type { KeyRow } from '../store/store.ts'
import { isExpired } from './access.ts'
import { KeyBody, KeyParams, RotateBody } from './access-schema.ts'
import { KeyAnswer, NewKeyAnswer, RotatedKeyAnswer } from './answers/access.ts'
import { text } from './answers/fields.ts'
import type { ApiDeps } from './deps.ts'
import { endpoint } from './endpoint.ts'
import { listing } from './listing.ts'
import { performed } from './performed.ts'

/** Id of the key in the examples; a test puts one of its own in its place. */
export const EXAMPLE_KEY = 'key_1f2e3d4c5b6a'
const HOUR_MS = 3_600_000
const iso = (at: number): string => new Date(at).toISOString()
const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at))

/** Keys of programs. Whoever may do everything on one site makes keys of that site, and of no right that it lacks. */
export function keysApi(deps: ApiDeps): Hono {
  const { memory, ask, now } = deps

  const isOf = (key: HeldKey, { site }: Pick<KeyRow, 'site'>) => key.site === null || key.site === site
  const nothing = (c: Context) => problem(c, 404, 'there is no such key')

  /** Makes a key and shows it: the one time that it leaves the collector. */
  async function shown(
    c: Context,
    entry: Omit<KeyEntry, 'id' | 'hash' | 'kind'>,
    more: Record<string, unknown> = {},
  ): Promise<Response> {
    // The outcome is kept for a day and holds no key: a call that is repeated would show another one than it made.
    if (c.req.header('idempotency-key') !== undefined)
      return problem(c, 400, 'a key is shown once, so that this call takes no Idempotency-Key')
    const key = newKey()
    const id = newKeyId()
    const { name, rights, site, expiresAt = null } = entry
    // Also where that takes long: it is on disk, opens once it is projected, and nobody could be shown it later.
    await deps.perform({ kind: 'key', v: ENTRY_VERSION, id, hash: hashOf(key), ...entry })
    return c.json({ id, key, name, rights, site, expiresAt: isoOrNull(expiresAt), ...more }, 201, {
      'cache-control': 'no-store',
    })
  }

  return new Hono()
    .get(
      '/v1/keys',
      listing(
        deps,
        {
          id: 'listKeys',
          tag: 'Access',
          summary: 'The keys, revoked ones too, without their secrets',
          right: 'admin',
          item: KeyAnswer,
          name: 'keys',
          example: {},
        },
        async (_c, { key }) => {
          const items = (await ask.keys())
            .filter((row) => isOf(key, row))
            .map(({ hash: _, createdAt, expiresAt, revokedAt, usedAt, ...row }) => ({
              ...row,
              createdAt: iso(createdAt),
              expiresAt: isoOrNull(expiresAt),
              revokedAt: isoOrNull(revokedAt),
              usedAt: isoOrNull(usedAt),
            }))
          return { items, next: null }
        },
      ),
    )
    .post(
      '/v1/keys',
      endpoint(
        deps,
        {
          id: 'makeKey',
          tag: 'Access',
          summary: 'Makes a key, which is shown this once',
          right: 'admin',
          body: KeyBody,
          answers: { 201: NewKeyAnswer },
          example: { body: { name: 'contact form', rights: ['link', 'events'], site: 'main' } },
        },
        (c, { key, body: { name, rights, site = key.site, expiresAt = null } }) => {
          if (site !== null && (!memory.site(site) || !isOf(key, { site })))
            return problem(c, 404, 'site: no such site for this key')
          if (site === null && key.site !== null)
            return problem(c, 403, `site: this key makes keys of the site '${key.site}' alone`)
          const lacking = rights.find((right: Right) => !opens(key.rights, right))
          if (lacking) return problem(c, 403, `rights: this key lacks '${lacking}' itself`)
          if (expiresAt !== null && expiresAt <= now())
            return problem(c, 422, 'expiresAt: send a time to come', [
              { pointer: '/expiresAt', detail: 'must be a time to come' },
            ])
          return shown(c, { name, rights, site, expiresAt })
        },
      ),
    )
    .post(
      '/v1/keys/:id/rotate',
      endpoint(
        deps,
        {
          id: 'rotateKey',
          tag: 'Access',
          summary: 'Makes a key in the place of another, which goes on to open for a while',
          right: 'admin',
          params: KeyParams,
          body: RotateBody,
          answers: { 201: RotatedKeyAnswer },
          refuses: { 409: 'That key is revoked or has expired.' },
          example: { params: { id: EXAMPLE_KEY }, body: { overlapHours: 24 } },
        },
        async (c, { key, params: { id }, body: { overlapHours, expiresAt = null } }) => {
          const row = (await ask.keys()).find((one) => one.id === id)
          if (!row || !isOf(key, row)) return nothing(c)
          if (row.revokedAt !== null || isExpired(row, now()))
            return problem(c, 409, 'that key is revoked or has expired; make a new one')
          if (expiresAt !== null && expiresAt <= now())
            return problem(c, 422, 'expiresAt: send a time to come', [
              { pointer: '/expiresAt', detail: 'must be a time to come' },
            ])
          const until = Math.round(now() + overlapHours * HOUR_MS)
          const { name, rights, site } = row
          const replaces = { id, until }
          return shown(
            c,
            { name, rights, site, expiresAt, replaces },
            { replaces: id, until: iso(Math.min(until, row.expiresAt ?? until)) },
          )
        },
      ),
    )
    .delete(
      '/v1/keys/:id',
      endpoint(
        deps,
        {
          id: 'revokeKey',
          tag: 'Access',
          summary: 'Revokes a key at once',
          right: 'admin',
          params: KeyParams,
          answers: { 200: v.object({ id: text }) },
          appends: true,
          example: { params: { id: EXAMPLE_KEY } },
        },
        async (c, { key, params: { id } }) => {
          const row = (await ask.keys()).find((one) => one.id === id)
          if (!row || !isOf(key, row)) return nothing(c)
          return performed(c, deps, { kind: 'key-revoked', v: ENTRY_VERSION, id }, '')
        },
      ),
    )
}
