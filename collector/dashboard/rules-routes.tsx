import type { Context } from 'hono'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { MAX_RULES_BYTES } from '../api/schema.ts'
import { parseRules } from '../lead/parse-rules.ts'
import { compile } from '../lead/rules.ts'
import type { Person } from '../staff.ts'
import { answer } from './answer.tsx'
import type { DashboardDeps } from './deps.ts'
import type { Gate } from './gate.tsx'
import type { Frame } from './layout.tsx'
import { nameOf } from './parts.tsx'
import { type Mistake, Rules, type RulesProps } from './rules.tsx'
import { withNumbers } from './rules-form.ts'
import type { Draft } from './rules-preview.tsx'
import { tidy } from './rules-text.ts'

/** A form's signs take up to three bytes each. */
const MAX_FORM_BYTES = 3 * MAX_RULES_BYTES
/** Movers named in a preview. */
const MOVERS = 20

export interface RulesRoutes extends Pick<DashboardDeps, 'queries' | 'api' | 'now'> {
  gate: Gate
  siteFrame(
    c: Context,
    person: Person,
    active: Frame['active'],
  ): Promise<(Frame & { site: string }) | Response>
}

/** Errors of the rules begin with their line: `line 12: rules.pricing.points: expected ...`. */
export function mistakeOf(error: string): Mistake {
  const [, line, text] = /^line (\d+)(?:, column \d+)?: (.*)$/s.exec(error) ?? []
  return line === undefined ? { line: null, text: error } : { line: Number(line), text: text! }
}

/** The rules of a site: looked at, changed, tried and applied. */
export function rulesRoutes({ queries, api, now, gate, siteFrame }: RulesRoutes): Hono {
  const { own, signedIn } = gate

  async function page(c: Context, person: Person, draft: Partial<RulesProps>, status: 200 | 404 | 422 = 200) {
    const frame = await siteFrame(c, person, 'rules')
    if (frame instanceof Response) return frame
    const { site } = frame
    const asked = /^[1-9]\d{0,8}$/.exec(c.req.query('version') ?? '')?.[0]
    const of = `site=${encodeURIComponent(site)}`
    const [held, versions] = await Promise.all([
      api(
        c,
        'GET',
        `/v1/rules?${of}${asked === undefined || draft.text !== undefined ? '' : `&version=${asked}`}`,
      ),
      api(c, 'GET', `/v1/rules/history?${of}`),
    ])
    const history = versions.body.items as RulesProps['history']
    if (held.status !== 200) return c.redirect(`/rules?${of}`, 303)
    const { $schema: _, ...document } = held.body.document
    const whole = compile(document)
    const props: RulesProps = {
      frame,
      version: history[0]?.version ?? held.body.version,
      shown: held.body.version,
      text: tidy(document),
      document: whole.ok ? whole.rules.document : undefined,
      view: c.req.query('view') === 'text' ? 'text' : 'form',
      mistakes: [],
      draft: undefined,
      capacity: '',
      applied: c.req.query('applied') !== undefined,
      history,
      now: now(),
      ...draft,
    }
    return answer(c, <Rules {...props} />, status)
  }

  /** The text of a draft: as it was written, or made of the form's numbers. */
  function textOf(posted: URLSearchParams): { text: string; view: 'form' | 'text' } {
    const base = posted.get('base')
    if (base === null) return { text: posted.get('text') ?? '', view: 'text' }
    const parsed = parseRules(base)
    if (!parsed.ok) return { text: base, view: 'text' }
    return { text: tidy(withNumbers(parsed.rules.document, posted)), view: 'form' }
  }

  async function preview(
    c: Context,
    site: string,
    document: unknown,
    capacity: string,
  ): Promise<Draft | string> {
    const { status, detail, body } = await api(c, 'POST', '/v1/rules/preview', {
      site,
      document,
      movers: MOVERS,
      ...(capacity !== '' && { capacity: Number(capacity) }),
    })
    if (status !== 200) return detail
    const names = await Promise.all(
      (body.movers as Draft['movers']).map(async ({ id }): Promise<[string, string]> => {
        const lead = await queries.lead(id)
        return [id, lead ? nameOf(lead) : id]
      }),
    )
    return { ...body, names: Object.fromEntries(names) }
  }

  return new Hono()
    .get(
      '/rules',
      signedIn((c, person) => page(c, person, {}), 'rules'),
    )
    .post(
      '/rules',
      bodyLimit({ maxSize: MAX_FORM_BYTES }),
      own(
        signedIn(async (c, person) => {
          const frame = await siteFrame(c, person, 'rules')
          if (frame instanceof Response) return frame
          const { site } = frame
          const posted = new URLSearchParams(await c.req.text())
          const capacity = posted.get('capacity')?.trim() ?? ''
          const { text, view } = textOf(posted)
          const parsed = parseRules(text)
          const draft = { text, view, capacity, shown: undefined }
          const wrong = (errors: string[]) =>
            page(c, person, { ...draft, view: 'text', mistakes: errors.map(mistakeOf) }, 422)
          if (!parsed.ok) return wrong(parsed.errors)
          if (posted.get('do') === 'apply') {
            const document = parsed.document
            const notify = posted.get('notify') ?? undefined
            const { status, detail } = await api(c, 'POST', '/v1/rules', { site, document, notify })
            if (status >= 300) return wrong([detail])
            return c.redirect(`/rules?site=${encodeURIComponent(site)}&view=${view}&applied`, 303)
          }
          const found = await preview(c, site, parsed.document, capacity)
          if (typeof found === 'string') return wrong([found])
          return page(c, person, { ...draft, document: parsed.rules.document, draft: found })
        }, 'rules'),
      ),
    )
}
