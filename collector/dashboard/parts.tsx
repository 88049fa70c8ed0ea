import type { LeadListItem } from '../../shared/api.ts'
import type { Stage } from '../../shared/lead.ts'
import { useLocale } from './locale.ts'

/** Small things that several pages show. */

/** `narrow`: where there is no room for a column of it. */
export function StageBadge({ stage, narrow = false }: { stage: Stage; narrow?: boolean }) {
  const { t } = useLocale()
  return <span class={`badge stage-${stage}${narrow ? ' only-narrow' : ''}`}>{t.stages[stage]}</span>
}

/** A figure of a `dl.tiles`. */
export function Tile({ label, value, note }: { label: string; value: string; note?: string | undefined }) {
  return (
    <div class="tile">
      <dt>{label}</dt>
      <dd>
        <span class="big">{value}</span>
        {note ? <span class="quiet">{note}</span> : null}
      </dd>
    </div>
  )
}

/** A share of 100 as a bar. Widths are attributes of SVG, since the policy forbids inline styles. */
export function Bar({ share, kind = 'good' }: { share: number; kind?: string }) {
  const width = Math.max(0, Math.min(100, share))
  return (
    <svg class={`share ${kind}`} viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
      <rect class="track" width="100" height="1" />
      <rect class="fill" width={width.toFixed(2)} height="1" />
    </svg>
  )
}

/** What the catalogue calls one of a few known values; another is shown as it is. */
export const wordOf = (words: Record<string, string>, value: string): string =>
  Object.hasOwn(words, value) ? words[value]! : value

/** Whom a lead is called by: a name, else whatever is known. */
export const nameOf = (lead: Pick<LeadListItem, 'id' | 'name' | 'email' | 'company'>): string =>
  lead.name || lead.email || lead.company || `Lead ${lead.id.slice(0, 8)}`

const TRENDS: Record<LeadListItem['trend'], string> = {
  rising: '\u2197',
  steady: '\u2192',
  cooling: '\u2198',
}

export function Trend({ trend }: { trend: LeadListItem['trend'] }) {
  const { t } = useLocale()
  return (
    <span class={`trend ${trend}`}>
      <span aria-hidden="true">{TRENDS[trend]}</span> {t.trends[trend]}
    </span>
  )
}

export function Ago({ at, now }: { at: string; now: number }) {
  const { f } = useLocale()
  return (
    <time datetime={at} title={at}>
      {f.ago(at, now)}
    </time>
  )
}

export function Engagement({ points }: { points: number }) {
  const { f } = useLocale()
  return (
    <span class="engagement">
      <span class="number">{f.score(points)}</span>
      <Bar share={points} />
    </span>
  )
}

/** From so many points of fit on a grade begins. */
const GRADES: [least: number, grade: string][] = [
  [75, 'A'],
  [50, 'B'],
  [25, 'C'],
  [0, 'D'],
]

/** Fit as a grade and in points, with how much of it is known; a dash where nothing is. */
export function FitGrade({ fit, fitKnown, fitFields }: Pick<LeadListItem, 'fit' | 'fitKnown' | 'fitFields'>) {
  const { f } = useLocale()
  if (fitKnown === 0) return <>–</>
  const grade = GRADES.find(([least]) => fit >= least)![1]
  return (
    <>
      <span class={`grade grade-${grade.toLowerCase()}`}>{grade}</span> {f.score(fit)}{' '}
      <small class="quiet">
        {fitKnown}/{fitFields}
      </small>
    </>
  )
}

/** What stands under a name in a list: what else is known; on a narrow screen also when it was last seen. */
export function Under({ parts, seen, now }: { parts: (string | null)[]; seen: string; now: number }) {
  const { t } = useLocale()
  const known = parts.filter(Boolean)
  return (
    <>
      {known.length > 0 ? (
        <span class="quiet">
          <bdi>{known.join(' · ')}</bdi>
        </span>
      ) : null}
      {/* There is no room for a column of it. */}
      <span class="quiet only-narrow">
        {t.list.seenShort} <Ago at={seen} now={now} />
      </span>
    </>
  )
}

/** Characters after which a value is folded away: a line of a card, not a wall of text. */
const LONG = 160

/** A text from outside, whole on demand. */
export function Long({ text }: { text: string }) {
  if (text.length <= LONG) return <bdi>{text}</bdi>
  return (
    <details class="long">
      <summary>
        <bdi>{text.slice(0, LONG)}…</bdi>
      </summary>
      <bdi>{text}</bdi>
    </details>
  )
}
